// SPDX-License-Identifier: Apache-2.0
//! The values of one packet in the cycle model.
//!
//! All sources of a token lie in one row of 64-bit words: first the window, then the result of each node, each from a word
//! of its own on. So bits of any source are found alike, however wide it is.

use std::ops::Range;
use std::rc::Rc;

use super::{Bits, MapUnit, NodeId, NodeKind, Part, Piece, Pipeline, Source};
use crate::ir::{Found, Input, MapId, MapState, PacketInput, Record, eval_binary, eval_compare, low_mask};
use bpf2hdl_interface::Arrival;

/// Where each source lies in a token.
#[derive(Clone, Debug)]
pub(super) struct Layout<'p> {
    pipeline: &'p Pipeline,
    /// First bit of each node's result.
    first_bits: Vec<usize>,
    /// Words of a token.
    words: usize,
}

/// A packet on its way.
#[derive(Clone, Debug)]
pub(super) struct Token {
    words: Vec<u64>,
    /// The whole packet, as the packet buffer has it.
    packet: Rc<[u8]>,
    /// Length, interface, queue, time and random number, as the hardware gives them.
    inputs: [u64; 5],
    /// There is room for its records.
    pub(super) room: bool,
    /// Bytes of the packet.
    pub(super) bytes: usize,
    /// Clock in which it entered stage 0.
    pub(super) entered: u64,
    /// The stage that it is in.
    pub(super) stage: u32,
}

impl<'p> Layout<'p> {
    pub(super) fn new(pipeline: &'p Pipeline) -> Self {
        let mut words = (8 * pipeline.window_bytes as usize).div_ceil(64);
        let mut first_bits = Vec::with_capacity(pipeline.nodes.len());
        for node in &pipeline.nodes {
            first_bits.push(64 * words);
            words += (node.width as usize).div_ceil(64);
        }
        Layout { pipeline, first_bits, words }
    }

    /// A token in stage 0. The window is zero past the end of the packet. Where the pipeline does not ask for the
    /// exact length, it gets the least that the ingress may give: the bytes that the token has to wait for.
    pub(super) fn token(&self, packet: &PacketInput<'_>, entered: u64) -> Token {
        let p = self.pipeline;
        let mut words = vec![0; self.words];
        let window = &packet.data[..packet.data.len().min(p.window_bytes as usize)];
        store_bytes(&mut words, window);
        let seen = p.window_bytes.max(p.token_min_bytes).max(1) as usize;
        let length = if p.full_length { packet.data.len() } else { packet.data.len().min(seen) };
        let Arrival { time_ns, random } = packet.arrival;
        let [ifindex, queue] = [packet.ingress_ifindex, packet.rx_queue_index].map(u64::from);
        let inputs = [length as u64, ifindex, queue, time_ns, random.into()];
        Token {
            words,
            packet: packet.data.into(),
            inputs,
            room: packet.room,
            bytes: packet.data.len(),
            entered,
            stage: 0,
        }
    }

    /// The value of at most 64 bits.
    pub(super) fn value(&self, token: &Token, bits: &Bits) -> u64 {
        let (mut value, mut at) = (0, 0);
        for piece in bits.pieces() {
            let width = piece.width();
            let part = match *piece {
                Piece::Const { value, .. } => value,
                Piece::Slice { source, lo, inverted, .. } => {
                    self.run(token, source, lo, width) ^ if inverted { low_mask(width as u8) } else { 0 }
                }
                Piece::Repeat { source, bit, inverted, .. } => {
                    let is_set = (self.run(token, source, bit, 1) == 1) != inverted;
                    if is_set { low_mask(width as u8) } else { 0 }
                }
            };
            value |= part << at;
            at += width;
        }
        value
    }

    /// Bits `lo .. lo + width` (at most 64) of a source.
    fn run(&self, token: &Token, source: Source, lo: u32, width: u32) -> u64 {
        let first = match source {
            Source::Packet => 0,
            Source::Node(id) => self.first_bits[id.index()],
        };
        let (word, shift) = ((first + lo as usize) / 64, (first + lo as usize) % 64);
        let mut value = token.words[word] >> shift;
        if shift + width as usize > 64 {
            value |= token.words[word + 1] << (64 - shift);
        }
        value & low_mask(width as u8)
    }

