// SPDX-License-Identifier: Apache-2.0
//! Programs of devmaps and cpumaps as programs that the kernel's test run takes.
//!
//! The kernel runs a program with such an attach type on real redirected frames only (net/bpf/test_run.c,
//! `bpf_prog_test_run_xdp`), and lets only a devmap's program read `egress_ifindex`. As a plain XDP program it does the same if it
//! reads what the packet's context has in other fields: the port where the receive queue is, and 0 for the queue.

use crate::object::{Linked, ProgramKind};
use crate::verify;
use std::borrow::Cow;

/// Offsets in `struct xdp_md` (include/uapi/linux/bpf.h).
const RX_QUEUE_INDEX: i16 = 16;
const EGRESS_IFINDEX: i64 = 20;
/// `dst = imm` in 32 bits.
const MOV32_IMM: u8 = 0xb4;

/// The program with those reads changed; other programs as they are.
pub(super) fn as_arrival(linked: &Linked) -> Cow<'_, Linked> {
    if !matches!(linked.kind, ProgramKind::XdpDevmap | ProgramKind::XdpCpumap) {
        return Cow::Borrowed(linked);
    }
    let mut changed = linked.clone();
    for (slot, offset) in verify::context_reads(linked) {
        let raw = &mut changed.raw[slot];
        if offset == EGRESS_IFINDEX {
            raw[2..4].copy_from_slice(&RX_QUEUE_INDEX.to_le_bytes());
        } else {
            *raw = [MOV32_IMM, raw[1] & 0x0f, 0, 0, 0, 0, 0, 0];
        }
    }
    Cow::Owned(changed)
}
