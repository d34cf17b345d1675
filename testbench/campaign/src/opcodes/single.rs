// SPDX-License-Identifier: Apache-2.0
//! One item by itself: the kernel, rbpf, every form of the compiler.

use super::{Item, Row, packets, program};
use crate::case::oracle_program;
use crate::judge::{self, SETTINGS};
use bpf2hdl::bisect::{self, Fault, Trial};
use bpf2hdl::object::Linked;
use bpf2hdl_testbench::oracle::rbpf::RbpfOracle;
use bpf2hdl_testbench::{Oracle as _, PacketSet, Recorded};

/// Compares one item; false if the kernel refuses it.
pub(super) fn compare(item: &Item, pairs: &[(u64, u64)], row: &mut Row) -> Result<bool, String> {
    let linked = program(std::slice::from_ref(item))?;
    let packets: PacketSet = packets(pairs, 1).iter().map(Vec::as_slice).collect();
    row.forms += 1;
    let Ok(expected) = judge::kernel(&linked, &packets) else {
        row.refused += 1;
        return Ok(false);
    };
    let cases = packets.len() as u64;
    row.cases += cases;
    rbpf(item, &linked, &packets, &expected, row);
    let wrong = forms(item, &linked, &packets, &expected, row);
    row.ir += cases - wrong.min(cases);
    Ok(true)
}

fn rbpf(item: &Item, linked: &Linked, packets: &PacketSet, expected: &Recorded, row: &mut Row) {
    let Ok(mut rbpf) = RbpfOracle::new(&oracle_program(linked)) else { return };
    let agreed = row.rbpf.get_or_insert(0);
    for (packet, want) in packets.iter().zip(expected.verdicts()) {
        // A debug build of rbpf panics where arithmetic wraps; such packets are not judged by it.
        let Ok(got) = rbpf.run(packet.data, &packet.context) else { continue };
        row.rbpf_cases += 1;
        if want.as_ref() == Ok(&got) {
            *agreed += 1;
        } else if row.wrong.len() < 10 {
            row.wrong.push(format!("rbpf: {}: operands {:02x?}", item.text, &packet.data[14..30]));
        }
    }
}

/// The most packets that one form gets wrong.
fn forms(item: &Item, linked: &Linked, packets: &PacketSet, expected: &Recorded, row: &mut Row) -> u64 {
    let shapes = judge::shapes(linked);
    let trial = Trial { packets, preload: None, expected, shapes: &shapes, only: None };
    let mut worst = 0;
    // Both goals, on one target each.
    for options in SETTINGS[..2].iter().filter_map(|setting| judge::options(*setting, 512)) {
        let forms = match bisect::forms(linked, &options, None) {
            Ok(forms) => forms,
            Err(refused) => {
                row.wrong.push(format!("{}: refused: {}", item.text, refused.to_text()));
                return packets.len() as u64;
            }
        };
        for form in &forms.all {
            let (count, what) = match trial.fault(form) {
                None => continue,
                Some(Fault::Broken(reason)) => (packets.len() as u64, reason),
                Some(Fault::Differs(found)) => (found.len() as u64, found[0].to_string()),
            };
            worst = worst.max(count);
            row.wrong.push(format!("{}: {}: {what}", form.name, item.text));
        }
    }
    worst
}
