// SPDX-License-Identifier: Apache-2.0
//! Maps of maps: hardware keeps all inner maps that one outer map (or several that share inner maps) may name in one map, the
//! *pool*. An inner map is a number there, and the value of an outer entry is that number, with bit 31 set.
//!
//! Where the entries of inner map `n` are in the pool, `n` having as few bytes as the count of inner maps needs (1, 2 or 4):
//! * array: index `n * entries + index`;
//! * hash map: the key behind the bytes of `n` (little-endian);
//! * LPM trie: the address behind the bytes of `n`, and the length more by their bits.

use crate::map_file::MapFileError;
use crate::{MapInfo, MapType};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Set in the value of an outer entry that names an inner map; an entry that is 0 is none.
pub const PRESENT: u32 = 1 << 31;
/// Bytes of the length in front of an LPM trie's address.
const LENGTH_BYTES: usize = 4;

/// The inner maps that a pool holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InnerMaps {
    /// How many there is room for.
    pub count: u32,
    /// Entries of each; where they differ, of the largest.
    pub entries: u32,
    /// Entries of those that the program defines, by number; empty if all have `entries`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<u32>,
    /// Bytes of a key of one of them.
    pub key_size: u32,
    /// Names of those that the program defines, which have the first numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// The kernel's creation flags of one of them.
    #[serde(default)]
    pub flags: u32,
}

impl InnerMaps {
    /// Entries of one inner map.
    #[must_use]
    pub fn entries_of(&self, number: u32) -> u32 {
        self.sizes.get(number as usize).copied().unwrap_or(self.entries)
    }

    /// Bytes of an inner map's number in a key of the pool; none in an array.
    #[must_use]
    pub fn number_bytes(&self, kind: MapType) -> u32 {
        match self.count {
            _ if kind.is_array() => 0,
            0..=0x100 => 1,
            0x101..=0x1_0000 => 2,
            _ => 4,
        }
    }

    /// The pool's key for a key of inner map `number`; `None` if there is no such map or index, or the key has another size.
    #[must_use]
    pub fn pool_key(&self, kind: MapType, number: u32, key: &[u8]) -> Option<Vec<u8>> {
        if number >= self.count || key.len() != self.key_size as usize {
            return None;
        }
        if kind.is_array() {
            let index = key.try_into().map(u32::from_le_bytes).ok().filter(|index| *index < self.entries_of(number))?;
            return Some((number.checked_mul(self.entries)?.checked_add(index)?).to_le_bytes().to_vec());
        }
        let bytes = self.number_bytes(kind);
        let number = number.to_le_bytes();
        let number = &number[..bytes as usize];
        if !kind.is_trie() {
            return Some([number, key].concat());
        }
        let (length, address) = key.split_first_chunk::<LENGTH_BYTES>()?;
        let length = u32::from_le_bytes(*length).saturating_add(8 * bytes);
        Some([length.to_le_bytes().as_slice(), number, address].concat())
    }

    /// The inner map that a key of the pool belongs to, and its key there.
    #[must_use]
    pub fn inner_key(&self, kind: MapType, key: &[u8]) -> Option<(u32, Vec<u8>)> {
        if kind.is_array() {
            let index = key.try_into().map(u32::from_le_bytes).ok()?;
            return Some((index.checked_div(self.entries)?, (index % self.entries).to_le_bytes().to_vec()));
        }
        let bytes = self.number_bytes(kind) as usize;
        let (length, key) = key.split_at_checked(if kind.is_trie() { LENGTH_BYTES } else { 0 })?;
        let (number, rest) = key.split_at_checked(bytes)?;
        let number = number.iter().rev().fold(0, |all, byte| all << 8 | u32::from(*byte));
        let length = match length.try_into() {
            Ok(length) => u32::from_le_bytes(length).checked_sub(8 * bytes as u32)?.to_le_bytes().to_vec(),
            Err(_) => Vec::new(),
        };
        Some((number, [length.as_slice(), rest].concat()))
    }
}

/// The value of an outer entry that names an inner map.
#[must_use]
pub fn entry(number: u32) -> [u8; 4] {
    (number | PRESENT).to_le_bytes()
}

