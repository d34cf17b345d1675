// SPDX-License-Identifier: Apache-2.0
//! The list of instructions.

/// Where an item works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On registers, the packet and the stack.
    Plain,
    /// On the map entry in r9.
    Map,
}

/// A few instructions that turn r2 and r3 into r2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The line of the table.
    pub row: String,
    /// Assembler text; `@` stands for a number of its own, for labels.
    pub text: String,
    /// Where it works.
    pub place: Place,
    /// How much logic it makes, roughly, in units of an addition.
    pub weight: u32,
}

const CONSTANTS: [i32; 9] = [0, 1, -1, 2, 7, 31, 255, i32::MIN, i32::MAX];
const WIDTHS: [&str; 2] = ["r", "w"];
const ALU: [&str; 14] = ["+=", "-=", "*=", "/=", "s/=", "|=", "&=", "<<=", ">>=", "%=", "s%=", "^=", "=", "s>>="];
const JUMPS: [&str; 11] = ["==", "!=", ">", ">=", "<", "<=", "&", "s>", "s>=", "s<", "s<="];
/// Types of loads, with their bytes.
const LOADS: [(&str, usize); 7] = [("u8", 1), ("u16", 2), ("u32", 4), ("u64", 8), ("s8", 1), ("s16", 2), ("s32", 4)];

/// Every opcode in every form.
#[must_use]
pub fn items() -> Vec<Item> {
    let mut all = Vec::new();
    arithmetic(&mut all);
    one_operand(&mut all);
    jumps(&mut all);
    packet(&mut all);
    memory(&mut all, "stack", "r10", -8, Place::Plain);
    memory(&mut all, "map value", "r9", 8, Place::Map);
    atomics(&mut all, "stack", "r10 -8", Place::Plain);
    atomics(&mut all, "map value", "r9 +8", Place::Map);
    all
}

fn plain(row: &str, text: String) -> Item {
    Item { row: row.to_owned(), text, place: Place::Plain, weight: 1 }
}

fn arithmetic(all: &mut Vec<Item>) {
    for w in WIDTHS {
        for op in ALU {
            let divides = op.contains('/') || op.contains('%');
            let weight = if divides {
                10
            } else if op == "*=" || op.contains("<<") || op.contains(">>") {
                4
            } else {
                1
            };
            for source in ["3", "2"] {
                let text = format!("{w}2 {op} {w}{source}");
                all.push(Item { weight, ..plain(&format!("{w}2 {op} {w}3"), text) });
            }
            for constant in CONSTANTS {
                let weight = if divides { 4 } else { weight };
                all.push(Item { weight, ..plain(&format!("{w}2 {op} imm"), format!("{w}2 {op} {constant}")) });
            }
        }
    }
}

fn one_operand(all: &mut Vec<Item>) {
    let mut same = vec!["r2 = -r2".to_owned(), "w2 = -w2".to_owned()];
    for order in ["le", "be", "bswap"] {
        same.extend([16, 32, 64].map(|bits| format!("r2 = {order}{bits} r2")));
    }
    same.extend(["r2 = (s8)r3", "r2 = (s16)r3", "r2 = (s32)r3", "w2 = (s8)w3", "w2 = (s16)w3"].map(str::to_owned));
    all.extend(same.into_iter().map(|text| plain(&text.clone(), text)));
    for constant in ["0x0", "0xffffffffffffffff", "0x123456789abcdef0", "0x80000000"] {
        all.push(plain("r2 = imm64", format!("r2 = {constant} ll\nr2 ^= r3")));
    }
}

