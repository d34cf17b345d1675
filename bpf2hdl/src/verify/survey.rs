// SPDX-License-Identifier: Apache-2.0
//! A first look over the whole program, so that a refusal names everything that is not built, at once.

use std::collections::BTreeSet;

use super::advice::advice;
use super::call;
use super::helpers::is_supported as helper_is_supported;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir;
use crate::isa::{Call, Imm64, Insn, helper_name};
use crate::object::{Linked, Map, Nesting, ProgramKind};
use bpf2hdl_interface::network::Table;
use bpf2hdl_interface::{InnerMaps, MapType, RedirectKind, bloom, print};

// Map types (`enum bpf_map_type`, include/uapi/linux/bpf.h).
const HASH: u32 = 1;
const ARRAY: u32 = 2;
const PERCPU_HASH: u32 = 5;
const PERCPU_ARRAY: u32 = 6;
const LRU_HASH: u32 = 9;
const LRU_PERCPU_HASH: u32 = 10;
const LPM_TRIE: u32 = 11;
const ARRAY_OF_MAPS: u32 = 12;
const HASH_OF_MAPS: u32 = 13;
const DEVMAP_HASH: u32 = 25;
const PERF_EVENT_ARRAY: u32 = 4;
const RINGBUF: u32 = 27;

/// `BPF_F_NO_PREALLOC`
const NO_PREALLOC: u32 = 1;

/// Lists everything that can not be built.
pub(super) fn survey(program: &Linked) -> Diagnostics {
    let mut found = Diagnostics::new();
    for (slot, linked) in program.insns.iter().enumerate() {
        if let Some(problem) = instruction(&linked.insn, program.kind) {
            found.push(problem.at(program.location(slot)));
        }
    }
    let mut reached: BTreeSet<usize> =
        program.map_refs.iter().flat_map(|r| [Some(r.map), pool_of(program, r.map)]).flatten().collect();
    // No instruction names a table.
    reached.extend((0..program.maps.len()).filter(|&map| Table::from_name(&program.maps[map].name).is_some()));
    for index in reached {
        let Some(map) = program.maps.get(index) else { continue };
        if let Some(problem) = unsupported_map(map) {
            let first = program.map_refs.iter().find(|r| r.map == index || pool_of(program, r.map) == Some(index));
            found.push(match first {
                Some(reference) => problem.at(program.location(reference.insn)),
                None => problem,
            });
        }
    }
    found
}

/// The map that holds the inner maps of a map of maps.
fn pool_of(program: &Linked, map: usize) -> Option<usize> {
    match program.maps.get(map)?.nesting {
        Nesting::Outer { pool } => Some(pool),
        _ => None,
    }
}

fn instruction(insn: &Insn, kind: ProgramKind) -> Option<Diagnostic> {
    match insn {
        Insn::Call(Call::Helper(call::TAIL_CALL)) if kind == ProgramKind::PhysDev => {
            Some(Diagnostic::new(Code::TailCall, "phys_dev programs have no tail calls"))
        }
        Insn::Call(Call::Helper(id)) if !helper_is_supported(*id) => Some(match helper_name(*id) {
            Some(name) => {
                let item = Diagnostic::new(Code::UnsupportedHelper, format!("the helper `{name}` is not built"));
                match advice(name) {
                    Some(advice) => item.with_help(advice),
                    None => item,
                }
            }
            None => Diagnostic::new(Code::UnknownHelper, format!("helper number {id} is not known")),
        }),
        Insn::Call(Call::Kfunc { id, .. }) => {
            Some(Diagnostic::new(Code::Kfunc, format!("a kernel function (BTF id {id}) is called")))
        }
        Insn::Call(Call::Reg(_)) => {
            Some(Diagnostic::new(Code::IndirectCall, "a function is called through a register"))
        }
        Insn::LoadPacket { .. } if kind != ProgramKind::PhysDev => Some(Diagnostic::new(
            Code::LegacyPacketLoad,
            "packet loads by `LD_ABS`/`LD_IND` exist in phys_dev programs only",
        )),
        Insn::LoadImm64 { value, .. } => match value {
            Imm64::Value(_) | Imm64::Map { .. } | Imm64::MapValue { .. } | Imm64::Function { .. } => None,
            _ => Some(Diagnostic::new(Code::UnsupportedInstruction, "the address of a kernel variable is taken")),
        },
        _ => None,
    }
}

