// SPDX-License-Identifier: Apache-2.0
//! Prints: `bpf_trace_printk` and `bpf_trace_vprintk` (kernel/trace/bpf_trace.c, Linux 6.18).
//!
//! A print is an event to a channel that no instruction names ([`MAP_NAME`](bpf2hdl_interface::print::MAP_NAME)): the number of its format,
//! and the arguments as far as the format looks at them. The format has to be known here; its text becomes part of the channel
//! (`ir::Map::initial`) and of the manifest. Where paths with different formats meet in one call, as compilers like to have it, each format is a
//! print under its own condition.
//!
//! The result is the number of characters, which depends on the arguments. It is computed only where the program can look at it (`print_length.rs`).
//!
//! What the kernel prints and hardware can not know (names and hashes of addresses, texts that are no constants) is left out, with a warning
//! that says what; so is, then, every print of that call. The result of such a call can not be used.

use super::content::{Content, Unusable};
use super::events::EINVAL;
use super::records::Emission;
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::{Event, MAX_ELEMENTS, MapId, MapKind, Value};
use crate::isa::{Call, Insn, TRACE_PRINTK, helper_name};
use crate::object::Linked;
use bpf2hdl_interface::print::{self, ARGUMENT_BUFFER, Conversion, Format, MAX_ARGUMENTS, MAX_LINE, Wrong};
use std::collections::BTreeMap;

/// A print that a program can make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Print {
    /// The format as the program has it, without terminator.
    pub text: Vec<u8>,
    /// What its `%s` print, in order.
    pub texts: Vec<Vec<u8>>,
    /// The format as the kernel reads it.
    pub format: Format,
    /// Its number in [`Prints::formats`].
    pub number: usize,
}

/// The prints of a program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prints {
    /// Formats by number, with the texts of `%s` in them.
    pub formats: Vec<Format>,
    /// All prints by text and texts, which differ. What is none of them is `-EINVAL`.
    pub all: Vec<Print>,
    /// Calls that are left out, by instruction, and why.
    pub left_out: BTreeMap<usize, String>,
}

/// Bytes of an argument.
const ARGUMENT: usize = 8;

/// Why a print is not made: left out for a reason, or the program is refused.
enum Failure {
    LeftOut(String),
    Refused(Refusal),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Failure::Refused(refusal)
    }
}

/// Where the arguments are.
enum Arguments {
    /// In these registers.
    Registers([usize; 3]),
    /// In an array of so many.
    Array(Content, usize),
}

/// One bit, and what is so where it is set.
type Choice<T> = (Value, T);

/// The values that a format prints, each in parts.
type Parts = Vec<Vec<Value>>;

