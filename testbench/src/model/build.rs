// SPDX-License-Identifier: Apache-2.0
//! From a design directory to a loadable model.
//!
//! Steps: `verilator_bin` turns `bpf_core.f` into C++; that and the harness are compiled as one translation unit
//! and linked with the Verilator run-time, which is compiled once per tool version. No `make`, no `perl`.
//! Only the shared library is kept.

use super::cache::{self, Key};
use super::ffi::Library;
use crate::tools::Tools;
use crate::{Error, Progress};
use bpf2hdl_interface::Manifest;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::{env, fs};

/// The harness, compiled into every model.
const SHIM: [(&str, &str); 5] = [
    ("print.h", include_str!("../../shim/print.h")),
    ("abi.h", include_str!("../../shim/abi.h")),
    ("pattern.h", include_str!("../../shim/pattern.h")),
    ("stream.h", include_str!("../../shim/stream.h")),
    ("harness.cpp", include_str!("../../shim/harness.cpp")),
];
/// Flags of every C++ compilation. `-fno-gnu-unique`: several models live in one process.
const CXX_FLAGS: [&str; 12] = [
    "-std=gnu++17",
    "-fPIC",
    "-fvisibility=hidden",
    "-fno-gnu-unique",
    "-w",
    "-DVL_TIME_CONTEXT",
    "-DVL_USER_STOP",
    "-DVL_USER_FINISH",
    "-DVL_USER_FATAL",
    "-DVM_SC=0",
    "-DVM_COVERAGE=0",
    "-DVM_TRACE_VCD=0",
];
/// Registers without reset start with seeded noise, as in real hardware; assertions are on.
const VERILATOR_FLAGS: [&str; 14] = [
    "--cc",
    "--no-timing",
    "--assert",
    "-O3",
    "--x-assign",
    "unique",
    "--x-initial",
    "unique",
    "-Wno-lint",
    "-Wno-style",
    "-Wno-fatal",
    "--prefix",
    "Vcore",
    "--top-module",
];
/// From this many bytes of generated C++ on, `-O2` costs too much time for a short run.
const LARGE_MODEL: u64 = 3_000_000;

/// How a model is built.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BuildOptions {
    /// Whether the model can write FST waveforms (slower; cached separately).
    pub trace: bool,
}

/// A model that is ready to be instantiated, any number of times.
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) library: Arc<Library>,
    /// The design's manifest.
    pub manifest: Manifest,
    /// Whether it came from the cache.
    pub cached: bool,
    /// Whether it can write waveforms.
    pub trace: bool,
}

impl Model {
    /// Builds the design in folder `design`, or takes it from the cache.
    ///
    /// # Errors
    /// [`Error::Manifest`], [`Error::Tool`], [`Error::Io`]; [`Error::Build`] with the tool's first error lines.
    pub fn build(design: &Path, options: BuildOptions, progress: &mut dyn Progress) -> Result<Self, Error> {
        let manifest = Manifest::load(design)?;
        let tools = Tools::find()?;
        let sources = Sources::load(design, &manifest)?;
        let key = model_key(&tools, &sources, &manifest, options);
        let make = |folder: &Path| build_model(folder, &tools, &sources, &manifest, options, progress);
        let (folder, cached) = cache::entry(&format!("model-{key}"), make)?;
        let library = Arc::new(Library::open(&folder.join("model.so"))?);
        if library.bus_bits() != manifest.bus_bits {
            let (found, said) = (library.bus_bits(), manifest.bus_bits);
            return Err(Error::Model(format!("the ports of {} have {found} bits, its manifest says {said}", manifest.top)));
        }
        Ok(Self { library, manifest, cached, trace: options.trace })
    }
}

