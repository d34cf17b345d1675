// SPDX-License-Identifier: Apache-2.0
//! A type for the functions that the oracle adds to a program: the kernel wants one for each function, or for none.
//!
//! Layout: `struct btf_header`, `struct btf_type` and what follows each kind (include/uapi/linux/btf.h).

use std::collections::BTreeMap;

/// Bytes of `struct btf_type`.
const TYPE_BYTES: usize = 12;
const KIND_FUNC: u32 = 12;
const KIND_FUNC_PROTO: u32 = 13;

/// The BTF with a static function without arguments added, and its type number; `None` if it can not be read, or has
/// no function whose name could be lent.
pub(super) fn with_function(btf: &[u8]) -> Option<(Vec<u8>, u32)> {
    let word = |at: usize| btf.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
    let (header, types_at, types) = (word(4)? as usize, word(8)? as usize, word(12)? as usize);
    let (start, end) = (header.checked_add(types_at)?, header.checked_add(types_at)?.checked_add(types)?);
    let (mut at, mut count, mut name) = (start, 0, None);
    while at < end {
        let info = word(at + 4)?;
        let kind = info >> 24 & 0x1f;
        if kind == KIND_FUNC {
            name = Some(word(at)?);
        }
        at = at.checked_add(TYPE_BYTES + bytes_behind(kind, (info & 0xffff) as usize)?)?;
        count += 1;
    }
    let proto = [0, KIND_FUNC_PROTO << 24, 0];
    // Number 0 is void, so the next one is `count + 1`. Linkage 0 is static.
    let function = [name?, KIND_FUNC << 24, count + 1];
    let added: Vec<u8> = proto.iter().chain(&function).flat_map(|word| word.to_le_bytes()).collect();
    let mut changed = btf.get(..end)?.to_vec();
    changed.extend(&added);
    changed.extend(btf.get(end..)?);
    let grow = |changed: &mut Vec<u8>, at: usize, by: u32| {
        let grown = word(at)?.checked_add(by)?;
        changed.get_mut(at..at + 4)?.copy_from_slice(&grown.to_le_bytes());
        Some(())
    };
    let by = u32::try_from(added.len()).ok()?;
    grow(&mut changed, 12, by)?;
    // The strings come after the types.
    grow(&mut changed, 16, by)?;
    Some((changed, count + 2))
}

/// Numbers of the functions whose name is `wanted`; `None` if the BTF can not be read.
pub(super) fn functions(btf: &[u8], wanted: impl Fn(&str) -> bool) -> Option<BTreeMap<String, u32>> {
    let word = |at: usize| btf.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
    let header = word(4)? as usize;
    let start = header.checked_add(word(8)? as usize)?;
    let end = start.checked_add(word(12)? as usize)?;
    let strings = btf.get(header.checked_add(word(16)? as usize)?..)?;
    let (mut at, mut number, mut found) = (start, 0, BTreeMap::new());
    while at < end {
        number += 1;
        let info = word(at + 4)?;
        let kind = info >> 24 & 0x1f;
        if kind == KIND_FUNC {
            let name = strings.get(word(at)? as usize..)?.split(|byte| *byte == 0).next()?;
            if let Some(name) = std::str::from_utf8(name).ok().filter(|name| wanted(name)) {
                found.insert(name.to_owned(), number);
            }
        }
        at = at.checked_add(TYPE_BYTES + bytes_behind(kind, (info & 0xffff) as usize)?)?;
    }
    Some(found)
}

/// Bytes that follow a type of this kind with `members` members.
fn bytes_behind(kind: u32, members: usize) -> Option<usize> {
    match kind {
        // Forward, qualified, named and referring types, functions, floating point, type tags.
        2 | 7..=12 | 16 | 18 => Some(0),
        // Integers, variables, declaration tags.
        1 | 14 | 17 => Some(4),
        // Arrays.
        3 => Some(12),
        // Structures, unions, sections, 64-bit enumerations.
        4 | 5 | 15 | 19 => Some(12 * members),
        // Enumerations, prototypes.
        6 | 13 => Some(8 * members),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_added_behind_the_types() {
        // int; int (*)(int); "f".
        let types: [u32; 4 + 5 + 3] = [1, 1 << 24, 4, 32, 0, 13 << 24 | 1, 1, 0, 1, 3, 12 << 24 | 1, 2];
        let header = [0x0001_eb9f, 24, 0, 48, 48, 5];
        let mut btf: Vec<u8> = header.iter().chain(&types).flat_map(|word: &u32| word.to_le_bytes()).collect();
        btf.extend(b"\0i\0f\0");
        let (changed, number) = with_function(&btf).expect("it is well-formed");
        assert_eq!((number, changed.len()), (5, btf.len() + 24));
        assert_eq!(changed[24..72], btf[24..72]);
        assert!(changed.ends_with(b"\0i\0f\0"));
        let word = |at: usize| u32::from_le_bytes(changed[at..at + 4].try_into().unwrap());
        assert_eq!((word(12), word(16), word(20)), (72, 72, 5));
        assert_eq!([84, 88, 92].map(word), [3, 12 << 24, 4]);
        let found = functions(&changed, |name| name == "f").expect("it is well-formed");
        assert_eq!(found, BTreeMap::from([("f".to_owned(), 5)]), "the last one of a name counts");
        assert_eq!(functions(&btf[..50], |_| true), None);
        for cut in 0..btf.len() - 5 {
            assert_eq!(with_function(&btf[..cut]), None, "{cut}");
        }
    }
}
