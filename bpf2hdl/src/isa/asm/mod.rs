// SPDX-License-Identifier: Apache-2.0
//! Assembler for the text form that [`Insn`]'s `Display` prints, for tests and for hand-written programs.
//!
//! ```text
//! ; comment, also // comment
//!    r1 = *(u32 *)(r1 +4)
//!    if r1 > 64 goto large     ; label, `pc+3` or `+3`
//!    r0 = 2                    ; decimal: mov
//!    exit
//! large:
//!    r2 = 0x1122334455667788   ; hexadecimal (or `... ll`): 16-byte load
//!    call bpf_get_prandom_u32#7
//!    r0 = 1
//!    exit
//! ```
//! Line numbers and opcodes as bpftool prints them (`12: (b7) r0 = 0`) are skipped, so that its dumps can be pasted.

mod lexer;
mod named;
mod operand;
mod statement;

use super::decode::check_targets;
use super::insn::{Call, Imm64, Insn};
use crate::diag::{Code, Diagnostic, Diagnostics, Location};
use std::collections::BTreeMap;

/// An instruction whose target is still a name.
struct Pending {
    insn: Insn,
    label: Option<String>,
    line: u32,
}

/// Assembles a program, one element per slot (see [`Insn::Imm64High`]).
///
/// # Errors
/// All lines that can not be read, labels that are not defined, and jumps that leave the program.
pub fn assemble(text: &str) -> Result<Vec<Insn>, Diagnostics> {
    let mut errors = Diagnostics::new();
    let mut labels = BTreeMap::new();
    let mut pending: Vec<Pending> = Vec::new();
    for (index, content) in text.lines().enumerate() {
        let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
        match statement::parse(content) {
            Ok(statement) => {
                if let Some(label) = statement.label
                    && labels.insert(label.clone(), pending.len()).is_some()
                {
                    errors.push(error(line, content, format!("label {label} is defined twice")));
                }
                if let Some((insn, label)) = statement.insn {
                    pending.push(Pending { insn, label, line });
                    if matches!(insn, Insn::LoadImm64 { .. }) {
                        pending.push(Pending { insn: Insn::Imm64High, label: None, line });
                    }
                }
            }
            Err(message) => errors.push(error(line, content, message)),
        }
    }
    for (index, item) in pending.iter_mut().enumerate() {
        let Some(name) = &item.label else { continue };
        let resolved = labels.get(name).ok_or_else(|| format!("label {name} is not defined"));
        if let Err(message) = resolved.and_then(|target| set_target(&mut item.insn, index, *target)) {
            errors.push(error(item.line, "", message));
        }
    }
    let insns: Vec<Insn> = pending.into_iter().map(|item| item.insn).collect();
    if !errors.has_errors() {
        check_targets(&insns, &mut errors);
    }
    errors.into_result(insns)
}

fn error(line: u32, content: &str, message: String) -> Diagnostic {
    let mut at = Location::line("<assembler>", line, None);
    at.source = Some(content.to_owned());
    Diagnostic::new(Code::AsmSyntax, message).at(at)
}

/// Puts the distance from `index` to `target` into the instruction.
fn set_target(insn: &mut Insn, index: usize, target: usize) -> Result<(), String> {
    let far = || "label is too far away".to_owned();
    let next = i64::try_from(index).map_err(|_| far())? + 1;
    let distance = i64::try_from(target).map_err(|_| far())? - next;
    let distance = i32::try_from(distance).map_err(|_| far())?;
    match insn {
        Insn::Jump { delta, long } => {
            if !*long && i16::try_from(distance).is_err() {
                return Err(far());
            }
            *delta = distance;
        }
        Insn::Branch { delta, .. } => *delta = i16::try_from(distance).map_err(|_| far())?,
        Insn::Call(Call::Local(delta)) | Insn::LoadImm64 { value: Imm64::Function { delta }, .. } => *delta = distance,
        _ => return Err("this instruction takes no label".to_owned()),
    }
    Ok(())
}
