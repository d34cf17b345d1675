// SPDX-License-Identifier: Apache-2.0
//! References: what a program must do with a packet, according to somebody else.
//!
//! Strongest first: [`kernel`], [`rbpf`], and the compiler's own interpreters, which implement [`Oracle`] there.

pub mod kernel;
pub mod rbpf;
mod recorded;

pub use recorded::Recorded;

use crate::{Error, PacketContext};
use std::collections::BTreeMap;

use bpf2hdl_interface::{Action, EventRecord, InnerMaps, MapContents, MapShape, MapType, ProgramType, RedirectTarget};

/// A linked program, with everything that a loader needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OracleProgram {
    /// Name of the program's function.
    pub name: String,
    /// XDP, or the early driver filter of 2016.
    pub kind: ProgramType,
    /// The instructions; calls between sub-programs are relocated, references to maps are not.
    pub insns: Vec<[u8; 8]>,
    /// Where maps are referred to.
    pub relocs: Vec<MapReloc>,
    /// The maps, global data among them.
    pub maps: Vec<MapSpec>,
    /// The object's licence string.
    pub license: String,
    /// Programs that tail calls reach, and types for the kernel's verifier.
    pub bundle: OracleBundle,
}

/// What goes with a program: nothing, for a program without tail calls and BTF.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OracleBundle {
    /// The program's own number in prog arrays, from 1; 0 if it has none.
    pub number: u32,
    /// Where each function of the program begins and its BTF type number; empty if the types are not known.
    pub functions: Vec<(u32, u32)>,
    /// Where the functions begin that stand for such of the kernel, and their names: behind all others, one after the other.
    pub kernel_functions: Vec<(usize, String)>,
    /// BTF in the kernel's form; empty if there is none.
    pub btf: Vec<u8>,
    /// Maps whose values the kernel has to know the type of, by name: BTF type numbers of key (0: none) and value.
    pub map_types: BTreeMap<String, (u32, u32)>,
    /// The other programs.
    pub others: Vec<OracleMember>,
}

/// A program that prog arrays can hold. It uses the maps of the main program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OracleMember {
    /// Its number in prog arrays, from 1.
    pub number: u32,
    /// Name of its function.
    pub name: String,
    /// As [`OracleProgram::insns`].
    pub insns: Vec<[u8; 8]>,
    /// As [`OracleProgram::relocs`].
    pub relocs: Vec<MapReloc>,
    /// As [`OracleBundle::functions`].
    pub functions: Vec<(u32, u32)>,
    /// As [`OracleBundle::kernel_functions`].
    pub kernel_functions: Vec<(usize, String)>,
}

/// A 64-bit immediate load that refers to a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapReloc {
    /// Number of the instruction (of the first half of the load).
    pub insn: usize,
    /// Position in [`OracleProgram::maps`].
    pub map: usize,
    /// `None`: the map itself. `Some`: this byte of the first value (global data).
    pub value_offset: Option<u32>,
    /// `Some`: this inner map of those that the map holds.
    pub inner: Option<u32>,
}

/// A map to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapSpec {
    /// Name as in map files.
    pub name: String,
    /// The kernel's map type number.
    pub kind: u32,
    /// Bytes of a key.
    pub key_size: u32,
    /// Bytes of a value.
    pub value_size: u32,
    /// Number of entries.
    pub max_entries: u32,
    /// The kernel's creation flags.
    pub flags: u32,
    /// The kernel's `map_extra`.
    pub extra: u32,
    /// Contents at the start: all values behind each other, in memory order. Values of a prog array are numbers of programs,
    /// four bytes each, 0 for a missing entry.
    pub initial: Option<Vec<u8>>,
    /// Whether the program can only read it (`.rodata`).
    pub read_only: bool,
    /// Of a map of maps: the map that holds the contents of its inner maps.
    pub pool: Option<usize>,
    /// Of such a map: the inner maps.
    pub inner: Option<InnerMaps>,
}

impl MapSpec {
    /// The map type.
    #[must_use]
    pub fn map_type(&self) -> MapType {
        MapType(self.kind)
    }

    /// What map files need to know of it.
    #[must_use]
    pub fn shape(&self) -> MapShape {
        MapShape {
            name: self.name.clone(),
            key_size: self.key_size,
            value_size: self.value_size,
            max_entries: self.max_entries,
            per_cpu: self.map_type().is_per_cpu(),
            array: self.map_type().is_array(),
        }
    }

    /// The initial value of entry `index` of an array, if it is not zero.
    pub(crate) fn initial_value(&self, index: u32) -> Option<&[u8]> {
        let size = self.value_size as usize;
        let start = size.checked_mul(index as usize)?;
        let value = self.initial.as_ref()?.get(start..start.checked_add(size)?)?;
        value.iter().any(|byte| *byte != 0).then_some(value)
    }

    /// Indices of an array whose initial values are not zero.
    pub(crate) fn initial_indices(&self) -> impl Iterator<Item = u32> + '_ {
        let filled = if self.initial.is_some() { self.max_entries } else { 0 };
        (0..filled).filter(|index| self.initial_value(*index).is_some())
    }
}

/// What an oracle says of one packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OracleVerdict {
    /// The action, already normalised (an XDP return value over 4 is aborted).
    pub action: Action,
    /// The packet after the program; meaningful for pass, tx and redirect.
    pub data: Vec<u8>,
    /// Where a redirected packet goes; `None` if the program named no target.
    pub target: Option<RedirectTarget>,
    /// Bytes of metadata that `data` begins with; only a packet that is passed has some.
    pub metadata: usize,
    /// Records for the host; those of one map in order.
    pub events: Vec<EventRecord>,
}

impl OracleVerdict {
    /// The metadata and the packet behind it.
    #[must_use]
    pub fn split(&self) -> (&[u8], &[u8]) {
        self.data.split_at(self.metadata.min(self.data.len()))
    }
}

/// A packet that this oracle can not judge; it is counted, not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OracleSkip {
    /// Why, the same text for all packets of a kind.
    pub reason: String,
}

impl OracleSkip {
    /// A skip for this reason.
    #[must_use]
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

/// A reference that runs one packet after the other and keeps the maps between them.
pub trait Oracle {
    /// Name in reports: `kernel`, `rbpf`, ...
    fn name(&self) -> &str;

    /// Runs the program on one packet.
    ///
    /// # Errors
    /// [`OracleSkip`] if this oracle can not judge the packet.
    fn run(&mut self, packet: &[u8], context: &PacketContext) -> Result<OracleVerdict, OracleSkip>;

    /// The contents of all maps now; array entries that are all zero may be left out. Maps that this oracle can
    /// not read are left out whole.
    ///
    /// # Errors
    /// [`Error::Oracle`] if they can not be read.
    fn maps(&mut self) -> Result<MapContents, Error>;

    /// Replaces the whole contents of each map named in `contents`, before the first packet.
    ///
    /// # Errors
    /// [`Error::Oracle`] for an unknown map or one that can not be written.
    fn load_maps(&mut self, contents: &MapContents) -> Result<(), Error>;
}
