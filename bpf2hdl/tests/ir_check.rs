// SPDX-License-Identifier: Apache-2.0
//! The checker: one text per invariant, with what it says of it.

use bpf2hdl::ir::{Def, Function, Op, ProgramKind, check, parse};

/// Operations and maps that the violations below build on; all are well-formed.
const BASE: &str = "
  map0 = array \"a\" key 4 value 8 entries 4
  map1 = constants \".rodata\" key 4 value 4 entries 1 initial 01020304
  v0:16 = length
  v1:8 = packet 0
  v2:1 = extract v1 [0..1]
  v3:3 = extract v1 [0..3]
  v4 = store map0[v1] + 0 = v0 when v2
";

const ACTION: &str = "action v3";

/// A violation (operations are numbered from v5), and everything that is reported.
const VIOLATIONS: &[(&str, &[&str])] = &[
    // Order.
    ("v5:16 = not v5", &["v5: v5 is used before it is defined"]),
    (
        "v5:16 = add v6, v7 v6:16 = not v0",
        &["v5: v6 is used before it is defined", "v5: v7 is used before it is defined"],
    ),
    ("v5:8 = not v4", &["v5: v4 is a store and has no result"]),
    // Widths.
    ("v5:0 = const 0", &["v5: width 0 is not 1 to 64 bits"]),
    ("v5:65 = const 0", &["v5: width 65 is not 1 to 64 bits"]),
    ("v5:8 = store map0[v1] + 0 = v0 when v2", &["v5: store with a result of 8 bits"]),
    ("v5:4 = const 0x10", &["v5: constant 0x10 does not fit in 4 bits"]),
    ("v5:32 = ifindex", &["v5: input of 32 bits instead of 16"]),
    ("v5:8 = not v0", &["v5: operand v0 has 16 bits instead of 8"]),
    ("v5:1 = bswap v2", &["v5: 1 bits are not whole bytes"]),
    ("v5:8 = bswap v0", &["v5: operand v0 has 16 bits instead of 8"]),
    ("v5:16 = add v0, v1", &["v5: operand v1 has 8 bits instead of 16"]),
    ("v5:16 = add v1, v0", &["v5: operand v1 has 8 bits instead of 16"]),
    ("v5:8 = eq v1, v1", &["v5: comparison with a result of 8 bits"]),
    ("v5:1 = eq v1, v0", &["v5: operand v0 has 16 bits instead of 8"]),
    ("v5:1 = eq v9, v8", &["v5: v9 is used before it is defined", "v5: v8 is used before it is defined"]),
    ("v5:16 = select v1, v0, v0", &["v5: condition v1 has 8 bits instead of 1"]),
    (
        "v5:16 = select v2, v1, v1",
        &["v5: alternative v1 has 8 bits instead of 16", "v5: alternative v1 has 8 bits instead of 16"],
    ),
    ("v5:8 = extract v1 [1..9]", &["v5: bits 1..9 of v1, which has 8"]),
    ("v5:16 = concat v1, v2", &["v5: parts of 9 bits in a result of 16"]),
    ("v5:8 = sext v1", &["v5: sign extension from 8 to 8 bits"]),
    ("v5:7 = packet 0", &["v5: 7 bits are not whole bytes"]),
    ("v5:7 = packet_at v0 + 0 of {1}", &["v5: 7 bits are not whole bytes"]),
    ("v5:12 = rom map1 v0 + 0 of {1}", &["v5: 12 bits are not whole bytes"]),
    ("v5:12 = load map0[v0] + 0", &["v5: 12 bits are not whole bytes"]),
    ("v5 = store map0[v1] + 0 = v3 when v2", &["v5: 3 bits are not whole bytes"]),
    ("v5 = store map0[v1] + 0 = v0 when v3", &["v5: predicate v3 has 3 bits instead of 1"]),
    // Places.
    ("v5:8 = packet_at v0 + 0 of {}", &["v5: computed offset without a place"]),
    ("v5:8 = packet_at v0 + 0 of {1, 1}", &["v5: places are not ascending"]),
    ("v5:8 = packet_at v0 + 0 of {2, 1}", &["v5: places are not ascending"]),
    ("v5:16 = rom map1 v0 + 0 of {2, 3}", &["v5: bytes 3..5 of map1, whose value has 4"]),
    ("v5:16 = load map0[v0] + 7", &["v5: bytes 7..9 of map0, whose value has 8"]),
    ("v5:64 = load map0[v0] + 4294967295", &["v5: bytes 4294967295..4294967303 of map0, whose value has 8"]),
    ("v5 = store map0[v1] + 7 = v0 when v2", &["v5: bytes 7..9 of map0, whose value has 8"]),
    // Maps.
    ("v5:8 = load map2[v0] + 0", &["v5: map2 does not exist"]),
    ("v5 = store map2[v0] + 0 = v1 when v2", &["v5: map2 does not exist"]),
    ("v5:8 = rom map2 v0 + 0 of {0}", &["v5: map2 does not exist"]),
    ("map2 = array \"a\" key 4 value 0 entries 1", &["map2: value of no bytes"]),
    ("map2 = array \"a\" key 4 value 1 entries 0", &["map2: no entries"]),
    ("map2 = array \"a\" key 4 value 65536 entries 65536", &["map2: contents of 4294967296 bytes, 4 GiB or more"]),
    (
        "map2 = globals \".data\" key 4 value 4 entries 1 initial 00",
        &["map2: 1 bytes of initial contents for a value of 4 bytes"],
    ),
    ("map2 = globals \".bss\" key 4 value 4 entries 2", &["map2: globals with 2 entries instead of one"]),
    ("map2 = constants \".rodata\" key 4 value 4 entries 2", &["map2: constants with 2 entries instead of one"]),
    ("map2 = hash \"h\" key 65 value 4 entries 4", &["map2: key of 65 bytes"]),
    ("map2 = hash \"h\" key 4 value 4 entries 2000000", &["map2: 2000000 entries"]),
    (
        "map2 = hash \"h\" key 4 value 4 entries 4 v5:5 = directory map2 [v0] when v2 insert v2 remove v2",
        &["v5: key of 16 bits instead of 32"],
    ),
    (
        "map2 = hash \"h\" key 4 value 4 entries 4 v5:6 = directory map2 [v0, v0] when v1 insert v2 remove v2",
        &["v5: result of 6 bits instead of 5", "v5: predicate v1 has 8 bits instead of 1"],
    ),
    ("map2 = lpm_trie \"t\" key 4 value 4 entries 4", &["map2: key of 4 bytes"]),
    ("map2 = lpm_trie \"t\" key 8 value 4 entries 524288", &["map2: 524288 entries"]),
    (
        "map2 = lpm_trie \"t\" key 6 value 4 entries 4 v5:4 = directory map2 [v0, v0, v0] when v2 insert v2 remove v2",
        &["v5: a step that changes map2, whose keys are fixed"],
    ),
    ("v5 = store map1[v1] + 0 = v0 when v2", &["v5: store to map1, which is constant"]),
    ("v5:8 = rom map0 v0 + 0 of {0}", &["v4: store to map0, which is constant"]),
    // Outputs.
    ("edit 1 when v1 = v1", &["predicate of edit 1 v1 has 8 bits instead of 1"]),
    ("edit 1 when v2 = v0", &["data of edit 1 v0 has 16 bits instead of 8"]),
    ("edit 1 when v2 = v99", &["v99 is used before it is defined"]),
    ("edit 1 when v2 = v1 edit 1 when v2 = v1", &["edits are not ascending by offset"]),
    ("edit 2 when v2 = v1 edit 1 when v2 = v1", &["edits are not ascending by offset"]),
    ("edit 65536 when v2 = v1", &["an edit behind byte 65535"]),
    // Extent.
    ("head v99 + 0 of {1}", &["v99 is used before it is defined"]),
    ("v5:17 = const 1 end v5 + 0", &["v5, part of the extent, has 17 bits"]),
    ("head v2 + 0 of {}", &["places of the head are not ascending"]),
    ("head v2 + 4 of {4, 4}", &["places of the head are not ascending"]),
    ("head v2 + 4 of {4, 32768}", &["the head can be outside -216..32768"]),
    ("head v2 - 2 of {-2, -1} edit 0 when v2 = v1", &["no edit of byte 1, which lies before the frame as received"]),
    ("end length v0 + 65537", &["65537 in the extent is more than 65536"]),
    ("kept length v0 - 65537", &["-65537 in the extent is more than 65536"]),
    ("head v2 + 8 of {8} metadata v2 + 5 of {5}", &["metadata that is no multiple of 4 up to 252 bytes"]),
    ("head v2 + 9 of {9} edit -1 when v2 = v1", &["an edit before byte 0"]),
    ("metadata v2 + 4 of {4} edit -4 when v2 = v1", &["no edit of byte -3, which lies before the frame as received"]),
];

