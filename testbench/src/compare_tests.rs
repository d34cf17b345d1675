// SPDX-License-Identifier: Apache-2.0
use super::*;
use crate::simulator::{Frames, ObservedVerdict};
use crate::{OracleSkip, PacketContext, Silent};

/// Says the same of every packet; skips packets that begin with 9.
struct Constant(OracleVerdict, MapContents);

impl Oracle for Constant {
    fn name(&self) -> &str {
        "constant"
    }

    fn run(&mut self, packet: &[u8], _context: &PacketContext) -> Result<OracleVerdict, OracleSkip> {
        if packet[0] == 9 { Err(OracleSkip::new("nine")) } else { Ok(self.0.clone()) }
    }

    fn maps(&mut self) -> Result<MapContents, Error> {
        Ok(self.1.clone())
    }

    fn load_maps(&mut self, _contents: &MapContents) -> Result<(), Error> {
        Ok(())
    }
}

fn observed(actions: &[u32], length: u32) -> Observed {
    let verdict = |action: &u32| ObservedVerdict {
        action: *action,
        length,
        target: None,
        is_empty: false,
        in_clock: 0,
        verdict_clock: 1,
    };
    Observed {
        verdicts: actions.iter().map(verdict).collect(),
        pass: Frames::default(),
        tx: Frames::default(),
        redirect: Frames::default(),
        events: Frames::default(),
        offer_clock: 0,
        input_stall_cycles: 0,
        beats: 0,
        violations: 0,
        violation_texts: Vec::new(),
    }
}

fn run(observed: &Observed) -> Run<'_> {
    static NOTHING: std::sync::LazyLock<MapContents> = std::sync::LazyLock::new(MapContents::default);
    Run { observed, events: &[], maps: &NOTHING }
}

fn check(actions: &[u32], first_bytes: &[u8], expected: Action) -> Comparison {
    let packets: PacketSet = first_bytes.iter().map(std::slice::from_ref).collect();
    let mut oracle = Constant(
        OracleVerdict { action: expected, data: vec![1], target: None, metadata: 0, events: Vec::new() },
        MapContents::default(),
    );
    compare(&run(&observed(actions, 1)), &packets, &[], &mut oracle, 2, &mut Silent).unwrap()
}

#[test]
fn verdicts_are_counted_and_explained() {
    let result = check(&[1, 0, 1, 2, 7], &[1; 5], Action::Drop);
    assert_eq!((result.compared, result.mismatches), (5, 3));
    assert_eq!(result.explained.len(), 2);
    assert_eq!(result.explained[0].to_string(), "packet 1: verdict aborted, expected drop");
    assert_eq!(result.explained[1].kind, MismatchKind::Verdict);
}

#[test]
fn skips_are_counted_and_maps_then_not_compared() {
    let result = check(&[1, 0, 1], &[1, 9, 9], Action::Drop);
    assert_eq!((result.compared, result.mismatches), (1, 0));
    assert_eq!(result.skipped, BTreeMap::from([("nine".to_owned(), 2)]));
    assert!(matches!(result.maps, MapsCompared::NotCompared(reason) if reason.contains("skipped 2 packets")));
}

#[test]
fn a_passed_packet_needs_the_right_length() {
    let packets: PacketSet = [&[1u8][..]].into_iter().collect();
    let mut oracle = Constant(
        OracleVerdict { action: Action::Pass, data: vec![1, 2], target: None, metadata: 0, events: Vec::new() },
        MapContents::default(),
    );
    let result = compare(&run(&observed(&[2], 1)), &packets, &[], &mut oracle, 2, &mut Silent).unwrap();
    assert_eq!(result.explained[0].to_string(), "packet 0: length 1 at the verdict, expected 2");
}

#[test]
fn a_redirect_needs_the_right_target() {
    let packets: PacketSet = [&[1u8][..]].into_iter().collect();
    let expected = RedirectTarget::from_wires(1, 7);
    let says =
        OracleVerdict { action: Action::Redirect, data: vec![1], target: expected, metadata: 0, events: Vec::new() };
    let mut oracle = Constant(says, MapContents::default());
    let mut check = |target| {
        let mut seen = observed(&[4], 1);
        seen.verdicts[0].target = target;
        compare(&run(&seen), &packets, &[], &mut oracle, 2, &mut Silent).unwrap().explained
    };
    assert_eq!(check(None)[0].to_string(), "packet 0: redirected to nowhere, expected port 7");
    let wrong = check(RedirectTarget::from_wires(2, 7)).remove(0);
    assert_eq!(wrong.kind, MismatchKind::Target);
    assert_eq!(wrong.to_string(), "packet 0: redirected to cpu 7, expected port 7");
    // No frame came out: it may have been lost, which the counters tell.
    assert_eq!(check(expected), []);
}

