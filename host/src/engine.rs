// SPDX-License-Identifier: Apache-2.0
//! Loading a program into an engine.

use crate::{HostError, Registers};
use bpf2hdl_interface::engine::{FIRST_BYTE, Image};
use bpf2hdl_interface::registers::ENGINE;

const CONTROL: u16 = ENGINE.address("ENGINE_CONTROL") as u16;
const ADDRESS: u16 = ENGINE.address("ENGINE_ADDRESS") as u16;
const DATA: u16 = ENGINE.address("ENGINE_DATA") as u16;
const FILL: u16 = ENGINE.address("ENGINE_FILL") as u16;
const MEMORY: u16 = ENGINE.address("ENGINE_MEMORY") as u16;
const SLOTS: u16 = ENGINE.address("ENGINE_SLOTS") as u16;
const FAULTS: u16 = ENGINE.address("ENGINE_FAULTS") as u16;
const FAULT_SLOT: u16 = ENGINE.address("ENGINE_FAULT_SLOT") as u16;
const FAULT_ADDRESS: u16 = ENGINE.address("ENGINE_FAULT_ADDRESS") as u16;
/// Bits of ENGINE_ADDRESS: instructions; build id and what follows it.
const INSTRUCTIONS: u32 = 1 << 31;
const IDENTITY: u32 = 1 << 30;
/// How often the end of a fill is asked for.
const POLLS: u32 = 1_000_000;

/// What an engine says of accesses and instructions that were not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Faults {
    /// How many packets and commands ended so.
    pub count: u32,
    /// Slot of the last one.
    pub slot: u32,
    /// What it wanted to reach.
    pub address: u32,
}

/// Stops an engine, gives it a program, and starts it. Packets that come meanwhile wait.
///
/// # Errors
/// [`HostError::Identity`] if there is no engine, or one that is too small; [`HostError::TimeOut`]; a failed access.
pub fn load<R: Registers + ?Sized>(registers: &mut R, image: &Image) -> Result<(), HostError> {
    let (memory, slots) = (registers.read32(MEMORY)?, registers.read32(SLOTS)?);
    if memory == 0 {
        return Err(HostError::Identity("there is no engine here that could be given a program".to_owned()));
    }
    let wanted = u32::try_from(image.slots.len()).unwrap_or(u32::MAX);
    if wanted > slots || image.memory_bytes > memory {
        return Err(HostError::Identity(format!(
            "the program has {wanted} instructions and {} bytes of memory, the engine has room for {slots} and {memory}",
            image.memory_bytes
        )));
    }
    registers.write32(CONTROL, 0)?;
    fill(registers, image.memory_bytes)?;
    registers.write32(ADDRESS, INSTRUCTIONS)?;
    words(registers, image.slots.as_flattened())?;
    for (place, bytes) in &image.parts {
        registers.write32(ADDRESS, *place)?;
        words(registers, bytes)?;
    }
    registers.write32(ADDRESS, IDENTITY)?;
    words(registers, &image.build_id)?;
    registers.write32(DATA, image.map_count)?;
    registers.write32(DATA, image.firmware_slots)?;
    Ok(registers.write32(CONTROL, 1)?)
}

/// What went wrong in an engine since its reset.
///
/// # Errors
/// A failed access.
pub fn faults<R: Registers + ?Sized>(registers: &mut R) -> Result<Faults, HostError> {
    Ok(Faults {
        count: registers.read32(FAULTS)?,
        slot: registers.read32(FAULT_SLOT)?,
        address: registers.read32(FAULT_ADDRESS)?,
    })
}

fn fill<R: Registers + ?Sized>(registers: &mut R, end: u32) -> Result<(), HostError> {
    let rows = end.saturating_sub(FIRST_BYTE).div_ceil(16);
    registers.write32(ADDRESS, FIRST_BYTE)?;
    registers.write32(FILL, rows)?;
    for _ in 0..POLLS {
        if registers.read32(ADDRESS)? == FIRST_BYTE + 16 * rows {
            return Ok(());
        }
    }
    Err(HostError::TimeOut("the engine still clears its memory".to_owned()))
}

fn words<R: Registers + ?Sized>(registers: &mut R, bytes: &[u8]) -> Result<(), HostError> {
    for chunk in bytes.chunks(4) {
        let word = chunk.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
        registers.write32(DATA, word)?;
    }
    Ok(())
}
