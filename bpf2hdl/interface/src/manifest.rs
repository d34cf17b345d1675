// SPDX-License-Identifier: Apache-2.0
//! `manifest.json`: all that a host needs to know of a generated design.

use crate::action::Action;
use crate::engine;
use crate::inner_maps::InnerMaps;
use crate::map_file::{Entries, MapShape};
use crate::map_type::MapType;
use crate::print::{self, Format};
use crate::queue::STATE_BYTES;
use crate::registers;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

/// The number in [`Manifest::format`] that this crate reads and writes.
pub const FORMAT: u32 = 1;
/// Name of the manifest inside a design directory.
pub const FILE_NAME: &str = "manifest.json";
/// Name of the file beside it that has the SHA-256 of all files that make a difference, in the form of `sha256sum`.
pub const SUMS_NAME: &str = "SHA256SUMS";

/// Which kind of program the design was compiled from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProgramType {
    /// `BPF_PROG_TYPE_XDP`.
    Xdp,
    /// The early driver filter of 2016, section `phys_dev`.
    PhysDev,
    /// `BPF_PROG_TYPE_XDP` with attach type `BPF_XDP_DEVMAP`: runs at the port that a devmap entry names. What passes goes on
    /// to that port.
    XdpDevmap,
    /// `BPF_PROG_TYPE_XDP` with attach type `BPF_XDP_CPUMAP`: runs on the CPU that a cpumap entry names. What passes goes on to
    /// the stack.
    XdpCpumap,
}

impl ProgramType {
    /// Whether it is an XDP program, wherever that runs.
    #[must_use]
    pub fn is_xdp(self) -> bool {
        self != Self::PhysDev
    }

    /// The action of a return value. Behind a redirect a packet can not be sent back, and behind a devmap not be redirected
    /// again: such values are [`Action::Aborted`] (kernel/bpf/devmap.c `dev_map_bpf_prog_run`, kernel/bpf/cpumap.c
    /// `cpu_map_bpf_prog_run_xdp`).
    #[must_use]
    pub fn action(self, code: u32) -> Action {
        match (self, Action::from_xdp(code)) {
            (Self::PhysDev, _) => Action::from_phys_dev(code),
            (Self::XdpDevmap, Action::Tx | Action::Redirect) | (Self::XdpCpumap, Action::Tx) => Action::Aborted,
            (_, action) => action,
        }
    }
}

/// The whole of `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// SHA-256 that identifies the build, 64 hexadecimal digits; also in the `BUILD_ID` registers.
    pub build_id: String,
    /// Name of the program's function.
    pub program: String,
    /// Kind of the program.
    pub program_type: ProgramType,
    /// Name of the target whose delay table was used.
    pub target: String,
    /// Clock that the pipeline was scheduled for, in MHz.
    pub clock_mhz: f64,
    /// Width of the packet buses in bits: 64, 128, 256 or 512.
    pub bus_bits: u32,
    /// Longest frame that the core accepts, in bytes without FCS.
    pub max_frame_bytes: u32,
    /// Ranks of registers in the pipeline.
    pub stages: u32,
    /// Clocks from the first beat in to the first beat out of an empty core.
    pub latency_cycles: u32,
    /// Source files relative to the manifest, in dependency order, top last.
    pub files: Vec<String>,
    /// Files beside these with the first contents of memories (`$readmemh`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memories: Vec<String>,
    /// Name of the top module.
    pub top: String,
    /// All maps of the program, the position being the value of `MAP_SELECT`.
    pub maps: Vec<MapInfo>,
    /// Byte offset of each register by name, see [`registers::manifest_registers`].
    pub registers: BTreeMap<String, u32>,
    /// What the design makes use of, for example `xdp`, `array`.
    pub capabilities: Vec<String>,
    /// Programs that prog arrays can hold: the first has number 1, and so on; 0 is a missing entry. Empty without tail calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<String>,
}

/// One map of a design.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapInfo {
    /// Value of `MAP_SELECT`; equal to the position in [`Manifest::maps`].
    pub id: u32,
    /// Name as in the ELF object; global data has its section's name.
    pub name: String,
    /// Map type, in JSON by bpftool's name.
    #[serde(rename = "type")]
    pub map_type: MapType,
    /// Bytes of a key.
    pub key_size: u32,
    /// Bytes of a value (of one CPU).
    pub value_size: u32,
    /// Number of entries.
    pub max_entries: u32,
    /// Whether the map exists in hardware; if not, its contents were fixed at compile time.
    pub hardware: bool,
    /// Whole contents after reset in memory order as hexadecimal digits; absent means all zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial: Option<String>,
    /// Types of key and value, if the object had BTF.
    #[serde(default)]
    pub btf: Option<serde_json::Value>,
    /// For a queue or stack: the `id` of the map that says where its elements are; for a bloom filter: of the map of its bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<u32>,
    /// `map_extra` of the definition.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub extra: u32,
    /// For a map of maps: the `id` of the map that holds the contents of its inner maps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<u32>,
    /// For such a pool: the inner maps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inner: Option<InnerMaps>,
    /// For the channel of prints, `.trace`: the formats by number, in the form of [`print::to_json_text`](crate::print::to_json_text).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub formats: Vec<String>,
}

