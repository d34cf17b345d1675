// SPDX-License-Identifier: Apache-2.0
//! From the arguments to everything that a design folder holds, in memory.

use super::args::{BuildArgs, SourceArgs};
use super::folder::File;
use super::program;
use bpf2hdl::diag::{Code, Diagnostic, Diagnostics};
use bpf2hdl::object::Linked;
use bpf2hdl::report::{self, Report};
use bpf2hdl::rtl::{self, ModuleName};
use bpf2hdl::{Design, compile};
use bpf2hdl_interface::manifest::{self, encode_hex};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::time::Instant;

/// The report, by which later runs know a folder as ours.
pub(crate) const REPORT: &str = "report.json";
const PAGE: &str = "report.html";

/// The sums of the files, as `sha256sum` writes and checks them, in the order of their names.
pub(crate) fn sums(files: &[File]) -> String {
    let mut files: Vec<&File> = files.iter().collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let line = |file: &&File| format!("{}  {}\n", encode_hex(&Sha256::digest(&file.contents)), file.path);
    files.iter().map(line).collect()
}

/// A compiled program with its files.
pub(crate) struct Built {
    pub(crate) linked: Linked,
    pub(crate) design: Design,
    pub(crate) report: Report,
    /// RTL and manifest; the reports are added by [`Built::into_files`].
    pub(crate) files: Vec<File>,
}

/// Compiles a program and emits its RTL; writes nothing.
pub(crate) fn build(path: &Path, source: &SourceArgs, args: &BuildArgs) -> Result<Built, Diagnostics> {
    build_as(path, source, args, &ModuleName::default())
}

/// As [`build`], with another name for the generated modules.
pub(crate) fn build_as(
    path: &Path,
    source: &SourceArgs,
    args: &BuildArgs,
    module: &ModuleName,
) -> Result<Built, Diagnostics> {
    let started = Instant::now();
    let options = args.options()?;
    let linked = program::load(path, source)?;
    let design = compile(&linked, &options)?;
    emit_as(linked, design, started, module)
}

/// Emits the RTL of a compiled program; writes nothing. The compilation began at `started`.
pub(crate) fn emit(linked: Linked, design: Design, started: Instant) -> Result<Built, Diagnostics> {
    emit_as(linked, design, started, &ModuleName::default())
}

fn emit_as(linked: Linked, design: Design, started: Instant, module: &ModuleName) -> Result<Built, Diagnostics> {
    let wrong = rtl::check(&design);
    if !wrong.is_empty() {
        let item =
            |text: String| Diagnostic::new(Code::Internal, format!("internal error: the pipeline is wrong: {text}"));
        return Err(wrong.into_iter().map(item).collect());
    }
    let build_id = rtl::build_id_as(&design, &linked, module);
    let sources = rtl::emit_as(&design, &linked, &build_id, module);
    let compile_ms = started.elapsed().as_secs_f64() * 1000.0;
    let build_id = encode_hex(&build_id);
    let report = report::report(&design, &linked, &build_id, compile_ms);
    // The sources come in dependency order, with memory contents and the file list, which is neither.
    let names = sources.iter().map(|file| file.path.clone()).filter(|path| !path.ends_with(".f")).collect();
    let mut manifest = report::manifest(&design, &linked, &build_id, names);
    module.core().clone_into(&mut manifest.top);
    let mut files: Vec<File> = sources.into_iter().map(|file| File::new(file.path, file.contents)).collect();
    files.push(File::new(manifest::FILE_NAME, manifest.to_json()));
    Ok(Built { linked, design, report, files })
}

impl Built {
    /// All files of the design folder, and the report with their names.
    pub(crate) fn into_files(mut self) -> (Vec<File>, Report) {
        self.files.push(File::new(manifest::SUMS_NAME, sums(&self.files)));
        let names = self.files.iter().map(|file| file.path.clone());
        self.report.files = names.chain([REPORT.to_owned(), PAGE.to_owned()]).collect();
        self.report.files.sort();
        self.files.push(File::new(REPORT, report::to_json(&self.report)));
        self.files.push(File::new(PAGE, report::to_html(&self.report)));
        (self.files, self.report)
    }
}
