// SPDX-License-Identifier: Apache-2.0
//! The text format: golden files and rejected texts.
//!
//! Each `goldens/ir/*.ir` is parsed, checked and printed, and has to come out as it went in; comment lines at its head are
//! kept. `BPF2HDL_UPDATE_GOLDENS=1` rewrites the files instead.

use std::path::PathBuf;

use bpf2hdl::ir::{Function, Op, ProgramKind, check, parse};

fn goldens() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/ir");
    let entries = std::fs::read_dir(folder).expect("folder of golden files");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "ir"));
    files.sort();
    files
}

#[test]
fn goldens_are_stable() {
    let files = goldens();
    assert!(files.len() >= 3, "golden files are missing");
    for path in files {
        let text = std::fs::read_to_string(&path).expect("readable");
        let function = parse(&text).unwrap_or_else(|e| panic!("{}:{e}", path.display()));
        check(&function).unwrap_or_else(|e| panic!("{}: {e:?}", path.display()));
        let head: String = text.split_inclusive('\n').take_while(|line| line.starts_with(';')).collect();
        let printed = format!("{head}{function}");
        if std::env::var_os("BPF2HDL_UPDATE_GOLDENS").is_some() {
            std::fs::write(&path, printed).expect("writable");
        } else {
            assert_eq!(printed, text, "{}", path.display());
        }
    }
}

#[test]
fn form_is_free_and_comments_are_skipped() {
    let text = "; head\nfunction p kind xdp{v0:3=const 2;two\n v1:8=packet 0x10@7 edit 1 when v2=v3 redirect v4 to v5 action v0}; end";
    let function = parse(text).expect("parses");
    assert_eq!(
        function.to_string(),
        "function p kind xdp {\n  v0:3 = const 0x2\n  v1:8 = packet 16 @7\n  action v0\n  redirect v4 to v5\n  edit 1 when v2 = v3\n}\n"
    );
}

#[test]
fn any_name_survives() {
    for name in ["xdp_prog", "", "kind", "9", "a b", "\"\\\n\t\r\0'", "größe", "\u{10ffff}", "{", ";"] {
        let function = Function::new(name, ProgramKind::PhysDev);
        assert_eq!(parse(&function.to_string()).as_ref(), Ok(&function), "{name:?}");
    }
}

#[test]
fn ill_formed_functions_survive_too() {
    for line in [
        "v0:0 = const 0xffff",
        "v0:255 = extract v9 [255..510]",
        "v0:8 = store map7[v0] + 4294967295 = v0 when v0",
        "v0:8 = packet_at v4294967295 + 0 of {}",
        "v0:8 = rom map9 v0 + 2147483647 of {5, 5, 4294967295}",
        "map0 = constants \"\" key 0 value 0 entries 0 initial ff",
    ] {
        let text = format!("function f kind xdp {{\n  {line}\n}}\n");
        let function = parse(&text).expect(line);
        assert_eq!(function.to_string(), text);
        assert!(check(&function).is_err(), "{line}");
    }
}

#[test]
fn definitions_print_alone() {
    let function = parse("function f kind xdp { v0:4 = const 5 v1:2 = extract v0 [1..3] @8 }").expect("parses");
    assert_eq!(function.defs[1].to_string(), "extract v0 [1..3] @8");
    assert_eq!(function.defs[0].op, Op::Const(5));
}

/// A text, and where and how it is rejected.
const REJECTED: &[(&str, &str)] = &[
    ("", "1:1: expected `function`, found the end of the text"),
    ("function", "1:9: expected the name of the program, found the end of the text"),
    ("function f kind tc {}", "1:17: expected `xdp` or `phys_dev`, found `tc`"),
    (
        "function f kind xdp {",
        "1:22: expected a map, a value, `action` or `redirect` (once), `event`, `edit`, a part of the extent or `}`, found the end of the text",
    ),
    ("function f kind xdp {} }", "1:24: expected the end of the text, found `}`"),
    ("function \"f kind xdp {}", "1:10: string without closing quote"),
    ("function \"f\nkind\" xdp {}", "1:10: string without closing quote"),
    ("function \"\\", "1:10: string without closing quote"),
    ("function \"\\q\" kind xdp {}", "1:10: bad escape in string"),
    ("function \"\\u{d800}\" kind xdp {}", "1:10: bad escape in string"),
    ("function \"\\u{41\" kind xdp {}", "1:10: bad escape in string"),
    ("function é", "1:10: unexpected character 'é'"),
    ("function f kind xdp {\n ; é\n é\n}", "3:2: unexpected character 'é'"),
    (
        "function f kind xdp {\n \"é\" . }",
        "2:2: expected a map, a value, `action` or `redirect` (once), `event`, `edit`, a part of the extent or `}`, found a string",
    ),
];