impl MapInfo {
    /// [`MapInfo::initial`] as entries; those that are none are left out. A hash of maps has them under the keys 0, 1, ..
    #[must_use]
    pub fn initial_entries(&self) -> Entries {
        let bytes = self.initial_bytes().unwrap_or_default();
        let values = (0u32..).zip(bytes.chunks(self.value_size.max(1) as usize));
        let key = |index: u32| {
            let mut key = index.to_le_bytes().to_vec();
            key.resize(self.key_size as usize, 0);
            key
        };
        let entries = values.filter(|(_, value)| self.map_type.is_entry(value));
        entries.map(|(index, value)| (key(index), value.to_vec())).collect()
    }

    /// [`MapInfo::initial`] as bytes: `value_size * max_entries` of them, `None` if absent.
    ///
    /// [`Manifest::validate`] has made sure that the digits are right.
    #[must_use]
    pub fn initial_bytes(&self) -> Option<Vec<u8>> {
        decode_hex(self.initial.as_deref()?)
    }
}

/// Why a manifest can not be used.
#[derive(Debug)]
pub enum ManifestError {
    /// The file can not be read.
    Io(PathBuf, std::io::Error),
    /// The text is not the JSON of a manifest; the message has line and column.
    Json(Option<PathBuf>, serde_json::Error),
    /// The JSON contradicts itself; what is wrong.
    Invalid(String),
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "can not read {}: {error}", path.display()),
            Self::Json(Some(path), error) => write!(f, "{} is not a bpf2hdl manifest: {error}", path.display()),
            Self::Json(None, error) => write!(f, "not a bpf2hdl manifest: {error}"),
            Self::Invalid(what) => write!(f, "manifest is inconsistent: {what}"),
        }
    }
}

impl std::error::Error for ManifestError {}

