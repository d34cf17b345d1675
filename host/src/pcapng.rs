// SPDX-License-Identifier: Apache-2.0
//! Writing capture files with several interfaces and comments: pcapng (draft-ietf-opsawg-pcapng), little-endian, times in nanoseconds.

use std::io::{self, Write};

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 6;
const BYTE_ORDER: u32 = 0x1a2b_3c4d;
const OPTION_COMMENT: u16 = 1;
const OPTION_NAME: u16 = 2;
const OPTION_TIME_RESOLUTION: u16 = 9;
/// Ethernet.
const LINK: u32 = 1;

/// A pcapng file that is being written.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
}

impl<W: Write> Writer<W> {
    /// Begins a file with Ethernet interfaces of these names; a frame names its interface by the place in the list.
    ///
    /// # Errors
    /// Those of the output.
    pub fn new(out: W, interfaces: &[&str]) -> io::Result<Self> {
        let mut writer = Self { out };
        let section =
            [BYTE_ORDER.to_le_bytes().as_slice(), &1_u16.to_le_bytes(), &0_u16.to_le_bytes(), &[0xff; 8]].concat();
        writer.block(SECTION, &section)?;
        for name in interfaces {
            let mut body = [LINK.to_le_bytes(), 0_u32.to_le_bytes()].concat();
            option(&mut body, OPTION_NAME, name.as_bytes());
            // Nanoseconds.
            option(&mut body, OPTION_TIME_RESOLUTION, &[9]);
            body.extend([0; 4]);
            writer.block(INTERFACE, &body)?;
        }
        Ok(writer)
    }

    /// A frame at `time` nanoseconds, of `length` bytes of which `data` are there, with a comment.
    ///
    /// # Errors
    /// Those of the output.
    pub fn frame(
        &mut self,
        interface: u32,
        time: u64,
        (data, length): (&[u8], usize),
        comment: &str,
    ) -> io::Result<()> {
        let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let high = u32::try_from(time >> 32).unwrap_or(0);
        let low = u32::try_from(time & 0xffff_ffff).unwrap_or(0);
        let words = [interface, high, low, number(data.len()), number(length)];
        let mut body: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        body.extend_from_slice(data);
        body.resize(body.len().next_multiple_of(4), 0);
        option(&mut body, OPTION_COMMENT, comment.as_bytes());
        body.extend([0; 4]);
        self.block(PACKET, &body)
    }

    /// Hands over to the system what is buffered.
    ///
    /// # Errors
    /// Those of the output.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn block(&mut self, kind: u32, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len() + 12).unwrap_or(u32::MAX).to_le_bytes();
        self.out.write_all(&kind.to_le_bytes())?;
        self.out.write_all(&length)?;
        self.out.write_all(body)?;
        self.out.write_all(&length)
    }
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    body.extend(code.to_le_bytes());
    body.extend(u16::try_from(value.len()).unwrap_or(0).to_le_bytes());
    body.extend_from_slice(value);
    body.resize(body.len().next_multiple_of(4), 0);
}
