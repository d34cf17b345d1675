// SPDX-License-Identifier: Apache-2.0
//! The decoded instruction. No field can hold a value that the encoding can not.

use super::fields::{AluOp, AtomicOp, ByteOrder, JumpOp, MemSize, Operand, PacketSize, Reg, Width};

/// What a 16-byte `LoadImm64` loads (its `src_reg` field). RFC 9669 section 5.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Imm64 {
    /// src 0: the constant itself.
    Value(u64),
    /// src 1: pointer to the map; `map` is a descriptor, or an index into `Linked::maps` after linking.
    Map {
        /// Map descriptor or index.
        map: i32,
    },
    /// src 2: pointer into the value of a map's first entry (global data).
    MapValue {
        /// Map descriptor or index.
        map: i32,
        /// Byte offset in the value.
        offset: u32,
    },
    /// src 3: address of a kernel variable by BTF id.
    BtfVar {
        /// BTF id.
        id: i32,
        /// BTF object descriptor.
        fd: i32,
    },
    /// src 4: address of a sub-program, relative in slots to the next instruction slot.
    Function {
        /// Distance in slots from the slot after the first half.
        delta: i32,
    },
    /// src 5: map by index in an fd array.
    MapIndex {
        /// Index.
        index: i32,
    },
    /// src 6: map value by index in an fd array.
    MapIndexValue {
        /// Index.
        index: i32,
        /// Byte offset in the value.
        offset: u32,
    },
}

/// Target of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    /// Helper by number (`bpf_func_id`); see [`super::helper_name`].
    Helper(u32),
    /// Sub-program; distance in slots from the next slot.
    Local(i32),
    /// Kernel function by BTF id.
    Kfunc {
        /// BTF id of the function.
        id: i32,
        /// Index of the module's BTF descriptor, 0 for the kernel itself.
        module: i16,
    },
    /// `callx`: address in a register.
    Reg(Reg),
}

/// One decoded instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Insn {
    /// `dst = dst op src`.
    Alu {
        /// 32-bit results are zero-extended.
        width: Width,
        /// Operation.
        op: AluOp,
        /// Destination and left operand.
        dst: Reg,
        /// Right operand.
        src: Operand,
    },
    /// `dst = -dst`.
    Neg {
        /// 32-bit results are zero-extended.
        width: Width,
        /// Operand and destination.
        dst: Reg,
    },
    /// `dst = (s8/s16/s32) src`, sign-extended to `width`.
    MovSx {
        /// Width of the result; the rest is zero.
        width: Width,
        /// Size of the source: B1, B2, or B4 (B4 only with W64).
        from: MemSize,
        /// Destination.
        dst: Reg,
        /// Source.
        src: Reg,
    },
    /// Byte order conversion of the low `size` bytes; the rest becomes zero.
    Endian {
        /// Which one.
        order: ByteOrder,
        /// B2, B4 or B8.
        size: MemSize,
        /// Operand and destination.
        dst: Reg,
    },
    /// Unconditional jump: `ja` (16 bit distance) or `gotol` (32 bit).
    Jump {
        /// Distance in slots from the next slot.
        delta: i32,
        /// True for the `gotol` encoding (JMP32 class, distance in imm).
        long: bool,
    },
    /// Conditional jump.
    Branch {
        /// Width of the comparison.
        width: Width,
        /// Comparison.
        op: JumpOp,
        /// Left operand.
        dst: Reg,
        /// Right operand.
        src: Operand,
        /// Distance in slots from the next slot.
        delta: i16,
    },
    /// `dst = *(size *)(base + offset)`.
    Load {
        /// Access size.
        size: MemSize,
        /// Sign-extend (MEMSX; never with B8).
        signed: bool,
        /// Destination.
        dst: Reg,
        /// Address.
        base: Reg,
        /// Byte offset.
        offset: i16,
    },
    /// `*(size *)(base + offset) = src`.
    Store {
        /// Access size.
        size: MemSize,
        /// Address.
        base: Reg,
        /// Byte offset.
        offset: i16,
        /// Value.
        src: Operand,
    },
    /// Atomic read-modify-write of `*(size *)(base + offset)`.
    Atomic {
        /// B4 or B8.
        size: MemSize,
        /// Operation.
        op: AtomicOp,
        /// Address.
        base: Reg,
        /// Byte offset.
        offset: i16,
        /// Operand, and old value when fetching.
        src: Reg,
    },
    /// First half of a 16-byte load of a constant or address.
    LoadImm64 {
        /// Destination.
        dst: Reg,
        /// What is loaded.
        value: Imm64,
    },
    /// Second half of the `LoadImm64` before it; never executed, never a jump target.
    Imm64High,
    /// Legacy packet load into R0: `LD_ABS` (`index` none) or `LD_IND`. Result in host order; an access
    /// outside the packet ends the program with 0. Implicit input R6, clobbers R1 to R5.
    LoadPacket {
        /// Access size.
        size: PacketSize,
        /// Register added to the offset (its low 32 bits).
        index: Option<Reg>,
        /// Byte offset; negative values address the kernel's ancillary areas.
        offset: i32,
    },
    /// Function call; result in R0, clobbers R1 to R5.
    Call(Call),
    /// Return.
    Exit,
}

impl Insn {
    /// Distance to the jump target in slots from the next slot, for jumps and branches.
    #[must_use]
    pub fn jump_delta(&self) -> Option<i32> {
        match self {
            Insn::Jump { delta, .. } => Some(*delta),
            Insn::Branch { delta, .. } => Some(i32::from(*delta)),
            _ => None,
        }
    }

    /// Slot index of the jump target of the instruction at `index`; `None` for other instructions and for
    /// targets below 0.
    #[must_use]
    pub fn jump_target(&self, index: usize) -> Option<usize> {
        let delta = self.jump_delta()?;
        index.checked_add(1)?.checked_add_signed(isize::try_from(delta).ok()?)
    }

    /// Number of slots: 2 for `LoadImm64`, 1 for all others.
    #[must_use]
    pub fn slots(&self) -> usize {
        if matches!(self, Insn::LoadImm64 { .. }) { 2 } else { 1 }
    }
}
