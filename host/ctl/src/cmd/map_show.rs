// SPDX-License-Identifier: Apache-2.0
//! How maps and entries are shown: bpftool's text and JSON (`map.c`, `map_show.c` of tools/bpf/bpftool).

use super::map::{find, of_type};
use crate::btf;
use crate::error::Result;
use crate::json::Json;
use crate::output::Shown;
use crate::words::Words;
use bpf2hdl_interface::manifest::MapInfo;
use bpf2hdl_interface::{Manifest, inner_maps};

/// Bytes as hexadecimal digits.
pub(super) fn plain(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(" ")
}

/// `map show`: all maps, or one.
pub(super) fn show(manifest: &Manifest, words: &mut Words) -> Result<Shown> {
    if words.is_empty() {
        let is_part = |map: &MapInfo| manifest.maps.iter().any(|other| other.state == Some(map.id));
        let maps: Vec<&MapInfo> = manifest.maps.iter().filter(|map| !is_part(map)).collect();
        let text: String = maps.iter().map(|map| describe(map)).collect();
        return Ok(Shown::new(text, Json::List(maps.into_iter().map(json).collect())));
    }
    let map = find(manifest, words)?;
    words.end()?;
    Ok(Shown::new(describe(&map), json(&map)))
}

fn describe(map: &MapInfo) -> String {
    let place = if map.hardware { "" } else { "  (fixed at compile time)" };
    format!(
        "{}: {}  name {}{place}\n\tkey {}B  value {}B  max_entries {}\n",
        map.id + 1,
        map.map_type,
        map.name,
        map.key_size,
        map.value_size,
        map.max_entries
    )
}

fn json(map: &MapInfo) -> Json {
    Json::object([
        ("id", Json::from(map.id + 1)),
        ("type", Json::from(map.map_type.to_string())),
        ("name", Json::from(map.name.as_str())),
        ("bytes_key", Json::from(map.key_size)),
        ("bytes_value", Json::from(map.value_size)),
        ("max_entries", Json::from(map.max_entries)),
        ("frozen", Json::from(u32::from(!map.hardware))),
        ("hardware", Json::from(map.hardware)),
    ])
}

/// Whether bpftool would print a map's entries by their types.
fn has_types(map: &MapInfo) -> bool {
    !of_type(map, "value").is_null()
}

/// The types of an entry: key where it has one, and value, or values by CPU.
fn formatted(map: &MapInfo, key: &[u8], value: &[u8]) -> Json {
    let mut members = Vec::new();
    let key_type = of_type(map, "key");
    if !key.is_empty() && !key_type.is_null() {
        members.push(("key", btf::format(key_type, key)));
    }
    let value = btf::format(of_type(map, "value"), value);
    if map.map_type.is_per_cpu() {
        members.push(("values", Json::List(vec![Json::object([("cpu", Json::from(0_u32)), ("value", value)])])));
    } else {
        members.push(("value", value));
    }
    Json::object(members)
}

/// An entry as `-j` has it.
fn entry_json(manifest: &Manifest, map: &MapInfo, key: &[u8], value: &[u8]) -> Json {
    let mut members = Vec::new();
    if !key.is_empty() {
        members.push(("key", Json::bytes(key)));
    }
    if map.map_type.is_per_cpu() {
        let one = Json::object([("cpu", Json::from(0_u32)), ("value", Json::bytes(value))]);
        members.push(("values", Json::List(vec![one])));
    } else {
        members.push(("value", Json::bytes(value)));
    }
    if let Some(name) = inner_name(manifest, map, value) {
        members.push(("map", Json::from(name)));
    }
    if has_types(map) {
        members.push(("formatted", formatted(map, key, value)));
    }
    Json::object(members)
}

/// The name of the inner map that an entry of a map of maps names.
fn inner_name(manifest: &Manifest, map: &MapInfo, value: &[u8]) -> Option<String> {
    let pool = manifest.maps.get(map.pool? as usize)?;
    let number = inner_maps::number(value)?;
    let name = pool.inner.as_ref().and_then(|inner| inner.names.get(number as usize)).filter(|name| !name.is_empty());
    Some(name.cloned().unwrap_or_else(|| format!("{}.{number}", pool.name)))
}

/// An entry without types.
fn entry_text(map: &MapInfo, key: &[u8], value: &[u8]) -> String {
    let per_cpu = map.map_type.is_per_cpu();
    match per_cpu || key.len() + value.len() > 24 {
        false => format!("key: {}  value: {}\n", plain(key), plain(value)),
        true if per_cpu => format!("key:\n{}\nvalue (CPU 00):\n{}\n", plain(key), plain(value)),
        true => format!("key:\n{}\nvalue:\n{}\n", plain(key), plain(value)),
    }
}

/// What `map lookup` shows.
pub(super) fn entry(manifest: &Manifest, map: &MapInfo, key: &[u8], value: &[u8]) -> Shown {
    let json = entry_json(manifest, map, key, value);
    let text = if has_types(map) { formatted(map, key, value).for_people() } else { entry_text(map, key, value) };
    Shown::new(text, json)
}

/// What `map pop` and `map peek` show.
pub(super) fn element(value: &[u8]) -> Shown {
    let json = Json::object([("key", Json::List(Vec::new())), ("value", Json::bytes(value))]);
    Shown::new(format!("value: {}", plain(value)), json)
}

/// What `map dump` shows.
pub(super) struct Dump<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) map: &'a MapInfo,
    pub(super) entries: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Dump<'_> {
    pub(super) fn shown(&self) -> Shown {
        let Self { manifest, map, entries } = self;
        let list = entries.iter().map(|(key, value)| entry_json(manifest, map, key, value));
        let json = Json::List(list.collect());
        if has_types(map) {
            let text = Json::List(entries.iter().map(|(key, value)| formatted(map, key, value)).collect());
            return Shown::new(text.for_people(), json);
        }
        let mut text: String = entries.iter().map(|(key, value)| entry_text(map, key, value)).collect();
        let count = entries.len();
        text.push_str(&format!("Found {count} element{}\n", if count == 1 { "" } else { "s" }));
        Shown::new(text, json)
    }
}
