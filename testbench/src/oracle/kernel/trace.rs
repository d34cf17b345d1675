// SPDX-License-Identifier: Apache-2.0
//! Reading what programs print: the event `bpf_trace:bpf_trace_printk` in an instance of the kernel's trace of the thread's own.
//!
//! The file system is mounted for this process only (`fsmount` without `move_mount`), so that nothing has to be mounted before and nothing is
//! left afterwards. An instance sees the prints of all programs of the machine; those of test runs bear the number of the thread that
//! asked for them, so that the event is filtered by it. What the kernel's number of this thread is (which is not `gettid`'s in a PID namespace),
//! is read from a mark that the thread makes.
//!
//! The ring buffer of CPU 0 is read page by page in its own form (`struct buffer_data_page`, `struct ring_buffer_event`,
//! include/linux/ring_buffer.h; Documentation/trace/ring-buffer-map.rst): lines have newlines in them, and as text they could not be told apart.
//! Prints that the kernel has lost make an error.
#![expect(unsafe_code, reason = "system calls")]

use crate::Error;
use std::cell::RefCell;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

const EVENT: &str = "events/bpf_trace/bpf_trace_printk";
/// Size of the buffer of a CPU: far more than a packet prints.
const BUFFER_KB: &str = "512";
/// Name of an instance before the numbers of process and thread.
const PREFIX: &str = "bpf2hdl-";
/// Largest page of a ring buffer (`buffer_subbuf_size_kb`); 4 KiB unless somebody has changed it.
const LARGEST_PAGE: usize = 1 << 16;
/// Bytes before the events of a page: time, and how many bytes follow with [`MISSED`].
const PAGE_HEADER: usize = 16;
/// `RB_MISSED_EVENTS` (kernel/trace/ring_buffer.c): events before this page were lost. The bits below 20 are the length.
const MISSED: u64 = 1 << 31;
const LENGTH_MASK: u64 = (1 << 20) - 1;
/// `RINGBUF_TYPE_PADDING`, `_TIME_EXTEND`, `_TIME_STAMP`: what the low five bits of an event's first word mean beside lengths.
const PADDING: u32 = 29;
const TIME_EXTEND: u32 = 30;
/// Bytes before a record's own fields (`struct trace_entry`): type (2), flags, count of preemptions, thread (4).
const ENTRY: usize = 8;

thread_local! {
    /// Making an instance takes milliseconds: the thread keeps it.
    static TRACE: RefCell<Option<Rc<Trace>>> = const { RefCell::new(None) };
}

/// The trace as this thread reads it.
pub(super) struct Trace {
    /// The mounted file system, which is there as long as this.
    _mount: OwnedFd,
    instance: PathBuf,
    /// Closed before the instance can be removed.
    pipe: RefCell<Option<File>>,
    /// Number of the event.
    event: u16,
}

impl Drop for Trace {
    fn drop(&mut self) {
        self.pipe.replace(None);
        // An instance that stays is removed by the next process.
        let _ = fs::remove_dir(&self.instance);
    }
}

/// The trace of this thread.
pub(super) fn open() -> Result<Rc<Trace>, Error> {
    TRACE.with_borrow_mut(|trace| match trace {
        Some(trace) => Ok(Rc::clone(trace)),
        None => {
            let failed = |error| Error::oracle("kernel", format!("the kernel's trace can not be read: {error}"));
            Ok(Rc::clone(trace.insert(Rc::new(Trace::new().map_err(failed)?))))
        }
    })
}

impl Trace {
    fn new() -> io::Result<Self> {
        let mount = mount()?;
        let instances = PathBuf::from(format!("/proc/self/fd/{}/instances", mount.as_raw_fd()));
        remove_stale(&instances);
        let instance = instances.join(format!("{PREFIX}{}-{}", std::process::id(), thread()));
        fs::create_dir(&instance)?;
        let mut trace = Self { _mount: mount, instance, pipe: RefCell::new(None), event: 0 };
        trace.write("buffer_size_kb", BUFFER_KB)?;
        let pipe = trace.instance.join("per_cpu/cpu0/trace_pipe_raw");
        trace.pipe = RefCell::new(Some(OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(pipe)?));
        trace.write("trace_marker", "bpf2hdl")?;
        let thread = trace.records()?.first().and_then(|record| record.get(4..ENTRY)?.try_into().ok());
        let thread = u32::from_ne_bytes(thread.ok_or_else(|| io::Error::other("a mark does not come back"))?);
        trace.write(&format!("{EVENT}/filter"), &format!("common_pid == {thread}"))?;
        trace.write(&format!("{EVENT}/enable"), "1")?;
        let number = fs::read_to_string(trace.instance.join(format!("{EVENT}/id")))?;
        trace.event = number.trim().parse().map_err(io::Error::other)?;
        Ok(trace)
    }

    fn write(&self, file: &str, text: &str) -> io::Result<()> {
        fs::write(self.instance.join(file), text)
    }

    /// The lines that have come since the last time.
    pub(super) fn lines(&self) -> Result<Vec<Vec<u8>>, Error> {
        let failed = |error| Error::oracle("kernel", format!("the kernel's trace: {error}"));
        let records = self.records().map_err(failed)?;
        let is_print =
            |record: &&Vec<u8>| record.first_chunk().map(|bytes| u16::from_ne_bytes(*bytes)) == Some(self.event);
        let lines = records.iter().filter(is_print).map(|record| text(record));
        lines.collect::<Option<_>>().ok_or_else(|| failed(io::Error::other("a record that is cut")))
    }

