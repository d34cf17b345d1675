// SPDX-License-Identifier: Apache-2.0
//! `map ...`: bpftool's commands on the maps of the running program.

use super::Context;
use super::event_pipe;
use super::map_show::{self, Dump};
use crate::data;
use crate::device::{Device, surprise};
use crate::error::{Code, Failure, Result};
use crate::help;
use crate::json::Json;
use crate::output::Shown;
use crate::protocol::{Hex, MapOp, Reply, When};
use crate::words::{Keywords, Words};
use bpf2hdl_host::entries::{E2BIG, EEXIST, EINVAL, ENOENT};
use bpf2hdl_interface::manifest::MapInfo;
use bpf2hdl_interface::{InnerMaps, Manifest, MapType, inner_maps};
use serde_json::Value;

const COMMANDS: Keywords = Keywords {
    what: "map command",
    bpftool: &[
        "show",
        "list",
        "help",
        "dump",
        "update",
        "lookup",
        "getnext",
        "delete",
        "pin",
        "event_pipe",
        "peek",
        "push",
        "enqueue",
        "pop",
        "dequeue",
        "freeze",
        "create",
    ],
    own: &[],
};
/// Entries of one request of a dump.
const PART: u32 = 256;
/// No space left: what a trie says that is full.
const ENOSPC: u32 = 28;
const ENOMEM: u32 = 12;
const UPDATE_ENDS: [&str; 3] = ["any", "noexist", "exist"];

/// A map that was named, on an open device.
pub(super) struct Named {
    pub(super) device: Device,
    pub(super) load: u64,
    pub(super) manifest: Manifest,
    pub(super) map: MapInfo,
    /// The number of an inner map, of which the map is the pool.
    inner: Option<u32>,
}

/// Runs the command.
pub(super) fn run(context: &Context, words: &mut Words) -> Result<Shown> {
    let word = words.next().unwrap_or_else(|| "show".to_owned());
    let command = COMMANDS.find(&word)?;
    match command {
        "help" => return help::of(Some("map")),
        "pin" | "freeze" | "create" => {
            let text =
                format!("`map {command}` is not for a NIC: its maps are those of the program, and nothing is pinned");
            return Err(
                Failure::new(Code::Refused, text).hint("a program brings its maps along: `prog load PROG --maps FILE`")
            );
        }
        _ => {}
    }
    let mut device = context.open(words)?;
    let (load, manifest) = device.manifest()?;
    if matches!(command, "show" | "list") {
        return map_show::show(&manifest, words);
    }
    let (map, inner) = find_any(&manifest, words)?;
    if command != "event_pipe" && [MapType::PERF_EVENT_ARRAY, MapType::RINGBUF].contains(&map.map_type) {
        let text = format!("map `{}` of type {} has no entries, it carries records", map.name, map.map_type);
        return Err(Failure::new(Code::MapOperation, text).hint("`map event_pipe name NAME` shows them"));
    }
    let mut named = Named { device, load, manifest, map, inner };
    match command {
        "dump" => named.dump(words),
        "lookup" => named.lookup(words),
        "update" => named.update(words),
        "delete" => named.delete(words),
        "event_pipe" => event_pipe::run(&mut named, words),
        "getnext" => named.getnext(words),
        "peek" => named.pop(words, false),
        "pop" | "dequeue" => named.pop(words, true),
        _ => named.push(words),
    }
}

/// The inner map with this name: its pool, as one of the maps that it holds, and its number.
fn inner(manifest: &Manifest, name: &str) -> Option<(MapInfo, u32)> {
    let pools = manifest.maps.iter().filter_map(|pool| Some((pool, pool.inner.as_ref()?)));
    let number = |pool: &MapInfo, inner: &InnerMaps| {
        let named = inner.names.iter().position(|known| known == name).and_then(|place| u32::try_from(place).ok());
        let numbered = || name.strip_prefix(&pool.name)?.strip_prefix('.')?.parse().ok();
        named.or_else(numbered).filter(|number| *number < inner.count)
    };
    pools.into_iter().find_map(|(pool, inner)| Some((pool.clone(), number(pool, inner)?)))
}

