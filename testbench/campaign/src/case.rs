// SPDX-License-Identifier: Apache-2.0
//! A program from assembler text, with its maps and packets.
//!
//! A case can be kept in a file: assembler text, before which comments name the maps and the seed of the packets.
//!
//! ```text
//! ; packets 64 of seed 17
//! ; map a type 2 key 4 value 8 entries 4
//! ; map .bss type 2 key 4 value 32 entries 1 initial
//!   r0 = 2
//!   exit
//! ```

use bpf2hdl::isa::{Call, Imm64, Insn, asm, encode};
use bpf2hdl::object::{FunctionRange, Linked, LinkedInsn, Map, MapRef, Nesting, ProgramKind};
use bpf2hdl::oracle;
use bpf2hdl_interface::InnerMaps;
use bpf2hdl_testbench::{MapSpec, MapType, OracleProgram, PacketSet, random};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A program with packets to run it on.
#[derive(Debug, Clone)]
pub struct Case {
    /// Assembler text.
    pub text: String,
    /// Maps; `map[fd:N]` is the N-th.
    pub maps: Vec<MapSpec>,
    /// Frames, without FCS.
    pub packets: Vec<Vec<u8>>,
    /// XDP, or the early driver filter of 2016.
    pub kind: ProgramKind,
    /// Where the packets come from.
    seed: u64,
}

impl Case {
    /// The random case of a seed.
    #[must_use]
    pub fn random(seed: u64, packets: usize) -> (Self, random::Program) {
        let program = random::program(seed);
        (Self::new(program.text.clone(), program.maps.clone(), seed, packets), program)
    }

    /// An XDP program with random packets.
    #[must_use]
    pub fn new(text: String, maps: Vec<MapSpec>, seed: u64, packets: usize) -> Self {
        Self { text, maps, packets: random::packets(seed, packets), kind: ProgramKind::Xdp, seed }
    }

    /// The same with another text.
    #[must_use]
    pub fn with_text(&self, text: String) -> Self {
        Self { text, ..self.clone() }
    }

    /// The same, but all 512 bytes of the stack (`MAX_BPF_STACK`) are written before anything else.
    #[must_use]
    pub fn with_cleared_stack(&self) -> Self {
        let cleared: String = (1..=64).map(|slot| format!("  *(u64 *)(r10 -{}) = 0\n", 8 * slot)).collect();
        self.with_text(cleared + &self.text)
    }

    /// The same with other packets.
    #[must_use]
    pub fn with_packets(&self, packets: Vec<Vec<u8>>) -> Self {
        Self { packets, ..self.clone() }
    }

    /// The packets as the test bench takes them.
    #[must_use]
    pub fn packet_set(&self) -> PacketSet {
        self.packets.iter().map(Vec::as_slice).collect()
    }

    /// Assembles the program.
    ///
    /// # Errors
    /// Why the text is no program.
    pub fn link(&self) -> Result<Linked, String> {
        let insns = asm::assemble(&self.text).map_err(|errors| errors.to_text())?;
        Ok(linked(insns, self.maps.iter().map(map).collect(), self.kind))
    }

    /// The text of a file that [`Case::parse`] reads.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("; packets {} of seed {}\n", self.packets.len(), self.seed);
        for MapSpec { name, kind, key_size, value_size, max_entries, initial, pool, inner, .. } in &self.maps {
            let mut rest = if initial.is_some() { " initial" } else { "" }.to_owned();
            if let Some(pool) = pool {
                let _ = write!(rest, " pool {pool}");
            }
            if let Some(InnerMaps { count, entries, key_size, .. }) = inner {
                let _ = write!(rest, " holds {count} of {entries} key {key_size}");
            }
            // Writing to a string can not fail.
            let _ = writeln!(
                text,
                "; map {name} type {kind} key {key_size} value {value_size} entries {max_entries}{rest}"
            );
        }
        text + &self.text
    }

    /// Reads a kept case. Its packets are those of its seed.
    ///
    /// # Errors
    /// The line that is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut maps, mut packets) = (Vec::new(), (64, 1));
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let number = |word: &str| word.parse::<u64>().map_err(|_| format!("`{word}` is no number in: {line}"));
            match words[..] {
                [";", "packets", count, "of", "seed", seed] => packets = (number(count)?, number(seed)?),
                [";", "map", name, "type", kind, "key", key, "value", value, "entries", entries, ref rest @ ..] => {
                    let small =
                        |word| number(word).and_then(|n| u32::try_from(n).map_err(|_| format!("too large: {line}")));
                    let value_size = small(value)?;
                    let kind = small(kind)?;
                    maps.push(MapSpec {
                        name: name.to_owned(),
                        kind,
                        key_size: small(key)?,
                        value_size,
                        max_entries: small(entries)?,
                        // What the kernel demands of LPM tries: BPF_F_NO_PREALLOC.
                        flags: u32::from(kind == MapType::LPM_TRIE.0),
                        initial: (rest == ["initial"]).then(|| vec![0; value_size as usize]),
                        read_only: false,
                        extra: 0,
                        pool: match *rest {
                            ["pool", pool] => usize::try_from(number(pool)?).ok(),
                            _ => None,
                        },
                        inner: match *rest {
                            ["holds", count, "of", entries, "key", key_size] => Some(InnerMaps {
                                count: small(count)?,
                                entries: small(entries)?,
                                sizes: Vec::new(),
                                key_size: small(key_size)?,
                                names: Vec::new(),
                                flags: 0,
                            }),
                            _ => None,
                        },
                    });
                }
                _ => {}
            }
        }
        let count = usize::try_from(packets.0).unwrap_or(usize::MAX).min(100_000);
        Ok(Self::new(text.to_owned(), maps, packets.1, count))
    }
}

