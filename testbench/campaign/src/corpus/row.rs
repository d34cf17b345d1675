// SPDX-License-Identifier: Apache-2.0
//! The list of objects, and what is known of one program.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// An object of the corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Where it comes from: `linux-source-6.1 samples`, `libxdp1`, ...
    pub group: String,
    /// The compiled file.
    pub object: PathBuf,
}

/// What `corpus.py` has collected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct List {
    /// Objects.
    pub objects: Vec<Listed>,
    /// Sources that gave no object: which, and why.
    pub left_out: Vec<(String, String)>,
    /// Frames that others captured: a pcap file.
    pub captures: Option<PathBuf>,
}

impl List {
    /// Reads the file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(path: &Path) -> Result<Self, String> {
        let wrong = |what: String| format!("{}: {what}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let json: Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let items = |key: &str| json[key].as_array().cloned().unwrap_or_default();
        let listed =
            |item: &Value| Listed { group: text_of(&item["group"]), object: PathBuf::from(text_of(&item["object"])) };
        let objects = items("objects").iter().map(listed).collect();
        let reason = |item: &Value| (text_of(&item["source"]), text_of(&item["reason"]));
        let left_out = items("left_out").iter().map(reason).collect();
        let captures = json["captures"].as_str().map(PathBuf::from);
        Ok(Self { objects, left_out, captures })
    }
}

/// Whether the running kernel loads the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kernel {
    /// It does.
    Loads,
    /// It does not: the end of what it says.
    Refuses(String),
    /// It could not be asked: why.
    Unknown(String),
}

/// A refusal of the compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `E0203`.
    pub code: String,
    /// What it says.
    pub message: String,
}

/// The comparison with the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Equal {
    /// Nothing was compared: the kernel or the compiler does not take the program.
    NotCompared,
    /// Every form did as the kernel.
    Yes,
    /// One did not: which, and what was different.
    No(String),
}

/// What is known of one program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where its object comes from.
    pub group: String,
    /// File name of the object.
    pub object: String,
    /// Symbol; empty if the object as a whole is not taken.
    pub program: String,
    /// Section.
    pub section: String,
    /// Instructions after linking.
    pub instructions: usize,
    /// What it uses, if it could be linked.
    pub features: Vec<String>,
    /// What the kernel says.
    pub kernel: Kernel,
    /// Why it is not compiled; empty if it is.
    pub refusals: Vec<Refusal>,
    /// Stages at the default target.
    pub stages: Option<usize>,
    /// Packets that the kernel judged, with all contents of maps together.
    pub packets: usize,
    /// How many of them came to each verdict.
    pub actions: [u64; 5],
    /// The forms between BPF and RTL.
    pub equal: Equal,
    /// The simulated hardware, if it was built.
    pub hardware: Equal,
    /// The compiler, or the judge, ended in a way that it must not.
    pub crash: Option<String>,
}

impl Row {
    /// A row of which nothing is known.
    #[must_use]
    pub fn new(group: &str, object: &Path, program: &str) -> Self {
        Self {
            group: group.to_owned(),
            object: object.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            program: program.to_owned(),
            section: String::new(),
            instructions: 0,
            features: Vec::new(),
            kernel: Kernel::Unknown("not asked".to_owned()),
            refusals: Vec::new(),
            stages: None,
            packets: 0,
            actions: [0; 5],
            equal: Equal::NotCompared,
            hardware: Equal::NotCompared,
            crash: None,
        }
    }

    /// Whether the compiler takes it.
    #[must_use]
    pub fn is_compiled(&self) -> bool {
        self.refusals.is_empty() && self.crash.is_none()
    }

