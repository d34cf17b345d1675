// SPDX-License-Identifier: Apache-2.0
//! A program of the campaign: C, with what it covers in its first lines.

use super::frames;
use bpf2hdl::object::{CompileOptions, Linked, Object, compile_c};
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_testbench::MapContents;
use bpf2hdl_testbench::random::network::network_for;
use std::path::{Path, PathBuf};

/// A C file and its header:
///
/// * `// covers: NAME ...`: types of maps, as bpftool calls them, and helpers;
/// * `// prog: NAME` where the file holds several programs;
/// * `// rate: R`: packets per clock that a storm on one key has to reach;
/// * `// keys: N`: keys of the widest part of the traffic, 1000 if it is left out;
/// * `// fill: MAP KEY VALUE`: an entry before the first packet, bytes in hexadecimal, in memory order;
/// * `// network: SEED`: tables of `bpf_fib_lookup` with routes to about half of the keys' addresses.
#[derive(Debug, Clone)]
pub struct Program {
    /// The file.
    pub path: PathBuf,
    /// Its name without the extension.
    pub name: String,
    /// What it covers.
    pub covers: Vec<String>,
    /// The rate that is demanded.
    pub rate: Option<f64>,
    /// Number of keys.
    pub keys: u64,
    /// Which program, if there are several.
    prog: Option<String>,
    fill: Vec<[String; 3]>,
    network: Option<u64>,
}

impl Program {
    /// Reads a program's header.
    ///
    /// # Errors
    /// A sentence with the file's name.
    pub fn read(path: &Path) -> Result<Self, String> {
        let wrong = |reason: &str| format!("{}: {reason}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error.to_string()))?;
        let lines = |name: &str| -> Vec<Vec<String>> {
            let prefix = format!("// {name}:");
            let found = text.lines().filter_map(|line| line.strip_prefix(&prefix));
            found.map(|rest| rest.split_whitespace().map(str::to_owned).collect()).collect()
        };
        let number = |name: &str| lines(name).concat().first().map(|word| word.parse::<f64>()).transpose();
        let covers = lines("covers").concat();
        if covers.is_empty() {
            return Err(wrong("a line `// covers:` is missing"));
        }
        let fill =
            lines("fill").into_iter().map(|words| words.try_into().map_err(|_| wrong("`// fill:` has three words")));
        Ok(Self {
            path: path.to_owned(),
            name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            covers,
            rate: number("rate").map_err(|_| wrong("`// rate:` is no number"))?,
            keys: number("keys").map_err(|_| wrong("`// keys:` is no number"))?.map_or(1000, |keys| keys as u64),
            prog: lines("prog").concat().first().cloned(),
            fill: fill.collect::<Result<_, _>>()?,
            network: number("network").map_err(|_| wrong("`// network:` is no number"))?.map(|seed| seed as u64),
        })
    }

    /// All programs of a folder, by name.
    ///
    /// # Errors
    /// As [`Program::read`].
    pub fn all(folder: &Path) -> Result<Vec<Self>, String> {
        let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(wrong)? {
            files.push(entry.map_err(wrong)?.path());
        }
        files.retain(|file| file.extension().is_some_and(|extension| extension == "c"));
        files.sort();
        files.iter().map(|file| Self::read(file)).collect()
    }

    /// The linked program.
    ///
    /// # Errors
    /// What clang or the linker says.
    pub fn link(&self) -> Result<Linked, String> {
        let bytes = compile_c(&self.path, &CompileOptions::standard()).map_err(|errors| errors.to_text())?;
        let object = Object::parse(&bytes, &self.name).map_err(|errors| errors.to_text())?;
        let linked = object.select(self.prog.as_deref()).and_then(|program| object.link(program));
        linked.map_err(|errors| errors.to_text())
    }

    /// Contents of maps before the first packet.
    ///
    /// # Errors
    /// A sentence, for bytes that are none.
    pub fn contents(&self) -> Result<MapContents, String> {
        let mut contents = MapContents::default();
        for [map, key, value] in &self.fill {
            let entries: &mut Entries = contents.maps.entry(map.clone()).or_default();
            entries.insert(bytes(key)?, bytes(value)?);
        }
        if let Some(seed) = self.network {
            contents.maps.extend(network_for(seed, &frames::addresses(self.keys)).to_maps().maps);
        }
        Ok(contents)
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let wrong = || format!("`{text}` is no row of bytes in hexadecimal");
    let byte = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()).ok_or_else(wrong);
    (0..text.len()).step_by(2).map(byte).collect()
}