fn unsupported_map(map: &Map) -> Option<Diagnostic> {
    if let Some(problem) = unsupported_fields(map) {
        return Some(problem);
    }
    if map.is_global_data() {
        return None;
    }
    if let Some(inner) = map.pool()
        && let Some(problem) = unsupported_pool(map, inner)
    {
        return Some(problem);
    }
    match map.map_type {
        // libbpf fills in the size of a perf event array only.
        number if map.max_entries == 0 && (MapType(number).is_array() || MapType(number).is_hash()) => {
            Some(no_entries(map))
        }
        ARRAY_OF_MAPS | HASH_OF_MAPS => unsupported_outer(map),
        ARRAY | PERCPU_ARRAY if map.key_size != 4 || map.value_size == 0 => Some(Diagnostic::new(
            Code::MapGeometry,
            format!("map `{}`: an array needs 4-byte keys, values and entries", map.name),
        )),
        ARRAY | PERCPU_ARRAY => None,
        _ if map.is_prog_array() => None,
        HASH | PERCPU_HASH | LRU_HASH | LRU_PERCPU_HASH => unsupported_hash(map),
        LPM_TRIE => unsupported_trie(map),
        number if MapType(number).is_queue() || MapType(number) == MapType::BLOOM_FILTER => unsupported_queue(map),
        PERF_EVENT_ARRAY | RINGBUF => channel_geometry(map),
        DEVMAP_HASH => target_map_geometry(map).or_else(|| unsupported_hash(map)),
        number if MapType(number).redirect_kind().is_some() => target_map_geometry(map),
        _ => Some(Diagnostic::new(
            Code::UnsupportedMapType,
            format!("map `{}` has type {}, which is not built yet", map.name, map.type_name()),
        )),
    }
}

fn unsupported_outer(map: &Map) -> Option<Diagnostic> {
    let name = &map.name;
    if map.inner.is_none() {
        let text =
            format!("map `{name}` does not say what its inner maps are: that is left to whoever loads the program");
        let help = "describe them in the definition: `__array(values, struct { __uint(type, ...); ... })`";
        return Some(Diagnostic::new(Code::MapGeometry, text).with_help(help));
    }
    if map.map_type == HASH_OF_MAPS {
        return unsupported_hash(map);
    }
    let text = || format!("map `{name}`: an array of maps needs 4-byte keys");
    (map.key_size != 4).then(|| Diagnostic::new(Code::MapGeometry, text()))
}

/// What can not be an inner map, and how many entries all of them can have together.
fn unsupported_pool(map: &Map, inner: &InnerMaps) -> Option<Diagnostic> {
    let outer = map.name.strip_suffix(".inner").unwrap_or(&map.name);
    let built = [ARRAY, PERCPU_ARRAY, HASH, PERCPU_HASH, LRU_HASH, LRU_PERCPU_HASH, LPM_TRIE];
    if !built.contains(&map.map_type) {
        let text =
            format!("the inner maps of `{outer}` have type {}, which is not built inside of maps", map.type_name());
        return Some(Diagnostic::new(Code::UnsupportedMapType, text));
    }
    if inner.entries == 0 {
        return Some(no_entries(map));
    }
    let most = match MapType(map.map_type) {
        kind if kind.is_trie() => ir::MAX_TRIE_ENTRIES,
        kind if kind.is_hash() => ir::MAX_HASH_ENTRIES,
        _ => u32::MAX,
    };
    // Contents of 4 GiB are not even counted.
    let most = u64::from(most).min(u64::from(u32::MAX) / u64::from(map.value_size.max(1)));
    let all = u64::from(inner.count) * u64::from(inner.entries);
    (all > most).then(|| {
        let text = format!(
            "{} inner maps of `{outer}` with {} entries each are {all} entries; at most {most} are built",
            inner.count, inner.entries
        );
        let help = format!("say how many inner maps there are at one time: `--inner-maps {outer}=N`");
        Diagnostic::new(Code::MapSizeLimit, text).with_help(help)
    })
}

/// What the kernel demands of a queue, stack or bloom filter (kernel/bpf/queue_stack_maps.c, bloom_filter.c).
fn unsupported_queue(map: &Map) -> Option<Diagnostic> {
    if map.max_entries == 0 {
        return Some(no_entries(map));
    }
    if MapType(map.map_type) == MapType::BLOOM_FILTER
        && bloom::bits(map.max_entries, bloom::functions(map.extra)).is_none()
    {
        let text = format!("the bloom filter `{}` has 2^32 bits", map.name);
        return Some(Diagnostic::new(Code::MapSizeLimit, text));
    }
    let text = || format!("map `{}`: a queue, stack or bloom filter needs values, and has no keys", map.name);
    (map.key_size != 0 || map.value_size == 0).then(|| Diagnostic::new(Code::MapGeometry, text()))
}

