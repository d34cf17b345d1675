// SPDX-License-Identifier: Apache-2.0
//! Published figures of other systems, from `peers.json`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All published figures.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(crate) struct Peers {
    /// Systems, each with its source.
    pub(crate) systems: Vec<System>,
    /// Figures per class of programs.
    pub(crate) classes: BTreeMap<String, Class>,
}

/// A system.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(crate) struct System {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) kind: String,
    pub(crate) figures: String,
    /// Look-up tables of one core, where they were published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lut: Option<u64>,
    /// What that number is, where it is not that of a core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lut_note: Option<String>,
}

/// A class of programs.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(crate) struct Class {
    /// Millions of 64-byte packets per second on hXDP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hxdp_mpps: Option<f64>,
    /// Instructions of the program that hXDP ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hxdp_instructions: Option<u32>,
    /// Nanoseconds per packet on one core of Linux, net of an empty program, least and most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) linux_ns: Option<[f64; 2]>,
}

/// What an empty program costs on Linux, nanoseconds per packet.
pub(crate) const LINUX_EMPTY_NS: f64 = 26.0;

impl Peers {
    /// The figures that come with this program.
    ///
    /// # Errors
    /// A sentence, if the file is damaged.
    pub(crate) fn read() -> Result<Self, String> {
        serde_json::from_str(include_str!("../peers.json")).map_err(|error| format!("peers.json: {error}"))
    }

    /// The class of this name.
    pub(crate) fn class(&self, name: Option<&str>) -> Option<&Class> {
        self.classes.get(name?)
    }
}

impl Class {
    /// Millions of packets per second on one core of Linux at best, the empty program included.
    pub(crate) fn linux_mpps(&self) -> Option<f64> {
        self.linux_ns.map(|[least, _]| 1000.0 / (least + LINUX_EMPTY_NS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_whole() {
        let peers = Peers::read().unwrap();
        assert!(peers.systems.iter().all(|system| !system.source.is_empty()));
        let drop = peers.class(Some("drop")).unwrap();
        assert!((drop.linux_mpps().unwrap() - 33.3).abs() < 0.1);
    }
}
