// SPDX-License-Identifier: Apache-2.0
//! Every opcode, at both widths, with registers and constants, on pairs of edge values: all forms of the compiler, rbpf and
//! the kernel agree, and so does a core with one form of each.
//!
//! `./run opcodes` takes more values, and builds cores for all forms.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "tests say what they skipped and how much they compared")]

mod kernel;

use bpf2hdl_campaign::opcodes::{self, EDGES, FEW_EDGES, Item, Place, Settings};
use kernel::kernel_or_skip;
use std::collections::BTreeSet;
use std::path::Path;

fn run(items: Vec<Item>, edges: &[u64], rtl: bool, engine: bool) -> opcodes::Row {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("opcodes");
    let settings = Settings { items, edges, rtl, engine, phys_dev: !rtl || engine, jobs: 2, folder: &folder };
    let table = opcodes::run(&settings, &mut |_| {}).expect("it runs");
    for (name, row) in table.iter() {
        assert!(row.is_right(), "{name}: {row:#?}");
    }
    let total = table.total();
    println!(
        "{} cases against the kernel, {} in rbpf, {} in Verilator",
        total.cases, total.rbpf_cases, total.rtl_cases
    );
    total
}

#[test]
fn every_form_agrees_with_the_kernel() {
    if !kernel_or_skip("every_form_agrees_with_the_kernel") {
        return;
    }
    let total = run(opcodes::items(), &EDGES, false, false);
    // The kernel refuses constant shifts by the width or more, and division by the constant 0: nothing else.
    assert_eq!((total.forms, total.refused), (813, 32));
    assert!(total.cases > 250_000 && total.rbpf_cases > 150_000, "{total:?}");
}

#[test]
fn hardware_agrees_with_the_kernel() {
    if !kernel_or_skip("hardware_agrees_with_the_kernel") {
        return;
    }
    // One form of each opcode that fits a core; wide divisions have cores of their own in the campaign.
    let mut seen = BTreeSet::new();
    let mut items = opcodes::items();
    items.retain(|item| item.place == Place::Plain && item.weight < 4 && !item.row.contains("imm"));
    items.retain(|item| seen.insert(item.row.clone()));
    items.truncate(48);
    assert_eq!(run(items, &FEW_EDGES, true, false).rtl_cases, 48 * 36);
}

/// A program is only data there, so that all forms are cheap.
#[test]
fn engine_agrees_with_the_kernel() {
    if !kernel_or_skip("engine_agrees_with_the_kernel") {
        return;
    }
    let total = run(opcodes::items(), &FEW_EDGES, true, true);
    assert_eq!((total.forms - total.refused, total.rtl_cases), (781, total.cases));
    assert!(total.cases > 30_000, "{total:?}");
}
