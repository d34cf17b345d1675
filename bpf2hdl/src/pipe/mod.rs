// SPDX-License-Identifier: Apache-2.0
//! The pipeline IR: which logic stands in which stage, which bits are registered between stages, and how the maps
//! are attached.
//!
//! Values are bits of *sources* (packet window, results of nodes); slicing, joining, swapping and inverting them is
//! wiring and has no node. A token enters stage 0 and moves on by one stage each clock; nothing stalls, except at the
//! entrance of an interlocked section, before which an elastic FIFO stands.

mod bits;
mod live;
mod model;

pub use bits::{Bits, Piece, Source};
pub use live::{Run, Runs};
pub use model::{
    EditPort, Guard, MapUnit, Node, NodeId, NodeKind, Pipeline, ReadPort, Storage, WriteField, WritePort,
};
