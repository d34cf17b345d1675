// SPDX-License-Identifier: Apache-2.0
//! The contract between the parts of bpf2hdl, as code.
//!
//! | module | contents |
//! |---|---|
//! | [`manifest`] | `manifest.json`, which the compiler writes beside a design and every host tool reads |
//! | [`registers`] | the registers on AXI4-Lite, described; hardware, C header and documentation are made from it |
//! | [`bloom`] | bloom filters: sizes and hash functions |
//! | [`inner_maps`] | maps of maps: all inner maps in one |
//! | [`lpm`] | LPM tries: levels of their search tree |
//! | [`mac`] | MAC addresses as text |
//! | [`map_file`] | map contents as JSON (`bpf2hdl sim --maps`, `maps.json`) |
//! | [`map_type`] | the kernel's map types by number and by bpftool's name |
//! | [`print`] | prints: formats, their records, their lines |
//! | [`queue`] | queues and stacks as a ring and its state |
//! | [`action`] | the XDP verdicts |
//! | [`arrival`] | the time and the random number that a packet comes with |
//! | [`event`] | records for the host: their form on the stream |
//! | [`target`] | where a redirected packet goes |
//! | [`network`] | routes, neighbours and interfaces in hardware |
//! | [`network_file`] | the same as iproute2 prints it |
//!
//! This crate depends on no other crate of the workspace.
#![forbid(unsafe_code)]

pub mod action;
pub mod arrival;
pub mod bloom;
pub mod engine;
pub mod event;
pub mod inner_maps;
pub mod lpm;
pub mod mac;
pub mod manifest;
pub mod map_file;
pub mod map_type;
pub mod network;
pub mod network_file;
pub mod print;
pub mod queue;
pub mod registers;
pub mod target;

pub use action::Action;
pub use arrival::{Arrival, Arrivals};
pub use event::EventRecord;
pub use inner_maps::{InnerMaps, Nest};
pub use manifest::{Manifest, ManifestError, MapInfo, ProgramType};
pub use map_file::{MapContents, MapFileError, MapShape};
pub use map_type::MapType;
pub use network::Network;
pub use target::{Group, RedirectKind, RedirectTarget};
