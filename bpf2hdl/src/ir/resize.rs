// SPDX-License-Identifier: Apache-2.0
//! What a program makes of the packet's extent: where it begins and ends, how much of the original is left, and how much
//! metadata stands before it.
//!
//! Places are bytes relative to the first byte of the frame as received; the 216 bytes before it ("headroom") have negative
//! places. The types are generic over what a number is made of: values in the IR, bits in the pipeline.

use std::fmt::{self, Display, Formatter};

/// Bytes that the head can move to the front: the kernel's `XDP_PACKET_HEADROOM` (256, include/uapi/linux/bpf.h) less
/// `sizeof(struct xdp_frame)` (40, include/net/xdp.h).
pub const HEADROOM: i32 = 216;
/// Shortest frame that the helpers leave, in bytes (`ETH_HLEN`).
pub const SHORTEST_FRAME: i32 = 14;
/// Where the tail can grow to: a page less headroom and `struct skb_shared_info` (4096 - 256 - 320 bytes), as in
/// `BPF_PROG_TEST_RUN` and in drivers with a page for a packet.
pub const TAIL_LIMIT: i32 = 3520;
/// Most metadata, in bytes: a multiple of 4 below 256 (`xdp_metalen_invalid`, include/net/xdp.h).
pub const MAX_METADATA: i32 = 252;

/// A number out of a list: `base + add`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Position<B> {
    /// Variable part, unsigned.
    pub base: B,
    /// Constant part.
    pub add: i32,
    /// Every value that the sum can have for a packet that leaves, ascending.
    pub places: Vec<i32>,
}

/// A place near the end of the packet: `base + add`, and the length as received where `of_length` says so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bound<B> {
    /// The length of the frame as received is added.
    pub of_length: bool,
    /// Variable part, unsigned.
    pub base: B,
    /// Constant part.
    pub add: i32,
}

/// The packet's extent as a program leaves it. What is `None` stays as it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resize<B> {
    /// Place of the frame's first byte. `None`: 0.
    pub head: Option<Position<B>>,
    /// Place behind its last byte. `None`: the length as received.
    pub end: Option<Bound<B>>,
    /// From this place on, original bytes are gone: they read zero. `None`: all that were received and lie before `end` are there.
    pub kept: Option<Bound<B>>,
    /// Bytes of metadata before the frame. `None`: 0.
    pub metadata: Option<Position<B>>,
}

impl<B> Default for Resize<B> {
    fn default() -> Self {
        Resize { head: None, end: None, kept: None, metadata: None }
    }
}

impl<B> Position<B> {
    fn map<C>(&self, f: &mut impl FnMut(&B) -> C) -> Position<C> {
        Position { base: f(&self.base), add: self.add, places: self.places.clone() }
    }

    /// The number, given the variable part.
    pub fn value(&self, get: impl FnOnce(&B) -> u64) -> i32 {
        sum(get(&self.base), self.add)
    }
}

impl<B> Bound<B> {
    fn map<C>(&self, f: &mut impl FnMut(&B) -> C) -> Bound<C> {
        Bound { of_length: self.of_length, base: f(&self.base), add: self.add }
    }

    /// The place in a frame that was received with this length.
    pub fn value(&self, length: i32, get: impl FnOnce(&B) -> u64) -> i32 {
        sum(get(&self.base), self.add).saturating_add(if self.of_length { length } else { 0 })
    }
}

/// Sums that leave the range belong to packets that do not leave.
fn sum(base: u64, add: i32) -> i32 {
    i32::try_from(base).unwrap_or(i32::MAX / 2).saturating_add(add)
}

impl<B> Resize<B> {
    /// The same with each variable part replaced.
    pub fn map<C>(&self, mut f: impl FnMut(&B) -> C) -> Resize<C> {
        Resize {
            head: self.head.as_ref().map(|p| p.map(&mut f)),
            end: self.end.as_ref().map(|p| p.map(&mut f)),
            kept: self.kept.as_ref().map(|p| p.map(&mut f)),
            metadata: self.metadata.as_ref().map(|p| p.map(&mut f)),
        }
    }

