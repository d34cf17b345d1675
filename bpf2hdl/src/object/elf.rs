// SPDX-License-Identifier: Apache-2.0
//! The ELF container: header checks, sections, symbols, relocations, as owned plain data.
//!
//! Every range is checked against the file once, here. The sum of all names is bounded by the file's size,
//! so that a hostile object can not make us allocate more than a small multiple of its own length.

use crate::diag::{Code, Diagnostic};
use object::LittleEndian as Le;
use object::elf::{self, FileHeader64, Rel64, Rela64, SectionHeader64, Sym64};
use object::read::SectionIndex;
use object::read::elf::{FileHeader, Rel, Rela, SectionHeader, SectionTable, Sym, SymbolTable};
use std::ops::Range;

/// Largest object that is read, in bytes.
pub(super) const MAX_FILE_BYTES: u64 = 256 << 20;

/// Section of the BTF-defined maps.
pub(super) const MAPS_SECTION: &str = ".maps";

type Header = FileHeader64<Le>;

/// A section; `data` is its range in the file, empty for `.bss` and the like.
#[derive(Debug, Clone)]
pub(super) struct Section {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) executable: bool,
    pub(super) allocated: bool,
    pub(super) data: Range<usize>,
}

/// Where a symbol is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Undefined,
    Section(usize),
    /// Absolute, common, or reserved.
    Special,
}

/// What a symbol stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SymbolKind {
    Function,
    Section,
    Other,
}

#[derive(Debug, Clone)]
pub(super) struct Symbol {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) kind: SymbolKind,
    pub(super) global: bool,
    /// Not visible outside of the object (`STV_HIDDEN`, `STV_INTERNAL`); libbpf takes such functions for static.
    pub(super) hidden: bool,
    /// It need not be defined anywhere.
    pub(super) weak: bool,
    pub(super) value: u64,
    pub(super) size: u64,
}

/// A relocation of a code section or of the map definitions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Relocation {
    /// Byte offset in the section that it changes.
    pub(super) offset: u64,
    pub(super) kind: u32,
    pub(super) symbol: usize,
    /// From SHT_RELA; 0 for SHT_REL, where the addend is in the instruction.
    pub(super) addend: i64,
}

/// An object file. Section and symbol numbers are the file's own.
#[derive(Debug, Clone)]
pub(super) struct Elf {
    bytes: Vec<u8>,
    pub(super) sections: Vec<Section>,
    pub(super) symbols: Vec<Symbol>,
    /// Relocations by target section, sorted by offset.
    relocations: Vec<(usize, Relocation)>,
}

fn damaged(what: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::new(Code::DamagedElf, format!("damaged ELF object: {what}"))
}

impl Elf {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Diagnostic> {
        check_ident(bytes)?;
        let header = Header::parse(bytes).map_err(damaged)?;
        check_machine(header)?;
        let table = header.sections(Le, bytes).map_err(damaged)?;
        let mut budget = Budget { names: bytes.len().saturating_mul(4), relocations: bytes.len() / 8 };
        let mut sections = Vec::new();
        for section in table.iter() {
            sections.push(read_section(section, &table, bytes, &mut budget)?);
        }
        let symbols = table.symbols(Le, bytes, elf::SHT_SYMTAB).map_err(damaged)?;
        let symbols = read_symbols(&symbols, sections.len(), &mut budget)?;
        let mut relocations = Vec::new();
        for section in table.iter() {
            read_relocations(section, bytes, &sections, &mut relocations, &mut budget)?;
        }
        relocations.sort_by_key(|(section, relocation)| (*section, relocation.offset));
        Ok(Self { bytes: bytes.to_vec(), sections, symbols, relocations })
    }

    /// Contents of a section; empty for `.bss` and for numbers that do not exist.
    pub(super) fn data(&self, section: usize) -> &[u8] {
        self.sections.get(section).and_then(|section| self.bytes.get(section.data.clone())).unwrap_or_default()
    }