fn jumps(all: &mut Vec<Item>) {
    let either = |branch: String| format!("{branch} goto @y\nr2 = 7\ngoto @n\n@y:\nr2 = 9\n@n:");
    for w in WIDTHS {
        for op in JUMPS {
            all.push(plain(&format!("if {w}2 {op} {w}3"), either(format!("if {w}2 {op} {w}3"))));
            for constant in CONSTANTS {
                all.push(plain(&format!("if {w}2 {op} imm"), either(format!("if {w}2 {op} {constant}"))));
            }
        }
    }
    for goto in ["goto", "gotol"] {
        // The branch, so that what is jumped over is reached by somebody.
        let text = format!("if r2 == 0 goto @z\n{goto} @e\n@z:\nr2 = 5\n@e:");
        all.push(plain(goto, text));
    }
}

/// Loads and stores of the packet, aligned and not.
fn packet(all: &mut Vec<Item>) {
    for (kind, _) in LOADS {
        for at in 14..19 {
            all.push(plain(&format!("r2 = *({kind} *)packet"), format!("r2 = *({kind} *)(r6 +{at})")));
        }
    }
    for (kind, _) in &LOADS[..4] {
        for (source, what) in [("r3", "r3"), ("-2", "imm")] {
            for at in 14..19 {
                // The operands are put back for the items behind.
                let text = format!(
                    "r5 = r2\n*({kind} *)(r6 +{at}) = {source}\nr2 = *(u64 *)(r6 +14)\nr4 = *(u64 *)(r6 +18)\nr4 <<= 7\nr2 += r4\n\
                     *(u64 *)(r6 +14) = r5\n*(u64 *)(r6 +22) = r3"
                );
                all.push(plain(&format!("*({kind} *)packet = {what}"), text));
            }
        }
    }
}

/// Loads and stores of eight bytes at `base + at`.
fn memory(all: &mut Vec<Item>, name: &str, base: &str, at: i64, place: Place) {
    let mut push = |row: String, text: String| all.push(Item { place, ..plain(&row, text) });
    for (kind, bytes) in LOADS {
        for part in (0..8).step_by(bytes) {
            let text = format!("*(u64 *)({base} {at:+}) = r2\nr2 = *({kind} *)({base} {:+})", at + part);
            push(format!("r2 = *({kind} *){name}"), text);
        }
    }
    for (kind, bytes) in &LOADS[..4] {
        for (source, what) in [("r3", "r3"), ("-2", "imm")] {
            for part in (0..8).step_by(*bytes) {
                let text = format!(
                    "*(u64 *)({base} {at:+}) = r2\n*({kind} *)({base} {:+}) = {source}\nr2 = *(u64 *)({base} {at:+})",
                    at + part
                );
                push(format!("*({kind} *){name} = {what}"), text);
            }
        }
    }
}

/// All atomic operations: what is in memory afterwards, and what comes back.
fn atomics(all: &mut Vec<Item>, name: &str, at: &str, place: Place) {
    let mut push = |row: String, text: String| all.push(Item { place, ..plain(&row, text) });
    for (kind, prefix) in [("u64", "atomic64"), ("u32", "atomic")] {
        let (begin, memory) = (format!("*(u64 *)({at}) = r2"), format!("r2 = *(u64 *)({at})"));
        for op in ["+=", "|=", "&=", "^="] {
            push(format!("lock *({kind} *){name} {op}"), format!("{begin}\nlock *({kind} *)({at}) {op} r3\n{memory}"));
        }
        for op in ["fetch_add", "fetch_or", "fetch_and", "fetch_xor", "xchg"] {
            for end in [memory.as_str(), "r2 = r3"] {
                let text = format!("{begin}\nr3 = {prefix}_{op}(({kind} *)({at}), r3)\n{end}");
                push(format!("{prefix}_{op} {name}"), text);
            }
        }
        for end in [memory.as_str(), "r2 = r0"] {
            let exchange = format!("r0 = {prefix}_cmpxchg(({kind} *)({at}), r0, r4)");
            let text = format!("{begin}\nr0 = r3\nr4 = r2\nr4 ^= -1\n{exchange}\n{end}");
            push(format!("{prefix}_cmpxchg {name}"), text);
        }
    }
}
