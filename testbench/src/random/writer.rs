// SPDX-License-Identifier: Apache-2.0
//! Writing a program: frames, registers, arithmetic, and the table of statements.

use super::{Feature, Numbers, Program, control, events, forwarding, map, memory, nested, packet, trie};
use crate::MapSpec;
use std::collections::BTreeSet;
use std::fmt::{Arguments, Write as _};

/// Registers that hold numbers between statements.
pub(super) const SCALARS: [&str; 5] = ["r2", "r3", "r4", "r5", "r9"];
/// Those of them that a call destroys, with the place on the stack where they wait.
pub(super) const SAVED: [(&str, u32); 4] = [("r2", 64), ("r3", 72), ("r4", 80), ("r5", 88)];
/// Places on the stack that hold numbers from the start.
pub(super) const NUMBERS: [u32; 4] = [8, 16, 24, 32];
/// Stack of a frame in bytes. 8 to 32: numbers; 52 to 56: a key; 64 to 88: saved registers; 96: the context; 104, 112: outer
/// loop counters; 120, 128: loop bounds; 136: a spilled pointer; 144 to 160: a buffer for a function, or a format.
pub(super) const CONTEXT_SLOT: u32 = 96;
pub(super) const COUNTER_SLOTS: [u32; 2] = [104, 112];
pub(super) const BOUND_SLOTS: [u32; 2] = [120, 128];
pub(super) const POINTER_SLOT: u32 = 136;
pub(super) const BUFFER_SLOT: u32 = 160;
/// Bytes of that buffer.
pub(super) const BUFFER_BYTES: u64 = 16;
/// Bytes of the packet that are checked at the start of a frame that has it.
pub(super) const CHECKED: u64 = 64;

/// What a frame must have for a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    /// The packet in r6 and r8.
    Packet,
    /// A buffer in r6.
    Buffer,
    /// To be inside a loop.
    Loop,
    /// The context on the stack.
    Context,
}

/// A kind of statement.
struct Kind {
    /// Of so many in the sum of all.
    weight: u64,
    needs: Needs,
    /// Whether it holds other statements, so that it needs depth.
    nests: bool,
    write: fn(&mut Writer, u32),
}

const fn kind(weight: u64, needs: Needs, write: fn(&mut Writer, u32)) -> Kind {
    Kind { weight, needs, nests: false, write }
}

const fn nesting(weight: u64, write: fn(&mut Writer, u32)) -> Kind {
    Kind { weight, needs: Needs::Nothing, nests: true, write }
}

/// All statements. A program switches a third of them off, except arithmetic.
const STATEMENTS: [Kind; 38] = [
    kind(10, Needs::Nothing, |w, _| w.alu()),
    kind(2, Needs::Nothing, |w, _| w.unary()),
    kind(1, Needs::Nothing, |w, _| w.wide_constant()),
    kind(2, Needs::Packet, |w, _| packet::load(w)),
    kind(2, Needs::Packet, |w, _| packet::store(w)),
    kind(2, Needs::Packet, |w, _| packet::variable_load(w)),
    kind(1, Needs::Packet, |w, _| packet::variable_store(w)),
    kind(1, Needs::Packet, |w, _| packet::chain(w)),
    kind(1, Needs::Packet, |w, _| packet::walk(w)),
    kind(1, Needs::Packet, |w, _| packet::merged(w)),
    kind(1, Needs::Packet, |w, _| packet::merged_kinds(w)),
    kind(1, Needs::Packet, |w, _| packet::length(w)),
    kind(1, Needs::Context, |w, _| packet::context(w)),
    kind(1, Needs::Context, |w, _| packet::resize(w)),
    kind(2, Needs::Nothing, |w, _| memory::stack(w)),
    kind(1, Needs::Nothing, |w, _| memory::stack_at(w)),
    kind(1, Needs::Nothing, |w, _| memory::stack_atomic(w)),
    kind(8, Needs::Buffer, |w, _| memory::buffer(w)),
    kind(3, Needs::Nothing, |w, _| map::lookup(w)),
    kind(2, Needs::Nothing, |w, _| map::hash_lookup(w)),
    kind(2, Needs::Nothing, |w, _| map::update(w)),
    kind(1, Needs::Nothing, |w, _| map::delete(w)),
    kind(1, Needs::Nothing, |w, _| map::several(w)),
    kind(1, Needs::Nothing, |w, _| map::merged_lookup(w)),
    kind(1, Needs::Nothing, |w, _| trie::lookup(w)),
    kind(1, Needs::Context, |w, _| forwarding::lookup(w)),
    kind(1, Needs::Nothing, |w, _| map::globals(w)),
    kind(1, Needs::Nothing, |w, _| nested::lookup(w)),
    kind(1, Needs::Nothing, |w, _| events::print(w)),
    kind(1, Needs::Context, |w, _| events::perf(w)),
    kind(1, Needs::Nothing, |w, _| events::ring(w)),
    kind(3, Needs::Loop, |w, _| control::counter(w)),
    nesting(4, control::branch),
    nesting(4, control::repeat),
    nesting(2, control::repeat_by_data),
    nesting(4, control::call),
    nesting(1, control::early_exit),
    nesting(1, control::redirect),
];

