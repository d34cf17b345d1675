// SPDX-License-Identifier: Apache-2.0
//! The operations of the IR.
//!
//! All operations but [`Op::MapStore`] and some [`Op::Directory`] are pure functions of their operands, the packet and the state of the maps at their
//! place in the list, so that they may be computed whether or not their result is wanted ("speculated"). What a packet may
//! and may not do is decided by the one-bit predicates of the stores and of the edits.

use super::{MapId, Value};

/// A fact about the packet that comes with it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Input {
    /// Bytes from the destination MAC address to the end of the frame, without FCS. 16 bits.
    Length,
    /// `xdp_md.ingress_ifindex`. 16 bits.
    IngressIfindex,
    /// `xdp_md.rx_queue_index`. 16 bits.
    RxQueue,
    /// Where the packet buffer holds the packet: number of its first beat, counted without end. 16 bits. Programs do not see it;
    /// the scheduler adds it for loads from the buffer.
    Start,
    /// Nanoseconds at which the packet arrived. 64 bits.
    Time,
    /// The packet's random number. 32 bits.
    Random,
    /// There is room for every record that the packet may emit. One bit.
    Room,
}

impl Input {
    /// Every input, with its name in the text format.
    pub const ALL: [(Input, &'static str); 7] = [
        (Input::Length, "length"),
        (Input::IngressIfindex, "ifindex"),
        (Input::RxQueue, "rxqueue"),
        (Input::Start, "start"),
        (Input::Time, "time"),
        (Input::Random, "random"),
        (Input::Room, "room"),
    ];

    /// Width in bits of all but time, random number and room.
    pub const WIDTH: u8 = 16;

    /// Width in bits.
    pub fn width(self) -> u8 {
        match self {
            Input::Length | Input::IngressIfindex | Input::RxQueue | Input::Start => Self::WIDTH,
            Input::Time => 64,
            Input::Random => 32,
            Input::Room => 1,
        }
    }
}

/// Operations with two operands of the result's width.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Binary {
    /// Sum, wrapping.
    Add,
    /// Difference, wrapping.
    Sub,
    /// Product, wrapping.
    Mul,
    /// Unsigned quotient; 0 when the divisor is 0 (RFC 9669 section 4.1).
    Udiv,
    /// Unsigned remainder; the dividend when the divisor is 0.
    Urem,
    /// Signed quotient, rounded to zero; 0 when the divisor is 0; wraps for MIN / -1.
    Sdiv,
    /// Signed remainder with the sign of the dividend; the dividend when the divisor is 0; 0 for MIN % -1.
    Srem,
    /// Bitwise and.
    And,
    /// Bitwise or.
    Or,
    /// Bitwise exclusive or.
    Xor,
    /// Shift left; only the low log2(width) bits of the amount count. Width is a power of two unless the amount is proven below the width.
    Shl,
    /// Logical shift right; amount as for `Shl`.
    Lshr,
    /// Arithmetic shift right; amount as for `Shl`.
    Ashr,
}

impl Binary {
    /// Every operation, with its name in the text format.
    pub const ALL: [(Binary, &'static str); 13] = [
        (Binary::Add, "add"),
        (Binary::Sub, "sub"),
        (Binary::Mul, "mul"),
        (Binary::Udiv, "udiv"),
        (Binary::Urem, "urem"),
        (Binary::Sdiv, "sdiv"),
        (Binary::Srem, "srem"),
        (Binary::And, "and"),
        (Binary::Or, "or"),
        (Binary::Xor, "xor"),
        (Binary::Shl, "shl"),
        (Binary::Lshr, "lshr"),
        (Binary::Ashr, "ashr"),
    ];

    /// Whether the operands may be exchanged.
    pub fn is_commutative(self) -> bool {
        matches!(self, Binary::Add | Binary::Mul | Binary::And | Binary::Or | Binary::Xor)
    }
}

/// Comparisons of two operands of equal width; the result has one bit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Compare {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Unsigned less than.
    Ult,
    /// Unsigned less than or equal.
    Ule,
    /// Signed less than.
    Slt,
    /// Signed less than or equal.
    Sle,
}

