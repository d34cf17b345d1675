// SPDX-License-Identifier: Apache-2.0
//! What a test run does not tell, and what it can not be told: where a redirect would go; time and random numbers.
//!
//! The copy of the program that is loaded calls, instead of a redirect helper, a function behind its end that calls the helper
//! itself and notes the target in a hidden map. A call takes the place of a call, so no jump changes. The verdict
//! and the choice of the entry stay the kernel's. Helpers for time and random numbers are replaced by functions that
//! read what the packet is told from the hidden map.
//!
//! Maps of CPUs and of sockets can not hold any number that a user may want to see redirects to: this machine may not have
//! the CPU, and a socket has to be opened. They are loaded as devmaps; all three go through the same function in the kernel
//! (`__bpf_xdp_redirect_map`), but only devmaps know `BPF_F_BROADCAST` and `BPF_F_EXCLUDE_INGRESS`, so the function
//! answers those itself for the other two, as the kernel does.

use super::map::KernelMap;
use super::sys::{self, Load, MapCreate, number};
use crate::{Error, OracleProgram};
use bpf2hdl_interface::arrival::{Arrival, JIFFY_NS};
use bpf2hdl_interface::{Group, RedirectKind, RedirectTarget};
use std::ffi::CStr;
use std::io;
use std::os::fd::OwnedFd;

const ARRAY: u32 = 2;
const TYPE_XDP: u32 = 6;
const LD_IMM64: u8 = 0x18;
const CALL: u8 = 0x85;
const PSEUDO_CALL: u8 = 1;
const LICENSE: &CStr = c"GPL";

/// What stands for a helper.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stand {
    Redirect,
    RedirectMap,
    Time,
    Jiffies,
    Random,
}

const FUNCTIONS: [Stand; 5] = [Stand::Redirect, Stand::RedirectMap, Stand::Time, Stand::Jiffies, Stand::Random];

impl Stand {
    /// What stands for the helper with this number (`enum bpf_func_id`, include/uapi/linux/bpf.h).
    fn of(helper: i32) -> Option<Self> {
        match helper {
            5 | 125 | 160 | 208 => Some(Self::Time),
            7 => Some(Self::Random),
            23 => Some(Self::Redirect),
            51 => Some(Self::RedirectMap),
            118 => Some(Self::Jiffies),
            _ => None,
        }
    }
}

/// The hidden value: the address of the map that was redirected by (or one of the two below), ifindex or key, the flags' low
/// half; then, from byte 16, the time and the next random number.
const RECORD_BYTES: usize = 32;
const NO_TARGET: u64 = 0;
/// `bpf_redirect`: no map has this address.
const BY_IFINDEX: u64 = 1;

// Flags of bpf_redirect_map (include/uapi/linux/bpf.h).
const BROADCAST: u32 = 8;
const EXCLUDE_INGRESS: u32 = 16;

/// The hidden map, which map has which address, and the addresses of those that only stand for devmaps.
pub(super) struct Instruments {
    record: OwnedFd,
    addresses: Vec<(u64, usize)>,
    strict: Vec<u64>,
}

impl Instruments {
    /// The instruments for a program and those that its tail calls reach; `None` if none of them needs any.
    pub(super) fn new(program: &OracleProgram, maps: &[KernelMap]) -> Result<Option<Self>, Error> {
        let others = program.bundle.others.iter().map(|other| &other.insns);
        if others.chain([&program.insns]).all(|insns| helper_calls(insns).is_empty()) {
            return Ok(None);
        }
        let failed = |error: io::Error| Error::oracle("kernel", format!("redirects can not be recorded: {error}"));
        let value_size = u32::try_from(RECORD_BYTES).unwrap_or(0);
        let attribute = MapCreate { map_type: ARRAY, key_size: 4, value_size, max_entries: 1, ..MapCreate::default() };
        let mut instruments =
            Self { record: sys::map_create(attribute).map_err(failed)?, addresses: Vec::new(), strict: Vec::new() };
        for (index, map) in maps.iter().enumerate().filter(|(_, map)| map.is_targets()) {
            let address = instruments.address_of(map).map_err(failed)?;
            instruments.addresses.push((address, index));
            if map.spec.map_type().redirect_kind() != Some(RedirectKind::Port) {
                instruments.strict.push(address);
            }
        }
        Ok(Some(instruments))
    }

    /// Puts instruments into a program; returns where the functions that were added begin.
    pub(super) fn apply(&self, insns: &mut Vec<[u8; 8]>) -> Vec<u32> {
        let calls = helper_calls(insns);
        let mut added = Vec::new();
        for function in FUNCTIONS {
            if !calls.iter().any(|(_, stand)| *stand == function) {
                continue;
            }
            // A program has at most a million instructions.
            let start = insns.len();
            for (slot, _) in calls.iter().filter(|(_, stand)| *stand == function) {
                let delta = i32::try_from(start - slot - 1).unwrap_or(i32::MAX);
                insns[*slot] = insn(CALL, 0, PSEUDO_CALL, 0, delta);
            }
            added.push(u32::try_from(start).unwrap_or(u32::MAX));
            insns.extend(self.code(function));
        }
        added
    }

