// SPDX-License-Identifier: Apache-2.0
//! What can be loaded: an object or a C source, which the compiler makes a folder of; or such a folder.
//!
//! A folder is used only as a copy that was checked: each file is copied while its SHA-256 is compared with `SHA256SUMS`, and only
//! files that are listed there are copied. So a damaged byte is refused, or was in a file that makes no difference.

use crate::error::{Code, Failure, Result};
use bpf2hdl_interface::engine;
use bpf2hdl_interface::manifest::{FILE_NAME, SUMS_NAME, encode_hex};
use bpf2hdl_interface::{Manifest, ProgramType};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

/// The compiler's option for a program that an engine runs.
pub(crate) const ENGINE: &str = "--engine";

/// Where `bpf2hdl` is: `BPF2HDL`, else beside this program, else in the PATH.
fn compiler() -> PathBuf {
    if let Some(path) = env::var_os("BPF2HDL").filter(|path| !path.is_empty()) {
        return path.into();
    }
    let beside = env::current_exe().ok().map(|exe| exe.with_file_name("bpf2hdl"));
    beside.filter(|path| path.is_file()).unwrap_or_else(|| "bpf2hdl".into())
}

/// Makes a folder of a program: compiles it with these options for the compiler, or copies a folder that is one already. Returns
/// the manifest and what the compiler warned of.
pub(crate) fn prepare(program: &Path, options: &[String], out: &Path, json: bool) -> Result<(Manifest, String)> {
    if !program.is_dir() {
        let warnings = compile(program, options, out, json)?;
        return Ok((verify(out)?, warnings));
    }
    if let Some(option) = options.first() {
        let text = format!("{} is compiled already; `{option}` would have no effect", program.display());
        return Err(Failure::new(Code::Usage, text));
    }
    copy(program, out)?;
    Ok((verify(out)?, String::new()))
}

/// Runs the compiler; its refusal is ours.
fn compile(program: &Path, options: &[String], out: &Path, json: bool) -> Result<String> {
    let path = compiler();
    let mut command = Command::new(&path);
    let is_engine = options.iter().any(|option| option == ENGINE);
    let forms = if is_engine { "asm" } else { "asm,pipe" };
    command.arg("compile").arg(program).arg("-o").arg(out).args(["--emit", forms]).args(options);
    if json {
        command.arg("--json");
    }
    let output = command
        .output()
        .map_err(|error| Failure::new(Code::Tool, format!("the compiler {} does not run: {error}", path.display())))?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let said = serde_json::from_slice(&output.stdout).ok();
    let mut failure = Failure::new(Code::Compile, format!("{} could not be compiled", program.display())).at(program);
    if text.is_empty() && said.is_none() {
        return Err(failure.note(format!("the compiler ended with {}", output.status)));
    }
    let plain = failure.to_json();
    failure.compiler = Some((text, said.unwrap_or(plain)));
    Err(failure)
}

/// The listed files and their sums.
fn sums(folder: &Path) -> Result<BTreeMap<String, String>> {
    let file = folder.join(SUMS_NAME);
    let damaged = |text: String| Failure::new(Code::Artifact, text).at(&file);
    let text =
        fs::read_to_string(&file).map_err(|error| damaged(format!("{} can not be read: {error}", file.display())))?;
    let line = |line: &str| {
        let (sum, name) = line.split_once("  ")?;
        let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        let is_sum = sum.len() == 64 && sum.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        (inside && is_sum && !name.is_empty()).then(|| (name.to_owned(), sum.to_owned()))
    };
    let lines: Vec<_> = text.lines().map(line).collect();
    let count = lines.len();
    let sums: Option<BTreeMap<_, _>> = lines.into_iter().collect();
    let sums = sums.filter(|sums| sums.len() == count && text.ends_with('\n'));
    sums.ok_or_else(|| damaged(format!("{} is damaged", file.display())))
}

