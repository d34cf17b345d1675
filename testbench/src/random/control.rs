// SPDX-License-Identifier: Apache-2.0
//! Branches, loops, functions.

use super::Feature;
use super::writer::{BOUND_SLOTS, BUFFER_SLOT, CHECKED, COUNTER_SLOTS, Frame, Function, SAVED, SCALARS, Writer};

/// Most functions of a program, and most frames above each other.
const MOST_FUNCTIONS: usize = 3;
const MOST_FRAMES: u32 = 3;

/// Two branches, either of which may be empty.
pub(super) fn branch(w: &mut Writer, depth: u32) {
    let (condition, other, end) = (w.condition(), w.label(), w.label());
    w.line(format_args!("if {condition} goto {other}"));
    statements(w, 3, depth - 1);
    w.goto(&end);
    w.place(&other);
    statements(w, 3, depth - 1);
    w.place(&end);
}

/// A branch that leaves the program or function.
pub(super) fn early_exit(w: &mut Writer, _: u32) {
    w.uses(Feature::EarlyExit);
    let (condition, on, action) = (w.condition(), w.label(), w.n.below(6));
    let out = w.frame.out.clone();
    w.line(format_args!("if {condition} goto {on}"));
    w.line(format_args!("r0 = {action}"));
    w.goto(&out);
    w.place(&on);
}

/// A branch that leaves the program by a redirect to an interface.
pub(super) fn redirect(w: &mut Writer, _: u32) {
    if w.frame.above > 0 {
        return w.statement(0);
    }
    w.uses(Feature::Redirect);
    let (condition, on, s) = (w.condition(), w.label(), w.scalar());
    let out = w.frame.out.clone();
    w.line(format_args!("if {condition} goto {on}"));
    w.line(format_args!("r1 = {s}"));
    // Flags other than 0 are refused by the helper.
    let flags = u32::from(w.n.one_in(4));
    w.line(format_args!("r2 = {flags}"));
    w.line(format_args!("call bpf_redirect#23"));
    w.goto(&out);
    w.place(&on);
}

fn statements(w: &mut Writer, most: u64, depth: u32) {
    for _ in 0..w.n.below(most + 1) {
        w.statement(depth);
    }
}

/// How a loop counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `do .. while (++i < n)`
    Bottom,
    /// `for (i = 0; i < n; i++)`
    Top,
    /// `for (i = n; i != 0; i--)`
    Down,
    /// As `Top`, the bound being a number under a mask.
    Bound,
}

/// A loop with a constant bound.
pub(super) fn repeat(w: &mut Writer, depth: u32) {
    let style = w.n.pick(&[Style::Bottom, Style::Top, Style::Down]);
    looping(w, depth, style);
}

/// A loop whose bound comes from the packet.
pub(super) fn repeat_by_data(w: &mut Writer, depth: u32) {
    w.uses(Feature::DataBound);
    looping(w, depth, Style::Bound);
}

