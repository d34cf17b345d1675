// SPDX-License-Identifier: Apache-2.0
//! What an engine (`hdl/rtl/bpf_engine.sv`) is loaded with: `program.engine` in a design folder, beside the manifest.
//!
//! All numbers are little-endian words of 32 bits: [`MAGIC`], 1 (the form), the build id (32 bytes), number of maps, slots of the firmware, bytes of memory in
//! use, number of slots, number of parts; the slots of 8 bytes; each part: byte of the memory, length, bytes up to a multiple of 4.

use std::fmt;

/// Name of the file.
pub const FILE_NAME: &str = "program.engine";
/// `"B2HE"` as the file begins.
pub const MAGIC: u32 = u32::from_le_bytes(*b"B2HE");
/// What the number behind it has to be.
pub const FORM: u32 = 1;
/// The word in [`Manifest::capabilities`](crate::Manifest::capabilities) that tells an engine's program from a pipeline.
pub const CAPABILITY: &str = "engine";

/// A program with the firmware, and what the memory holds at its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// As in the manifest.
    pub build_id: [u8; 32],
    /// Number of maps.
    pub map_count: u32,
    /// The first slots, which may use the special registers.
    pub firmware_slots: u32,
    /// Bytes of memory in use, a multiple of 16: zero from [`FIRST_BYTE`] on but for the parts.
    pub memory_bytes: u32,
    /// Instructions.
    pub slots: Vec<[u8; 8]>,
    /// Contents by their place in memory, a multiple of 4.
    pub parts: Vec<(u32, Vec<u8>)>,
}

/// Where the memory begins that is not a packet's.
pub const FIRST_BYTE: u32 = 0x2800;

/// The bytes are no image, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageError(pub &'static str);

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a program for an engine: {}", self.0)
    }
}

impl std::error::Error for ImageError {}

impl Image {
    /// The file's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let word = |bytes: &mut Vec<u8>, number: u32| bytes.extend(number.to_le_bytes());
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        word(&mut bytes, MAGIC);
        word(&mut bytes, FORM);
        bytes.extend(self.build_id);
        for number in
            [self.map_count, self.firmware_slots, self.memory_bytes, count(self.slots.len()), count(self.parts.len())]
        {
            word(&mut bytes, number);
        }
        bytes.extend(self.slots.as_flattened());
        for (place, part) in &self.parts {
            word(&mut bytes, *place);
            word(&mut bytes, count(part.len()));
            bytes.extend(part);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        bytes
    }

    /// Reads a file's bytes.
    ///
    /// # Errors
    /// [`ImageError`] for anything that [`Image::to_bytes`] does not write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ImageError> {
        let mut rest = Reader(bytes);
        if rest.word()? != MAGIC {
            return Err(ImageError("it does not begin with B2HE"));
        }
        if rest.word()? != FORM {
            return Err(ImageError("its form is another one"));
        }
        let build_id = *rest.take(32)?.first_chunk().ok_or(TOO_SHORT)?;
        let [map_count, firmware_slots, memory_bytes, slots, parts] =
            [rest.word()?, rest.word()?, rest.word()?, rest.word()?, rest.word()?];
        let slots = rest.take(slots as usize * 8)?.as_chunks().0.to_vec();
        let parts = (0..parts).map(|_| rest.part()).collect::<Result<_, _>>()?;
        if !rest.0.is_empty() {
            return Err(ImageError("there is something behind its end"));
        }
        Ok(Self { build_id, map_count, firmware_slots, memory_bytes, slots, parts })
    }
}

const TOO_SHORT: ImageError = ImageError("it ends too early");

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], ImageError> {
        let (part, rest) = self.0.split_at_checked(length).ok_or(TOO_SHORT)?;
        self.0 = rest;
        Ok(part)
    }

    fn word(&mut self) -> Result<u32, ImageError> {
        Ok(u32::from_le_bytes(*self.take(4)?.first_chunk().ok_or(TOO_SHORT)?))
    }

    fn part(&mut self) -> Result<(u32, Vec<u8>), ImageError> {
        let (place, length) = (self.word()?, self.word()? as usize);
        let bytes = self.take(length.next_multiple_of(4))?;
        if !place.is_multiple_of(4) {
            return Err(ImageError("a part is at no multiple of 4"));
        }
        Ok((place, bytes[..length].to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_read_as_they_are_written() {
        let image = Image {
            build_id: [7; 32],
            map_count: 3,
            firmware_slots: 1,
            memory_bytes: 0x6000,
            slots: vec![[1; 8], [2; 8]],
            parts: vec![(0x2800, vec![1, 2, 3]), (0x3000, Vec::new()), (0x4000, vec![9; 8])],
        };
        let bytes = image.to_bytes();
        assert_eq!(Image::from_bytes(&bytes), Ok(image));
        for end in 0..bytes.len() {
            assert!(Image::from_bytes(&bytes[..end]).is_err(), "{end} bytes");
        }
        assert!(Image::from_bytes(&[bytes, vec![0]].concat()).is_err());
    }
}
