// SPDX-License-Identifier: Apache-2.0
//! The interpreter: the reference semantics of the IR.
//!
//! Operations are computed one after the other, all of them, for one packet at a time. What the packet and the maps give to
//! an operation that only speculates is defined here: bytes past the end of the packet are zero, a computed place that
//! is not in the list reads zero, an entry out of range reads zero.

use super::{Event, Extent, Found, Function, Input, MapState, Op, Record, Value, eval_op, low_mask};
use bpf2hdl_interface::{Action, Arrival, RedirectTarget};

/// A packet with what comes with it.
#[derive(Clone, Copy, Debug)]
pub struct PacketInput<'a> {
    /// The frame from the destination MAC address on, without FCS. Its length counts modulo 2^16.
    pub data: &'a [u8],
    /// `xdp_md.ingress_ifindex`; the low 16 bits count.
    pub ingress_ifindex: u32,
    /// `xdp_md.rx_queue_index`; the low 16 bits count.
    pub rx_queue_index: u32,
    /// Time and random number.
    pub arrival: Arrival,
    /// There is room for the records that it may emit.
    pub room: bool,
}

impl<'a> PacketInput<'a> {
    /// A packet from interface 1, queue 0, at time 0 and with random number 0, with room for its records.
    pub fn new(data: &'a [u8]) -> Self {
        PacketInput { data, ingress_ifindex: 1, rx_queue_index: 0, arrival: Arrival::default(), room: true }
    }
}

/// What a program does with one packet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The verdict, the kernel's numbers; 0 if the function has none.
    pub action: u8,
    /// Bytes that are changed: offset from the first byte of the frame as it leaves (negative in metadata) and new value,
    /// ascending by offset.
    pub edits: Vec<(i32, u8)>,
    /// Where the frame begins and ends.
    pub extent: Extent,
    /// Where the packet goes, if the verdict is redirect and the program named a target.
    pub target: Option<RedirectTarget>,
    /// What it tells the host, in order.
    pub events: Vec<Record>,
    /// Records that found no room.
    pub lost: u32,
    /// Every value, by index (0 for stores), for bisecting.
    pub values: Vec<u64>,
}

impl Outcome {
    /// The packet after the program, behind its metadata where it is passed. Means something for packets that leave only.
    pub fn apply(&self, packet: &[u8]) -> Vec<u8> {
        self.extent.cut(packet, &self.edits, self.metadata() > 0)
    }

    /// Bytes of metadata that a passed packet has before it: others leave without.
    pub fn metadata(&self) -> i32 {
        if self.action == 2 { self.extent.metadata } else { 0 }
    }
}

/// Runs a function on packets. The function has passed [`check`](super::check()); with others the interpreter may panic.
#[derive(Clone, Debug)]
pub struct Interpreter<'f> {
    function: &'f Function,
    values: Vec<u64>,
}

impl<'f> Interpreter<'f> {
    /// An interpreter of this function.
    pub fn new(function: &'f Function) -> Self {
        Interpreter { function, values: Vec::with_capacity(function.defs.len()) }
    }

    /// Runs the function on one packet; stores change the maps. A store out of range, which no correct function
    /// does, changes nothing.
    pub fn run(&mut self, packet: &PacketInput<'_>, maps: &mut MapState) -> Outcome {
        self.values.clear();
        for def in &self.function.defs {
            let operand = |v: Value| (self.values[v.index()], self.function.width(v));
            let value = match eval_op(&def.op, def.width, operand) {
                Some(value) => value,
                None => self.memory_op(&def.op, def.width, packet, maps),
            };
            self.values.push(value);
        }
        let extent = self.function.resize.extent(packet.data.len(), |base| self.values[base.index()]);
        let edits =
            self.function.edits.iter().filter(|edit| self.values[edit.when.index()] == 1 && extent.holds(edit.offset));
        let action = self.function.action.map_or(0, |action| self.values[action.index()] as u8);
        let target =
            self.function.redirect.filter(|_| u32::from(action) == Action::Redirect.code()).and_then(|target| {
                let [kind, number] = [target.kind, target.number].map(|v| self.values[v.index()]);
                RedirectTarget::from_wires(kind as u8, number as u32)
            });
        let (events, lost) = self.events(packet);
        Outcome {
            action,
            target,
            events,
            lost,
            edits: edits.map(|edit| (edit.offset, self.values[edit.data.index()] as u8)).collect(),
            extent,
            values: self.values.clone(),
        }
    }