/// The map that words name: `id N` or `name NAME`; also one inside of a map of maps, by its name, with its number.
fn find_any(manifest: &Manifest, words: &mut Words) -> Result<(MapInfo, Option<u32>)> {
    let name = words.peek_second().map(str::to_owned);
    let by_name = words.peek().is_some_and(|word| !word.is_empty() && "name".starts_with(word));
    let is_own = |name: &String| manifest.maps.iter().any(|map| map.name == *name);
    match name.filter(|name| by_name && !is_own(name)).and_then(|name| inner(manifest, &name)) {
        Some((map, number)) => {
            words.next();
            words.next();
            Ok((map, Some(number)))
        }
        None => Ok((find(manifest, words)?, None)),
    }
}

/// The map that words name: `id N` or `name NAME`.
pub(super) fn find(manifest: &Manifest, words: &mut Words) -> Result<MapInfo> {
    let keywords = Keywords { what: "way to name a map", bpftool: &["id", "name", "pinned"], own: &[] };
    let keyword = keywords.find(&words.need("`id N` or `name NAME`")?)?;
    let wanted = words.need("what names the map")?;
    let is = |map: &&MapInfo| match keyword {
        "id" => (map.id + 1).to_string() == wanted,
        _ => map.name == wanted,
    };
    if keyword == "pinned" {
        return Err(Failure::new(Code::Usage, "nothing is pinned on a NIC; name maps by `id` or `name`"));
    }
    let found = manifest.maps.iter().find(is).cloned();
    found.ok_or_else(|| {
        let known: Vec<&str> = manifest.maps.iter().map(|map| map.name.as_str()).collect();
        let failure = Failure::new(Code::NoMap, format!("no map has {keyword} {wanted}"));
        failure.note(format!(
            "maps of `{}`: {}",
            manifest.program,
            if known.is_empty() { "none".to_owned() } else { known.join(", ") }
        ))
    })
}

/// The type of a map's `key` or `value`.
pub(super) fn of_type<'a>(map: &'a MapInfo, what: &str) -> &'a Value {
    map.btf.as_ref().and_then(|btf| btf.get(what)).unwrap_or(&Value::Null)
}

impl Named {
    fn key(&self, words: &mut Words, ends: &[&str]) -> Result<Vec<u8>> {
        if self.map.map_type.is_queue() || self.map.map_type == MapType::BLOOM_FILTER {
            let text = format!("map `{}` of type {} has no keys", self.map.name, self.map.map_type);
            return Err(Failure::new(Code::MapOperation, text).hint("use `map push`, `map pop` and `map peek`"));
        }
        if !words.take("key") {
            return Err(Failure::new(Code::Usage, "`key DATA` is missing"));
        }
        let size = self.inner().map_or(self.map.key_size, |(inner, _)| inner.key_size);
        data::read(words, "key", size as usize, of_type(&self.map, "key"), ends)
    }

    fn inner(&self) -> Option<(&InnerMaps, u32)> {
        Some((self.map.inner.as_ref()?, self.inner?))
    }

    /// A key as the hardware has it.
    fn hardware_key(&self, key: &[u8]) -> Result<Hex> {
        let Some((inner, number)) = self.inner() else { return Ok(Hex(key.to_vec())) };
        let entries = inner.entries_of(number);
        let none =
            || Failure::new(Code::NoEntry, format!("the index is out of range: that inner map has {entries} entries"));
        inner.pool_key(self.map.map_type, number, key).map(Hex).ok_or_else(none)
    }

    fn value(&self, words: &mut Words, ends: &[&str]) -> Result<Vec<u8>> {
        if !words.take("value") {
            return Err(Failure::new(Code::Usage, "`value DATA` is missing"));
        }
        if self.map.pool.is_some() {
            return self.inner_value(words);
        }
        let value = data::read(words, "value", self.map.value_size as usize, of_type(&self.map, "value"), ends)?;
        match self.map.map_type.value_error(&value) {
            Some(problem) => Err(Failure::new(Code::BadData, problem)),
            None => Ok(value),
        }
    }

    /// The value of an entry of a map of maps: `name NAME` of an inner map.
    fn inner_value(&self, words: &mut Words) -> Result<Vec<u8>> {
        let usage = || Failure::new(Code::Usage, "the value of a map of maps is an inner map: `value name NAME`");
        if !words.take("name") {
            return Err(usage());
        }
        let name = words.next().ok_or_else(usage)?;
        match inner(&self.manifest, &name) {
            Some((pool, number)) if self.map.pool == Some(pool.id) => Ok(inner_maps::entry(number).to_vec()),
            _ => {
                let pool = self.map.pool.and_then(|pool| self.manifest.maps.get(pool as usize));
                let names = pool.and_then(|pool| Some((pool, pool.inner.as_ref()?)));
                let failure = Failure::new(Code::NoMap, format!("`{}` has no inner map `{name}`", self.map.name));
                Err(names.into_iter().fold(failure, |failure, (pool, inner)| {
                    let last = inner.count.saturating_sub(1);
                    failure.note(format!(
                        "inner maps: {}; by number {}.0 to {}.{last}",
                        inner.names.join(", "),
                        pool.name,
                        pool.name
                    ))
                }))
            }
        }
    }

