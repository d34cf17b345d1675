// SPDX-License-Identifier: Apache-2.0
//! A program as straight-line, predicated single-assignment code.

use super::{Event, MapId, Op, Resize, Value};
use bpf2hdl_interface::{RedirectKind, print};

/// What kind of program the code came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProgramKind {
    /// `BPF_PROG_TYPE_XDP`.
    Xdp,
    /// The 2016 proposal: section `phys_dev`.
    PhysDev,
}

impl ProgramKind {
    /// Name in the text format and in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            ProgramKind::Xdp => "xdp",
            ProgramKind::PhysDev => "phys_dev",
        }
    }
}

/// How a map stores its entries. Per-CPU maps have one value per key here: the hardware is one CPU.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MapKind {
    /// Entries by index.
    Array,
    /// Entries by index; one copy per CPU in the kernel, one here.
    PercpuArray,
    /// Entries by key.
    Hash,
    /// Entries by key; one copy per CPU in the kernel, one here.
    PercpuHash,
    /// Entries by key; a full map makes room by dropping a key that was not used for long.
    LruHash,
    /// As `LruHash`; one copy per CPU in the kernel, one here.
    LruPercpuHash,
    /// Entries by the longest prefix of the key. Only the host writes keys; programs write values.
    LpmTrie,
    /// The variables of `.data` or `.bss`: one entry.
    Globals,
    /// The constants of `.rodata`: one entry, never written.
    Constants,
    /// Interfaces by index: the first four bytes of a value are the `ifindex`, 0 where there is no entry. Only the host
    /// writes it; so it is with the next three.
    Devmap,
    /// Interfaces by key: as in a devmap, but any four bytes are a key.
    DevmapHash,
    /// CPUs, each its own index: the first four bytes of a value are the queue size, 0 where there is no entry.
    Cpumap,
    /// Sockets by index: the value is the socket's number, 0 where there is no entry.
    Xskmap,
    /// Inner maps by index: the value is the number of an inner map in the map that holds them all, with bit 31 set, 0 where there is
    /// none. Only the host writes it; so it is with the next.
    ArrayOfMaps,
    /// Inner maps by key. Initial contents are those of the keys 0, 1, ..
    HashOfMaps,
    /// Elements in a ring, the oldest leaves first. Another map, of the same name and `.state`, says which places are taken.
    Queue,
    /// Elements in a ring, the latest leaves first; otherwise as a queue.
    Stack,
    /// A bloom filter: nothing itself, its bits are another map's, of the same name and `.bits`.
    Bloom,
    /// The bits of a bloom filter, one byte an entry: 0 or 1. Packets only ever write ones.
    Bits,
    /// Events to the host, `bpf_perf_event_output`: nothing is stored. So it is with the next one.
    PerfEventArray,
    /// Events to the host: `bpf_ringbuf_output`, `_reserve`, `_submit`.
    Ringbuf,
    /// What is printed: events whose first two bytes are the number of a format. The formats are its initial contents
    /// ([`bpf2hdl_interface::print::from_bytes`]).
    Trace,
}

impl MapKind {
    /// Every kind with its name in the text format.
    pub const ALL: [(MapKind, &'static str); 22] = [
        (MapKind::Array, "array"),
        (MapKind::PercpuArray, "percpu_array"),
        (MapKind::Hash, "hash"),
        (MapKind::PercpuHash, "percpu_hash"),
        (MapKind::LruHash, "lru_hash"),
        (MapKind::LruPercpuHash, "lru_percpu_hash"),
        (MapKind::LpmTrie, "lpm_trie"),
        (MapKind::Globals, "globals"),
        (MapKind::Constants, "constants"),
        (MapKind::Devmap, "devmap"),
        (MapKind::DevmapHash, "devmap_hash"),
        (MapKind::Cpumap, "cpumap"),
        (MapKind::Xskmap, "xskmap"),
        (MapKind::ArrayOfMaps, "array_of_maps"),
        (MapKind::HashOfMaps, "hash_of_maps"),
        (MapKind::Queue, "queue"),
        (MapKind::Stack, "stack"),
        (MapKind::Bloom, "bloom_filter"),
        (MapKind::Bits, "bits"),
        (MapKind::PerfEventArray, "perf_event_array"),
        (MapKind::Ringbuf, "ringbuf"),
        (MapKind::Trace, "trace"),
    ];

    /// Name in the text format.
    pub fn name(self) -> &'static str {
        match self {
            MapKind::Array => "array",
            MapKind::PercpuArray => "percpu_array",
            MapKind::Hash => "hash",
            MapKind::PercpuHash => "percpu_hash",
            MapKind::LruHash => "lru_hash",
            MapKind::LruPercpuHash => "lru_percpu_hash",
            MapKind::LpmTrie => "lpm_trie",
            MapKind::Globals => "globals",
            MapKind::Constants => "constants",
            MapKind::Devmap => "devmap",
            MapKind::DevmapHash => "devmap_hash",
            MapKind::Cpumap => "cpumap",
            MapKind::Xskmap => "xskmap",
            MapKind::ArrayOfMaps => "array_of_maps",
            MapKind::HashOfMaps => "hash_of_maps",
            MapKind::Queue => "queue",
            MapKind::Stack => "stack",
            MapKind::Bloom => "bloom_filter",
            MapKind::Bits => "bits",
            MapKind::PerfEventArray => "perf_event_array",
            MapKind::Ringbuf => "ringbuf",
            MapKind::Trace => "trace",
        }
    }

