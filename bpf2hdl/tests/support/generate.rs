// SPDX-License-Identifier: Apache-2.0
//! Random programs that the kernel's verifier accepts (most of them): structured assembler text.
//!
//! r6 is the packet, r7 the context's length as a number, r8 `data_end`; r0, r2 to r5 and r9 are numbers. Bodies are
//! sequences of arithmetic, packet loads and stores at constant and masked offsets, stack spills, map accesses, and
//! nested forward branches.

use std::fmt::Write as _;

/// A small deterministic generator (xorshift64*).
#[derive(Clone)]
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 16) % n
    }

    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }

    /// A constant likely to be interesting.
    pub(crate) fn constant(&mut self) -> i32 {
        match self.below(6) {
            0 => self.below(4) as i32,
            1 => -(self.below(4) as i32),
            2 => 1 << self.below(31),
            3 => *self.pick(&[i32::MAX, i32::MIN, 255, 256, 0xffff, 0x800, 0x7f, 0x80]),
            4 => self.below(64) as i32,
            _ => self.next() as i32,
        }
    }
}

/// Which features a program may have.
#[derive(Clone, Copy)]
pub(crate) struct Features {
    pub(crate) maps: bool,
    pub(crate) division: bool,
}

struct Writer {
    n: Numbers,
    text: String,
    labels: u32,
    features: Features,
    /// Both maps are hash maps, to be looked up, updated and deleted from.
    hash: bool,
}

const SCALARS: [&str; 5] = ["2", "3", "4", "5", "9"];
/// Bytes of the packet that are checked at the start.
const CHECKED: u64 = 64;
/// Entries of map 0 (8-byte values) and map 1 (16-byte values).
pub(crate) const ENTRIES: [u32; 2] = [4, 512];

/// The text of a random program.
pub(crate) fn program(seed: u64, features: Features) -> String {
    let length = 3 + Numbers::new(seed ^ 0x55).below(12);
    long_program(seed, length, features)
}

/// The text of a program of `statements` statements.
pub(crate) fn long_program(seed: u64, statements: u64, features: Features) -> String {
    let w = Writer { n: Numbers::new(seed), text: String::new(), labels: 0, features, hash: false };
    w.program(statements)
}

/// The text of a random program on two hash maps with keys of 4 bytes and values of 8 and 16.
pub(crate) fn hash_program(seed: u64) -> String {
    let features = Features { maps: true, division: false };
    let statements = 4 + Numbers::new(seed ^ 0x77).below(10);
    let w = Writer { n: Numbers::new(seed), text: String::new(), labels: 0, features, hash: true };
    w.program(statements)
}

impl Writer {
    fn program(mut self, statements: u64) -> String {
        self.prologue();
        for _ in 0..statements {
            self.statement(3);
        }
        self.epilogue();
        self.text
    }
}

/// Packets for it: at least long enough for the first check, with small and equal values among the random ones.
pub(crate) fn packets(seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut n = Numbers::new(seed ^ 0xabcd);
    (0..count)
        .map(|_| {
            let length = match n.below(6) {
                5 => 600 + n.below(1200),
                0 => CHECKED,
                1 => CHECKED + n.below(40),
                2 => 14 + n.below(60),
                _ => 100 + n.below(100),
            };
            let style = n.below(3);
            (0..length)
                .map(|_| match style {
                    0 => n.next() as u8,
                    1 => (n.below(8) * 0x11) as u8,
                    _ => *n.pick(&[0u8, 0, 1, 0xff, 0x7f, 0x80]),
                })
                .collect()
        })
        .collect()
}

