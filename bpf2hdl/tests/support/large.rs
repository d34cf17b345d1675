// SPDX-License-Identifier: Apache-2.0
//! Large programs of the shape of real ones: header checks with early exits, diamonds, nested decisions, switches with
//! shared tails, counters, spilled values. The length of the longest path is the parameter.

use super::generate::Numbers;
use std::fmt::Write as _;

/// Bytes of the packet that the program checks at its beginning.
const CHECKED: u64 = 180;

/// What was generated.
pub(crate) struct Large {
    pub(crate) text: String,
    /// Instructions on the longest path.
    pub(crate) path: usize,
    /// Basic blocks.
    pub(crate) blocks: usize,
}

struct Writer {
    text: String,
    n: Numbers,
    path: usize,
    blocks: usize,
    labels: usize,
    grain: u64,
}

/// A program whose longest path has at least so many instructions; the larger the grain, the longer its blocks (2.6
/// instructions of the path for each block with grain 1, 6.7 with grain 5). It refers to the array map 0 (8-byte values, 64
/// entries), and neither loops nor uses atomics, so that rbpf can run it.
pub(crate) fn program(seed: u64, instructions: usize, grain: u64) -> Large {
    let mut w = Writer { text: String::new(), n: Numbers::new(seed), path: 0, blocks: 1, labels: 0, grain };
    w.lines(&["r9 = r1", "r6 = *(u32 *)(r9 +0)", "r7 = *(u32 *)(r9 +4)", "r2 = r6"]);
    w.line(&format!("r2 += {CHECKED}"));
    w.lines(&[
        "r0 = 1",
        "if r2 > r7 goto out",
        "r8 = *(u32 *)(r6 +26)",
        "r1 = *(u16 *)(r6 +12)",
        "r2 = 0",
        "r3 = 7",
        "r4 = 0",
    ]);
    w.lines(&["r5 = 1", "*(u64 *)(r10 -8) = r8", "*(u64 *)(r10 -16) = r1"]);
    w.blocks += 1;
    let mut counters = 0;
    while w.path < instructions {
        match w.n.below(16) {
            0..4 => w.diamond(),
            4..7 => w.if_then(),
            7..9 => w.early_exit(),
            9..11 => w.nested(),
            11 => w.switch(),
            12 if counters < 12 => {
                counters += 1;
                w.counter();
            }
            12..14 => w.spill(),
            _ => w.straight(),
        }
    }
    w.lines(&["r0 = r8", "r0 += r2", "r0 ^= r4", "r0 &= 3"]);
    w.text.push_str("out:\n");
    w.lines(&["exit"]);
    w.blocks += 1;
    Large { text: w.text, path: w.path, blocks: w.blocks }
}

