// SPDX-License-Identifier: Apache-2.0
//! From a design directory to a loadable model.
//!
//! Steps: `verilator_bin` turns `bpf_core.f` into C++; that and the harness are compiled as one translation unit
//! and linked with the Verilator run-time, which is compiled once per tool version. No `make`, no `perl`.
//! Only the shared library is kept.

use super::cache::{self, Key};
use super::ffi::Library;
use super::sources::Sources;
use crate::tools::Tools;
use crate::{Error, Progress};
use bpf2hdl_interface::Manifest;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// The harness, compiled into every model.
const SHIM: [(&str, &str); 7] = [
    ("print.h", include_str!("../../shim/print.h")),
    ("abi.h", include_str!("../../shim/abi.h")),
    ("hooks.h", include_str!("../../shim/hooks.h")),
    ("ports.h", include_str!("../../shim/ports.h")),
    ("pattern.h", include_str!("../../shim/pattern.h")),
    ("stream.h", include_str!("../../shim/stream.h")),
    ("harness.cpp", include_str!("../../shim/harness.cpp")),
];
/// The harness' way to print.
pub(super) const PRINT_TEXT: &str = SHIM[0].1;
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
pub(super) const VERILATOR_FLAGS: [&str; 14] = [
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
/// From this many bytes of generated C++ on, `-O1`: measured on 845 kB (154,000 registers), `-O2` takes 7.5 s and
/// `-O1` 3.2 s, which a run of less than some million clocks does not win back.
const LARGE_MODEL: u64 = 500_000;

/// The one translation unit.
pub(super) const UNIT: &str = "unit.cc";
/// What is included before it: the harness' way to print, or that with what all models include.
const PRINT: &str = "print.h";
const HEADERS: &str = "headers.h";
pub(super) const HEADERS_TEXT: &str = "#include \"print.h\"\n#include <algorithm>\n#include <cstdarg>\n#include <cstdio>\n#include <cstring>\n#include <memory>\n\
                            #include <stdexcept>\n#include <string>\n#include <type_traits>\n#include <vector>\n#include \"verilated.h\"\n";
/// Optimisation of quick builds.
const QUICK: &str = "-O0";

/// How a model is built.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BuildOptions {
    /// Whether the model can write FST waveforms (slower; cached separately).
    pub trace: bool,
    /// Whether the model is compiled without optimisation: half the time to build, ten times the time to run. For
    /// models that see some hundred packets.
    pub quick: bool,
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
        let make = |folder: &Path, entry: &Path| {
            let job = Job { tools: &tools, sources: &sources, manifest: &manifest, options, folder, entry };
            job.run(progress)
        };
        let (folder, cached) = cache::entry(&format!("model-{key}"), make)?;
        let library = Arc::new(Library::open(&folder.join("model.so"))?);
        if library.bus_bits() != manifest.bus_bits {
            let (found, said) = (library.bus_bits(), manifest.bus_bits);
            return Err(Error::Model(format!(
                "the ports of {} have {found} bits, its manifest says {said}",
                manifest.top
            )));
        }
        Ok(Self { library, manifest, cached, trace: options.trace })
    }
}

fn model_key(tools: &Tools, sources: &Sources, manifest: &Manifest, options: BuildOptions) -> String {
    let mut key = Key::default();
    add_tools(&mut key, tools);
    key.add("flags", VERILATOR_FLAGS.join(" ").as_bytes());
    key.add("limit", &LARGE_MODEL.to_le_bytes());
    key.add("top", manifest.top.as_bytes());
    key.add("trace", &[u8::from(options.trace)]);
    key.add("quick", &[u8::from(options.quick)]);
    for (name, contents) in SHIM {
        key.add(name, contents.as_bytes());
    }
    for (index, (_, contents)) in sources.files.iter().enumerate() {
        // Not the path: the same design elsewhere is the same model.
        key.add(&index.to_string(), contents);
    }
    for (name, contents) in &sources.memories {
        key.add(name, contents);
    }
    key.finish()
}

pub(super) fn add_tools(key: &mut Key, tools: &Tools) {
    key.add("verilator", tools.version.as_bytes());
    key.add("root", tools.root.as_os_str().as_encoded_bytes());
    key.add("cxx", tools.cxx_version.as_bytes());
    key.add("cxx flags", CXX_FLAGS.join(" ").as_bytes());
}