    /// The variable parts, in order.
    pub fn bases(&self) -> impl Iterator<Item = &B> {
        let (head, metadata) = (self.head.as_ref().map(|p| &p.base), self.metadata.as_ref().map(|p| &p.base));
        let (end, kept) = (self.end.as_ref().map(|p| &p.base), self.kept.as_ref().map(|p| &p.base));
        [head, end, kept, metadata].into_iter().flatten()
    }

    /// Whether the program leaves the extent alone.
    pub fn is_none(&self) -> bool {
        self.bases().next().is_none()
    }

    /// Whether a byte behind the last one received can become part of the frame, or one that was cut off come back as zero.
    pub fn grows_tail(&self) -> bool {
        self.kept.is_some()
    }

    /// The most metadata that a packet can leave with, in bytes.
    pub fn most_metadata(&self) -> i32 {
        self.metadata.as_ref().and_then(|m| m.places.last().copied()).unwrap_or(0)
    }

    /// The extent of a frame that was received with `length` bytes.
    pub fn extent(&self, length: usize, mut get: impl FnMut(&B) -> u64) -> Extent {
        let length = i32::try_from(length).unwrap_or(i32::MAX / 2);
        Extent {
            head: self.head.as_ref().map_or(0, |p| p.value(&mut get)),
            end: self.end.as_ref().map_or(length, |p| p.value(length, &mut get)),
            kept: self.kept.as_ref().map_or(length, |p| p.value(length, &mut get)),
            metadata: self.metadata.as_ref().map_or(0, |p| p.value(&mut get)),
        }
    }
}

/// Where one packet begins and ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Extent {
    /// Place of the first byte.
    pub head: i32,
    /// Place behind the last byte.
    pub end: i32,
    /// Original bytes from here on read zero.
    pub kept: i32,
    /// Bytes of metadata before the first byte.
    pub metadata: i32,
}

impl Extent {
    /// Bytes of the frame.
    pub fn length(&self) -> usize {
        usize::try_from(self.end.saturating_sub(self.head)).unwrap_or(0)
    }

    /// Whether an edit at this offset from the frame's first byte is inside the frame or its metadata.
    pub fn holds(&self, offset: i32) -> bool {
        offset >= -self.metadata && offset < self.end.saturating_sub(self.head)
    }

    /// The frame as it leaves: `received` cut and grown, then edited (offsets are from the frame's first byte, negative for
    /// metadata). With `prepend`, the metadata comes first.
    pub fn cut(&self, received: &[u8], edits: &[(i32, u8)], prepend: bool) -> Vec<u8> {
        let first = if prepend { -self.metadata } else { 0 };
        let original = |offset: i32| {
            let place = usize::try_from(self.head.saturating_add(offset)).ok()?;
            received.get(place).filter(|_| self.head.saturating_add(offset) < self.kept).copied()
        };
        let end = i32::try_from(self.length()).unwrap_or(0);
        let mut frame: Vec<u8> = (first..end).map(|offset| original(offset).unwrap_or(0)).collect();
        for &(offset, byte) in edits {
            let place = usize::try_from(offset.saturating_sub(first)).ok();
            if let Some(place) = place.and_then(|place| frame.get_mut(place)) {
                *place = byte;
            }
        }
        frame
    }
}

/// `v7 + 14`
fn write_sum(f: &mut Formatter<'_>, base: &impl Display, add: i32) -> fmt::Result {
    let sign = if add < 0 { '-' } else { '+' };
    write!(f, "{base} {sign} {}", add.unsigned_abs())
}

/// As in the text formats: `v7 - 4 of {-4, 0}`.
impl<B: Display> Display for Position<B> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_sum(f, &self.base, self.add)?;
        f.write_str(" of {")?;
        for (i, place) in self.places.iter().enumerate() {
            write!(f, "{}{place}", if i == 0 { "" } else { ", " })?;
        }
        f.write_str("}")
    }
}

/// As in the text formats: `length v7 - 4` or `v7 + 98`.
impl<B: Display> Display for Bound<B> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self.of_length { "length " } else { "" })?;
        write_sum(f, &self.base, self.add)
    }
}