/// The files of `bpf_core.f` in order.
struct Sources {
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Sources {
    fn load(design: &Path, manifest: &Manifest) -> Result<Self, Error> {
        let list = design.join(format!("{}.f", manifest.top));
        let text = fs::read_to_string(&list).map_err(Error::io(&list))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("//"));
        let read = |line: &str| {
            let path = design.join(line);
            let contents = fs::read(&path).map_err(Error::io(&path))?;
            Ok((fs::canonicalize(&path).map_err(Error::io(&path))?, contents))
        };
        Ok(Self { files: lines.map(read).collect::<Result<_, Error>>()? })
    }
}

fn model_key(tools: &Tools, sources: &Sources, manifest: &Manifest, options: BuildOptions) -> String {
    let mut key = Key::default();
    add_tools(&mut key, tools);
    key.add("flags", VERILATOR_FLAGS.join(" ").as_bytes());
    key.add("limit", &LARGE_MODEL.to_le_bytes());
    key.add("top", manifest.top.as_bytes());
    key.add("trace", &[u8::from(options.trace)]);
    for (name, contents) in SHIM {
        key.add(name, contents.as_bytes());
    }
    for (index, (_, contents)) in sources.files.iter().enumerate() {
        // Not the path: the same design elsewhere is the same model.
        key.add(&index.to_string(), contents);
    }
    key.finish()
}

fn add_tools(key: &mut Key, tools: &Tools) {
    key.add("verilator", tools.version.as_bytes());
    key.add("root", tools.root.as_os_str().as_encoded_bytes());
    key.add("cxx", tools.cxx_version.as_bytes());
    key.add("cxx flags", CXX_FLAGS.join(" ").as_bytes());
}

fn build_model(
    folder: &Path,
    tools: &Tools,
    sources: &Sources,
    manifest: &Manifest,
    options: BuildOptions,
    progress: &mut dyn Progress,
) -> Result<(), Error> {
    let run_time = run_time(tools, options.trace, progress)?;
    progress.step("Verilator: translating the design");
    let work = folder.join("work");
    fs::create_dir(&work).map_err(Error::io(&work))?;
    verilate(&work, tools, sources, manifest, options)?;
    for (name, contents) in SHIM {
        let file = work.join(name);
        fs::write(&file, contents).map_err(Error::io(&file))?;
    }
    let (unit, bytes) = one_unit(&work)?;
    let optimise = if bytes > LARGE_MODEL { "-O1" } else { "-O2" };
    progress.step(&format!("compiling the model ({} kB of C++, {optimise})", bytes / 1000));
    let mut command = compiler(tools, options.trace);
    command.current_dir(&work).arg(optimise).arg("-shared").arg("-Wl,-Bsymbolic").arg(&unit);
    command.arg(run_time.join("runtime.o")).arg("-o").arg(folder.join("model.so")).arg("-pthread");
    if options.trace {
        command.args(trace_libraries(tools));
    }
    run(&mut command, "the C++ compiler")?;
    fs::remove_dir_all(&work).map_err(Error::io(&work))
}

fn verilate(work: &Path, tools: &Tools, sources: &Sources, manifest: &Manifest, options: BuildOptions) -> Result<(), Error> {
    let mut command = Command::new(&tools.verilator);
    command.env("VERILATOR_ROOT", &tools.root).args(VERILATOR_FLAGS).arg(&manifest.top).arg("--Mdir").arg(work);
    if options.trace {
        command.args(["--trace-fst", "--trace-structs"]);
    }
    command.args(sources.files.iter().map(|(path, _)| path));
    run(&mut command, "verilator")
}

/// Writes a file that includes all of the model and the harness; returns it and the size of what it includes.
fn one_unit(work: &Path) -> Result<(PathBuf, u64), Error> {
    let mut names = Vec::new();
    let mut bytes = 0;
    for entry in fs::read_dir(work).map_err(Error::io(work))? {
        let entry = entry.map_err(Error::io(work))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension() == Some(OsStr::new("cpp")) {
            bytes += entry.metadata().map_err(Error::io(work))?.len();
            names.push(name);
        }
    }
    names.sort();
    let text: String = names.iter().map(|name| format!("#include \"{name}\"\n")).collect();
    let unit = work.join("unit.cc");
    fs::write(&unit, text).map_err(Error::io(&unit))?;
    Ok((unit, bytes))
}