/// Reads a listed file and compares its sum.
fn read(folder: &Path, name: &str, sum: &str) -> Result<Vec<u8>> {
    let path = folder.join(name);
    let bytes = fs::read(&path).map_err(|error| {
        Failure::new(Code::Artifact, format!("{} can not be read: {error}", path.display())).at(&path)
    })?;
    let found = encode_hex(&Sha256::digest(&bytes));
    if found == sum {
        return Ok(bytes);
    }
    let text = format!("{} is not what the compiler wrote: its SHA-256 is {found}, not {sum}", path.display());
    Err(Failure::new(Code::Artifact, text).at(&path))
}

/// Copies the listed files, each one checked.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for (name, sum) in sums(from)? {
        let bytes = read(from, &name, &sum)?;
        write(&to.join(name), &bytes)?;
    }
    let file = from.join(SUMS_NAME);
    let bytes = fs::read(&file).map_err(|error| Failure::file(&file, "read", &error))?;
    write(&to.join(SUMS_NAME), &bytes)?;
    let report = fs::read(from.join("report.json")).unwrap_or_default();
    write(&to.join("report.json"), &report)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, bytes));
    written.map_err(|error| Failure::file(path, "written", &error))
}

/// Checks a folder: every listed file is whole, everything that the design needs is listed, the manifest is one.
pub(crate) fn verify(folder: &Path) -> Result<Manifest> {
    let sums = sums(folder)?;
    for (name, sum) in &sums {
        read(folder, name, sum)?;
    }
    let damaged = |text: String| Failure::new(Code::Artifact, text).at(folder);
    let manifest = Manifest::load(folder).map_err(|error| damaged(error.to_string()))?;
    let list = format!("{}.f", manifest.top);
    let image = manifest.is_engine().then_some(engine::FILE_NAME);
    let needed = manifest.files.iter().chain(&manifest.memories).map(String::as_str);
    let needed = needed.chain([FILE_NAME, &list]).chain(image);
    let missing = needed.into_iter().find(|name| !sums.contains_key(*name)).map(str::to_owned);
    match missing {
        Some(name) => Err(damaged(format!("{} does not list {name}", folder.join(SUMS_NAME).display()))),
        None => Ok(manifest),
    }
}

/// What a NIC is built for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Width of its bus.
    pub(crate) bus_bits: u32,
    /// Its clock in MHz.
    pub(crate) clock_mhz: f64,
    /// Its FPGA family.
    pub(crate) target: &'a str,
}

/// Refuses a design that a NIC can not hold, or not run at its clock, and programs whose place is not between MAC and DMA.
pub(crate) fn fits(manifest: &Manifest, nic: Place<'_>) -> Result<()> {
    let Place { bus_bits, clock_mhz, target } = nic;
    let other = |what: String, option: String| {
        let text = format!("`{}` is compiled for {what}", manifest.program);
        Err(Failure::new(Code::Mismatch, text).hint(format!("compile it with `{option}`, or load the source")))
    };
    if manifest.target != target {
        return other(format!("{}, this NIC is of {target}", manifest.target), format!("--target {target}"));
    }
    if manifest.clock_mhz < clock_mhz {
        let what = format!("a clock of {} MHz, this NIC has {clock_mhz}", manifest.clock_mhz);
        return other(what, format!("--clock {clock_mhz}"));
    }
    if manifest.bus_bits != bus_bits {
        let what = format!("a bus of {} bits, this NIC has {bus_bits}", manifest.bus_bits);
        return other(what, format!("--bus {bus_bits}"));
    }
    match manifest.program_type {
        ProgramType::Xdp | ProgramType::PhysDev => Ok(()),
        ProgramType::XdpDevmap | ProgramType::XdpCpumap => {
            let text = format!(
                "`{}` is a program for behind a redirect; this NIC runs programs between MAC and DMA",
                manifest.program
            );
            Err(Failure::new(Code::Mismatch, text).hint("choose a program of section `xdp` with `--prog NAME`"))
        }
    }
}

/// Bytes of the BPF program's instructions, as the report has them; 0 if it is not there.
pub(crate) fn bytes_xlated(folder: &Path) -> u64 {
    let report = fs::read(folder.join("report.json")).unwrap_or_default();
    let report: serde_json::Value = serde_json::from_slice(&report).unwrap_or_default();
    report["instructions"].as_u64().unwrap_or(0).saturating_mul(8)
}

#[cfg(test)]
#[path = "artifact_tests.rs"]
pub(crate) mod tests;
