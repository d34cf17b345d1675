// SPDX-License-Identifier: Apache-2.0
//! What an object holds, as plain data: programs, maps, source lines, the linked program.

use crate::diag::{Diagnostics, Location};
use crate::isa::{Insn, map_type_name};
use bpf2hdl_interface::{InnerMaps, MapType};
use std::collections::BTreeMap;
use std::sync::Arc;

/// `BPF_MAP_TYPE_PROG_ARRAY` (include/uapi/linux/bpf.h).
const PROG_ARRAY: u32 = 3;

/// What kind of program a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProgramKind {
    /// XDP program (`xdp`, `xdp/...`, `xdp.frags`, `xdp_...`, `xdp1`, `prog`).
    Xdp,
    /// 2016-style early driver filter (`phys_dev`, `phys_dev/...`).
    PhysDev,
    /// XDP program that runs at the far end of a devmap redirect.
    XdpDevmap,
    /// XDP program that runs at the far end of a cpumap redirect.
    XdpCpumap,
    /// Anything else (tc, tracepoint, ...); not compiled.
    Other,
}

impl ProgramKind {
    /// True for the kinds that can be compiled, all but [`ProgramKind::Other`].
    #[must_use]
    pub fn is_supported(self) -> bool {
        self != ProgramKind::Other
    }

    /// True for the kinds that run where the packet arrives, which are meant if no program is named.
    #[must_use]
    pub fn is_first(self) -> bool {
        matches!(self, ProgramKind::Xdp | ProgramKind::PhysDev)
    }
}

/// An entry point of the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Symbol of the function.
    pub name: String,
    /// ELF section, such as `xdp` or `xdp/ingress`.
    pub section: String,
    /// What the section's name says about it.
    pub kind: ProgramKind,
    /// True for `xdp.frags` sections (multi-buffer frames declared safe).
    pub frags: bool,
    /// Number of 8-byte slots before linking.
    pub slots: usize,
    /// Index of its function in the object (internal numbering).
    pub(crate) function: usize,
}

/// A map, or a section of global data seen as a one-entry array.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Map {
    /// Symbol; for global data the section name (`.bss`, `.data`, `.rodata`, `.rodata.str1.1`, ...).
    pub name: String,
    /// Kernel's `BPF_MAP_TYPE_*` number.
    pub map_type: u32,
    /// Key size in bytes.
    pub key_size: u32,
    /// Value size in bytes.
    pub value_size: u32,
    /// Number of entries (0 where the type has none or the loader would fill it in).
    pub max_entries: u32,
    /// `BPF_F_*` creation flags.
    pub flags: u32,
    /// `map_extra`: of a bloom filter the number of hash functions, 0 for the kernel's choice.
    pub extra: u32,
    /// Type of the key as JSON (see `object::btf_json`), or null.
    pub key_btf: serde_json::Value,
    /// Type of the value as JSON, or null.
    pub value_btf: serde_json::Value,
    /// Whole contents for global data, and for prog arrays and maps of maps that the C source fills (of a hash of maps for keys 0, 1, ..),
    /// in memory order; `None` for other maps.
    pub initial: Option<Vec<u8>>,
    /// True when the program must not write it (`.rodata*`, or `BPF_F_RDONLY_PROG`).
    pub read_only: bool,
    /// Template of the inner maps of an array or hash of maps.
    pub inner: Option<Box<Map>>,
    /// What a linked program's map has to do with others.
    pub nesting: Nesting,
}

/// What a map has to do with others: with maps of maps ([`bpf2hdl_interface::inner_maps`]), or with queues.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Nesting {
    /// Nothing.
    #[default]
    None,
    /// Its values are inner maps, whose contents are those of this map of [`Linked::maps`].
    Outer {
        /// The pool.
        pool: usize,
    },
    /// It holds the contents of inner maps.
    Pool(InnerMaps),
    /// It is a queue or stack, and this map of [`Linked::maps`] says where its elements are ([`bpf2hdl_interface::queue`]); or a bloom
    /// filter, and that map has its bits ([`bpf2hdl_interface::bloom`]).
    Queue {
        /// The map of one entry, or of bits.
        state: usize,
    },
    /// It says where the elements of a queue or stack are.
    State,
    /// Each of its entries is a bit of a bloom filter, 0 or 1.
    Bits,
}

impl Nesting {
    /// Whether the source has no such map: it is made for a queue, stack or bloom filter.
    #[must_use]
    pub fn is_made(&self) -> bool {
        matches!(self, Self::State | Self::Bits)
    }
}

impl Map {
    /// bpftool's name of the type, `type_N` for numbers that we do not know.
    #[must_use]
    pub fn type_name(&self) -> String {
        map_type_name(self.map_type).map_or_else(|| format!("type_{}", self.map_type), str::to_owned)
    }

    /// True for a section of global data.
    #[must_use]
    pub fn is_global_data(&self) -> bool {
        self.initial.is_some() && !self.is_prog_array() && !self.is_outer()
    }

    /// True for an array of programs that tail calls go to (`BPF_MAP_TYPE_PROG_ARRAY`). Its values are numbers of
    /// programs ([`Member::number`]); 0 is a missing entry. With `initial` contents it is compiled in, and read-only.
    #[must_use]
    pub fn is_prog_array(&self) -> bool {
        self.map_type == PROG_ARRAY
    }

