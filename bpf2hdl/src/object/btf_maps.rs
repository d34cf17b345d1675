// SPDX-License-Identifier: Apache-2.0
//! Maps defined by type in `SEC(".maps")`: each variable's anonymous structure carries the parameters as
//! types (`__uint(name, N)` is a pointer to an array of N, `__type(name, T)` a pointer to T, `__array(values, T)`
//! an array of pointers to T). Follows libbpf's `parse_btf_map_def`.

use super::btf::{Btf, Kind, Member};
use super::elf::{Elf, MAPS_SECTION, SymbolKind};
use super::globals::RDONLY_PROG;
use super::model::Map;
use super::parse::MapEntry;
use crate::diag::{Code, Diagnostic, Diagnostics};
use std::collections::BTreeMap;

/// Reads all BTF map definitions; unreadable ones become errors.
pub(super) fn read(elf: &Elf, btf: Option<&Btf>, errors: &mut Diagnostics) -> Vec<MapEntry> {
    let Some(section) = elf.section_named(MAPS_SECTION).filter(|section| !elf.data(*section).is_empty()) else {
        return Vec::new();
    };
    let vars = btf.and_then(|btf| Some((btf, btf.data_section(MAPS_SECTION)?)));
    let Some((btf, vars)) = vars else {
        errors.add(Code::MapsNeedBtf, "the object has maps in section .maps but no BTF that describes them");
        return Vec::new();
    };
    let offsets: BTreeMap<&str, u64> = elf
        .symbols_in(section)
        .filter(|symbol| symbol.kind == SymbolKind::Other)
        .map(|symbol| (symbol.name.as_str(), symbol.value))
        .collect();
    let mut maps = Vec::new();
    for var in vars {
        let Some(ty) = btf.get(var.ty) else { continue };
        let Kind::Var { ty: definition, .. } = ty.kind else { continue };
        let name = btf.string(ty.name);
        match read_map(btf, name, definition, true) {
            Ok((map, found)) => {
                // The variable's own offset is right for static variables only.
                let offset = offsets.get(name).copied().unwrap_or_else(|| var.offset.into());
                maps.push(MapEntry {
                    map,
                    section,
                    offset,
                    types: found.types,
                    values: found.values,
                    inner_count: None,
                });
            }
            Err(error) => errors.push(error),
        }
    }
    maps
}

/// What a definition says beside the map itself.
#[derive(Default)]
struct Found {
    /// BTF types of key and value.
    types: (Option<u32>, Option<u32>),
    /// Byte offset in the definition of the initial entries of a prog array or map of maps.
    values: Option<u64>,
}

fn read_map(btf: &Btf, name: &str, definition: u32, outer: bool) -> Result<(Map, Found), Diagnostic> {
    let bad = |what: String| Diagnostic::new(Code::BadMapDefinition, format!("map {name}: {what}"));
    let Some(Kind::Record { union: false, members, .. }) = btf.resolved(definition).map(|ty| &ty.kind) else {
        return Err(bad("its type is not a structure of map parameters".to_owned()));
    };
    let mut map = Map { name: name.to_owned(), ..Map::default() };
    let mut found = Found::default();
    for member in members {
        read_member(btf, member, &mut map, &mut found, outer).map_err(bad)?;
    }
    if map.map_type == 0 {
        return Err(bad("its type is missing".to_owned()));
    }
    map.read_only = map.flags & RDONLY_PROG != 0;
    Ok((map, found))
}

fn read_member(btf: &Btf, member: &Member, map: &mut Map, found: &mut Found, outer: bool) -> Result<(), String> {
    let name = btf.string(member.name);
    let number = || number_of(btf, member.ty).ok_or_else(|| format!("parameter {name} is not written with __uint"));
    match name {
        "type" => map.map_type = number()?,
        "max_entries" => map.max_entries = number()?,
        "map_flags" => map.flags = number()?,
        "map_extra" => map.extra = number()?,
        "key_size" => set_size(&mut map.key_size, number()?, "key")?,
        "value_size" => set_size(&mut map.value_size, number()?, "value")?,
        "key" => found.types.0 = Some(read_type(btf, member.ty, &mut map.key_size, "key")?),
        "value" => found.types.1 = Some(read_type(btf, member.ty, &mut map.value_size, "value")?),
        "values" if outer => {
            read_values(btf, member.ty, map)?;
            found.values = Some(u64::from(member.bit_offset / 8));
        }
        "values" => return Err("maps are nested more than once".to_owned()),
        // Where the host pins it and where it is allocated make no difference here.
        "pinning" | "numa_node" => {}
        other => return Err(format!("parameter {other} is unknown")),
    }
    Ok(())
}

/// N of `__uint(name, N)`.
fn number_of(btf: &Btf, ty: u32) -> Option<u32> {
    let Kind::Pointer { ty } = btf.resolved(ty)?.kind else { return None };
    match btf.resolved(ty)?.kind {
        Kind::Array { count, .. } => Some(count),
        _ => None,
    }
}

/// `__type(key, T)`: the type's number; sets the size.
fn read_type(btf: &Btf, ty: u32, size: &mut u32, what: &str) -> Result<u32, String> {
    let Some(Kind::Pointer { ty }) = btf.resolved(ty).map(|ty| &ty.kind) else {
        return Err(format!("{what} is not written with __type"));
    };
    let found = btf.size(*ty).ok_or_else(|| format!("the {what} type has no size"))?;
    set_size(size, found, what)?;
    Ok(*ty)
}

fn set_size(size: &mut u32, found: u32, what: &str) -> Result<(), String> {
    if *size != 0 && *size != found {
        return Err(format!("{what} size is given as {size} and as {found} bytes"));
    }
    *size = found;
    Ok(())
}

/// `__array(values, ...)`: template of inner maps, or the programs of a prog array.
fn read_values(btf: &Btf, ty: u32, map: &mut Map) -> Result<(), String> {
    let bad = || "values is not written with __array".to_owned();
    let Some(Kind::Array { ty, .. }) = btf.resolved(ty).map(|ty| &ty.kind) else { return Err(bad()) };
    let Some(Kind::Pointer { ty }) = btf.resolved(*ty).map(|ty| &ty.kind) else { return Err(bad()) };
    set_size(&mut map.value_size, 4, "value")?;
    match btf.resolved(*ty).map(|ty| &ty.kind) {
        Some(Kind::Record { .. }) => {
            let name = format!("{}.inner", map.name);
            let (inner, _) = read_map(btf, &name, *ty, false).map_err(|error| error.message)?;
            map.inner = Some(Box::new(inner));
            Ok(())
        }
        Some(Kind::Function) => Ok(()),
        _ => Err(bad()),
    }
}
