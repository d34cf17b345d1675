// SPDX-License-Identifier: Apache-2.0
//! Registers in memory: a BAR that sysfs gives as a file (linux/Documentation/PCI/sysfs-pci.rst), mapped into this process.
#![expect(unsafe_code, reason = "maps device memory")]

use bpf2hdl_host::{RegisterError, Registers};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::ptr::NonNull;

/// Bytes of a core's registers.
const BYTES: usize = 1 << 16;

/// The registers of one core. The file stays locked while they are used: two commands never mix their accesses.
pub(super) struct Bar {
    words: NonNull<u32>,
    _file: File,
}

impl Bar {
    /// Maps a file of at least 64 KiB, and waits until no other command uses it.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().read(true).write(true).open(path)?;
        let length = file.metadata()?.len();
        if length < BYTES as u64 {
            return Err(io::Error::other(format!("it has {length} bytes, a core's registers {BYTES}")));
        }
        file.lock()?;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping of an open file; nothing else is at the place that the kernel chooses.
        let start =
            unsafe { libc::mmap(std::ptr::null_mut(), BYTES, protection, libc::MAP_SHARED, file.as_raw_fd(), 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let words = NonNull::new(start.cast()).ok_or_else(|| io::Error::other("mapped at address 0"))?;
        Ok(Self { words, _file: file })
    }

    fn word(&self, address: u16) -> Result<*mut u32, RegisterError> {
        if !address.is_multiple_of(4) {
            return Err(RegisterError(format!("{address:#06x} is no multiple of 4")));
        }
        // SAFETY: the offset is below 64 KiB, which is the length of the mapping.
        Ok(unsafe { self.words.as_ptr().byte_add(usize::from(address)) })
    }
}

impl Registers for Bar {
    fn read32(&mut self, address: u16) -> Result<u32, RegisterError> {
        let word = self.word(address)?;
        // SAFETY: inside the mapping, aligned; device memory is read once.
        Ok(u32::from_le(unsafe { word.read_volatile() }))
    }

    fn write32(&mut self, address: u16, value: u32) -> Result<(), RegisterError> {
        let word = self.word(address)?;
        // SAFETY: as for the read.
        unsafe { word.write_volatile(value.to_le()) };
        Ok(())
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        // SAFETY: the mapping of `open`, used for the last time.
        unsafe { libc::munmap(self.words.as_ptr().cast(), BYTES) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_of_a_file() {
        let path = std::env::temp_dir().join(format!("bpf2hdlctl-bar-{}", std::process::id()));
        std::fs::write(&path, vec![0; BYTES]).expect("a file");
        let mut bar = Bar::open(&path).expect("mapped");
        bar.write32(0xfffc, 0x1234_5678).expect("written");
        bar.write32(0x0010, 7).expect("written");
        assert_eq!((bar.read32(0xfffc), bar.read32(0x0010), bar.read32(4)), (Ok(0x1234_5678), Ok(7), Ok(0)));
        assert!(bar.read32(0x11).is_err());
        drop(bar);
        let bytes = std::fs::read(&path).expect("read");
        assert_eq!((&bytes[0xfffc..], &bytes[0x10..0x14]), (&[0x78, 0x56, 0x34, 0x12][..], &[7, 0, 0, 0][..]));
        std::fs::write(&path, vec![0; 4096]).expect("a file");
        assert!(Bar::open(&path).is_err_and(|error| error.to_string().contains("4096 bytes")));
        std::fs::remove_file(&path).expect("removed");
    }
}
