// SPDX-License-Identifier: Apache-2.0
//! A register file in memory that behaves as `bpf_csr.sv` does, with faults on demand.

use crate::mock_trie::{self, MockTrie};
use crate::{RegisterError, Registers};
use bpf2hdl_interface::registers::{self as reg, Counter};
use bpf2hdl_interface::{Manifest, MapInfo, MapType, ProgramType};
use std::collections::BTreeMap;

/// Behind the last counter.
const COUNTERS_END: u16 = reg::COUNTERS + 8 * Counter::ALL.len() as u16;

pub(crate) struct MockCore {
    pub(crate) magic: u32,
    pub(crate) version: u32,
    pub(crate) build_id: [u32; 8],
    pub(crate) counters: [u64; Counter::ALL.len()],
    pub(crate) control: u32,
    /// Contents, and the length of a value, of each map.
    pub(crate) maps: Vec<(Vec<u8>, usize)>,
    /// Polls that a command takes.
    pub(crate) busy: u32,
    high: u32,
    select: u32,
    index: u32,
    status: u32,
    busy_left: u32,
    window: Vec<u8>,
    key: Vec<u8>,
    /// Entries of map 3, the hash map.
    pub(crate) hash: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Map 4, the LPM trie.
    pub(crate) trie: MockTrie,
}

impl MockCore {
    pub(crate) fn new(manifest: &Manifest) -> Self {
        let memory = |map: &MapInfo| {
            let bytes = (map.value_size * map.max_entries) as usize;
            (map.initial_bytes().unwrap_or_else(|| vec![0; bytes]), map.value_size as usize)
        };
        Self {
            magic: reg::MAGIC_VALUE,
            version: reg::INTERFACE_VERSION_VALUE,
            build_id: reg::build_id_words(&manifest.build_id).unwrap(),
            counters: [0; Counter::ALL.len()],
            control: 0,
            maps: manifest.maps.iter().map(memory).collect(),
            busy: 3,
            high: 0,
            select: 0,
            index: 0,
            status: 0,
            busy_left: 0,
            window: vec![0; reg::DATA_BYTES],
            key: vec![0; reg::KEY_BYTES],
            hash: BTreeMap::new(),
            trie: MockTrie::default(),
        }
    }

    fn command(&mut self, command: u32) {
        self.busy_left = self.busy;
        if self.select == 3 {
            self.status = self.key_command(command) << reg::MAP_STATUS_ERRNO_SHIFT;
            return;
        }
        if self.select == 4 {
            let errno = self.trie.command(command, &mut self.index, &mut self.key, &mut self.window);
            self.status = errno << reg::MAP_STATUS_ERRNO_SHIFT;
            return;
        }
        let index = self.index as usize;
        self.status = reg::MAP_STATUS_ERROR;
        if let Some((memory, size)) = self.maps.get_mut(self.select as usize)
            && let Some(entry) = memory.chunks_mut(*size).nth(index)
        {
            self.status = 0;
            match command & 0xff {
                reg::COMMAND_READ => self.window[..*size].copy_from_slice(entry),
                _ => entry.copy_from_slice(&self.window[..*size]),
            }
        }
        if command & reg::COMMAND_INCREMENT != 0 {
            self.index += 1;
        }
    }
}

impl MockCore {
    /// A command on the hash map, whose keys have 4 bytes, values 6, and which holds two entries; its error number.
    fn key_command(&mut self, command: u32) -> u32 {
        let key = self.key[..4].to_vec();
        match command & 0xff {
            reg::COMMAND_LOOKUP => match self.hash.get(&key) {
                Some(value) => self.window[..6].copy_from_slice(value),
                None => return 2,
            },
            reg::COMMAND_UPDATE if !self.hash.contains_key(&key) && self.hash.len() == 2 => return 7,
            reg::COMMAND_UPDATE => _ = self.hash.insert(key, self.window[..6].to_vec()),
            reg::COMMAND_DELETE if self.hash.remove(&key).is_none() => return 2,
            reg::COMMAND_NEXT => match self.hash.iter().nth(self.index as usize) {
                Some((key, value)) => {
                    self.key[..4].copy_from_slice(key);
                    self.window[..6].copy_from_slice(value);
                    self.index += 1;
                }
                None => return 2,
            },
            _ => {}
        }
        0
    }
}

