// SPDX-License-Identifier: Apache-2.0
//! Copies of frames that were redirected to all ports of a devmap.
//!
//! What gets copies follows from the map's contents, which only the host writes. In which order they leave does not: the entries of
//! a hash map have none.
//!
//! Which frames are a packet's is found in order, by their targets and by what is known of them without a reference: length,
//! source, and the bytes if they are not marked as modified. So frames that were lost are told from those that came.

use crate::compare::{Mismatch, MismatchKind};
use crate::simulator::{Frames, Observed, ObservedVerdict};
use crate::{Action, Packet, PacketSet};
use bpf2hdl_interface::{MapContents, RedirectTarget};

/// Leaves one frame of `observed.redirect` for each packet, with the target of its verdict, if all its copies are there; returns the
/// frames as they left, and what is wrong with copies. `names` are those of the maps by number, `maps` the contents while the packets ran.
pub(crate) fn collapse(
    observed: &mut Observed,
    packets: &PacketSet,
    names: &[&str],
    maps: &MapContents,
) -> (Frames, Vec<Mismatch>) {
    let came = observed.redirect.clone();
    let has_groups = observed.verdicts.iter().any(|verdict| verdict.target.is_some_and(|t| t.group().is_some()));
    if !has_groups {
        return (came, Vec::new());
    }
    let (mut kept, mut next, mut wrong) = (Frames::default(), 0, Vec::new());
    let mut add = |packet: Option<u64>, message: String| {
        wrong.push(Mismatch { packet, kind: MismatchKind::Frames, message });
    };
    for (number, (packet, verdict)) in (0u64..).zip(packets.iter().zip(&mut observed.verdicts)) {
        let target = verdict.target.filter(|_| verdict.action == Action::Redirect.code());
        let Some(target) = target else { continue };
        let Some(group) = target.group() else {
            if came.target(next) == Some(target) && may_be(&came, next, &packet, verdict) {
                kept.push(&came, next, target);
                next += 1;
            }
            continue;
        };
        let entries = names.get(group.map as usize).and_then(|name| maps.maps.get(*name));
        let ports =
            group.ports(entries.into_iter().flat_map(|entries| entries.values()), packet.context.ingress_ifindex);
        verdict.is_empty = ports.is_empty();
        let copies = next..next + ports.len();
        // If the frame was lost, the next ones are another packet's.
        let is_next = || may_be(&came, next, &packet, verdict) && ports_of(&came, copies.clone()) == Some(ports);
        if verdict.is_empty || !is_next() {
            continue;
        }
        if copies.clone().any(|copy| !came.are_copies(copies.start, copy)) {
            add(Some(number), format!("the copies for {target} are not alike"));
        }
        kept.push(&came, next, target);
        next = copies.end;
    }
    if next < came.len() {
        let (count, target) = (came.len(), came.target(next));
        let to = target.map_or_else(|| "nowhere".to_owned(), |target| target.to_string());
        add(None, format!("redirect: frame {next} of {count}, to {to}, is none that the next packet leaves as"));
    }
    observed.redirect = kept;
    (came, wrong)
}

/// Whether a frame can be what a packet left as.
fn may_be(frames: &Frames, index: usize, packet: &Packet<'_>, verdict: &ObservedVerdict) -> bool {
    let came = (packet.context.ingress_ifindex, packet.context.rx_queue_index);
    let has_bytes = |data: &[u8]| {
        data.len() == verdict.length as usize && (frames.modified(index) == Some(true) || data == packet.data)
    };
    frames.source(index) == Some(came) && frames.get(index).is_some_and(has_bytes)
}

