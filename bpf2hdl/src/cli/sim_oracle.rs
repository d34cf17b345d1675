// SPDX-License-Identifier: Apache-2.0
//! Choosing the reference.

use bpf2hdl::diag::{Code, Diagnostic, Diagnostics};
use bpf2hdl::object::Linked;
use bpf2hdl::oracle::{self, IrOracle};
use bpf2hdl::verify;
use bpf2hdl_testbench::oracle::kernel::KernelOracle;
use bpf2hdl_testbench::oracle::rbpf::RbpfOracle;
use bpf2hdl_testbench::{Error, Oracle, OracleProgram};
use clap::ValueEnum;

/// What to compare with, strongest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Choice {
    /// The running Linux kernel; needs root
    Kernel,
    /// A virtual machine in user space, for programs that it runs right
    Rbpf,
    /// The compiler's own interpreter
    Ir,
    /// Nothing
    None,
}

/// The reference of a run.
pub(crate) struct Chosen {
    pub(crate) oracle: Option<Box<dyn Oracle>>,
    /// `kernel`, `rbpf`, `ir`, `none`.
    pub(crate) name: &'static str,
    /// Why it is not the kernel, if nobody chose.
    pub(crate) note: Option<String>,
}

/// Sets the chosen reference up; without a choice the kernel, or the interpreter if the kernel can not be used.
pub(crate) fn choose(choice: Option<Choice>, program: &OracleProgram, linked: &Linked) -> Result<Chosen, Diagnostics> {
    let (oracle, name): (Box<dyn Oracle>, _) = match choice {
        Some(Choice::None) => return Ok(Chosen { oracle: None, name: "none", note: None }),
        Some(Choice::Ir) => (interpreter(linked)?, oracle::NAME),
        Some(Choice::Rbpf) => (Box::new(RbpfOracle::new(program).map_err(|error| failure(&error))?), "rbpf"),
        Some(Choice::Kernel) => (Box::new(KernelOracle::load(program).map_err(|error| failure(&error))?), "kernel"),
        None => match KernelOracle::load(program) {
            Ok(kernel) => (Box::new(kernel), "kernel"),
            Err(error) => {
                let note =
                    format!("the compiler's own interpreter, because the kernel can not be used: {}", reason(&error));
                return Ok(Chosen { oracle: Some(interpreter(linked)?), name: oracle::NAME, note: Some(note) });
            }
        },
    };
    Ok(Chosen { oracle: Some(oracle), name, note: None })
}

/// The interpreter on the code before the first pass.
fn interpreter(linked: &Linked) -> Result<Box<dyn Oracle>, Diagnostics> {
    Ok(Box::new(IrOracle::new(verify::verify(linked, &verify::ENGINE_LIMITS)?)))
}

/// The first line of what is wrong.
fn reason(error: &Error) -> String {
    let text = match error {
        Error::Oracle(_, reason) => reason.clone(),
        other => other.to_string(),
    };
    text.lines().next().unwrap_or_default().to_owned()
}

fn failure(error: &Error) -> Diagnostic {
    let message = error.to_string();
    let mut lines = message.lines();
    let first = lines.next().unwrap_or_default();
    lines.fold(Diagnostic::new(Code::Oracle, first), Diagnostic::note)
}