    /// Computes one node, with the maps as they are.
    pub(super) fn compute(&self, token: &mut Token, id: NodeId, maps: &MapState) {
        let node = self.pipeline.node(id);
        let get = |bits: &Bits| self.value(token, bits);
        let value = match &node.kind {
            NodeKind::Input(Input::Length) => token.inputs[0],
            NodeKind::Input(Input::IngressIfindex) => token.inputs[1],
            NodeKind::Input(Input::RxQueue) => token.inputs[2],
            NodeKind::Input(Input::Start) => 0,
            NodeKind::Input(Input::Time) => token.inputs[3],
            NodeKind::Input(Input::Random) => token.inputs[4],
            NodeKind::Input(Input::Room) => token.room.into(),
            NodeKind::FarLoad { base, add, .. } => {
                let place = get(base).wrapping_add_signed((*add).into()) & 0xffff;
                let bytes = token.packet.iter().skip(place as usize).take(node.width as usize / 8);
                bytes.rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
            }
            NodeKind::Binary(op, a, b) => eval_binary(*op, get(a), get(b), node.width as u8),
            NodeKind::Compare(op, a, b) => eval_compare(*op, get(a), get(b), a.width() as u8).into(),
            NodeKind::Select { condition, then, other } => get(if get(condition) == 1 { then } else { other }),
            NodeKind::PacketAt { base, add, places } => place_in(places, get(base), *add)
                .map_or(0, |&place| self.run(token, Source::Packet, 8 * u32::from(place), node.width)),
            NodeKind::Rom { map, base, add, places } => {
                let data = &self.pipeline.maps[map.index()].map.initial;
                let bytes = |&place: &u32| data.iter().skip(place as usize).take(node.width as usize / 8);
                let joined = |place| bytes(place).rev().fold(0, |value, &byte| value << 8 | u64::from(byte));
                place_in(places, get(base), *add).map_or(0, joined)
            }
            // Written by `step`, when the key was presented.
            NodeKind::Step { .. } => return,
            NodeKind::Read { map, port } => {
                let unit = &self.pipeline.maps[map.index()];
                let index = get(&unit.reads[*port].index);
                let words = &mut token.words[self.first_bits[id.index()] / 64..][..(node.width as usize).div_ceil(64)];
                words.fill(0);
                let (of, bytes) = stored(unit, *map);
                return store_bytes(words, maps.entry(of, index).map_or(&[], |entry| &entry[bytes]));
            }
        };
        token.words[self.first_bits[id.index()] / 64] = value & low_mask(node.width as u8);
    }

    /// Does a step of a token on a directory, and keeps the result for the node that delivers it.
    pub(super) fn step(&self, token: &mut Token, map: MapId, port: usize, maps: &mut MapState) {
        let step = &self.pipeline.maps[map.index()].steps[port];
        let bit = |bits: &Bits| self.value(token, bits) == 1;
        let found = if bit(&step.when) {
            maps.step(map, &self.bytes(token, &step.key), bit(&step.insert), bit(&step.remove))
        } else {
            Found::default()
        };
        let delivers = |node: &super::Node| node.kind == NodeKind::Step { map, port };
        for (index, node) in self.pipeline.nodes.iter().enumerate() {
            if delivers(node) {
                token.words[self.first_bits[index] / 64] = found.to_bits() & low_mask(node.width as u8);
            }
        }
    }

    /// Bits of any width as bytes, the last one filled up with zeros.
    pub(super) fn bytes(&self, token: &Token, bits: &Bits) -> Vec<u8> {
        let width = bits.width();
        let words = (0..width).step_by(64).map(|lo| self.value(token, &bits.slice(lo, 64.min(width - lo))));
        let mut bytes: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
        bytes.truncate(width.div_ceil(8) as usize);
        bytes
    }

    /// Does one write of a token to a map. Out of range, nothing is written.
    pub(super) fn write(&self, token: &Token, map: MapId, port: usize, maps: &mut MapState) {
        let unit = &self.pipeline.maps[map.index()];
        let (of, bytes) = stored(unit, map);
        let port = &unit.writes[port];
        let Some(entry) = maps.entry_mut(of, self.value(token, &port.index)) else { return };
        let entry = &mut entry[bytes];
        for field in port.fields.iter().filter(|field| self.value(token, &field.when) == 1) {
            let width = field.data.width();
            for lo in (0..width).step_by(64) {
                let part = field.data.slice(lo, 64.min(width - lo));
                let bytes = self.value(token, &part).to_le_bytes();
                let count = part.width() as usize / 8;
                entry[(field.offset + lo / 8) as usize..][..count].copy_from_slice(&bytes[..count]);
            }
        }
    }

    /// The records that a token in the last stage emits, and how many found no room.
    pub(super) fn events(&self, token: &Token) -> (Vec<Record>, u32) {
        let bit = |bits: &Bits| self.value(token, bits) == 1;
        let called: Vec<_> = self.pipeline.events.iter().filter(|event| bit(&event.when)).collect();
        if !token.room {
            return (Vec::new(), called.len() as u32);
        }
        let record = |event: &&super::EventPort| {
            let mut data = self.bytes(token, &event.data);
            data.truncate(self.value(token, &event.length) as usize);
            let count = event.packet.as_ref().map_or(0, |count| self.value(token, count) as usize);
            data.extend(token.packet.iter().take(count));
            Record { map: event.map, data }
        };
        (called.iter().filter(|event| bit(&event.keep)).map(record).collect(), 0)
    }

    /// The low 64 bits of every node's result.
    pub(super) fn node_values(&self, token: &Token) -> Vec<u64> {
        self.first_bits.iter().map(|first| token.words[first / 64]).collect()
    }
}

/// Which map holds the entries of a unit, and which bytes of an entry are its own.
fn stored(unit: &MapUnit, map: MapId) -> (MapId, Range<usize>) {
    let size = unit.map.value_size as usize;
    match unit.part {
        Some(Part { of, offset }) => (of, offset as usize..offset as usize + size),
        None => (map, 0..size),
    }
}

/// The place `base + add`, if it is in the list.
fn place_in<T: Copy + Into<u64>>(places: &[T], base: u64, add: i32) -> Option<&T> {
    let wanted = base.checked_add_signed(add.into())?;
    places.binary_search_by_key(&wanted, |&place| place.into()).ok().map(|i| &places[i])
}

/// Bytes into words, the first in the lowest bits.
fn store_bytes(words: &mut [u64], bytes: &[u8]) {
    for (word, bytes) in words.iter_mut().zip(bytes.chunks(8)) {
        *word = bytes.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte));
    }
}
