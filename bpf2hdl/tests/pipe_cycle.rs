// SPDX-License-Identifier: Apache-2.0
//! The cycle model: it counts right where the schedule is right, wrong where the schedule has a hazard, and it waits as
//! long as a guard makes it wait.

mod pipe_support;

use bpf2hdl::ir::MapId;
use bpf2hdl::pipe::{CycleModel, Pipeline};
use pipe_support::{actions, counter, errors, golden, packet, pipeline, replaced, results, run, run_sequential};

/// Packets of one byte.
fn keys(keys: &[u8]) -> Vec<Vec<u8>> {
    keys.iter().map(|&key| vec![key]).collect()
}

fn fused() -> Pipeline {
    pipeline(&golden("fused_counter.pipe"))
}

fn guarded() -> Pipeline {
    pipeline(&golden("guarded_counter.pipe"))
}

#[test]
fn a_fused_counter_is_exact_at_full_rate() {
    let (passages, maps) = run(&fused(), &keys(&[7; 20]));
    assert_eq!(counter(&maps, 0, 7), 20);
    assert_eq!(actions(&passages), (0..20).map(|n| n % 8).collect::<Vec<u8>>());
    // Packet n is in stage 0 in clock n, in the last stage 3 in clock n + 3.
    assert!(passages.packets.iter().zip(0..).all(|(p, n)| (p.entered, p.left) == (n, n + 3)));
    assert_eq!(passages.clocks, 23);
}

#[test]
fn a_late_write_loses_counts() {
    let text = replaced(&golden("fused_counter.pipe"), "writes 2", "writes 3");
    let late = pipeline(&text);
    assert_eq!(
        errors(&late),
        ["map0: read port 0 delivers in stage 2, the writes are in stage 3, and there is no guard"]
    );
    // Two packets in a row see the same count.
    let (passages, maps) = run(&late, &keys(&[7; 20]));
    assert_eq!(counter(&maps, 0, 7), 10);
    assert_eq!(actions(&passages)[..6], [0, 0, 1, 1, 2, 2]);
    // Not if there is another packet between them, or if they come one by one.
    let (_, maps) = run(&late, &keys(&[7, 8, 7, 8, 7]));
    assert_eq!((counter(&maps, 0, 7), counter(&maps, 0, 8)), (3, 2));
    let (_, maps) = run_sequential(&late, &keys(&[7; 20]));
    assert_eq!(counter(&maps, 0, 7), 20);
}

#[test]
fn a_guard_makes_it_right_and_takes_its_time() {
    let (passages, maps) = run(&guarded(), &keys(&[7; 20]));
    assert_eq!(counter(&maps, 0, 7), 20);
    assert_eq!(actions(&passages), (0..20).map(|n| n % 8).collect::<Vec<u8>>());
    // Packet n enters the section (stage 1) in clock 1 + 2 n and is in the last stage, 5, four clocks later.
    assert!(passages.packets.iter().zip(0..).all(|(p, n)| (p.entered, p.left) == (n, 5 + 2 * n)));
    assert_eq!(passages.clocks, 5 + 2 * 19 + 1);
    let unguarded = replaced(&golden("guarded_counter.pipe"), "    guard stage 1 for 4 key pkt[0..8]\n", "");
    let (_, maps) = run(&pipeline(&unguarded), &keys(&[7; 20]));
    assert_eq!(counter(&maps, 0, 7), 10);
}

#[test]
fn other_keys_do_not_wait_but_do_not_overtake() {
    let different: Vec<u8> = (0..50).collect();
    let (passages, _) = run(&guarded(), &keys(&different));
    assert_eq!(passages.clocks, 50 + 5);
    let (passages, maps) = run(&guarded(), &keys(&[1, 2, 3, 4, 1, 2, 3, 4]));
    assert_eq!((passages.clocks, counter(&maps, 0, 4)), (8 + 5, 2));
    // The second waits for the first: into stage 1 in clocks 1, 3, 4, 5 and (key 3 again) 6.
    let (passages, maps) = run(&guarded(), &keys(&[1, 1, 3, 2, 3]));
    assert_eq!(passages.packets.iter().map(|p| p.left).collect::<Vec<_>>(), [5, 7, 8, 9, 10]);
    assert_eq!((counter(&maps, 0, 1), counter(&maps, 0, 3)), (2, 2));
}

#[test]
fn without_a_key_all_wait() {
    let keyless = replaced(&golden("guarded_counter.pipe"), "key pkt[0..8]", "key {}");
    let (passages, _) = run(&pipeline(&keyless), &keys(&[1, 2, 3]));
    assert_eq!(passages.packets.iter().map(|p| p.left).collect::<Vec<_>>(), [5, 7, 9]);
}

