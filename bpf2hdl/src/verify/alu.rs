// SPDX-License-Identifier: Apache-2.0
//! Arithmetic on numbers and pointers.

use super::content::{Content, EntryPlace, OldPlace, PacketPlace, StackPlace, Unusable};
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::Code;
use crate::ir::{Binary, Op, Value};
use crate::isa::{AluOp, ByteOrder, MemSize, Operand, Reg, Width};

impl Walk<'_> {
    /// The content of a register; r10 is the top of the current frame's stack.
    pub(super) fn register(&self, state: &State, reg: Reg) -> Result<Content, Refusal> {
        if reg == Reg::R10 {
            return Ok(Content::Stack(state.frame(), 0));
        }
        let content = state.registers[reg.index()];
        match content {
            Content::Unusable(Unusable::Mixed) => {
                Err(self
                    .refuse(Code::MixedPointers, format!("{reg} holds different kinds of values on different paths")))
            }
            Content::Unusable(Unusable::Address) => Err(self.refuse(
                Code::PointerArithmetic,
                format!("{reg} holds a number computed from an address, and hardware has no addresses"),
            )),
            Content::Unusable(Unusable::LeftOut) => Err(self.unknown_result(&reg.to_string())),
            Content::Unusable(why) => {
                let (code, what) = match why {
                    Unusable::Clobbered => (Code::UninitialisedRead, "was lost by a call"),
                    Unusable::Stale => (Code::StalePointer, content.describe()),
                    _ => (Code::UninitialisedRead, "was never written"),
                };
                let verb = if why == Unusable::Stale { "is " } else { "" };
                Err(self.refuse(code, format!("{reg} {verb}{what}")))
            }
            _ => Ok(content),
        }
    }

    pub(super) fn set_register(&self, state: &mut State, reg: Reg, content: Content) -> Result<(), Refusal> {
        if reg == Reg::R10 {
            return Err(self.refuse(Code::FramePointerWrite, "r10 can not be written".to_owned()));
        }
        state.registers[reg.index()] = content;
        Ok(())
    }

    /// An operand; constants are sign-extended to 64 bits.
    pub(super) fn operand(&mut self, state: &State, operand: Operand) -> Result<Content, Refusal> {
        match operand {
            Operand::Reg(reg) => self.register(state, reg),
            Operand::Imm(imm) => Ok(Content::Scalar(self.b.constant(i64::from(imm) as u64, 64))),
        }
    }

    /// A register that must hold a number.
    pub(super) fn scalar(&self, content: &Content, what: &str) -> Result<Value, Refusal> {
        match content {
            Content::Scalar(value) => Ok(*value),
            Content::Unusable(Unusable::LeftOut) => Err(self.unknown_result(what)),
            other => Err(self.refuse(Code::PointerArithmetic, format!("{what} is {}, not a number", other.describe()))),
        }
    }

    pub(super) fn alu(
        &mut self,
        state: &mut State,
        width: Width,
        op: AluOp,
        dst: Reg,
        src: Operand,
    ) -> Result<(), Refusal> {
        let right = self.operand(state, src)?;
        if op == AluOp::Mov {
            let content = match (width, right) {
                (Width::W64, content) => content,
                (Width::W32, Content::Packet(place) | Content::PacketLow(place)) => Content::PacketLow(place),
                (Width::W32, Content::PacketEnd(n) | Content::PacketEndLow(n)) => Content::PacketEndLow(n),
                (Width::W32, Content::OldPacket(place)) => Content::OldPacket(OldPlace { low: true, ..place }),
                (Width::W32, Content::Scalar(value)) => {
                    let low = self.b.extract(value, 0, 32);
                    Content::Scalar(self.b.resize(low, 64))
                }
                (Width::W32, _) => Content::Unusable(Unusable::Address),
            };
            return self.set_register(state, dst, content);
        }
        let left = self.register(state, dst)?;
        let result = match (left, right) {
            (Content::Scalar(x), Content::Scalar(y)) => Content::Scalar(self.arithmetic(width, op, x, y)),
            _ if width == Width::W32 => self.low_arithmetic(state, op, left, right)?,
            _ => self.pointer_arithmetic(state, op, left, right)?,
        };
        self.set_register(state, dst, result)
    }

    /// `x op y` on numbers; 64-bit in and out.
    fn arithmetic(&mut self, width: Width, op: AluOp, x: Value, y: Value) -> Value {
        let bits = width.bits() as u8;
        let (x, mut y) = (self.b.extract(x, 0, bits), self.b.extract(y, 0, bits));
        let kind = match op {
            AluOp::Add => Binary::Add,
            AluOp::Sub => Binary::Sub,
            AluOp::Mul => Binary::Mul,
            AluOp::Div => Binary::Udiv,
            AluOp::SDiv => Binary::Sdiv,
            AluOp::Mod => Binary::Urem,
            AluOp::SMod => Binary::Srem,
            AluOp::Or => Binary::Or,
            AluOp::And => Binary::And,
            AluOp::Xor => Binary::Xor,
            AluOp::Lsh => Binary::Shl,
            AluOp::Rsh => Binary::Lshr,
            AluOp::Arsh => Binary::Ashr,
            AluOp::Mov => return y,
        };
        if matches!(kind, Binary::Shl | Binary::Lshr | Binary::Ashr) {
            // Only the low five or six bits of the amount count (RFC 9669 section 4.1).
            let amount = self.b.extract(y, 0, bits.trailing_zeros() as u8);
            y = self.b.resize(amount, bits);
        }
        let result = self.b.binary(kind, x, y);
        self.b.resize(result, 64)
    }

    fn pointer_arithmetic(
        &mut self,
        state: &State,
        op: AluOp,
        left: Content,
        right: Content,
    ) -> Result<Content, Refusal> {
        match (op, left, right) {
            (AluOp::Add, pointer, Content::Scalar(n)) | (AluOp::Add, Content::Scalar(n), pointer) => {
                self.move_pointer(state, pointer, n, false)
            }
            (AluOp::Sub, pointer, Content::Scalar(n)) => self.move_pointer(state, pointer, n, true),
            (AluOp::Sub, x, y) if is_packet(&x) && is_packet(&y) => {
                let difference = self.difference(state, &x, &y);
                Ok(Content::Scalar(difference))
            }
            (AluOp::Sub, Content::Scalar(_), _) => {
                Err(self.refuse(Code::PointerArithmetic, format!("{} is subtracted from a number", right.describe())))
            }
            (AluOp::Sub, x, y) => Ok(self.distance(&x, &y)),
            _ => Err(self.refuse(
                Code::PointerArithmetic,
                format!("`{op:?}` of {} and {} has no meaning in hardware", left.describe(), right.describe()),
            )),
        }
    }

    /// The difference of two pointers into the same stack or map entry; that of others is a number about addresses, which
    /// may be computed but not used.
    fn distance(&mut self, x: &Content, y: &Content) -> Content {
        let places = match (stack_offset(x), stack_offset(y)) {
            (Some((f, p)), Some((g, q))) if f == g => Some((p, q)),
            _ => match (x, y) {
                (Content::Entry(p), Content::Entry(q)) if (p.map, p.index) == (q.map, q.index) => {
                    let offset = |p: &EntryPlace| PacketPlace { base: p.base, ..PacketPlace::data(p.offset) };
                    (p.missing.is_none() && q.missing.is_none()).then(|| (offset(p), offset(q)))
                }
                _ => None,
            },
        };
        let Some((p, q)) = places else { return Content::Unusable(Unusable::Address) };
        let (p, q) = (self.place_value(&p), self.place_value(&q));
        Content::Scalar(self.b.binary(Binary::Sub, p, q))
    }

    /// 32-bit arithmetic on packet pointers: their difference is a number (clang computes lengths like this, because the
    /// fields of `xdp_md` have 32 bits), and constants move them. The kernel takes any, with a result that it knows nothing of.
    fn low_arithmetic(&mut self, state: &State, op: AluOp, left: Content, right: Content) -> Result<Content, Refusal> {
        let constant = |c: u64| i64::from(c as u32 as i32);
        match (op, left.widened(), right.widened()) {
            (AluOp::Sub, x, y) if is_packet(&x) && is_packet(&y) => {
                let difference = self.difference(state, &x, &y);
                let low = self.b.extract(difference, 0, 32);
                Ok(Content::Scalar(self.b.resize(low, 64)))
            }
            (AluOp::Add | AluOp::Sub, Content::Packet(place), Content::Scalar(c)) if self.b.as_const(c).is_some() => {
                let by = self.b.as_const(c).map_or(0, constant);
                let by = if op == AluOp::Sub { -by } else { by };
                Ok(Content::PacketLow(PacketPlace { offset: place.offset + by, ..place }))
            }
            (AluOp::Add | AluOp::Sub, Content::OldPacket(place), Content::Scalar(by)) => {
                let kind = if op == AluOp::Add { Binary::Add } else { Binary::Sub };
                Ok(Content::OldPacket(OldPlace { at: self.b.binary(kind, place.at, by), low: true }))
            }
            (AluOp::Add | AluOp::Sub, Content::PacketEnd(n), Content::Scalar(c)) if self.b.as_const(c).is_some() => {
                let by = self.b.as_const(c).map_or(0, constant);
                Ok(Content::PacketEndLow(if op == AluOp::Sub { n - by } else { n + by }))
            }
            (AluOp::Sub, x, y) if !matches!(x, Content::Scalar(_)) => Ok(match self.distance(&x, &y) {
                Content::Scalar(difference) => {
                    let low = self.b.extract(difference, 0, 32);
                    Content::Scalar(self.b.resize(low, 64))
                }
                other => other,
            }),
            _ => Err(self.refuse(
                Code::PointerArithmetic,
                format!("32-bit arithmetic on {} and {} has no meaning in hardware", left.describe(), right.describe()),
            )),
        }
    }

    /// The distance of two pointers to the packet or its end, 64 bits.
    fn difference(&mut self, state: &State, x: &Content, y: &Content) -> Value {
        let mut position = |content: &Content| state.extent.position(&mut self.b, content).unwrap_or_default();
        let difference = position(x).less(position(y));
        difference.value(&mut self.b)
    }

    /// A packet place as a 64-bit number: bytes from what it counts from.
    pub(super) fn place_value(&mut self, place: &PacketPlace) -> Value {
        match place.base {
            Some(base) => self.b.add_const(base, place.offset as u64),
            None => self.b.constant(place.offset as u64, 64),
        }
    }

    fn move_pointer(&mut self, state: &State, pointer: Content, by: Value, negative: bool) -> Result<Content, Refusal> {
        let known = state.set(&self.b, by).as_const();
        let constant = known.map(|c| if negative { (c as i64).wrapping_neg() } else { c as i64 });
        let bounded = constant.is_none_or(|c| c.unsigned_abs() < 1 << 29);
        if !bounded {
            return Err(self.refuse(Code::PointerArithmetic, "the pointer is moved by more than 2^29 bytes".to_owned()));
        }
        match (pointer, constant) {
            (Content::Packet(p), Some(c)) => Ok(Content::Packet(PacketPlace { offset: p.offset + c, ..p })),
            (Content::PacketEnd(n), Some(c)) => Ok(Content::PacketEnd(n + c)),
            (Content::Stack(frame, at), Some(c)) => Ok(Content::Stack(frame, at + c)),
            (Content::Context(at), Some(c)) => Ok(Content::Context(at + c)),
            (Content::Record(record, at), Some(c)) => Ok(Content::Record(record, at + c)),
            (Content::Entry(p), Some(c)) if p.missing.is_none() => {
                Ok(Content::Entry(EntryPlace { offset: p.offset + c, ..p }))
            }
            (Content::Packet(p), None) => {
                let (base, moved) = self.split(p.base, by, negative);
                Ok(Content::Packet(PacketPlace { base: Some(base), offset: p.offset.wrapping_add(moved), ..p }))
            }
            (Content::Entry(p), None) if p.missing.is_none() => {
                let (base, moved) = self.split(p.base, by, negative);
                Ok(Content::Entry(EntryPlace { base: Some(base), offset: p.offset.wrapping_add(moved), ..p }))
            }
            (Content::Entry(_), _) => Err(self
                .refuse(Code::NullMapValue, "the result of a lookup is moved before it is tested for null".to_owned())),
            (Content::OldPacket(place), _) if !place.low => {
                let kind = if negative { Binary::Sub } else { Binary::Add };
                Ok(Content::OldPacket(OldPlace { at: self.b.binary(kind, place.at, by), ..place }))
            }
            (Content::Stack(frame, at), None) => {
                let (base, moved) = self.split(None, by, negative);
                Ok(Content::StackAt(StackPlace { frame, base, offset: at.wrapping_add(moved) }))
            }
            (Content::StackAt(p), Some(c)) => Ok(Content::StackAt(StackPlace { offset: p.offset + c, ..p })),
            (Content::StackAt(p), None) => {
                let (base, moved) = self.split(Some(p.base), by, negative);
                Ok(Content::StackAt(StackPlace { base, offset: p.offset.wrapping_add(moved), ..p }))
            }
            (other, _) => {
                Err(self.refuse(Code::PointerArithmetic, format!("{} is moved by a computed amount", other.describe())))
            }
        }
    }

    /// Adds `by` to a variable part; constants inside go to the constant part.
    fn split(&mut self, base: Option<Value>, by: Value, negative: bool) -> (Value, i64) {
        let by = if negative {
            let zero = self.b.constant(0, 64);
            self.b.binary(Binary::Sub, zero, by)
        } else {
            by
        };
        let sum = match base {
            Some(base) => self.b.binary(Binary::Add, base, by),
            None => by,
        };
        if let Op::Binary(Binary::Add, inner, k) = *self.b.op_of(sum)
            && let Some(c) = self.b.as_const(k)
            && (c as i64).unsigned_abs() < 1 << 29
        {
            return (inner, c as i64);
        }
        (sum, 0)
    }

    pub(super) fn negate(&mut self, state: &mut State, width: Width, dst: Reg) -> Result<(), Refusal> {
        let content = self.register(state, dst)?;
        let value = self.scalar(&content, "the operand of a negation")?;
        let zero = self.b.constant(0, 64);
        let result = self.arithmetic(width, AluOp::Sub, zero, value);
        self.set_register(state, dst, Content::Scalar(result))
    }

    pub(super) fn move_sign_extended(
        &mut self,
        state: &mut State,
        width: Width,
        from: MemSize,
        dst: Reg,
        src: Reg,
    ) -> Result<(), Refusal> {
        let content = self.register(state, src)?;
        let value = self.scalar(&content, "the source of a sign extension")?;
        let low = self.b.extract(value, 0, from.bits() as u8);
        let extended = self.b.sext(low, width.bits() as u8);
        let result = self.b.resize(extended, 64);
        self.set_register(state, dst, Content::Scalar(result))
    }

    pub(super) fn byte_order(
        &mut self,
        state: &mut State,
        order: ByteOrder,
        size: MemSize,
        dst: Reg,
    ) -> Result<(), Refusal> {
        let content = self.register(state, dst)?;
        let value = self.scalar(&content, "the operand of a byte swap")?;
        let bits = size.bits() as u8;
        let mut low = self.b.extract(value, 0, bits);
        if order != ByteOrder::ToLe {
            low = self.b.op(Op::Bswap(low), bits);
        }
        let result = self.b.resize(low, 64);
        self.set_register(state, dst, Content::Scalar(result))
    }
}

/// Frame and place of a stack pointer.
pub(super) fn stack_offset(content: &Content) -> Option<(usize, PacketPlace)> {
    match *content {
        Content::Stack(frame, offset) => Some((frame, PacketPlace::data(offset))),
        Content::StackAt(p) => Some((p.frame, PacketPlace { base: Some(p.base), ..PacketPlace::data(p.offset) })),
        _ => None,
    }
}

/// Whether a content is the whole address of a place in the packet, or of its end.
pub(super) fn is_packet(content: &Content) -> bool {
    matches!(content, Content::Packet(_) | Content::PacketEnd(_) | Content::OldPacket(OldPlace { low: false, .. }))
}
