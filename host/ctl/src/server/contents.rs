// SPDX-License-Identifier: Apache-2.0
//! Contents of maps before the first packet: what the program's source or a map file says, or what they held under the program before.

use super::datapath::Datapath;
use super::slot::{Core, Slot};
use crate::error::{Code, Failure, Result};
use bpf2hdl_interface::map_file::{self, Entries};
use bpf2hdl_interface::{Manifest, MapContents, MapInfo, MapType, Nest, inner_maps};

/// What a new core is filled with.
pub(crate) fn initial(manifest: &Manifest, file: Option<&str>) -> Result<MapContents> {
    let mut contents = MapContents::default();
    // Directories are empty after reset: what the C source has put into a hash of maps is the host's to write.
    for map in manifest.maps.iter().filter(|map| map.hardware && map.map_type.is_hash() && map.initial.is_some()) {
        contents.maps.insert(map.name.clone(), map.initial_entries());
    }
    let Some(text) = file else { return Ok(contents) };
    for (name, entries) in parse(manifest, text)?.maps {
        let Some(map) = manifest.maps.iter().find(|map| map.name == name) else { continue };
        if map.hardware {
            contents.maps.insert(name, entries);
        } else if is_compiled_in(map) && filled(&entries) != filled(&map.initial_entries()) {
            let text = format!("map `{name}` is part of the hardware and can not be given contents");
            return Err(
                Failure::new(Code::MapOperation, text).hint("compile again with other data: `--set NAME=VALUE`")
            );
        }
    }
    Ok(contents)
}

/// Reads a map file; programs and inner maps may be named.
fn parse(manifest: &Manifest, text: &str) -> Result<MapContents> {
    let mut nests = Nest::all(&manifest.maps);
    let arrays = manifest.maps.iter().filter(|map| map.map_type == MapType::PROG_ARRAY);
    let arrays: Vec<&str> = arrays.map(|map| map.name.as_str()).collect();
    let numbered = match arrays.is_empty() {
        true => Ok(text.to_owned()),
        false => map_file::number_programs(text, &arrays, &manifest.programs),
    };
    let numbered = numbered.and_then(|text| inner_maps::number_maps(&text, &mut nests));
    let contents = numbered.and_then(|text| map_file::parse(&text, &manifest.shapes()));
    let contents = contents.map_err(|error| {
        let failure = Failure::new(Code::BadData, format!("the map file does not fit the program: {error}"));
        failure.hint("the page on map files has the form")
    })?;
    for (name, entries) in &contents.maps {
        let kind = manifest.maps.iter().find(|map| map.name == *name).map(|map| map.map_type);
        if let Some(problem) = kind.and_then(|kind| entries.values().find_map(|value| kind.value_error(value))) {
            return Err(Failure::new(
                Code::BadData,
                format!("the map file does not fit the program: map `{name}`: {problem}"),
            ));
        }
    }
    Ok(contents)
}

/// Read-only data, and prog arrays that the C source fills.
fn is_compiled_in(map: &MapInfo) -> bool {
    map.name.starts_with(".rodata") || map.map_type == MapType::PROG_ARRAY && map.initial.is_some()
}