/// The build of one model.
struct Job<'a> {
    tools: &'a Tools,
    sources: &'a Sources,
    manifest: &'a Manifest,
    options: BuildOptions,
    /// The temporary folder whose contents become the cache entry.
    folder: &'a Path,
    /// Where that entry will be.
    entry: &'a Path,
}

impl Job<'_> {
    fn run(&self, progress: &mut dyn Progress) -> Result<(), Error> {
        for (name, text) in &self.sources.memories {
            let path = self.folder.join(name);
            fs::write(&path, text).map_err(Error::io(&path))?;
        }
        let work = self.folder.join("work");
        let generated = work.join("generated");
        fs::create_dir_all(&generated).map_err(Error::io(&generated))?;
        std::thread::scope(|scope| {
            // The run-time is needed for linking only: it is compiled beside the model.
            let run_time = scope.spawn(|| run_time(self.tools, self.options.trace));
            self.translate(&work, progress)?;
            let headers = self.options.quick.then(|| headers(self.tools, self.options.trace)).transpose()?;
            self.compile(&generated, headers.as_deref(), progress)?;
            progress.step("linking the model (the first time, with the Verilator run-time)");
            let panicked = |_| Error::Model("the build of the run-time panicked".to_owned());
            let run_time = run_time.join().map_err(panicked)??;
            self.link(&generated, &run_time)
        })?;
        fs::remove_dir_all(&work).map_err(Error::io(&work))
    }

    /// From SystemVerilog to C++. Verilator runs in the folder of the sources, so that its messages name them as
    /// the design directory does.
    fn translate(&self, work: &Path, progress: &mut dyn Progress) -> Result<(), Error> {
        progress.step("Verilator: translating the design");
        let files = self.sources.write(work, self.entry)?;
        let mut command = Command::new(&self.tools.verilator);
        command.current_dir(work).env("VERILATOR_ROOT", &self.tools.root);
        command.args(VERILATOR_FLAGS).arg(&self.manifest.top).args(["--Mdir", "generated"]);
        if self.options.trace {
            command.args(["--trace-fst", "--trace-structs"]);
        }
        run(command.args(files), "verilator")
    }

    /// From C++, with the harness, to `unit.o`; with headers that are compiled already, if there are.
    fn compile(&self, generated: &Path, headers: Option<&Path>, progress: &mut dyn Progress) -> Result<(), Error> {
        for (name, contents) in SHIM {
            let file = generated.join(name);
            fs::write(&file, contents).map_err(Error::io(&file))?;
        }
        let bytes = write_unit(generated)?;
        let optimise = match self.options.quick {
            true => QUICK,
            false if bytes > LARGE_MODEL => "-O1",
            false => "-O2",
        };
        progress.step(&format!("compiling the model ({} kB of C++, {optimise})", bytes / 1000));
        let mut command = compiler(self.tools, self.options.trace);
        command.current_dir(generated).arg("-include");
        command.arg(headers.map_or_else(|| PRINT.into(), |folder| folder.join(HEADERS)));
        run(command.args([optimise, "-c", UNIT, "-o", "unit.o"]), "the C++ compiler")
    }

    fn link(&self, generated: &Path, run_time: &Path) -> Result<(), Error> {
        let mut command = compiler(self.tools, self.options.trace);
        command.current_dir(generated).args(["-shared", "-Wl,-Bsymbolic", "unit.o"]).arg(run_time.join("runtime.o"));
        command.arg("-o").arg(self.folder.join("model.so")).arg("-pthread");
        if self.options.trace {
            command.args(trace_libraries(self.tools));
        }
        run(&mut command, "the linker")
    }
}

/// Writes a file that includes all of the model and the harness; returns the size of what it includes.
pub(super) fn write_unit(generated: &Path) -> Result<u64, Error> {
    let mut names = Vec::new();
    let mut bytes = 0;
    for entry in fs::read_dir(generated).map_err(Error::io(generated))? {
        let entry = entry.map_err(Error::io(generated))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension() == Some(OsStr::new("cpp")) {
            bytes += entry.metadata().map_err(Error::io(generated))?.len();
            names.push(name);
        }
    }
    names.sort();
    let text: String = names.iter().map(|name| format!("#include \"{name}\"\n")).collect();
    let unit = generated.join(UNIT);
    fs::write(&unit, text).map_err(Error::io(&unit))?;
    Ok(bytes)
}

