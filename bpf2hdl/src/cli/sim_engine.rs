// SPDX-License-Identifier: Apache-2.0
//! `bpf2hdl sim --engine`: the program on the programmable engine.

use super::args::{BuildArgs, ProgramArgs};
use super::folder::File;
use super::program;
use super::sim::Subject;
use bpf2hdl::diag::Diagnostics;
use bpf2hdl::{engine, verify};

/// Checks and links a program; the engine's sources, its manifest, and what the engine is loaded with.
pub(crate) fn subject(program: &ProgramArgs, args: &BuildArgs) -> Result<Subject, Diagnostics> {
    let options = args.options()?;
    let linked = program::load(&program.path, &program.source)?;
    let (prints, left_out) = verify::verify_prints(&linked, &verify::ENGINE_LIMITS)?;
    let files = engine::design(&linked, &prints, &options)?;
    let files = files.into_iter().map(|(path, contents)| File::new(path, contents)).collect();
    let mut warnings = linked.warnings.clone();
    warnings.append(left_out);
    Ok(Subject { linked, files, warnings: warnings.finish() })
}