impl Manifest {
    /// Whether the program makes use of this, or is for this: a word of [`capabilities`](Self::capabilities).
    #[must_use]
    pub fn has(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|word| word == capability)
    }

    /// Whether it is an engine's program, not a pipeline.
    #[must_use]
    pub fn is_engine(&self) -> bool {
        self.has(engine::CAPABILITY)
    }

    /// Reads and checks the manifest of a design directory, or a manifest file itself.
    ///
    /// # Errors
    /// [`ManifestError`] naming the file and the reason.
    pub fn load(path: &Path) -> Result<Self, ManifestError> {
        let file = if path.is_dir() { path.join(FILE_NAME) } else { path.to_owned() };
        let text = fs::read_to_string(&file).map_err(|error| ManifestError::Io(file.clone(), error))?;
        Self::parse(&text).map_err(|error| match error {
            ManifestError::Json(_, json) => ManifestError::Json(Some(file), json),
            other => other,
        })
    }

    /// Parses and checks the text of a manifest.
    ///
    /// # Errors
    /// [`ManifestError::Json`] or [`ManifestError::Invalid`].
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = serde_json::from_str(text).map_err(|error| ManifestError::Json(None, error))?;
        manifest.validate()?;
        Ok(manifest)
    }

    /// The text of `manifest.json`: indented JSON with a newline at its end, the same for the same manifest.
    ///
    /// # Panics
    /// Never: a manifest has no key or number that JSON can not hold.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a manifest is always JSON");
        text.push('\n');
        text
    }

    /// The maps as map files have them: those that keep the state of queues are not among them.
    #[must_use]
    pub fn shapes(&self) -> Vec<MapShape> {
        let is_state = |map: &MapInfo| self.maps.iter().any(|queue| queue.state == Some(map.id));
        self.maps.iter().filter(|map| !is_state(map)).map(MapShape::from).collect()
    }

    /// The channel of prints, by its position among the maps, and the formats; `None` for a program that prints nothing.
    ///
    /// [`Manifest::validate`] has made sure that the texts are formats.
    #[must_use]
    pub fn print_formats(&self) -> Option<(usize, Vec<Format>)> {
        let position = self.maps.iter().position(|map| map.name == print::MAP_NAME && !map.formats.is_empty())?;
        let formats = self.maps[position].formats.iter().map(|text| print::from_json_text(text));
        Some((position, formats.collect::<Option<_>>()?))
    }

    /// Checks everything that the types do not: format, widths, hexadecimal digits, ids, register addresses.
    ///
    /// # Errors
    /// [`ManifestError::Invalid`] with the first contradiction.
    pub fn validate(&self) -> Result<(), ManifestError> {
        let invalid = |what: String| Err(ManifestError::Invalid(what));
        if self.format != FORMAT {
            return invalid(format!("format is {}, this tool reads format {FORMAT}", self.format));
        }
        if registers::build_id_words(&self.build_id).is_none() {
            return invalid(format!("build_id `{}` is not 64 hexadecimal digits", self.build_id));
        }
        if ![64, 128, 256, 512].contains(&self.bus_bits) {
            return invalid(format!("bus_bits is {}, not 64, 128, 256 or 512", self.bus_bits));
        }
        for (position, map) in self.maps.iter().enumerate() {
            validate_map(position, map)?;
            if map.pool.is_some_and(|pool| self.maps.get(pool as usize).is_none_or(|pool| pool.inner.is_none())) {
                return invalid(format!("map `{}`: its pool is no map with inner maps", map.name));
            }
            let state_size = map.state.map(|state| self.maps.get(state as usize).map(|state| state.value_size));
            let expected = if map.map_type.is_queue() { STATE_BYTES } else { 1 };
            if state_size.is_some_and(|size| size != Some(expected)) {
                return invalid(format!("map `{}`: its state is no map of {expected} bytes", map.name));
            }
        }
        for (name, address) in registers::manifest_registers() {
            match self.registers.get(&name) {
                Some(found) if *found == address => {}
                Some(found) => {
                    return invalid(format!("register {name} is at {found:#x}, this tool expects {address:#x}"));
                }
                None => return invalid(format!("register {name} is missing")),
            }
        }
        Ok(())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn validate_map(position: usize, map: &MapInfo) -> Result<(), ManifestError> {
    let name = &map.name;
    let invalid = |what: String| Err(ManifestError::Invalid(format!("map `{name}`: {what}")));
    if usize::try_from(map.id) != Ok(position) {
        return invalid(format!("id is {}, its position in the list is {position}", map.id));
    }
    let is_format =
        |text: &String| print::from_json_text(text).is_some_and(|format| format.longest() <= print::MAX_LINE);
    if !map.formats.iter().all(is_format) {
        return invalid("a format is none, or its lines are too long".to_owned());
    }
    let Some(digits) = &map.initial else { return Ok(()) };
    let Some(bytes) = decode_hex(digits) else { return invalid("initial is not hexadecimal".to_owned()) };
    let expected = u64::from(map.value_size) * u64::from(map.max_entries);
    if bytes.len() as u64 != expected {
        return invalid(format!("initial has {} bytes, the map has {expected}", bytes.len()));
    }
    Ok(())
}

/// Bytes as lower-case hexadecimal digits, as used in [`MapInfo::initial`].
#[must_use]
pub fn encode_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of hexadecimal digits; `None` if there is an odd number of them or another character.
#[must_use]
pub fn decode_hex(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Manifest {
        Manifest {
            format: FORMAT,
            build_id: "ab".repeat(32),
            program: "xdp_prog".to_owned(),
            program_type: ProgramType::Xdp,
            target: "xcup".to_owned(),
            clock_mhz: 250.0,
            bus_bits: 512,
            max_frame_bytes: 9216,
            stages: 7,
            latency_cycles: 14,
            files: vec!["bpf_core.sv".to_owned()],
            top: "bpf_core".to_owned(),
            maps: vec![MapInfo {
                id: 0,
                name: ".data".to_owned(),
                map_type: MapType::ARRAY,
                key_size: 4,
                value_size: 3,
                max_entries: 1,
                hardware: true,
                initial: Some("0102ff".to_owned()),
                btf: None,
                state: None,
                extra: 0,
                pool: None,
                inner: None,
                formats: Vec::new(),
            }],
            registers: registers::manifest_registers(),
            capabilities: vec!["xdp".to_owned()],
            memories: Vec::new(),
            programs: Vec::new(),
        }
    }

    #[test]
    fn round_trip() {
        let manifest = sample();
        let text = manifest.to_json();
        assert!(text.contains("\"type\": \"array\"") && text.contains("\"btf\": null") && text.ends_with("}\n"));
        let back = Manifest::parse(&text).unwrap();
        assert_eq!(back, manifest);
        assert_eq!(back.maps[0].initial_bytes(), Some(vec![1, 2, 255]));
    }

    #[test]
    fn contradictions_are_named() {
        type Damage = fn(&mut Manifest);
        let cases: [(&str, Damage); 8] = [
            ("format is 2", |m| m.format = 2),
            ("build_id", |m| m.build_id.clear()),
            ("bus_bits is 32", |m| m.bus_bits = 32),
            ("position in the list is 0", |m| m.maps[0].id = 1),
            ("initial has 1 bytes, the map has 3", |m| m.maps[0].initial = Some("00".to_owned())),
            ("its state is no map", |m| m.maps[0].state = Some(0)),
            ("its pool is no map", |m| m.maps[0].pool = Some(0)),
            ("register MAGIC is at 0x4", |m| _ = m.registers.insert("MAGIC".to_owned(), 4)),
        ];
        for (expected, damage) in cases {
            let mut manifest = sample();
            damage(&mut manifest);
            let message = Manifest::parse(&manifest.to_json()).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn missing_files_and_wrong_json_are_clear() {
        let message = Manifest::load(Path::new("no/such/manifest.json")).unwrap_err().to_string();
        assert!(message.starts_with("can not read no/such/manifest.json"), "{message}");
        assert!(Manifest::parse("{}").unwrap_err().to_string().contains("missing field `format`"));
    }
}
