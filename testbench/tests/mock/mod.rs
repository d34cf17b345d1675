// SPDX-License-Identifier: Apache-2.0
//! A design directory around `data/mock_core/bpf_core.sv`, and an oracle that says what it must do.
#![allow(unreachable_pub, dead_code, reason = "shared by several test binaries")]

use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::{Manifest, MapContents, MapInfo, MapType, ProgramType, registers};
use bpf2hdl_testbench::{Action, Error, Oracle, OracleSkip, OracleVerdict, PacketContext};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

const CORE: &str = include_str!("../data/mock_core/bpf_core.sv");

/// A folder that is removed at the end of a test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("bpf2hdl-test-{}-{number}-{name}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Writes the mock for this bus width, with a fault built in if `fault` is not empty.
pub fn design(name: &str, bus_bits: u32, fault: &str) -> Folder {
    let folder = Folder::new(name);
    let define = if fault.is_empty() { String::new() } else { format!("`define {fault}\n") };
    let core = define + &CORE.replace("@BUS@", &bus_bits.to_string());
    fs::write(folder.0.join("bpf_core.sv"), core).unwrap();
    fs::write(folder.0.join("contents.hex"), "00000001\n12345678\n").unwrap();
    fs::write(folder.0.join("bpf_core.f"), "bpf_core.sv\n").unwrap();
    fs::write(folder.0.join("manifest.json"), manifest(bus_bits).to_json()).unwrap();
    folder
}

pub fn manifest(bus_bits: u32) -> Manifest {
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
    Manifest {
        format: 1,
        build_id: "ab".repeat(32),
        program: "mock".to_owned(),
        program_type: ProgramType::Xdp,
        target: "none".to_owned(),
        clock_mhz: 250.0,
        bus_bits,
        max_frame_bytes: 9216,
        stages: 1,
        latency_cycles: 3,
        files: vec!["bpf_core.sv".to_owned()],
        top: "bpf_core".to_owned(),
        maps: vec![
            map(0, "cnt", MapType::PERCPU_ARRAY, 8, 8, None),
            map(1, ".data", MapType::ARRAY, 4, 1, Some("11223344")),
        ],
        registers: registers::manifest_registers(),
        capabilities: Vec::new(),
        memories: Vec::new(),
        programs: Vec::new(),
    }
}

/// What the mock must do.
#[derive(Default)]
pub struct MockOracle {
    counts: [u64; 8],
    data: Option<Entries>,
}

impl Oracle for MockOracle {
    fn name(&self) -> &str {
        "mock"
    }

    fn run(&mut self, packet: &[u8], _context: &PacketContext) -> Result<OracleVerdict, OracleSkip> {
        let action = Action::from_xdp(u32::from(packet[0] & 7));
        self.counts[action as usize] += 1;
        let mut data = packet.to_vec();
        if action == Action::Tx && data.len() > 1 {
            data[1] = !data[1];
        }
        Ok(OracleVerdict { action, data, target: None, metadata: 0, events: Vec::new() })
    }

    fn maps(&mut self) -> Result<MapContents, Error> {
        let mut contents = MapContents::default();
        let counts = self
            .counts
            .iter()
            .zip(0u32..)
            .map(|(count, key)| (key.to_le_bytes().to_vec(), count.to_le_bytes().to_vec()));
        contents.maps.insert("cnt".to_owned(), counts.collect());
        let data = self.data.clone().unwrap_or_else(|| Entries::from([(vec![0; 4], vec![0x11, 0x22, 0x33, 0x44])]));
        contents.maps.insert(".data".to_owned(), data);
        Ok(contents)
    }

    fn load_maps(&mut self, contents: &MapContents) -> Result<(), Error> {
        if let Some(entries) = contents.maps.get("cnt") {
            self.counts = [0; 8];
            for (key, value) in entries {
                self.counts[usize::from(key[0])] = u64::from_le_bytes(value.as_slice().try_into().unwrap());
            }
        }
        self.data = contents.maps.get(".data").cloned();
        Ok(())
    }
}
