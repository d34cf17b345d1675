// SPDX-License-Identifier: Apache-2.0
//! Memory that a program under rbpf may reach, and the helpers that reach it too.
//!
//! rbpf checks each access of the program against ranges given to it, by the address of the first byte only; every
//! range here is followed by [`SLACK`] bytes that belong to it, so the longest access can not leave it. Helpers get
//! raw numbers from the program and check them here before they touch anything.
#![expect(unsafe_code, reason = "memory at chosen addresses, handed to an interpreter")]

use crate::Error;
use std::cell::RefCell;
use std::ops::Range;
use std::ptr::NonNull;
use std::rc::Rc;

/// Bytes behind the end of each range that an access beginning inside may touch.
const SLACK: usize = 8;
/// Bytes of a program's stack.
const STACK: u64 = 512;

/// Zeroed memory of its own, below 4 GiB if wanted (the packet: `xdp_md.data` has 32 bits).
pub(super) struct Area {
    start: NonNull<u8>,
    size: usize,
}

impl Area {
    /// Maps at least `size` usable bytes.
    pub(super) fn new(size: usize, low: bool) -> Result<Self, Error> {
        let total = size + SLACK;
        let low = if low { libc::MAP_32BIT } else { 0 };
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | low;
        // SAFETY: a new anonymous mapping at an address of the kernel's choice touches nothing that exists.
        let start =
            unsafe { libc::mmap(std::ptr::null_mut(), total, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
        let failed = || Error::oracle("rbpf", format!("no memory for {total} bytes"));
        if start == libc::MAP_FAILED {
            return Err(failed());
        }
        Ok(Self { start: NonNull::new(start.cast()).ok_or_else(failed)?, size })
    }

    /// Addresses at which an access may begin.
    pub(super) fn range(&self) -> Range<u64> {
        let start = self.start.as_ptr() as u64;
        start..start + self.size as u64
    }

    /// Copies bytes in at an offset.
    pub(super) fn write(&mut self, offset: usize, bytes: &[u8]) {
        assert!(offset.checked_add(bytes.len()).is_some_and(|end| end <= self.size), "outside of the area");
        // SAFETY: inside the mapping (just checked), which nothing else refers to while we have `&mut self`.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.start.as_ptr().add(offset), bytes.len()) }
    }

    /// Copies bytes out from an offset.
    pub(super) fn read(&self, offset: usize, length: usize) -> Vec<u8> {
        assert!(offset.checked_add(length).is_some_and(|end| end <= self.size), "outside of the area");
        let mut bytes = vec![0; length];
        // SAFETY: inside the mapping (just checked); no program runs now, so nobody writes.
        unsafe { std::ptr::copy_nonoverlapping(self.start.as_ptr().add(offset), bytes.as_mut_ptr(), length) }
        bytes
    }
}

impl Drop for Area {
    fn drop(&mut self) {
        // SAFETY: the mapping made in `new`, with its size; nobody uses it any more.
        let _ = unsafe { libc::munmap(self.start.as_ptr().cast(), self.size + SLACK) };
    }
}

/// An array map as the helpers know it.
#[derive(Debug, Clone)]
pub(super) struct MapView {
    pub(super) start: u64,
    pub(super) value_size: u64,
    /// Distance of two values: a multiple of 8, as in the kernel.
    pub(super) stride: u64,
    pub(super) max_entries: u32,
}

/// What the helpers know of the program that runs on this thread.
#[derive(Default)]
struct Running {
    maps: Rc<[MapView]>,
    ranges: Rc<[Range<u64>]>,
    stack: Range<u64>,
    fault: Option<&'static str>,
}

thread_local! {
    static RUNNING: RefCell<Running> = RefCell::default();
}

/// Runs `program` with these maps and ranges; says if a helper was called wrongly.
pub(super) fn with_helpers<T>(
    maps: &Rc<[MapView]>,
    ranges: &Rc<[Range<u64>]>,
    program: impl FnOnce() -> T,
) -> Result<T, &'static str> {
    RUNNING.set(Running { maps: maps.clone(), ranges: ranges.clone(), ..Running::default() });
    let result = program();
    // Also forgets the ranges: a helper called outside of a run touches nothing.
    RUNNING.take().fault.map_or(Ok(result), Err)
}

impl Running {
    fn readable(&self, address: u64, length: u64) -> bool {
        let inside = |range: &Range<u64>| {
            address >= range.start && address.checked_add(length).is_some_and(|end| end <= range.end)
        };
        inside(&self.stack) || self.ranges.iter().any(inside)
    }

    /// The address of the value that a map handle and a pointer to a key name; 0 if there is none.
    fn value(&mut self, handle: u64, key: u64) -> (u64, u64) {
        let map = usize::try_from(handle).ok().and_then(|handle| self.maps.get(handle.checked_sub(1)?)).cloned();
        let (Some(map), true) = (map, self.readable(key, 4)) else {
            self.fault = Some("a helper was given a wrong map or key");
            return (0, 0);
        };
        // SAFETY: four bytes inside the stack, the packet or a map (just checked), all of them live during a run.
        let index = unsafe { (key as *const u32).read_unaligned() };
        let address = map.start + map.stride * u64::from(index);
        (if index < map.max_entries { address } else { 0 }, map.value_size)
    }
}

/// Tells the helpers where the stack is: called by the oracle's own prologue with r10.
pub(super) fn stack_helper(top: u64, _: u64, _: u64, _: u64, _: u64) -> u64 {
    RUNNING.with_borrow_mut(|running| running.stack = top.saturating_sub(STACK)..top);
    0
}

/// `bpf_map_lookup_elem`
pub(super) fn lookup_helper(map: u64, key: u64, _: u64, _: u64, _: u64) -> u64 {
    RUNNING.with_borrow_mut(|running| running.value(map, key).0)
}

/// `bpf_map_update_elem` of an array: an entry exists always.
pub(super) fn update_helper(map: u64, key: u64, value: u64, flags: u64, _: u64) -> u64 {
    const NO_EXIST: u64 = 1;
    const EXIST: u64 = 2;
    let error = |code: i64| (-code).cast_unsigned();
    RUNNING.with_borrow_mut(|running| {
        let (place, size) = running.value(map, key);
        if !running.readable(value, size) {
            running.fault = Some("a helper was given a wrong value");
        }
        match flags {
            _ if running.fault.is_some() => 0,
            NO_EXIST if place != 0 => error(libc::EEXIST.into()),
            _ if flags > EXIST => error(libc::EINVAL.into()),
            _ if place == 0 => error(libc::E2BIG.into()),
            _ => {
                // SAFETY: `value` was checked, `place` is a whole value of a live map; they may be the same.
                unsafe { std::ptr::copy(value as *const u8, place as *mut u8, usize::try_from(size).unwrap_or(0)) };
                0
            }
        }
    })
}

/// `bpf_get_smp_processor_id`: the hardware is CPU 0.
pub(super) fn cpu_helper(_: u64, _: u64, _: u64, _: u64, _: u64) -> u64 {
    0
}
