// SPDX-License-Identifier: Apache-2.0
//! The compiler's own interpreter as a reference for the testbench, and its programs in the form that the other
//! references load.
//!
//! The interpreter runs the IR as it leaves the front end, before any pass: so a fault of a pass, of the scheduler or
//! of the generated hardware is found. A fault of the front end is not; for that there are the kernel and rbpf.

mod egress;
mod members;

use crate::ir::{self, Function, Interpreter, MapId, MapKind, MapState, PacketInput};
use crate::object::{Linked, Map, Nesting, ProgramKind};
use crate::verify;
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::{Action, EventRecord, MapContents, ProgramType, bloom, print, queue};
use bpf2hdl_testbench::{
    Error, MapSpec, Oracle, OracleBundle, OracleProgram, OracleSkip, OracleVerdict, PacketContext,
};
use std::borrow::Cow;

/// `dst = imm` in 64 bits.
const MOV_IMM: u8 = 0xb7;

/// Name of the interpreter on the command line and in reports.
pub const NAME: &str = "ir";

/// The kind of a linked program as the interface crate knows it. What can not be selected counts as XDP.
#[must_use]
pub fn program_type(kind: ProgramKind) -> ProgramType {
    match kind {
        ProgramKind::PhysDev => ProgramType::PhysDev,
        ProgramKind::XdpDevmap => ProgramType::XdpDevmap,
        ProgramKind::XdpCpumap => ProgramType::XdpCpumap,
        ProgramKind::Xdp | ProgramKind::Other => ProgramType::Xdp,
    }
}

/// A linked program as the kernel and rbpf take it.
#[must_use]
pub fn program(linked: &Linked) -> OracleProgram {
    let mut members = members::split(&as_built(&egress::as_arrival(linked)));
    let main = members.remove(0);
    OracleProgram {
        name: linked.name.clone(),
        kind: program_type(linked.kind),
        insns: main.insns,
        relocs: main.relocs,
        // States of queues come last, and nothing refers to them.
        maps: linked.maps.iter().filter(|map| !map.nesting.is_made()).map(map_spec).collect(),
        license: linked.license.clone(),
        bundle: OracleBundle {
            number: main.number,
            functions: main.functions,
            kernel_functions: main.kernel_functions,
            btf: linked.bundle.btf.clone(),
            map_types: linked.bundle.map_types.clone(),
            others: members,
        },
    }
}

/// The program without the prints that are left out: their results are not looked at.
fn as_built(linked: &Linked) -> Cow<'_, Linked> {
    let left_out = verify::prints(linked).left_out;
    if left_out.is_empty() {
        return Cow::Borrowed(linked);
    }
    let mut changed = linked.clone();
    for slot in left_out.into_keys() {
        changed.raw[slot] = [MOV_IMM, 0, 0, 0, 0, 0, 0, 0];
    }
    Cow::Owned(changed)
}

fn map_spec(map: &Map) -> MapSpec {
    MapSpec {
        name: map.name.clone(),
        kind: map.map_type,
        key_size: map.key_size,
        value_size: map.value_size,
        max_entries: map.max_entries,
        flags: map.flags,
        extra: map.extra,
        initial: map.initial.clone(),
        read_only: map.read_only,
        pool: match map.nesting {
            Nesting::Outer { pool } => Some(pool),
            _ => None,
        },
        inner: map.pool().cloned(),
    }
}

/// The IR interpreter with its maps.
#[derive(Debug)]
pub struct IrOracle {
    function: Function,
    state: MapState,
}

impl IrOracle {
    /// A reference with the maps' initial contents. The function has passed [`check`](crate::ir::check()).
    #[must_use]
    pub fn new(function: Function) -> Self {
        let state = MapState::new(&function);
        Self { function, state }
    }

    /// The contents of its maps, for whoever runs something else on them.
    pub(crate) fn state_mut(&mut self) -> &mut MapState {
        &mut self.state
    }

    /// The contents of its maps.
    #[must_use]
    pub fn state(&self) -> &MapState {
        &self.state
    }

    /// A reference whose maps hold something already.
    #[must_use]
    pub fn with_state(function: Function, state: MapState) -> Self {
        Self { function, state }
    }

    fn find(&self, name: &str) -> Result<MapId, Error> {
        let position = self.function.maps.iter().position(|map| map.name == name);
        position.map(MapId::new).ok_or_else(|| failure(format!("the program has no map `{name}`")))
    }

