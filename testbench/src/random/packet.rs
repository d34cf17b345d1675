// SPDX-License-Identifier: Apache-2.0
//! Statements on the packet and its context.

use super::Feature;
use super::writer::{CHECKED, CONTEXT_SLOT, POINTER_SLOT, Writer};

/// A load at a constant place.
pub(super) fn load(w: &mut Writer) {
    w.uses(Feature::PacketLoad);
    let (size, bytes) = w.load_size();
    let (d, at) = (w.scalar(), w.n.below(CHECKED - bytes + 1));
    w.line(format_args!("{d} = *({size} *)(r6 +{at})"));
}

/// A store of a number or a constant at a constant place.
pub(super) fn store(w: &mut Writer) {
    w.uses(Feature::PacketStore);
    let (size, bytes) = w.size();
    let (s, at) = (w.scalar(), w.n.below(CHECKED - bytes + 1));
    if w.n.one_in(4) {
        let c = w.n.constant();
        w.line(format_args!("*({size} *)(r6 +{at}) = {c}"));
    } else {
        w.line(format_args!("*({size} *)(r6 +{at}) = {s}"));
    }
}

/// Goes to a label unless the packet reaches `bytes` behind r1; r0 is used. All ways of writing the comparison.
fn check(w: &mut Writer, bytes: u64, skip: &str) {
    w.line(format_args!("r0 = r1"));
    let style = w.n.below(6);
    // Strict comparisons with one byte less say the same.
    let strict = style >= 4;
    w.line(format_args!("r0 += {}", bytes - u64::from(strict)));
    let beyond = ["r0 > r8", "r8 < r0", "r0 <= r8", "r8 >= r0", "r0 >= r8", "r8 <= r0"];
    let comparison = beyond[usize::try_from(style).unwrap_or(0)];
    if style == 2 || style == 3 {
        let inside = w.label();
        w.line(format_args!("if {comparison} goto {inside}"));
        w.goto(skip);
        w.place(&inside);
    } else {
        w.line(format_args!("if {comparison} goto {skip}"));
    }
}

/// r1 moves by a number under a mask.
fn advance(w: &mut Writer, masks: &[u64]) {
    let (s, mask) = (w.scalar(), w.n.pick(masks));
    w.line(format_args!("r0 = {s}"));
    if w.n.one_in(3) {
        // Like the length of an IPv4 header.
        w.line(format_args!("r0 &= 15"));
        w.line(format_args!("r0 <<= 2"));
    } else {
        w.line(format_args!("r0 &= {mask}"));
    }
    w.line(format_args!("r1 += r0"));
}

/// Sometimes r1 goes to the stack and comes back.
fn spill(w: &mut Writer) {
    if w.n.one_in(3) {
        w.uses(Feature::SpilledPointer);
        w.line(format_args!("*(u64 *)(r10 -{POINTER_SLOT}) = r1"));
        w.line(format_args!("r1 = *(u64 *)(r10 -{POINTER_SLOT})"));
    }
}

/// A load or store behind r1, under a check.
fn access(w: &mut Writer, stores: bool) {
    let (size, bytes) = if stores { w.size() } else { w.load_size() };
    let (d, plus, skip) = (w.scalar(), w.n.below(30), w.label());
    check(w, plus + bytes, &skip);
    if stores {
        w.line(format_args!("*({size} *)(r1 +{plus}) = {d}"));
    } else {
        w.line(format_args!("{d} = *({size} *)(r1 +{plus})"));
    }
    w.place(&skip);
}

/// Steps of 4, 2, 1 and 32 inside the window.
const NEAR: [u64; 5] = [0x3c, 7, 0x1e, 0x3f, 0x20];
/// Beyond the window, in steps of 8, 2 and 1.
const FAR: [u64; 3] = [0x5f8, 0x2fe, 0x3ff];

/// A load at a computed place, near or far.
pub(super) fn variable_load(w: &mut Writer) {
    let far = w.n.one_in(3);
    w.uses(if far { Feature::FarLoad } else { Feature::VariableLoad });
    w.line(format_args!("r1 = r6"));
    advance(w, if far { &FAR } else { &NEAR });
    spill(w);
    access(w, false);
}

/// A store at a computed place.
pub(super) fn variable_store(w: &mut Writer) {
    w.uses(Feature::VariableStore);
    w.line(format_args!("r1 = r6"));
    advance(w, &NEAR);
    access(w, true);
}

/// Two computed offsets, the second one from what was loaded behind the first.
pub(super) fn chain(w: &mut Writer) {
    w.uses(Feature::Chain);
    let (d, skip) = (w.scalar(), w.label());
    w.line(format_args!("r1 = r6"));
    let first = 14 + 4 * w.n.below(3);
    w.line(format_args!("r1 += {first}"));
    advance(w, &[0x3c, 0x1c, 4]);
    check(w, 4, &skip);
    w.line(format_args!("{d} = *(u8 *)(r1 +3)"));
    w.line(format_args!("r0 = {d}"));
    w.line(format_args!("r0 &= 28"));
    w.line(format_args!("r1 += r0"));
    spill(w);
    let stores = w.n.one_in(4);
    access(w, stores);
    w.place(&skip);
}