/// A function (or the program) that is being written.
pub(super) struct Frame {
    pub(super) text: String,
    /// r6 and r8 are the packet and its end.
    pub(super) packet: bool,
    /// r6 is a buffer of the caller.
    pub(super) buffer: bool,
    /// The context is on the stack.
    pub(super) context: bool,
    /// Label of the exit.
    pub(super) out: String,
    /// Loops around the present place.
    pub(super) loops: usize,
    /// Frames above this one.
    pub(super) above: u32,
    /// Frames of the deepest chain of calls from here, this one included.
    pub(super) height: u32,
}

/// A function that is done.
pub(super) struct Function {
    pub(super) name: String,
    pub(super) kind: control::FunctionKind,
    pub(super) height: u32,
    pub(super) text: String,
}

/// Writes one program.
pub(super) struct Writer {
    pub(super) n: Numbers,
    pub(super) frame: Frame,
    pub(super) functions: Vec<Function>,
    pub(super) features: BTreeSet<Feature>,
    maps: Vec<MapSpec>,
    labels: u32,
    /// Which statements are switched on.
    enabled: [bool; STATEMENTS.len()],
    /// Whether there are divisions.
    divides: bool,
    /// Whether there are instructions of cpu v4.
    pub(super) v4: bool,
}

impl Writer {
    pub(super) fn new(seed: u64) -> Self {
        let mut n = Numbers::new(seed);
        let mut enabled = [true; STATEMENTS.len()];
        enabled.iter_mut().skip(1).for_each(|on| *on = !n.one_in(3));
        let (divides, v4) = (n.one_in(3), n.one_in(2));
        let frame = Frame::new("out".to_owned(), 0);
        Writer {
            n,
            frame,
            functions: Vec::new(),
            features: BTreeSet::new(),
            maps: Vec::new(),
            labels: 0,
            enabled,
            divides,
            v4,
        }
    }

    /// The whole program.
    pub(super) fn program(mut self, statements: u64) -> Program {
        self.frame.packet = true;
        self.prologue();
        for _ in 0..statements {
            self.statement(3);
        }
        self.epilogue();
        let functions = self.functions.iter().map(|function| function.text.as_str());
        let text: String = std::iter::once(self.frame.text.as_str()).chain(functions).collect();
        Program { text, maps: self.maps, features: self.features }
    }

    fn prologue(&mut self) {
        self.line(format_args!("r0 = 2"));
        if self.n.one_in(2) {
            self.frame.context = true;
            self.line(format_args!("*(u64 *)(r10 -{CONTEXT_SLOT}) = r1"));
        }
        self.line(format_args!("r6 = *(u32 *)(r1 +0)"));
        self.line(format_args!("r8 = *(u32 *)(r1 +4)"));
        self.check_start();
        for r in SCALARS {
            let (size, bytes) = self.size();
            let at = self.n.below(CHECKED - bytes + 1);
            self.line(format_args!("{r} = *({size} *)(r6 +{at})"));
        }
        self.fill_stack();
    }