/// A line inside a function, and where (in that line) and how it is rejected.
const REJECTED_LINES: &[(&str, &str)] = &[
    ("v1:8 = const 1", "1: expected `v0`, found `v1`"),
    ("v0 = const 1", "6: expected `store` (all others have a width), found `const`"),
    ("v0:256 = const 1", "4: expected a width, found `256`"),
    ("v0:8 = const 18446744073709551616", "14: expected a number below 2^64, found `18446744073709551616`"),
    ("v0:8 = const 0x", "14: expected a number below 2^64, found `0x`"),
    ("v0:8 = const -1", "14: expected a number below 2^64, found `-`"),
    ("v0:8 = const 1 @4294967296", "17: expected an instruction number, found `4294967296`"),
    ("v0:8 = fly v1", "8: unknown operation `fly`"),
    ("v0:8 = packet 65536", "15: expected an offset below 65536, found `65536`"),
    ("v0:8 = add v1 v2", "15: expected `,`, found `v2`"),
    ("v0:8 = add v1, 2", "16: expected a value, found `2`"),
    ("v0:8 = not v4294967296", "12: expected a value, found `v4294967296`"),
    ("v0:8 = concat", "1: expected a value, found `}`"),
    ("v0:8 = extract v1 [8..15]", "23: expected `16`, found `15`"),
    ("v0:8 = extract v1 [8:16]", "21: expected `..`, found `:`"),
    ("v0:8 = packet_at v1 of {1}", "21: expected `+`, found `of`"),
    ("v0:8 = packet_at v1 + 2147483648 of {1}", "23: expected a number of 32 bits with sign, found `2147483648`"),
    ("v0:8 = packet_at v1 - 2147483649 of {1}", "23: expected a number of 32 bits with sign, found `2147483649`"),
    ("v0:8 = packet_at v1 + 0 of {1, }", "32: expected an offset that fits, found `}`"),
    ("v0:8 = packet_at v1 + 0 of {1 2}", "31: expected `,`, found `2`"),
    ("v0:8 = packet_at v1 + 0 of {65536}", "29: expected an offset that fits, found `65536`"),
    ("v0:8 = load m[v1] + 0", "13: expected a map, found `m`"),
    ("v0 = store map0[v1] + 0 = v2", "1: expected `when`, found `}`"),
    ("map1 = array \"a\" key 4 value 4 entries 1", "1: expected `map0`, found `map1`"),
    ("map0 = heap \"a\" key 4 value 4 entries 1", "8: expected a kind of map, found `heap`"),
    ("map0 = array a key 4 value 4 entries 1", "14: expected a string, found `a`"),
    ("map0 = array \"a\" key 4 value 4 entries 4294967296", "40: expected a number of entries, found `4294967296`"),
    ("map0 = array \"a\" key 4 value 4 entries 1 initial 012", "50: expected bytes in hexadecimal, found `012`"),
    ("map0 = array \"a\" key 4 value 4 entries 1 initial 0g", "50: expected bytes in hexadecimal, found `0g`"),
    (
        "action v0 action v1",
        "11: expected a map, a value, `action` or `redirect` (once), `event`, `edit`, a part of the extent or `}`, found `action`",
    ),
    ("edit 2147483648 when v0 = v1", "6: expected a number of 32 bits with sign, found `2147483648`"),
    ("head v0 + 4 of 4", "16: expected `{`, found `4`"),
];

#[test]
fn errors_say_where_and_what() {
    for (text, message) in REJECTED {
        assert_eq!(parse(text).expect_err(text).to_string(), *message, "{text}");
    }
    for (line, message) in REJECTED_LINES {
        let error = parse(&format!("function f kind xdp {{\n{line}\n}}\n")).expect_err(line);
        assert_eq!(format!("{}: {}", error.column, error.message), *message, "{line}");
        assert!(error.line == 2 || error.column == 1, "{line}: {error}");
    }
}