/// A map as the compiler knows it.
fn map(spec: &MapSpec) -> Map {
    Map {
        name: spec.name.clone(),
        map_type: spec.kind,
        key_size: spec.key_size,
        value_size: spec.value_size,
        max_entries: spec.max_entries,
        flags: spec.flags,
        extra: spec.extra,
        initial: spec.initial.clone(),
        read_only: spec.read_only,
        // Only that there is one matters: its contents are the pool's.
        inner: spec.pool.map(|_| Box::default()),
        nesting: match (&spec.inner, spec.pool) {
            (Some(inner), _) => Nesting::Pool(inner.clone()),
            (None, Some(pool)) => Nesting::Outer { pool },
            (None, None) => Nesting::None,
        },
        ..Map::default()
    }
}

/// A linked program from instructions. Every target of a call begins a function.
#[must_use]
pub fn linked(insns: Vec<Insn>, maps: Vec<Map>, kind: ProgramKind) -> Linked {
    let map_refs = insns.iter().enumerate().filter_map(|(slot, insn)| map_ref(slot, insn)).collect();
    Linked {
        name: "test".to_owned(),
        section: if kind == ProgramKind::PhysDev { "phys_dev" } else { "xdp" }.to_owned(),
        kind,
        frags: false,
        license: "GPL".to_owned(),
        functions: functions(&insns),
        raw: encode(&insns),
        insns: insns.into_iter().map(|insn| LinkedInsn { insn, source: None }).collect(),
        map_refs,
        maps,
        bundle: Default::default(),
        warnings: Default::default(),
    }
}

fn map_ref(slot: usize, insn: &Insn) -> Option<MapRef> {
    let Insn::LoadImm64 { value, .. } = insn else { return None };
    match value {
        Imm64::Map { map } => {
            Some(MapRef { insn: slot, map: usize::try_from(*map).ok()?, value_offset: None, inner: None })
        }
        Imm64::MapValue { map, offset } => {
            Some(MapRef { insn: slot, map: usize::try_from(*map).ok()?, value_offset: Some(*offset), inner: None })
        }
        _ => None,
    }
}

fn functions(insns: &[Insn]) -> Vec<FunctionRange> {
    let target = |(slot, insn): (usize, &Insn)| match insn {
        Insn::Call(Call::Local(delta)) => (slot + 1).checked_add_signed(isize::try_from(*delta).ok()?),
        _ => None,
    };
    let starts: BTreeSet<usize> = insns.iter().enumerate().filter_map(target).chain([0]).collect();
    let ends = starts.iter().copied().skip(1).chain([insns.len()]);
    let name = |start: usize| if start == 0 { "test".to_owned() } else { format!("f{start}") };
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| FunctionRange { name: name(start), start, end, of_kernel: false })
        .collect()
}

/// The program as the oracles load it.
#[must_use]
pub fn oracle_program(linked: &Linked) -> OracleProgram {
    oracle::program(linked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_survives_its_file() {
        let (case, _) = Case::random(12, 5);
        let again = Case::parse(&case.to_text()).expect("readable");
        assert_eq!((&again.maps, &again.packets), (&case.maps, &case.packets));
        let insns = |case: &Case| case.link().expect("assembled").raw;
        assert_eq!(insns(&again), insns(&case));
    }

    #[test]
    fn calls_begin_functions() {
        let case = Case::new("r1 = 1\ncall f\nexit\nf:\nr0 = r1\nexit\n".to_owned(), Vec::new(), 1, 1);
        let linked = case.link().expect("assembled");
        let ranges: Vec<_> = linked.functions.iter().map(|f| (f.start, f.end)).collect();
        assert_eq!(ranges, [(0, 3), (3, 5)]);
    }
}
