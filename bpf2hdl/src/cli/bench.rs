// SPDX-License-Identifier: Apache-2.0
//! What the verbs that run packets share: reading captures and map files, the design in a temporary folder, and what the
//! testbench's errors mean to the user.

use super::folder::{self, File, Foreign};
use bpf2hdl::diag::{Code, Diagnostic, Location};
use bpf2hdl::object::Linked;
use bpf2hdl_interface::{MapShape, Nest, inner_maps, map_file, network_file};
use bpf2hdl_testbench::{Arrivals, Error, MapContents, MapSpec, PacketSet, capture};
use clap::Args;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Reads the capture. Frames without a byte can not be offered to hardware.
pub(crate) fn read_packets(path: &Path) -> Result<PacketSet, Diagnostic> {
    let refuse =
        |message: String| Diagnostic::new(Code::CaptureFile, message).at(Location::file(path.display().to_string()));
    let packets = capture::read(path).map_err(|error| refuse(error.to_string()))?;
    let empty = packets.iter().position(|packet| packet.data.is_empty());
    match empty {
        Some(number) => Err(refuse(format!("packet {number} has no byte"))),
        None => Ok(packets),
    }
}

/// `START[:STEP]` in nanoseconds.
pub(crate) fn parse_time(text: &str) -> Result<(u64, u32), String> {
    let (start, step) = text.split_once(':').map_or((text, None), |(start, step)| (start, Some(step)));
    let start = start.parse().map_err(|_| format!("`{start}` is no number of nanoseconds"))?;
    let default = Arrivals::default().step_ns;
    let step = step.map_or(Ok(default), str::parse);
    Ok((start, step.map_err(|_| "the step is no number of nanoseconds below 2^32".to_owned())?))
}

/// What packets are told of time and chance.
pub(crate) fn arrivals(time: Option<(u64, u32)>, seed: u64) -> Arrivals {
    let (start_ns, step_ns) = time.unwrap_or((Arrivals::default().start_ns, Arrivals::default().step_ns));
    Arrivals { start_ns, step_ns, seed }
}

/// Where the contents of maps come from.
#[derive(Args, Debug)]
pub(crate) struct PreloadArgs {
    /// Contents of maps before the first packet
    #[arg(long, value_name = "FILE")]
    pub(crate) maps: Option<PathBuf>,
    /// Interfaces, routes and neighbours for bpf_fib_lookup, as `ip -j` prints them
    #[arg(long, value_name = "FILE")]
    network: Option<PathBuf>,
}

impl PreloadArgs {
    /// Reads what is given.
    /// `nests` learn the names of inner maps.
    pub(crate) fn read(
        &self,
        maps: &[MapSpec],
        linked: &Linked,
        nests: &mut [Nest],
    ) -> Result<Option<MapContents>, Diagnostic> {
        let contents = self.maps.as_deref().map(|path| read_maps(path, maps, linked, nests)).transpose()?;
        let Some(path) = self.network.as_deref() else { return Ok(contents) };
        let mut contents = contents.unwrap_or_default();
        for (name, entries) in read_network(path, maps)?.maps {
            if contents.maps.insert(name.clone(), entries).is_some() {
                let text = format!("--maps and --network both give `{name}`");
                return Err(Diagnostic::new(Code::Usage, text));
            }
        }
        Ok(Some(contents))
    }
}

/// Reads a network for a program's tables.
fn read_network(path: &Path, maps: &[MapSpec]) -> Result<MapContents, Diagnostic> {
    let refuse =
        |message: String| Diagnostic::new(Code::NetworkFile, message).at(Location::file(path.display().to_string()));
    let text = std::fs::read_to_string(path)
        .map_err(|error| refuse(format!("{} can not be read: {error}", path.display())))?;
    let contents = network_file::parse(&text).map_err(refuse)?.to_maps();
    for (name, entries) in &contents.maps {
        let Some(map) = maps.iter().find(|map| map.name == *name) else {
            return Err(refuse("the program does not call bpf_fib_lookup, so it has no tables".to_owned()));
        };
        if entries.len() > map.max_entries as usize {
            let (count, most) = (entries.len(), map.max_entries);
            let help = format!("--entries {name}={}", count.next_power_of_two());
            return Err(refuse(format!("{count} entries for `{name}`, which has {most}")).with_help(help));
        }
    }
    Ok(contents)
}

