// SPDX-License-Identifier: Apache-2.0
//! The `.BTF` section: types and strings (kernel documentation, `bpf/btf.rst`).

use crate::diag::{Code, Diagnostic};

/// Deepest chain of types that is followed; real programs have less than 20.
pub(super) const MAX_DEPTH: usize = 32;

/// Longest string that is given out, in bytes.
const MAX_STRING: usize = 512;

/// A member of a structure or union.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) name: u32,
    pub(super) ty: u32,
    pub(super) bit_offset: u32,
    /// Width of a bit field, 0 for ordinary members.
    pub(super) bits: u32,
}

/// A variable of a data section.
#[derive(Debug, Clone)]
pub(super) struct SectionVar {
    pub(super) ty: u32,
    pub(super) offset: u32,
    pub(super) size: u32,
}

/// What a type is; names are string offsets, types are numbers, sizes are bytes.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Void,
    Int {
        size: u32,
        signed: bool,
        char: bool,
        bool: bool,
    },
    Pointer {
        ty: u32,
    },
    Array {
        ty: u32,
        count: u32,
    },
    Record {
        union: bool,
        size: u32,
        members: Vec<Member>,
    },
    Enum {
        size: u32,
        signed: bool,
        values: Vec<(u32, i64)>,
    },
    Forward,
    Typedef {
        ty: u32,
    },
    /// volatile, const, restrict, type tag.
    Modifier {
        ty: u32,
    },
    Function,
    Var {
        ty: u32,
        global: bool,
    },
    DataSection {
        vars: Vec<SectionVar>,
    },
    Float {
        size: u32,
    },
    DeclTag,
}

/// A type with its name (string offset).
#[derive(Debug, Clone)]
pub(super) struct Type {
    pub(super) name: u32,
    pub(super) kind: Kind,
}

/// All types of an object; number 0 is void.
#[derive(Debug, Clone)]
pub(super) struct Btf {
    types: Vec<Type>,
    strings: Vec<u8>,
}

fn bad(what: &str) -> Diagnostic {
    Diagnostic::new(Code::BadBtf, format!("damaged .BTF section: {what}"))
}

/// Little-endian words, one after another.
pub(super) struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn next(&mut self) -> Option<u32> {
        let (word, rest) = self.rest.split_first_chunk::<4>()?;
        self.rest = rest;
        Some(u32::from_le_bytes(*word))
    }

    pub(super) fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(bytes)?;
        self.rest = rest;
        Some(taken)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

/// A part of a section that begins after its header: `offset` and `length` from the header.
pub(super) fn part(bytes: &[u8], header: u32, offset: u32, length: u32) -> Option<&[u8]> {
    let start = usize::try_from(header).ok()?.checked_add(usize::try_from(offset).ok()?)?;
    bytes.get(start..start.checked_add(usize::try_from(length).ok()?)?)
}

/// Checks magic number and version of `.BTF` or `.BTF.ext`; gives the header length and the words after it.
pub(super) fn header(bytes: &[u8]) -> Option<(u32, Words<'_>)> {
    let mut words = Words::new(bytes);
    let first = words.next()?;
    let length = words.next()?;
    (first & 0x00ff_ffff == 0x0001_eb9f).then_some((length, words))
}

impl Btf {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Diagnostic> {
        let (length, mut words) = header(bytes).ok_or_else(|| bad("its header is not known"))?;
        let mut field = || words.next().ok_or_else(|| bad("its header is cut short"));
        let (type_offset, type_length, string_offset, string_length) = (field()?, field()?, field()?, field()?);
        let types = part(bytes, length, type_offset, type_length).ok_or_else(|| bad("types outside of it"))?;
        let strings = part(bytes, length, string_offset, string_length).ok_or_else(|| bad("strings outside of it"))?;
        let mut all = vec![Type { name: 0, kind: Kind::Void }];
        let mut words = Words::new(types);
        while !words.is_empty() {
            all.push(read_type(&mut words).ok_or_else(|| bad(&format!("type {} can not be read", all.len())))?);
        }
        Ok(Self { types: all, strings: strings.to_vec() })
    }

    /// Type by number.
    pub(super) fn get(&self, number: u32) -> Option<&Type> {
        self.types.get(usize::try_from(number).ok()?)
    }

