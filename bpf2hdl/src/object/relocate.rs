// SPDX-License-Identifier: Apache-2.0
//! What the relocation of one instruction refers to.

use super::elf::{Place, Relocation, Symbol, SymbolKind};
use super::kernel_functions;
use super::parse::Object;
use crate::diag::{Code, Diagnostic};
use crate::isa::Slot;

/// `R_BPF_64_64`: address in a 16-byte load.
const R_BPF_64_64: u32 = 1;
/// `R_BPF_64_32`: call.
const R_BPF_64_32: u32 = 10;

/// Functions that clang calls by itself when it does not expand a built-in.
const LIBRARY: [&str; 5] = ["memcpy", "memset", "memmove", "memcmp", "bcmp"];

/// What an instruction refers to; maps and functions are numbers in the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference {
    /// Pointer to a map: index into `Object::maps`.
    Map(usize),
    /// Address in global data: index into `Object::data`, byte offset.
    Data(usize, u32),
    /// Function called or whose address is loaded: index into `Object::functions`; behind these, those of the kernel (`kernel_functions`).
    Function(usize),
}

fn bad(message: String) -> Diagnostic {
    Diagnostic::new(Code::BadRelocation, message)
}

impl Object {
    /// Resolves a relocation of the instruction `slot`.
    pub(super) fn resolve(&self, relocation: Relocation, slot: Slot) -> Result<Reference, Diagnostic> {
        let symbol = self.elf.symbols.get(relocation.symbol);
        let symbol = symbol.ok_or_else(|| bad("the relocation's symbol does not exist".to_owned()))?;
        let section = match symbol.place {
            Place::Section(section) => section,
            Place::Undefined => {
                let call = slot.op == 0x85;
                let built = kernel_functions::number(&symbol.name).filter(|_| call && slot.src == 1);
                let function = built.map(|number| Reference::Function(self.functions.len() + number));
                return function.ok_or_else(|| undefined(&symbol.name, call));
            }
            Place::Special => return Err(bad(format!("symbol {} has no section", symbol.name))),
        };
        if self.unset.contains(&symbol.name) {
            return Err(unset(&symbol.name));
        }
        match (relocation.kind, slot.op) {
            (R_BPF_64_32, 0x85) => self.call(symbol, section, relocation.addend, slot),
            (R_BPF_64_64, 0x18) => self.load(symbol, section, relocation.addend, slot),
            (kind, op) => Err(bad(format!("relocation type {kind} on an instruction with opcode 0x{op:02x}"))),
        }
    }

    fn call(&self, symbol: &Symbol, section: usize, addend: i64, slot: Slot) -> Result<Reference, Diagnostic> {
        if slot.src != 1 {
            return Err(bad(format!("a call of kind {} refers to {}", slot.src, symbol.name)));
        }
        // Global functions: imm is -1. Static ones: the symbol is the section, imm the slot in it less one.
        let target = i64::try_from(symbol.value / 8).ok();
        let target = target.and_then(|start| start.checked_add(addend / 8)?.checked_add(i64::from(slot.imm) + 1));
        self.function_at(section, target, &symbol.name)
    }

    /// The function that begins at a slot of a section.
    pub(super) fn function_at(&self, section: usize, slot: Option<i64>, name: &str) -> Result<Reference, Diagnostic> {
        let slot = slot.and_then(|slot| usize::try_from(slot).ok());
        let key = slot.map(|slot| (section, slot));
        let found = key.and_then(|key| {
            self.functions.binary_search_by_key(&key, |function| (function.section, function.start)).ok()
        });
        found.map(Reference::Function).ok_or_else(|| match name {
            "" => bad("a call does not go to the beginning of a function".to_owned()),
            name => bad(format!("a reference to {name} is not the beginning of a function")),
        })
    }

    fn load(&self, symbol: &Symbol, section: usize, addend: i64, slot: Slot) -> Result<Reference, Diagnostic> {
        let base = i64::try_from(symbol.value).ok().and_then(|value| value.checked_add(addend));
        let sum = base.and_then(|base| base.checked_add(i64::from(slot.imm)));
        let outside = || bad(format!("a reference to {} lies outside of its section", symbol.name));
        let target = sum.and_then(|sum| u64::try_from(sum).ok()).ok_or_else(outside)?;
        let container = self.elf.sections.get(section).ok_or_else(outside)?;
        if container.executable {
            if target % 8 != 0 {
                return Err(outside());
            }
            return self.function_at(section, i64::try_from(target / 8).ok(), &symbol.name);
        }
        if let Some(index) = self.data.iter().position(|data| data.section == section) {
            if target >= container.size {
                return Err(outside());
            }
            return Ok(Reference::Data(index, u32::try_from(target).map_err(|_| outside())?));
        }
        // A map is named by its symbol; static ones by section and offset.
        let offset = if symbol.kind == SymbolKind::Section { target } else { symbol.value };
        let map = self.maps.iter().position(|entry| (entry.section, entry.offset) == (section, offset));
        map.map(Reference::Map).ok_or_else(|| {
            let name = if symbol.name.is_empty() { "a variable" } else { symbol.name.as_str() };
            bad(format!("{name} in section {} is neither a map nor global data", container.name))
                .with_help("put variables into no special section, and maps into SEC(\".maps\")")
        })
    }
}

/// Reference to a setting of the kernel that nobody has given.
fn unset(name: &str) -> Diagnostic {
    let message = format!("{name} is a setting of the running kernel, and there is none in hardware");
    Diagnostic::new(Code::UnresolvedSymbol, message).with_help(format!("give its value with `--set {name}=VALUE`"))
}

/// Reference to something that the object does not define.
fn undefined(name: &str, call: bool) -> Diagnostic {
    if LIBRARY.contains(&name) {
        return Diagnostic::new(Code::UnresolvedSymbol, format!("call of the library function {name}")).with_help(
            format!("call `__builtin_{name}` with a constant size that clang can expand (at most 1024 bytes)"),
        );
    }
    if name == "__bpf_trap" {
        return Diagnostic::new(Code::FallsOffEnd, "clang placed a trap where it found undefined behaviour");
    }
    if call && name.starts_with("bpf_iter_") {
        let message = format!(
            "call of {name}: of open-coded iterators that over numbers is built, others are functions of the running kernel"
        );
        return Diagnostic::new(Code::Kfunc, message)
            .with_help("write a loop with a constant bound, with `for`, `bpf_for` or `bpf_loop`; all are unrolled");
    }
    if call {
        let message = format!("call of {name}, a function of the running kernel (the object does not define it)");
        return Diagnostic::new(Code::Kfunc, message);
    }
    let message = format!("{name} is an extern variable that the object does not define");
    Diagnostic::new(Code::UnresolvedSymbol, message)
}