    /// Whether the kernel takes it.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.kernel == Kernel::Loads
    }

    /// Whether it is compiled, and every form of it does what the kernel does.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.is_compiled() && self.equal == Equal::Yes
    }

    /// The result in some words.
    #[must_use]
    pub fn result(&self) -> String {
        match (self.fault(), self.refusals.first(), &self.kernel) {
            (Some(_), _, _) => "DIFFERS".to_owned(),
            // Without the place, which stands in parentheses at the end.
            (None, Some(refusal), _) => {
                let message = refusal.message.split_once(" (").map_or(&*refusal.message, |(message, _)| message);
                format!("refused: {} {message}", refusal.code)
            }
            (None, None, Kernel::Loads) if self.is_equal() => "equal".to_owned(),
            (None, None, Kernel::Loads) => "compiled, not compared".to_owned(),
            (None, None, _) => "compiled; the kernel refuses it".to_owned(),
        }
    }

    /// What must not be, in one line.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let hardware = match &self.hardware {
            Equal::No(text) => Some(text.clone()),
            _ => None,
        };
        let forms = match &self.equal {
            Equal::No(text) => Some(text.clone()),
            _ => None,
        };
        let what = self.crash.clone().or(forms).or(hardware)?;
        Some(format!("{} {}: {what}", self.object, self.program))
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let equal = |equal: &Equal| match equal {
            Equal::NotCompared => Value::Null,
            Equal::Yes => json!(true),
            Equal::No(text) => json!(text),
        };
        let kernel = match &self.kernel {
            Kernel::Loads => json!({ "loads": true }),
            Kernel::Refuses(why) => json!({ "loads": false, "reason": why }),
            Kernel::Unknown(why) => json!({ "loads": null, "reason": why }),
        };
        let refusals: Vec<Value> =
            self.refusals.iter().map(|r| json!({ "code": r.code, "message": r.message })).collect();
        json!({
            "group": self.group, "object": self.object, "program": self.program, "section": self.section,
            "instructions": self.instructions, "features": self.features, "kernel": kernel, "refusals": refusals, "stages": self.stages,
            "packets": self.packets, "actions": self.actions, "equal": equal(&self.equal),
            "hardware": equal(&self.hardware), "crash": self.crash,
        })
    }

    /// From JSON; `None` if it is not a row.
    #[must_use]
    pub fn from_json(json: &Value) -> Option<Self> {
        let equal = |value: &Value| match value {
            Value::Bool(true) => Equal::Yes,
            Value::String(text) => Equal::No(text.clone()),
            _ => Equal::NotCompared,
        };
        let number = |value: &Value| value.as_u64().and_then(|n| usize::try_from(n).ok());
        let why = text_of(&json["kernel"]["reason"]);
        let kernel = match json["kernel"]["loads"].as_bool() {
            Some(true) => Kernel::Loads,
            Some(false) => Kernel::Refuses(why),
            None => Kernel::Unknown(why),
        };
        let refusal = |item: &Value| Refusal { code: text_of(&item["code"]), message: text_of(&item["message"]) };
        let mut actions = [0; 5];
        for (slot, item) in actions.iter_mut().zip(json["actions"].as_array()?) {
            *slot = item.as_u64()?;
        }
        Some(Self {
            group: text_of(&json["group"]),
            object: text_of(&json["object"]),
            program: text_of(&json["program"]),
            section: text_of(&json["section"]),
            instructions: number(&json["instructions"])?,
            features: json["features"].as_array()?.iter().map(text_of).collect(),
            kernel,
            refusals: json["refusals"].as_array()?.iter().map(refusal).collect(),
            stages: number(&json["stages"]),
            packets: number(&json["packets"])?,
            actions,
            equal: equal(&json["equal"]),
            hardware: equal(&json["hardware"]),
            crash: json["crash"].as_str().map(str::to_owned),
        })
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_survives_its_json() {
        let mut row = Row::new("some", Path::new("/x/a.o"), "main");
        row.kernel = Kernel::Refuses("no".to_owned());
        row.refusals = vec![Refusal { code: "E0203".to_owned(), message: "m".to_owned() }];
        row.equal = Equal::Yes;
        row.hardware = Equal::No("packet 3".to_owned());
        row.actions = [1, 2, 3, 4, 5];
        row.stages = Some(7);
        row.features = vec!["loops".to_owned()];
        assert_eq!(Row::from_json(&row.to_json()), Some(row.clone()));
        assert_eq!(row.fault().as_deref(), Some("a.o main: packet 3"));
        assert!(!row.is_compiled());
    }
}