impl Registers for MockCore {
    fn read32(&mut self, address: u16) -> Result<u32, RegisterError> {
        Ok(match address {
            reg::MAGIC => self.magic,
            reg::INTERFACE_VERSION => self.version,
            reg::BUS_BITS => 512,
            reg::MAP_COUNT => u32::try_from(self.maps.len()).unwrap(),
            0x10..0x30 => self.build_id[usize::from(address - reg::BUILD_ID) / 4],
            reg::CONTROL => self.control,
            reg::STATUS => reg::STATUS_IDLE,
            reg::COUNTERS..COUNTERS_END if address.is_multiple_of(8) => {
                let value = self.counters[usize::from(address - reg::COUNTERS) / 8];
                self.high = u32::try_from(value >> 32).unwrap();
                u32::try_from(value & 0xffff_ffff).unwrap()
            }
            reg::COUNTERS..COUNTERS_END => self.high,
            reg::MAP_STATUS if self.busy_left > 0 => {
                self.busy_left -= 1;
                reg::MAP_STATUS_BUSY
            }
            reg::MAP_STATUS => self.status,
            reg::MAP_INDEX => self.index,
            reg::MAP_ENTRIES => u32::try_from(self.hash.len()).unwrap(),
            reg::MAP_REFUSED => 1,
            0x0800..0x0840 => {
                let at = usize::from(address - reg::KEY);
                u32::from_le_bytes(self.key[at..at + 4].try_into().unwrap())
            }
            0x1000..0x2000 => {
                let at = usize::from(address - reg::DATA);
                u32::from_le_bytes(self.window[at..at + 4].try_into().unwrap())
            }
            _ => return Err(RegisterError(format!("no register at {address:#06x}"))),
        })
    }

    fn write32(&mut self, address: u16, value: u32) -> Result<(), RegisterError> {
        match address {
            reg::CONTROL => {
                if value & reg::CONTROL_COUNTER_CLEAR != 0 {
                    self.counters = [0; Counter::ALL.len()];
                }
                self.control = value & reg::CONTROL_LOSSLESS;
            }
            reg::MAP_SELECT => self.select = value,
            reg::MAP_INDEX => self.index = value,
            reg::MAP_COMMAND => self.command(value),
            0x0800..0x0840 => {
                let at = usize::from(address - reg::KEY);
                self.key[at..at + 4].copy_from_slice(&value.to_le_bytes());
            }
            0x1000..0x2000 => {
                let at = usize::from(address - reg::DATA);
                self.window[at..at + 4].copy_from_slice(&value.to_le_bytes());
            }
            _ => return Err(RegisterError(format!("no register to write at {address:#06x}"))),
        }
        Ok(())
    }
}

/// A manifest with a per-CPU array of 6-byte values, initialised data, and a map that is not in hardware.
pub(crate) fn manifest() -> Manifest {
    let map = |id, name: &str, map_type, value_size, max_entries, initial: Option<&str>| MapInfo {
        id,
        name: name.to_owned(),
        map_type,
        key_size: 4,
        value_size,
        max_entries,
        hardware: true,
        initial: initial.map(str::to_owned),
        btf: None,
        state: None,
        extra: 0,
        pool: None,
        inner: None,
        formats: Vec::new(),
    };
    let rodata = MapInfo { hardware: false, ..map(2, ".rodata", MapType::ARRAY, 2, 1, Some("0102")) };
    let (key, value, entries) = (mock_trie::KEY as u32, mock_trie::VALUE as u32, mock_trie::ENTRIES as u32);
    let trie = MapInfo { key_size: key, ..map(4, "t", MapType::LPM_TRIE, value, entries, None) };
    Manifest {
        format: 1,
        build_id: "0123456789abcdef".repeat(4),
        program: "p".to_owned(),
        program_type: ProgramType::Xdp,
        target: "xcup".to_owned(),
        clock_mhz: 250.0,
        bus_bits: 512,
        max_frame_bytes: 9216,
        stages: 1,
        latency_cycles: 5,
        files: Vec::new(),
        top: "bpf_core".to_owned(),
        maps: vec![
            map(0, "cnt", MapType::PERCPU_ARRAY, 6, 40, None),
            map(1, ".data", MapType::ARRAY, 4, 1, Some("11223344")),
            rodata,
            map(3, "h", MapType::HASH, 6, 2, None),
            trie,
        ],
        registers: reg::manifest_registers(),
        capabilities: Vec::new(),
        memories: Vec::new(),
        programs: Vec::new(),
    }
}