/// Reads the contents of maps; programs in prog arrays may be named.
/// `nests` learn the names of inner maps.
fn read_maps(path: &Path, maps: &[MapSpec], linked: &Linked, nests: &mut [Nest]) -> Result<MapContents, Diagnostic> {
    let shapes: Vec<MapShape> = maps.iter().map(MapSpec::shape).collect();
    let refuse =
        |message: String| Diagnostic::new(Code::MapFile, message).at(Location::file(path.display().to_string()));
    let text = std::fs::read_to_string(path)
        .map_err(|error| refuse(format!("{} can not be read: {error}", path.display())))?;
    let arrays: Vec<&str> = linked.maps.iter().filter(|m| m.is_prog_array()).map(|m| m.name.as_str()).collect();
    let numbered = match arrays.is_empty() {
        true => Ok(text),
        false => map_file::number_programs(&text, &arrays, &linked.bundle.names),
    };
    let numbered = match nests.is_empty() {
        true => numbered,
        false => numbered.and_then(|text| inner_maps::number_maps(&text, nests)),
    };
    let contents =
        numbered.and_then(|text| map_file::parse(&text, &shapes)).map_err(|error| refuse(error.to_string()))?;
    let in_lock = |name: &str, value: &[u8]| {
        let lock = linked.maps.iter().find(|map| map.name == name).and_then(|map| map.spin_lock())? as usize;
        value.get(lock..lock + 4).is_some_and(|lock| lock != [0; 4]).then_some("the bytes of its lock must be zero")
    };
    for map in maps {
        for (key, value) in contents.maps.get(&map.name).into_iter().flatten() {
            let problem = map.map_type().value_error(value);
            if let Some(text) = problem.or_else(|| in_lock(&map.name, value).map(ToString::to_string)) {
                let key: Vec<String> = key.iter().map(|byte| format!("{byte:#04x}")).collect();
                return Err(refuse(format!("map `{}`, key {}: {text}", map.name, key.join(" "))));
            }
        }
    }
    Ok(contents)
}

/// The maps of maps with their inner maps.
pub(crate) fn nests(maps: &[MapSpec]) -> Vec<Nest> {
    let nest = |(index, pool): (usize, &MapSpec)| {
        let outers = maps.iter().filter(|map| map.pool == Some(index)).map(|map| map.name.clone()).collect();
        Some(Nest::new(&pool.name, pool.map_type(), pool.inner.as_ref()?, outers))
    };
    maps.iter().enumerate().filter_map(nest).collect()
}

/// What an error of the testbench means to the user.
pub(crate) fn failure(error: &Error, capture: &Path, maps: Option<&Path>) -> Diagnostic {
    let message = error.to_string();
    let (code, file) = match error {
        Error::Packet(..) => (Code::CaptureFile, Some(capture)),
        Error::Preload(_) => (Code::MapFile, maps),
        Error::Oracle(..) => (Code::Oracle, None),
        Error::Tool(_) | Error::Build { .. } | Error::Io(..) => (Code::Tool, None),
        Error::Hang { .. } | Error::Stopped(_) | Error::Host(_) | Error::Model(_) | Error::Manifest(_) => {
            (Code::Internal, None)
        }
    };
    let (first, rest) = message.split_once('\n').unwrap_or((&message, ""));
    let item = rest.lines().filter(|line| !line.trim().is_empty()).fold(Diagnostic::new(code, first), Diagnostic::note);
    let item = match error {
        Error::Io(..) => item.with_help("models are cached there; BPF2HDL_CACHE names another folder"),
        _ => item,
    };
    match file {
        Some(file) => item.at(Location::file(file.display().to_string())),
        None => item,
    }
}

/// The design in a temporary folder, removed at the end.
pub(crate) struct Temporary(pub(crate) PathBuf);

impl Temporary {
    /// Writes the files.
    pub(crate) fn new(files: &[File]) -> Result<Self, Diagnostic> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let place = std::env::temp_dir().join(format!("bpf2hdl-sim-{}-{now}", std::process::id()));
        folder::install(&place, files, Foreign::Refused)?;
        Ok(Self(place))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // A temporary folder that can not be removed does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
