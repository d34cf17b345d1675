// SPDX-License-Identifier: Apache-2.0
//! The checker of pipelines: one text per invariant, with what it says of it.

mod pipe_support;

use bpf2hdl::ir::{Binary, Compare};
use bpf2hdl::pipe::{Bits, NodeKind, Pipeline};
use pipe_support::{errors, golden, pipeline, replaced};

/// A well-formed pipeline; the violations replace one line of it each.
const BASE: &str = "pipeline p kind xdp window 20 token_min 0 stages 6 {
  map0 = array \"a\" key 4 value 8 entries 256 in ram
    read n1[0..8] issue 2 data 4
    write n1[0..8]
      field 0 = n2[0..32] when n3[0]
      field 4 = n2[32..64] when n3[0]
    writes 5
    guard stage 2 for 4 key n1[0..8]
  map1 = constants \".rodata\" key 4 value 4 entries 1 initial 01020304 in none
  map2 = array \"b\" key 4 value 2 entries 3 in registers
    read n1[0..2] issue 1 data 1
    write n1[2..4]
      field 0 = pkt[0..16] when n3[0]
    writes 1
  stage 0:
    n0:16 = length ready 0ps
    n1:16 = packet_at n0[0..4] + 1 of {2, 18} ready 0ps
    n3:1 = ult n0[0..16], 0x10:16 ready 0ps
    n4:32 = mul {n1[0..16], 0x0:16}, 0x11:32 until 1 ready 0ps
  stage 1:
    n5:8 = rom map1 n4[0..8] + 0 of {0, 3} ready 0ps
    n6:16 = read map2 port 0 ready 0ps
    n7:8 = select n3[0], n5[0..8], n6[0..8] ready 0ps
  stage 4:
    n2:64 = read map0 port 0 ready 0ps
  action n7[0..3]
  edit 7 when n3[0] = n7[0..8]
  edit 90 when n6[0] = n2[0..8]
}
";

