// SPDX-License-Identifier: Apache-2.0
//! Every opcode, at every width, with registers and constants, on pairs of edge values: the kernel, rbpf inside its
//! correct subset, every form of the compiler, and the hardware in Verilator must agree.
//!
//! An [`Item`] is a few instructions that turn the numbers in r2 and r3 into one in r2. A program loads them from the
//! packet before each item and stores the result into the packet behind it, so that one core covers many items
//! ([`batch`]). Packet loads of `phys_dev`, whose programs can not write packets, are in [`phys_dev`].

pub mod batch;
mod items;
pub mod phys_dev;
mod single;

pub use items::{Item, Place, items};

use crate::case::linked;
use bpf2hdl::isa::asm;
use bpf2hdl::object::{Linked, Map, ProgramKind};
use std::collections::BTreeMap;
use std::path::Path;

/// Values at which carries, signs and widths change.
pub const EDGES: [u64; 19] = [
    0,
    1,
    2,
    7,
    31,
    32,
    33,
    63,
    64,
    0x7f,
    0x80,
    0x8000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_ffff_ffff_ffff,
];
/// A few of them, for quick runs.
pub const FEW_EDGES: [u64; 6] = [0, 1, 33, 0x8000_0000, 0xffff_ffff, 0x8000_0000_0000_0001];

/// Place of the first operand in the packet; the second one follows.
const OPERANDS: usize = 14;
/// Place of the first result, eight bytes each.
const RESULTS: usize = 64;

/// One line of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Forms of the instruction (constants, offsets).
    pub forms: u64,
    /// Forms that the kernel's verifier refuses.
    pub refused: u64,
    /// Pairs of operands that the kernel judged, in all forms.
    pub cases: u64,
    /// Cases in which rbpf agrees with the kernel; `None` if no form is in its correct subset.
    pub rbpf: Option<u64>,
    /// Cases that rbpf judged.
    pub rbpf_cases: u64,
    /// Cases in which every form of the compiler agrees with the kernel.
    pub ir: u64,
    /// Cases in which the hardware agrees with the kernel.
    pub rtl: u64,
    /// Cases that the hardware was given.
    pub rtl_cases: u64,
    /// What differs.
    pub wrong: Vec<String>,
}

impl Row {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.wrong.is_empty()
            && self.rbpf.is_none_or(|count| count == self.rbpf_cases)
            && self.ir == self.cases
            && self.rtl == self.rtl_cases
    }
}

/// The table: rows by opcode, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    names: Vec<String>,
    rows: BTreeMap<String, Row>,
}

impl Table {
    /// The row of an opcode, which is added at the end if there is none.
    pub fn row(&mut self, name: &str) -> &mut Row {
        if !self.rows.contains_key(name) {
            self.names.push(name.to_owned());
        }
        self.rows.entry(name.to_owned()).or_default()
    }

    /// All rows in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Row)> {
        self.names.iter().filter_map(|name| Some((name.as_str(), self.rows.get(name)?)))
    }

    /// The text of the table.
    #[must_use]
    pub fn to_text(&self) -> String {
        let cells = |(name, row): (&str, &Row)| {
            let rtl = if row.rtl_cases == 0 { "-".to_owned() } else { row.rtl.to_string() };
            vec![
                name.to_owned(),
                row.forms.to_string(),
                row.refused.to_string(),
                row.cases.to_string(),
                row.rbpf.map_or("-".to_owned(), |count| count.to_string()),
                row.ir.to_string(),
                rtl,
                if row.is_right() { "ok" } else { "WRONG" }.to_owned(),
            ]
        };
        let titles = ["opcode", "forms", "refused", "kernel", "rbpf", "IR", "RTL", ""];
        crate::status::table(&titles, &self.iter().map(cells).collect::<Vec<_>>())
    }

    /// The sum of all rows.
    #[must_use]
    pub fn total(&self) -> Row {
        let mut total = Row::default();
        for (_, row) in self.iter() {
            total.forms += row.forms;
            total.refused += row.refused;
            total.cases += row.cases;
            total.rbpf_cases += row.rbpf_cases;
            total.ir += row.ir;
            total.rtl_cases += row.rtl_cases;
        }
        total
    }
}

