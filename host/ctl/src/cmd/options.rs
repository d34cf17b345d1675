// SPDX-License-Identifier: Apache-2.0
//! Options of `sim up` and `prog load`: ours, and those that the compiler gets.

use crate::artifact::ENGINE;
use crate::error::{Code, Failure, Result};
use bpf2hdl_interface::network_file;
use serde_json::{Value, json};
use std::path::PathBuf;

/// The compiler's options, all with a value.
const COMPILER: [&str; 10] =
    ["--prog", "-I", "-D", "--set", "--entries", "--inner-maps", "--target", "--clock", "--optimize", "--ii"];
/// Those of them that an engine does not have.
const PIPELINES: [&str; 2] = ["--optimize", "--ii"];

/// What was given.
#[derive(Debug, Default)]
pub(super) struct Options {
    /// Words that are no options.
    pub(super) words: Vec<String>,
    /// For the compiler.
    pub(super) compiler: Vec<String>,
    /// Options with a value, in order.
    values: Vec<(&'static str, String)>,
    /// Options without.
    flags: Vec<&'static str>,
}

impl Options {
    /// Takes the words apart. `values` and `flags` are the options that there are besides the compiler's; those win.
    pub(super) fn parse(words: Vec<String>, values: &[&'static str], flags: &[&'static str]) -> Result<Self> {
        let mut options = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let (name, inline) = match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
                _ => (word.clone(), None),
            };
            let value = |words: &mut std::vec::IntoIter<String>| {
                let missing = || Failure::new(Code::Usage, format!("`{name}` lacks its value"));
                inline.clone().or_else(|| words.next()).ok_or_else(missing)
            };
            if let Some(known) = values.iter().find(|known| **known == name) {
                let value = value(&mut words)?;
                options.values.push((known, value));
            } else if let Some(known) = flags.iter().find(|known| **known == name) {
                options.flags.push(known);
            } else if COMPILER.contains(&name.as_str()) {
                let value = value(&mut words)?;
                options.compiler.extend([name.clone(), value]);
            } else if name.starts_with('-') && name.len() > 1 {
                return Err(Failure::new(Code::Usage, format!("there is no option `{name}` here")));
            } else {
                options.words.push(word);
            }
        }
        Ok(options)
    }

    /// Whether a flag was given.
    pub(super) fn has(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }

    /// The last value of an option.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// As [`Options::get`], as a path.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// Contents of maps: the text of `--maps`, with the tables of `--network`.
    pub(super) fn contents(&self) -> Result<Option<String>> {
        let maps = self.path("--maps").map(|path| super::sim::read(&path)).transpose()?;
        let Some(path) = self.path("--network") else { return Ok(maps) };
        let wrong = |text: String| Failure::new(Code::BadData, text).at(&path);
        let network = network_file::parse(&super::sim::read(&path)?)
            .map_err(|text| wrong(format!("{}: {text}", path.display())))?;
        let maps: Value =
            maps.map_or(Ok(json!({})), |text| serde_json::from_str(&text)).map_err(|error| wrong(error.to_string()))?;
        let Value::Object(mut maps) = maps else {
            return Err(wrong("a map file is a JSON object of map names".to_owned()));
        };
        for (name, entries) in network.to_maps().maps {
            let entries = entries.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
            if maps.insert(name.clone(), Value::Array(entries)).is_some() {
                return Err(Failure::new(Code::Usage, format!("--maps and --network both give `{name}`")));
            }
        }
        Ok(Some(Value::Object(maps).to_string()))
    }

    /// As [`Options::get`], as a number.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str, default: T) -> Result<T> {
        let wrong = |text: &str| Failure::new(Code::Usage, format!("`{name} {text}`: no number that is possible here"));
        self.get(name).map_or(Ok(default), |text| text.parse().map_err(|_| wrong(text)))
    }

    /// What the compiler gets for the same program on the engine.
    pub(super) fn for_engine(&self) -> Vec<String> {
        let pairs = self.compiler.chunks(2).filter(|pair| !PIPELINES.contains(&pair[0].as_str()));
        pairs.flatten().cloned().chain([ENGINE.to_owned()]).collect()
    }

    /// The last value that the compiler gets of an option.
    pub(super) fn compiler_value(&self, name: &str) -> Option<&str> {
        let pairs = self.compiler.chunks(2).rev();
        pairs.into_iter().find(|pair| pair[0] == name).map(|pair| pair[1].as_str())
    }

    /// Gives the compiler a value of an option, unless it has one.
    pub(super) fn default_for_compiler(&mut self, name: &str, value: String) {
        if self.compiler_value(name).is_none() {
            self.compiler.extend([name.to_owned(), value]);
        }
    }
}