impl Writer {
    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.text, "  {text}");
    }

    fn label(&mut self) -> String {
        self.labels += 1;
        format!("l{}", self.labels)
    }

    fn prologue(&mut self) {
        for l in ["r0 = 2", "r6 = *(u32 *)(r1 +0)", "r8 = *(u32 *)(r1 +4)", "r2 = r6"] {
            self.line(format_args!("{l}"));
        }
        self.line(format_args!("r2 += {CHECKED}"));
        self.line(format_args!("if r2 > r8 goto out"));
        for r in SCALARS {
            let (size, bytes) = *self.n.pick(&[("u8", 1), ("u16", 2), ("u32", 4), ("u64", 8)]);
            let at = self.n.below(CHECKED - bytes + 1);
            self.line(format_args!("r{r} = *({size} *)(r6 +{at})"));
        }
        for slot in [8, 16, 24, 32] {
            let r = *self.n.pick(&SCALARS);
            self.line(format_args!("*(u64 *)(r10 -{slot}) = r{r}"));
        }
    }

    fn epilogue(&mut self) {
        let at = self.n.below(CHECKED - 8 + 1);
        let r = *self.n.pick(&SCALARS);
        self.line(format_args!("*(u64 *)(r6 +{at}) = r{r}"));
        let r = *self.n.pick(&SCALARS);
        self.line(format_args!("r0 = r{r}"));
        self.line(format_args!("r0 &= 3"));
        let _ = writeln!(self.text, "out:\n  exit");
    }

    fn statement(&mut self, depth: u32) {
        match self.n.below(if depth == 0 { 13 } else { 16 }) {
            3..=4 if self.hash => self.hash_call(),
            0..=4 => self.alu(),
            5 => self.load(),
            6 => self.store(),
            7 => self.stack(),
            8 => self.variable_load(),
            9 => self.unary(),
            10 if self.hash => self.hash_call(),
            10 if self.features.maps => self.map_access(),
            11 => self.variable_store(),
            12 => self.stack_at(),
            _ if depth == 0 => self.alu(),
            _ => self.branch(depth - 1),
        }
    }

    fn alu(&mut self) {
        let d = *self.n.pick(&SCALARS);
        let reg = *self.n.pick(&["r", "w"]);
        let divides = self.features.division && self.n.below(8) == 0;
        let op = if divides {
            *self.n.pick(&["/=", "%=", "s/=", "s%="])
        } else {
            *self.n.pick(&["+=", "-=", "*=", "&=", "|=", "^=", "<<=", ">>=", "s>>=", "="])
        };
        let is_shift = op.contains("<<") || op.contains(">>");
        if self.n.below(2) == 0 && !op.starts_with("s/") && !op.starts_with("s%") {
            let s = *self.n.pick(&SCALARS);
            self.line(format_args!("{reg}{d} {op} {reg}{s}"));
        } else {
            let limit = if reg == "w" { 32 } else { 64 };
            let mut c = if is_shift { self.n.below(limit) as i32 } else { self.n.constant() };
            if divides && c == 0 {
                c = 7;
            }
            self.line(format_args!("{reg}{d} {op} {c}"));
        }
    }

    fn unary(&mut self) {
        let d = *self.n.pick(&SCALARS);
        let text = match self.n.below(3) {
            0 => format!("r{d} = -r{d}"),
            1 => format!("w{d} = -w{d}"),
            _ => format!("r{d} = {} r{d}", self.n.pick(&["be16", "be32", "be64", "le16", "le32", "le64"])),
        };
        self.line(format_args!("{text}"));
    }

    fn size(&mut self) -> (&'static str, u64) {
        *self.n.pick(&[("u8", 1), ("u16", 2), ("u32", 4), ("u64", 8)])
    }

    fn load(&mut self) {
        let (size, bytes) = self.size();
        let (d, at) = (*self.n.pick(&SCALARS), self.n.below(CHECKED - bytes + 1));
        self.line(format_args!("r{d} = *({size} *)(r6 +{at})"));
    }

    fn store(&mut self) {
        let (size, bytes) = self.size();
        let (s, at) = (*self.n.pick(&SCALARS), self.n.below(CHECKED - bytes + 1));
        if self.n.below(4) == 0 {
            let c = self.n.constant();
            self.line(format_args!("*({size} *)(r6 +{at}) = {c}"));
        } else {
            self.line(format_args!("*({size} *)(r6 +{at}) = r{s}"));
        }
    }

    fn stack(&mut self) {
        let (size, bytes) = self.size();
        let slot = 8 * (1 + self.n.below(4));
        let at = slot - bytes * self.n.below(8 / bytes);
        let r = *self.n.pick(&SCALARS);
        if self.n.below(2) == 0 {
            self.line(format_args!("*({size} *)(r10 -{at}) = r{r}"));
        } else {
            self.line(format_args!("r{r} = *({size} *)(r10 -{at})"));
        }
    }

    /// The stack at a computed place among the four numbers that the prologue put there.
    fn stack_at(&mut self) {
        let (size, bytes) = self.size();
        let (s, d) = (*self.n.pick(&SCALARS), *self.n.pick(&SCALARS));
        let mask = (*self.n.pick(&[0x18u64, 0xf, 0x17])) & !(bytes - 1);
        self.line(format_args!("r0 = r{s}"));
        self.line(format_args!("r0 &= {mask}"));
        self.line(format_args!("r1 = r10"));
        self.line(format_args!("r1 += r0"));
        if self.n.below(2) == 0 {
            self.line(format_args!("r{d} = *({size} *)(r1 -32)"));
        } else {
            self.line(format_args!("*({size} *)(r1 -32) = r{d}"));
        }
        self.line(format_args!("r0 = 2"));
    }

    /// r1 = packet + (number & mask) + constant, checked; then `access` is emitted under the check.
    fn variable(&mut self, masks: &[u64], access: impl Fn(&mut Self, &str, u64, &str)) {
        let (size, bytes) = self.size();
        let (s, d) = (*self.n.pick(&SCALARS), *self.n.pick(&SCALARS));
        let mask = *self.n.pick(masks);
        let plus = self.n.below(30);
        let skip = self.label();
        self.line(format_args!("r0 = r{s}"));
        self.line(format_args!("r0 &= {mask}"));
        self.line(format_args!("r1 = r6"));
        self.line(format_args!("r1 += r0"));
        self.line(format_args!("r0 = r1"));
        self.line(format_args!("r0 += {}", plus + bytes));
        self.line(format_args!("if r0 > r8 goto {skip}"));
        access(self, size, plus, d);
        let _ = writeln!(self.text, "{skip}:");
        self.line(format_args!("r0 = 2"));
    }

    fn variable_load(&mut self) {
        // Some of them beyond the window, in steps of 8, 2 and 1.
        let masks = [0x3c, 7, 0x1e, 0x3f, 0x20, 0x5f8, 0x2fe, 0x3ff];
        self.variable(&masks, |w, size, plus, d| w.line(format_args!("r{d} = *({size} *)(r1 +{plus})")));
    }

    fn variable_store(&mut self) {
        let masks = [0x3c, 7, 0x1e, 0x3f, 0x20];
        self.variable(&masks, |w, size, plus, d| w.line(format_args!("*({size} *)(r1 +{plus}) = r{d}")));
    }

    fn map_access(&mut self) {
        let map = self.n.below(2) as usize;
        let value_size = 8 * (1 + map as u64);
        let s = *self.n.pick(&SCALARS);
        let skip = self.label();
        let mask = *self.n.pick(&[1u64, 3, 0x1ff, 0x3ff, 0]);
        // Numbers that live in clobbered registers move to the stack and come back.
        for (r, slot) in [("2", 64), ("3", 72), ("4", 80), ("5", 88)] {
            self.line(format_args!("*(u64 *)(r10 -{slot}) = r{r}"));
        }
        self.line(format_args!("r0 = r{s}"));
        self.line(format_args!("w0 &= {mask}"));
        self.line(format_args!("*(u32 *)(r10 -52) = r0"));
        self.line(format_args!("r2 = r10"));
        self.line(format_args!("r2 += -52"));
        self.line(format_args!("r1 = map[fd:{map}]"));
        self.line(format_args!("call bpf_map_lookup_elem#1"));
        for (r, slot) in [("2", 64), ("3", 72), ("4", 80), ("5", 88)] {
            self.line(format_args!("r{r} = *(u64 *)(r10 -{slot})"));
        }
        self.line(format_args!("if r0 == 0 goto {skip}"));
        for _ in 0..1 + self.n.below(3) {
            self.entry_access(value_size);
        }
        let _ = writeln!(self.text, "{skip}:");
        self.line(format_args!("r0 = 2"));
    }

    /// A call on a hash map; the answer of an update or a deletion goes to a register.
    fn hash_call(&mut self) {
        let map = self.n.below(2) as usize;
        let s = *self.n.pick(&SCALARS);
        let mask = *self.n.pick(&[0u64, 1, 3, 7, 0xf]);
        for (r, slot) in [("2", 64), ("3", 72), ("4", 80), ("5", 88)] {
            self.line(format_args!("*(u64 *)(r10 -{slot}) = r{r}"));
        }
        for slot in [104, 112] {
            let r = *self.n.pick(&SCALARS);
            self.line(format_args!("*(u64 *)(r10 -{slot}) = r{r}"));
        }
        self.line(format_args!("r0 = r{s}"));
        self.line(format_args!("w0 &= {mask}"));
        self.line(format_args!("*(u32 *)(r10 -52) = r0"));
        let kind = self.n.below(4);
        if kind == 2 || kind == 3 {
            match self.n.below(3) {
                0 => self.line(format_args!("r4 &= 3")),
                _ => {
                    let flags = *self.n.pick(&[0, 0, 1, 2, 3]);
                    self.line(format_args!("r4 = {flags}"));
                }
            }
            self.line(format_args!("r3 = r10"));
            self.line(format_args!("r3 += -112"));
        }
        self.line(format_args!("r2 = r10"));
        self.line(format_args!("r2 += -52"));
        self.line(format_args!("r1 = map[fd:{map}]"));
        let helper =
            ["map_lookup_elem#1", "map_delete_elem#3", "map_update_elem#2", "map_update_elem#2"][kind as usize];
        self.line(format_args!("call bpf_{helper}"));
        for (r, slot) in [("2", 64), ("3", 72), ("4", 80), ("5", 88)] {
            self.line(format_args!("r{r} = *(u64 *)(r10 -{slot})"));
        }
        if kind == 0 {
            let skip = self.label();
            self.line(format_args!("if r0 == 0 goto {skip}"));
            for _ in 0..1 + self.n.below(3) {
                self.entry_access(8 * (1 + map as u64));
            }
            let _ = writeln!(self.text, "{skip}:");
        } else {
            let d = *self.n.pick(&SCALARS);
            self.line(format_args!("r{d} = r0"));
        }
        self.line(format_args!("r0 = 2"));
    }

    fn entry_access(&mut self, value_size: u64) {
        let (size, bytes) = self.size();
        let at = bytes * self.n.below(value_size / bytes);
        let r = *self.n.pick(&SCALARS);
        let wide = 8 * self.n.below(value_size / 8);
        match self.n.below(4) {
            0 => self.line(format_args!("r{r} = *({size} *)(r0 +{at})")),
            1 => self.line(format_args!("*({size} *)(r0 +{at}) = r{r}")),
            2 => self.line(format_args!("lock *(u64 *)(r0 +{wide}) += r{r}")),
            _ => {
                self.line(format_args!("r1 = *(u64 *)(r0 +{wide})"));
                self.line(format_args!("r1 += 1"));
                self.line(format_args!("*(u64 *)(r0 +{wide}) = r1"));
            }
        }
    }

    fn branch(&mut self, depth: u32) {
        let (other, end) = (self.label(), self.label());
        let d = *self.n.pick(&SCALARS);
        let reg = *self.n.pick(&["r", "w"]);
        let op = *self.n.pick(&["==", "!=", ">", ">=", "<", "<=", "s>", "s>=", "s<", "s<=", "&"]);
        if self.n.below(2) == 0 {
            let s = *self.n.pick(&SCALARS);
            self.line(format_args!("if {reg}{d} {op} {reg}{s} goto {other}"));
        } else {
            let c = self.n.constant();
            self.line(format_args!("if {reg}{d} {op} {c} goto {other}"));
        }
        for _ in 0..self.n.below(4) {
            self.statement(depth);
        }
        if self.n.below(8) == 0 {
            let action = self.n.below(6);
            self.line(format_args!("r0 = {action}"));
            self.line(format_args!("goto out"));
        } else {
            self.line(format_args!("goto {end}"));
        }
        let _ = writeln!(self.text, "{other}:");
        for _ in 0..self.n.below(4) {
            self.statement(depth);
        }
        let _ = writeln!(self.text, "{end}:");
    }
}
