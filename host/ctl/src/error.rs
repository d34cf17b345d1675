// SPDX-License-Identifier: Apache-2.0
//! Everything that can go wrong, with a stable code (`C0001`, ..), one sentence about this case, further facts, and what to do.
//!
//! The page `docs/src/bpf2hdlctl.md` lists the codes; a test compares. Codes of the compiler (`E....`) pass through unchanged.

use bpf2hdl_host::HostError;
use bpf2hdl_testbench::Error as TestbenchError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

macro_rules! codes {
    ($($variant:ident $id:literal $title:literal $help:literal;)*) => {
        /// A code of the catalogue.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub(crate) enum Code { $($variant,)* }

        impl Code {
            /// Every code in order.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Stable identifier, such as `C0001`.
            pub(crate) fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// The meaning in a few words.
            pub(crate) fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What to do, unless the case knows better.
            fn help(self) -> &'static str {
                match self { $(Self::$variant => $help,)* }
            }
        }
    };
}

codes! {
    Usage "C0001" "wrong command line" "see `bpf2hdlctl help`, or `help` behind an object: `bpf2hdlctl map help`";
    DeviceName "C0002" "unknown kind of device, or no device named" "name one with `dev DEVICE` at the end, `-d DEVICE`, or BPF2HDL_DEVICE; simulated ones are made by `bpf2hdlctl sim up NAME --prog PROG`";
    NoDevice "C0003" "no such device" "`bpf2hdlctl sim list` names the simulated NICs that run";
    NameInUse "C0004" "a NIC of that name runs already" "choose another name, or end it with `bpf2hdlctl sim down NAME`";
    RunFolder "C0005" "the run-time folder can not be used" "set BPF2HDL_RUN to a folder that may be written";
    Server "C0006" "the simulated NIC failed" "its log is in the run-time folder; `bpf2hdlctl sim down NAME` ends it, `sim up` starts a new one";
    Protocol "C0007" "the other side does not speak this protocol" "use the `bpf2hdlctl` that started the NIC, or start the NIC again";
    Artifact "C0008" "the compiled folder is damaged or incomplete" "make it again with `bpf2hdl compile`";
    Mismatch "C0009" "the program does not fit this NIC" "compile it for the NIC: `bpf2hdlctl status` shows the width of its bus";
    NoProgram "C0010" "there is no such program on the device" "`bpf2hdlctl prog show` lists what is loaded, `prog load PROG` loads one";
    NoMap "C0011" "there is no such map" "`bpf2hdlctl map show` lists the maps";
    MapOperation "C0012" "the map can not do that" "see the page on bpf2hdlctl for what each type of map can do";
    BadData "C0013" "a key or value does not fit" "bytes as bpftool takes them (`1 0 0 0`, `0x01`, `hex 01 00`), or literals: `10.0.0.1`, `02:00:00:00:00:01`, `u32:5`, `be16:80`";
    NoEntry "C0014" "there is no such entry" "`bpf2hdlctl map dump` lists the entries";
    EntryExists "C0015" "the entry is there already" "leave `noexist` out to replace it";
    MapFull "C0016" "the map has no room" "delete an entry, or compile with `--entries MAP=N`";
    Core "C0017" "the core did not answer as it should" "`bpf2hdlctl status` shows the state of the device";
    Interface "C0018" "a network interface can not be made" "TAP interfaces need root (CAP_NET_ADMIN) and /dev/net/tun";
    File "C0019" "a file can not be read or written" "check the path and its permissions";
    Replaced "C0020" "the program was replaced meanwhile" "run the command again";
    Busy "C0021" "another program is being loaded" "wait until that is done";
    Tool "C0022" "a tool that this needs is missing or failed" "build the compiler (`cargo build --release -p bpf2hdl`) or set BPF2HDL to its path; Verilator: run the set-up command of the README, or set BPF2HDL_TOOLS";
    Compile "C0023" "the program could not be compiled" "`bpf2hdl check PROG` lists all reasons";
    Refused "C0024" "this device can not do that" "see the page on bpf2hdlctl";
    Internal "C0090" "a fault of bpf2hdlctl" "please report it with the command";
}

/// One failure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// What kind.
    pub(crate) code: Code,
    /// One sentence about this case, without a final full stop.
    pub(crate) message: String,
    /// Further facts, such as limits.
    pub(crate) notes: Vec<String>,
    /// What to do.
    pub(crate) help: String,
    /// The file that is meant.
    pub(crate) file: Option<String>,
    /// What the compiler said, in its own form: text, and JSON.
    pub(crate) compiler: Option<(String, Value)>,
}

