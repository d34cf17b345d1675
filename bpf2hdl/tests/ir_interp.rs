// SPDX-License-Identifier: Apache-2.0
//! The interpreter on small programs: packets, maps, speculation, outputs.

use bpf2hdl::ir::{Function, Interpreter, MapId, MapState, Outcome, PacketInput, check, parse};
use bpf2hdl_interface::Arrival;

fn function(body: &str) -> Function {
    let function = parse(&format!("function f kind xdp {{ {body} }}")).unwrap_or_else(|e| panic!("{body}: {e}"));
    check(&function).unwrap_or_else(|e| panic!("{body}: {e:?}"));
    function
}

fn packet(data: &[u8]) -> PacketInput<'_> {
    let arrival = Arrival { time_ns: 0x1122_3344_5566_7788, random: 0x99aa_bbcc };
    PacketInput { ingress_ifindex: 0x0007_0001, rx_queue_index: 0xffff_0003, arrival, ..PacketInput::new(data) }
}

/// One packet through a function with fresh maps.
fn run(body: &str, data: &[u8]) -> (Outcome, MapState) {
    let function = function(body);
    let mut maps = MapState::new(&function);
    let outcome = Interpreter::new(&function).run(&packet(data), &mut maps);
    (outcome, maps)
}

const ACTION: &str = "v0:3 = const 2 action v0";

#[test]
fn inputs_have_their_widths() {
    let inputs = "v1:16 = length v2:16 = ifindex v3:16 = rxqueue v4:64 = time v5:32 = random";
    let (outcome, _) = run(&format!("{ACTION} {inputs}"), &[0; 60]);
    assert_eq!(outcome.values, [2, 60, 1, 3, 0x1122_3344_5566_7788, 0x99aa_bbcc]);
    assert_eq!(outcome.action, 2);
}

#[test]
fn packet_loads_are_little_endian_and_zero_past_the_end() {
    let body =
        format!("{ACTION} v1:32 = packet 1 v2:32 = packet 2 v3:64 = packet 4 v4:8 = packet 5 v5:64 = packet 65535");
    let (outcome, _) = run(&body, &[1, 2, 3, 4, 5]);
    assert_eq!(outcome.values[1..], [0x0504_0302, 0x0005_0403, 5, 0, 0]);
}

#[test]
fn computed_offsets_read_listed_places_only() {
    let body = format!(
        "{ACTION} v1:8 = packet 0
         v2:16 = packet_at v1 + 2 of {{3, 5, 65535}}
         v3:16 = packet_at v1 - 2 of {{0, 1}}
         v4:64 = const 0xffffffffffffffff
         v5:16 = packet_at v4 + 2 of {{1}}"
    );
    let at = |first| run(&body, &[first, 1, 2, 3, 4, 5]).0.values[2..].to_vec();
    assert_eq!(at(1), [0x0403, 0, u64::MAX, 0]);
    assert_eq!(at(2), [0, 0x0102, u64::MAX, 0]);
    assert_eq!(at(3), [0x0005, 0x0201, u64::MAX, 0]);
    assert_eq!(at(0), [0, 0, u64::MAX, 0]);
}

#[test]
fn rom_reads_initial_contents() {
    let map = "map0 = constants \".rodata\" key 4 value 4 entries 1 initial 10203040";
    let body = format!("{map} {ACTION} v1:8 = packet 0 v2:16 = rom map0 v1 + 1 of {{1, 2}} v3:8 = load map0[v1] + 3");
    assert_eq!(run(&body, &[0]).0.values[2..], [0x3020, 0x40]);
    assert_eq!(run(&body, &[1]).0.values[2..], [0x4030, 0]);
    assert_eq!(run(&body, &[2]).0.values[2..], [0, 0]);
    let zeros = body.replace(" initial 10203040", "");
    assert_eq!(run(&zeros, &[0]).0.values[2..], [0, 0]);
}