/// A loop over headers, each as long as its first byte says.
pub(super) fn walk(w: &mut Writer) {
    if w.frame.loops > 0 {
        return variable_load(w);
    }
    w.uses(Feature::Walk);
    let (d, again, done) = (w.scalar(), w.label(), w.label());
    let (count, mask, at_least) = (2 + w.n.below(4), w.n.pick(&[4u64, 8, 12, 3]), 1 + w.n.below(8));
    w.line(format_args!("r7 = 0"));
    w.line(format_args!("r1 = r6"));
    w.line(format_args!("r1 += 14"));
    w.place(&again);
    check(w, 4, &done);
    w.line(format_args!("{d} = *(u8 *)(r1 +0)"));
    w.line(format_args!("r0 = {d}"));
    w.line(format_args!("r0 &= {mask}"));
    w.line(format_args!("r1 += r0"));
    w.line(format_args!("r1 += {at_least}"));
    w.line(format_args!("r7 += 1"));
    w.line(format_args!("if r7 < {count} goto {again}"));
    w.place(&done);
}

/// One pointer out of two branches, at different constant offsets or one of them computed.
pub(super) fn merged(w: &mut Writer) {
    w.uses(Feature::MergedPointer);
    let (condition, other, end) = (w.condition(), w.label(), w.label());
    w.line(format_args!("r1 = r6"));
    w.line(format_args!("if {condition} goto {other}"));
    let (near, far) = (w.n.below(40), w.n.below(40));
    w.line(format_args!("r1 += {near}"));
    w.goto(&end);
    w.place(&other);
    if w.n.one_in(2) {
        w.line(format_args!("r1 += {far}"));
    } else {
        advance(w, &[0x1c, 8]);
    }
    w.place(&end);
    spill(w);
    let stores = w.n.one_in(3);
    access(w, stores);
}

/// A pointer into the packet on one branch, onto the stack on the other.
pub(super) fn merged_kinds(w: &mut Writer) {
    w.uses(Feature::MergedKinds);
    let (condition, other, end) = (w.condition(), w.label(), w.label());
    let (size, bytes) = w.load_size();
    let (d, at) = (w.scalar(), w.n.below((CHECKED - 8) / bytes) * bytes);
    let slot = 32 - bytes * w.n.below(24 / bytes);
    w.line(format_args!("r1 = r6"));
    w.line(format_args!("r1 += {at}"));
    w.line(format_args!("if {condition} goto {other}"));
    w.line(format_args!("r1 = r10"));
    w.line(format_args!("r1 += -{slot}"));
    w.goto(&end);
    w.place(&other);
    w.line(format_args!("r0 = 1"));
    w.place(&end);
    spill(w);
    w.line(format_args!("{d} = *({size} *)(r1 +0)"));
}

/// The length of the packet as a number.
pub(super) fn length(w: &mut Writer) {
    w.uses(Feature::Length);
    let d = w.scalar();
    w.line(format_args!("{d} = r8"));
    w.line(format_args!("{d} -= r6"));
}

/// A field of the context, whose pointer was spilled.
pub(super) fn context(w: &mut Writer) {
    w.uses(Feature::Context);
    w.uses(Feature::SpilledContext);
    let (d, at) = (w.scalar(), w.n.pick(&[12u32, 16]));
    w.line(format_args!("r1 = *(u64 *)(r10 -{CONTEXT_SLOT})"));
    w.line(format_args!("{d} = *(u32 *)(r1 +{at})"));
    if w.n.one_in(3) {
        // The packet again, with a check of its own.
        w.line(format_args!("r1 = *(u32 *)(r1 +0)"));
        access(w, false);
    }
}

/// The packet grows or shrinks at an end. Its pointers are gone then: they are read again, and the start is checked.
pub(super) fn resize(w: &mut Writer) {
    let (helper, feature) = w.n.pick(&[
        ("bpf_xdp_adjust_head#44", Feature::AdjustHead),
        ("bpf_xdp_adjust_head#44", Feature::AdjustHead),
        ("bpf_xdp_adjust_tail#65", Feature::AdjustTail),
    ]);
    w.uses(feature);
    w.save();
    if w.n.one_in(4) {
        let (s, mask) = (w.scalar(), w.n.pick(&[4u64, 12, 28]));
        w.line(format_args!("r2 = {s}"));
        w.line(format_args!("r2 &= {mask}"));
        w.line(format_args!("r2 += -{}", (mask / 2) & !3));
    } else {
        let delta = w.n.pick(&[-20, -8, -4, -1, 0, 4, 14, 20, 40]);
        w.line(format_args!("r2 = {delta}"));
    }
    w.line(format_args!("r1 = *(u64 *)(r10 -{CONTEXT_SLOT})"));
    w.line(format_args!("call {helper}"));
    w.line(format_args!("r1 = *(u64 *)(r10 -{CONTEXT_SLOT})"));
    w.line(format_args!("r6 = *(u32 *)(r1 +0)"));
    w.line(format_args!("r8 = *(u32 *)(r1 +4)"));
    w.line(format_args!("r9 = r0"));
    w.line(format_args!("r0 = 2"));
    w.check_start();
    w.restore();
}
