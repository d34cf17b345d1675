// SPDX-License-Identifier: Apache-2.0
//! Memory of the host that a DMA reaches, by addresses of its bus.

use crate::HostError;
use std::sync::atomic::{Ordering, fence};

/// What is allocated is a multiple of this, and begins at one.
pub const PAGE: usize = 4096;

/// Memory that host and DMA share. Addresses are those of the DMA's bus.
pub trait HostMemory {
    /// Takes memory, in whole pages; what is in it is not known.
    ///
    /// # Errors
    /// [`HostError::Memory`] if there is not so much in one piece.
    fn allocate(&mut self, bytes: usize) -> Result<Region, HostError>;

    /// Gives it back: from now on the DMA has no business there.
    fn free(&mut self, region: Region);

    /// Copies out of allocated memory.
    ///
    /// # Errors
    /// [`HostError::Memory`] for addresses that are not allocated.
    fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), HostError>;

    /// Copies into allocated memory.
    ///
    /// # Errors
    /// As [`HostMemory::read`].
    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), HostError>;

    /// Bytes that are allocated.
    fn in_use(&self) -> usize;

    /// What was written before is in memory before any register is written after; what is read after was not read before. So a descriptor is whole
    /// when PRODUCER covers it, and a frame when its completion was seen.
    fn order(&self) {
        fence(Ordering::SeqCst);
    }
}

impl<M: HostMemory + ?Sized> HostMemory for &mut M {
    fn allocate(&mut self, bytes: usize) -> Result<Region, HostError> {
        (**self).allocate(bytes)
    }

    fn free(&mut self, region: Region) {
        (**self).free(region);
    }

    fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), HostError> {
        (**self).read(address, bytes)
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), HostError> {
        (**self).write(address, bytes)
    }

    fn in_use(&self) -> usize {
        (**self).in_use()
    }
}

/// Some pages.
#[derive(Debug, PartialEq, Eq)]
pub struct Region {
    /// Where they begin.
    pub address: u64,
    /// How many bytes they have.
    pub bytes: usize,
}

/// Which pages are taken: those from `base` on.
#[derive(Debug, Clone)]
pub struct Pages {
    base: u64,
    taken: Vec<u8>,
}

impl Pages {
    /// All free.
    #[must_use]
    pub fn new(base: u64, pages: usize) -> Self {
        Self { base, taken: vec![0; pages] }
    }

    /// A byte for each page: 1 if it is taken.
    #[must_use]
    pub fn taken(&self) -> &[u8] {
        &self.taken
    }

    /// Takes the first pages behind each other that have so many bytes.
    ///
    /// # Errors
    /// [`HostError::Memory`] if there are none.
    pub fn allocate(&mut self, bytes: usize) -> Result<Region, HostError> {
        let count = bytes.div_ceil(PAGE).max(1);
        let mut free = 0;
        for page in 0..self.taken.len() {
            free = if self.taken[page] == 0 { free + 1 } else { 0 };
            if free == count {
                let first = page + 1 - count;
                self.taken[first..=page].fill(1);
                return Ok(Region { address: self.base + (first * PAGE) as u64, bytes: count * PAGE });
            }
        }
        let (free, all) = (self.taken.iter().filter(|page| **page == 0).count(), self.taken.len());
        Err(HostError::Memory(format!("no {count} pages in one piece: {free} of {all} are free")))
    }

    /// Gives pages back.
    pub fn free(&mut self, region: &Region) {
        let first = usize::try_from(region.address.saturating_sub(self.base)).unwrap_or(usize::MAX) / PAGE;
        let end = first.saturating_add(region.bytes / PAGE).min(self.taken.len());
        if let Some(pages) = self.taken.get_mut(first..end) {
            pages.fill(0);
        }
    }

    /// Where bytes are, counted from the first page's first, if all of them are taken.
    #[must_use]
    pub fn offset(&self, address: u64, bytes: usize) -> Option<usize> {
        let begin = usize::try_from(address.checked_sub(self.base)?).ok()?;
        let end = begin.checked_add(bytes)?;
        let pages = self.taken.get(begin / PAGE..end.div_ceil(PAGE))?;
        pages.iter().all(|page| *page != 0).then_some(begin)
    }

    /// Bytes that are taken.
    #[must_use]
    pub fn in_use(&self) -> usize {
        PAGE * self.taken.iter().filter(|page| **page != 0).count()
    }
}

/// An address that is not allocated.
#[must_use]
pub fn outside(address: u64, bytes: usize) -> HostError {
    HostError::Memory(format!("{bytes} bytes at {address:#x} are not allocated"))
}

/// Memory of this process, for tests.
#[derive(Debug)]
pub struct PlainMemory {
    /// What is allocated.
    pub pages: Pages,
    bytes: Vec<u8>,
}

impl PlainMemory {
    /// So many pages, from `base` on.
    #[must_use]
    pub fn new(base: u64, pages: usize) -> Self {
        Self { pages: Pages::new(base, pages), bytes: vec![0xa5; pages * PAGE] }
    }
}

impl HostMemory for PlainMemory {
    fn allocate(&mut self, bytes: usize) -> Result<Region, HostError> {
        self.pages.allocate(bytes)
    }

    fn free(&mut self, region: Region) {
        self.pages.free(&region);
    }

    fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), HostError> {
        let offset = self.pages.offset(address, bytes.len()).ok_or_else(|| outside(address, bytes.len()))?;
        bytes.copy_from_slice(&self.bytes[offset..offset + bytes.len()]);
        Ok(())
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), HostError> {
        let offset = self.pages.offset(address, bytes.len()).ok_or_else(|| outside(address, bytes.len()))?;
        self.bytes[offset..offset + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn in_use(&self) -> usize {
        self.pages.in_use()
    }
}
