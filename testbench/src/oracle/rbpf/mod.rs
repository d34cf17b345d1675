// SPDX-License-Identifier: Apache-2.0
//! The user-space interpreter rbpf 0.4.1 as a third opinion, on programs inside the subset that it runs right.
//!
//! [`refusal`] says which programs those are. Maps are arrays in host memory behind the lookup and update helpers.
//! The context is a 24-byte `xdp_md` with 32-bit addresses, so the packet lives below 4 GiB. A prologue of four
//! instructions tells the helpers where the stack is; jumps are relative, so nothing else changes.

mod filter;
mod memory;

use super::{MapSpec, Oracle, OracleProgram, OracleSkip, OracleVerdict};
use crate::{Error, PacketContext};
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::{Action, MapContents};
use memory::{Area, MapView};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// Longest packet in bytes.
const LONGEST: usize = 9216;
/// Room in front of the packet, as in the kernel.
const HEADROOM: usize = 256;
/// Number of the helper that the prologue calls; no kernel helper has it.
const STACK_HELPER: u32 = 0x7fff_0001;

/// Why rbpf can not judge this program, with the instruction; `None` if it can.
#[must_use]
pub fn refusal(program: &OracleProgram) -> Option<String> {
    filter::refusal(program)
}

/// A program under rbpf.
pub struct RbpfOracle {
    code: Vec<u8>,
    maps: Vec<Map>,
    packet: Area,
    views: Rc<[MapView]>,
    ranges: Rc<[Range<u64>]>,
}

struct Map {
    spec: MapSpec,
    stride: usize,
    area: Area,
}

impl RbpfOracle {
    /// Sets a program up with its initial maps.
    ///
    /// # Errors
    /// [`Error::Oracle`] with [`refusal`]'s reason, or what rbpf itself says.
    pub fn new(program: &OracleProgram) -> Result<Self, Error> {
        if let Some(reason) = refusal(program) {
            return Err(Error::oracle("rbpf", reason));
        }
        let maps = program.maps.iter().map(Map::new).collect::<Result<Vec<_>, _>>()?;
        let packet = Area::new(HEADROOM + LONGEST, true)?;
        let code = link(program, &maps)?;
        rbpf::EbpfVmMbuff::new(Some(&code)).map_err(|error| Error::oracle("rbpf", error.to_string()))?;
        let views = maps.iter().map(Map::view).collect();
        let ranges = maps.iter().map(|map| map.area.range()).chain([packet.range()]).collect();
        Ok(Self { code, maps, packet, views, ranges })
    }

    /// Runs the program on the packet in `self.packet`.
    fn execute(&self, context: &[u8]) -> Result<u64, String> {
        let mut vm = rbpf::EbpfVmMbuff::new(Some(&self.code)).map_err(|error| error.to_string())?;
        let helpers: [(u32, rbpf::Helper); 4] = [
            (STACK_HELPER, memory::stack_helper),
            (filter::LOOKUP, memory::lookup_helper),
            (filter::UPDATE, memory::update_helper),
            (filter::CPU, memory::cpu_helper),
        ];
        for (number, helper) in helpers {
            vm.register_helper(number, helper).map_err(|error| error.to_string())?;
        }
        for range in self.ranges.iter() {
            vm.register_allowed_memory(range.clone());
        }
        // Debug builds of rbpf can panic in an overflow.
        let run = || catch_unwind(AssertUnwindSafe(|| vm.execute_program(&[], context)));
        match memory::with_helpers(&self.views, &self.ranges, run)? {
            Ok(result) => result.map_err(|error| error.to_string().lines().next().unwrap_or_default().to_owned()),
            Err(_) => Err("rbpf panicked".to_owned()),
        }
    }
}

impl Oracle for RbpfOracle {
    fn name(&self) -> &str {
        "rbpf"
    }

    fn run(&mut self, packet: &[u8], context: &PacketContext) -> Result<OracleVerdict, OracleSkip> {
        if packet.len() > LONGEST {
            return Err(OracleSkip::new(format!("longer than {LONGEST} bytes")));
        }
        self.packet.write(HEADROOM, packet);
        let data = self.packet.range().start + HEADROOM as u64;
        let context = xdp_md(data, packet.len(), context);
        let code = self.execute(&context).map_err(|reason| OracleSkip::new(format!("rbpf: {reason}")))?;
        // The value of an XDP program has 32 bits.
        let action = Action::from_xdp(u32::try_from(code & 0xffff_ffff).unwrap_or(u32::MAX));
        Ok(OracleVerdict {
            action,
            data: self.packet.read(HEADROOM, packet.len()),
            target: None,
            metadata: 0,
            events: Vec::new(),
        })
    }

