// SPDX-License-Identifier: Apache-2.0
//! The BPF instruction set (RFC 9669): decoded form, decoding, encoding, text form.
//!
//! A program is a vector of 8-byte slots. [`decode`] turns it into one [`Insn`] per slot: the second half of
//! a 16-byte `LoadImm64` is [`Insn::Imm64High`], so that indices, jump distances and the kernel's numbering
//! agree everywhere. Decoding is strict: unknown opcodes, reserved fields that are not zero, bad registers
//! and bad jump targets are diagnostics. [`encode`] is its inverse, bit for bit.
//!
//! Text form: [`Insn`]'s `Display` is what bpftool and the kernel's verifier print; [`asm::assemble`] reads
//! it back.

pub mod asm;
mod decode;
mod decode_alu;
mod decode_ld;
mod encode;
mod fields;
mod helpers;
mod insn;
mod map_types;
mod text;

pub use decode::{Slot, decode, decode_one};
pub use encode::{encode, encode_one};
pub use fields::{AluOp, AtomicOp, ByteOrder, JumpOp, MemSize, Operand, PacketSize, Reg, Width};
pub use helpers::{PRINTS, TRACE_PRINTK, TRACE_VPRINTK, helper_id, helper_name};
pub use insn::{Call, Imm64, Insn};
pub use map_types::{map_type_name, map_type_number};
pub use text::disassemble;