    /// Leaves the frame unless the packet has its first bytes.
    pub(super) fn check_start(&mut self) {
        let out = self.frame.out.clone();
        self.line(format_args!("r2 = r6"));
        self.line(format_args!("r2 += {CHECKED}"));
        self.line(format_args!("if r2 > r8 goto {out}"));
    }

    /// Numbers for the stack.
    pub(super) fn fill_stack(&mut self) {
        for slot in NUMBERS {
            let r = self.scalar();
            self.line(format_args!("*(u64 *)(r10 -{slot}) = {r}"));
        }
    }

    fn epilogue(&mut self) {
        let (at, r) = (self.n.below(CHECKED - 8 + 1), self.scalar());
        self.line(format_args!("*(u64 *)(r6 +{at}) = {r}"));
        let r = self.scalar();
        self.line(format_args!("r0 = {r}"));
        self.line(format_args!("r0 &= 3"));
        self.place("out");
        self.line(format_args!("exit"));
    }

    /// One statement, with at most `depth` others around each other in it.
    pub(super) fn statement(&mut self, depth: u32) {
        let possible = |(kind, on): &(&Kind, &bool)| **on && (depth > 0 || !kind.nests) && self.frame.has(kind.needs);
        let all: Vec<&Kind> = STATEMENTS.iter().zip(&self.enabled).filter(possible).map(|(kind, _)| kind).collect();
        let mut rest = self.n.below(all.iter().map(|kind| kind.weight).sum());
        for kind in all {
            match rest.checked_sub(kind.weight) {
                Some(left) => rest = left,
                None => return (kind.write)(self, depth),
            }
        }
    }

    pub(super) fn line(&mut self, text: Arguments<'_>) {
        // Writing to a string can not fail.
        let _ = writeln!(self.frame.text, "  {text}");
    }

    /// A label that no other has.
    pub(super) fn label(&mut self) -> String {
        self.labels += 1;
        format!("l{}", self.labels)
    }

    /// Puts a label here.
    pub(super) fn place(&mut self, label: &str) {
        let _ = writeln!(self.frame.text, "{label}:");
    }

    pub(super) fn uses(&mut self, feature: Feature) {
        self.features.insert(feature);
    }