/// The inner map that the value of an outer entry names; `None` for no entry, or for what is no such value.
#[must_use]
pub fn number(value: &[u8]) -> Option<u32> {
    let value = u32::from_le_bytes(value.try_into().ok()?);
    (value & PRESENT != 0).then_some(value & !PRESENT)
}

/// A pool with the outer maps that name its inner maps, and the names that these have in map files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nest {
    /// Name of the pool.
    pub pool: String,
    /// Type of the inner maps.
    pub kind: MapType,
    /// The inner maps.
    pub inner: InnerMaps,
    /// Names of the outer maps.
    pub outers: Vec<String>,
    /// Names by number, an empty one for a map without a name.
    pub names: Vec<String>,
}

impl Nest {
    /// A nest with the names of the program's own inner maps.
    #[must_use]
    pub fn new(pool: &str, kind: MapType, inner: &InnerMaps, outers: Vec<String>) -> Self {
        let names = inner.names.clone();
        Self { pool: pool.to_owned(), kind, inner: inner.clone(), outers, names }
    }

    /// All nests of a design.
    #[must_use]
    pub fn all(maps: &[MapInfo]) -> Vec<Self> {
        let nest = |pool: &MapInfo| {
            let outers = maps.iter().filter(|map| map.pool == Some(pool.id)).map(|map| map.name.clone()).collect();
            Some(Self::new(&pool.name, pool.map_type, pool.inner.as_ref()?, outers))
        };
        maps.iter().filter_map(nest).collect()
    }

    /// The name of an inner map: `POOL.NUMBER` for one without a name of its own.
    #[must_use]
    pub fn name(&self, number: u32) -> String {
        match self.names.get(number as usize) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => format!("{}.{number}", self.pool),
        }
    }

    /// The number of a name that was used before.
    fn find(&self, name: &str) -> Option<u32> {
        self.names.iter().position(|known| known == name).and_then(|position| u32::try_from(position).ok())
    }

    /// A name that says its number keeps it.
    fn reserve(&mut self, name: &str) {
        let number = name.strip_prefix(&self.pool).and_then(|rest| rest.strip_prefix('.')?.parse::<u32>().ok());
        let Some(number) = number.filter(|number| *number < self.inner.count).map(|number| number as usize) else {
            return;
        };
        self.names.resize(self.names.len().max(number + 1), String::new());
        if self.names[number].is_empty() {
            name.clone_into(&mut self.names[number]);
        }
    }

    /// The number of a name, a new one if it is new.
    fn find_or_add(&mut self, name: &str) -> Result<u32, String> {
        if let Some(number) = self.find(name) {
            return Ok(number);
        }
        let free = self.names.iter().position(String::is_empty).unwrap_or(self.names.len());
        if free >= self.inner.count as usize {
            let (count, outer) = (self.inner.count, &self.outers[0]);
            return Err(format!(
                "there is room for {count} inner maps and `{name}` is one more; `--inner-maps {outer}=N` makes room for N"
            ));
        }
        self.names.resize(self.names.len().max(free + 1), String::new());
        name.clone_into(&mut self.names[free]);
        u32::try_from(free).map_err(|error| error.to_string())
    }
}

