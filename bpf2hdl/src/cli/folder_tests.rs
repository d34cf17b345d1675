// SPDX-License-Identifier: Apache-2.0
//! Folders appear whole, are replaced whole, and nothing of others is touched.

use super::*;

/// A folder of this test's own, removed at its end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let place = std::env::temp_dir().join(format!("bpf2hdl-folder-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(&place).expect("temporary folder");
        Self(place)
    }

    /// All files below, relative, sorted.
    fn files(&self) -> Vec<String> {
        fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
            for entry in fs::read_dir(folder).expect("readable").map(|entry| entry.expect("readable").path()) {
                if entry.is_dir() {
                    walk(root, &entry, found);
                } else {
                    found.push(entry.strip_prefix(root).expect("below").display().to_string());
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.0, &self.0, &mut found);
        found.sort();
        found
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn output(names: &[&str]) -> Vec<File> {
    let report = serde_json::json!({ "tool": "bpf2hdl", "files": names });
    let report = File::new(REPORT, report.to_string());
    names.iter().filter(|name| **name != REPORT).map(|name| File::new(*name, *name)).chain([report]).collect()
}

#[test]
fn a_new_folder_appears_with_its_parents() {
    let place = Place::new("new");
    install(&place.0.join("a/b"), &output(&["x.sv", "hdl/y.sv", REPORT]), Foreign::Refused).expect("written");
    assert_eq!(place.files(), ["a/b/hdl/y.sv", "a/b/report.json", "a/b/x.sv"]);
}

#[test]
fn new_parents_may_be_made_by_several_at_once() {
    let place = Place::new("at-once");
    for round in 0..200 {
        let parent = place.0.join(round.to_string()).join("deep/deeper");
        std::thread::scope(|scope| {
            for name in ["a", "b", "c", "d"] {
                let folder = parent.join(name);
                scope.spawn(move || install(&folder, &output(&[REPORT]), Foreign::Refused).expect("written"));
            }
        });
    }
    assert_eq!(place.files().len(), 800);
}

#[test]
fn an_earlier_output_is_replaced_and_the_rest_stays() {
    let place = Place::new("replace");
    install(&place.0, &output(&["old.sv", "hdl/y.sv", REPORT]), Foreign::Refused).expect("empty folder");
    fs::write(place.0.join("mine.txt"), "mine").expect("written");
    install(&place.0, &output(&["new.sv", REPORT]), Foreign::Refused).expect("earlier output");
    assert_eq!(place.files(), ["mine.txt", "new.sv", "report.json"]);
    assert!(!place.0.join("hdl").exists());
}

#[test]
fn files_of_others_are_in_the_way() {
    let place = Place::new("foreign");
    fs::write(place.0.join("x.sv"), "mine").expect("written");
    let files = output(&["x.sv", REPORT]);
    for (foreign, expected) in [(Foreign::Refused, "such as x.sv"), (Foreign::Kept, "x.sv was not written by bpf2hdl")]
    {
        let error = install(&place.0, &files, foreign).expect_err("in the way");
        assert!(error.message.contains(expected), "{}", error.message);
    }
    install(&place.0, &output(&["z.sv", REPORT]), Foreign::Kept).expect("beside");
    assert_eq!(place.files(), ["report.json", "x.sv", "z.sv"]);
}

#[test]
fn a_failure_leaves_nothing() {
    let place = Place::new("failure");
    fs::write(place.0.join("file"), "mine").expect("written");
    for folder in ["file", "file/below", "a/../file/x"] {
        probe(&place.0.join(folder), Foreign::Kept, &[]).expect_err("not a folder");
        install(&place.0.join(folder), &output(&["x.sv"]), Foreign::Kept).expect_err("not a folder");
    }
    // A name that the file system does not take, when the work has begun.
    let files = [File::new("x.sv", ""), File::new("y".repeat(300), "")];
    install(&place.0.join("new/folder"), &files, Foreign::Kept).expect_err("name too long");
    assert_eq!(place.files(), ["file"]);
    assert!(!place.0.join("new").exists() && !place.0.join("a").exists());
}

#[test]
fn a_report_can_not_lead_outside() {
    let place = Place::new("outside");
    fs::create_dir(place.0.join("out")).expect("created");
    fs::write(place.0.join("precious"), "mine").expect("written");
    let report = r#"{"tool": "bpf2hdl", "files": ["../precious", "report.json"]}"#;
    fs::write(place.0.join("out").join(REPORT), report).expect("written");
    install(&place.0.join("out"), &output(&["x.sv", REPORT]), Foreign::Refused).expect("earlier output");
    assert_eq!(place.files(), ["out/report.json", "out/x.sv", "precious"]);
}

#[test]
fn an_interrupted_replacement_is_undone() {
    let place = Place::new("undo");
    install(&place.0, &output(&["x.sv", REPORT]), Foreign::Refused).expect("written");
    // A new file that is missing in the work folder stops the replacement half-way.
    replace(&place.0, &place.0.join("work"), &["missing.sv"]).expect_err("missing");
    assert_eq!(place.files(), ["report.json", "x.sv"]);
}
