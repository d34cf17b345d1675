// SPDX-License-Identifier: Apache-2.0
//! What programs tell the host: prints, perf events, records of ring buffers.

use super::Feature;
use super::writer::{BUFFER_BYTES, BUFFER_SLOT, CHECKED, CONTEXT_SLOT, NUMBERS, Writer};
use crate::MapSpec;
use bpf2hdl_interface::{MapType, print};

/// `BPF_F_CURRENT_CPU`
const CURRENT_CPU: u64 = 0xffff_ffff;
/// Where the saved r5 to r2 stand: an array of four numbers.
const SAVED_ARRAY: u32 = 88;

fn channel(w: &mut Writer, name: &str, kind: MapType, sizes: [u32; 2]) -> usize {
    w.map(|| MapSpec {
        name: name.to_owned(),
        kind: kind.0,
        key_size: sizes[0],
        value_size: sizes[0],
        max_entries: sizes[1],
        flags: 0,
        initial: None,
        read_only: false,
        extra: 0,
        pool: None,
        inner: None,
    })
}

/// The result of a call, used or not.
fn result(w: &mut Writer) {
    if w.n.one_in(2) {
        let op = w.n.pick(&["+=", "^="]);
        w.line(format_args!("r9 {op} r0"));
    }
}

/// A format of at most 15 characters for so many arguments, none of which is a pointer.
fn format(w: &mut Writer, arguments: u64) -> String {
    let conversions: &[&str] = match arguments {
        0 => return w.n.pick(&["plain", "", "100%%", "two\nlines\n"]).to_owned(),
        // All numbers: 15 characters are not many.
        4 => &["%d", "%u", "%x", "%c", "%X", "%i"],
        _ => &["%d", "%u", "%lx", "%llX", "%lld", "%llu", "%5d", "%-3x", "%+d", "%c"],
    };
    let between = w.n.pick(&["", " ", ",", "|"]);
    let parts: Vec<&str> = (0..arguments).map(|_| w.n.pick(conversions)).collect();
    let text = parts.join(between);
    if text.len() < BUFFER_BYTES as usize { text } else { parts.concat().chars().take(15).collect() }
}

/// Prints numbers, an address on the stack or in the packet, or four numbers by an array.
pub(super) fn print(w: &mut Writer) {
    w.uses(Feature::Print);
    channel(w, print::MAP_NAME, MapType::RINGBUF, [0, 4096]);
    w.save();
    let address = w.n.one_in(3);
    let arguments = if address { 1 } else { w.n.below(5) };
    let text = match address {
        true => w.n.pick(&["%pI4", "%pi4 is", "%pI6", "%pi6"]).to_owned(),
        false => format(w, arguments),
    };
    let mut bytes = text.clone().into_bytes();
    bytes.resize(BUFFER_BYTES as usize, 0);
    for (at, half) in (0..).step_by(8).zip(bytes.chunks(8)) {
        let half = half.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        w.line(format_args!("r0 = {half:#x} ll"));
        w.line(format_args!("*(u64 *)(r10 -{}) = r0", BUFFER_SLOT - at));
    }
    if address {
        w.uses(Feature::PrintAddress);
        let wide: u32 = if text.contains('6') { 16 } else { 4 };
        if w.frame.packet && w.n.one_in(2) {
            let at = w.n.below(CHECKED - u64::from(wide) + 1);
            w.line(format_args!("r3 = r6"));
            w.line(format_args!("r3 += {at}"));
        } else {
            // The numbers are behind each other.
            let at = if wide == 16 { 32 } else { w.n.pick(&NUMBERS) };
            w.line(format_args!("r3 = r10"));
            w.line(format_args!("r3 += -{at}"));
        }
    }
    w.line(format_args!("r1 = r10"));
    w.line(format_args!("r1 += -{BUFFER_SLOT}"));
    w.line(format_args!("r2 = {BUFFER_BYTES}"));
    if arguments == 4 || !address && w.n.one_in(4) {
        w.uses(Feature::PrintArray);
        w.line(format_args!("r3 = r10"));
        w.line(format_args!("r3 += -{SAVED_ARRAY}"));
        w.line(format_args!("r4 = {}", 8 * arguments));
        w.line(format_args!("call bpf_trace_vprintk#177"));
    } else {
        w.line(format_args!("call bpf_trace_printk#6"));
    }
    result(w);
    w.restore();
}

/// A perf event of some of the numbers on the stack, with bytes of the packet behind them or without.
pub(super) fn perf(w: &mut Writer) {
    w.uses(Feature::PerfEvent);
    let map = channel(w, "perf", MapType::PERF_EVENT_ARRAY, [4, 1]);
    w.save();
    let size = w.n.pick(&[1, 4, 8, 12, 16, 31, 32]);
    let bytes = if w.n.one_in(2) { w.n.pick(&[1, 14, 40, 64, 100]) } else { 0 };
    if bytes > 0 {
        w.uses(Feature::PerfPacket);
    }
    // Seldom an entry that is not open, or a flag that there is not.
    let index = if w.n.one_in(6) { w.n.pick(&[0, 1, 7]) } else { CURRENT_CPU };
    let flags = index | bytes << 32 | if w.n.one_in(12) { 1 << 60 } else { 0 };
    w.line(format_args!("r1 = *(u64 *)(r10 -{CONTEXT_SLOT})"));
    w.line(format_args!("r2 = map[fd:{map}]"));
    w.line(format_args!("r3 = {flags:#x} ll"));
    w.line(format_args!("r4 = r10"));
    w.line(format_args!("r4 += -32"));
    w.line(format_args!("r5 = {size}"));
    w.line(format_args!("call bpf_perf_event_output#25"));
    result(w);
    w.restore();
}

/// A record of a ring buffer, written at once, or in place and submitted or thrown away.
pub(super) fn ring(w: &mut Writer) {
    let name = w.n.pick(&["ring", "ring", "other"]);
    let map = channel(w, name, MapType::RINGBUF, [0, 4096]);
    w.save();
    if w.n.one_in(2) {
        w.uses(Feature::RingOutput);
        let (size, flags) = (w.n.pick(&[1, 8, 12, 32]), w.n.pick(&[0, 0, 0, 1, 2, 4]));
        w.line(format_args!("r1 = map[fd:{map}]"));
        w.line(format_args!("r2 = r10"));
        w.line(format_args!("r2 += -32"));
        w.line(format_args!("r3 = {size}"));
        w.line(format_args!("r4 = {flags}"));
        w.line(format_args!("call bpf_ringbuf_output#130"));
        result(w);
        return w.restore();
    }
    w.uses(Feature::RingReserve);
    let (size, skip) = (w.n.pick(&[8, 16, 24]), w.label());
    w.line(format_args!("r1 = map[fd:{map}]"));
    w.line(format_args!("r2 = {size}"));
    w.line(format_args!("r3 = 0"));
    w.line(format_args!("call bpf_ringbuf_reserve#131"));
    w.restore();
    w.line(format_args!("if r0 == 0 goto {skip}"));
    for _ in 0..1 + w.n.below(3) {
        let (kind, bytes) = w.size();
        let (at, s) = (bytes * w.n.below(size / bytes), w.scalar());
        w.line(format_args!("*({kind} *)(r0 +{at}) = {s}"));
    }
    let call = if w.n.one_in(4) { "bpf_ringbuf_discard#133" } else { "bpf_ringbuf_submit#132" };
    w.line(format_args!("r1 = r0"));
    w.line(format_args!("r2 = 0"));
    w.line(format_args!("call {call}"));
    w.restore();
    w.place(&skip);
}