    fn call(&mut self, op: MapOp) -> Result<Reply> {
        self.device.map(self.load, self.map.id, op)
    }

    /// What an error number means here.
    fn refused(&self, number: u32, what: &str) -> Box<Failure> {
        let (name, kind, entries) = (&self.map.name, self.map.map_type, self.map.max_entries);
        match number {
            ENOENT => Failure::new(Code::NoEntry, format!("map `{name}` has no such entry to {what}")),
            EEXIST => Failure::new(Code::EntryExists, format!("map `{name}` has that entry already")),
            E2BIG if kind.is_array() => {
                let text = format!(
                    "the index is out of range: map `{name}` has {entries} entries, 0 to {}",
                    entries.saturating_sub(1)
                );
                Failure::new(Code::NoEntry, text)
            }
            E2BIG | ENOMEM | ENOSPC => {
                Failure::new(Code::MapFull, format!("map `{name}` has no room for another entry, of {entries}"))
            }
            EINVAL => Failure::new(
                Code::MapOperation,
                format!("a map of type {kind}, as `{name}` is, can not {what} entries"),
            ),
            other => Failure::new(Code::MapOperation, format!("map `{name}` can not {what} the entry: error {other}")),
        }
    }

    fn done(&self, reply: &Reply, what: &str) -> Result<Shown> {
        match reply {
            Reply::Done => Ok(Shown::done()),
            Reply::Errno(number) => Err(self.refused(*number, what)),
            other => Err(surprise(other)),
        }
    }

    fn lookup(&mut self, words: &mut Words) -> Result<Shown> {
        if self.map.map_type == MapType::BLOOM_FILTER {
            return self.may_hold(words);
        }
        // As the kernel has it: the next element.
        if self.map.map_type.is_queue() && words.is_empty() {
            return self.pop(words, false);
        }
        let key = self.key(words, &[])?;
        words.end()?;
        match self.call(MapOp::Get { key: self.hardware_key(&key)? })? {
            Reply::Value(value) => Ok(map_show::entry(&self.manifest, &self.map, &key, &value.0)),
            Reply::Errno(ENOENT) => {
                let text = format!("key:\n{}\n\nNot found", map_show::plain(&key));
                Ok(Shown { status: 1, ..Shown::new(text, Json::null()) })
            }
            Reply::Errno(number) => Err(self.refused(number, "look up")),
            other => Err(surprise(&other)),
        }
    }

    fn may_hold(&mut self, words: &mut Words) -> Result<Shown> {
        let value = self.value(words, &[])?;
        words.end()?;
        match self.call(MapOp::MayHold { value: Hex(value) })? {
            Reply::MayHold(found) => {
                let text = if found { "it may be there" } else { "Not found" };
                Ok(Shown { status: u8::from(!found), ..Shown::new(text, Json::from(found)) })
            }
            other => Err(surprise(&other)),
        }
    }

    fn update(&mut self, words: &mut Words) -> Result<Shown> {
        if self.map.map_type == MapType::BLOOM_FILTER || self.map.map_type.is_queue() {
            return self.push(words);
        }
        let key = self.key(words, &["value"])?;
        let value = self.value(words, &UPDATE_ENDS)?;
        let when = when(words)?;
        words.end()?;
        let reply = self.call(MapOp::Put { key: self.hardware_key(&key)?, value: Hex(value), when })?;
        self.done(&reply, "update")
    }

    fn delete(&mut self, words: &mut Words) -> Result<Shown> {
        let key = self.key(words, &[])?;
        words.end()?;
        let reply = self.call(MapOp::Remove { key: self.hardware_key(&key)? })?;
        self.done(&reply, "delete")
    }

    fn push(&mut self, words: &mut Words) -> Result<Shown> {
        let value = self.value(words, &UPDATE_ENDS)?;
        let when = when(words)?;
        words.end()?;
        if self.map.state.is_none() {
            return Err(self.refused(EINVAL, "push"));
        }
        let reply = self.call(MapOp::Push { value: Hex(value), overwrite: matches!(when, When::Exist) })?;
        self.done(&reply, "push")
    }

