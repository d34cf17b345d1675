// SPDX-License-Identifier: Apache-2.0
//! Maps defined by value in `SEC("maps")` or `SEC("maps/...")`: libbpf's `struct bpf_map_def` (20 bytes, in
//! old samples 28) and iproute2's `struct bpf_elf_map` (28 or 36 bytes).
//!
//! As libbpf before 1.0 did, the size of a definition is the distance between the symbols. All layouts begin
//! with type, key_size, value_size, max_entries, map_flags; in iproute2's 36 bytes follow id, pinning,
//! inner_id, inner_idx, of which the ids link a map of maps to its template.

use super::btf::Words;
use super::elf::{Elf, SymbolKind};
use super::globals::RDONLY_PROG;
use super::model::Map;
use super::parse::MapEntry;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::isa::map_type_name;

/// Fields of a definition; those that a short one lacks are 0.
#[derive(Default)]
struct Definition {
    fields: [u32; 5],
    id: u32,
    inner_id: u32,
}

/// Reads all legacy map definitions; unreadable ones become errors.
pub(super) fn read(elf: &Elf, errors: &mut Diagnostics) -> Vec<MapEntry> {
    let mut maps = Vec::new();
    for (number, section) in elf.sections.iter().enumerate() {
        if !section.executable && (section.name == "maps" || section.name.starts_with("maps/")) {
            match read_section(elf, number) {
                Ok(found) => maps.extend(found),
                Err(error) => errors.push(error),
            }
        }
    }
    link_inner(&mut maps);
    maps.into_iter().map(|(entry, _)| entry).collect()
}

fn read_section(elf: &Elf, number: usize) -> Result<Vec<(MapEntry, Definition)>, Diagnostic> {
    let data = elf.data(number);
    let mut symbols: Vec<_> = elf.symbols_in(number).filter(|symbol| symbol.kind == SymbolKind::Other).collect();
    symbols.retain(|symbol| !symbol.name.is_empty());
    symbols.sort_by(|a, b| (a.value, &a.name).cmp(&(b.value, &b.name)));
    symbols.dedup_by_key(|symbol| symbol.value);
    let mut maps = Vec::new();
    for (index, symbol) in symbols.iter().enumerate() {
        let end = symbols.get(index + 1).map_or(data.len(), |next| usize::try_from(next.value).unwrap_or(usize::MAX));
        let bytes = usize::try_from(symbol.value).ok().and_then(|start| data.get(start..end));
        let definition = bytes.and_then(read_definition).ok_or_else(|| {
            let size = bytes.map_or(0, <[u8]>::len);
            let message = format!("map {}: a legacy definition of {size} bytes is not known", symbol.name);
            Diagnostic::new(Code::BadMapDefinition, message)
                .note("struct bpf_map_def has 20 or 28 bytes, iproute2's struct bpf_elf_map 28 or 36")
        })?;
        let entry = MapEntry {
            map: to_map(&symbol.name, &definition),
            section: number,
            offset: symbol.value,
            types: (None, None),
            values: None,
            inner_count: None,
        };
        maps.push((entry, definition));
    }
    Ok(maps)
}

/// Reads 16 to 64 bytes; beyond the known layouts only zeros are accepted.
fn read_definition(bytes: &[u8]) -> Option<Definition> {
    if !(16..=64).contains(&bytes.len()) || bytes.get(36..).unwrap_or_default().iter().any(|byte| *byte != 0) {
        return None;
    }
    let mut words = Words::new(bytes);
    let mut definition = Definition::default();
    for field in &mut definition.fields {
        *field = words.next().unwrap_or_default();
    }
    if bytes.len() >= 36 {
        definition.id = words.next().unwrap_or_default();
        let _pinning = words.next();
        definition.inner_id = words.next().unwrap_or_default();
    }
    Some(definition)
}

fn to_map(name: &str, definition: &Definition) -> Map {
    let [map_type, key_size, value_size, max_entries, flags] = definition.fields;
    Map {
        name: name.to_owned(),
        map_type,
        key_size,
        value_size,
        max_entries,
        flags,
        read_only: flags & RDONLY_PROG != 0,
        ..Map::default()
    }
}

/// Gives each map of maps the template whose id it names.
fn link_inner(maps: &mut [(MapEntry, Definition)]) {
    for index in 0..maps.len() {
        let Some((entry, definition)) = maps.get(index) else { continue };
        let of_maps = map_type_name(entry.map.map_type).is_some_and(|name| name.ends_with("_of_maps"));
        if !of_maps || definition.inner_id == 0 {
            continue;
        }
        let wanted = definition.inner_id;
        let inner = maps.iter().find(|(entry, other)| other.id == wanted && entry.map.inner.is_none());
        let inner = inner.map(|(entry, _)| Box::new(entry.map.clone()));
        if let Some((entry, _)) = maps.get_mut(index) {
            entry.map.inner = inner;
        }
    }
}
