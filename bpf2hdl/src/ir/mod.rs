// SPDX-License-Identifier: Apache-2.0
//! The intermediate representation: straight-line, predicated single-assignment code.
//!
//! A program is a list of operations without branches. What was control flow is now one-bit values; what was the stack,
//! the context and pointers is gone. It can be built ([`Builder`]), printed, parsed, checked and interpreted.

mod builder;
mod check;
mod directory;
mod entity;
mod eval;
mod event;
mod function;
mod interp;
mod maps;
mod op;
mod parse;
mod parse_event;
mod parse_resize;
mod print;
mod range;
mod resize;
mod simplify;
mod transfer;
mod trie;

pub use builder::{Builder, FoundBits};
pub use check::{CheckError, check};
pub use directory::{Found, MAX_CAM_ENTRIES, MAX_HASH_ENTRIES, MAX_KEY_BYTES};
pub use entity::{MapId, Value};
pub use eval::{eval_binary, eval_compare, eval_op};
pub use event::{Event, MAX_EVENT_BYTES, Record};
pub use function::{Def, Edit, Function, Map, MapKind, ProgramKind, Redirect, low_mask, sign_extend};
pub use interp::{Interpreter, Outcome, PacketInput};
pub use maps::{MapFull, MapState};
pub use op::{Binary, Compare, Input, Op};
pub use parse::{ParseError, parse};
pub use range::{MAX_ELEMENTS, ValueSet};
pub(crate) use resize::faults as resize_faults;
pub use resize::{Bound, Extent, HEADROOM, MAX_METADATA, Position, Resize, SHORTEST_FRAME, TAIL_LIMIT};
pub(crate) use transfer::transfer;
pub use trie::{LENGTH_BYTES, MAX_TRIE_ENTRIES};