impl Compare {
    /// Every comparison, with its name in the text format.
    pub const ALL: [(Compare, &'static str); 6] = [
        (Compare::Eq, "eq"),
        (Compare::Ne, "ne"),
        (Compare::Ult, "ult"),
        (Compare::Ule, "ule"),
        (Compare::Slt, "slt"),
        (Compare::Sle, "sle"),
    ];
}

/// One operation. The width of its result is kept beside it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Op {
    /// A constant; bits above the width are zero.
    Const(u64),
    /// A fact that comes with the packet, 16 bits.
    Input(Input),
    /// `width / 8` bytes of the packet as received (before any edit), first byte in the low bits.
    Packet {
        /// Byte offset from the start of the frame.
        offset: u16,
    },
    /// `width / 8` bytes of the packet as received, at a computed offset.
    PacketAt {
        /// Offset in bytes, unsigned; `base + add` is the place of the first byte.
        base: Value,
        /// Constant part of the offset.
        add: i32,
        /// Every place that the load can have, ascending. At any other place the result is unspecified (zero in the interpreters).
        places: Vec<u16>,
    },
    /// All bits inverted.
    Not(Value),
    /// Bytes in reverse order; width a multiple of 8.
    Bswap(Value),
    /// Two operands of the result's width.
    Binary(Binary, Value, Value),
    /// Two operands of equal width, one bit out.
    Compare(Compare, Value, Value),
    /// `if condition { then } else { other }`.
    Select {
        /// One bit.
        condition: Value,
        /// Result where the condition is 1.
        then: Value,
        /// Result where it is 0.
        other: Value,
    },
    /// Bits `lo .. lo + width` of a wider (or equally wide) value.
    Extract {
        /// Where the bits come from.
        from: Value,
        /// Lowest bit taken.
        lo: u8,
    },
    /// Parts side by side, the first in the lowest bits; the widths add up to the result's.
    Concat(Vec<Value>),
    /// Sign extension of a narrower value. (Zero extension is a `Concat` with a constant zero.)
    Sext(Value),
    /// `width / 8` bytes of constant data (read-only globals), at a computed offset.
    Rom {
        /// The map that holds the data.
        map: MapId,
        /// Byte offset, unsigned.
        base: Value,
        /// Constant part of the offset.
        add: i32,
        /// Every place the load can have, ascending; elsewhere the result is unspecified (zero).
        places: Vec<u32>,
    },
    /// `width / 8` bytes of a map entry, as the maps are at this place of the list. An index out of range gives zero.
    MapLoad {
        /// Which map.
        map: MapId,
        /// Entry index, any width.
        index: Value,
        /// Byte offset inside the value.
        offset: u32,
    },
    /// One step on the directory of a hash map, where `when` is 1: looks the key up; removes it if it is there and `remove`
    /// is 1; gives it a slot if it is not there and `insert` is 1. The result is laid out as [`Found`](super::Found) says;
    /// unspecified (zero in the interpreters) where `when` is 0.
    Directory {
        /// Which map.
        map: MapId,
        /// The key in memory order, the first part lowest; `8 * key_size` bits together.
        key: Vec<Value>,
        /// One bit.
        when: Value,
        /// One bit.
        insert: Value,
        /// One bit.
        remove: Value,
    },
    /// Writes the bytes of `value` into a map entry where `when` is 1. Has no result (width 0).
    MapStore {
        /// Which map.
        map: MapId,
        /// Entry index, any width. In range wherever `when` is 1.
        index: Value,
        /// Byte offset inside the map's value.
        offset: u32,
        /// Data; width a multiple of 8.
        value: Value,
        /// One bit.
        when: Value,
    },
}

impl Op {
    /// Calls `f` with each operand, in order.
    pub fn for_each_operand(&self, mut f: impl FnMut(Value)) {
        match self {
            Op::Const(_) | Op::Input(_) | Op::Packet { .. } => {}
            Op::PacketAt { base, .. } | Op::Rom { base, .. } => f(*base),
            Op::Not(a) | Op::Bswap(a) | Op::Sext(a) | Op::Extract { from: a, .. } => f(*a),
            Op::Binary(_, a, b) | Op::Compare(_, a, b) => {
                f(*a);
                f(*b);
            }
            Op::Select { condition, then, other } => {
                f(*condition);
                f(*then);
                f(*other);
            }
            Op::Concat(parts) => parts.iter().copied().for_each(f),
            Op::Directory { key, when, insert, remove, .. } => {
                key.iter().copied().for_each(&mut f);
                f(*when);
                f(*insert);
                f(*remove);
            }
            Op::MapLoad { index, .. } => f(*index),
            Op::MapStore { index, value, when, .. } => {
                f(*index);
                f(*value);
                f(*when);
            }
        }
    }

    /// The same operation with each operand replaced by `f(operand)`.
    pub fn map_operands(&self, mut f: impl FnMut(Value) -> Value) -> Op {
        match self {
            Op::Const(_) | Op::Input(_) | Op::Packet { .. } => self.clone(),
            Op::PacketAt { base, add, places } => Op::PacketAt { base: f(*base), add: *add, places: places.clone() },
            Op::Rom { map, base, add, places } => {
                Op::Rom { map: *map, base: f(*base), add: *add, places: places.clone() }
            }
            Op::Not(a) => Op::Not(f(*a)),
            Op::Bswap(a) => Op::Bswap(f(*a)),
            Op::Sext(a) => Op::Sext(f(*a)),
            Op::Extract { from, lo } => Op::Extract { from: f(*from), lo: *lo },
            Op::Binary(op, a, b) => Op::Binary(*op, f(*a), f(*b)),
            Op::Compare(op, a, b) => Op::Compare(*op, f(*a), f(*b)),
            Op::Select { condition, then, other } => {
                Op::Select { condition: f(*condition), then: f(*then), other: f(*other) }
            }
            Op::Concat(parts) => Op::Concat(parts.iter().map(|&p| f(p)).collect()),
            Op::Directory { map, key, when, insert, remove } => Op::Directory {
                map: *map,
                key: key.iter().map(|&part| f(part)).collect(),
                when: f(*when),
                insert: f(*insert),
                remove: f(*remove),
            },
            Op::MapLoad { map, index, offset } => Op::MapLoad { map: *map, index: f(*index), offset: *offset },
            Op::MapStore { map, index, offset, value, when } => {
                Op::MapStore { map: *map, index: f(*index), offset: *offset, value: f(*value), when: f(*when) }
            }
        }
    }
}