#[test]
fn bytes_are_pointed_at() {
    let (kind, message) = bytes_difference(&[1, 2, 3], &[1, 5, 4]).unwrap();
    assert_eq!(kind, MismatchKind::Bytes);
    assert_eq!(message, "byte 1 is 0x02, expected 0x05 (2 of 3 bytes differ)");
    assert_eq!(bytes_difference(&[1], &[1]), None);
}

#[test]
fn absent_array_entries_are_zero_and_others_are_not() {
    let shape = |name: &str, array| MapShape {
        name: name.to_owned(),
        key_size: 1,
        value_size: 2,
        max_entries: 4,
        per_cpu: false,
        array,
    };
    let contents = |entries: &[(u8, [u8; 2])]| {
        let entries: Entries = entries.iter().map(|(key, value)| (vec![*key], value.to_vec())).collect();
        MapContents { maps: BTreeMap::from([("m".to_owned(), entries)]) }
    };
    let (left, right) = (contents(&[(0, [0, 0]), (1, [1, 2])]), contents(&[(1, [1, 3])]));
    assert_eq!(map_differences(&left, &right, &[shape("m", true)]), ["map `m`, key [01]: [01 03], expected [01 02]"]);
    assert_eq!(map_differences(&left, &right, &[shape("m", false)])[0], "map `m`, key [00]: nothing, expected [00 00]");
    assert!(map_differences(&left, &right, &[shape("other", true)]).is_empty());
}

/// Passes every packet as it is.
struct AsItIs;

impl Oracle for AsItIs {
    fn name(&self) -> &str {
        "as it is"
    }

    fn run(&mut self, packet: &[u8], _context: &PacketContext) -> Result<OracleVerdict, OracleSkip> {
        Ok(OracleVerdict { action: Action::Pass, data: packet.to_vec(), target: None, metadata: 0, events: Vec::new() })
    }

    fn maps(&mut self) -> Result<MapContents, Error> {
        Ok(MapContents::default())
    }

    fn load_maps(&mut self, _contents: &MapContents) -> Result<(), Error> {
        Ok(())
    }
}

/// Compares frames that came out with packets `[0, 0]`, `[1, 1]`, ... that should have passed.
fn passed(packets: u8, frames: Frames) -> Comparison {
    let set: PacketSet =
        (0..packets).map(|number| [number; 2]).collect::<Vec<_>>().iter().map(<[u8; 2]>::as_slice).collect();
    let observed = Observed { pass: frames, ..observed(&vec![2; packets.into()], 2) };
    compare(&run(&observed), &set, &[], &mut AsItIs, 9, &mut Silent).unwrap()
}

#[test]
fn frames_of_an_output_with_losses_are_compared_in_order() {
    for (frames, wrong) in [
        (&[[0, 0], [1, 1], [2, 2], [3, 3]][..], false),
        (&[[1, 1], [3, 3]], false),
        (&[[0, 0]], false),
        (&[], false),
        (&[[3, 3], [1, 1]], true),
        (&[[1, 1], [1, 1]], true),
        (&[[1, 1], [3, 4]], true),
        (&[[5, 5]], true),
    ] {
        let slices: Vec<&[u8]> = frames.iter().map(<[u8; 2]>::as_slice).collect();
        let result = passed(4, Frames::of(&slices));
        assert_eq!(result.mismatches > 0, wrong, "{frames:?}: {:?}", result.explained);
    }
}

#[test]
fn what_is_said_beside_a_frame_is_compared() {
    let frames: Vec<[u8; 2]> = (0..2).map(|number| [number; 2]).collect();
    let slices: Vec<&[u8]> = frames.iter().map(<[u8; 2]>::as_slice).collect();
    assert_eq!(passed(2, Frames::of(&slices)).mismatches, 0);
    let mut elsewhere = PacketSet::new();
    elsewhere.push(&frames[0], PacketContext { ingress_ifindex: 7, ..PacketContext::default() });
    let observed = Observed { pass: Frames::of(&slices[..1]), ..observed(&[2], 2) };
    let result = compare(&run(&observed), &elsewhere, &[], &mut AsItIs, 9, &mut Silent).unwrap();
    assert_eq!(result.explained[0].kind, MismatchKind::Source, "{:?}", result.explained);
    // The reference changes a byte, the core does so, too, and does not say it.
    let packets: PacketSet = [&[1u8, 0][..]].into_iter().collect();
    let mut oracle = Constant(
        OracleVerdict { action: Action::Pass, data: vec![8, 0], target: None, metadata: 0, events: Vec::new() },
        MapContents::default(),
    );
    let observed = Observed { pass: Frames::of(&[&[8, 0]]), ..self::observed(&[2], 2) };
    let result = compare(&run(&observed), &packets, &[], &mut oracle, 9, &mut Silent).unwrap();
    assert!(result.explained[0].message.contains("not marked"), "{:?}", result.explained);
}
