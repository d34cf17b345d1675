// SPDX-License-Identifier: Apache-2.0
//! The registers through which an engine (`hdl/rtl/bpf_engine.sv`) is given its program; beside them it has those of `bpf_core`.

use super::describe::{Access, Block, Bus, Field, Register};

/// The registers that only an engine has; `hdl/rtl/bpf_engine_csr.sv` answers the bus.
pub const ENGINE: Block = Block {
    name: "engine",
    about: "engines, beside those of `bpf_core`",
    address_bits: 16,
    base: 0,
    bytes: 0x1_0000,
    bus: Bus::Around,
    registers: &[
        Register::stored("ENGINE_CONTROL", 0x0500, "").bits(1).fields(&[Field::bit(
            "run",
            0,
            "takes packets and map commands; 0 while a program is loaded",
        )]),
        Register::outside(
            "ENGINE_ADDRESS",
            0x0504,
            Access::ReadWrite,
            "where the next word goes: bit 31 set, byte of the instructions (the upper half of a slot writes both); bit 30 set, words 0 to 7 of \
             BUILD_ID, 8 MAP_COUNT, 9 number of the firmware's slots; else byte of the memory",
        ),
        Register::outside("ENGINE_DATA", 0x0508, Access::WriteOnly, "a word there; ENGINE_ADDRESS grows by 4"),
        Register::outside(
            "ENGINE_FILL",
            0x050C,
            Access::WriteOnly,
            "sets so many times 16 bytes of the memory from ENGINE_ADDRESS on to zero; STATUS.clearing meanwhile",
        ),
        Register::value("ENGINE_MEMORY", 0x0510, "bytes of memory; 0: this is no engine"),
        Register::value("ENGINE_SLOTS", 0x0514, "instructions that there is room for, 8 bytes each"),
        Register::value(
            "ENGINE_FAULTS",
            0x0518,
            "packets and commands that ended with an access or an instruction that is not allowed",
        ),
        Register::value("ENGINE_FAULT_SLOT", 0x051C, "where the last one was"),
        Register::value("ENGINE_FAULT_ADDRESS", 0x0520, "what it wanted to reach"),
    ],
};
