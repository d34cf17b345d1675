// SPDX-License-Identifier: Apache-2.0
//! The object as a whole.

use super::btf::Btf;
use super::btf_ext::BtfExt;
use super::elf::{Elf, MAX_FILE_BYTES};
use super::functions::{self, Function};
use super::globals::{self, DataSection};
use super::model::{Map, Program};
use super::{btf_maps, kconfig, legacy_maps};
use crate::diag::{Code, Diagnostic, Diagnostics, Location};
use bpf2hdl_interface::network::Table;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

/// An executable section that holds no XDP program, such as `tc` or `tracepoint/...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherSection {
    /// Section name.
    pub name: String,
    /// Functions in it.
    pub functions: Vec<String>,
}

/// A map definition and where it is, so that relocations find it.
#[derive(Debug, Clone)]
pub(super) struct MapEntry {
    /// The map; its BTF descriptions are still null.
    pub(super) map: Map,
    /// ELF section.
    pub(super) section: usize,
    /// Byte offset in it.
    pub(super) offset: u64,
    /// BTF types of key and value.
    pub(super) types: (Option<u32>, Option<u32>),
    /// Byte offset in the definition of the initial entries of a prog array or map of maps.
    pub(super) values: Option<u64>,
    /// Inner maps that there shall be room for, if somebody said.
    pub(super) inner_count: Option<u32>,
}

/// A parsed BPF object.
#[derive(Debug, Clone)]
pub struct Object {
    /// File name as given to [`Object::parse`], for messages.
    pub file_name: String,
    /// XDP and `phys_dev` programs, also those of devmaps and cpumaps, in the file's order.
    pub programs: Vec<Program>,
    /// Other executable sections; ignored.
    pub others: Vec<OtherSection>,
    /// Text of the `license` section, empty when there is none.
    pub license: String,
    pub(super) elf: Elf,
    pub(super) btf: Option<Btf>,
    pub(super) btf_ext: Option<BtfExt>,
    pub(super) functions: Vec<Function>,
    pub(super) maps: Vec<MapEntry>,
    pub(super) data: Vec<DataSection>,
    /// Settings of the kernel that have no value yet.
    pub(super) unset: BTreeSet<String>,
    /// Sizes of the tables of `bpf_fib_lookup` that differ from the usual ones.
    pub(super) table_entries: BTreeMap<Table, u32>,
}

impl Object {
    /// Reads an object. `file_name` is used in messages only.
    ///
    /// # Errors
    /// Everything that makes the file unusable as a whole: ELF, BTF and map definition errors. An object
    /// without an XDP program is parsed; [`Object::select`] refuses it.
    pub fn parse(bytes: &[u8], file_name: &str) -> Result<Self, Diagnostics> {
        parse(bytes, file_name).map_err(|errors| {
            errors
                .into_iter()
                .map(|mut error| {
                    error.location.get_or_insert_with(|| Box::new(Location::file(file_name)));
                    error
                })
                .collect::<Diagnostics>()
                .finish()
        })
    }

    /// Reads and parses a file.
    ///
    /// # Errors
    /// As [`Object::parse`], and when the file can not be read.
    pub fn read(path: &std::path::Path) -> Result<Self, Diagnostics> {
        let name = path.display().to_string();
        let bytes = read_bounded(path).map_err(|error| {
            let error = Diagnostic::new(Code::FileRead, format!("{name} can not be read: {error}"));
            Diagnostics::from(error.at(Location::file(&name)))
        })?;
        Self::parse(&bytes, &name)
    }

    /// All maps and global data sections of the object, without type descriptions and contents.
    #[must_use]
    pub fn map_names(&self) -> Vec<&str> {
        let maps = self.maps.iter().map(|entry| entry.map.name.as_str());
        maps.chain(self.data.iter().map(|data| data.name.as_str())).collect()
    }
}

/// Reads a file up to one byte more than an object may have, so that endless devices end too.
fn read_bounded(path: &std::path::Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn parse(bytes: &[u8], file_name: &str) -> Result<Object, Diagnostics> {
    let mut elf = Elf::parse(bytes)?;
    let functions = functions::find(&elf)?;
    let (programs, others) = functions::programs(&elf, &functions);
    let btf = match elf.section_named(".BTF") {
        Some(section) => Some(Btf::parse(elf.data(section))?),
        None => None,
    };
    let btf_ext = match (elf.section_named(".BTF.ext"), &btf) {
        (Some(section), Some(btf)) => Some(BtfExt::parse(elf.data(section), btf)?),
        _ => None,
    };
    let mut errors = Diagnostics::new();
    let mut maps = legacy_maps::read(&elf, &mut errors);
    maps.extend(btf_maps::read(&elf, btf.as_ref(), &mut errors));
    maps.sort_by_key(|entry| (entry.section, entry.offset));
    let unset = kconfig::place(&mut elf, btf.as_ref());
    let data = globals::find(&elf);
    let license = license(&elf);
    errors.into_result(Object {
        file_name: file_name.to_owned(),
        programs,
        others,
        license,
        elf,
        btf,
        btf_ext,
        functions,
        maps,
        data,
        unset,
        table_entries: BTreeMap::new(),
    })
}

/// The `license` section up to its first zero byte, cut at 128 bytes as in the kernel.
fn license(elf: &Elf) -> String {
    let bytes = elf.section_named("license").map(|section| elf.data(section)).unwrap_or_default();
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text.get(..128).unwrap_or(text)).into_owned()
}