fn filled(entries: &Entries) -> Entries {
    let filled = entries.iter().filter(|(_, value)| value.iter().any(|byte| *byte != 0));
    filled.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Puts contents into a core that has just been reset.
pub(super) fn fill(slot: &Slot, contents: MapContents) -> Result<()> {
    let load = move |core: &mut Core<'_>| core.load(&contents);
    Ok(slot.host(false, load).wait()??)
}

/// Maps by number: of the program before, and of the new one.
pub(super) type Pairs = Vec<(u32, u32)>;
/// Maps that begin anew, and why.
pub(super) type Fresh = Vec<(String, String)>;

/// Which maps keep their contents when one program follows another: pairs of numbers; and the new program's other maps with the reason.
/// `given` have contents already.
pub(super) fn matching(old: &Manifest, new: &Manifest, given: &MapContents) -> (Pairs, Fresh) {
    let (mut pairs, mut fresh) = (Vec::new(), Vec::new());
    let is_part = |map: &MapInfo| new.maps.iter().any(|other| other.state == Some(map.id) && other.map_type.is_queue());
    for map in new.maps.iter().filter(|map| map.hardware && !is_part(map)) {
        // A filter's contents are its bits, which are a map of their own.
        if map.state.is_some() && !map.map_type.is_queue() {
            continue;
        }
        let before = old.maps.iter().find(|before| before.name == map.name && before.hardware);
        let reason = match before {
            _ if given.maps.contains_key(&map.name) && map.initial.is_none() => {
                Some("the map file gives its contents".to_owned())
            }
            None => Some("the program before had no such map".to_owned()),
            Some(before) => difference(before, map, old, new),
        };
        match (before, reason) {
            (Some(before), None) => pairs.push((before.id, map.id)),
            (_, reason) => fresh.push((map.name.clone(), reason.unwrap_or_default())),
        }
    }
    (pairs, fresh)
}

/// What keeps a map from having the contents of another one.
fn difference(before: &MapInfo, map: &MapInfo, old: &Manifest, new: &Manifest) -> Option<String> {
    let differs =
        |what: &str, was: String, is: String| (was != is).then(|| format!("its {what} was {was} and is {is}"));
    differs("type", before.map_type.to_string(), map.map_type.to_string())
        .or_else(|| differs("key size", before.key_size.to_string(), map.key_size.to_string()))
        .or_else(|| differs("value size", before.value_size.to_string(), map.value_size.to_string()))
        .or_else(|| differs("number of entries", before.max_entries.to_string(), map.max_entries.to_string()))
        .or_else(|| (before.extra != map.extra).then(|| "its map_extra differs".to_owned()))
        .or_else(|| {
            let both = before.btf.is_some() && map.btf.is_some();
            (both && before.btf != map.btf).then(|| "the C types of its key or value differ".to_owned())
        })
        .or_else(|| (before.inner != map.inner).then(|| "its inner maps differ".to_owned()))
        .or_else(|| {
            let pool = |map: &MapInfo, manifest: &Manifest| {
                map.pool
                    .and_then(|pool| manifest.maps.get(pool as usize))
                    .map(|pool| (pool.name.clone(), pool.inner.clone()))
            };
            (pool(before, old) != pool(map, new)).then(|| "its inner maps differ".to_owned())
        })
        .or_else(|| {
            let numbers_programs = map.map_type == MapType::PROG_ARRAY && old.programs != new.programs;
            numbers_programs.then(|| "the programs that it can hold differ".to_owned())
        })
}

/// Copies maps from one core, in which no packet is, to another one that takes no packet yet.
pub(super) fn transfer(datapath: &mut Datapath, from: &Slot, to: &Slot, pairs: Pairs, new: &Manifest) -> Result<()> {
    let gone = || Failure::new(Code::Server, "the program is not in its slot any more");
    let ids: Vec<u32> = pairs.iter().map(|(old, _)| *old).collect();
    let dump = |core: &mut Core<'_>| -> std::result::Result<Vec<Entries>, bpf2hdl_host::HostError> {
        ids.into_iter().map(|id| core.dump_map(id, &mut |_, _| {})).collect()
    };
    let dumped = datapath.with_core(from.place, from.number, dump).ok_or_else(gone)??;
    let mut contents = MapContents::default();
    for ((_, id), entries) in pairs.into_iter().zip(dumped) {
        if let Some(map) = new.maps.get(id as usize) {
            contents.maps.insert(map.name.clone(), entries);
        }
    }
    Ok(datapath.with_core(to.place, to.number, |core: &mut Core<'_>| core.load(&contents)).ok_or_else(gone)??)
}
