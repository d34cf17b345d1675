// SPDX-License-Identifier: Apache-2.0
//! `bpf2hdl sim --engine`: the program on the programmable engine.

use super::args::{BuildArgs, ProgramArgs};
use super::folder::File;
use super::program;
use super::sim::Subject;
use bpf2hdl::diag::Diagnostics;
use bpf2hdl::{engine, verify};
use bpf2hdl_interface::engine::FILE_NAME;
use bpf2hdl_interface::manifest;

/// Checks and links a program; the engine's sources, its manifest, and what the engine is loaded with.
pub(crate) fn subject(program: &ProgramArgs, args: &BuildArgs) -> Result<Subject, Diagnostics> {
    let options = args.options()?;
    let linked = program::load(&program.path, &program.source)?;
    let (prints, left_out) = verify::verify_prints(&linked, &verify::LIMITS)?;
    let image = engine::link(&linked, &prints)?;
    let sources = engine::hardware(engine::Size::for_image(&image), &options);
    let names = sources.iter().map(|file| file.path.clone()).filter(|path| path.ends_with(".sv")).collect();
    let text = engine::manifest(&linked, &prints, &image, &options, names).to_json();
    let mut files: Vec<File> = sources.into_iter().map(|file| File::new(file.path, file.contents)).collect();
    files.push(File::new(FILE_NAME, image.to_bytes()));
    files.push(File::new(manifest::FILE_NAME, text));
    let mut warnings = linked.warnings.clone();
    warnings.append(left_out);
    Ok(Subject { linked, files, warnings: warnings.finish() })
}