/// The ports to which these frames left, ascending; nothing if one is missing or went to something else.
fn ports_of(frames: &Frames, range: std::ops::Range<usize>) -> Option<Vec<u32>> {
    let port = |index| {
        let target: RedirectTarget = frames.target(index)?;
        (target.kind == bpf2hdl_interface::RedirectKind::Port).then_some(target.number)
    };
    let mut ports: Vec<u32> = range.map(port).collect::<Option<_>>()?;
    ports.sort_unstable();
    Some(ports)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bpf2hdl_interface::{Group, RedirectKind};

    const TO_ALL: RedirectTarget = RedirectTarget { kind: RedirectKind::Port, number: 0x8000_0000 };

    fn port(number: u32) -> RedirectTarget {
        RedirectTarget { kind: RedirectKind::Port, number }
    }

    /// Packets of these bytes with these targets, and the frames that left: bytes and port. The ports of the map are 2, 5 and 1,
    /// by which all packets came. Targets and number of the frames that are kept, and what is wrong.
    fn collapsed(
        packets: &[(u8, RedirectTarget)],
        left: &[(u8, u32)],
    ) -> (Vec<RedirectTarget>, Vec<bool>, Vec<String>) {
        let bytes: Vec<[u8; 1]> = packets.iter().map(|(byte, _)| [*byte]).collect();
        let set: PacketSet = bytes.iter().map(<[u8; 1]>::as_slice).collect();
        let frames: Vec<[u8; 1]> = left.iter().map(|(byte, _)| [*byte]).collect();
        let frames: Vec<&[u8]> = frames.iter().map(<[u8; 1]>::as_slice).collect();
        let (plain, mut redirect) = (Frames::of(&frames), Frames::default());
        for (index, (_, number)) in left.iter().enumerate() {
            redirect.push(&plain, index, port(*number));
        }
        let verdict = |(_, target): &(u8, RedirectTarget)| ObservedVerdict {
            action: Action::Redirect.code(),
            length: 1,
            target: Some(*target),
            is_empty: false,
            in_clock: 0,
            verdict_clock: 0,
        };
        let mut observed = Observed {
            verdicts: packets.iter().map(verdict).collect(),
            pass: Frames::default(),
            tx: Frames::default(),
            redirect,
            events: Frames::default(),
            offer_clock: 0,
            input_stall_cycles: 0,
            beats: 0,
            violations: 0,
            violation_texts: Vec::new(),
        };
        let entry = |key: u8, port: u32| (vec![key], port.to_le_bytes().to_vec());
        let full = [entry(0, 2), entry(1, 5), entry(7, 1)].into();
        let maps = MapContents { maps: [("doors".to_owned(), full), ("none".to_owned(), [].into())].into() };
        let (came, wrong) = collapse(&mut observed, &set, &["doors", "none"], &maps);
        assert_eq!(came.len(), left.len());
        let kept = (0..observed.redirect.len()).filter_map(|index| observed.redirect.target(index)).collect();
        let empty = observed.verdicts.iter().map(|verdict| verdict.is_empty).collect();
        (kept, empty, wrong.into_iter().map(|mismatch| mismatch.message).collect())
    }

    #[test]
    fn copies_become_one_frame_whatever_their_order() {
        let but_ingress = RedirectTarget::all_of(Group { map: 0, but_ingress: true });
        let empty = RedirectTarget::all_of(Group { map: 1, but_ingress: false });
        let packets = [(1, TO_ALL), (2, port(9)), (3, empty), (4, but_ingress)];
        let left = [(1, 5), (1, 2), (1, 1), (2, 9), (4, 2), (4, 5)];
        let expected = (vec![TO_ALL, port(9), but_ingress], vec![false, false, true, false], Vec::new());
        assert_eq!(collapsed(&packets, &left), expected);
    }

    #[test]
    fn lost_frames_are_told_from_those_that_came() {
        let packets = [(1, port(2)), (2, TO_ALL), (3, TO_ALL)];
        let (kept, _, wrong) = collapsed(&packets, &[(3, 2), (3, 5), (3, 1)]);
        assert_eq!((kept, wrong), (vec![TO_ALL], Vec::new()));
    }

    #[test]
    fn what_is_no_copy_is_told() {
        for left in [&[(1, 2), (1, 5)][..], &[(1, 2), (1, 5), (1, 5)], &[(1, 2), (1, 5), (1, 1), (1, 2)], &[(1, 9)]] {
            assert_eq!(collapsed(&[(1, TO_ALL)], left).2.len(), 1, "{left:?}");
        }
        let (kept, _, wrong) = collapsed(&[(1, TO_ALL)], &[(1, 2), (4, 5), (1, 1)]);
        assert_eq!((kept, wrong), (vec![TO_ALL], vec!["the copies for all of map 0 are not alike".to_owned()]));
    }
}
