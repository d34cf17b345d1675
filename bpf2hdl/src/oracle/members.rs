// SPDX-License-Identifier: Apache-2.0
//! A linked vector of several programs as the separate programs that the kernel loads.

use crate::isa::{Call, Imm64, Insn};
use crate::object::{FunctionRange, Linked, Member};
use bpf2hdl_testbench::{MapReloc, OracleMember};
use std::collections::BTreeMap;

/// The programs of a linked vector, the chosen one first; at least one.
pub(super) fn split(linked: &Linked) -> Vec<OracleMember> {
    let alone = [Member { number: 0, name: linked.name.clone(), start: 0 }];
    let members = if linked.bundle.members.is_empty() { &alone[..] } else { &linked.bundle.members };
    members.iter().map(|member| extract(linked, member)).collect()
}

/// Slot that a call or the load of a function's address refers to.
fn target(insn: &Insn, slot: usize) -> Option<usize> {
    let delta = match insn {
        Insn::Call(Call::Local(delta)) | Insn::LoadImm64 { value: Imm64::Function { delta }, .. } => *delta,
        _ => return None,
    };
    slot.checked_add(1)?.checked_add_signed(isize::try_from(delta).ok()?)
}

/// Functions that a program reaches, in the order in which they are found.
fn reached(linked: &Linked, start: usize) -> Vec<usize> {
    let at = |slot: usize| linked.functions.iter().position(|function| function.start == slot);
    let mut order: Vec<usize> = at(start).into_iter().collect();
    let mut next = 0;
    while let Some(function) = order.get(next).map(|&index| &linked.functions[index]) {
        next += 1;
        for slot in function.start..function.end {
            let found = target(&linked.insns[slot].insn, slot).and_then(at);
            if let Some(found) = found.filter(|found| !order.contains(found)) {
                order.push(found);
            }
        }
    }
    order
}

fn extract(linked: &Linked, member: &Member) -> OracleMember {
    let mut order = reached(linked, member.start);
    order.sort_by_key(|&index| linked.functions[index].of_kernel);
    let ranges: Vec<&FunctionRange> = order.iter().map(|&index| &linked.functions[index]).collect();
    let (mut moved, mut length) = (BTreeMap::new(), 0);
    for range in &ranges {
        moved.insert(range.start, length);
        length += range.end - range.start;
    }
    let (mut insns, mut relocs) = (Vec::with_capacity(length), Vec::new());
    for range in &ranges {
        for slot in range.start..range.end {
            let mut raw = linked.raw[slot];
            let here = insns.len();
            if let Some(to) = target(&linked.insns[slot].insn, slot).and_then(|to| moved.get(&to)) {
                let distance = *to as i64 - here as i64 - 1;
                raw[4..].copy_from_slice(&(distance as i32).to_le_bytes());
            }
            if let Ok(found) = linked.map_refs.binary_search_by_key(&slot, |reference| reference.insn) {
                let reference = linked.map_refs[found];
                relocs.push(MapReloc {
                    insn: here,
                    map: reference.map,
                    value_offset: reference.value_offset,
                    inner: reference.inner,
                });
            }
            insns.push(raw);
        }
    }
    let own = order.iter().zip(&ranges).filter(|(_, range)| !range.of_kernel);
    let types = own.map(|(&index, range)| {
        let ty = linked.bundle.function_types.get(index).copied().flatten()?;
        Some((u32::try_from(moved[&range.start]).ok()?, ty))
    });
    OracleMember {
        number: member.number,
        name: member.name.clone(),
        insns,
        relocs,
        // The kernel wants all or none.
        functions: types.collect::<Option<Vec<_>>>().unwrap_or_default(),
        kernel_functions: ranges
            .iter()
            .filter(|range| range.of_kernel)
            .map(|range| (moved[&range.start], range.name.clone()))
            .collect(),
    }
}