    fn maps(&mut self) -> Result<MapContents, Error> {
        let entries = |map: &Map| (map.spec.name.clone(), map.entries());
        Ok(MapContents { maps: self.maps.iter().map(entries).collect() })
    }

    fn load_maps(&mut self, contents: &MapContents) -> Result<(), Error> {
        for (name, entries) in &contents.maps {
            let map = self.maps.iter_mut().find(|map| map.spec.name == *name);
            map.ok_or_else(|| Error::oracle("rbpf", format!("the program has no map `{name}`")))?.replace(entries)?;
        }
        Ok(())
    }
}

impl Map {
    fn new(spec: &MapSpec) -> Result<Self, Error> {
        let stride = (spec.value_size as usize).next_multiple_of(8);
        let mut area = Area::new(stride * spec.max_entries as usize, false)?;
        for index in spec.initial_indices() {
            area.write(stride * index as usize, spec.initial_value(index).unwrap_or_default());
        }
        Ok(Self { spec: spec.clone(), stride, area })
    }

    fn view(&self) -> MapView {
        MapView {
            start: self.area.range().start,
            value_size: u64::from(self.spec.value_size),
            stride: self.stride as u64,
            max_entries: self.spec.max_entries,
        }
    }

    fn entries(&self) -> Entries {
        let value = |index: u32| {
            (index.to_le_bytes().to_vec(), self.area.read(self.stride * index as usize, self.spec.value_size as usize))
        };
        (0..self.spec.max_entries).map(value).filter(|(_, value)| value.iter().any(|byte| *byte != 0)).collect()
    }

    fn replace(&mut self, entries: &Entries) -> Result<(), Error> {
        let name = &self.spec.name;
        let wrong = |what: &str| Error::oracle("rbpf", format!("map `{name}` {what}"));
        let filled: Entries = entries
            .iter()
            .filter(|(_, value)| value.iter().any(|byte| *byte != 0))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        if self.spec.read_only && filled != self.entries() {
            return Err(wrong("is read-only and the program was compiled with other contents"));
        }
        let zero = vec![0; self.stride * self.spec.max_entries as usize];
        let mut places = Vec::new();
        for (key, value) in entries {
            let index =
                key.as_slice().try_into().map(u32::from_le_bytes).ok().filter(|index| *index < self.spec.max_entries);
            let index = index.ok_or_else(|| wrong("has no such entry"))?;
            if value.len() != self.spec.value_size as usize {
                return Err(wrong("has values of another size"));
            }
            places.push((self.stride * index as usize, value));
        }
        self.area.write(0, &zero);
        for (offset, value) in places {
            self.area.write(offset, value);
        }
        Ok(())
    }
}

/// `struct xdp_md` with the packet's addresses.
fn xdp_md(data: u64, length: usize, context: &PacketContext) -> [u8; 24] {
    let low = |address: u64| u32::try_from(address).unwrap_or(0);
    let (start, end) = (low(data), low(data + length as u64));
    let words = [start, end, start, context.ingress_ifindex, context.rx_queue_index, 0];
    let mut bytes = [0; 24];
    for (place, word) in bytes.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_ne_bytes());
    }
    bytes
}

/// The prologue and the program with its references to maps filled in: a handle (position + 1) or an address.
fn link(program: &OracleProgram, maps: &[Map]) -> Result<Vec<u8>, Error> {
    let mut insns = program.insns.clone();
    for reloc in &program.relocs {
        let wrong =
            || Error::oracle("rbpf", format!("the reference to a map at instruction {} is not valid", reloc.insn));
        let map = maps.get(reloc.map).ok_or_else(wrong)?;
        let [first, second] =
            insns.get_mut(reloc.insn..reloc.insn + 2).and_then(|pair| pair.as_mut_array()).ok_or_else(wrong)?;
        if first[0] != filter::LD_IMM64 {
            return Err(wrong());
        }
        let value =
            reloc.value_offset.map_or(reloc.map as u64 + 1, |offset| map.area.range().start + u64::from(offset));
        let [low @ .., h0, h1, h2, h3] = value.to_le_bytes();
        first[1] &= 0x0f;
        first[4..].copy_from_slice(&low);
        second[4..].copy_from_slice(&[h0, h1, h2, h3]);
    }
    let [h0, h1, h2, h3] = STACK_HELPER.to_le_bytes();
    // r6 = r1; r1 = r10; call STACK_HELPER; r1 = r6
    let prologue = [
        [0xbf, 0x16, 0, 0, 0, 0, 0, 0],
        [0xbf, 0xa1, 0, 0, 0, 0, 0, 0],
        [0x85, 0, 0, 0, h0, h1, h2, h3],
        [0xbf, 0x61, 0, 0, 0, 0, 0, 0],
    ];
    Ok(prologue.into_iter().chain(insns).flatten().collect())
}
