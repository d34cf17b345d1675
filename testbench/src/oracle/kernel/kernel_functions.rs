// SPDX-License-Identifier: Apache-2.0
//! Functions of the kernel that a program calls: its own take the place of those that were linked in for them.
//!
//! The kernel knows them by the number of their type in its BTF (`BPF_PSEUDO_KFUNC_CALL`, include/uapi/linux/bpf.h).

use super::btf_types;
use std::collections::BTreeMap;
use std::fs;
use std::sync::OnceLock;

/// The kernel's types.
const KERNEL_BTF: &str = "/sys/kernel/btf/vmlinux";
const CALL: u8 = 0x85;
/// Source registers that make a call one of a function of the program, and of the kernel.
const PSEUDO_CALL: u8 = 1;
const PSEUDO_KFUNC_CALL: u8 = 2;

/// Lets the kernel's functions be called. Where it does not have one of them (before Linux 6.4), the program keeps all that were linked in.
/// Returns where functions begin that stay.
pub(super) fn call(insns: &mut Vec<[u8; 8]>, functions: &[(usize, String)]) -> Vec<u32> {
    let Some(first) = functions.iter().map(|(start, _)| *start).min() else { return Vec::new() };
    let found: Option<BTreeMap<usize, u32>> =
        functions.iter().map(|(start, name)| Some((*start, *numbers().get(name)?))).collect();
    let Some(numbers) = found else {
        return functions.iter().filter_map(|(start, _)| u32::try_from(*start).ok()).collect();
    };
    for (slot, insn) in insns.iter_mut().enumerate().take(first) {
        if insn[0] != CALL || insn[1] >> 4 != PSEUDO_CALL {
            continue;
        }
        let distance = i32::from_le_bytes([insn[4], insn[5], insn[6], insn[7]]);
        let target = isize::try_from(distance).ok().and_then(|distance| (slot + 1).checked_add_signed(distance));
        if let Some(number) = target.and_then(|target| numbers.get(&target)) {
            *insn = [CALL, PSEUDO_KFUNC_CALL << 4, 0, 0, 0, 0, 0, 0];
            insn[4..].copy_from_slice(&number.to_le_bytes());
        }
    }
    insns.truncate(first);
    Vec::new()
}

/// Numbers of the kernel's functions, by name.
fn numbers() -> &'static BTreeMap<String, u32> {
    static NUMBERS: OnceLock<BTreeMap<String, u32>> = OnceLock::new();
    NUMBERS.get_or_init(|| {
        let btf = fs::read(KERNEL_BTF).unwrap_or_default();
        btf_types::functions(&btf, |name| name.starts_with("bpf_iter_num_")).unwrap_or_default()
    })
}
