// SPDX-License-Identifier: Apache-2.0
//! Sections of global data: `.rodata*`, `.data*`, `.bss*`, `.kconfig`, each a map with one entry.

use super::btf_json::Writer;
use super::elf::Elf;
use super::kconfig;
use super::model::Map;
use crate::diag::{Code, Diagnostic};
use std::collections::BTreeMap;

/// Largest section of global data, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// `BPF_F_RDONLY_PROG`.
pub(super) const RDONLY_PROG: u32 = 1 << 7;

/// `BPF_MAP_TYPE_ARRAY`.
const ARRAY: u32 = 2;

/// A section of global data; its contents are copied only when a program refers to it.
#[derive(Debug, Clone)]
pub(super) struct DataSection {
    pub(super) name: String,
    pub(super) section: usize,
    pub(super) size: u64,
    read_only: bool,
}

/// All sections of global data, in the file's order.
pub(super) fn find(elf: &Elf) -> Vec<DataSection> {
    let is = |name: &str, base: &str| name == base || name.strip_prefix(base).is_some_and(|rest| rest.starts_with('.'));
    elf.sections
        .iter()
        .enumerate()
        .filter(|(_, section)| section.allocated && !section.executable && section.size > 0)
        .filter(|(_, section)| {
            [".rodata", ".data", ".bss", kconfig::SECTION].iter().any(|base| is(&section.name, base))
        })
        .map(|(number, section)| DataSection {
            name: section.name.clone(),
            section: number,
            size: section.size,
            read_only: is(&section.name, ".rodata") || section.name == kconfig::SECTION,
        })
        .collect()
}

/// The section as a map: contents and type description.
pub(super) fn to_map(elf: &Elf, data: &DataSection, types: &mut Writer<'_>) -> Result<Map, Diagnostic> {
    if data.size > MAX_BYTES {
        let message = format!("section {} has {} bytes; at most {MAX_BYTES} are possible", data.name, data.size);
        return Err(Diagnostic::new(Code::GlobalsTooLarge, message));
    }
    let size = u32::try_from(data.size).unwrap_or(u32::MAX);
    let mut initial = elf.data(data.section).to_vec();
    initial.resize(usize::try_from(size).unwrap_or_default(), 0);
    let offsets: BTreeMap<&str, u64> = elf
        .symbols_in(data.section)
        .filter(|symbol| symbol.global)
        .map(|symbol| (symbol.name.as_str(), symbol.value))
        .collect();
    Ok(Map {
        name: data.name.clone(),
        map_type: ARRAY,
        key_size: 4,
        value_size: size,
        max_entries: 1,
        flags: if data.read_only { RDONLY_PROG } else { 0 },
        value_btf: types.of_section(&data.name, data.size, |name| offsets.get(name).copied()),
        initial: Some(initial),
        read_only: data.read_only,
        ..Map::default()
    })
}