fn errors_of(body: &str) -> Vec<String> {
    let function = parse(&format!("function f kind xdp {{ {BASE} {body} }}")).unwrap_or_else(|e| panic!("{body}: {e}"));
    let errors = check(&function).err().unwrap_or_default();
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn base_is_well_formed() {
    assert_eq!(errors_of(ACTION), Vec::<String>::new());
}

#[test]
fn each_violation_is_reported() {
    for (body, expected) in VIOLATIONS {
        assert_eq!(errors_of(&format!("{body} {ACTION}")), *expected, "{body}");
    }
}

#[test]
fn the_action_is_checked() {
    assert_eq!(errors_of(""), ["no action"]);
    assert_eq!(errors_of("action v1"), ["action v1 has 8 bits instead of 3"]);
    assert_eq!(
        errors_of("action v3 redirect v3 to v0"),
        ["kind of target v3 has 3 bits instead of 2", "number of target v0 has 16 bits instead of 32"]
    );
    assert_eq!(
        errors_of("action v3 event map0 when v0 keep v1 data [v0] length v1"),
        [
            "event to map0, which is no channel",
            "predicate of an event v0 has 16 bits instead of 1",
            "predicate of a record v1 has 8 bits instead of 1",
            "length of an event v1 has 8 bits instead of 16",
        ]
    );
    assert_eq!(errors_of("action v4"), ["v4 is a store and has no result"]);
    assert_eq!(errors_of("action v5"), ["v5 is used before it is defined"]);
}

#[test]
fn an_empty_concatenation_is_reported() {
    let mut function = Function::new("f", ProgramKind::Xdp);
    function.defs.push(Def { op: Op::Concat(Vec::new()), width: 8, insn: None });
    let errors: Vec<String> = check(&function).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(errors, ["v0: concatenation of nothing", "v0: parts of 0 bits in a result of 8", "no action"]);
}