    /// True for a map of maps.
    #[must_use]
    pub fn is_outer(&self) -> bool {
        MapType(self.map_type).is_outer()
    }

    /// The inner maps, if it holds those of a map of maps.
    #[must_use]
    pub fn pool(&self) -> Option<&InnerMaps> {
        match &self.nesting {
            Nesting::Pool(inner) => Some(inner),
            _ => None,
        }
    }

    /// `{"key": ..., "value": ...}` for the manifest, or null when neither type is known.
    #[must_use]
    pub fn btf(&self) -> serde_json::Value {
        if self.key_btf.is_null() && self.value_btf.is_null() {
            return serde_json::Value::Null;
        }
        serde_json::json!({ "key": self.key_btf, "value": self.value_btf })
    }
}

/// C line that an instruction came from (BTF line information).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// File name as the C compiler recorded it.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1; 0 when unknown.
    pub column: u32,
    /// Text of the line as recorded.
    pub text: Arc<str>,
}

/// One slot of a linked program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedInsn {
    /// The instruction; [`Insn::Imm64High`] in the second slot of a `LoadImm64`.
    pub insn: Insn,
    /// Where it came from, if known.
    pub source: Option<Source>,
}

impl LinkedInsn {
    /// The C line, unless the compiler made the instruction on its own account (line 0).
    #[must_use]
    pub fn c_line(&self) -> Option<&Source> {
        self.source.as_ref().filter(|source| source.line != 0)
    }
}

/// A `LoadImm64` that refers to a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapRef {
    /// Slot index of the first half.
    pub insn: usize,
    /// Index into [`Linked::maps`].
    pub map: usize,
    /// `None`: pointer to the map; `Some`: address of that byte of its (only) value.
    pub value_offset: Option<u32>,
    /// `Some`: pointer to this inner map of a pool.
    pub inner: Option<u32>,
}

/// Slots of one function inside a linked program; the first one is the entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionRange {
    /// Symbol.
    pub name: String,
    /// First slot.
    pub start: usize,
    /// One after the last slot.
    pub end: usize,
    /// It does what a function of the kernel does that the program calls, whose name this is.
    pub of_kernel: bool,
}

/// A program of the object that is linked in: the chosen one, or one that tail calls can reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its number in prog arrays: k for the k-th program (XDP, from 1) in the object's order.
    pub number: u32,
    /// Symbol of its function.
    pub name: String,
    /// First slot.
    pub start: usize,
}

/// What goes with a linked program: the programs behind it, and what the kernel wants to know of its functions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bundle {
    /// Programs that are linked in, the chosen one first; empty without tail calls.
    pub members: Vec<Member>,
    /// Names of all programs that prog arrays can hold: the k-th has number k. Empty without tail calls.
    pub names: Vec<String>,
    /// The object's BTF in a form that the kernel takes; empty when there is none.
    pub btf: Vec<u8>,
    /// BTF type number of each function in [`Linked::functions`].
    pub function_types: Vec<Option<u32>>,
    /// Maps whose values hold a lock, by name: BTF type numbers of key (0 if it has none) and value.
    pub map_types: BTreeMap<String, (u32, u32)>,
}

/// A program ready for the verifier: one linear vector of slots, entry first, sub-programs behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Linked {
    /// Symbol of the entry.
    pub name: String,
    /// Its section.
    pub section: String,
    /// Any but [`ProgramKind::Other`].
    pub kind: ProgramKind,
    /// True for `xdp.frags` sections.
    pub frags: bool,
    /// Text of the `license` section, empty when there is none.
    pub license: String,
    /// Decoded slots, same length and indices as `raw`. Map loads are `Imm64::Map{map}` and
    /// `Imm64::MapValue{map, offset}` with `map` an index into `maps`.
    pub insns: Vec<LinkedInsn>,
    /// Encoded slots; map loads have src 1 or 2, imm = index into `maps`, second imm = value offset.
    pub raw: Vec<[u8; 8]>,
    /// All map loads, by rising slot index.
    pub map_refs: Vec<MapRef>,
    /// The maps that the program refers to, in the object's order (real maps, then global data sections), then, if it calls
    /// `bpf_fib_lookup`, the tables of that ([`network_tables`](super::network_tables)).
    pub maps: Vec<Map>,
    /// Functions by rising slot index.
    pub functions: Vec<FunctionRange>,
    /// Other programs that tail calls reach, and types for the kernel.
    pub bundle: Bundle,
    /// Warnings met while linking (CO-RE relocations, missing line information).
    pub warnings: Diagnostics,
}

impl Linked {
    /// Number of instructions; one that takes two slots counts once.
    #[must_use]
    pub fn instructions(&self) -> usize {
        self.insns.iter().filter(|slot| slot.insn != Insn::Imm64High).count()
    }

    /// Location of a slot for a diagnostic: instruction text and, if known, the C line.
    #[must_use]
    pub fn location(&self, insn: usize) -> Location {
        let slot = self.insns.get(insn);
        let source = slot.and_then(LinkedInsn::c_line);
        Location {
            insn: Some(insn),
            instruction: slot.map(|slot| slot.insn.to_string()),
            file: source.map(|source| source.file.to_string()),
            line: source.map(|source| source.line),
            column: source.map(|source| source.column).filter(|column| *column != 0),
            source: source.map(|source| source.text.to_string()).filter(|text| !text.is_empty()),
        }
    }
}