impl Writer {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "  {text}");
        self.path += 1;
    }

    fn lines(&mut self, lines: &[&str]) {
        lines.iter().for_each(|line| self.line(line));
    }

    fn label(&mut self) -> String {
        self.labels += 1;
        format!("l{}", self.labels)
    }

    fn place(&mut self, label: &str) {
        let _ = writeln!(self.text, "{label}:");
        self.blocks += 1;
    }

    /// A number register that lives across blocks.
    fn number(&mut self) -> &'static str {
        const ALL: [&str; 5] = ["r2", "r3", "r4", "r5", "r8"];
        ALL[self.n.below(5) as usize]
    }

    /// Loads a field of the packet into r1.
    fn load(&mut self) {
        let (size, bytes) = self.n.pick(&[("u8", 1), ("u16", 2), ("u32", 4)]);
        let at = self.n.below(CHECKED - bytes + 1);
        self.line(&format!("r1 = *({size} *)(r6 +{at})"));
    }

    /// A few operations on numbers.
    fn compute(&mut self, count: u64) {
        for _ in 0..count * self.grain {
            let (to, from, c) = (self.number(), self.number(), self.n.below(200));
            let text = match self.n.below(8) {
                0 => format!("{to} += {from}"),
                1 => format!("{to} ^= {from}"),
                2 => format!("w{} &= {c}", &to[1..]),
                3 => format!("{to} += {c}"),
                4 => format!("w{} += r1", &to[1..]).replace("r1", "w1"),
                5 => format!("{to} = {from}"),
                6 => format!("{to} |= {c}"),
                _ => format!("w{} >>= {}", &to[1..], self.n.below(8)),
            };
            self.line(&text);
        }
    }

    fn test(&mut self, to: &str) {
        let c = self.n.below(256);
        let register = if self.n.below(3) == 0 { self.number() } else { "r1" };
        let op = self.n.pick(&["==", "!=", ">", "<", "s>", "&"]);
        self.line(&format!("if {register} {op} {c} goto {to}"));
        self.blocks += 1;
    }

    fn straight(&mut self) {
        self.load();
        let count = 2 + self.n.below(4);
        self.compute(count);
    }

    fn if_then(&mut self) {
        let end = self.label();
        self.load();
        self.test(&end);
        let count = 2 + self.n.below(5);
        self.compute(count);
        self.place(&end);
    }

    fn diamond(&mut self) {
        let (other, end) = (self.label(), self.label());
        self.load();
        self.test(&other);
        let count = 2 + self.n.below(4);
        self.compute(count);
        self.line(&format!("goto {end}"));
        self.place(&other);
        // The shorter side does not count.
        let path = self.path;
        self.compute(1);
        self.path = path;
        self.place(&end);
    }

    fn nested(&mut self) {
        let (inner, end) = (self.label(), self.label());
        self.load();
        self.test(&end);
        self.load();
        self.test(&inner);
        self.compute(2);
        self.place(&inner);
        self.compute(2);
        self.place(&end);
    }

    fn early_exit(&mut self) {
        self.load();
        let code = self.n.below(4);
        self.line(&format!("r0 = {code}"));
        let c = self.n.below(1 << 16);
        self.line(&format!("if r1 == {c} goto out"));
        self.blocks += 1;
        self.compute(2);
    }

    fn switch(&mut self) {
        let (cases, end): (Vec<String>, String) = ((0..4).map(|_| self.label()).collect(), self.label());
        self.load();
        for (i, case) in cases.iter().enumerate() {
            self.line(&format!("if r1 == {} goto {case}", 3 * i + 1));
            self.blocks += 1;
        }
        self.compute(1);
        self.line(&format!("goto {end}"));
        let path = self.path;
        for case in &cases {
            self.place(case);
            self.compute(1);
            self.line(&format!("goto {end}"));
        }
        self.path = path;
        self.place(&end);
    }

    fn spill(&mut self) {
        let (register, other) = (self.number(), self.number());
        let slot = 8 * (1 + self.n.below(2));
        self.line(&format!("*(u64 *)(r10 -{slot}) = {register}"));
        self.compute(2);
        let slot = 8 * (1 + self.n.below(2));
        self.line(&format!("{other} = *(u64 *)(r10 -{slot})"));
    }

    /// Adds to an entry that the packet chooses; r2 to r5 are kept on the stack meanwhile.
    fn counter(&mut self) {
        let end = self.label();
        for (i, register) in ["r2", "r3", "r4", "r5"].iter().enumerate() {
            self.line(&format!("*(u64 *)(r10 -{}) = {register}", 32 + 8 * i));
        }
        self.load();
        self.lines(&["r1 &= 63", "*(u32 *)(r10 -20) = r1", "r2 = r10", "r2 += -20", "r1 = map[fd:0]", "call 1"]);
        self.line(&format!("if r0 == 0 goto {end}"));
        self.blocks += 1;
        self.lines(&["r1 = *(u64 *)(r0 +0)", "r1 += 1", "*(u64 *)(r0 +0) = r1"]);
        self.place(&end);
        self.lines(&["r1 = 0"]);
        for (i, register) in ["r2", "r3", "r4", "r5"].iter().enumerate() {
            self.line(&format!("{register} = *(u64 *)(r10 -{})", 32 + 8 * i));
        }
    }
}
