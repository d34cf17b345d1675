// SPDX-License-Identifier: Apache-2.0
//! `host/include/bpf2hdl_registers.h`: the numbers of all blocks as C macros.

use super::describe::{Block, Kind, Register};
use super::{BLOCKS, Counter};
use std::fmt::Write as _;

/// The macros in the order of the header: name, value, whether an address or a mask (hexadecimal), comment. Addresses are from the start of the
/// block's bus.
#[must_use]
pub fn macros() -> Vec<(String, u32, bool, String)> {
    let mut rows = Vec::new();
    for block in BLOCKS {
        let prefix = format!("BPF2HDL_{}", block.name.to_ascii_uppercase());
        rows.push((
            format!("{prefix}_BASE"),
            block.base,
            true,
            format!("of {}; {} bytes", block.about.replace('`', ""), block.bytes),
        ));
        for register in block.registers {
            register_macros(block, register, &prefix, &mut rows);
        }
        if block.name == "core" {
            for counter in Counter::ALL {
                let name = format!("{prefix}_COUNTER_{}", counter.name().to_ascii_uppercase());
                rows.push((name, u32::from(counter.address()), true, counter.about().to_owned()));
            }
        }
    }
    rows
}

fn register_macros(block: &Block, register: &Register, prefix: &str, rows: &mut Vec<(String, u32, bool, String)>) {
    let name = format!("{prefix}_{}", register.name);
    rows.push((name.clone(), block.base + register.offset, true, register.access.name().to_owned()));
    if register.count > 1 {
        rows.push((format!("{name}_STRIDE"), register.stride, false, String::new()));
        rows.push((format!("{name}_MOST"), register.count, false, "so many at most".to_owned()));
    }
    if register.words > 1 {
        rows.push((format!("{name}_WORDS"), register.words, false, "32-bit words".to_owned()));
    }
    if register.kind == Kind::Constant {
        rows.push((format!("{name}_VALUE"), register.reset, true, String::new()));
    }
    for field in register.fields {
        let field_name = format!("{name}_{}", field.name.to_ascii_uppercase());
        rows.push((format!("{field_name}_MASK"), field.mask(), true, field.about.replace('`', "")));
        if field.width > 1 {
            rows.push((format!("{field_name}_SHIFT"), field.low, false, String::new()));
        }
    }
    for value in register.values {
        rows.push((format!("{name}_{}", value.name), value.value, false, value.about.replace('`', "")));
    }
}

/// The text of the header.
#[must_use]
pub fn text() -> String {
    let mut out = String::from(
        "/* SPDX-License-Identifier: Apache-2.0 */\n/* Made from bpf2hdl/interface/src/registers by its test `registers`; do not edit.\n \
         * Registers have 32 bits, little-endian; addresses are in bytes from the start of the AXI4-Lite bus of the core, shell or board. */\n\
         #ifndef BPF2HDL_REGISTERS_H\n#define BPF2HDL_REGISTERS_H\n",
    );
    for (name, value, hexadecimal, comment) in macros() {
        if name.ends_with("_BASE") {
            out.push('\n');
        }
        let value = if hexadecimal { format!("0x{value:08x}u") } else { format!("{value}u") };
        let comment = if comment.is_empty() { comment } else { format!(" /* {comment} */") };
        let _ = writeln!(out, "#define {name} {value}{comment}");
    }
    out.push_str("\n#endif\n");
    out
}