impl Walk<'_> {
    /// `bpf_trace_printk(fmt, fmt_size, ...)` or `bpf_trace_vprintk(fmt, fmt_size, data, data_len)`.
    pub(super) fn print(&mut self, state: &State, id: u32) -> Result<Content, Refusal> {
        let failure = match self.try_print(state, id) {
            Ok(result) => return Ok(result),
            Err(failure) => failure,
        };
        let reason = match failure {
            Failure::Refused(refusal) => return Err(refusal),
            Failure::LeftOut(reason) => reason,
        };
        self.prints.left_out.entry(self.slot).or_insert(reason);
        Ok(Content::Unusable(Unusable::LeftOut))
    }

    /// The refusal where something is the result of a print that is left out.
    pub(super) fn unknown_result(&self, what: &str) -> Refusal {
        let mut text = format!("{what} is the result of a print that is not built");
        if let Some((slot, reason)) = self.prints.left_out.range(..self.slot).next_back() {
            let line = self.program.location(*slot).line.map_or_else(String::new, |line| format!(" in line {line}"));
            text.push_str(&format!(" (the last one{line}: {reason})"));
        }
        let item = Diagnostic::new(Code::HelperArgument, text).at(self.program.location(self.slot));
        Box::new(item.with_help("do without the result, or print only what is built (`bpf2hdl explain W0020`)"))
    }

    fn try_print(&mut self, state: &State, id: u32) -> Result<Content, Failure> {
        let Some(channel) = self.b.function().maps.iter().position(|map| map.kind == MapKind::Trace).map(MapId::new)
        else {
            return Err(Failure::LeftOut("the program was linked without a channel for prints".to_owned()));
        };
        let einval = self.b.constant(EINVAL as u64, 64);
        let arguments = match id {
            TRACE_PRINTK => Arguments::Registers([3, 4, 5]),
            _ => match self.array_arguments(state)? {
                Some(arguments) => arguments,
                None => return Ok(Content::Scalar(einval)),
            },
        };
        let count = match arguments {
            Arguments::Registers(_) => MAX_ARGUMENTS[0],
            Arguments::Array(_, count) => count,
        };
        let used = self.cfg.is_live(self.slot + 1, 0);
        let (mut result, mut events) = (einval, Vec::new());
        for (here, text) in self.format_texts(state)? {
            let Some(text) = text else { continue };
            let format = match Format::parse(&text, count) {
                Ok(format) => format,
                Err(Wrong::Invalid) => continue,
                Err(Wrong::NotBuilt(what)) => return Err(Failure::LeftOut(what)),
            };
            let (texts, parts) = self.arguments(state, &format, &arguments)?;
            let whole = format.with_texts(&texts);
            if used {
                let length = self.line_length(&whole, &parts);
                result = self.b.select(here, length, result);
            }
            let number = self.format_number(whole)?;
            let print = Print { text, texts, format, number };
            if !self.prints.all.contains(&print) {
                self.prints.all.push(print);
            }
            events.push((here, number as u64, parts));
        }
        for (here, number, parts) in events {
            let when = self.call_condition(state, here);
            let data: Vec<Value> =
                [self.b.constant(number, 16)].into_iter().chain(parts.into_iter().flatten()).collect();
            let bytes: u64 = data.iter().map(|&part| u64::from(self.b.width(part) / 8)).sum();
            let (keep, length) = (self.b.constant(1, 1), self.b.constant(bytes, 16));
            let event = Event { map: channel, when, keep, data, length, packet: None };
            self.emissions.push(Emission::Print { slot: self.slot, event });
        }
        Ok(Content::Scalar(result))
    }

    /// The array of `bpf_trace_vprintk`; `None` if the kernel does not take it.
    fn array_arguments(&mut self, state: &State) -> Result<Option<Arguments>, Failure> {
        let bytes = self.scalar(&state.registers[4], "the size of the arguments of bpf_trace_vprintk")?;
        let Some(bytes) = state.set(&self.b, bytes).as_const() else {
            return Err(Failure::LeftOut("the number of its arguments is not a constant".to_owned()));
        };
        let pointer = state.registers[3];
        let is_null = matches!(pointer, Content::Scalar(value) if self.b.as_const(value) == Some(0));
        let count = usize::try_from(bytes).unwrap_or(usize::MAX) / ARGUMENT;
        let right = bytes.is_multiple_of(ARGUMENT as u64) && count <= MAX_ARGUMENTS[1] && !(bytes > 0 && is_null);
        Ok(right.then_some(Arguments::Array(pointer, count)))
    }

    /// What the format can be: its text, or nothing where there is no terminator inside its size.
    fn format_texts(&mut self, state: &State) -> Result<Vec<Choice<Option<Vec<u8>>>>, Failure> {
        let size = self.scalar(&state.registers[2], "the size of a format")?;
        let Some(sizes) = state.set(&self.b, size).enumerate(MAX_ELEMENTS) else {
            return Err(Failure::LeftOut("the size of its format is not a constant".to_owned()));
        };
        let places = self.constant_places(state, &state.registers[1])?;
        let single = places.len() * sizes.len() == 1;
        let mut texts: Vec<Choice<Option<Vec<u8>>>> = Vec::new();
        for (at_place, bytes) in &places {
            for &element in &sizes {
                let part = usize::try_from(element).ok().and_then(|size| bytes.get(..size));
                if part.is_none() && single {
                    let text = format!("a format of {element} bytes is read where there are {}", bytes.len());
                    return Err(self.refuse(Code::MapValueOutOfRange, text).into());
                }
                let text = terminated(part.unwrap_or_default());
                let text = text.map_err(|()| Failure::LeftOut("its format is not a constant".to_owned()))?;
                let of_size = if sizes.len() == 1 { self.b.constant(1, 1) } else { self.b.equals_const(size, element) };
                let here = self.b.and(*at_place, of_size);
                match texts.iter_mut().find(|(_, other)| *other == text) {
                    Some((other, _)) => *other = self.b.or(*other, here),
                    None => texts.push((here, text)),
                }
            }
        }
        Ok(texts)
    }

    /// The bytes behind a pointer, up to the end of what they lie in, for each place where it can point to. Bytes that are no constants are `None`.
    fn constant_places(&mut self, state: &State, pointer: &Content) -> Result<Vec<Choice<Vec<Option<u8>>>>, Failure> {
        match *pointer {
            Content::Entry(place) if self.b.function().map(place.map).kind == MapKind::Constants => {
                let places = self.entry_places(state, &place, 1)?;
                let single = places.len() == 1;
                let bytes = |walk: &Self, at: u32| -> Vec<Option<u8>> {
                    let map = walk.b.function().map(place.map);
                    (at..map.value_size).map(|at| Some(map.initial.get(at as usize).copied().unwrap_or(0))).collect()
                };
                let choice = |walk: &mut Self, at: u32| {
                    let here = if single { walk.b.constant(1, 1) } else { walk.entry_is_at(&place, at) };
                    (here, bytes(walk, at))
                };
                if places.len() > MAX_ELEMENTS {
                    return Err(Failure::LeftOut(format!("its text can be at more than {MAX_ELEMENTS} places")));
                }
                Ok(places.into_iter().map(|at| choice(self, at)).collect())
            }
            Content::Stack(frame, at) => {
                let byte = |walk: &mut Self, at: i64| match walk.is_unwritten(state, frame, at, 1) {
                    true => Some(0),
                    false => match walk.read_stack(state, frame, at, 1) {
                        Ok(Content::Scalar(value)) => walk.b.as_const(value).map(|byte| byte as u8),
                        _ => None,
                    },
                };
                let bytes = (at..0).map(|at| byte(self, at)).collect();
                Ok(vec![(self.b.constant(1, 1), bytes)])
            }
            Content::Packet(_) | Content::StackAt(_) | Content::Entry(_) | Content::Record(..) => {
                Err(Failure::LeftOut(format!("its text is not a constant, but {}", pointer.describe())))
            }
            ref other => {
                let text = format!("the format of a print is {}, not a pointer to it", other.describe());
                Err(self.refuse(Code::HelperArgument, text).into())
            }
        }
    }

    /// The values that a format prints, each in parts, and the texts of its `%s`.
    fn arguments(
        &mut self,
        state: &State,
        format: &Format,
        arguments: &Arguments,
    ) -> Result<(Vec<Vec<u8>>, Parts), Failure> {
        let (mut parts, mut texts, mut buffer) = (Vec::new(), Vec::new(), 0usize);
        for (number, conversion) in format.conversions().enumerate() {
            let content = match arguments {
                Arguments::Registers(registers) => state.registers[registers[number]],
                Arguments::Array(pointer, _) => self.element(state, pointer, (ARGUMENT * number) as i64)?,
            };
            // An upper bound of what the kernel needs.
            buffer += match conversion {
                Conversion::Text => {
                    let text = self.constant_text(state, &content)?;
                    texts.push(text);
                    texts.last().map_or(0, Vec::len) + 1
                }
                Conversion::Ipv4 { .. } => 16,
                Conversion::Ipv6 { .. } => 40,
                other => 3 + other.bytes(),
            };
            if conversion != Conversion::Text {
                parts.push(self.argument(state, conversion, &content, number + 1)?);
            }
        }
        if format.with_texts(&texts).longest() > MAX_LINE || buffer > ARGUMENT_BUFFER {
            return Err(Failure::LeftOut(format!(
                "its line can be longer than the kernel's buffers, {MAX_LINE} characters"
            )));
        }
        Ok((texts, parts))
    }

    /// An element of the array of arguments; zero where the stack was never written.
    fn element(&mut self, state: &State, pointer: &Content, at: i64) -> Result<Content, Refusal> {
        match *pointer {
            Content::Stack(frame, place) if self.is_unwritten(state, frame, place + at, ARGUMENT as u32) => {
                Ok(Content::Scalar(self.b.constant(0, 64)))
            }
            _ => self.read(state, pointer, at, ARGUMENT as u32),
        }
    }

    /// What one conversion looks at.
    fn argument(
        &mut self,
        state: &State,
        conversion: Conversion,
        content: &Content,
        number: usize,
    ) -> Result<Vec<Value>, Failure> {
        let bytes = conversion.bytes();
        match *content {
            Content::Scalar(value) if !conversion.is_pointer() => Ok(vec![self.b.extract(value, 0, 8 * bytes as u8)]),
            // What can not be read is zero.
            Content::Scalar(value) if self.b.as_const(value) == Some(0) => {
                Ok(vec![self.b.constant(0, 64); bytes.div_ceil(8)]
                    .into_iter()
                    .map(|zero| self.b.extract(zero, 0, (8 * bytes).min(64) as u8))
                    .collect())
            }
            Content::Unusable(Unusable::Uninitialised | Unusable::Clobbered | Unusable::Mixed) => {
                Err(Failure::LeftOut(format!("argument {number} is {}", content.describe())))
            }
            _ if !conversion.is_pointer() => {
                let what = content.describe();
                Err(Failure::LeftOut(format!("argument {number} is {what}, and hardware has no addresses")))
            }
            _ => self.event_bytes(state, content, bytes as u32).map_err(|refusal| {
                Failure::LeftOut(format!("what argument {number} points to can not be read: {}", refusal.message))
            }),
        }
    }

    /// The text that an argument of `%s` points to.
    fn constant_text(&mut self, state: &State, content: &Content) -> Result<Vec<u8>, Failure> {
        if matches!(*content, Content::Scalar(value) if self.b.as_const(value) == Some(0)) {
            return Ok(Vec::new());
        }
        let unknown = || Failure::LeftOut("`%s` prints a text that is not a constant".to_owned());
        match self.constant_places(state, content) {
            Ok(places) => match &places[..] {
                [(_, bytes)] => terminated(bytes).ok().flatten().ok_or_else(unknown),
                _ => Err(unknown()),
            },
            Err(_) => Err(unknown()),
        }
    }

    /// The number of a format.
    fn format_number(&mut self, format: Format) -> Result<usize, Failure> {
        let known = self.prints.formats.iter().position(|other| *other == format);
        let number = known.unwrap_or_else(|| {
            self.prints.formats.push(format);
            self.prints.formats.len() - 1
        });
        if number >= print::MAX_FORMATS {
            return Err(Failure::LeftOut(format!("the program has more than {} formats", print::MAX_FORMATS)));
        }
        Ok(number)
    }
}

/// The text before the first zero, `None` if there is no zero.
///
/// # Errors
/// If a byte before it is no constant.
fn terminated(bytes: &[Option<u8>]) -> Result<Option<Vec<u8>>, ()> {
    let mut text = Vec::new();
    for byte in bytes {
        match byte {
            None => return Err(()),
            Some(0) => return Ok(Some(text)),
            Some(byte) => text.push(*byte),
        }
    }
    Ok(None)
}

/// The warnings of prints that are left out.
pub(super) fn warnings(program: &Linked, prints: &Prints) -> Diagnostics {
    let mut found = Diagnostics::new();
    for (&slot, reason) in &prints.left_out {
        let Insn::Call(Call::Helper(id)) = program.insns[slot].insn else { continue };
        let name = helper_name(id).unwrap_or_default();
        let text = format!("this `{name}` is left out: {reason}");
        found.push(Diagnostic::new(Code::PrintLeftOut, text).at(program.location(slot)));
    }
    found
}
