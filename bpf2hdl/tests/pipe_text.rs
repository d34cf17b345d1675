// SPDX-License-Identifier: Apache-2.0
//! The text format of pipelines: golden files and rejected texts.
//!
//! Each `goldens/pipe/*.pipe` is parsed, checked and printed, and has to come out as it went in; comment lines at its head
//! are kept. `BPF2HDL_UPDATE_GOLDENS=1` rewrites the files instead.

mod pipe_support;

use bpf2hdl::pipe::{Bits, NodeId, Piece, Source, check, parse};
use pipe_support::{goldens, pipeline, replaced};

#[test]
fn goldens_are_stable() {
    let files = goldens();
    assert!(files.len() >= 3, "golden files are missing");
    for path in files {
        let text = std::fs::read_to_string(&path).expect("readable");
        let pipeline = parse(&text).unwrap_or_else(|e| panic!("{}:{e}", path.display()));
        check(&pipeline).unwrap_or_else(|e| panic!("{}: {e:?}", path.display()));
        let head: String = text.split_inclusive('\n').take_while(|line| line.starts_with(';')).collect();
        let printed = format!("{head}{pipeline}");
        if std::env::var_os("BPF2HDL_UPDATE_GOLDENS").is_some() {
            std::fs::write(&path, printed).expect("writable");
        } else {
            assert_eq!(printed, text, "{}", path.display());
        }
    }
}

const SMALL: &str = "pipeline p kind xdp window 0 token_min 0 stages 1 {\n  action 0x2:3\n}\n";

#[test]
fn form_is_free_and_comments_are_skipped() {
    let text = "; head\npipeline p kind xdp window 0 token_min 0x0 stages 1{;two\n action{2:3}} ; end";
    assert_eq!(pipeline(text).to_string(), SMALL);
}

#[test]
fn loads_from_the_buffer_survive() {
    for add in ["+ 102", "- 7"] {
        let load =
            format!("  stage 0:\n    n0:64 = far_load 0x5:16, n1[0..8] {add} stride 8 phase 6 until 3 ready 0ps\n");
        let other = "    n1:16 = start ready 0ps\n  action";
        let text = SMALL.replace("stages 1", "stages 4").replace("  action", &format!("{load}{other}"));
        assert_eq!(pipeline(&text).to_string(), text);
    }
}

#[test]
fn any_name_survives() {
    let mut pipeline = pipeline(SMALL);
    for name in ["xdp_prog", "", "kind", "9", "a b", "\"\\\n\t\r\0'", "größe", "\u{10ffff}", "{", ";"] {
        name.clone_into(&mut pipeline.name);
        assert_eq!(parse(&pipeline.to_string()).as_ref(), Ok(&pipeline), "{name:?}");
    }
}

#[test]
fn bits_have_one_form() {
    let node = Source::Node(NodeId::new(7));
    let slice = |lo, width, inverted| Piece::Slice { source: node, lo, width, inverted };
    let repeat = |width, inverted| Piece::Repeat { source: node, bit: 5, width, inverted };
    for (bits, text) in [
        (Bits::default(), "{}"),
        (Bits::constant(5, 3), "0x5:3"),
        (Bits::constant(u64::MAX, 130), "{0xffffffffffffffff:64, 0x0:64, 0x0:2}"),
        (Bits::new([slice(4, 1, false)]), "n7[4]"),
        (Bits::new([slice(4, 12, true)]), "~n7[4..16]"),
        (Bits::new([repeat(24, false)]), "n7[5]*24"),
        (Bits::new([repeat(1, true)]), "~n7[5]*1"),
        (Bits::new([slice(0, 6, false), repeat(2, false)]), "{n7[0..6], n7[5]*2}"),
        (Bits::slice_of(Source::Packet, 96, 16).bytes_reversed(), "{pkt[104..112], pkt[96..104]}"),
    ] {
        assert_eq!(bits.to_string(), text);
        assert_eq!(pipeline(&replaced(SMALL, "0x2:3", text)).action, bits);
    }
}

#[test]
fn ill_formed_pipelines_survive_too() {
    let many = u32::MAX;
    for (action, body) in [
        ("n9[5..9]", String::new()),
        ("0xffff:3", String::new()),
        ("{}", format!("  stage {many}:\n    n0:{many} = sdiv {{}}, n0[0] until 0 @{many} ready {many}ps\n")),
        (
            "{}",
            "  stage 3:\n    n1:0 = packet_at {} - 2147483648 of {} ready 0ps\n".to_owned()
                + "  stage 4:\n    n0:0 = rom map9 {} + 2147483647 of {5, 5, 4294967295} ready 0ps\n",
        ),
        ("{}", format!("  stage 0:\n    n0:0 = read map7 port {} ready 0ps\n", u64::MAX)),
        (
            "{}",
            "  map0 = constants \"\" key 0 value 0 entries 0 initial ff in ram\n    read {} issue 0 data 9 after 7\n"
                .to_owned()
                + "    write {}\n      field 4294967295 = {} when {}\n    write {}\n    writes 4294967295 0\n    guard stage 4294967295 for 4294967295 key {}\n",
        ),
    ] {
        let text = format!(
            "pipeline p kind xdp window {many} token_min {many} stages 4294967296 {{\n{body}  action {action}\n}}\n"
        );
        let pipeline = pipeline(&text);
        assert_eq!(pipeline.to_string(), text);
        assert!(check(&pipeline).is_err(), "{text}");
    }
}

