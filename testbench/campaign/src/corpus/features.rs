// SPDX-License-Identifier: Apache-2.0
//! What a program uses of what a compiler may lack: types of maps, helpers, and what is hard to turn into a pipeline.

use super::row::Row;
use crate::status::table;
use bpf2hdl::ir::{Function, Op};
use bpf2hdl::isa::{AluOp, Call, Insn, Operand, helper_name, map_type_name};
use bpf2hdl::object::Linked;
use std::collections::{BTreeMap, BTreeSet};

/// Names of what a program uses, in order and each once: `map hash`, `helper redirect`, `loops`, ...
#[must_use]
pub(super) fn features(linked: &Linked, function: Option<&Function>) -> Vec<String> {
    let mut found = BTreeSet::new();
    for map in &linked.maps {
        let kind = map_type_name(map.map_type).unwrap_or("of an unknown type");
        let global = if map.name.starts_with(".rodata") { "constants" } else { "global variables" };
        found.insert(if map.is_global_data() { global.to_owned() } else { format!("map {kind}") });
    }
    for (slot, linked) in linked.insns.iter().enumerate() {
        let insn = &linked.insn;
        if insn.jump_target(slot).is_some_and(|target| target <= slot) {
            found.insert("loops".to_owned());
        }
        found.extend(of_insn(insn));
    }
    let is_far = |function: &Function| function.defs.iter().any(|def| matches!(def.op, Op::PacketAt { .. }));
    if function.is_some_and(is_far) {
        found.insert("variable packet offsets".to_owned());
    }
    found.into_iter().collect()
}

fn of_insn(insn: &Insn) -> Option<String> {
    let power = |src: &Operand| matches!(src, Operand::Imm(by) if by.unsigned_abs().is_power_of_two());
    Some(match insn {
        Insn::Call(Call::Helper(id)) => {
            format!(
                "helper {}",
                helper_name(*id).map_or(id.to_string(), |name| name.trim_start_matches("bpf_").to_owned())
            )
        }
        Insn::Call(Call::Kfunc { .. }) => "kernel functions".to_owned(),
        Insn::Call(Call::Local(_)) => "functions".to_owned(),
        Insn::Atomic { .. } => "atomics".to_owned(),
        Insn::LoadPacket { .. } => "legacy packet loads".to_owned(),
        Insn::Alu { op: AluOp::Div | AluOp::Mod | AluOp::SDiv | AluOp::SMod, src, .. } if !power(src) => {
            "division".to_owned()
        }
        _ => return None,
    })
}

/// How many programs that the kernel loads use each, and how many of them are compiled and do the same.
#[must_use]
pub(super) fn coverage(rows: &[Row]) -> String {
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.is_loaded()) {
        for feature in &row.features {
            let count = counts.entry(feature).or_default();
            count[0] += 1;
            count[1] += usize::from(row.is_compiled());
            count[2] += usize::from(row.is_equal());
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(count[0]));
    let line = |(feature, count): (&str, [usize; 3])| {
        [vec![feature.to_owned()], count.map(|number| number.to_string()).to_vec()].concat()
    };
    table(&["used", "loaded", "compiled", "equal"], &counts.into_iter().map(line).collect::<Vec<_>>())
}