    fn load(&mut self, name: &str, entries: &Entries) -> Result<(), Error> {
        let map = self.find(name)?;
        if self.function.map(map).kind.has_directory() {
            return self.load_keys(map, name, entries);
        }
        if self.function.map(map).kind.is_queue() {
            return self.load_queue(map, name, entries);
        }
        if self.function.map(map).kind == MapKind::Bloom {
            return self.load_filter(map, name, entries);
        }
        for index in 0..self.function.map(map).max_entries {
            if let Some(entry) = self.state.entry_mut(map, index.into()) {
                entry.fill(0);
            }
        }
        for (key, value) in entries {
            let index = key.as_slice().try_into().map(u32::from_le_bytes);
            let index = index.map_err(|_| failure(format!("map `{name}`: a key of {} bytes", key.len())))?;
            match self.state.entry_mut(map, index.into()) {
                Some(entry) if entry.len() == value.len() => entry.copy_from_slice(value),
                _ => return Err(failure(format!("map `{name}`: entry {index} does not fit"))),
            }
        }
        Ok(())
    }

    fn load_keys(&mut self, map: MapId, name: &str, entries: &Entries) -> Result<(), Error> {
        let (key_size, value_size) = {
            let map = self.function.map(map);
            (map.key_size as usize, map.value_size as usize)
        };
        self.state.clear(map);
        let is_targets = self.function.map(map).kind.has_optional_entries();
        let is_entry = |value: &Vec<u8>| !is_targets || value.iter().any(|byte| *byte != 0);
        for (key, value) in entries.iter().filter(|(_, value)| is_entry(value)) {
            if key.len() != key_size || value.len() != value_size {
                let sizes = format!("{} and {} bytes", key.len(), value.len());
                return Err(failure(format!("map `{name}`: key and value of {sizes}")));
            }
            self.state.insert(map, key, value).map_err(|_| failure(format!("map `{name}`: too many entries")))?;
        }
        Ok(())
    }

    /// The map that says where the elements of a queue or stack are, or that has a filter's bits.
    fn state_of(&self, map: MapId) -> Option<MapId> {
        let map = self.function.map(map);
        let name = match map.kind {
            MapKind::Queue | MapKind::Stack => queue::state_name(&map.name),
            MapKind::Bloom => bloom::bits_name(&map.name),
            _ => return None,
        };
        self.find(&name).ok()
    }

    /// Makes these the values of a bloom filter.
    fn load_filter(&mut self, map: MapId, name: &str, entries: &Entries) -> Result<(), Error> {
        let bits = self.state_of(map).ok_or_else(|| failure(format!("map `{name}` has no bits")))?;
        let (count, functions) = (self.function.map(bits).max_entries, self.function.map(map).key_size);
        for at in 0..count {
            if let Some(bit) = self.state.entry_mut(bits, at.into()) {
                bit.fill(0);
            }
        }
        for place in entries.values().flat_map(|value| bloom::places(value, functions, count)) {
            if let Some(bit) = self.state.entry_mut(bits, place.into()) {
                bit.fill(1);
            }
        }
        Ok(())
    }

    fn load_queue(&mut self, map: MapId, name: &str, entries: &Entries) -> Result<(), Error> {
        let max_entries = self.function.map(map).max_entries;
        for (index, value) in (0u64..).zip(queue::elements(entries)) {
            match self.state.entry_mut(map, index) {
                Some(entry) if entry.len() == value.len() => entry.copy_from_slice(value),
                _ => return Err(failure(format!("map `{name}`: element {index} does not fit"))),
            }
        }
        let state = self.state_of(map).ok_or_else(|| failure(format!("map `{name}` has no state")))?;
        if let Some(entry) = self.state.entry_mut(state, 0) {
            entry.copy_from_slice(&queue::state(u32::try_from(entries.len()).unwrap_or(u32::MAX), max_entries));
        }
        Ok(())
    }

    /// The elements of a queue or stack, the oldest first.
    fn elements(&self, map: MapId, state: MapId) -> Entries {
        let ring = self.state.entry(state, 0).unwrap_or_default();
        let places = queue::places(ring, self.function.map(map).max_entries).unwrap_or_default();
        queue::entries(places.into_iter().filter_map(|place| Some(self.state.entry(map, place.into())?.to_vec())))
    }

    /// The entries of a map with keys, and those of an array that are not all zero.
    fn dump(&self, map: MapId) -> Entries {
        if let Some(state) = self.state_of(map) {
            return self.elements(map, state);
        }
        if self.function.map(map).kind.has_directory() {
            return self.state.pairs(map).map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
        }
        let size = self.function.map(map).value_size.max(1) as usize;
        let values = (0u32..).zip(self.state.contents(map).chunks(size));
        let filled = values.filter(|(_, value)| value.iter().any(|byte| *byte != 0));
        filled.map(|(index, value)| (index.to_le_bytes().to_vec(), value.to_vec())).collect()
    }
}

