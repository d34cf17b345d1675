// SPDX-License-Identifier: Apache-2.0
//! Map contents as JSON, in the form of `bpftool map dump -j` per map:
//! `{"NAME": [{"key": ["0x0a", ...], "value": ["0x01", ...]}, ...], ...}`.
//!
//! * Bytes are in memory order, each an integer 0..255 or a string `"0x.."`.
//! * Per-CPU maps may write `"values": [{"cpu": 0, "value": [...]}, ...]`. The hardware is one CPU, so a value of
//!   any other CPU must be all zero. A plain `"value"` means CPU 0.
//! * Global data are the maps `.data`, `.bss`, `.rodata`.
//! * Entries of an array that are all zero may be left out, and are left out when written.
//! * An entry of a map of maps is `{"key": [...], "map": "NAME"}`, and the contents of the inner map are those of `NAME`
//!   ([`inner_maps`]).
//! * The elements of a queue or stack have no key; they are in the order in which they were pushed ([`queue`](crate::queue)).
//! * bpftool's `"formatted"` member is accepted and ignored.

use crate::inner_maps::{self, Nest};
use crate::manifest::MapInfo;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;

/// Contents of one map: value by key, both in memory order. Ordered by key, so that outputs are deterministic.
pub type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

/// Contents of several maps by name. For per-CPU maps the values are those of CPU 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MapContents {
    /// Entries by map name. An array entry that is absent is all zero.
    pub maps: BTreeMap<String, Entries>,
}

/// What must be known of a map to read or write its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapShape {
    /// Name in the map file.
    pub name: String,
    /// Bytes of a key; 0 of a queue or stack, whose elements are written without keys.
    pub key_size: u32,
    /// Bytes of a value of one CPU.
    pub value_size: u32,
    /// Number of entries.
    pub max_entries: u32,
    /// Whether `values` with CPU numbers are used.
    pub per_cpu: bool,
    /// Whether keys are indices that always exist.
    pub array: bool,
}

impl From<&MapInfo> for MapShape {
    fn from(map: &MapInfo) -> Self {
        Self {
            name: map.name.clone(),
            key_size: map.key_size,
            value_size: map.value_size,
            max_entries: map.max_entries,
            per_cpu: map.map_type.is_per_cpu(),
            array: map.map_type.is_array(),
        }
    }
}

/// Why a map file is refused; the message names the map, the entry and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapFileError {
    /// Map and entry, for example `map `cnt`, entry 3`; empty if the file as a whole is meant.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for MapFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.place, self.message) }
    }
}

impl std::error::Error for MapFileError {}

type Result<T, E = MapFileError> = std::result::Result<T, E>;

fn error<T>(message: impl Into<String>) -> Result<T> {
    Err(MapFileError { place: String::new(), message: message.into() })
}

/// Parses a map file for a program with these maps.
///
/// # Errors
/// [`MapFileError`]: not JSON, an unknown map, a key or value of the wrong length, a bad byte, an index out of
/// range, a key given twice, more entries than the map holds.
pub fn parse(text: &str, shapes: &[MapShape]) -> Result<MapContents> {
    let json: Value = serde_json::from_str(text).or_else(|cause| error(format!("not JSON: {cause}")))?;
    let Value::Object(object) = json else { return error("a map file is a JSON object of map names") };
    let mut contents = MapContents::default();
    for (name, list) in &object {
        let Some(shape) = shapes.iter().find(|shape| shape.name == *name) else {
            let known: Vec<_> = shapes.iter().map(|shape| shape.name.as_str()).collect();
            let known = if known.is_empty() { "no maps".to_owned() } else { known.join(", ") };
            return error(format!("unknown map `{name}`; the program has {known}"));
        };
        let entries = parse_map(list, shape)?;
        contents.maps.insert(name.clone(), entries);
    }
    Ok(contents)
}