/// Fields of a value that only a kernel can serve, and locks where the kernel allows none (`map_check_btf`, kernel/bpf/syscall.c).
fn unsupported_fields(map: &Map) -> Option<Diagnostic> {
    let name = &map.name;
    if let Some(field) = map.kernel_field() {
        let text = format!("values of `{name}` hold a `struct {field}`, which is not built there");
        let help = "keep times of `bpf_ktime_get_ns` instead of timers; a lock has to be in the outermost structure, and only one";
        return Some(Diagnostic::new(Code::UnsupportedMapType, text).with_help(help));
    }
    let allowed = matches!(map.map_type, HASH | ARRAY);
    (map.spin_lock().is_some() && !allowed).then(|| {
        let text = format!("values of `{name}`, of type {}, hold a `struct bpf_spin_lock`", map.type_name());
        Diagnostic::new(Code::UnsupportedMapType, text).with_help("locks are for maps of type HASH and ARRAY")
    })
}

/// What the kernel demands of a perf event array (`fd_array_map_alloc_check`, kernel/bpf/arraymap.c) and of a ring buffer
/// (`ringbuf_map_alloc`, kernel/bpf/ringbuf.c), after libbpf has rounded the latter's size up.
fn channel_geometry(map: &Map) -> Option<Diagnostic> {
    let (right, text) = match map.map_type {
        PERF_EVENT_ARRAY => {
            ((map.key_size, map.value_size) == (4, 4), "a perf event array needs 4-byte keys and values")
        }
        _ => {
            let right = (map.key_size, map.value_size) == (0, 0) && map.max_entries > 0;
            (right, "a ring buffer has neither keys nor values, and a size in bytes")
        }
    };
    (!right).then(|| Diagnostic::new(Code::MapGeometry, format!("map `{}`: {text}", map.name)))
}

fn no_entries(map: &Map) -> Diagnostic {
    let name = &map.name;
    let message = format!("map `{name}` has no entries: its size is left to whoever loads the program");
    Diagnostic::new(Code::MapGeometry, message).with_help(format!("give its size with `--entries {name}=N`"))
}

fn unsupported_hash(map: &Map) -> Option<Diagnostic> {
    let name = &map.name;
    if map.key_size == 0 || map.value_size == 0 || map.max_entries == 0 {
        let text = format!("map `{name}`: a hash map needs keys, values and entries");
        return Some(Diagnostic::new(Code::MapGeometry, text));
    }
    let limit = if map.key_size > ir::MAX_KEY_BYTES {
        format!("keys of `{name}` have {} bytes; at most {} are built", map.key_size, ir::MAX_KEY_BYTES)
    } else if map.max_entries > ir::MAX_HASH_ENTRIES {
        format!("map `{name}` has {} entries; hash maps of at most {} are built", map.max_entries, ir::MAX_HASH_ENTRIES)
    } else {
        return None;
    };
    Some(Diagnostic::new(Code::MapSizeLimit, limit))
}

/// What the kernel demands of an LPM trie (kernel/bpf/lpm_trie.c), and the hardware's limits.
fn unsupported_trie(map: &Map) -> Option<Diagnostic> {
    let Map { name, key_size, value_size, max_entries, .. } = map;
    let least = ir::LENGTH_BYTES + 1;
    if !(least..=ir::LENGTH_BYTES + 256).contains(key_size) || *value_size == 0 || *max_entries == 0 {
        let text = format!("map `{name}`: an LPM trie needs keys of {least} to 260 bytes, values and entries");
        return Some(Diagnostic::new(Code::MapGeometry, text));
    }
    if map.flags & NO_PREALLOC == 0 {
        let text = format!("map `{name}`: an LPM trie needs `__uint(map_flags, BPF_F_NO_PREALLOC)`");
        return Some(Diagnostic::new(Code::MapGeometry, text));
    }
    let limit = if *key_size > ir::MAX_KEY_BYTES {
        let (bytes, most) = (key_size - ir::LENGTH_BYTES, ir::MAX_KEY_BYTES - ir::LENGTH_BYTES);
        format!("addresses of `{name}` have {bytes} bytes; tries of at most {most} are built")
    } else if *max_entries > ir::MAX_TRIE_ENTRIES {
        format!("map `{name}` has {max_entries} entries; LPM tries of at most {} are built", ir::MAX_TRIE_ENTRIES)
    } else {
        return None;
    };
    Some(Diagnostic::new(Code::MapSizeLimit, limit))
}