/// As in the text formats: a line for each part that there is.
impl<B: Display> Display for Resize<B> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Resize { head, end, kept, metadata } = self;
        head.iter().try_for_each(|p| writeln!(f, "  head {p}"))?;
        end.iter().try_for_each(|p| writeln!(f, "  end {p}"))?;
        kept.iter().try_for_each(|p| writeln!(f, "  kept {p}"))?;
        metadata.iter().try_for_each(|p| writeln!(f, "  metadata {p}"))
    }
}

/// What is wrong with the constant parts, in words: the same rules in the IR and in the pipeline.
pub(crate) fn faults<B>(resize: &Resize<B>, edit_offsets: impl Iterator<Item = i32>) -> Vec<String> {
    let mut found = Vec::new();
    let mut require = |holds: bool, text: String| {
        if !holds {
            found.push(text)
        }
    };
    let adds = [&resize.end, &resize.kept].into_iter().flatten().map(|b| b.add);
    let adds = adds.chain([&resize.head, &resize.metadata].into_iter().flatten().map(|p| p.add));
    for add in adds {
        require((-65536..=65536).contains(&add), format!("{add} in the extent is more than 65536"));
    }
    let ascending = |places: &[i32]| !places.is_empty() && places.is_sorted_by(|a, b| a < b);
    if let Some(head) = &resize.head {
        require(ascending(&head.places), "places of the head are not ascending".into());
        let inside = head.places.iter().all(|p| (-HEADROOM..1 << 15).contains(p));
        require(inside, format!("the head can be outside -{HEADROOM}..32768"));
    }
    if let Some(metadata) = &resize.metadata {
        require(ascending(&metadata.places), "lengths of the metadata are not ascending".into());
        let right = metadata.places.iter().all(|p| (0..=MAX_METADATA).contains(p) && p % 4 == 0);
        require(right, format!("metadata that is no multiple of 4 up to {MAX_METADATA} bytes"));
    }
    let offsets: Vec<i32> = edit_offsets.collect();
    require(offsets.is_sorted_by(|a, b| a < b), "edits are not ascending by offset".into());
    let first = -resize.most_metadata();
    require(offsets.last().is_none_or(|o| *o < 1 << 16), "an edit behind byte 65535".into());
    require(offsets.first().is_none_or(|&o| o >= first), format!("an edit before byte {first}"));
    let grown = resize.head.as_ref().and_then(|h| h.places.first()).map_or(0, |&p| -p);
    let missing = (first..grown).find(|o| offsets.binary_search(o).is_err());
    if let Some(missing) = missing {
        require(false, format!("no edit of byte {missing}, which lies before the frame as received"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_cut_grown_and_edited() {
        let received: Vec<u8> = (1..=20).collect();
        let plain = Extent { head: 0, end: 20, kept: 20, metadata: 0 };
        assert_eq!(plain.cut(&received, &[(3, 99), (20, 7)], true)[..5], [1, 2, 3, 99, 5]);
        let grown = Extent { head: -2, end: 18, kept: 20, metadata: 4 };
        let frame = grown.cut(&received, &[(-4, 8), (0, 9)], true);
        assert_eq!(frame[..8], [8, 0, 0, 0, 9, 0, 1, 2]);
        assert_eq!(frame.len(), 24);
        assert_eq!(grown.cut(&received, &[(-4, 8), (0, 9)], false)[..3], [9, 0, 1]);
        let again = Extent { head: 4, end: 22, kept: 6, metadata: 0 };
        assert_eq!(again.cut(&received, &[], false)[..3], [5, 6, 0]);
        assert_eq!(again.length(), 18);
    }

    #[test]
    fn the_constant_parts_are_checked() {
        let position = |places: &[i32]| Some(Position { base: 0, add: 0, places: places.to_vec() });
        let mut resize = Resize::<u32> { head: position(&[-2, 0]), ..Resize::default() };
        assert_eq!(faults(&resize, [0, 1, 9].into_iter()), Vec::<String>::new());
        assert!(faults(&resize, [0].into_iter())[0].contains("byte 1"));
        resize.metadata = position(&[0, 4]);
        assert!(faults(&resize, [-4, -3, -2, 0, 1].into_iter())[0].contains("byte -1"));
        resize.metadata = position(&[3]);
        assert!(!faults(&resize, [-3, -2, -1, 0, 1].into_iter()).is_empty());
    }
}