    pub(super) fn scalar(&mut self) -> &'static str {
        self.n.pick(&SCALARS)
    }

    pub(super) fn size(&mut self) -> (&'static str, u64) {
        self.n.pick(&[("u8", 1), ("u16", 2), ("u32", 4), ("u64", 8)])
    }

    /// A type for loads: sign-extending ones among them, in programs of cpu v4.
    pub(super) fn load_size(&mut self) -> (&'static str, u64) {
        if self.v4 && self.n.one_in(4) {
            self.uses(Feature::LoadSx);
            return self.n.pick(&[("s8", 1), ("s16", 2), ("s32", 4)]);
        }
        self.size()
    }

    /// Goes to a label, sometimes by the long form.
    pub(super) fn goto(&mut self, label: &str) {
        if self.v4 && self.n.one_in(4) {
            self.uses(Feature::LongJump);
            self.line(format_args!("gotol {label}"));
        } else {
            self.line(format_args!("goto {label}"));
        }
    }

    /// Number of the map with this name, which is declared when it is first used.
    pub(super) fn map(&mut self, spec: impl FnOnce() -> MapSpec) -> usize {
        let spec = spec();
        self.maps.iter().position(|map| map.name == spec.name).unwrap_or_else(|| {
            self.maps.push(spec);
            self.maps.len() - 1
        })
    }

    /// Registers that a call destroys go to the stack.
    pub(super) fn save(&mut self) {
        for (r, slot) in SAVED {
            self.line(format_args!("*(u64 *)(r10 -{slot}) = {r}"));
        }
    }

    /// And come back.
    pub(super) fn restore(&mut self) {
        for (r, slot) in SAVED {
            self.line(format_args!("{r} = *(u64 *)(r10 -{slot})"));
        }
    }

    fn alu(&mut self) {
        let d = self.scalar();
        let narrow = self.n.one_in(2);
        self.uses(if narrow { Feature::Alu32 } else { Feature::Alu64 });
        let prefix = if narrow { "w" } else { "r" };
        let op = self.operation();
        let number = &d[1..];
        let is_signed_division = op.starts_with("s/") || op.starts_with("s%");
        if self.n.one_in(2) && !is_signed_division {
            let s = &self.scalar()[1..];
            self.line(format_args!("{prefix}{number} {op} {prefix}{s}"));
            return;
        }
        let mut constant = self.n.constant();
        if op.contains("<<") || op.contains(">>") {
            constant &= if narrow { 31 } else { 63 };
        } else if (op.contains('/') || op.contains('%')) && constant == 0 {
            constant = 7;
        }
        self.line(format_args!("{prefix}{number} {op} {constant}"));
    }

    fn operation(&mut self) -> &'static str {
        if self.divides && self.n.one_in(8) {
            let signed = self.v4 && self.n.one_in(2);
            self.uses(if signed { Feature::SignedDivision } else { Feature::Division });
            return if signed { self.n.pick(&["s/=", "s%="]) } else { self.n.pick(&["/=", "%="]) };
        }
        self.n.pick(&["+=", "-=", "*=", "&=", "|=", "^=", "<<=", ">>=", "s>>=", "="])
    }

    fn unary(&mut self) {
        let (d, s) = (self.scalar(), self.scalar());
        match self.n.below(if self.v4 { 5 } else { 3 }) {
            0 | 1 if self.n.one_in(2) => {
                self.uses(Feature::Negation);
                let w = if self.n.one_in(2) { "w" } else { "r" };
                self.line(format_args!("{w}{} = -{w}{}", &d[1..], &d[1..]));
            }
            0..=2 => {
                self.uses(Feature::ByteOrder);
                let order = self.n.pick(&["be16", "be32", "be64", "le16", "le32", "le64"]);
                self.line(format_args!("{d} = {order} {d}"));
            }
            3 => {
                self.uses(Feature::Bswap);
                let order = self.n.pick(&["bswap16", "bswap32", "bswap64"]);
                self.line(format_args!("{d} = {order} {d}"));
            }
            _ => {
                self.uses(Feature::MoveSx);
                let (w, from) = self.n.pick(&[("r", "s8"), ("r", "s16"), ("r", "s32"), ("w", "s8"), ("w", "s16")]);
                self.line(format_args!("{w}{} = ({from}){w}{}", &d[1..], &s[1..]));
            }
        }
    }

    fn wide_constant(&mut self) {
        self.uses(Feature::WideConstant);
        let (d, value) = (self.scalar(), self.n.bits());
        self.line(format_args!("{d} = {value:#x} ll"));
    }

    /// A comparison of numbers, without the jump: `r2 s> 5`.
    pub(super) fn condition(&mut self) -> String {
        let narrow = self.n.one_in(2);
        self.uses(if narrow { Feature::Branch32 } else { Feature::Branch64 });
        let w = if narrow { "w" } else { "r" };
        let d = &self.scalar()[1..];
        let op = self.n.pick(&["==", "!=", ">", ">=", "<", "<=", "s>", "s>=", "s<", "s<=", "&"]);
        if self.n.one_in(2) {
            let s = &self.scalar()[1..];
            format!("{w}{d} {op} {w}{s}")
        } else {
            format!("{w}{d} {op} {}", self.n.constant())
        }
    }
}

impl Frame {
    pub(super) fn new(out: String, above: u32) -> Self {
        Frame { text: String::new(), packet: false, buffer: false, context: false, out, loops: 0, above, height: 1 }
    }

    fn has(&self, needs: Needs) -> bool {
        match needs {
            Needs::Nothing => true,
            Needs::Packet => self.packet,
            Needs::Buffer => self.buffer,
            Needs::Loop => self.loops > 0,
            Needs::Context => self.context,
        }
    }
}
