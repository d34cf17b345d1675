// SPDX-License-Identifier: Apache-2.0
//! Running the command, simulated NICs that end with the test, frames.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::print_stderr, reason = "tests say what they skipped")]

use bpf2hdl_testbench::capture;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

/// What a run of the command gave.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The run, if it ended well.
    #[track_caller]
    pub(crate) fn good(self) -> Self {
        assert_eq!(self.status, 0, "{}{}", self.stdout, self.stderr);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }
}

/// A folder that is removed at the end.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let place = std::env::temp_dir().join(format!("b2h-ctl-{}-{number}", std::process::id()));
        fs::create_dir_all(&place).expect("a folder");
        Self(place)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that stays does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A program of `tests/data`.
pub(crate) fn program(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(format!("{name}.c"));
    path.display().to_string()
}

/// The compiler beside the command.
pub(crate) fn compiler() -> PathBuf {
    let path = std::env::var_os("BPF2HDL").map(PathBuf::from);
    let path = path.unwrap_or_else(|| Path::new(env!("CARGO_BIN_EXE_bpf2hdlctl")).with_file_name("bpf2hdl"));
    assert!(path.is_file(), "{} is missing: `cargo build --release -p bpf2hdl` builds it", path.display());
    path
}

/// Run-time folder and NICs of one test.
pub(crate) struct Place {
    pub(crate) folder: Folder,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = Folder::new();
        fs::create_dir(folder.0.join("run")).expect("a folder");
        Self { folder }
    }

    /// The run-time folder.
    pub(crate) fn run_folder(&self) -> PathBuf {
        self.folder.0.join("run")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bpf2hdlctl"));
        command.args(arguments).env("BPF2HDL_RUN", self.run_folder()).env("BPF2HDL", compiler());
        command.env_remove("BPF2HDL_DEVICE").stdin(Stdio::null());
        command
    }

    /// Runs the command.
    pub(crate) fn ctl(&self, arguments: &[&str]) -> Run {
        let output = self.command(arguments).output().expect("the command starts");
        Run {
            status: output.status.code().expect("no signal"),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Runs it on the NIC `nic`; it must end well.
    #[track_caller]
    pub(crate) fn on(&self, arguments: &str) -> Run {
        self.try_on(arguments).good()
    }

    /// Runs it on the NIC `nic`.
    pub(crate) fn try_on(&self, arguments: &str) -> Run {
        let words: Vec<&str> = arguments.split_whitespace().chain(["dev", "sim:nic"]).collect();
        self.ctl(&words)
    }

    /// Runs it with `-j`; it must end well.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &str) -> Value {
        self.on(&format!("-j {arguments}")).json()
    }

    /// The refusal of a run with `-j`: complete, as promised.
    #[track_caller]
    pub(crate) fn refused(&self, arguments: &str, code: &str) -> String {
        let run = self.try_on(&format!("-j {arguments}"));
        refusal(&run, code)
    }

    /// Starts the NIC `nic` with a program of `tests/data`.
    #[track_caller]
    pub(crate) fn up(&self, name: &str, more: &[&str]) -> Run {
        let program = program(name);
        let words = [&["sim", "up", "nic", "--prog", &program, "--bus", "64"], more].concat();
        self.ctl(&words).good()
    }

    /// Sends a capture in the background.
    pub(crate) fn send(&self, capture: &str, out: &str, repeat: u32) -> Child {
        let mut command =
            self.command(&["-j", "sim", "send", "nic", capture, "--out", out, "--repeat", &repeat.to_string()]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
    }

    /// Process of the server.
    pub(crate) fn server(&self) -> u32 {
        self.json("status")["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).expect("a number")
    }

    /// The log has nothing of lost or changed frames, queues that stopped, or accesses that the NIC should not make.
    #[track_caller]
    pub(crate) fn clean_log(&self) {
        let log = fs::read_to_string(self.run_folder().join("nic/log")).expect("there");
        for bad in ["is not the one that left", "has stopped", "outside of its memory", "the NIC stopped", "damaged"] {
            assert!(!log.contains(bad), "{log}");
        }
    }

    /// Folders with designs in the NIC's folder.
    pub(crate) fn designs(&self) -> usize {
        let entries = fs::read_dir(self.run_folder().join("nic")).expect("there").flatten();
        entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("incoming-")).count()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let list = self.ctl(&["-j", "sim", "list"]);
        let list: Value = serde_json::from_str(&list.stdout).unwrap_or_default();
        for nic in list.as_array().into_iter().flatten() {
            self.ctl(&["sim", "down", nic["device"].as_str().unwrap_or_default()]);
        }
    }
}

/// Checks a refusal in JSON and returns its message.
#[track_caller]
pub(crate) fn refusal(run: &Run, code: &str) -> String {
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    let json = run.json();
    assert_eq!(json["code"], code, "{json}");
    assert_eq!(run.status, if ["C0001", "C0002"].contains(&code) { 2 } else { 1 }, "{json}");
    let items = json["items"].as_array().expect("items");
    assert!(!items.is_empty());
    for item in items {
        for field in ["code", "message", "file", "line", "help"] {
            assert!(item.get(field).is_some(), "{field}: {item}");
        }
        assert!(item["help"].as_str().is_some_and(|help| !help.is_empty()), "{item}");
    }
    json["error"].as_str().expect("a message").to_owned()
}

/// A UDP frame from 10.0.0.`source` with a number in its payload, of `length` bytes.
pub(crate) fn frame(source: u8, number: u32, length: usize) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    frame.extend([0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, source, 10, 0, 0, 100]);
    frame.extend([0, 1, 0, 2, 0, 0, 0, 0]);
    frame.extend(number.to_be_bytes());
    frame.resize(length.max(frame.len()), 0);
    frame
}

/// The number in such a frame.
pub(crate) fn number(frame: &[u8]) -> u32 {
    u32::from_be_bytes(frame[42..46].try_into().expect("four bytes"))
}

/// Writes a capture.
pub(crate) fn write_capture(path: &str, frames: &[Vec<u8>]) {
    capture::write(Path::new(path), frames.iter().map(Vec::as_slice)).expect("written");
}

/// Reads a capture.
pub(crate) fn read_capture(path: &str) -> Vec<Vec<u8>> {
    let packets = capture::read(Path::new(path)).expect("a capture");
    packets.iter().map(|packet| packet.data.to_vec()).collect()
}

/// Whether a tool and root are there; in CI they must be.
pub(crate) fn root_or_skip(test: &str, tools: &[&str]) -> bool {
    let there = |tool: &&str| {
        Command::new(tool).arg("--version").output().is_ok() || Command::new(tool).arg("-V").output().is_ok()
    };
    let missing: Vec<&str> = tools.iter().copied().filter(|tool| !there(tool)).collect();
    let root = fs::read_to_string("/proc/self/status").is_ok_and(|text| text.contains("\nUid:\t0"));
    if root && missing.is_empty() {
        return true;
    }
    let reason = if root { format!("missing: {}", missing.join(", ")) } else { "needs root".to_owned() };
    assert!(std::env::var_os("CI").is_none(), "{test}: {reason}");
    skip(test, &reason);
    false
}

/// Says that a test was left out.
pub(crate) fn skip(test: &str, reason: &str) {
    eprintln!("SKIPPED {test}: {reason}");
}
