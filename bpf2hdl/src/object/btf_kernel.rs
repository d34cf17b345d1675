// SPDX-License-Identifier: Apache-2.0
//! The object's BTF as the kernel takes it.
//!
//! clang writes data sections without sizes and offsets, which the kernel refuses; libbpf fills them in. Nobody needs
//! them here (the kernel wants to know functions and what their arguments point to), so variables, data sections
//! and functions that are only declared become integers, by the same numbers. Sections of other compilers' additions end the conversion: then there is no BTF.

use super::btf::{Words, header, part};
use std::collections::BTreeSet;

const INT: u32 = 1;
const FUNC: u32 = 12;
const VAR: u32 = 14;
const DATASEC: u32 = 15;
const DECL_TAG: u32 = 17;
/// `BTF_FUNC_GLOBAL`; higher is extern.
const GLOBAL: u32 = 1;
/// Encoding word of a 32-bit integer.
const BITS: u32 = 32;

/// Rewrites a `.BTF` section. Functions whose type number is in `statics` become static. `None` if it can not be read.
pub(super) fn convert(bytes: &[u8], statics: &BTreeSet<u32>) -> Option<Vec<u8>> {
    let (length, mut words) = header(bytes)?;
    let mut field = || words.next();
    let (type_offset, type_length, string_offset, string_length) = (field()?, field()?, field()?, field()?);
    let types = part(bytes, length, type_offset, type_length)?;
    let strings = part(bytes, length, string_offset, string_length)?;
    let names = Names::new(strings);
    let (mut out, mut number) = (Vec::with_capacity(types.len()), 0);
    let mut words = Words::new(types);
    // Variables can not be referred to once they are gone.
    let mut gone = BTreeSet::new();
    while !words.is_empty() {
        number += 1;
        let (name, info, size) = (words.next()?, words.next()?, words.next()?);
        let (kind, count) = (info >> 24 & 0x1f, info & 0xffff);
        let body = words.take(body_bytes(kind, usize::try_from(count).ok()?)?)?;
        let is_lost = kind == DECL_TAG && gone.contains(&size);
        // Functions of the kernel, whose arguments have no names here: the kernel takes no such function.
        let is_extern = kind == FUNC && count > GLOBAL;
        if matches!(kind, VAR | DATASEC) || is_lost || is_extern {
            gone.insert(number);
            push(&mut out, &[names.int, INT << 24, 4, BITS]);
            continue;
        }
        let linkage = if statics.contains(&number) { 0 } else { count };
        let info = if kind == FUNC { info & !0xffff | linkage } else { info };
        push(&mut out, &[name, info, size]);
        out.extend_from_slice(body);
    }
    Some(assemble(&out, &names.all))
}

/// Bytes behind the three common words of a type.
fn body_bytes(kind: u32, count: usize) -> Option<usize> {
    match kind {
        1 | 14 | 17 => Some(4),
        3 => Some(12),
        4 | 5 | 15 | 19 => count.checked_mul(12),
        6 | 13 => count.checked_mul(8),
        2 | 7..=12 | 16 | 18 => Some(0),
        _ => None,
    }
}

/// The strings with one more for the integers that stand in.
struct Names {
    all: Vec<u8>,
    int: u32,
}

impl Names {
    fn new(strings: &[u8]) -> Self {
        let int = u32::try_from(strings.len()).unwrap_or_default();
        let mut all = strings.to_vec();
        all.extend_from_slice(b"bpf2hdl_stand_in\0");
        Names { all, int }
    }
}

fn push(out: &mut Vec<u8>, words: &[u32]) {
    words.iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
}

/// Header, types, strings (`struct btf_header`, include/uapi/linux/btf.h).
fn assemble(types: &[u8], strings: &[u8]) -> Vec<u8> {
    const HEADER: u32 = 24;
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut out = Vec::with_capacity(types.len() + strings.len() + 24);
    push(&mut out, &[0x0001_eb9f, HEADER, 0, length(types), length(types), length(strings)]);
    out.extend_from_slice(types);
    out.extend_from_slice(strings);
    out
}