/// What to run.
#[derive(Debug, Clone)]
pub struct Settings<'a> {
    /// Instructions.
    pub items: Vec<Item>,
    /// Values of operands; all pairs are tried.
    pub edges: &'a [u64],
    /// Whether hardware is built.
    pub rtl: bool,
    /// Whether that is the engine with these programs.
    pub engine: bool,
    /// Whether the packet loads of `phys_dev` are among the instructions.
    pub phys_dev: bool,
    /// Cores built at a time.
    pub jobs: usize,
    /// Folder for designs.
    pub folder: &'a Path,
}

/// Runs everything; `show` is told now and then how far it is.
///
/// # Errors
/// A mistake in the list of instructions, or what is missing on this machine.
pub fn run(settings: &Settings<'_>, show: &mut dyn FnMut(&dyn Fn() -> String)) -> Result<Table, String> {
    let mut table = Table::default();
    let pairs = pairs(settings.edges);
    let mut taken = Vec::new();
    for (number, item) in settings.items.iter().enumerate() {
        show(&|| format!("{number} of {} forms in every form of the compiler", settings.items.len()));
        if single::compare(item, &pairs, table.row(&item.row))? {
            taken.push(item.clone());
        }
    }
    if settings.phys_dev {
        show(&|| "packet loads of phys_dev".to_owned());
        phys_dev::compare(settings.edges, settings.rtl, settings.engine, settings.folder, &mut table)?;
    }
    if settings.rtl {
        let batches = batch::batches(&taken);
        let total = batches.len();
        batch::run_all(batches, &pairs, settings, &mut |done, outcomes| {
            outcomes.into_iter().for_each(|outcome| outcome.add_to(&mut table));
            show(&|| format!("{done} of {total} cores in Verilator"));
        })?;
    }
    Ok(table)
}

/// All pairs of these values.
#[must_use]
pub fn pairs(edges: &[u64]) -> Vec<(u64, u64)> {
    edges.iter().flat_map(|&a| edges.iter().map(move |&b| (a, b))).collect()
}

/// A program that computes all items, and its result places.
///
/// # Errors
/// Text that is no program.
fn program(items: &[Item]) -> Result<Linked, String> {
    let end = RESULTS + 8 * items.len();
    let has_map = items.iter().any(|item| item.place == Place::Map);
    let mut text = format!("r6 = *(u32 *)(r1 +0)\nr8 = *(u32 *)(r1 +4)\nr0 = r6\nr0 += {end}\nif r0 > r8 goto none\n");
    if has_map {
        text += "*(u32 *)(r10 -16) = 0\nr2 = r10\nr2 += -16\nr1 = map[fd:0]\ncall bpf_map_lookup_elem#1\nif r0 == 0 goto none\nr9 = r0\n";
    }
    for (number, item) in items.iter().enumerate() {
        text += &format!("r2 = *(u64 *)(r6 +{OPERANDS})\nr3 = *(u64 *)(r6 +{})\n", OPERANDS + 8);
        text += &item.text.replace('@', &format!("i{number}"));
        text += &format!("\n*(u64 *)(r6 +{}) = r2\n", RESULTS + 8 * number);
    }
    text += "r0 = 2\nexit\nnone:\nr0 = 0\nexit\n";
    let insns = asm::assemble(&text).map_err(|errors| format!("{}{text}", errors.to_text()))?;
    Ok(linked(insns, if has_map { vec![map()] } else { Vec::new() }, ProgramKind::Xdp))
}

/// An array of one entry of 16 bytes.
fn map() -> Map {
    Map { name: "m".to_owned(), map_type: 2, key_size: 4, value_size: 16, max_entries: 1, ..Map::default() }
}

/// A packet for each pair, with room for so many results.
fn packets(pairs: &[(u64, u64)], results: usize) -> Vec<Vec<u8>> {
    let packet = |&(a, b): &(u64, u64)| {
        let mut packet = vec![0; RESULTS + 8 * results];
        packet[OPERANDS..OPERANDS + 8].copy_from_slice(&a.to_le_bytes());
        packet[OPERANDS + 8..OPERANDS + 16].copy_from_slice(&b.to_le_bytes());
        packet
    };
    pairs.iter().map(packet).collect()
}