#[test]
fn packets_may_come_at_any_clock() {
    let p = guarded();
    let model = CycleModel::new(&p);
    let mut maps = model.initial_maps();
    let arrivals = [(3, packet(&[1])), (3, packet(&[1])), (1_000_000_000_000, packet(&[1])), (0, packet(&[2]))];
    let passages = model.run_at(arrivals, &mut maps);
    let far = 1_000_000_000_000;
    let clocks: Vec<_> = passages.packets.iter().map(|p| (p.entered, p.left)).collect();
    assert_eq!(clocks, [(3, 8), (4, 10), (far, far + 5), (far + 1, far + 6)]);
    assert_eq!(passages.clocks, far + 7);
    assert_eq!(model.run([], &mut maps).clocks, 0);
}

#[test]
fn a_short_guard_is_not_enough() {
    let short = replaced(&golden("guarded_counter.pipe"), "for 4", "for 1");
    let (_, maps) = run(&pipeline(&short), &keys(&[7; 20]));
    assert_eq!(counter(&maps, 0, 7), 10);
}

/// The writes come before the read data of a packet that is one clock older.
#[test]
fn a_read_after_a_younger_write_is_seen() {
    let early = replaced(&golden("guarded_counter.pipe"), "field 0 = n1[0..64]", "field 0 = {pkt[0..8], 0x0:56}");
    let early = replaced(&early, "writes 4", "writes 2");
    let early =
        replaced(&early, "    guard stage 1 for 4 key pkt[0..8]\n", "").replace("pkt[0..8] issue", "0x1:8 issue");
    let early = pipeline(&early.replace("write pkt[0..8]", "write 0x1:8"));
    let (passages, _) = run(&early, &keys(&[1, 2, 3, 4]));
    assert_eq!(actions(&passages), [1, 2, 3, 4]);
    let later = {
        let mut p = early;
        p.maps[0].writes[0].stage = 1;
        p
    };
    let (passages, _) = run(&later, &keys(&[1, 2, 3, 4]));
    assert_eq!(actions(&passages), [2, 3, 4, 4]);
}

/// A token that waits inside a section stays in it for longer than the guard knows.
#[test]
fn a_queue_inside_a_section_breaks_it() {
    let text = "pipeline p kind xdp window 2 token_min 0 stages 9 {
      map0 = array \"outer\" key 4 value 8 entries 2 in registers
        read pkt[0] issue 1 data 1 write pkt[0] field 0 = n1[0..64] when 1:1 writes 4 guard stage 1 for 4 key pkt[0]
      map1 = array \"inner\" key 4 value 8 entries 2 in registers
        read pkt[8] issue 2 data 2 write pkt[8] field 0 = n3[0..64] when 1:1 writes 8 guard stage 2 for 7 key pkt[8]
      stage 1: n0:64 = read map0 port 0 ready 0ps n1:64 = add n0[0..64], 1:64 ready 0ps
      stage 2: n2:64 = read map1 port 0 ready 0ps n3:64 = add n2[0..64], 1:64 ready 0ps
      action n0[0..3] }";
    let nested = pipeline(text);
    assert_eq!(errors(&nested), ["map1: the entrance, stage 2, is inside the section of map0"]);
    let packets = vec![vec![1, 1]; 6];
    let (_, maps) = run(&nested, &packets);
    assert_ne!(counter(&maps, 0, 1), 6);
    assert_eq!(counter(&maps, 1, 1), 6);
    // With one entrance for both it is right.
    let shared = replaced(text, "guard stage 2 for 7", "guard stage 1 for 8");
    let (passages, maps) = run(&pipeline(&shared), &packets);
    assert_eq!((counter(&maps, 0, 1), counter(&maps, 1, 1)), (6, 6));
    assert_eq!(passages.clocks, 1 + 5 * 7 + 7 + 1);
}

#[test]
fn registers_are_read_and_written_in_one_stage() {
    let text = "pipeline p kind xdp window 2 token_min 0 stages 2 {
      map0 = globals \".data\" key 4 value 4 entries 1 initial 05000000 in registers
        read 0:1 issue 1 data 1
        write 0:1 field 0 = n1[0..8] when 1:1 field 2 = pkt[0..8] when pkt[8]
        write 0:1 field 2 = 0x99:8 when pkt[9] field 3 = pkt[8..16] when 1:1
        writes 1
      stage 1: n0:32 = read map0 port 0 ready 0ps n1:8 = add n0[0..8], 1:8 ready 0ps
      action n0[0..3] }";
    let p = pipeline(text);
    assert_eq!(errors(&p), Vec::<String>::new());
    let (passages, maps) = run(&p, &[vec![0x11, 1], vec![0x22, 0]]);
    assert_eq!(actions(&passages), [5, 6]);
    assert_eq!(maps.contents(MapId::new(0)), [7, 0, 0x11, 0]);
    // Both ports write byte 2: the later port wins.
    let (_, maps) = run(&p, &[vec![0x33, 3]]);
    assert_eq!(maps.contents(MapId::new(0)), [6, 0, 0x99, 3]);
}

