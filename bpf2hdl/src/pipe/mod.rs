// SPDX-License-Identifier: Apache-2.0
//! The pipeline IR: which logic stands in which stage, which bits are registered between stages, and how the maps
//! are attached.
//!
//! Values are bits of *sources* (packet window, results of nodes); slicing, joining, swapping and inverting them is
//! wiring and has no node. A token enters stage 0 and moves on by one stage each clock; nothing stalls, except at the
//! entrance of an interlocked section, before which an elastic FIFO stands.

mod bits;
mod check;
mod check_maps;
mod check_parts;
mod event;
mod exclusive;
mod interp;
mod lexer;
mod live;
mod model;
mod parse;
mod print;
mod token;
mod turns;
mod unit;

pub use bits::{Bits, Piece, Source};
pub use check::{CheckError, Place, check};
pub use event::EventPort;
pub use exclusive::exclusive_faults;
pub use interp::{CycleModel, Passage, Passages};
pub use live::{Run, Runs};
pub use model::{
    EditPort, FAR_LOAD_CLOCKS, Guard, MAX_RAM_REPLICAS, MapUnit, Node, NodeId, NodeKind, Part, Pipeline, ReadPort,
    RedirectPort, StepPort, Storage, WriteField, WritePort,
};
pub use parse::parse;

pub use crate::ir::ParseError;