    /// What the entries stand for, if they are targets of redirects.
    pub fn redirect_kind(self) -> Option<RedirectKind> {
        match self {
            MapKind::Devmap | MapKind::DevmapHash => Some(RedirectKind::Port),
            MapKind::Cpumap => Some(RedirectKind::Cpu),
            MapKind::Xskmap => Some(RedirectKind::Socket),
            _ => None,
        }
    }

    /// A channel to the host, which stores nothing that programs or the host can look up.
    pub fn is_channel(self) -> bool {
        matches!(self, MapKind::PerfEventArray | MapKind::Ringbuf | MapKind::Trace)
    }

    /// Programs never write it.
    pub fn is_fixed(self) -> bool {
        self == MapKind::Constants || self.redirect_kind().is_some() || self.is_outer() || self.is_channel()
    }

    /// Elements are pushed and popped.
    pub fn is_queue(self) -> bool {
        matches!(self, MapKind::Queue | MapKind::Stack)
    }

    /// Its values are inner maps.
    pub fn is_outer(self) -> bool {
        matches!(self, MapKind::ArrayOfMaps | MapKind::HashOfMaps)
    }

    /// An entry whose value is 0 is none.
    pub fn has_optional_entries(self) -> bool {
        self.redirect_kind().is_some() || self.is_outer()
    }

    /// Entries are found by key through a directory: values live in slots.
    pub fn has_directory(self) -> bool {
        self.is_hash() || self == MapKind::LpmTrie
    }

    /// Programs neither insert nor delete keys: the host does.
    pub fn has_fixed_keys(self) -> bool {
        self == MapKind::LpmTrie || self.is_fixed()
    }

    /// Entries are found by key through a hash table; unless it `is_fixed`, programs insert and delete keys.
    pub fn is_hash(self) -> bool {
        matches!(self, MapKind::DevmapHash | MapKind::HashOfMaps | MapKind::Hash | MapKind::PercpuHash) || self.is_lru()
    }

    /// A full map drops an old key for a new one, and every use of a key makes it young.
    pub fn is_lru(self) -> bool {
        matches!(self, MapKind::LruHash | MapKind::LruPercpuHash)
    }

    /// An update of a key that is there makes the key a new element, as the kernel does where it keeps one value per
    /// key; pointers to the old one no longer see the map.
    pub fn replaces_elements(self) -> bool {
        matches!(self, MapKind::Hash | MapKind::LruHash)
    }
}

/// A map the program refers to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Map {
    /// Name in the object file.
    pub name: String,
    /// How it stores entries.
    pub kind: MapKind,
    /// Key bytes; of a bloom filter, which has no keys, the number of its hash functions.
    pub key_size: u32,
    /// Value bytes.
    pub value_size: u32,
    /// Number of entries.
    pub max_entries: u32,
    /// Contents at load time: of the first entry (globals) or of all; empty for zeros.
    pub initial: Vec<u8>,
    /// A hash map of several parts: how many. The first bytes of a key ([`Map::group_bytes`]) tell the part, and none has more than its share
    /// of the entries. 1 for other maps.
    pub groups: u32,
    /// A packet may be redirected to all of its entries: a devmap, with hash or without.
    pub broadcast: bool,
}

impl Map {
    /// Whether a channel holds nothing, or formats if prints go to it.
    pub fn is_rightly_filled_channel(&self) -> bool {
        self.initial.is_empty() || self.kind == MapKind::Trace && print::from_bytes(&self.initial).is_some()
    }

    /// Number of values that are stored: a hash map's values live in slots, which its directory gives to keys; a channel has none.
    pub fn slots(&self) -> u32 {
        if self.kind.is_channel() {
            return 0;
        }
        if self.kind.is_hash() { super::directory::slots(self.max_entries) } else { self.max_entries }
    }