    fn pop(&mut self, words: &mut Words, take: bool) -> Result<Shown> {
        words.end()?;
        if !self.map.map_type.is_queue() {
            return Err(self.refused(EINVAL, "pop"));
        }
        match self.call(MapOp::Pop { take })? {
            Reply::Value(value) => Ok(map_show::element(&value.0)),
            Reply::Errno(ENOENT) => Ok(Shown { status: 1, ..Shown::new("Error: empty map", Json::null()) }),
            Reply::Errno(number) => Err(self.refused(number, "pop")),
            other => Err(surprise(&other)),
        }
    }

    /// All entries; parts are asked for one after the other, so that packets and other commands go on between them.
    fn entries(&mut self) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let mut entries = Vec::new();
        let mut cursor = 0;
        loop {
            match self.call(MapOp::Part { cursor, limit: PART })? {
                Reply::Part { entries: part, next } => {
                    entries.extend(part.into_iter().map(|(key, value)| (key.0, value.0)));
                    let Some(next) = next else { break };
                    cursor = next;
                }
                other => return Err(surprise(&other)),
            }
        }
        let Some((inner, number)) = self.inner() else { return Ok(entries) };
        let own = |(key, value): (Vec<u8>, Vec<u8>)| {
            let (of, key) = inner.inner_key(self.map.map_type, &key)?;
            (of == number && inner.pool_key(self.map.map_type, number, &key).is_some()).then_some((key, value))
        };
        Ok(entries.into_iter().filter_map(own).collect())
    }

    fn dump(&mut self, words: &mut Words) -> Result<Shown> {
        words.end()?;
        if self.map.map_type == MapType::BLOOM_FILTER {
            let text =
                format!("what the bloom filter `{}` holds can not be told, in the kernel neither", self.map.name);
            return Err(
                Failure::new(Code::MapOperation, text).hint("`map lookup name NAME value DATA` asks for one value")
            );
        }
        if !self.map.hardware {
            let entries = self.map.initial_entries().into_iter().collect();
            return Ok(Dump { manifest: &self.manifest, map: &self.map, entries }.shown());
        }
        let entries = self.entries()?;
        Ok(Dump { manifest: &self.manifest, map: &self.map, entries }.shown())
    }

    /// The key behind a key, in the order of the dump; the first one without a key, or behind one that is not there.
    fn getnext(&mut self, words: &mut Words) -> Result<Shown> {
        if self.map.state.is_some() {
            return Err(self.refused(EINVAL, "list keys of"));
        }
        let key = if words.peek().is_some() { Some(self.key(words, &[])?) } else { None };
        words.end()?;
        let keys: Vec<Vec<u8>> = if self.map.map_type.is_array() {
            (0..self.inner().map_or(self.map.max_entries, |(inner, number)| inner.entries_of(number)))
                .map(|index| index.to_le_bytes().to_vec())
                .collect()
        } else {
            self.entries()?.into_iter().map(|(key, _)| key).collect()
        };
        let place = key.as_ref().and_then(|key| keys.iter().position(|known| known == key));
        let next = keys.get(place.map_or(0, |place| place + 1));
        let Some(next) = next else {
            let text = format!("map `{}` has no key behind that one", self.map.name);
            return Err(Failure::new(Code::NoEntry, text).hint("it was the last one"));
        };
        let shown = key.as_ref().map_or_else(|| "None".to_owned(), |key| format!("\n{}", map_show::plain(key)));
        let text =
            format!("key: {}\nnext key:\n{}", shown.trim_end(), map_show::plain(next)).replace("key: \n", "key:\n");
        let json = Json::object([
            ("key", key.map_or_else(Json::null, |key| Json::bytes(&key))),
            ("next_key", Json::bytes(next)),
        ]);
        Ok(Shown::new(text, json))
    }
}

/// `any`, `noexist` or `exist` at the end.
fn when(words: &mut Words) -> Result<When> {
    let Some(word) = words.next() else { return Ok(When::Any) };
    let keywords = Keywords { what: "condition of an update", bpftool: &["any", "noexist", "exist"], own: &[] };
    Ok(match keywords.find(&word)? {
        "noexist" => When::NoExist,
        "exist" => When::Exist,
        _ => When::Any,
    })
}
