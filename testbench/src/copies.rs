// SPDX-License-Identifier: Apache-2.0
//! Copies of frames that were redirected to all ports of a devmap.
//!
//! What gets copies follows from the map's contents, which only the host writes. In which order they leave does not: the entries of
//! a hash map have none.

use crate::compare::{Mismatch, MismatchKind};
use crate::simulator::{Frames, Observed};
use crate::{Action, PacketSet};
use bpf2hdl_interface::{Manifest, MapContents, RedirectTarget};

/// Leaves one frame of `observed.redirect` for each packet, with the target of its verdict, if all its copies are there; returns the
/// frames as they left, and what is wrong with copies. `maps` are the contents while the packets ran.
pub(crate) fn collapse(
    observed: &mut Observed,
    packets: &PacketSet,
    manifest: &Manifest,
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
            if came.target(next) == Some(target) {
                kept.push(&came, next, target);
                next += 1;
            }
            continue;
        };
        let entries = manifest.maps.get(group.map as usize).and_then(|map| maps.maps.get(&map.name));
        let ports =
            group.ports(entries.into_iter().flat_map(|entries| entries.values()), packet.context.ingress_ifindex);
        verdict.is_empty = ports.is_empty();
        let copies = next..next + ports.len();
        // If the frame was lost, the next ones are another packet's.
        if verdict.is_empty || ports_of(&came, copies.clone()) != Some(ports) {
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