/// What the kernel demands of a map of redirect targets (kernel/bpf/devmap.c, cpumap.c, net/xdp/xskmap.c).
fn target_map_geometry(map: &Map) -> Option<Diagnostic> {
    let is_value = match MapType(map.map_type).redirect_kind() {
        Some(RedirectKind::Socket) => map.value_size == 4,
        _ => matches!(map.value_size, 4 | 8),
    };
    let text = "a map of redirect targets needs 4-byte keys, entries, and values of 4 bytes (devmap, cpumap: or 8)";
    (map.key_size != 4 || map.max_entries == 0 || !is_value)
        .then(|| Diagnostic::new(Code::MapGeometry, format!("map `{}`: {text}", map.name)))
}

/// The IR's view of a program's maps, its operations still missing.
pub(super) fn declare(program: &Linked) -> ir::Function {
    let kind = match program.kind {
        ProgramKind::PhysDev => ir::ProgramKind::PhysDev,
        _ => ir::ProgramKind::Xdp,
    };
    let mut function = ir::Function::new(&program.name, kind);
    function.maps = program.maps.iter().map(declare_map).collect();
    function
}

/// A bloom filter itself has no contents.
fn bloom_filter(map: &Map) -> ir::Map {
    ir::Map {
        name: map.name.clone(),
        kind: ir::MapKind::Bloom,
        key_size: bloom::functions(map.extra),
        value_size: 1,
        max_entries: 1,
        initial: Vec::new(),
        groups: 1,
        broadcast: false,
    }
}

fn declare_map(map: &Map) -> ir::Map {
    let kind = match (&map.initial, map.read_only, map.map_type) {
        // Compiled in where it has contents.
        _ if map.is_prog_array() => ir::MapKind::Array,
        _ if map.map_type == MapType::QUEUE.0 => ir::MapKind::Queue,
        _ if map.map_type == MapType::STACK.0 => ir::MapKind::Stack,
        _ if map.map_type == MapType::BLOOM_FILTER.0 => ir::MapKind::Bloom,
        _ if map.nesting == Nesting::Bits => ir::MapKind::Bits,
        _ if map.map_type == ARRAY_OF_MAPS => ir::MapKind::ArrayOfMaps,
        _ if map.map_type == HASH_OF_MAPS => ir::MapKind::HashOfMaps,
        (Some(_), true, _) => ir::MapKind::Constants,
        (Some(_), false, _) => ir::MapKind::Globals,
        (None, _, PERCPU_ARRAY) => ir::MapKind::PercpuArray,
        (None, _, HASH) => ir::MapKind::Hash,
        (None, _, PERCPU_HASH) => ir::MapKind::PercpuHash,
        (None, _, LRU_HASH) => ir::MapKind::LruHash,
        (None, _, LRU_PERCPU_HASH) => ir::MapKind::LruPercpuHash,
        (None, _, LPM_TRIE) => ir::MapKind::LpmTrie,
        (None, _, RINGBUF) if map.name == print::MAP_NAME => ir::MapKind::Trace,
        (None, _, PERF_EVENT_ARRAY) => ir::MapKind::PerfEventArray,
        (None, _, RINGBUF) => ir::MapKind::Ringbuf,
        (None, _, number) => match MapType(number).redirect_kind() {
            Some(RedirectKind::Port) if number == DEVMAP_HASH => ir::MapKind::DevmapHash,
            Some(RedirectKind::Port) => ir::MapKind::Devmap,
            Some(RedirectKind::Cpu) => ir::MapKind::Cpumap,
            Some(RedirectKind::Socket) => ir::MapKind::Xskmap,
            None => ir::MapKind::Array,
        },
    };
    if kind == ir::MapKind::Bloom {
        return bloom_filter(map);
    }
    ir::Map {
        name: map.name.clone(),
        kind,
        key_size: map.key_size,
        value_size: map.value_size,
        max_entries: map.max_entries,
        initial: map.initial.clone().unwrap_or_default(),
        groups: map.pool().filter(|_| kind.is_hash()).map_or(1, |inner| inner.count),
        broadcast: false,
    }
}
