// SPDX-License-Identifier: Apache-2.0
//! Choosing the program of an object.

use super::model::{Program, ProgramKind};
use super::parse::Object;
use crate::diag::{Code, Diagnostic, Diagnostics, Location};

impl Object {
    /// The program of that function name (or of that section, if it holds one), or, without a name, the
    /// only XDP or `phys_dev` program, or else the only one that runs behind a redirect.
    ///
    /// # Errors
    /// No program at all, several without a name, an unknown name, or a program of another kind; the
    /// message lists what there is.
    pub fn select(&self, name: Option<&str>) -> Result<&Program, Diagnostics> {
        let found = match name {
            Some(name) => self.named(name),
            None => self.only(),
        };
        found.map_err(|error| error.at(Location::file(&self.file_name)).into())
    }

    fn only(&self) -> Result<&Program, Diagnostic> {
        let those = |wanted: fn(ProgramKind) -> bool| -> Vec<&Program> {
            self.programs.iter().filter(|program| wanted(program.kind)).collect()
        };
        let mut candidates = those(ProgramKind::is_first);
        if candidates.is_empty() {
            candidates = those(ProgramKind::is_supported);
        }
        match candidates.as_slice() {
            [program] => Ok(program),
            [] => Err(self.no_program()),
            many => {
                let message = format!("{} holds {} programs", self.file_name, many.len());
                let error = Diagnostic::new(Code::SeveralPrograms, message).note(listing(many));
                let first = many.first().map(|program| program.name.as_str()).unwrap_or_default();
                Err(error.with_help(format!("choose one with `--prog NAME`, for instance `--prog {first}`")))
            }
        }
    }

    fn no_program(&self) -> Diagnostic {
        let mut error = Diagnostic::new(Code::NoProgram, format!("{} holds no XDP program", self.file_name));
        for program in &self.programs {
            error = error.note(describe(program));
        }
        for other in &self.others {
            error = error.note(format!("section {} holds {}, not XDP", other.name, other.functions.join(", ")));
        }
        if self.programs.is_empty() && self.others.is_empty() {
            error = error.note("no section with code was found");
        }
        error
    }

    fn named(&self, name: &str) -> Result<&Program, Diagnostic> {
        let by_function = self.programs.iter().find(|program| program.name == name && program.kind.is_supported());
        let by_function = by_function.or_else(|| self.programs.iter().find(|program| program.name == name));
        let found = by_function.or_else(|| {
            let mut inside = self.programs.iter().filter(|program| program.section == name);
            inside.next().filter(|_| inside.next().is_none())
        });
        let Some(program) = found else { return Err(self.not_found(name)) };
        if program.kind.is_supported() {
            return Ok(program);
        }
        Err(Diagnostic::new(Code::ProgramKind, describe(program)))
    }

    fn not_found(&self, name: &str) -> Diagnostic {
        let other = self.others.iter().find(|other| other.functions.iter().any(|function| function == name));
        if let Some(other) = other {
            let message = format!("program {name} is in section {}, which is not XDP", other.name);
            return Diagnostic::new(Code::ProgramKind, message);
        }
        let all: Vec<&Program> = self.programs.iter().collect();
        let error = Diagnostic::new(Code::ProgramNotFound, format!("{} holds no program {name}", self.file_name));
        if all.is_empty() { error } else { error.note(listing(&all)) }
    }
}

/// `the programs are: a (section xdp), b (section xdp/tx)`.
fn listing(programs: &[&Program]) -> String {
    let names: Vec<String> =
        programs.iter().map(|program| format!("{} (section {})", program.name, program.section)).collect();
    format!("the programs are: {}", names.join(", "))
}

/// One sentence about a program that can not be compiled.
fn describe(program: &Program) -> String {
    let what = match program.kind {
        ProgramKind::XdpDevmap => "runs behind a devmap redirect",
        ProgramKind::XdpCpumap => "runs behind a cpumap redirect",
        ProgramKind::Xdp => "is an XDP program",
        ProgramKind::PhysDev => "is an early driver filter",
        ProgramKind::Other => "is of another type",
    };
    format!("program {} in section {} {what}", program.name, program.section)
}
