// SPDX-License-Identifier: Apache-2.0
//! Reading what programs tell the host: perf buffers and ring buffers, mapped into this process.
//!
//! Layouts: `struct perf_event_attr`, `struct perf_event_mmap_page`, `struct perf_event_header` (include/uapi/linux/perf_event.h);
//! `struct bpf_ringbuf_hdr` and its pages (kernel/bpf/ringbuf.c). Both are read after each packet, so that they never fill up.
#![expect(unsafe_code, reason = "memory that is shared with the kernel")]

use super::map::KernelMap;
use super::sys;
use crate::Error;
use bpf2hdl_interface::{EventRecord, MapType};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

/// Data pages of a perf buffer, a power of two.
const PERF_PAGES: usize = 64;
const PAGE: usize = 4096;
/// `PERF_TYPE_SOFTWARE`, `PERF_COUNT_SW_BPF_OUTPUT`, `PERF_SAMPLE_RAW`.
const TYPE_SOFTWARE: u32 = 1;
const BPF_OUTPUT: u64 = 10;
const SAMPLE_RAW: u64 = 1 << 10;
/// `PERF_EVENT_IOC_ENABLE`
const ENABLE: libc::c_ulong = 0x2400;
/// `PERF_RECORD_SAMPLE`
const SAMPLE: u32 = 9;
/// Offsets of `data_head` and `data_tail` in the first page of a perf buffer.
const DATA_HEAD: usize = 1024;
const DATA_TAIL: usize = 1032;
/// `BPF_RINGBUF_BUSY_BIT`, `BPF_RINGBUF_DISCARD_BIT`, `BPF_RINGBUF_HDR_SZ`
const BUSY: u32 = 1 << 31;
const DISCARD: u32 = 1 << 30;
const RING_HEADER: u64 = 8;

/// The start of `struct perf_event_attr` (`PERF_ATTR_SIZE_VER0`).
#[repr(C)]
#[derive(Default)]
struct PerfAttr {
    kind: u32,
    size: u32,
    config: u64,
    sample_period: u64,
    sample_type: u64,
    read_format: u64,
    flags: u64,
    wakeup_events: u32,
    bp_type: u32,
    config1: u64,
}

/// Memory that is mapped from a descriptor.
struct Mapping {
    start: NonNull<u8>,
    length: usize,
}