#[test]
fn globals_start_with_their_initial_contents() {
    let (outcome, maps) = run(
        &format!(
            "map0 = globals \".data\" key 4 value 4 entries 1 initial 01020304 {ACTION} v1:16 = load map0[v0] + 0 v2:3 = const 0 v3:16 = load map0[v2] + 1"
        ),
        &[],
    );
    assert_eq!(outcome.values, [2, 0, 0, 0x0302]);
    assert_eq!(maps.contents(MapId::new(0)), [1, 2, 3, 4]);
}

#[test]
fn loads_and_stores_take_effect_in_order() {
    let body = format!(
        "map0 = array \"a\" key 4 value 4 entries 2 {ACTION}
         v1:8 = packet 0
         v2:1 = extract v1 [0..1]
         v3:16 = load map0[v2] + 1
         v4:16 = const 0xbeef
         v5 = store map0[v2] + 1 = v4 when v2
         v6:16 = load map0[v2] + 1"
    );
    let (outcome, maps) = run(&body, &[1]);
    assert_eq!(outcome.values[3..], [0, 0xbeef, 0, 0xbeef]);
    assert_eq!(maps.contents(MapId::new(0)), [0, 0, 0, 0, 0, 0xef, 0xbe, 0]);
    let (outcome, maps) = run(&body, &[0]);
    assert_eq!(outcome.values[3..], [0, 0xbeef, 0, 0]);
    assert_eq!(maps.contents(MapId::new(0)), [0; 8]);
}

#[test]
fn maps_live_from_packet_to_packet() {
    let function = function(&format!(
        "map0 = percpu_array \"n\" key 4 value 8 entries 1 {ACTION}
         v1:1 = const 0 v2:1 = const 1 v3:64 = const 1
         v4:64 = load map0[v1] + 0 v5:64 = add v4, v3 v6 = store map0[v1] + 0 = v5 when v2"
    ));
    let mut maps = MapState::new(&function);
    let mut interpreter = Interpreter::new(&function);
    for count in 0..5 {
        assert_eq!(interpreter.run(&packet(&[]), &mut maps).values[4], count);
    }
    let map = MapId::new(0);
    assert_eq!(maps.entry(map, 0), Some(&[5, 0, 0, 0, 0, 0, 0, 0][..]));
    maps.entry_mut(map, 0).expect("exists").fill(0xff);
    assert_eq!(interpreter.run(&packet(&[]), &mut maps).values[4..], [u64::MAX, 0, 0]);
    assert_eq!((maps.entry(map, 1), maps.entry(map, u64::MAX)), (None, None));
    assert_eq!(maps.entry_mut(map, 1 << 61), None);
}

#[test]
fn entries_out_of_range_read_zero_and_keep_nothing() {
    let body = format!(
        "map0 = array \"a\" key 4 value 8 entries 1 {ACTION}
         v1:64 = const 0x2000000000000000 v2:1 = const 1 v3 = store map0[v1] + 0 = v1 when v2 v4:64 = load map0[v1] + 0"
    );
    let (outcome, maps) = run(&body, &[]);
    assert_eq!(outcome.values[4], 0);
    assert_eq!(maps.contents(MapId::new(0)), [0; 8]);
}

#[test]
fn edits_apply_where_wanted_and_inside_the_packet() {
    let body = "v0:8 = packet 0 v1:1 = extract v0 [0..1] v2:1 = not v1 v3:3 = const 3 v4:8 = not v0 action v3
                edit 0 when v1 = v4 edit 1 when v2 = v4 edit 3 when v1 = v0 edit 9 when v1 = v4";
    let (outcome, _) = run(body, &[1, 2, 3, 4]);
    assert_eq!(outcome.edits, [(0, 0xfe), (3, 1)]);
    assert_eq!(outcome.apply(&[1, 2, 3, 4]), [0xfe, 2, 3, 1]);
    assert_eq!(run(body, &[1, 2, 3]).0.edits, [(0, 0xfe)]);
    assert_eq!(run(body, &[2, 2, 3]).0.edits, [(1, 0xfd)]);
    assert_eq!(run(body, &[]).0.edits, []);
}
