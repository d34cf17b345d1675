// SPDX-License-Identifier: Apache-2.0
//! Memory that the driver and the model of a NIC share: a file, mapped, of which the driver allocates pages.
#![expect(unsafe_code, reason = "maps a file")]

use super::nic_ffi::RawMemory;
use crate::Error;
use bpf2hdl_host::HostError;
use bpf2hdl_host::nic::memory::{HostMemory, PAGE, Pages, Region, outside};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::atomic::{AtomicU8, Ordering};

/// Bus address of the first page. Not 0, so that an address that was forgotten is outside.
const BASE: u64 = 0x1_0000_0000;

/// What models see: bytes, and which pages are allocated.
#[derive(Debug)]
pub(super) struct Mapping {
    start: NonNull<u8>,
    allocated: Box<[AtomicU8]>,
}

impl Mapping {
    /// For a model. The pointers are good as long as this value.
    pub(super) fn raw(&self) -> RawMemory {
        let pages = self.allocated.as_ptr().cast();
        RawMemory { bytes: self.start.as_ptr(), pages, base: BASE, count: self.allocated.len() as u64 }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping of `create`, used for the last time.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.allocated.len() * PAGE) };
    }
}

/// A file's pages. Neither it nor a [`crate::nic::SimNic`] leaves its thread, so that one of them uses the bytes at a time.
#[derive(Debug)]
pub struct SharedMemory {
    mapping: Rc<Mapping>,
    pages: Pages,
}

impl SharedMemory {
    /// Makes a file of so many pages and maps it; no page is allocated. Pages that nobody writes take no memory.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn create(path: &Path, pages: usize) -> Result<Self, Error> {
        let file = File::options().read(true).write(true).create(true).truncate(true).open(path);
        let file = file.map_err(Error::io(path))?;
        file.set_len((pages * PAGE) as u64).map_err(Error::io(path))?;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping of an open file of that length; nothing else is at the place that the kernel chooses.
        let start = unsafe {
            libc::mmap(std::ptr::null_mut(), pages * PAGE, protection, libc::MAP_SHARED, file.as_raw_fd(), 0)
        };
        if start == libc::MAP_FAILED {
            return Err(Error::Io(path.to_owned(), io::Error::last_os_error()));
        }
        let start = NonNull::new(start.cast());
        let start = start.ok_or_else(|| Error::Io(path.to_owned(), io::Error::other("mapped at address 0")))?;
        let allocated = (0..pages).map(|_| AtomicU8::new(0)).collect();
        Ok(Self { mapping: Rc::new(Mapping { start, allocated }), pages: Pages::new(BASE, pages) })
    }

    pub(super) fn mapping(&self) -> Rc<Mapping> {
        Rc::clone(&self.mapping)
    }

    /// Tells models which pages are taken.
    fn publish(&self) {
        for (shown, taken) in self.mapping.allocated.iter().zip(self.pages.taken()) {
            shown.store(*taken, Ordering::SeqCst);
        }
    }

    fn at(&self, address: u64, bytes: usize) -> Result<*mut u8, HostError> {
        let offset = self.pages.offset(address, bytes).ok_or_else(|| outside(address, bytes))?;
        // SAFETY: `offset + bytes` is inside the pages, and these are the mapping.
        Ok(unsafe { self.mapping.start.as_ptr().add(offset) })
    }
}

impl HostMemory for SharedMemory {
    fn allocate(&mut self, bytes: usize) -> Result<Region, HostError> {
        let region = self.pages.allocate(bytes);
        self.publish();
        region
    }

    fn free(&mut self, region: Region) {
        self.pages.free(&region);
        self.publish();
    }

    fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), HostError> {
        let from = self.at(address, bytes.len())?;
        // SAFETY: so many bytes are there, and no reference to them exists; the model runs only in calls of this thread.
        unsafe { std::ptr::copy_nonoverlapping(from, bytes.as_mut_ptr(), bytes.len()) };
        Ok(())
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), HostError> {
        let to = self.at(address, bytes.len())?;
        // SAFETY: as for the read.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
        Ok(())
    }

    fn in_use(&self) -> usize {
        self.pages.in_use()
    }
}