/// Replaces names of programs in prog arrays by their numbers (`"value": "handler"` or `"value": 2` instead of four
/// bytes), so that [`parse`] takes the text. `arrays` are the names of the prog arrays, `programs` the programs from number 1.
///
/// # Errors
/// [`MapFileError`]: not JSON, or a name that no program has.
pub fn number_programs(text: &str, arrays: &[&str], programs: &[String]) -> Result<String> {
    let mut json: Value = serde_json::from_str(text).or_else(|cause| error(format!("not JSON: {cause}")))?;
    for name in arrays {
        let Some(Value::Array(items)) = json.get_mut(*name) else { continue };
        for value in items.iter_mut().filter_map(|item| item.get_mut("value")) {
            let number = match value {
                Value::String(program) => match programs.iter().position(|known| known == program) {
                    Some(place) => place as u64 + 1,
                    None => {
                        let known = programs.join(", ");
                        return error(format!("map `{name}`: no program is called `{program}`; there are {known}"));
                    }
                },
                Value::Number(number) => number.as_u64().unwrap_or(u64::MAX),
                _ => continue,
            };
            match u32::try_from(number).ok().filter(|number| *number as usize <= programs.len()) {
                Some(number) => *value = serde_json::json!(number.to_le_bytes()),
                None => return error(format!("map `{name}`: there is no program number {number}")),
            }
        }
    }
    Ok(json.to_string())
}

fn parse_map(list: &Value, shape: &MapShape) -> Result<Entries> {
    let at = |place: String| move |inner: MapFileError| MapFileError { place, ..inner };
    let Value::Array(items) = list else {
        return error("the contents of a map are a JSON list").map_err(at(format!("map `{}`", shape.name)));
    };
    let mut entries = Entries::new();
    for (index, item) in items.iter().enumerate() {
        let place = format!("map `{}`, entry {index}", shape.name);
        let (mut key, value) = parse_entry(item, shape).map_err(at(place.clone()))?;
        if shape.key_size == 0 {
            key = u32::try_from(index).unwrap_or(u32::MAX).to_le_bytes().to_vec();
        }
        if entries.insert(key, value).is_some() {
            return error("the same key was given before").map_err(at(place));
        }
    }
    if entries.len() > shape.max_entries as usize {
        let message = format!("{} entries, the map holds {}", entries.len(), shape.max_entries);
        return error(message).map_err(at(format!("map `{}`", shape.name)));
    }
    Ok(entries)
}

fn parse_entry(item: &Value, shape: &MapShape) -> Result<(Vec<u8>, Vec<u8>)> {
    let Value::Object(members) = item else { return error("an entry is an object with `key` and `value`") };
    if let Some(other) = members.keys().find(|name| !["key", "value", "values", "formatted"].contains(&name.as_str())) {
        return error(format!("unknown member `{other}`"));
    }
    let key = match (shape.key_size, members.get("key")) {
        (0, None) => Vec::new(),
        (0, Some(_)) => return error("elements of a queue or stack have no `key`"),
        (size, key) => parse_bytes(key, "key", size)?,
    };
    if shape.array {
        check_index(&key, shape)?;
    }
    let value = match (members.get("value"), members.get("values")) {
        (Some(_), Some(_)) => return error("`value` and `values` exclude each other"),
        (None, Some(values)) if shape.per_cpu => parse_values(values, shape)?,
        (None, Some(_)) => return error("`values` is for per-CPU maps only; this map needs `value`"),
        (value, None) => parse_bytes(value, "value", shape.value_size)?,
    };
    Ok((key, value))
}

fn check_index(key: &[u8], shape: &MapShape) -> Result<()> {
    match key.try_into().map(u32::from_le_bytes) {
        Ok(index) if index < shape.max_entries => Ok(()),
        Ok(index) => error(format!("index {index} is out of range, the map has {} entries", shape.max_entries)),
        Err(_) => error(format!("an array key has 4 bytes, this map's has {}", key.len())),
    }
}

fn parse_values(values: &Value, shape: &MapShape) -> Result<Vec<u8>> {
    let Value::Array(list) = values else { return error("`values` is a list of {\"cpu\", \"value\"}") };
    let mut found = None;
    for item in list {
        let Some(cpu) = item.get("cpu").and_then(Value::as_u64) else {
            return error("a member of `values` needs a number `cpu`");
        };
        let value = parse_bytes(item.get("value"), "value", shape.value_size)?;
        if cpu != 0 && value.iter().any(|byte| *byte != 0) {
            return error(format!("the value of CPU {cpu} is not zero; the hardware is one CPU, CPU 0"));
        }
        if cpu == 0 && found.replace(value).is_some() {
            return error("CPU 0 was given twice");
        }
    }
    found.map_or_else(|| error("`values` has no value of CPU 0"), Ok)
}

fn parse_bytes(value: Option<&Value>, what: &str, size: u32) -> Result<Vec<u8>> {
    let Some(value) = value else { return error(format!("`{what}` is missing")) };
    let Value::Array(items) = value else { return error(format!("`{what}` is not a list of bytes")) };
    if items.len() != size as usize {
        return error(format!("`{what}` has {} bytes, the map's {what} has {size}", items.len()));
    }
    let byte = |(index, item): (usize, &Value)| {
        parse_byte(item)
            .map_or_else(|| error(format!("byte {index} of `{what}` is {item}, not 0..255 or \"0x00\"..\"0xff\"")), Ok)
    };
    items.iter().enumerate().map(byte).collect()
}

