// SPDX-License-Identifier: Apache-2.0
//! Programs for the engine (`hdl/rtl/bpf_engine.sv`), a machine that runs any program, one packet after the other.
//!
//! There is nothing to compile: instructions stay as they are. [`link()`] puts the firmware in front of them, turns helper calls into calls of its routines and map
//! references into addresses, and lays the maps out in memory; the result is data, loaded in milliseconds. What the firmware does not
//! have is refused by name.
//!
//! | module | contents |
//! |---|---|
//! | `firmware` | the routines: `firmware.s`, made from `firmware/*.c` |
//! | `helpers` | which routine a helper is |
//! | `code` | instructions in their new places |
//! | `layout` | maps in memory |
//! | `prints` | formats of prints in memory |
//! | `design` | hardware and manifest for the test bench |

mod code;
mod design;
mod firmware;
mod helpers;
mod layout;
mod prints;

pub use design::design;
pub use firmware::{CLANG_ARGUMENTS, text_of};

use crate::diag::Diagnostics;
use crate::isa::{Call, Insn};
use crate::object::{Linked, ProgramKind};
use crate::verify::Prints;
use bpf2hdl_interface::engine::Image;
use firmware::Firmware;
use layout::Layout;
use sha2::{Digest as _, Sha256};

/// What the engine is given to run a program, which has passed [`verify`](crate::verify) and prints this.
///
/// # Errors
/// All helpers and maps that the firmware does not have.
pub fn link(program: &Linked, prints: &Prints) -> Result<Image, Diagnostics> {
    let firmware = Firmware::get()?;
    let mut layout = Layout::new(program)?;
    let code = code::place(program, prints, &firmware, &layout)?;
    layout.programs(program, prints, &code.entries);
    let mut image = Image {
        build_id: [0; 32],
        map_count: word(program.maps.len()),
        firmware_slots: firmware.slots(),
        memory_bytes: layout.end(),
        slots: code.slots,
        parts: layout.into_parts(),
    };
    // Two programs with other maps or another name are other builds, even if their bytes are the same.
    let mut hash = Sha256::new();
    hash.update(image.to_bytes());
    hash.update(&program.name);
    for map in &program.maps {
        hash.update(format!(" {} {} {} {} {}", map.name, map.map_type, map.key_size, map.value_size, map.max_entries));
    }
    image.build_id = hash.finalize().into();
    Ok(image)
}

/// Whether a program calls one of these helpers.
fn calls(program: &Linked, ids: &[u32]) -> bool {
    program.insns.iter().any(|slot| matches!(slot.insn, Insn::Call(Call::Helper(id)) if ids.contains(&id)))
}

/// A number as the firmware has it.
fn word(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Words as they stand in memory.
fn le_bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// What the firmware calls a program's kind (`firmware/layout.h`).
fn kind_number(kind: ProgramKind) -> u32 {
    match kind {
        ProgramKind::Xdp | ProgramKind::Other => 0,
        ProgramKind::PhysDev => 1,
        ProgramKind::XdpDevmap => 2,
        ProgramKind::XdpCpumap => 3,
    }
}
