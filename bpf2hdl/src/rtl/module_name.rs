// SPDX-License-Identifier: Apache-2.0
//! What the generated modules of a design are called, so that several designs can stand in one.

use super::{keywords, library};
use std::str::FromStr;

/// Most characters of a name.
const LONGEST: usize = 64;
const CORE: &str = "bpf_core";

/// The name of a design's top module; its other modules and its files are called after it. `bpf_core` unless chosen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModuleName(String);

impl Default for ModuleName {
    fn default() -> Self {
        Self(CORE.to_owned())
    }
}

impl FromStr for ModuleName {
    type Err = String;

    /// An identifier of SystemVerilog that no module of the library has.
    fn from_str(text: &str) -> Result<Self, String> {
        let identifier = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !identifier || text.len() > LONGEST {
            return Err(format!("a module's name is a letter, then letters, digits and `_`, {LONGEST} at most"));
        }
        if keywords::is_keyword(text) {
            return Err("this is a word that SystemVerilog keeps for itself".to_owned());
        }
        let name = Self(text.to_owned());
        let clash = [text.to_owned(), name.pipeline()].into_iter().find(|own| library::has(own));
        // The default name of the pipeline is no library module's, but the pipeline's of every design without a name.
        if clash.is_some() || text == "bpf_pipeline" {
            return Err("this is the name of another module of the design".to_owned());
        }
        Ok(name)
    }
}

impl ModuleName {
    /// The top module.
    #[must_use]
    pub fn core(&self) -> &str {
        &self.0
    }

    /// The program's module.
    #[must_use]
    pub fn pipeline(&self) -> String {
        if self.is_default() { "bpf_pipeline".to_owned() } else { format!("{}_pipeline", self.0) }
    }

    /// The file with the first contents of a map.
    pub(super) fn map_file(&self, map: &str) -> String {
        if self.is_default() { format!("bpf_map_{map}.mem") } else { format!("{}_map_{map}.mem", self.0) }
    }

    /// Whether it was not chosen.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.0 == CORE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_clash_are_refused() {
        assert_eq!("bpf_slot_a".parse::<ModuleName>().unwrap().pipeline(), "bpf_slot_a_pipeline");
        assert_eq!("bpf_core".parse::<ModuleName>().unwrap(), ModuleName::default());
        for name in ["", "1a", "a-b", "module", "bpf_fifo", "bpf_pipeline", "ä", &"a".repeat(65)] {
            assert!(name.parse::<ModuleName>().is_err(), "{name}");
        }
    }
}