/// What is replaced, by what, and everything that is reported.
const VIOLATIONS: &[(&str, &str, &[&str])] = &[
    // Sizes.
    ("stages 6", "stages 65537", &["65537 stages"]),
    ("window 20", "window 65536", &["window of 65536 bytes"]),
    // Time.
    ("stages 6", "stages 5", &["map0: writes in stage 5, after the last one, 4"]),
    (
        "0x11:32 until 1",
        "0x11:32 until 7",
        &[
            "n4: result in stage 7, after the last one, 5",
            "n5: base: n4 is used in stage 1 and there in stage 7",
            "map0: n4 is under way at the entrance, stage 2",
        ],
    ),
    ("0x10:16 ready", "0x10:16 until 1 ready", &["n3: operands used in stage 0, result there in stage 1"]),
    (
        "stage 1:\n    n5",
        "stage 0:\n    n5:8 = rom map1 n4[0..8] + 0 of {0, 3} ready 0ps\n  stage 1:\n    n8",
        &["n5: base: n4 is used in stage 0 and there in stage 1"],
    ),
    (
        "stage 0:\n    n0:16",
        "stage 1:\n    n0:16 = length ready 0ps\n  stage 0:\n    n8:16",
        &[
            "n0: input in stage 1 instead of 0",
            "n1: base: n0 is used in stage 0 and there in stage 1",
            "n3: left operand: n0 is used in stage 0 and there in stage 1",
        ],
    ),
    ("stage 4:", "stage 5:", &["n2: in stage 5, but its port delivers in stage 4"]),
    // Bits.
    ("0x11:32", "n9[0..32]", &["n4: right operand: n9 does not exist"]),
    (
        "0x11:32",
        "n6[0..32]",
        &[
            "n4: n6 is used before it is listed",
            "n4: right operand: bits 0..32 of n6, which has 16",
            "n4: right operand: n6 is used in stage 0 and there in stage 1",
        ],
    ),
    ("n4[0..8] + 0", "n4[25..33] + 0", &["n5: base: bits 25..33 of n4, which has 32"]),
    ("pkt[0..16]", "pkt[145..161]", &["map2: data of write port 0 field 0: bits 145..161 of pkt, which has 160"]),
    ("pkt[0..16]", "n1[16]*16", &["map2: data of write port 0 field 0: bits 16..17 of n1, which has 16"]),
    (
        "0x11:32",
        "0x11:4",
        &["n4: right operand: constant 0x11 does not fit in 4 bits", "n4: right operand has 4 bits instead of 32"],
    ),
    (
        "0x11:32",
        "n4[0..32]",
        &["n4: n4 is used before it is listed", "n4: right operand: n4 is used in stage 0 and there in stage 1"],
    ),
    // Widths.
    ("n0:16 = length", "n0:17 = length", &["n0: input of 17 bits instead of 16"]),
    ("n3:1 = ult", "n3:2 = ult", &["n3: comparison with a result of 2 bits"]),
    ("n0[0..16], 0x10:16", "{}, {}", &["n3: comparison of 0 bits"]),
    ("0x10:16", "0x10:15", &["n3: right operand has 15 bits instead of 16"]),
    ("select n3[0]", "select n1[0..2]", &["n7: condition has 2 bits instead of 1"]),
    (
        "n3[0], n5[0..8], n6[0..8]",
        "n3[0], n5[0..7], n6[0..9]",
        &["n7: first alternative has 7 bits instead of 8", "n7: second alternative has 9 bits instead of 8"],
    ),
    ("n5:8 = rom", "n5:12 = rom", &["n5: 12 bits are not whole bytes"]),
    ("n0[0..4] + 1", "{} + 1", &["n1: base of 0 bits"]),
    ("n6:16 = read", "n6:24 = read", &["n6: read of 24 bits of an entry of 16"]),
    // Operations.
    ("{2, 18}", "{}", &["n1: computed offset without a place"]),
    ("{2, 18}", "{2, 2}", &["n1: places are not ascending"]),
    ("{2, 18}", "{2, 19}", &["n1: bytes 19..21 of the window, which has 20"]),
    ("{0, 3}", "{0, 4}", &["n5: bytes 4..5 of the value of map1, which has 4"]),
    ("rom map1", "rom map9", &["n5: map9 does not exist"]),
    ("rom map1", "rom map2", &["n5: bytes 3..4 of the value of map2, which has 2", "map2: is constant and written"]),
    ("read map2 port 0", "read map9 port 0", &["n6: map9 does not exist"]),
    ("read map2 port 0", "read map2 port 1", &["n6: map2 has no read port 1"]),
    // Outputs.
    ("action n7[0..3]", "action n7[0..4]", &["action has 4 bits instead of 3"]),
    (
        "action n7[0..3]",
        "action n7[0..3] redirect n7[0..3] to 0x1:31",
        &["kind of target has 3 bits instead of 2", "number of target has 31 bits instead of 32"],
    ),
    (
        "action n7[0..3]",
        "action n7[0..3] event map0 when n7[0..2] keep 0x0:1 data n7[0..7] length 0x0:8",
        &[
            "event to map0, which is no channel",
            "condition of an event has 2 bits instead of 1",
            "length of an event has 8 bits instead of 16",
            "event of 7 bits",
        ],
    ),
    (
        "when n3[0] = n7[0..8]",
        "when n7[0..2] = n7[0..7]",
        &["condition of edit 7 has 2 bits instead of 1", "data of edit 7 has 7 bits instead of 8"],
    ),
    ("edit 90", "edit 7", &["edits are not ascending by offset"]),
    ("edit 7", "edit -1", &["an edit before byte 0"]),
    // Maps.
    (
        "value 2 entries 3",
        "value 0 entries 3",
        &[
            "n6: read of 16 bits of an entry of 0",
            "map2: value of no bytes",
            "map2: write port 0 field 0: bytes 0..2 of a value of 0",
        ],
    ),
    (
        "entries 3",
        "entries 0",
        &[
            "map2: no entries",
            "map2: index of read port 0 has 2 bits instead of 1",
            "map2: index of write port 0 has 2 bits instead of 1",
        ],
    ),
    ("initial 01020304", "initial 010203", &["map1: 3 bytes of initial contents for a value of 4 bytes"]),
    ("value 4 entries 1", "value 4 entries 2", &["map1: constants with 2 entries instead of one"]),
    (
        "value 4 entries 1 initial 01020304",
        "value 65536 entries 65536",
        &["map1: contents of 4294967296 bytes, 4 GiB or more", "map1: constants with 65536 entries instead of one"],
    ),
    (
        "array \"b\" key 4 value 2 entries 3",
        "constants \"b\" key 4 value 2 entries 1",
        &[
            "map2: is constant and written",
            "map2: index of read port 0 has 2 bits instead of 1",
            "map2: index of write port 0 has 2 bits instead of 1",
        ],
    ),
    // Steps on a directory.
    (
        "array \"b\" key 4 value 2 entries 3 in registers",
        "hash \"b\" key 4 value 2 entries 3 in registers
           step pkt[0..16] when n3[0] insert 0x1:1 remove 0x0:1 issue 2 data 5",
        &["map2: key of step 0 has 16 bits instead of 32"],
    ),
    (
        "array \"b\" key 4 value 2 entries 3 in registers",
        "hash \"b\" key 4 value 2 entries 3 in registers
           step pkt[0..32] when n3[0] insert 0x1:1 remove 0x0:1 issue 2 data 5
           step pkt[0..32] when n3[0] insert 0x0:1 remove n3[0] issue 2 data 4",
        &[
            "map2: step 1 delivers in stage 4 what is asked for in stage 2",
            "map2: two steps change the directory in stage 2",
        ],
    ),
    (
        "array \"b\" key 4 value 2 entries 3 in registers",
        "hash \"b\" key 4 value 2 entries 3 in registers
           step pkt[0..32] when n3[0] insert 0x1:1 remove 0x0:1 issue 2 data 5
           step pkt[0..32] when n3[0] insert 0x0:1 remove 0x0:1 issue 1 data 4",
        &[
            "map0: step 1 of map2 is under way at the entrance, stage 2",
            "map2: steps in several stages without a guard",
        ],
    ),
    (
        "array \"b\" key 4 value 2 entries 3 in registers",
        "lpm_trie \"b\" key 6 value 2 entries 3 in registers
           step pkt[0..48] when n3[0] insert 0x1:1 remove 0x0:1 issue 2 data 10",
        &[
            "map2: step 0 changes a map whose keys are fixed",
            "map2: result of step 0 in stage 10, after the last one, 5",
        ],
    ),
    // Ports.
    ("in registers", "in none", &["map2: ports or a guard without storage"]),
    ("in none", "in ram", &["map1: RAM without a port"]),
    (
        "in none",
        "in none guard stage 1 for 1 key {}",
        &[
            "map1: ports or a guard without storage",
            "map1: guard on a map that is not changed",
            "map1: guard of stages 1..=1, the last access is in stage 0",
            "map1: n4 is under way at the entrance, stage 1",
        ],
    ),
    ("in registers", "in ram", &["map2: read port 0 delivers in stage 1 what is asked for in stage 1"]),
    ("issue 2 data 4", "issue 3 data 4", &["map0: read port 0 delivers in stage 4 what is asked for in stage 3"]),
    (
        "    writes 5",
        "    write n1[0..8] field 0 = n1[0..8] when n3[0] writes 5",
        &[
            "map0: RAM with two writes in one stage that are served in turn",
            "map0: a guard with a key, where ports serve tokens in turn",
        ],
    ),
    (
        "    writes 5",
        "    write n1[0..8] field 0 = n1[0..8] when n3[0] writes 5 4",
        &[
            "map0: write ports are not in the order of their stages",
            "map0: a guard with a key, where ports serve tokens in turn",
        ],
    ),
    (
        "issue 2 data 4",
        "issue 2 data 4 after 1",
        &["map0: write port 0 comes before read port 0, but writes in stage 5 and the read delivers in stage 4"],
    ),
    (
        "issue 1 data 1",
        "issue 1 data 1 after 2",
        &[
            "map2: read port 0 is after 2 of 1 write ports",
            "map2: write port 0 comes before read port 0, but writes in stage 1 and the read delivers in stage 1",
        ],
    ),
    (
        "    writes 5",
        "    writes 3",
        &[
            "map0: write port 0 comes after read port 0, but writes in stage 3 and the read delivers in stage 4",
            "map0: data of write port 0 field 0: n2 is used in stage 3 and there in stage 4",
            "map0: data of write port 0 field 1: n2 is used in stage 3 and there in stage 4",
            "map0: guard of stages 2..=5, the last access is in stage 4",
        ],
    ),
    ("read n1[0..2]", "read n1[0..3]", &["map2: index of read port 0 has 3 bits instead of 2"]),
    ("write n1[2..4]", "write n1[2]", &["map2: index of write port 0 has 1 bits instead of 2"]),
    ("write n1[2..4]", "write n1[2..4] write n1[0..2]", &["map2: write port 0 writes nothing"]),
    (
        "n2[0..32] when n3[0]",
        "n2[0..32] when n1[0..2]",
        &["map0: condition of write port 0 field 0 has 2 bits instead of 1"],
    ),
    ("n2[0..32] when", "{} when", &["map0: write port 0 field 0: 0 bits are not whole bytes"]),
    ("n2[0..32] when", "n2[0..31] when", &["map0: write port 0 field 0: 31 bits are not whole bytes"]),
    ("n2[32..64] when", "n2[0..64] when", &["map0: write port 0 field 1: bytes 4..12 of a value of 8"]),
    ("n2[0..32] when", "n2[0..40] when", &["map0: write port 0 field 1: bytes 4..8 are in two fields"]),
    // Hazards.
    (
        "guard stage 2 for 4 key n1[0..8]",
        "",
        &["map0: read port 0 delivers in stage 4, the writes are in stage 5, and there is no guard"],
    ),
    (
        "writes 1",
        "writes 2",
        &["map2: read port 0 delivers in stage 1, the writes are in stage 2, and there is no guard"],
    ),
    ("for 4 key n1[0..8]", "for 3 key {}", &["map0: guard of stages 2..=4, the last access is in stage 5"]),
    ("for 4 key n1[0..8]", "for 5 key {}", &["map0: guard of stages 2..=6, the last access is in stage 5"]),
    ("for 4 key n1[0..8]", "for 0 key {}", &["map0: guard of stages 2..=1, the last access is in stage 5"]),
    (
        "stage 2 for 4",
        "stage 3 for 3",
        &[
            "map0: guard from stage 3, read port 0 starts in stage 2",
            "map0: read port 0 of map0 is under way at the entrance, stage 3",
        ],
    ),
    (
        "stage 2 for 4",
        "stage 6 for 0",
        &[
            "map0: entrance of the guard in stage 6, after the last one, 5",
            "map0: guard from stage 6, the writes are in stage 5",
            "map0: guard from stage 6, read port 0 starts in stage 2",
        ],
    ),
    ("stage 2 for 4 key n1[0..8]", "stage 0 for 6 key {}", &["map0: guard at the entrance of stage 0"]),
    (
        "key n1[0..8]",
        "key n1[0..8] uses n2[0]",
        &["map0: uses of the guard: n2 is used in stage 1 and there in stage 4"],
    ),
    ("key n1[0..8]", "key n1[0..7]", &["map0: the key of the guard is not the index of every port"]),
    (
        "key n1[0..8]",
        "key n2[0..8]",
        &[
            "map0: key of the guard: n2 is used in stage 1 and there in stage 4",
            "map0: the key of the guard is not the index of every port",
        ],
    ),
    (
        "    writes 1",
        "    writes 3 guard stage 1 for 3 key {}",
        &[
            "map0: the entrance, stage 2, is inside the section of map2",
            "map2: n4 is under way at the entrance, stage 1",
        ],
    ),
];