/// Records as the testbench knows them: those of prints are lines.
#[must_use]
pub fn records<'m>(map: impl Fn(MapId) -> &'m ir::Map, events: &[ir::Record]) -> Vec<EventRecord> {
    let record = |record: &ir::Record| {
        let (map, data) = (map(record.map), record.data.clone());
        let data = match map.kind {
            MapKind::Trace => {
                print::from_bytes(&map.initial).and_then(|formats| print::line(&formats, &data)).unwrap_or(data)
            }
            _ => data,
        };
        EventRecord::new(record.map.index(), data)
    };
    events.iter().map(record).collect()
}

fn failure(reason: String) -> Error {
    Error::Oracle(NAME.to_owned(), reason)
}

impl Oracle for IrOracle {
    fn name(&self) -> &str {
        NAME
    }

    fn run(&mut self, packet: &[u8], context: &PacketContext) -> Result<OracleVerdict, OracleSkip> {
        let input = PacketInput {
            data: packet,
            ingress_ifindex: context.ingress_ifindex,
            rx_queue_index: context.rx_queue_index,
            arrival: context.arrival,
            room: true,
        };
        let outcome = Interpreter::new(&self.function).run(&input, &mut self.state);
        Ok(OracleVerdict {
            action: Action::from_xdp(outcome.action.into()),
            data: outcome.apply(packet),
            target: outcome.target,
            metadata: usize::try_from(outcome.metadata()).unwrap_or(0),
            events: records(|map| self.function.map(map), &outcome.events),
        })
    }

    fn maps(&mut self) -> Result<MapContents, Error> {
        let all = || (0..self.function.maps.len()).map(MapId::new);
        let states: Vec<MapId> = all().filter_map(|map| self.state_of(map)).collect();
        // What a bloom filter holds can not be told, in the kernel neither; a channel holds nothing.
        let is_told = |index: usize, map: &ir::Map| {
            map.kind != MapKind::Bloom && !map.kind.is_channel() && !states.contains(&MapId::new(index))
        };
        let named = self.function.maps.iter().enumerate().filter(|(index, map)| is_told(*index, map));
        let maps = named.map(|(index, map)| (map.name.clone(), self.dump(MapId::new(index)))).collect();
        Ok(MapContents { maps })
    }

    fn load_maps(&mut self, contents: &MapContents) -> Result<(), Error> {
        contents.maps.iter().try_for_each(|(name, entries)| self.load(name, entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter() -> Function {
        let text = "function count kind xdp {
            map0 = array \"cnt\" key 4 value 8 entries 4
            v0:8 = packet 0
            v1:2 = extract v0 [0..2]
            v2:64 = load map0[v1] + 0
            v3:64 = const 1
            v4:64 = add v2, v3
            v5:1 = const 1
            v6 = store map0[v1] + 0 = v4 when v5
            v7:3 = const 2
            v8:8 = const 0xee
            action v7
            edit 1 when v5 = v8
        }";
        crate::ir::parse(text).expect("the text is right")
    }

    fn entry(value: u64) -> (Vec<u8>, Vec<u8>) {
        (vec![1, 0, 0, 0], value.to_le_bytes().to_vec())
    }

    #[test]
    fn packets_and_maps_come_out() {
        let mut oracle = IrOracle::new(counter());
        let preload = MapContents { maps: [("cnt".to_owned(), Entries::from([entry(40)]))].into() };
        oracle.load_maps(&preload).expect("fits");
        for _ in 0..2 {
            let verdict = oracle.run(&[5, 6, 7], &PacketContext::default()).expect("judged");
            let data = vec![5, 0xee, 7];
            assert_eq!(
                verdict,
                OracleVerdict { action: Action::Pass, data, target: None, metadata: 0, events: Vec::new() }
            );
        }
        let maps = oracle.maps().expect("readable");
        assert_eq!(maps.maps["cnt"], Entries::from([entry(42)]));
    }

    #[test]
    fn preloads_that_do_not_fit_are_refused() {
        let mut oracle = IrOracle::new(counter());
        let cases = [
            ("other", entry(1), "no map `other`"),
            ("cnt", (vec![9, 0, 0, 0], vec![0; 8]), "entry 9 does not fit"),
            ("cnt", (vec![1, 0, 0, 0], vec![0; 4]), "entry 1 does not fit"),
            ("cnt", (vec![1], vec![0; 8]), "a key of 1 bytes"),
        ];
        for (name, entry, expected) in cases {
            let contents = MapContents { maps: [(name.to_owned(), Entries::from([entry]))].into() };
            let message = oracle.load_maps(&contents).expect_err("does not fit").to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