fn looping(w: &mut Writer, depth: u32, style: Style) {
    let level = w.frame.loops;
    if level >= COUNTER_SLOTS.len() {
        return w.statement(0);
    }
    w.uses(if level == 0 { Feature::Loop } else { Feature::NestedLoop });
    let limit = if level == 0 { 2 + w.n.below(6) } else { 2 + w.n.below(2) };
    let (again, end) = (w.label(), w.label());
    if level > 0 {
        w.line(format_args!("*(u64 *)(r10 -{}) = r7", COUNTER_SLOTS[level - 1]));
    }
    if style == Style::Bound {
        let (s, mask) = (w.scalar(), w.n.pick(&[1u64, 3, 7]));
        w.line(format_args!("r0 = {s}"));
        w.line(format_args!("r0 &= {mask}"));
        w.line(format_args!("*(u64 *)(r10 -{}) = r0", BOUND_SLOTS[level]));
    }
    w.line(format_args!("r7 = {}", if style == Style::Down { limit } else { 0 }));
    w.place(&again);
    match style {
        Style::Top => w.line(format_args!("if r7 >= {limit} goto {end}")),
        Style::Bound => {
            w.line(format_args!("r0 = *(u64 *)(r10 -{})", BOUND_SLOTS[level]));
            w.line(format_args!("if r7 >= r0 goto {end}"));
        }
        Style::Bottom | Style::Down => {}
    }
    body(w, depth, level, &end);
    w.line(format_args!("r7 += {}", if style == Style::Down { -1 } else { 1 }));
    match style {
        Style::Bottom => w.line(format_args!("if r7 < {limit} goto {again}")),
        Style::Down => w.line(format_args!("if r7 != 0 goto {again}")),
        Style::Top | Style::Bound => w.line(format_args!("goto {again}")),
    }
    w.place(&end);
    if level > 0 {
        w.line(format_args!("r7 = *(u64 *)(r10 -{})", COUNTER_SLOTS[level - 1]));
    }
}

/// What is repeated: few statements, for the kernel follows every path through every iteration.
fn body(w: &mut Writer, depth: u32, level: usize, end: &str) {
    w.frame.loops += 1;
    let inner = if w.n.one_in(2) { (depth - 1).min(1) } else { 0 };
    for _ in 0..1 + w.n.below(if level == 0 { 3 } else { 2 }) {
        w.statement(inner);
    }
    if w.n.one_in(2) {
        w.uses(Feature::DataExit);
        let condition = w.condition();
        w.line(format_args!("if {condition} goto {end}"));
    }
    w.frame.loops -= 1;
}

/// The loop counter as a number, or as an offset into the packet.
pub(super) fn counter(w: &mut Writer) {
    let d = w.scalar();
    if !w.frame.packet || w.n.one_in(2) {
        w.uses(Feature::Counter);
        let op = w.n.pick(&["+=", "^=", "-=", "="]);
        return w.line(format_args!("{d} {op} r7"));
    }
    w.uses(Feature::CounterOffset);
    // At most eight iterations: the last place is 28 + 20 + 8, inside what is checked.
    let (size, plus) = (w.size().0, w.n.below(CHECKED - 28 - 8 - 4));
    w.line(format_args!("r0 = r7"));
    w.line(format_args!("r0 <<= 2"));
    w.line(format_args!("r1 = r6"));
    w.line(format_args!("r1 += r0"));
    if w.n.one_in(3) {
        w.line(format_args!("*({size} *)(r1 +{plus}) = {d}"));
    } else {
        w.line(format_args!("{d} = *({size} *)(r1 +{plus})"));
    }
}

/// What a function is given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FunctionKind {
    /// So many numbers.
    Numbers(u64),
    /// A buffer on the caller's stack, which it may change, and a number.
    Buffer,
    /// The packet with its end, and a number.
    Packet,
}

/// A call of a function that there is, or of a new one.
pub(super) fn call(w: &mut Writer, depth: u32) {
    let fits = |f: &Function| {
        w.frame.above + 1 + f.height <= MOST_FRAMES && (w.frame.packet || f.kind != FunctionKind::Packet)
    };
    let ready: Vec<usize> = (0..w.functions.len()).filter(|&index| fits(&w.functions[index])).collect();
    let may_add = w.functions.len() < MOST_FUNCTIONS && w.frame.above + 1 < MOST_FRAMES;
    let index = match (ready.is_empty(), may_add) {
        (true, false) => return w.statement(0),
        (false, false) => w.n.pick(&ready),
        (false, true) if w.n.one_in(2) => w.n.pick(&ready),
        (_, true) => define(w, depth.min(1)),
    };
    let Function { name, kind, height, .. } = &w.functions[index];
    let (name, kind, height) = (name.clone(), *kind, *height);
    w.frame.height = w.frame.height.max(height + 1);
    w.uses(Feature::Call);
    if w.frame.above > 0 {
        w.uses(Feature::NestedCall);
    }
    if w.frame.loops > 0 {
        w.uses(Feature::CallInLoop);
    }
    arguments(w, kind);
    w.line(format_args!("call {name}"));
    w.restore();
    let d = w.scalar();
    w.line(format_args!("{d} = r0"));
    if kind == FunctionKind::Buffer {
        let (size, bytes) = w.load_size();
        let (d, at) = (w.scalar(), u64::from(BUFFER_SLOT) - bytes * w.n.below(16 / bytes));
        w.line(format_args!("{d} = *({size} *)(r10 -{at})"));
    }
}