    /// All records since the last time.
    fn records(&self) -> io::Result<Vec<Vec<u8>>> {
        let mut records = Vec::new();
        let mut pipe = self.pipe.borrow_mut();
        let Some(pipe) = pipe.as_mut() else { return Ok(records) };
        let mut page = vec![0; LARGEST_PAGE];
        loop {
            let read = match pipe.read(&mut page) {
                Ok(0) => return Ok(records),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(records),
                Err(error) => return Err(error),
            };
            let page = page.get(..read).unwrap_or_default();
            events(page, &mut records)
                .ok_or_else(|| io::Error::other("a page of another form, or prints were lost"))?;
        }
    }
}

/// `FSOPEN_CLOEXEC` and `FSMOUNT_CLOEXEC`, `FSCONFIG_CMD_CREATE` (include/uapi/linux/mount.h).
const CLOEXEC: libc::c_long = 1;
const CMD_CREATE: libc::c_long = 6;

/// The trace's file system, mounted nowhere.
fn mount() -> io::Result<OwnedFd> {
    let descriptor = |result: libc::c_long| -> io::Result<OwnedFd> {
        let number = i32::try_from(result).ok().filter(|number| *number >= 0).ok_or_else(io::Error::last_os_error)?;
        // SAFETY: the kernel has just returned this descriptor for us to own.
        Ok(unsafe { OwnedFd::from_raw_fd(number) })
    };
    // SAFETY: the name ends with a zero and lives through the call.
    let context = descriptor(unsafe { libc::syscall(libc::SYS_fsopen, c"tracefs".as_ptr(), CLOEXEC) })?;
    let none = std::ptr::null::<u8>();
    // SAFETY: the command takes neither key nor value.
    if unsafe { libc::syscall(libc::SYS_fsconfig, context.as_raw_fd(), CMD_CREATE, none, none, 0) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: no memory is passed.
    descriptor(unsafe { libc::syscall(libc::SYS_fsmount, context.as_raw_fd(), CLOEXEC, 0) })
}

/// Number of the calling thread.
fn thread() -> i32 {
    // SAFETY: no memory is passed.
    unsafe { libc::gettid() }
}

/// The string of a print: its place in the record and its length are behind the fields that all events have (`__data_loc char[]`).
fn text(record: &[u8]) -> Option<Vec<u8>> {
    let place = u32::from_ne_bytes(record.get(ENTRY..ENTRY + 4)?.try_into().ok()?);
    let (start, length) = ((place & 0xffff) as usize, (place >> 16) as usize);
    let text = record.get(start..start + length)?;
    Some(text.split(|byte| *byte == 0).next().unwrap_or_default().to_vec())
}

/// The records of a page; `None` if it has another form or follows some that were lost.
fn events(page: &[u8], records: &mut Vec<Vec<u8>>) -> Option<()> {
    let commit = u64::from_ne_bytes(page.get(8..PAGE_HEADER)?.try_into().ok()?);
    if commit & MISSED != 0 {
        return None;
    }
    let length = usize::try_from(commit & LENGTH_MASK).ok()?;
    let mut rest = page.get(PAGE_HEADER..PAGE_HEADER + length)?;
    while !rest.is_empty() {
        let word = |at: usize| Some(u32::from_ne_bytes(rest.get(at..at + 4)?.try_into().ok()?));
        let (head, first) = (word(0)?, || word(4).map(|word| word as usize));
        let (bytes, data) = match head & 0x1f {
            // A deleted event has the length of what is behind it; one without a time is the end of the page.
            PADDING if head >> 5 == 0 => return Some(()),
            PADDING => (4 + first()?, None),
            TIME_EXTEND.. => (8, None),
            0 => (4 + first()?.next_multiple_of(4), Some(8)),
            words => (4 + 4 * words as usize, Some(4)),
        };
        if let Some(data) = data {
            records.push(rest.get(data..bytes)?.to_vec());
        }
        rest = rest.get(bytes..)?;
    }
    Some(())
}

/// Removes the instances of processes that are gone.
fn remove_stale(instances: &Path) {
    for entry in fs::read_dir(instances).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let numbers = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let process = numbers.and_then(|numbers| numbers.split('-').next()?.parse::<u32>().ok());
        if process.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists()) {
            // It may be another one's, in another PID namespace: then it is in use.
            let _ = fs::remove_dir(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_taken_apart() {
        let mut page = vec![0; PAGE_HEADER];
        let mut add = |words: &[u32]| page.extend(words.iter().flat_map(|word| word.to_ne_bytes()));
        add(&[(7 << 5) | 2, 0x1111, 0x2222]); // two words
        add(&[TIME_EXTEND | 32, 9]);
        add(&[PADDING | 32, 8, 0xdead]); // deleted
        add(&[0, 8, 0x3333]); // with a length of its own
        add(&[PADDING, 0, 0]); // the end
        let length = page.len() - PAGE_HEADER;
        page[8..16].copy_from_slice(&(length as u64).to_ne_bytes());
        let mut records = Vec::new();
        assert_eq!(events(&page, &mut records), Some(()));
        let expected: Vec<Vec<u8>> = [&[0x1111u32, 0x2222][..], &[0x3333]]
            .map(|words| words.iter().flat_map(|word| word.to_ne_bytes()).collect())
            .to_vec();
        assert_eq!(records, expected);
        page[8..16].copy_from_slice(&(length as u64 | MISSED).to_ne_bytes());
        assert_eq!(events(&page, &mut records), None);
        let mut record = vec![0; ENTRY];
        record.extend((12u32 | 5 << 16).to_ne_bytes());
        record.extend(b"abc\0\0");
        assert_eq!(text(&record).as_deref(), Some(&b"abc"[..]));
    }
}