impl Mapping {
    fn new(fd: &OwnedFd, offset: usize, length: usize, writable: bool) -> io::Result<Self> {
        let protection = libc::PROT_READ | if writable { libc::PROT_WRITE } else { 0 };
        let offset = libc::off_t::try_from(offset).map_err(io::Error::other)?;
        // SAFETY: a new mapping anywhere; the descriptor is live.
        let start =
            unsafe { libc::mmap(std::ptr::null_mut(), length, protection, libc::MAP_SHARED, fd.as_raw_fd(), offset) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        NonNull::new(start.cast()).map(|start| Self { start, length }).ok_or_else(|| io::Error::other("mapped at zero"))
    }

    /// The 64-bit word at an offset that is a multiple of 8 and inside.
    fn word(&self, offset: usize) -> &AtomicU64 {
        assert!(offset.is_multiple_of(8) && offset + 8 <= self.length, "inside the mapping");
        // SAFETY: inside the mapping (checked), which lives as long as `self` and is aligned to a page; the kernel writes such words whole.
        unsafe { &*self.start.as_ptr().add(offset).cast::<AtomicU64>() }
    }

    /// A copy of bytes, which the kernel has finished writing.
    fn bytes(&self, offset: usize, count: usize) -> Vec<u8> {
        assert!(offset + count <= self.length, "inside the mapping");
        let mut copy = vec![0; count];
        // SAFETY: inside the mapping (checked); the kernel writes these bytes again only after they are given back.
        unsafe { std::ptr::copy_nonoverlapping(self.start.as_ptr().add(offset), copy.as_mut_ptr(), count) };
        copy
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`, and no reference into it outlives `self`.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.length) };
    }
}

/// The channels of a program.
pub(super) struct Rings {
    rings: Vec<Ring>,
}

struct Ring {
    /// Position of the map in the program.
    map: usize,
    kind: Kind,
}

enum Kind {
    Perf { memory: Mapping, _event: OwnedFd },
    Ringbuf { consumer: Mapping, producer: Mapping, bytes: u64 },
}

impl Rings {
    /// Opens the program's perf event arrays, for CPU 0, and its ring buffers.
    pub(super) fn open(maps: &[KernelMap]) -> Result<Self, Error> {
        let mut rings = Vec::new();
        for (index, map) in maps.iter().enumerate() {
            let opened = match map.spec.map_type() {
                MapType::PERF_EVENT_ARRAY => open_perf(map),
                MapType::RINGBUF => open_ringbuf(map),
                _ => continue,
            };
            let name = &map.spec.name;
            let kind =
                opened.map_err(|error| Error::oracle("kernel", format!("map `{name}` can not be read: {error}")))?;
            rings.push(Ring { map: index, kind });
        }
        Ok(Self { rings })
    }

    /// What has come since the last time, map by map.
    pub(super) fn read(&self) -> Result<Vec<EventRecord>, Error> {
        let mut records = Vec::new();
        for ring in &self.rings {
            match &ring.kind {
                Kind::Perf { memory, .. } => read_perf(ring.map, memory, &mut records)?,
                Kind::Ringbuf { consumer, producer, bytes } => {
                    read_ringbuf(ring.map, consumer, producer, *bytes, &mut records);
                }
            }
        }
        Ok(records)
    }
}

fn open_perf(map: &KernelMap) -> io::Result<Kind> {
    let attr = PerfAttr {
        kind: TYPE_SOFTWARE,
        size: 64,
        config: BPF_OUTPUT,
        sample_period: 1,
        sample_type: SAMPLE_RAW,
        wakeup_events: 1,
        ..PerfAttr::default()
    };
    // All processes, CPU 0, no group; PERF_FLAG_FD_CLOEXEC.
    // SAFETY: the attribute is live and has the size that it states.
    let fd = unsafe { libc::syscall(libc::SYS_perf_event_open, &raw const attr, -1, 0, -1, 8) };
    let fd = i32::try_from(fd).ok().filter(|fd| *fd >= 0).ok_or_else(io::Error::last_os_error)?;
    // SAFETY: the kernel has just returned this descriptor for us to own.
    let event = unsafe { OwnedFd::from_raw_fd(fd) };
    let memory = Mapping::new(&event, 0, (1 + PERF_PAGES) * PAGE, true)?;
    // SAFETY: no memory is passed.
    if unsafe { libc::ioctl(event.as_raw_fd(), ENABLE, 0) } < 0 {
        return Err(io::Error::last_os_error());
    }
    sys::map_update(&map.fd, &[0; 4], &sys::number(&event).to_le_bytes())?;
    Ok(Kind::Perf { memory, _event: event })
}

fn open_ringbuf(map: &KernelMap) -> io::Result<Kind> {
    let bytes = u64::from(map.ring);
    let consumer = Mapping::new(&map.fd, 0, PAGE, true)?;
    // The data pages are mapped twice, so that no record is cut.
    let producer = Mapping::new(&map.fd, PAGE, PAGE + 2 * usize::try_from(bytes).map_err(io::Error::other)?, false)?;
    Ok(Kind::Ringbuf { consumer, producer, bytes })
}

fn read_perf(map: usize, memory: &Mapping, records: &mut Vec<EventRecord>) -> Result<(), Error> {
    const SIZE: u64 = (PERF_PAGES * PAGE) as u64;
    let head = memory.word(DATA_HEAD).load(Ordering::Acquire);
    let mut tail = memory.word(DATA_TAIL).load(Ordering::Relaxed);
    let read = |at: u64, count: usize| -> Vec<u8> {
        let start = usize::try_from(at % SIZE).unwrap_or(0);
        let first = count.min(PERF_PAGES * PAGE - start);
        let mut bytes = memory.bytes(PAGE + start, first);
        bytes.extend(memory.bytes(PAGE, count - first));
        bytes
    };
    while tail < head {
        // Type, 16 bits of flags, size; of a sample, the size of the raw data and the data.
        let header = read(tail, 8);
        let word = |bytes: &[u8]| bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        let (kind, size) = (word(&header), usize::from(u16::from_le_bytes([header[6], header[7]])));
        if kind != SAMPLE || size < 12 {
            return Err(Error::oracle("kernel", format!("a perf buffer holds a record of type {kind}: data was lost")));
        }
        let raw = word(&read(tail + 8, 4)) as usize;
        records.push(EventRecord { map, data: read(tail + 12, raw.min(size - 12)), padding: 7 });
        tail += size as u64;
    }
    memory.word(DATA_TAIL).store(tail, Ordering::Release);
    Ok(())
}

fn read_ringbuf(map: usize, consumer: &Mapping, producer: &Mapping, bytes: u64, records: &mut Vec<EventRecord>) {
    let end = producer.word(0).load(Ordering::Acquire);
    let mut at = consumer.word(0).load(Ordering::Relaxed);
    while at < end {
        let place = PAGE + usize::try_from(at % bytes).unwrap_or(0);
        let header = producer.word(place).load(Ordering::Acquire) as u32;
        // All programs have ended: none is still writing.
        let length = u64::from(header & !(BUSY | DISCARD));
        if header & (BUSY | DISCARD) == 0 {
            let data = producer.bytes(place + 8, usize::try_from(length).unwrap_or(0));
            records.push(EventRecord::new(map, data));
        }
        at += (length + RING_HEADER).next_multiple_of(8);
    }
    consumer.word(0).store(at, Ordering::Release);
}