/// A text, and where and how it is rejected.
const REJECTED: &[(&str, &str)] = &[
    ("", "1:1: expected `pipeline`, found the end of the text"),
    ("pipeline \"p", "1:10: string without closing quote"),
    ("pipeline \"\\q\"", "1:10: bad escape in string"),
    ("pipeline é", "1:10: unexpected character 'é'"),
    ("pipeline p kind tc", "1:17: expected `xdp` or `phys_dev`, found `tc`"),
    ("pipeline p kind xdp window -", "1:28: expected a number of bytes, found `-`"),
];

/// What stands in place of the action, and where (column) and how it is rejected.
const REJECTED_LINES: &[(&str, &str)] = &[
    ("", "1: expected `stage` or `action`, found `}`"),
    ("action", "1: expected bits, found `}`"),
    ("action ~1:3", "9: expected `pkt` or a node, found `1`"),
    ("action 1", "1: expected `:`, found `}`"),
    ("action 1:65", "10: expected a width of 1 to 64, found `65`"),
    ("action 1:0", "10: expected a width of 1 to 64, found `0`"),
    ("action n0[3..3]", "14: expected the number of a later bit, at most 2^24, found `3`"),
    ("action n0[16777216]", "11: expected a bit number below 2^24, found `16777216`"),
    ("action n0[3]*0", "14: expected a number from 1, found `0`"),
    ("action n0[3..5]*2", "16: expected `edit`, a part of the extent or `}`, found `*`"),
    ("action {n0[3] n0[4]}", "15: expected `,`, found `n0`"),
    ("action {n0[3]*16777216, n0[4]}", "8: 16777217 bits are too many"),
    ("action 1:1 edit 2147483648", "17: expected a number of 32 bits with sign, found `2147483648`"),
    ("action 1:1 end length 0:1", "1: expected `+`, found `}`"),
    ("stage x", "7: expected a stage number, found `x`"),
    ("stage 0: n0:16 length", "16: expected `=`, found `length`"),
    ("stage 0: n0:16 = fly n1", "18: unknown operation `fly`"),
    ("stage 0: n0:16 = length ready 0", "31: expected a time such as `120ps`, found `0`"),
    ("stage 0: n0:16 = length ready 0ps n0:1", "35: n0 is there already"),
    ("stage 0: n1:16 = length ready 0ps action", "35: there is no n0 above"),
    ("stage 0: n0:16 = add n1[0] n1[0]", "28: expected `,`, found `n1`"),
    ("stage 0: n0:16 = packet_at n1[0] + 2147483648", "36: expected a number of 32 bits with sign, found `2147483648`"),
    ("stage 0: n0:16 = packet_at n1[0] + 1 of {65536}", "42: expected an offset that fits, found `65536`"),
    ("stage 0: n0:16 = rom m", "22: expected a map, found `m`"),
    ("map1 = array", "1: expected `map0`, found `map1`"),
    ("map0 = heap", "8: expected a kind of map, found `heap`"),
    ("map0 = array a", "14: expected a string, found `a`"),
    ("map0 = array \"a\" key 4 value 4 entries 1 initial 0g", "50: expected bytes in hexadecimal, found `0g`"),
    (
        "map0 = array \"a\" key 4 value 4 entries 1 in uram",
        "45: expected `none`, `registers`, `lutram` or `ram`, found `uram`",
    ),
    ("map0 = array \"a\" key 4 value 4 entries 1 in ram read 0:1 data", "58: expected `issue`, found `data`"),
    ("map0 = array \"a\" key 4 value 4 entries 1 in ram guard stage 1 key", "63: expected `for`, found `key`"),
];

#[test]
fn errors_say_where_and_what() {
    for (text, message) in REJECTED {
        assert_eq!(parse(text).expect_err(text).to_string(), *message, "{text}");
    }
    for (line, message) in REJECTED_LINES {
        let text = replaced(SMALL, "  action 0x2:3", line);
        let error = parse(&text).expect_err(line);
        assert_eq!(format!("{}: {}", error.column, error.message), *message, "{line}");
        assert!(error.line == 2 || error.column == 1, "{line}: {error}");
    }
    let none = parse(&replaced(SMALL, "stages 1", "stages 0")).expect_err("no stages");
    assert_eq!(none.to_string(), "1:49: expected a number of stages from 1, found `0`");
    let more = parse(&format!("{SMALL}}}")).expect_err("more text");
    assert_eq!(more.to_string(), "4:1: expected the end of the text, found `}`");
}