#[test]
fn base_is_well_formed() {
    assert_eq!(errors(&pipeline(BASE)), Vec::<String>::new());
}

#[test]
fn each_violation_is_reported() {
    for (old, new, expected) in VIOLATIONS {
        let text = replaced(BASE, old, new);
        assert_eq!(errors(&pipeline(&text)), *expected, "{old} -> {new}");
    }
}

/// The errors after a change of the base.
fn errors_after(change: impl FnOnce(&mut Pipeline)) -> Vec<String> {
    let mut p = pipeline(BASE);
    change(&mut p);
    errors(&p)
}

#[test]
fn operations_that_do_not_occur_are_reported() {
    let (wide, narrow) = (Bits::constant(1, 32), Bits::constant(1, 16));
    for (op, name) in [(Binary::Sdiv, "sdiv"), (Binary::Srem, "srem")] {
        let kind = NodeKind::Binary(op, wide.clone(), wide.clone());
        let found = errors_after(|p| {
            p.nodes[4].kind = kind;
            p.nodes[4].stage = 0;
        });
        assert_eq!(found, [format!("n4: {name} does not occur")]);
    }
    for (op, name) in [(Compare::Ne, "ne"), (Compare::Ule, "ule"), (Compare::Sle, "sle")] {
        let kind = NodeKind::Compare(op, narrow.clone(), narrow.clone());
        assert_eq!(errors_after(|p| p.nodes[3].kind = kind), [format!("n3: {name} does not occur")]);
    }
}