/// Replaces inner maps' names by numbers, so that [`map_file::parse`](crate::map_file::parse) takes the text: `"map": "NAME"` of an outer
/// entry by its value, and the contents of the maps so named by entries of the pool. The nests learn the names.
///
/// # Errors
/// [`MapFileError`]: not JSON, more inner maps than there is room for, a key that no inner map has.
pub fn number_maps(text: &str, nests: &mut [Nest]) -> Result<String, MapFileError> {
    let wrong = |place: &str, message: String| MapFileError { place: place.to_owned(), message };
    let mut json: Value = serde_json::from_str(text).map_err(|cause| wrong("", format!("not JSON: {cause}")))?;
    let Value::Object(object) = &mut json else { return Ok(text.to_owned()) };
    for nest in nests {
        let items = nest.outers.iter().filter_map(|outer| object.get(outer)?.as_array()).flatten();
        let mentioned = items.filter_map(|item| item.get("map")?.as_str()).chain(object.keys().map(String::as_str));
        let mentioned: Vec<String> = mentioned.map(str::to_owned).collect();
        mentioned.iter().for_each(|name| nest.reserve(name));
        for outer in nest.outers.clone() {
            let place = format!("map `{outer}`");
            for item in object.get_mut(&outer).and_then(Value::as_array_mut).into_iter().flatten() {
                number_entry(item, nest).map_err(|message| wrong(&place, message))?;
            }
        }
        let named: Vec<(String, u32)> =
            object.keys().filter_map(|name| Some((name.clone(), nest.find(name)?))).collect();
        let mut moved = Vec::new();
        for (name, number) in named {
            let Some(Value::Array(items)) = object.remove(&name) else {
                return Err(wrong(&format!("map `{name}`"), "the contents of a map are a JSON list".to_owned()));
            };
            let entries = nest.inner.entries_of(number);
            if items.len() > entries as usize {
                let message = format!("{} entries, the map holds {entries}", items.len());
                return Err(wrong(&format!("map `{name}`"), message));
            }
            for (index, mut item) in items.into_iter().enumerate() {
                let place = format!("map `{name}`, entry {index}");
                number_key(&mut item, nest, number).map_err(|message| wrong(&place, message))?;
                moved.push(item);
            }
        }
        if !moved.is_empty() {
            match object.entry(nest.pool.clone()).or_insert_with(|| Value::Array(Vec::new())) {
                Value::Array(items) => items.append(&mut moved),
                _ => return Err(wrong(&format!("map `{}`", nest.pool), "it is not a JSON list".to_owned())),
            }
        }
    }
    Ok(json.to_string())
}

fn number_entry(item: &mut Value, nest: &mut Nest) -> Result<(), String> {
    let Value::Object(members) = item else { return Ok(()) };
    let number = match members.remove("map") {
        Some(Value::String(name)) => nest.find_or_add(&name)?,
        Some(other) => return Err(format!("`map` is the name of an inner map, not {other}")),
        None => {
            let bytes: Option<Vec<u8>> = members.get("value").and_then(bytes);
            let known = bytes.and_then(|bytes| number(&bytes)).filter(|number| *number < nest.inner.count);
            return known.map(drop).ok_or_else(|| "an entry names its inner map: \"map\": \"NAME\"".to_owned());
        }
    };
    if members.contains_key("value") {
        return Err("`map` and `value` exclude each other".to_owned());
    }
    members.insert("value".to_owned(), serde_json::json!(entry(number)));
    Ok(())
}

fn number_key(item: &mut Value, nest: &Nest, number: u32) -> Result<(), String> {
    let size = nest.inner.key_size;
    let key = item.get_mut("key").ok_or("`key` is missing")?;
    let given = bytes(key).ok_or("`key` is not a list of bytes")?;
    if given.len() != size as usize {
        return Err(format!("`key` has {} bytes, the map's key has {size}", given.len()));
    }
    let entries = nest.inner.entries_of(number);
    let moved = nest.inner.pool_key(nest.kind, number, &given);
    *key = serde_json::json!(moved.ok_or_else(|| format!("the index is out of range, the map has {entries} entries"))?);
    Ok(())
}

fn bytes(value: &Value) -> Option<Vec<u8>> {
    value.as_array()?.iter().map(crate::map_file::parse_byte).collect()
}