    /// Bytes of a key, its first ones, that tell the part which it belongs to.
    pub fn group_bytes(&self) -> u32 {
        match self.groups {
            0..=1 => 0,
            2..=0x100 => 1,
            0x101..=0x1_0000 => 2,
            _ => 4,
        }
    }

    /// Bits of an index into the values.
    pub fn index_width(&self) -> u8 {
        (32 - self.slots().saturating_sub(1).leading_zeros()).max(1) as u8
    }
}

/// One operation with its width and origin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Def {
    /// What is computed.
    pub op: Op,
    /// Bits of the result, 1..=64; 0 for stores.
    pub width: u8,
    /// Index of the BPF instruction that it comes from, if one does.
    pub insn: Option<u32>,
}

/// A byte of the packet that the program may change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edit {
    /// Offset from the first byte of the frame as it leaves; negative in metadata.
    pub offset: i32,
    /// One bit: the byte is changed.
    pub when: Value,
    /// Eight bits: the new value; unspecified where `when` is 0.
    pub data: Value,
}

/// Where the packet goes if the verdict is redirect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Redirect {
    /// Two bits: 0 nowhere, else a [`RedirectKind`]. Unspecified where the verdict is another one.
    pub kind: Value,
    /// 32 bits: the number of the interface, CPU or socket; unspecified where `kind` is.
    pub number: Value,
}

/// A program. Operations are listed in an order in which each comes after its operands; loads and stores of one
/// map take effect in that order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Function {
    /// Name of the program.
    pub name: String,
    /// Where it came from.
    pub kind: ProgramKind,
    /// Its maps.
    pub maps: Vec<Map>,
    /// Its operations; `Value` n is the result of the n-th.
    pub defs: Vec<Def>,
    /// The verdict, 3 bits, the kernel's numbers (0 aborted .. 4 redirect).
    pub action: Option<Value>,
    /// Bytes of the packet that may change, ascending by offset. Not applied to dropped packets.
    pub edits: Vec<Edit>,
    /// The target of redirects; `None` if the verdict is never redirect.
    pub redirect: Option<Redirect>,
    /// Records for the host, in the order in which they leave.
    pub events: Vec<Event>,
    /// How the packet's extent changes. Bytes before the frame as received, and behind what is kept of it, are zero unless edited.
    pub resize: Resize<Value>,
}

impl Function {
    /// An empty program.
    pub fn new(name: &str, kind: ProgramKind) -> Self {
        Function {
            name: name.to_owned(),
            kind,
            maps: Vec::new(),
            defs: Vec::new(),
            action: None,
            edits: Vec::new(),
            redirect: None,
            events: Vec::new(),
            resize: Resize::default(),
        }
    }

    /// The definition of a value.
    pub fn def(&self, value: Value) -> &Def {
        &self.defs[value.index()]
    }

    /// Width in bits.
    pub fn width(&self, value: Value) -> u8 {
        self.def(value).width
    }

    /// The map with this index.
    pub fn map(&self, map: MapId) -> &Map {
        &self.maps[map.index()]
    }

    /// Every value with its definition, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Value, &Def)> + ExactSizeIterator {
        self.defs.iter().enumerate().map(|(i, d)| (Value::new(i), d))
    }

    /// Whether an operation changes what later operations or packets see: a store, or a change of a directory.
    pub fn has_effect(&self, op: &Op) -> bool {
        match op {
            Op::MapStore { .. } => true,
            Op::Directory { map, insert, remove, .. } => {
                let may = |v: Value| self.as_const(v) != Some(0);
                may(*insert) || may(*remove) || self.map(*map).kind.is_lru()
            }
            _ => false,
        }
    }

    /// The values that leave the program: verdict, edits, the target of redirects, events and the extent.
    pub fn outputs(&self) -> impl Iterator<Item = Value> + '_ {
        let target = self.redirect.into_iter().flat_map(|r| [r.kind, r.number]);
        let edits = self.edits.iter().flat_map(|e| [e.when, e.data]);
        let events = self.events.iter().flat_map(Event::values);
        self.action.into_iter().chain(edits).chain(target).chain(events).chain(self.resize.bases().copied())
    }

    /// The constant a value is, if it is one.
    pub fn as_const(&self, value: Value) -> Option<u64> {
        match self.def(value).op {
            Op::Const(c) => Some(c),
            _ => None,
        }
    }
}

/// A mask of the low `width` bits (`width` 0..=64).
pub fn low_mask(width: u8) -> u64 {
    if width >= 64 { u64::MAX } else { (1u64 << width) - 1 }
}

/// A value of `width` bits (1..=64) read as two's complement.
pub fn sign_extend(value: u64, width: u8) -> i64 {
    ((value << (64 - width)) as i64) >> (64 - width)
}