    /// A further section of data; returns its number.
    pub(super) fn add_section(&mut self, name: &str, contents: &[u8]) -> usize {
        let start = self.bytes.len();
        self.bytes.extend(contents);
        let (size, data) = (contents.len() as u64, start..self.bytes.len());
        self.sections.push(Section { name: name.to_owned(), size, executable: false, allocated: true, data });
        self.sections.len() - 1
    }

    /// The bytes of a section, to be changed.
    pub(super) fn data_mut(&mut self, section: usize) -> Option<&mut [u8]> {
        self.bytes.get_mut(self.sections.get(section)?.data.clone())
    }

    pub(super) fn section_named(&self, name: &str) -> Option<usize> {
        self.sections.iter().position(|section| section.name == name)
    }

    /// Relocations of a section whose byte offsets lie in `range`, by rising offset.
    pub(super) fn relocations(&self, section: usize, range: Range<u64>) -> impl Iterator<Item = Relocation> + '_ {
        let key = move |offset| (section, offset);
        let first = self.relocations.partition_point(|(at, item)| (*at, item.offset) < key(range.start));
        self.relocations
            .get(first..)
            .unwrap_or_default()
            .iter()
            .take_while(move |(at, item)| (*at, item.offset) < key(range.end))
            .map(|(_, item)| *item)
    }

    /// Symbols defined in a section, with their numbers.
    pub(super) fn symbols_in(&self, section: usize) -> impl Iterator<Item = &Symbol> {
        self.symbols.iter().filter(move |symbol| symbol.place == Place::Section(section))
    }
}

/// What may still be allocated for names (bytes) and relocations (records).
struct Budget {
    names: usize,
    relocations: usize,
}

impl Budget {
    fn name(&mut self, name: &[u8]) -> Result<String, Diagnostic> {
        self.names = self.names.checked_sub(name.len()).ok_or_else(|| damaged("the names are longer than the file"))?;
        Ok(String::from_utf8_lossy(name).into_owned())
    }
}

fn check_ident(bytes: &[u8]) -> Result<(), Diagnostic> {
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_FILE_BYTES) {
        return Err(damaged(format!("{} bytes are too many for a BPF object", bytes.len())));
    }
    if !bytes.starts_with(&elf::ELFMAG) {
        return Err(Diagnostic::new(Code::NotElf, not_elf_message(bytes)));
    }
    let (Some(class), Some(order)) = (bytes.get(4), bytes.get(5)) else {
        return Err(damaged("the file ends inside the header"));
    };
    if *class == elf::ELFCLASS32 {
        return Err(Diagnostic::new(Code::Elf32, "the object is a 32-bit ELF file"));
    }
    if *order == elf::ELFDATA2MSB {
        return Err(Diagnostic::new(Code::BigEndian, "the object is big-endian"));
    }
    Ok(())
}

fn not_elf_message(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "the file is empty".to_owned();
    }
    if bytes.starts_with(b"BC\xc0\xde") {
        return "the file is LLVM bitcode, not an ELF object (compile without -emit-llvm and -flto)".to_owned();
    }
    "the file is not an ELF object".to_owned()
}

fn check_machine(header: &Header) -> Result<(), Diagnostic> {
    let machine = header.e_machine(Le);
    if machine != elf::EM_BPF {
        return Err(Diagnostic::new(Code::NotBpf, format!("the object is for machine {machine}, not for BPF (247)")));
    }
    if header.e_type(Le) != elf::ET_REL {
        return Err(damaged(format!("ELF type {} is not a relocatable object", header.e_type(Le))));
    }
    Ok(())
}