    /// Forgets the last packet, and tells what the next one is to be told.
    pub(super) fn prepare(&self, arrival: Arrival) -> io::Result<()> {
        let mut record = [0; RECORD_BYTES];
        record[16..24].copy_from_slice(&arrival.time_ns.to_le_bytes());
        record[24..28].copy_from_slice(&arrival.random.to_le_bytes());
        sys::map_update(&self.record, &[0; 4], &record)
    }

    /// The target of the packet that has just run.
    pub(super) fn target(&self, maps: &[KernelMap]) -> Result<Option<RedirectTarget>, Error> {
        let mut record = [0; RECORD_BYTES];
        let failed = |error: io::Error| Error::oracle("kernel", format!("the target can not be read: {error}"));
        sys::map_lookup(&self.record, &[0; 4], &mut record).map_err(failed)?;
        let (address, rest) = record.split_at(8);
        let address = u64::from_le_bytes(address.try_into().unwrap_or_default());
        let word = |at: usize| rest[at..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        let (noted, flags) = (word(0), word(4));
        match address {
            NO_TARGET => return Ok(None),
            // The kernel finds no such interface, and drops the packet.
            BY_IFINDEX if noted.cast_signed() < 0 => return Ok(None),
            BY_IFINDEX => return Ok(Some(RedirectTarget { kind: RedirectKind::Port, number: noted })),
            _ => {}
        }
        let index = self.addresses.iter().find(|(known, _)| *known == address).map(|(_, index)| *index);
        if let Some(map) = index.filter(|_| flags & BROADCAST != 0).and_then(|index| u32::try_from(index).ok()) {
            let group = Group { map, but_ingress: flags & EXCLUDE_INGRESS != 0 };
            return Ok(Some(RedirectTarget::all_of(group)));
        }
        let map = index.and_then(|index| maps.get(index));
        let Some((map, kind)) = map.and_then(|map| Some((map, map.spec.map_type().redirect_kind()?))) else {
            return Err(Error::oracle("kernel", "a redirect went by a map that the program does not have"));
        };
        let value = map.read(&noted.to_le_bytes())?.unwrap_or_default();
        let entry = value.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        let number = if kind == RedirectKind::Cpu { noted } else { entry };
        Ok(Some(RedirectTarget { kind, number }))
    }

    /// The address by which programs know a map: a program stores it. (The privileged may see addresses.)
    fn address_of(&self, map: &KernelMap) -> io::Result<u64> {
        let mut insns = load_map(1, &map.fd).to_vec();
        insns.extend(self.load_record(2));
        insns.extend([insn(0x7b, 2, 1, 0, 0), insn(0xb7, 0, 0, 0, 0), insn(0x95, 0, 0, 0, 0)]);
        let load = Load { kind: TYPE_XDP, insns: &insns, license: LICENSE, types: None };
        let program = sys::prog_load(&load, None)?;
        sys::test_run(&program, &[0; 64], &mut [0; 128], None)?;
        let mut record = [0; RECORD_BYTES];
        sys::map_lookup(&self.record, &[0; 4], &mut record)?;
        Ok(record.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)))
    }

    /// `dst` = address of the hidden value.
    fn load_record(&self, dst: u8) -> [[u8; 8]; 2] {
        const PSEUDO_MAP_VALUE: u8 = 2;
        [insn(LD_IMM64, dst, PSEUDO_MAP_VALUE, 0, number(&self.record).cast_signed()), insn(0, 0, 0, 0, 0)]
    }

    fn code(&self, function: Stand) -> Vec<[u8; 8]> {
        match function {
            Stand::Redirect => self.redirect(),
            Stand::RedirectMap => self.redirect_map(),
            Stand::Time => self.time(None),
            Stand::Jiffies => self.time(Some(JIFFY_NS)),
            Stand::Random => self.random(),
        }
    }

    /// The time in these units, or in nanoseconds.
    fn time(&self, unit_ns: Option<u32>) -> Vec<[u8; 8]> {
        let mut code = self.load_record(1).to_vec();
        code.push(insn(0x79, 0, 1, 16, 0)); // r0 = *(u64 *)(r1 + 16)
        code.extend(unit_ns.map(|unit| insn(0x37, 0, 0, 0, unit.cast_signed()))); // r0 /= unit
        code.push(insn(0x95, 0, 0, 0, 0));
        code
    }

    /// The number that is there; it makes way for the next one.
    fn random(&self) -> Vec<[u8; 8]> {
        let mut code = self.load_record(1).to_vec();
        code.push(insn(0x61, 0, 1, 24, 0)); // r0 = *(u32 *)(r1 + 24)
        code.push(insn(0xbc, 2, 0, 0, 0)); // w2 = w0
        for (shift, amount) in [(0x64, 13), (0x74, 17), (0x64, 5)] {
            code.push(insn(0xbc, 3, 2, 0, 0)); // w3 = w2
            code.push(insn(shift, 3, 0, 0, amount)); // w3 <<= amount, w3 >>= amount
            code.push(insn(0xac, 2, 3, 0, 0)); // w2 ^= w3
        }
        code.push(insn(0x63, 1, 2, 24, 0)); // *(u32 *)(r1 + 24) = r2
        code.push(insn(0x95, 0, 0, 0, 0));
        code
    }

    fn redirect(&self) -> Vec<[u8; 8]> {
        const REDIRECT: i32 = 23;
        let mut code = vec![
            insn(0xbf, 6, 1, 0, 0), // r6 = r1
            insn(CALL, 0, 0, 0, REDIRECT),
            insn(0x55, 0, 0, 4, 4), // if r0 != XDP_REDIRECT goto exit
        ];
        code.extend(self.load_record(1));
        code.push(insn(0x7a, 1, 0, 0, 1)); // *(u64 *)(r1 + 0) = BY_IFINDEX
        code.push(insn(0x63, 1, 6, 8, 0)); // *(u32 *)(r1 + 8) = r6
        code.push(insn(0x95, 0, 0, 0, 0));
        code
    }

    fn redirect_map(&self) -> Vec<[u8; 8]> {
        const REDIRECT_MAP: i32 = 51;
        /// Instructions of the call and what follows it.
        const CALL_SLOTS: usize = 12;
        /// What all maps know, or devmaps do: the low two bits, and the two flags.
        const KNOWN: i32 = 0x1b;
        let only_devmaps = (BROADCAST | EXCLUDE_INGRESS).cast_signed();
        // There are few maps.
        let jump = |slots: usize| i16::try_from(slots).unwrap_or(i16::MAX);
        let mut code = vec![
            insn(0xbf, 7, 1, 0, 0),                           // r7 = map
            insn(0xbf, 6, 2, 0, 0),                           // r6 = key
            insn(0xbf, 8, 3, 0, 0),                           // r8 = flags
            insn(0xb7, 0, 0, 0, 0),                           // r0 = XDP_ABORTED
            insn(0x45, 8, 0, 1, only_devmaps),                // if r8 & (BROADCAST | EXCLUDE_INGRESS) goto ask
            insn(0x05, 0, 0, jump(3 * self.strict.len()), 0), // goto call
        ];
        for (number, &address) in (1..).zip(&self.strict) {
            let behind = 3 * (self.strict.len() - number);
            code.extend(constant(9, address)); // ask: r9 = address
            code.push(insn(0x1d, 7, 9, jump(behind + CALL_SLOTS - 1), 0)); // if map == r9 goto exit
        }
        code.push(insn(CALL, 0, 0, 0, REDIRECT_MAP));
        code.extend(self.load_record(1));
        code.extend([
            insn(0x55, 0, 0, 4, 4),  // if r0 != XDP_REDIRECT goto missing
            insn(0x7b, 1, 7, 0, 0),  // *(u64 *)(r1 + 0) = map
            insn(0x63, 1, 6, 8, 0),  // *(u32 *)(r1 + 8) = key
            insn(0x63, 1, 8, 12, 0), // *(u32 *)(r1 + 12) = flags
            insn(0x95, 0, 0, 0, 0),
            insn(0x57, 8, 0, 0, !KNOWN), // missing: r8 &= ~KNOWN
            insn(0x55, 8, 0, 1, 0),      // if r8 != 0 goto exit: flags were not valid
            insn(0x7a, 1, 0, 0, 0),      // *(u64 *)(r1 + 0) = NO_TARGET
            insn(0x95, 0, 0, 0, 0),
        ]);
        code
    }
}