/// An outer entry as map files have it.
pub(crate) fn named_entry(key: Value, value: &[u8], nest: &Nest) -> Value {
    let mut members = Map::new();
    members.insert("key".to_owned(), key);
    match number(value) {
        Some(number) => members.insert("map".to_owned(), Value::String(nest.name(number))),
        None => members.insert("value".to_owned(), serde_json::json!(value)),
    };
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inner(count: u32, key_size: u32) -> InnerMaps {
        InnerMaps { count, entries: 10, sizes: vec![9], key_size, names: vec!["first".to_owned()], flags: 0 }
    }

    #[test]
    fn keys_go_into_the_pool_and_come_back() {
        let cases: [(MapType, u32, &[u8], &[u8]); 5] = [
            (MapType::ARRAY, 3, &[7, 0, 0, 0], &[37, 0, 0, 0]),
            (MapType::HASH, 3, &[9, 8], &[3, 9, 8]),
            (MapType::HASH, 300, &[9, 8], &[44, 1, 9, 8]),
            (MapType::LPM_TRIE, 3, &[8, 0, 0, 0, 10, 1], &[16, 0, 0, 0, 3, 10, 1]),
            (MapType::LPM_TRIE, 300, &[0, 0, 0, 0, 10], &[16, 0, 0, 0, 44, 1, 10]),
        ];
        for (kind, number, key, expected) in cases {
            let maps = inner(number + 1, key.len() as u32);
            let found = maps.pool_key(kind, number, key).expect("there");
            assert_eq!(found, expected, "{kind}");
            assert_eq!(maps.inner_key(kind, &found), Some((number, key.to_vec())), "{kind}");
        }
        assert_eq!(inner(2, 4).pool_key(MapType::ARRAY, 1, &[10, 0, 0, 0]), None);
        assert_eq!(inner(2, 4).pool_key(MapType::ARRAY, 0, &[9, 0, 0, 0]), None);
        assert_eq!(inner(2, 1).pool_key(MapType::HASH, 2, &[1]), None);
    }

    #[test]
    fn names_become_numbers() {
        let mut nests = [Nest::new("o.inner", MapType::HASH, &inner(3, 1), vec!["o".to_owned()])];
        let text = r#"{"o": [{"key": [0], "map": "mine"}, {"key": [1], "map": "first"}], "mine": [{"key": [5], "value": [6]}]}"#;
        let json: Value = serde_json::from_str(&number_maps(text, &mut nests).expect("fits")).expect("JSON");
        assert_eq!(json["o"][0]["value"], serde_json::json!([1, 0, 0, 128]));
        assert_eq!(json["o"][1]["value"], serde_json::json!([0, 0, 0, 128]));
        assert_eq!(json["o.inner"], serde_json::json!([{"key": [1, 5], "value": [6]}]));
        assert_eq!((nests[0].name(1), nests[0].name(2)), ("mine".to_owned(), "o.inner.2".to_owned()));
    }

    #[test]
    fn what_is_written_is_read_again() {
        use crate::map_file::{MapShape, parse, write};
        let shape = |name: &str, key_size, value_size, max_entries, array| MapShape {
            name: name.to_owned(),
            key_size,
            value_size,
            max_entries,
            per_cpu: false,
            array,
        };
        let shapes = [shape("o", 4, 4, 4, true), shape("o.inner", 2, 1, 30, false)];
        let fresh = || [Nest::new("o.inner", MapType::HASH, &inner(3, 1), vec!["o".to_owned()])];
        let mut nests = fresh();
        let text = r#"{"o": [{"key": [2,0,0,0], "map": "o.inner.2"}, {"key": [0,0,0,0], "map": "mine"}],
                       "mine": [{"key": [5], "value": [6]}], "first": []}"#;
        let contents = parse(&number_maps(text, &mut nests).expect("fits"), &shapes).expect("fits");
        let written = write(&contents, &shapes, &nests);
        let expected = r#"{
  "o": [
    {"key":["0x00","0x00","0x00","0x00"],"map":"mine"},
    {"key":["0x02","0x00","0x00","0x00"],"map":"o.inner.2"}
  ],
  "first": [],
  "mine": [
    {"key":["0x05"],"value":["0x06"]}
  ],
  "o.inner.2": []
}
"#;
        assert_eq!(written, expected);
        let mut again = fresh();
        assert_eq!(parse(&number_maps(&written, &mut again).expect("fits"), &shapes), Ok(contents));
        assert_eq!(again[0].names, nests[0].names);
    }

    #[test]
    fn what_is_no_inner_map_is_refused() {
        let refusal = |text: &str| {
            let mut nests = [Nest::new("o.inner", MapType::HASH, &inner(2, 1), vec!["o".to_owned()])];
            number_maps(text, &mut nests).expect_err("refused").to_string()
        };
        let more = r#"{"o": [{"key": [0], "map": "a"}, {"key": [1], "map": "b"}]}"#;
        assert!(refusal(more).contains("room for 2 inner maps and `b` is one more"));
        assert!(refusal(r#"{"o": [{"key": [0], "value": [9, 0, 0, 0]}]}"#).contains("names its inner map"));
        assert!(refusal(r#"{"o": [{"key": [0], "map": 7}]}"#).contains("not 7"));
        assert!(refusal(r#"{"first": [{"key": [0, 0], "value": [1]}]}"#).contains("`key` has 2 bytes"));
        assert!(refusal(r#"{"first": 3}"#).contains("JSON list"));
    }
}