/// Puts the arguments where they belong; numbers come from where the registers were saved.
fn arguments(w: &mut Writer, kind: FunctionKind) {
    w.save();
    let number = |w: &mut Writer, register: u64| {
        let slot = w.n.pick(&SAVED).1;
        w.line(format_args!("r{register} = *(u64 *)(r10 -{slot})"));
    };
    match kind {
        FunctionKind::Numbers(count) => (1..=count).for_each(|register| number(w, register)),
        FunctionKind::Buffer => {
            w.uses(Feature::CallBuffer);
            for slot in [BUFFER_SLOT, BUFFER_SLOT - 8] {
                let r = w.scalar();
                w.line(format_args!("*(u64 *)(r10 -{slot}) = {r}"));
            }
            w.line(format_args!("r1 = r10"));
            w.line(format_args!("r1 += -{BUFFER_SLOT}"));
            number(w, 2);
        }
        FunctionKind::Packet => {
            w.uses(Feature::CallPacket);
            w.line(format_args!("r1 = r6"));
            w.line(format_args!("r2 = r8"));
            number(w, 3);
        }
    }
}

/// Writes a new function; returns its position.
fn define(w: &mut Writer, depth: u32) -> usize {
    let mut kinds = vec![FunctionKind::Numbers(1 + w.n.below(5)), FunctionKind::Buffer];
    if w.frame.packet {
        kinds.push(FunctionKind::Packet);
    }
    let kind = w.n.pick(&kinds);
    let name = format!("f{}", w.label());
    let frame = Frame::new(format!("out_{name}"), w.frame.above + 1);
    let caller = std::mem::replace(&mut w.frame, frame);
    w.place(&name);
    entry(w, kind);
    for _ in 0..1 + w.n.below(4) {
        w.statement(depth);
    }
    let r = w.scalar();
    w.line(format_args!("r0 = {r}"));
    let out = w.frame.out.clone();
    w.place(&out);
    w.line(format_args!("exit"));
    let done = std::mem::replace(&mut w.frame, caller);
    w.functions.push(Function { name, kind, height: done.height, text: done.text });
    w.functions.len() - 1
}

/// From arguments to the registers' roles: every scalar register gets a number.
fn entry(w: &mut Writer, kind: FunctionKind) {
    w.line(format_args!("r0 = 1"));
    let given: Vec<&str> = match kind {
        FunctionKind::Numbers(count) => {
            w.line(format_args!("r9 = r1"));
            SCALARS[..usize::try_from(count - 1).unwrap_or(0)].iter().copied().chain(["r9"]).collect()
        }
        FunctionKind::Buffer => {
            w.frame.buffer = true;
            w.line(format_args!("r6 = r1"));
            w.line(format_args!("r9 = *(u64 *)(r6 +0)"));
            vec!["r2", "r9"]
        }
        FunctionKind::Packet => {
            w.frame.packet = true;
            w.line(format_args!("r6 = r1"));
            w.line(format_args!("r8 = r2"));
            w.line(format_args!("r9 = r3"));
            w.check_start();
            vec!["r3", "r9"]
        }
    };
    for r in SCALARS.iter().filter(|r| !given.contains(r)) {
        let c = w.n.constant();
        w.line(format_args!("{r} = {c}"));
    }
    w.fill_stack();
}