/// Calls of helpers that something stands for: slot and what.
fn helper_calls(insns: &[[u8; 8]]) -> Vec<(usize, Stand)> {
    let mut calls = Vec::new();
    let mut skip = false;
    for (slot, &[op, registers, _, _, i0, i1, i2, i3]) in insns.iter().enumerate() {
        if std::mem::take(&mut skip) {
            continue;
        }
        skip = op == LD_IMM64;
        let helper = i32::from_le_bytes([i0, i1, i2, i3]);
        if op == CALL && registers >> 4 == 0 {
            calls.extend(Stand::of(helper).map(|stand| (slot, stand)));
        }
    }
    calls
}

/// `dst` = a number.
fn constant(dst: u8, value: u64) -> [[u8; 8]; 2] {
    let [low, high] = [value, value >> 32].map(|word| (word & 0xffff_ffff) as u32);
    [insn(LD_IMM64, dst, 0, 0, low.cast_signed()), insn(0, 0, 0, 0, high.cast_signed())]
}

/// `dst` = a map.
fn load_map(dst: u8, map: &OwnedFd) -> [[u8; 8]; 2] {
    const PSEUDO_MAP_FD: u8 = 1;
    [insn(LD_IMM64, dst, PSEUDO_MAP_FD, 0, number(map).cast_signed()), insn(0, 0, 0, 0, 0)]
}

fn insn(op: u8, dst: u8, src: u8, offset: i16, imm: i32) -> [u8; 8] {
    let ([o0, o1], [i0, i1, i2, i3]) = (offset.to_le_bytes(), imm.to_le_bytes());
    [op, src << 4 | dst, o0, o1, i0, i1, i2, i3]
}