    /// All types with their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Type> {
        self.types.iter()
    }

    /// String at an offset, cut at 512 bytes (the kernel's limit for names); empty when there is none.
    pub(super) fn string(&self, offset: u32) -> &str {
        let bytes = usize::try_from(offset).ok().and_then(|offset| self.strings.get(offset..)).unwrap_or_default();
        let bytes = bytes.get(..MAX_STRING).unwrap_or(bytes);
        let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        match std::str::from_utf8(text) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(text.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default(),
        }
    }

    /// Number of the first type that is not a typedef or modifier.
    pub(super) fn resolve(&self, mut number: u32) -> Option<u32> {
        for _ in 0..MAX_DEPTH {
            match self.get(number)?.kind {
                Kind::Typedef { ty } | Kind::Modifier { ty } => number = ty,
                _ => return Some(number),
            }
        }
        None
    }

    /// The type itself, without typedefs and modifiers.
    pub(super) fn resolved(&self, number: u32) -> Option<&Type> {
        self.get(self.resolve(number)?)
    }

    /// Size in bytes; `None` for types without one and for impossible ones.
    pub(super) fn size(&self, number: u32) -> Option<u32> {
        self.size_within(number, MAX_DEPTH)
    }

    fn size_within(&self, number: u32, depth: usize) -> Option<u32> {
        match self.resolved(number)?.kind {
            Kind::Int { size, .. } | Kind::Record { size, .. } | Kind::Enum { size, .. } | Kind::Float { size } => {
                Some(size)
            }
            Kind::Pointer { .. } => Some(8),
            Kind::Array { ty, count } => self.size_within(ty, depth.checked_sub(1)?)?.checked_mul(count),
            Kind::Var { ty, .. } => self.size_within(ty, depth.checked_sub(1)?),
            _ => None,
        }
    }

    /// The data section (`.maps`, `.data`, ...) of that name.
    pub(super) fn data_section(&self, name: &str) -> Option<&[SectionVar]> {
        self.iter().find_map(|ty| match &ty.kind {
            Kind::DataSection { vars } if self.string(ty.name) == name => Some(vars.as_slice()),
            _ => None,
        })
    }
}

/// Reads one type; the vectors grow with what is really there, never by a claimed count.
fn read_type(words: &mut Words<'_>) -> Option<Type> {
    let (name, info, size) = (words.next()?, words.next()?, words.next()?);
    let (count, flag, ty) = (info & 0xffff, info >> 31 != 0, size);
    let kind = match info >> 24 & 0x1f {
        1 => {
            let encoding = words.next()? >> 24;
            Kind::Int { size, signed: encoding & 1 != 0, char: encoding & 2 != 0, bool: encoding & 4 != 0 }
        }
        2 => Kind::Pointer { ty },
        3 => {
            let (ty, _index, count) = (words.next()?, words.next()?, words.next()?);
            Kind::Array { ty, count }
        }
        kind @ (4 | 5) => {
            let members = (0..count).map(|_| read_member(words, flag)).collect::<Option<_>>()?;
            Kind::Record { union: kind == 5, size, members }
        }
        6 => {
            let value = |words: &mut Words<'_>| {
                let (name, value) = (words.next()?, words.next()?);
                Some((name, if flag { i64::from(value.cast_signed()) } else { i64::from(value) }))
            };
            let values = (0..count).map(|_| value(words)).collect::<Option<_>>()?;
            Kind::Enum { size, signed: flag, values }
        }
        7 => Kind::Forward,
        8 => Kind::Typedef { ty },
        9..=11 | 18 => Kind::Modifier { ty },
        12 => Kind::Function,
        13 => {
            words.take(usize::try_from(count).ok()?.checked_mul(8)?)?;
            Kind::Function
        }
        14 => Kind::Var { ty, global: words.next()? != 0 },
        15 => {
            let var = |words: &mut Words<'_>| {
                Some(SectionVar { ty: words.next()?, offset: words.next()?, size: words.next()? })
            };
            Kind::DataSection { vars: (0..count).map(|_| var(words)).collect::<Option<_>>()? }
        }
        16 => Kind::Float { size },
        17 => {
            words.next()?;
            Kind::DeclTag
        }
        19 => {
            let value = |words: &mut Words<'_>| {
                let (name, low, high) = (words.next()?, words.next()?, words.next()?);
                Some((name, (u64::from(high) << 32 | u64::from(low)).cast_signed()))
            };
            let values = (0..count).map(|_| value(words)).collect::<Option<_>>()?;
            Kind::Enum { size, signed: flag, values }
        }
        _ => return None,
    };
    Some(Type { name, kind })
}

fn read_member(words: &mut Words<'_>, bit_fields: bool) -> Option<Member> {
    let (name, ty, offset) = (words.next()?, words.next()?, words.next()?);
    let (bits, bit_offset) = if bit_fields { (offset >> 24, offset & 0x00ff_ffff) } else { (0, offset) };
    Some(Member { name, ty, bit_offset, bits })
}