#[test]
fn multipliers_and_dividers_overlap() {
    let text = "pipeline p kind xdp window 5 token_min 0 stages 9 {
      stage 0: n0:32 = mul {pkt[0..8], 0:24}, 0x10001:32 until 3 ready 0ps
      stage 3: n1:32 = udiv n0[0..32], {pkt[8..16], 0:24} until 8 ready 0ps
        n2:32 = urem n0[0..32], {pkt[8..16], 0:24} until 7 ready 0ps
      action 2:3
      edit 0 when 1:1 = n1[0..8] edit 1 when 1:1 = n1[16..24] edit 2 when 1:1 = n2[0..8] edit 3 when 1:1 = n2[16..24]
      edit 4 when 1:1 = n1[24..32] }";
    let p = pipeline(text);
    assert_eq!(errors(&p), Vec::<String>::new());
    let packets = [vec![100, 7, 0, 0, 0], vec![99, 0, 0, 0], vec![8, 255, 1]];
    let (passages, _) = run(&p, &packets);
    let mut expected = Vec::new();
    for data in &packets {
        let (product, divisor) = (u32::from(data[0]) * 0x10001, u32::from(data[1]));
        let quotient = product.checked_div(divisor).unwrap_or(0);
        let rest = product.checked_rem(divisor).unwrap_or(product);
        let bytes = [quotient, quotient >> 16, rest, rest >> 16, quotient >> 24].map(|value| value as u8);
        // Edits past the end of the packet do nothing.
        expected.push((2, (0..data.len() as i32).zip(bytes).collect()));
    }
    assert_eq!(results(&passages), expected);
    assert_eq!(passages.packets[0].apply(&packets[0])[4], 0);
    assert_eq!(passages.clocks, 3 + 8);
}

#[test]
fn wide_entries_move_as_a_whole() {
    let text = "pipeline p kind xdp window 20 token_min 0 stages 3 {
      map0 = array \"wide\" key 4 value 20 entries 4 in ram
        read 2:2 issue 0 data 2 write 2:2
          field 0 = {n0[84..160], pkt[0..76]} when pkt[159] field 19 = 0xee:8 when 1:1 writes 2
      stage 2: n0:160 = read map0 port 0 ready 0ps
      action n0[152..155] }";
    let p = pipeline(text);
    assert_eq!(errors(&p), Vec::<String>::new());
    let data: Vec<u8> = (0x81..0x95).collect();
    let (passages, maps) = run(&p, &[data.clone(), data.clone()]);
    let mut entry = [0u8; 20];
    for _ in 0..2 {
        let bit = |bytes: &[u8], n: usize| bytes[n / 8] >> (n % 8) & 1;
        let bits: Vec<u8> = (84..160).map(|n| bit(&entry, n)).chain((0..76).map(|n| bit(&data, n))).collect();
        for (i, byte) in bits.chunks(8).enumerate() {
            entry[i] = byte.iter().rev().fold(0, |value, &bit| value << 1 | bit);
        }
        entry[19] = 0xee;
    }
    assert_eq!(maps.entry(MapId::new(0), 2), Some(&entry[..]));
    assert_eq!(actions(&passages), [0, 0xee & 7]);
}

#[test]
fn the_length_is_as_long_as_the_token_waits() {
    let text = "pipeline p kind xdp window 4 token_min 6 stages 1 {
      stage 0: n0:16 = length ready 0ps n1:16 = ifindex ready 0ps
      action n1[0..3] edit 0 when 1:1 = n0[0..8] edit 1 when 1:1 = n0[8..16] edit 2 when 1:1 = pkt[24..32] }";
    let packets = [vec![9; 3], vec![9; 6], vec![9; 300]];
    let lengths = |text: &str| -> Vec<u16> {
        let (passages, _) = run(&pipeline(text), &packets);
        passages.packets.iter().map(|p| u16::from(p.edits[0].1) | u16::from(p.edits[1].1) << 8).collect()
    };
    assert_eq!(lengths(text), [3, 6, 6]);
    assert_eq!(lengths(&replaced(text, "token_min 6", "token_min 2")), [3, 4, 4]);
    assert_eq!(lengths(&replaced(text, "token_min 6", "token_min 6 full_length")), [3, 6, 300]);
    let (passages, _) = run(&pipeline(text), &packets);
    assert_eq!(actions(&passages), [1, 1, 1]);
    // The window is zero past the end of the packet.
    assert_eq!(passages.packets[0].edits[2], (2, 0));
}

#[test]
fn values_can_be_looked_at() {
    let p = fused();
    let model = CycleModel::new(&p);
    let mut maps = model.initial_maps();
    assert_eq!(model.node_values(&packet(&[9]), &mut maps), [0, 1]);
    assert_eq!(model.node_values(&packet(&[9]), &mut maps), [1, 2]);
    assert_eq!(counter(&maps, 0, 9), 2);
}
