// SPDX-License-Identifier: Apache-2.0
//! The operations to measure, each as a small module between two ranks of registers.
//!
//! Operands come from a shift register, so that they need no pins; results are folded by XOR trees with a register behind
//! each level, which no operation is faster than but a single table.

use bpf2hdl::target::Logic;
use std::fmt::Write as _;

/// An operation on the operands `a`, a vector of `inputs` bits, giving `outputs` bits.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub(super) name: String,
    /// What the delay model calls it; `None` for memories, which are measured but not fitted.
    pub(super) logic: Option<Logic>,
    inputs: usize,
    outputs: usize,
    /// Verilog: what `r` gets.
    result: String,
    /// Declarations before that, and the clocked part if it is not a plain register.
    extra: String,
}

impl Operation {
    fn new(name: impl Into<String>, logic: Logic, inputs: usize, outputs: usize, result: impl Into<String>) -> Self {
        let (name, result) = (name.into(), result.into());
        Self { name, logic: Some(logic), inputs, outputs, result, extra: String::new() }
    }

    /// The module `top`.
    pub(super) fn verilog(&self) -> String {
        let (inputs, outputs) = (self.inputs, self.outputs);
        let mut text = format!(
            "module top(input clk, input si, output so);\n  reg [{}:0] a;\n  always @(posedge clk) a <= {{a[{}:0], si}};\n{}\
             \x20 reg [{}:0] l0;\n  always @(posedge clk) l0 <= {};\n",
            inputs - 1,
            inputs - 2,
            self.extra,
            outputs - 1,
            self.result
        );
        let (mut width, mut level) = (outputs, 0);
        while width > 1 {
            let next = width.div_ceil(4);
            // Writing to a string can not fail.
            let _ = writeln!(text, "  reg [{}:0] l{};", next - 1, level + 1);
            for bit in 0..next {
                let (low, high) = (4 * bit, (4 * bit + 3).min(width - 1));
                let _ = writeln!(text, "  always @(posedge clk) l{}[{bit}] <= ^l{level}[{high}:{low}];", level + 1);
            }
            (width, level) = (next, level + 1);
        }
        let _ = writeln!(text, "  assign so = l{level}[0];\nendmodule");
        text
    }
}

/// The operations; `few` leaves most widths out.
pub(super) fn all(few: bool) -> Vec<Operation> {
    let mut list = vec![Operation::new("and 64", Logic::Bitwise, 128, 64, "a[63:0] & a[127:64]")];
    let widths: &[u32] = if few { &[16, 64] } else { &[8, 16, 32, 48, 64] };
    for &width in widths {
        let w = width as usize;
        let (a, b) = (format!("a[{}:0]", w - 1), format!("a[{}:{w}]", 2 * w - 1));
        list.push(Operation::new(format!("sum {w}"), Logic::Sum(width), 2 * w, w, format!("{a} + {b}")));
        list.push(Operation::new(format!("less {w}"), Logic::Less(width), 2 * w, 1, format!("{a} < {b}")));
        list.push(Operation::new(format!("equal {w}"), Logic::Equal(width), 2 * w, 1, format!("{a} == {b}")));
        let constant = format!("{a} == {w}'h{:x}", 0x8a5c_3d97_e16b_f204_u64 >> (64 - width));
        list.push(Operation::new(format!("equal constant {w}"), Logic::EqualConstant(width), w, 1, constant));
    }
    let places: &[usize] = if few { &[4, 16] } else { &[2, 4, 8, 16, 64] };
    for &n in places {
        let bits = n.ilog2() as usize;
        let select = format!("a[{}:{}]", 8 * n + bits - 1, 8 * n);
        let result = format!("a[8*{select} +: 8]");
        list.push(Operation::new(format!("choice of {n}"), Logic::Choice(n as u32), 8 * n + bits, 8, result));
    }
    let shifts: &[usize] = if few { &[32] } else { &[8, 16, 32, 64] };
    for &w in shifts {
        let result = format!("a[{}:0] >> a[{}:{w}]", w - 1, w + w.ilog2() as usize - 1);
        list.push(Operation::new(format!("shift {w}"), Logic::Shift(w as u32), w + w.ilog2() as usize, w, result));
    }
    list.push(memory());
    list
}

/// A block RAM of 1,024 x 64 bits through the choices of `bpf_map_array` into its output register: the path inside a map that
/// the clock must allow.
fn memory() -> Operation {
    let extra = "  (* no_rw_check *)\n  reg [63:0] mem [0:1023];\n  reg [63:0] raw, w1, w2;\n  reg [9:0] wa;\n  reg we, s1, s2;\n\
                 \x20 always @(posedge clk) begin\n    wa <= a[39:30]; we <= a[40]; s1 <= a[41]; s2 <= a[42]; w1 <= a[127:64]; w2 <= w1;\n\
                 \x20   if (we) mem[wa] <= w1;\n    raw <= mem[a[9:0]];\n  end\n";
    Operation {
        name: "map read inside, 1024 x 64".to_owned(),
        logic: None,
        inputs: 128,
        outputs: 64,
        result: "s1 ? w1 : s2 ? w2 : raw".to_owned(),
        extra: extra.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let list = all(false);
        let mut names: Vec<&str> = list.iter().map(|operation| operation.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), list.len());
        assert!(all(true).len() < list.len());
    }
}
