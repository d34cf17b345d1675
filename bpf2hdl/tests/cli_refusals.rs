// SPDX-License-Identifier: Apache-2.0
//! Bad input: exit 1 or 2, one clear message, no panic, nothing left behind.

mod cli_support;

use cli_support::{Folder, bpf2hdl, example, example_file, json};

const PASS: &str = "__attribute__((section(\"xdp\"), used)) int prog(void *ctx) { return 2; }
    char terms[] __attribute__((section(\"license\"), used)) = \"GPL\";";

/// Runs `compile` on a bad program: exit 1, this code, no output folder.
fn refused(folder: &Folder, program: &str, code: &str) {
    let before = folder.names("");
    let (status, found) = json(&["compile", program, "-o", &folder.path("made/out")]);
    assert_eq!((status, found["code"].as_str()), (1, Some(code)), "{program}: {found}");
    assert_eq!(folder.names(""), before);
    assert!(!std::path::Path::new(&folder.path("made")).exists());
    let human = bpf2hdl(["check", program]);
    assert_eq!(human.status, 1);
    assert!(human.stdout.is_empty() && human.stderr.contains(&format!("error[{code}]")), "{}", human.stderr);
}

#[test]
fn damaged_and_foreign_objects() {
    let folder = Folder::new();
    let good = folder.object("good", "bpfel", PASS);
    let bytes = std::fs::read(&good).expect("readable");
    assert_eq!(json(&["check", &good]).0, 0);
    refused(&folder, &folder.write("cut.o", &bytes[..bytes.len() / 2]), "E0003");
    refused(&folder, &folder.write("header.o", &bytes[..20]), "E0003");
    refused(&folder, &folder.write("text.o", "hello"), "E0002");
    refused(&folder, &folder.write("empty.o", ""), "E0002");
    refused(&folder, &folder.object("big", "bpfeb", PASS), "E0004");
    refused(&folder, &folder.object("tc", "bpfel", &PASS.replace("\"xdp\"", "\"tc\"")), "E0007");
    refused(&folder, &folder.path("missing.o"), "E0001");
    refused(&folder, &folder.path(""), "E0001");
}

#[test]
fn c_that_does_not_compile() {
    let folder = Folder::new();
    refused(&folder, &folder.write("wrong.c", "int f(void) { return x; }"), "E0015");
    refused(&folder, &folder.path("missing.c"), "E0001");
}

#[test]
fn several_programs_need_a_name() {
    let folder = Folder::new();
    let two = folder.object(
        "two",
        "bpfel",
        &format!("{PASS}\n{}", "__attribute__((section(\"xdp\"), used)) int other(void *ctx) { return 1; }"),
    );
    refused(&folder, &two, "E0008");
    let (status, found) = json(&["check", &two, "--prog", "other"]);
    assert_eq!((status, found["program"].as_str()), (0, Some("other")));
    assert_eq!(json(&["check", &two, "--prog", "third"]).1["code"], "E0009");
}

#[test]
fn wrong_command_lines_are_exit_2() {
    let program = example("drop_all");
    let cases: [(&[&str], &str); 10] = [
        (&["check", &program, "--nonsense"], "--nonsense"),
        (&["compile", &program], "-o"),
        (&["frobnicate"], "frobnicate"),
        (&[], "requires a subcommand"),
        (&["check"], "PROG"),
        (&["check", &program, "--target", "stratix"], "stratix"),
        (&["check", &program, "--bus", "100"], "100"),
        (&["check", &program, "--clock", "-3"], "-3"),
        (&["check", &program, "--clock", "NaN"], "NaN"),
        (&["explain", "E9999"], "E9999"),
    ];
    for (arguments, expected) in cases {
        let (status, found) = json(arguments);
        let text = found.to_string();
        assert!(status == 2 && text.contains(expected), "{arguments:?}: {status} {text}");
        let human = bpf2hdl(arguments);
        assert!(human.status == 2 && human.stdout.is_empty() && !human.stderr.is_empty(), "{arguments:?}");
    }
    assert_eq!(bpf2hdl(["--help"]).good().stderr, "");
    assert!(bpf2hdl(["--version"]).good().stdout.starts_with("bpf2hdl 0."));
}

#[test]
fn folders_that_can_not_be_written() {
    let folder = Folder::new();
    let file = folder.write("file", "mine");
    for out in [file.as_str(), &folder.path("file/below"), "/proc/bpf2hdl/out", ""] {
        let (status, found) = json(&["compile", &example("drop_all"), "-o", out]);
        assert!(status != 0, "{out}");
        if !out.is_empty() {
            assert_eq!((status, found["code"].as_str()), (1, Some("E0016")), "{out}: {found}");
        }
        let capture = example_file("drop_all", "capture.pcap");
        assert!(json(&["sim", &example("drop_all"), "--pcap", &capture, "--out", out]).0 != 0, "{out}");
    }
    assert_eq!(folder.names(""), ["file"]);
}

#[test]
fn captures_and_maps_that_can_not_be_used() {
    let folder = Folder::new();
    let (text, empty) = (folder.write("text.pcap", "no capture"), folder.write("empty.pcap", ""));
    let capture = example_file("firewall", "capture.pcap");
    let cut = std::fs::read(&capture).expect("readable");
    let cut = folder.write("cut.pcap", &cut[..cut.len() - 5]);
    let before = folder.names("");
    for bad in [&text, &empty, &cut, &folder.path("missing.pcap")] {
        let (status, found) = json(&["sim", &example("firewall"), "--pcap", bad, "--out", &folder.path("out")]);
        assert_eq!((status, found["code"].as_str()), (1, Some("E0017")), "{found}");
    }
    let maps = ["{", "[]", "{\"nonsense\": []}", "{\"hits\": [{\"key\": [1]}]}"];
    for (number, text) in maps.iter().enumerate() {
        let maps = folder.write(&format!("{number}.json"), text);
        let (status, found) = json(&["sim", &example("firewall"), "--pcap", &capture, "--maps", &maps]);
        assert_eq!((status, found["code"].as_str()), (1, Some("E0018")), "{found}");
        std::fs::remove_file(maps).expect("removed");
    }
    assert_eq!(folder.names(""), before);
}