/// The Verilator run-time as one object file, compiled once per tool version.
pub(super) fn run_time(tools: &Tools, trace: bool) -> Result<PathBuf, Error> {
    let mut key = Key::default();
    add_tools(&mut key, tools);
    key.add("trace", &[u8::from(trace)]);
    key.add("print.h", SHIM[0].1.as_bytes());
    let make = |folder: &Path, _: &Path| {
        if trace {
            check_trace_headers(tools)?;
        }
        let header = folder.join("print.h");
        fs::write(&header, SHIM[0].1).map_err(Error::io(&header))?;
        let parts = ["verilated.cpp", "verilated_threads.cpp"].iter().chain(if trace {
            ["verilated_fst_c.cpp"].iter()
        } else {
            [].iter()
        });
        let text: String = parts.map(|part| format!("#include \"{part}\"\n")).collect();
        let unit = folder.join("runtime.cc");
        fs::write(&unit, text).map_err(Error::io(&unit))?;
        let mut command = compiler(tools, trace);
        command.current_dir(folder).args(["-include", PRINT, "-O2", "-c", "runtime.cc", "-o", "runtime.o"]);
        run(&mut command, "the C++ compiler")
    };
    Ok(cache::entry(&format!("runtime-{}", key.finish()), make)?.0)
}

/// The headers that every model includes, compiled once per tool version for quick builds: a third of their time.
fn headers(tools: &Tools, trace: bool) -> Result<PathBuf, Error> {
    let mut key = Key::default();
    add_tools(&mut key, tools);
    key.add("trace", &[u8::from(trace)]);
    key.add(HEADERS, HEADERS_TEXT.as_bytes());
    key.add("print.h", SHIM[0].1.as_bytes());
    let make = |folder: &Path, _: &Path| {
        for (name, text) in [(PRINT, SHIM[0].1), (HEADERS, HEADERS_TEXT)] {
            let file = folder.join(name);
            fs::write(&file, text).map_err(Error::io(&file))?;
        }
        let mut command = compiler(tools, trace);
        command.current_dir(folder).args([QUICK, "-x", "c++-header", HEADERS, "-o"]);
        run(command.arg(format!("{HEADERS}.gch")), "the C++ compiler")
    };
    Ok(cache::entry(&format!("headers-{}", key.finish()), make)?.0)
}

/// The compiler with everything that model and run-time have in common.
pub(super) fn compiler(tools: &Tools, trace: bool) -> Command {
    let mut command = Command::new(&tools.cxx);
    let include = tools.root.join("include");
    command.args(CXX_FLAGS).arg("-I.").arg("-I").arg(&include).arg("-I").arg(include.join("vltstd"));
    let trace_flags: &[&str] = if trace {
        &["-DVM_TRACE=1", "-DVM_TRACE_FST=1", "-DB2H_TRACE"]
    } else {
        &["-DVM_TRACE=0", "-DVM_TRACE_FST=0"]
    };
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
        let mut probe = Command::new(&tools.cxx);
        probe.args(["-fsyntax-only", "-x", "c++", "-include", header, "/dev/null"]);
        if !probe.output().is_ok_and(|output| output.status.success()) {
            return Err(Error::Tool(format!("waveforms need the header {header}: install {package}")));
        }
    }
    Ok(())
}

/// Runs a tool; if it fails, its first error lines are the error.
pub(super) fn run(command: &mut Command, step: &str) -> Result<(), Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| Error::Tool(format!("{program} does not run: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    let is_error =
        |line: &&str| line.contains("%Error") || line.contains("error:") || line.contains("undefined reference");
    let mut lines: Vec<_> = text.lines().filter(is_error).take(8).collect();
    if lines.is_empty() {
        lines = text.lines().take(8).collect();
    }
    let lines = if lines.is_empty() { format!("no message, {}", output.status) } else { lines.join("\n") };
    Err(Error::Build { step: step.to_owned(), lines })
}