/// The Verilator run-time as one object file, compiled once per tool version.
fn run_time(tools: &Tools, trace: bool, progress: &mut dyn Progress) -> Result<PathBuf, Error> {
    let mut key = Key::default();
    add_tools(&mut key, tools);
    key.add("trace", &[u8::from(trace)]);
    key.add("print.h", SHIM[0].1.as_bytes());
    let make = |folder: &Path| {
        progress.step("compiling the Verilator run-time (once)");
        if trace {
            check_trace_headers(tools)?;
        }
        let header = folder.join("print.h");
        fs::write(&header, SHIM[0].1).map_err(Error::io(&header))?;
        let parts = ["verilated.cpp", "verilated_threads.cpp"].iter().chain(if trace { ["verilated_fst_c.cpp"].iter() } else { [].iter() });
        let text: String = parts.map(|part| format!("#include \"{part}\"\n")).collect();
        let unit = folder.join("runtime.cc");
        fs::write(&unit, text).map_err(Error::io(&unit))?;
        let mut command = compiler(tools, trace);
        command.current_dir(folder).args(["-O2", "-c", "runtime.cc", "-o", "runtime.o"]);
        run(&mut command, "the C++ compiler")
    };
    Ok(cache::entry(&format!("runtime-{}", key.finish()), make)?.0)
}

/// The compiler with everything that model and run-time have in common.
fn compiler(tools: &Tools, trace: bool) -> Command {
    let mut command = Command::new(&tools.cxx);
    let include = tools.root.join("include");
    command.args(CXX_FLAGS).arg("-I.").arg("-I").arg(&include).arg("-I").arg(include.join("vltstd"));
    command.args(["-include", "print.h"]);
    let trace_flags: &[&str] = if trace { &["-DVM_TRACE=1", "-DVM_TRACE_FST=1", "-DB2H_TRACE"] } else { &["-DVM_TRACE=0", "-DVM_TRACE_FST=0"] };
    command.args(trace_flags);
    command
}

/// Newer Verilators compress waveforms with the system's lz4; older ones bring their own.
fn trace_libraries(tools: &Tools) -> &'static [&'static str] {
    if tools.root.join("include/fstcpp").is_dir() { &["-llz4", "-lz"] } else { &["-lz"] }
}

fn check_trace_headers(tools: &Tools) -> Result<(), Error> {
    let needed: &[(&str, &str)] = if tools.root.join("include/fstcpp").is_dir() {
        &[("lz4.h", "liblz4-dev"), ("zlib.h", "zlib1g-dev")]
    } else {
        &[("zlib.h", "zlib1g-dev")]
    };
    for (header, package) in needed {
        let text = format!("#include <{header}>\n");
        let folder = env::temp_dir();
        let output = Command::new(&tools.cxx).args(["-fsyntax-only", "-x", "c++", "-include", header, "/dev/null"]).current_dir(folder).output();
        let found = output.is_ok_and(|output| output.status.success());
        if !found {
            return Err(Error::Tool(format!("waveforms need `{}`: install {package}", text.trim())));
        }
    }
    Ok(())
}

/// Runs a tool; if it fails, its first error lines are the error.
fn run(command: &mut Command, step: &str) -> Result<(), Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| Error::Tool(format!("{program} does not run: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    let is_error = |line: &&str| line.contains("%Error") || line.contains("error:") || line.contains("undefined reference");
    let mut lines: Vec<_> = text.lines().filter(is_error).take(8).collect();
    if lines.is_empty() {
        lines = text.lines().take(8).collect();
    }
    let lines = if lines.is_empty() { format!("no message, {}", output.status) } else { lines.join("\n") };
    Err(Error::Build { step: step.to_owned(), lines })
}