#[test]
fn results_have_at_most_64_bits() {
    let found = errors_after(|p| {
        p.nodes[4].width = 65;
        p.nodes[4].kind = NodeKind::Binary(Binary::Mul, Bits::constant(1, 65), Bits::constant(1, 65));
    });
    assert_eq!(found, ["n4: width 65 is not 1 to 64 bits"]);
    let narrow = |p: &mut Pipeline| {
        p.nodes[4].width = 0;
        p.nodes[4].kind = NodeKind::Binary(Binary::Mul, Bits::default(), Bits::default());
    };
    assert_eq!(errors_after(narrow), ["n4: width 0 is not 1 to 64 bits", "n5: base: bits 0..8 of n4, which has 0",]);
}

#[test]
fn sections_may_share_an_entrance() {
    let text = golden("every_form.pipe");
    assert_eq!(errors(&pipeline(&text)), Vec::<String>::new());
    let moved = replaced(&text, "read n2[0] issue 2 data 2", "read n2[0] issue 3 data 3");
    let moved = replaced(&moved, "guard stage 2 for 2 key {}", "guard stage 3 for 1 key {}");
    let found = errors(&pipeline(&moved));
    assert!(found.contains(&"map3: the entrance, stage 3, is inside the section of map0".to_owned()), "{found:?}");
}