    /// The records that the packet emits, and how many found no room.
    fn events(&self, packet: &PacketInput<'_>) -> (Vec<Record>, u32) {
        let get = |v: Value| self.values[v.index()];
        let called: Vec<&Event> = self.function.events.iter().filter(|event| get(event.when) == 1).collect();
        if !packet.room {
            return (Vec::new(), called.len() as u32);
        }
        let record = |event: &&Event| {
            let mut data: Vec<u8> = event.data.iter().flat_map(|&part| self.bytes_of(part)).collect();
            data.truncate(get(event.length) as usize);
            let count = event.packet.map_or(0, |count| get(count) as usize);
            data.extend(packet.data.iter().take(count));
            Record { map: event.map, data }
        };
        (called.iter().filter(|event| get(event.keep) == 1).map(record).collect(), 0)
    }

    /// The operations that are not pure.
    fn memory_op(&self, op: &Op, width: u8, packet: &PacketInput<'_>, maps: &mut MapState) -> u64 {
        let get = |v: Value| self.values[v.index()];
        let bytes = usize::from(width / 8);
        match op {
            Op::Input(input) => input_value(*input, packet),
            Op::Packet { offset } => read(packet.data, usize::from(*offset), bytes),
            Op::PacketAt { base, add, places } => {
                place_in(places, get(*base), *add).map_or(0, |&place| read(packet.data, usize::from(place), bytes))
            }
            Op::Rom { map, base, add, places } => {
                let data = &self.function.map(*map).initial;
                place_in(places, get(*base), *add).map_or(0, |&place| read(data, place as usize, bytes))
            }
            Op::Directory { map, key, when, insert, remove } => {
                let bit = |v: &Value| get(*v) == 1;
                let found = if bit(when) {
                    let key: Vec<u8> = key.iter().flat_map(|&part| self.bytes_of(part)).collect();
                    maps.step(*map, &key, bit(insert), bit(remove))
                } else {
                    Found::default()
                };
                found.to_bits()
            }
            Op::MapLoad { map, index, offset } => {
                maps.entry(*map, get(*index)).map_or(0, |entry| read(entry, *offset as usize, bytes))
            }
            Op::MapStore { map, index, offset, value, when } => {
                let data = get(*value).to_le_bytes();
                let count = usize::from(self.function.width(*value) / 8);
                if get(*when) == 1
                    && let Some(entry) = maps.entry_mut(*map, get(*index))
                {
                    entry[*offset as usize..][..count].copy_from_slice(&data[..count]);
                }
                0
            }
            // `eval_op` has computed all the others.
            _ => 0,
        }
    }

    /// A value's bytes, the lowest first.
    fn bytes_of(&self, v: Value) -> Vec<u8> {
        self.values[v.index()].to_le_bytes()[..usize::from(self.function.width(v) / 8)].to_vec()
    }
}

fn input_value(input: Input, packet: &PacketInput<'_>) -> u64 {
    let value = match input {
        Input::Length => packet.data.len() as u64,
        Input::IngressIfindex => packet.ingress_ifindex.into(),
        Input::RxQueue => packet.rx_queue_index.into(),
        Input::Start => 0,
        Input::Time => packet.arrival.time_ns,
        Input::Random => packet.arrival.random.into(),
        Input::Room => packet.room.into(),
    };
    value & low_mask(input.width())
}

/// The place `base + add`, if it is in the list.
fn place_in<T: Copy + Into<u64>>(places: &[T], base: u64, add: i32) -> Option<&T> {
    let wanted = base.checked_add_signed(add.into())?;
    places.binary_search_by_key(&wanted, |&place| place.into()).ok().map(|i| &places[i])
}

/// Up to eight bytes, the first in the low bits; zeros past the end.
fn read(bytes: &[u8], offset: usize, count: usize) -> u64 {
    let available = bytes.get(offset..).unwrap_or(&[]);
    available.iter().take(count).rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}
