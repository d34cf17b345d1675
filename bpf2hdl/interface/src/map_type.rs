// SPDX-License-Identifier: Apache-2.0
//! The kernel's map types by number (`enum bpf_map_type`, `include/uapi/linux/bpf.h`) and by the name that bpftool prints.

use crate::RedirectKind;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;

/// A map type, identified by the kernel's number.
///
/// Numbers that this table does not know are kept, so that a refusal can name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MapType(pub u32);

/// bpftool's names in the order of the kernel's numbers, beginning with 0.
const NAMES: [&str; 34] = [
    "unspec",
    "hash",
    "array",
    "prog_array",
    "perf_event_array",
    "percpu_hash",
    "percpu_array",
    "stack_trace",
    "cgroup_array",
    "lru_hash",
    "lru_percpu_hash",
    "lpm_trie",
    "array_of_maps",
    "hash_of_maps",
    "devmap",
    "sockmap",
    "cpumap",
    "xskmap",
    "sockhash",
    "cgroup_storage",
    "reuseport_sockarray",
    "percpu_cgroup_storage",
    "queue",
    "stack",
    "sk_storage",
    "devmap_hash",
    "struct_ops",
    "ringbuf",
    "inode_storage",
    "task_storage",
    "bloom_filter",
    "user_ringbuf",
    "cgrp_storage",
    "arena",
];

impl MapType {
    /// `BPF_MAP_TYPE_HASH`
    pub const HASH: Self = Self(1);
    /// `BPF_MAP_TYPE_ARRAY`
    pub const ARRAY: Self = Self(2);
    /// `BPF_MAP_TYPE_PROG_ARRAY`
    pub const PROG_ARRAY: Self = Self(3);
    /// `BPF_MAP_TYPE_PERF_EVENT_ARRAY`
    pub const PERF_EVENT_ARRAY: Self = Self(4);
    /// `BPF_MAP_TYPE_RINGBUF`
    pub const RINGBUF: Self = Self(27);
    /// `BPF_MAP_TYPE_PERCPU_HASH`
    pub const PERCPU_HASH: Self = Self(5);
    /// `BPF_MAP_TYPE_PERCPU_ARRAY`
    pub const PERCPU_ARRAY: Self = Self(6);
    /// `BPF_MAP_TYPE_LRU_HASH`
    pub const LRU_HASH: Self = Self(9);
    /// `BPF_MAP_TYPE_LRU_PERCPU_HASH`
    pub const LRU_PERCPU_HASH: Self = Self(10);
    /// `BPF_MAP_TYPE_LPM_TRIE`
    pub const LPM_TRIE: Self = Self(11);
    /// `BPF_MAP_TYPE_ARRAY_OF_MAPS`
    pub const ARRAY_OF_MAPS: Self = Self(12);
    /// `BPF_MAP_TYPE_HASH_OF_MAPS`
    pub const HASH_OF_MAPS: Self = Self(13);
    /// `BPF_MAP_TYPE_DEVMAP`
    pub const DEVMAP: Self = Self(14);
    /// `BPF_MAP_TYPE_CPUMAP`
    pub const CPUMAP: Self = Self(16);
    /// `BPF_MAP_TYPE_XSKMAP`
    pub const XSKMAP: Self = Self(17);
    /// `BPF_MAP_TYPE_QUEUE`
    pub const QUEUE: Self = Self(22);
    /// `BPF_MAP_TYPE_STACK`
    pub const STACK: Self = Self(23);
    /// `BPF_MAP_TYPE_BLOOM_FILTER`
    pub const BLOOM_FILTER: Self = Self(30);
    /// `BPF_MAP_TYPE_DEVMAP_HASH`
    pub const DEVMAP_HASH: Self = Self(25);

