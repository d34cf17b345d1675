// SPDX-License-Identifier: Apache-2.0
//! The stack of the loaded copy of a program begins with zeros.
//!
//! The privileged may send bytes of the stack to the host that they never wrote (padding, most often). What is there depends on what ran before;
//! the compiler takes zeros. So the copy begins by clearing what it uses of its stack.

use crate::MapReloc;

/// `bpf_perf_event_output`, `bpf_ringbuf_output` (include/uapi/linux/bpf.h).
const SENDERS: [u8; 2] = [25, 130];
/// The register that points to the end of the stack.
const FRAME: u8 = 10;

/// A program with instructions put in front of it.
pub(super) struct Cleared {
    pub(super) insns: Vec<[u8; 8]>,
    pub(super) relocs: Vec<MapReloc>,
    /// First instruction and BTF type number of each function.
    pub(super) functions: Vec<(u32, u32)>,
}

/// The program, with its stack cleared first if it sends bytes of it. Jumps and calls are relative, so that nothing in it changes.
pub(super) fn clear(insns: &[[u8; 8]], relocs: &[MapReloc], functions: &[(u32, u32)]) -> Cleared {
    let (insns, relocs, functions) = (insns.to_vec(), relocs.to_vec(), functions.to_vec());
    let sends = insns.iter().any(|insn| matches!(insn, [0x85, 0, 0, 0, id, 0, 0, 0] if SENDERS.contains(id)));
    let depth = if sends { depth(&insns) } else { 0 };
    let stores = (1..=depth / 8).map(|slot| {
        let [low, high] = (-8 * slot).to_le_bytes();
        [0x7a, FRAME, low, high, 0, 0, 0, 0] // *(u64 *)(r10 - 8 * slot) = 0
    });
    let count = usize::try_from(depth / 8).unwrap_or(0);
    let moved = |(at, kind): (u32, u32)| (if at == 0 { 0 } else { at + u32::from(depth.unsigned_abs() / 8) }, kind);
    Cleared {
        insns: stores.chain(insns).collect(),
        relocs: relocs.into_iter().map(|reloc| MapReloc { insn: reloc.insn + count, ..reloc }).collect(),
        functions: functions.into_iter().map(moved).collect(),
    }
}

/// Bytes of stack that the first function uses, as far as instructions say: accesses by r10, and constants that are added to copies of it.
fn depth(insns: &[[u8; 8]]) -> i16 {
    let mut lowest = 0;
    for pair in insns.windows(2) {
        let ([op, registers, o0, o1, ..], [next, to, _, _, i0, i1, i2, i3]) = (pair[0], pair[1]);
        let offset = i16::from_le_bytes([o0, o1]);
        let is_store = matches!(op & 7, 2 | 3) && registers & 15 == FRAME;
        let is_load = op & 7 == 1 && registers >> 4 == FRAME;
        if is_store || is_load {
            lowest = lowest.min(offset);
        }
        // rX = r10; rX += constant
        if op == 0xbf && registers >> 4 == FRAME && next == 0x07 && to & 15 == registers & 15 {
            let added = i32::from_le_bytes([i0, i1, i2, i3]);
            lowest = lowest.min(i16::try_from(added.max(-512)).unwrap_or(0));
        }
    }
    (7 - lowest.max(-512)) / 8 * 8
}
