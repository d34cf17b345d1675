// SPDX-License-Identifier: Apache-2.0
//! `bpf_xdp_load_bytes` and `bpf_xdp_store_bytes`: copies between the packet and a buffer, checked at run time.
//!
//! As in the kernel (`bpf_xdp_pointer`, net/core/filter.c) the result is 0, or `-EFAULT` for an offset beyond 65,535,
//! or `-EINVAL` where the packet ends before the last byte; then nothing is copied.

use super::content::{Content, Origin, PacketPlace};
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::{Code, Diagnostic};
use crate::ir::{Compare, Value};

/// `-EFAULT` and `-EINVAL` (include/uapi/asm-generic/errno-base.h).
const FAULT: i64 = -14;
const INVALID: i64 = -22;
/// Longest copy: the stack, from which or to which it goes, has no more bytes.
const MAX_BYTES: u64 = 512;

/// A call with its arguments.
struct Copy {
    /// The place of the first byte in the packet.
    place: PacketPlace,
    buffer: Content,
    bytes: u32,
    /// One bit: the packet has these bytes.
    inside: Value,
    result: Value,
}

impl Walk<'_> {
    pub(super) fn xdp_load_bytes(&mut self, state: &mut State) -> Result<Content, Refusal> {
        let copy = self.copy(state, "bpf_xdp_load_bytes")?;
        for (at, bytes) in pieces(copy.bytes) {
            let place = PacketPlace { offset: copy.place.offset + i64::from(at), ..copy.place };
            let new = self.read_packet_unproven(state, place, (8 * bytes) as u8)?;
            // What was never written may become anything where the copy fails.
            let old = match self.read(state, &copy.buffer, at.into(), bytes) {
                Ok(Content::Scalar(old)) => Some(old),
                _ => None,
            };
            let value = old.map_or(new, |old| self.b.select(copy.inside, new, old));
            self.write(state, &copy.buffer, at.into(), bytes, Content::Scalar(value))?;
        }
        Ok(Content::Scalar(copy.result))
    }

    pub(super) fn xdp_store_bytes(&mut self, state: &mut State) -> Result<Content, Refusal> {
        let copy = self.copy(state, "bpf_xdp_store_bytes")?;
        for (at, bytes) in pieces(copy.bytes) {
            let content = self.read(state, &copy.buffer, at.into(), bytes)?;
            let value = self.scalar(&content, "what bpf_xdp_store_bytes stores")?;
            let place = PacketPlace { offset: copy.place.offset + i64::from(at), ..copy.place };
            self.write_packet_unproven(state, place, value, copy.inside)?;
        }
        Ok(Content::Scalar(copy.result))
    }

    fn copy(&mut self, state: &State, helper: &str) -> Result<Copy, Refusal> {
        self.context_argument(state)?;
        let buffer = state.registers[3];
        if !matches!(buffer, Content::Stack(..) | Content::StackAt(_) | Content::Entry(_) | Content::Record(..)) {
            let text =
                format!("the buffer of {helper} is {}; it has to be on the stack or in a map", buffer.describe());
            return Err(self.refuse(Code::HelperArgument, text));
        }
        let size = self.scalar(&state.registers[4], "the length of a copy")?;
        let sizes = state.set(&self.b, size);
        let Some(bytes) = sizes.as_const().filter(|bytes| (1..=MAX_BYTES).contains(bytes)) else {
            let text = format!("the length of {helper} is not a constant from 1 to {MAX_BYTES}");
            let item = Diagnostic::new(Code::HelperArgument, text).at(self.program.location(self.slot));
            let help = "pass a constant length; copy areas of different lengths under separate branches";
            return Err(Box::new(item.with_help(help)));
        };
        let offset = self.scalar(&state.registers[2], "the offset of a copy")?;
        let offset = self.b.extract(offset, 0, 32);
        let wide = self.b.resize(offset, 64);
        let place = match self.b.as_const(wide) {
            Some(constant) => PacketPlace { origin: Origin::Data, base: None, offset: constant as i64 },
            None => PacketPlace { origin: Origin::Data, base: Some(wide), offset: 0 },
        };
        let packet = state.extent.length(&mut self.b).value(&mut self.b);
        let end = self.b.add_const(wide, bytes);
        let inside = self.b.compare(Compare::Ule, end, packet);
        let farthest = self.b.constant(0xffff, 64);
        let beyond = self.b.compare(Compare::Ult, farthest, wide);
        let (done, fault, invalid) =
            (self.b.constant(0, 64), self.b.constant(FAULT as u64, 64), self.b.constant(INVALID as u64, 64));
        let failed = self.b.select(beyond, fault, invalid);
        let result = self.b.select(inside, done, failed);
        Ok(Copy { place, buffer, bytes: bytes as u32, inside, result })
    }
}

/// Offsets and sizes of 8, 4, 2 and 1 bytes that make up an area.
fn pieces(bytes: u32) -> Vec<(u32, u32)> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < bytes {
        let left = bytes - at;
        let size = if left >= 8 { 8 } else { 1 << left.ilog2() };
        all.push((at, size));
        at += size;
    }
    all
}