pub(crate) fn parse_byte(item: &Value) -> Option<u8> {
    match item {
        Value::Number(number) => number.as_u64().and_then(|number| u8::try_from(number).ok()),
        Value::String(text) => {
            let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
            let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            if plain { u8::from_str_radix(digits, 16).ok() } else { None }
        }
        _ => None,
    }
}

/// Writes contents in the order of `shapes`, keys of arrays in index order, one entry a line.
///
/// Every map of `shapes` is written, also an empty one; maps that are not in `shapes` are not. In the place of a pool of
/// `nests` its inner maps are written: those with names, and others that are not empty or that an outer map names.
#[must_use]
pub fn write(contents: &MapContents, shapes: &[MapShape], nests: &[Nest]) -> String {
    let mut text = String::from("{");
    let nothing = Entries::new();
    let mut first = true;
    let mut list = |name: &str, lines: Vec<String>| {
        let separator = if first { "\n" } else { ",\n" };
        first = false;
        let name = Value::String(name.to_owned());
        let body = if lines.is_empty() { String::new() } else { format!("\n    {}\n  ", lines.join(",\n    ")) };
        // Writing to a string can not fail.
        let _ = write!(text, "{separator}  {name}: [{body}]");
    };
    for shape in shapes {
        let entries = contents.maps.get(&shape.name).unwrap_or(&nothing);
        if let Some(nest) = nests.iter().find(|nest| nest.pool == shape.name) {
            for (number, entries) in split_pool(contents, entries, nest) {
                list(&nest.name(number), write_entries(&entries, shape, None));
            }
            continue;
        }
        let nest = nests.iter().find(|nest| nest.outers.contains(&shape.name));
        list(&shape.name, write_entries(entries, shape, nest));
    }
    text.push_str(if first { "}\n" } else { "\n}\n" });
    text
}

/// The inner maps of a pool by number.
fn split_pool(contents: &MapContents, entries: &Entries, nest: &Nest) -> BTreeMap<u32, Entries> {
    let named = (0u32..).zip(&nest.names).filter(|(_, name)| !name.is_empty()).map(|(number, _)| number);
    let outers = nest.outers.iter().filter_map(|outer| contents.maps.get(outer));
    let used = outers.flat_map(|entries| entries.values().filter_map(|value| inner_maps::number(value)));
    let mut maps: BTreeMap<u32, Entries> = named.chain(used).map(|number| (number, Entries::new())).collect();
    for (key, value) in entries {
        if let Some((number, key)) = nest.inner.inner_key(nest.kind, key) {
            maps.entry(number).or_default().insert(key, value.clone());
        }
    }
    maps
}

fn write_entries(entries: &Entries, shape: &MapShape, nest: Option<&Nest>) -> Vec<String> {
    let mut sorted: Vec<_> =
        entries.iter().filter(|(_, value)| !(shape.array && value.iter().all(|b| *b == 0))).collect();
    if shape.array || shape.key_size == 0 {
        sorted.sort_by_key(|(key, _)| key.iter().rev().copied().collect::<Vec<_>>());
    }
    let line = |(key, value): (&Vec<u8>, &Vec<u8>)| match nest {
        Some(nest) => inner_maps::named_entry(bytes_json(key), value, nest).to_string(),
        None if shape.key_size == 0 => serde_json::json!({ "value": bytes_json(value) }).to_string(),
        None => entry_json(key, value, shape.per_cpu).to_string(),
    };
    sorted.into_iter().map(line).collect()
}

fn bytes_json(bytes: &[u8]) -> Value {
    Value::Array(bytes.iter().map(|byte| Value::String(format!("0x{byte:02x}"))).collect())
}

fn entry_json(key: &[u8], value: &[u8], per_cpu: bool) -> Value {
    let bytes = bytes_json;
    let mut entry = Map::new();
    entry.insert("key".to_owned(), bytes(key));
    if per_cpu {
        let cpu = serde_json::json!([{ "cpu": 0, "value": bytes(value) }]);
        entry.insert("values".to_owned(), cpu);
    } else {
        entry.insert("value".to_owned(), bytes(value));
    }
    Value::Object(entry)
}

#[cfg(test)]
#[path = "map_file_tests.rs"]
mod tests;