/// What commands and requests return.
pub(crate) type Result<T, E = Box<Failure>> = std::result::Result<T, E>;

impl Failure {
    /// A failure with the catalogue's help.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Box<Self> {
        let help = code.help().to_owned();
        Box::new(Self { code, message: message.into(), notes: Vec::new(), help, file: None, compiler: None })
    }

    /// Replaces the help.
    pub(crate) fn hint(mut self: Box<Self>, help: impl Into<String>) -> Box<Self> {
        self.help = help.into();
        self
    }

    /// Adds a fact.
    pub(crate) fn note(mut self: Box<Self>, note: impl Into<String>) -> Box<Self> {
        self.notes.push(note.into());
        self
    }

    /// Names the file.
    pub(crate) fn at(mut self: Box<Self>, file: &std::path::Path) -> Box<Self> {
        self.file = Some(file.display().to_string());
        self
    }

    /// A file that can not be used.
    pub(crate) fn file(path: &std::path::Path, what: &str, error: &std::io::Error) -> Box<Self> {
        Self::new(Code::File, format!("{} can not be {what}: {error}", path.display())).at(path)
    }

    /// 2 for a wrong command line, else 1.
    pub(crate) fn status(&self) -> u8 {
        if matches!(self.code, Code::Usage | Code::DeviceName) { 2 } else { 1 }
    }

    /// `{"error": .., "code": .., "items": [..]}`.
    pub(crate) fn to_json(&self) -> Value {
        if let Some((_, json)) = &self.compiler {
            return json.clone();
        }
        let item = json!({
            "code": self.code.id(), "severity": "error", "title": self.code.title(), "message": self.message,
            "file": self.file, "line": null, "notes": self.notes, "help": self.help,
        });
        json!({ "error": self.message, "code": self.code.id(), "items": [item] })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((text, _)) = &self.compiler {
            return f.write_str(text);
        }
        writeln!(f, "error[{}]: {}", self.code.id(), self.message)?;
        for note in &self.notes {
            writeln!(f, "  = note: {note}")?;
        }
        writeln!(f, "  = help: {}", self.help)
    }
}

impl From<HostError> for Box<Failure> {
    fn from(error: HostError) -> Self {
        let code = match error {
            HostError::Map(_) => Code::MapOperation,
            HostError::Identity(_) => Code::Mismatch,
            HostError::Register(_) | HostError::TimeOut(_) | HostError::Memory(_) | HostError::Queue(_) => Code::Core,
        };
        Failure::new(code, error.to_string())
    }
}

impl From<TestbenchError> for Box<Failure> {
    fn from(error: TestbenchError) -> Self {
        let text = error.to_string();
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let code = match error {
            TestbenchError::Host(error) => return error.into(),
            TestbenchError::Tool(_) | TestbenchError::Build { .. } => Code::Tool,
            TestbenchError::Io(..) => Code::File,
            TestbenchError::Manifest(_) => Code::Artifact,
            TestbenchError::Hang { .. } | TestbenchError::Stopped(_) | TestbenchError::Model(_) => Code::Server,
            _ => Code::Core,
        };
        rest.lines().fold(Failure::new(code, first), |failure, line| failure.note(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page has all codes, with their titles, in order.
    #[test]
    fn codes_are_on_the_page() {
        let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/bpf2hdlctl.md");
        let page = std::fs::read_to_string(page).expect("the page");
        let lines: Vec<&str> = page.lines().filter(|line| line.starts_with("| C0")).collect();
        let expected: Vec<String> =
            Code::ALL.iter().map(|code| format!("| {} | {} |", code.id(), code.title())).collect();
        assert_eq!(lines, expected);
        assert!(Code::ALL.iter().all(|code| !code.help().is_empty()));
    }

    #[test]
    fn failures_have_the_promised_form() {
        let failure = Failure::new(Code::MapFull, "map `m` has no room").note("of 4 entries");
        let json = failure.to_json();
        assert_eq!((&json["code"], &json["items"][0]["line"]), (&json!("C0016"), &Value::Null));
        assert_eq!(json["items"][0]["notes"][0], "of 4 entries");
        let text = failure.to_string();
        assert!(text.starts_with("error[C0016]: map `m` has no room\n  = note: of 4 entries\n  = help: "), "{text}");
        assert_eq!((failure.status(), Failure::new(Code::Usage, "x").status()), (1, 2));
    }
}