    /// bpftool's name (`percpu_array`), or `None` for a number unknown here.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        NAMES.get(self.0 as usize).copied()
    }

    /// The type with this bpftool name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let index = NAMES.iter().position(|known| *known == name)?;
        u32::try_from(index).ok().map(Self)
    }

    /// Whether each CPU has a value of its own (the hardware is CPU 0 of one).
    #[must_use]
    pub fn is_per_cpu(self) -> bool {
        [Self::PERCPU_HASH, Self::PERCPU_ARRAY, Self::LRU_PERCPU_HASH].contains(&self)
    }

    /// Whether entries are found by key through a hash table.
    #[must_use]
    pub fn is_hash(self) -> bool {
        [Self::HASH, Self::PERCPU_HASH, Self::LRU_HASH, Self::LRU_PERCPU_HASH, Self::DEVMAP_HASH, Self::HASH_OF_MAPS]
            .contains(&self)
    }

    /// Whether the values are inner maps (see [`inner_maps`](crate::inner_maps)).
    #[must_use]
    pub fn is_outer(self) -> bool {
        [Self::ARRAY_OF_MAPS, Self::HASH_OF_MAPS].contains(&self)
    }

    /// Whether elements are pushed and popped (see [`queue`](crate::queue)).
    #[must_use]
    pub fn is_queue(self) -> bool {
        [Self::QUEUE, Self::STACK].contains(&self)
    }

    /// Whether entries are found by the longest prefix that matches.
    #[must_use]
    pub fn is_trie(self) -> bool {
        self == Self::LPM_TRIE
    }

    /// Whether the keys are 0..`max_entries` and an absent entry means all zero. In the maps of redirect targets, of
    /// programs and of maps the kernel has no entry there, and hardware has a zero.
    #[must_use]
    pub fn is_array(self) -> bool {
        [Self::ARRAY, Self::PERCPU_ARRAY, Self::PROG_ARRAY, Self::ARRAY_OF_MAPS].contains(&self)
            || self.redirect_kind().is_some() && !self.is_hash()
    }

    /// What the entries of a map of redirect targets stand for; `None` for other maps.
    #[must_use]
    pub fn redirect_kind(self) -> Option<RedirectKind> {
        match self {
            Self::DEVMAP | Self::DEVMAP_HASH => Some(RedirectKind::Port),
            Self::CPUMAP => Some(RedirectKind::Cpu),
            Self::XSKMAP => Some(RedirectKind::Socket),
            _ => None,
        }
    }

    /// Whether a value is that of an entry. In maps of redirect targets and of maps an entry that is 0 is none.
    #[must_use]
    pub fn is_entry(self, value: &[u8]) -> bool {
        self.redirect_kind().is_none() && !self.is_outer() || value.iter().any(|byte| *byte != 0)
    }

    /// What is wrong with a value of a map of this type, in words, if anything is: bytes 4 to 7 of a devmap's or a
    /// cpumap's value name a program that runs on the way out (`bpf_prog.fd`), and there is none in hardware.
    #[must_use]
    pub fn value_error(self, value: &[u8]) -> Option<String> {
        let program: u32 = match self.redirect_kind()? {
            RedirectKind::Socket => return None,
            RedirectKind::Port | RedirectKind::Cpu => u32::from_le_bytes(value.get(4..8)?.try_into().ok()?),
        };
        let text = || format!("the entry has a program (bpf_prog.fd is {program}); programs on entries are not built");
        (program != 0).then(text)
    }
}

impl fmt::Display for MapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "type {}", self.0),
        }
    }
}

impl Serialize for MapType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MapType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = || text.strip_prefix("type ")?.parse().ok().map(Self);
        Self::from_name(&text).or_else(number).ok_or_else(|| D::Error::custom(format!("unknown map type `{text}`")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_kernel_numbers() {
        assert_eq!(MapType::ARRAY.name(), Some("array"));
        assert_eq!(MapType::PERCPU_ARRAY.name(), Some("percpu_array"));
        assert_eq!(MapType::LRU_PERCPU_HASH.name(), Some("lru_percpu_hash"));
        assert_eq!(MapType(27).name(), Some("ringbuf"));
        assert_eq!(MapType::from_name("xskmap"), Some(MapType(17)));
        assert_eq!(MapType(99).to_string(), "type 99");
    }

    #[test]
    fn programs_on_entries_are_found() {
        let value = [3, 0, 0, 0, 5, 0, 0, 0];
        assert!(MapType::DEVMAP.value_error(&value).is_some_and(|text| text.contains("bpf_prog.fd is 5")));
        assert!(MapType::CPUMAP.value_error(&value).is_some());
        assert_eq!(MapType::DEVMAP.value_error(&value[..4]), None);
        assert_eq!(MapType::DEVMAP.value_error(&[3, 0, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(MapType::ARRAY.value_error(&value), None);
    }

    #[test]
    fn serde_round_trip() {
        for number in [1, 2, 6, 99] {
            let text = serde_json::to_string(&MapType(number)).unwrap();
            assert_eq!(serde_json::from_str::<MapType>(&text).unwrap(), MapType(number));
        }
        assert!(serde_json::from_str::<MapType>("\"nonsense\"").is_err());
    }
}
