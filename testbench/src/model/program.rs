// SPDX-License-Identifier: Apache-2.0
//! Programs around a Verilated top of their own, where a test needs pins that no design has: cached as models are.

use super::build::{HEADERS_TEXT, VERILATOR_FLAGS, add_tools, compiler, run, run_time};
use super::cache::{self, Key};
use crate::Error;
use crate::tools::Tools;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a Verilated model and its run-time want of a program: to print, and to end.
const HOOKS: &str = "#include \"headers.h\"\n#include <cstdlib>\nint b2h_printf(const char* format, ...) {\n  va_list list;\n  va_start(list, format);\n  \
                     int count = vfprintf(stderr, format, list);\n  va_end(list);\n  return count;\n}\n\
                     void vl_finish(const char*, int, const char*) VL_MT_UNSAFE { std::exit(1); }\n\
                     void vl_stop(const char*, int, const char*) VL_MT_UNSAFE { std::exit(1); }\n\
                     void vl_fatal(const char*, int, const char*, const char*) VL_MT_UNSAFE { std::exit(1); }\n";

/// Builds a program from SystemVerilog files, whose module `top` becomes the C++ class `Vtop`, and a C++ file that has `main` and includes
/// `Vtop.h`; or takes it from the cache.
///
/// # Errors
/// [`Error::Tool`], [`Error::Io`]; [`Error::Build`] with the tool's first error lines.
pub fn program(sources: &[PathBuf], top: &str, main: &Path) -> Result<PathBuf, Error> {
    let tools = Tools::find()?;
    let mut key = Key::default();
    add_tools(&mut key, &tools);
    key.add("flags", VERILATOR_FLAGS.join(" ").as_bytes());
    key.add("hooks", [HOOKS, HEADERS_TEXT].concat().as_bytes());
    key.add("top", top.as_bytes());
    for path in sources.iter().map(PathBuf::as_path).chain([main]) {
        key.add("source", &fs::read(path).map_err(Error::io(path))?);
    }
    let make = |folder: &Path, _: &Path| build(&tools, sources, top, main, folder);
    Ok(cache::entry(&format!("program-{}", key.finish()), make)?.0.join("program"))
}

fn build(tools: &Tools, sources: &[PathBuf], top: &str, main: &Path, folder: &Path) -> Result<(), Error> {
    let work = folder.join("work");
    fs::create_dir_all(&work).map_err(Error::io(&work))?;
    let mut command = Command::new(&tools.verilator);
    command.current_dir(folder).env("VERILATOR_ROOT", &tools.root);
    // The last prefix is the one that counts.
    command.args(VERILATOR_FLAGS).arg(top).args(["--Mdir", "work", "--prefix", "Vtop"]).args(sources);
    run(&mut command, "verilator")?;
    let mut names: Vec<PathBuf> =
        fs::read_dir(&work).map_err(Error::io(&work))?.flatten().map(|entry| entry.path()).collect();
    names.retain(|path| path.extension() == Some(OsStr::new("cpp")));
    names.sort();
    let include = |path: &PathBuf| format!("#include \"{}\"\n", path.display());
    let unit: String = names.iter().chain([&main.to_owned()]).map(include).collect();
    for (name, text) in
        [("headers.h", HEADERS_TEXT), ("print.h", super::build::PRINT_TEXT), ("unit.cc", &[HOOKS, &unit].concat())]
    {
        let path = work.join(name);
        fs::write(&path, text).map_err(Error::io(&path))?;
    }
    let mut command = compiler(tools, false);
    command
        .current_dir(&work)
        .args(["-include", "headers.h", "-O1", "unit.cc"])
        .arg(run_time(tools, false)?.join("runtime.o"));
    run(command.args(["-pthread", "-o"]).arg(folder.join("program")), "the C++ compiler")?;
    fs::remove_dir_all(&work).map_err(Error::io(&work))
}