fn read_section(
    section: &SectionHeader64<Le>,
    table: &SectionTable<'_, Header>,
    bytes: &[u8],
    budget: &mut Budget,
) -> Result<Section, Diagnostic> {
    let name = budget.name(table.section_name(Le, section).map_err(damaged)?)?;
    let flags = section.sh_flags(Le);
    let data = match section.file_range(Le) {
        None => 0..0,
        Some((offset, size)) => file_range(offset, size, bytes.len())
            .ok_or_else(|| damaged(format!("section {name} lies outside the file")))?,
    };
    Ok(Section {
        name,
        size: section.sh_size(Le),
        executable: flags & u64::from(elf::SHF_EXECINSTR) != 0 && section.sh_type(Le) == elf::SHT_PROGBITS,
        allocated: flags & u64::from(elf::SHF_ALLOC) != 0,
        data,
    })
}

fn file_range(offset: u64, size: u64, length: usize) -> Option<Range<usize>> {
    let start = usize::try_from(offset).ok()?;
    let end = start.checked_add(usize::try_from(size).ok()?)?;
    (end <= length).then_some(start..end)
}

fn read_symbols(
    table: &SymbolTable<'_, Header>,
    sections: usize,
    budget: &mut Budget,
) -> Result<Vec<Symbol>, Diagnostic> {
    let mut symbols = Vec::with_capacity(table.len());
    for (index, symbol) in table.enumerate() {
        let symbol: &Sym64<Le> = symbol;
        let place = match table.symbol_section(Le, symbol, index).map_err(damaged)? {
            Some(SectionIndex(0)) => Place::Undefined,
            Some(SectionIndex(section)) if section < sections => Place::Section(section),
            Some(_) => return Err(damaged("a symbol lies in a section that does not exist")),
            None if symbol.st_shndx(Le) == elf::SHN_UNDEF => Place::Undefined,
            None => Place::Special,
        };
        symbols.push(Symbol {
            name: budget.name(table.symbol_name(Le, symbol).map_err(damaged)?)?,
            place,
            kind: match symbol.st_type() {
                elf::STT_FUNC => SymbolKind::Function,
                elf::STT_SECTION => SymbolKind::Section,
                _ => SymbolKind::Other,
            },
            global: symbol.st_bind() != elf::STB_LOCAL,
            hidden: matches!(symbol.st_visibility(), elf::STV_HIDDEN | elf::STV_INTERNAL),
            weak: symbol.st_bind() == elf::STB_WEAK,
            value: symbol.st_value(Le),
            size: symbol.st_size(Le),
        });
    }
    Ok(symbols)
}

/// Reads the relocations that concern executable sections and map definitions (initial values); those of BTF and debug
/// sections are not needed.
fn read_relocations(
    section: &SectionHeader64<Le>,
    bytes: &[u8],
    sections: &[Section],
    into: &mut Vec<(usize, Relocation)>,
    budget: &mut Budget,
) -> Result<(), Diagnostic> {
    let Ok(target) = usize::try_from(section.sh_info(Le)) else { return Ok(()) };
    if !sections.get(target).is_some_and(|section| section.executable || section.name == MAPS_SECTION) {
        return Ok(());
    }
    let mut add = |relocation| {
        budget.relocations =
            budget.relocations.checked_sub(1).ok_or_else(|| damaged("more relocations than the file can hold"))?;
        into.push((target, relocation));
        Ok(())
    };
    if let Some((records, _)) = section.rel(Le, bytes).map_err(damaged)? {
        for record in records {
            let record: &Rel64<Le> = record;
            let symbol = usize::try_from(record.r_sym(Le)).unwrap_or(usize::MAX);
            add(Relocation { offset: record.r_offset(Le), kind: record.r_type(Le), symbol, addend: 0 })?;
        }
    }
    if let Some((records, _)) = section.rela(Le, bytes).map_err(damaged)? {
        for record in records {
            let record: &Rela64<Le> = record;
            let symbol = usize::try_from(record.r_sym(Le, false)).unwrap_or(usize::MAX);
            let (offset, kind) = (record.r_offset(Le), record.r_type(Le, false));
            add(Relocation { offset, kind, symbol, addend: record.r_addend(Le) })?;
        }
    }
    Ok(())
}
