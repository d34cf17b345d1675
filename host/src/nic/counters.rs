// SPDX-License-Identifier: Apache-2.0
//! What gate, slots and DMA count, by the names of their registers.

use super::NicRegisters;
use crate::HostError;
use bpf2hdl_interface::registers::{Block, DMA, DMA_WINDOW, Kind, NIC, Register, SLOTS};

/// Counters with their names, in lower case.
pub type Named = Vec<(String, u64)>;

/// Counters of the NIC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NicCounters {
    /// Frames at the gate, at the port and given to the DMA; modulo 2^32.
    pub gate: Named,
    /// Switches, frames by slot and by policy; modulo 2^32.
    pub slots: Named,
    /// Frames, bytes, descriptors of the DMA; 64 bits.
    pub dma: Named,
}

impl NicCounters {
    /// Reads all of them, one after the other.
    ///
    /// # Errors
    /// A failed access.
    pub fn read(bus: &mut impl NicRegisters) -> Result<Self, HostError> {
        Ok(Self { gate: block(&NIC, bus)?, slots: block(&SLOTS, bus)?, dma: dma(bus)? })
    }

    /// One of them.
    #[must_use]
    pub fn get(list: &Named, name: &str) -> Option<u64> {
        list.iter().find(|(known, _)| known == name).map(|(_, number)| *number)
    }
}

/// Counters of slots that hardware adds more than one to at a time: their kind is another.
const SUMS: [&str; 2] = ["UNSENT", "CUT"];

/// All counters of a block; of those that each slot has, `frames_a` and `frames_b`.
fn block(block: &Block, bus: &mut impl NicRegisters) -> Result<Named, HostError> {
    let mut list = Named::new();
    let counts = |register: &&Register| register.kind == Kind::Counter || SUMS.contains(&register.name);
    for register in block.registers.iter().filter(counts) {
        for index in 0..register.count {
            let name = register.name.to_ascii_lowercase();
            let name = if register.count > 1 { format!("{name}_{}", ["a", "b"][index as usize & 1]) } else { name };
            list.push((name, bus.read(block.base + register.offset + index * register.stride)?.into()));
        }
    }
    Ok(list)
}

fn dma(bus: &mut impl NicRegisters) -> Result<Named, HostError> {
    let register = DMA.register("COUNTERS");
    let mut list = Named::new();
    for value in register.values {
        let address = DMA_WINDOW + register.offset + 8 * value.value;
        // The low word latches the high one.
        let (low, high) = (bus.read(address)?, bus.read(address + 4)?);
        list.push((value.name.to_ascii_lowercase(), u64::from(high) << 32 | u64::from(low)));
    }
    Ok(list)
}
