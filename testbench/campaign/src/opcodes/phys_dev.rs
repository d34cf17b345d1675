// SPDX-License-Identifier: Apache-2.0
//! `LD_ABS` and `LD_IND` of `phys_dev` programs, which can not write packets: the verdict is one bit of what was loaded,
//! and a byte of the packet says which.

use super::{Row, Table};
use crate::case::linked;
use crate::judge::{self, Build, SETTINGS};
use crate::{engine, hardware};
use bpf2hdl::bisect::{self, Body, Trial};
use bpf2hdl::isa::asm;
use bpf2hdl::object::{Linked, ProgramKind};
use bpf2hdl_testbench::{PacketSet, SimOptions};
use std::path::Path;

/// Where the loads begin, which bit is wanted, and the index of indirect loads.
const DATA: usize = 14;
const BIT: usize = 40;
const INDEX: usize = 41;
/// Indices: inside, at the end of the packet, beyond it.
const INDICES: [u8; 6] = [0, 1, 3, 27, 29, 200];

/// Compares all loads in every form, and in Verilator if `rtl`; designs are written below `folder`.
///
/// # Errors
/// What is missing on this machine.
pub fn compare(edges: &[u64], rtl: bool, on_engine: bool, folder: &Path, table: &mut Table) -> Result<(), String> {
    for size in ["u8", "u16", "u32"] {
        for (name, from) in [("ABS", format!("{DATA}")), ("IND", format!("r8 +{DATA}"))] {
            let linked = program(&format!("r0 = *({size} *)skb[{from}]"))?;
            let packets = packets(edges);
            let place = folder.join(format!("phys_dev-{name}-{size}"));
            one(&linked, &packets, rtl.then_some(place.as_path()), on_engine, table.row(&format!("LD_{name} {size}")))?;
        }
    }
    Ok(())
}

fn program(load: &str) -> Result<Linked, String> {
    let text = format!(
        "r6 = r1\nr0 = *(u8 *)skb[{BIT}]\nr7 = r0\nr7 &= 31\nr0 = *(u8 *)skb[{INDEX}]\nr8 = r0\n{load}\n\
         r0 >>= r7\nr0 &= 1\nexit\n"
    );
    let insns = asm::assemble(&text).map_err(|errors| errors.to_text())?;
    Ok(linked(insns, Vec::new(), ProgramKind::PhysDev))
}

/// Every bit of every edge value at every index.
fn packets(edges: &[u64]) -> PacketSet {
    let mut set = PacketSet::new();
    for edge in edges {
        for index in INDICES {
            for bit in 0..32 {
                let mut packet = [0x5a; 43];
                // An EtherType for experiments: test runs of classifiers want whole headers of known ones.
                packet[12..14].copy_from_slice(&[0x88, 0xb5]);
                packet[DATA..DATA + 8].copy_from_slice(&edge.to_be_bytes());
                packet[DATA + 8..DATA + 16].copy_from_slice(&edge.to_le_bytes());
                packet[BIT] = bit;
                packet[INDEX] = index;
                set.push(&packet, Default::default());
            }
        }
    }
    set
}

fn one(linked: &Linked, packets: &PacketSet, rtl: Option<&Path>, on_engine: bool, row: &mut Row) -> Result<(), String> {
    row.forms += 1;
    let expected = judge::kernel(linked, packets)?;
    let cases = (packets.len() - expected.skipped()) as u64;
    row.cases += cases;
    let options = judge::options(SETTINGS[0], 512).ok_or("there is no such target")?;
    let forms = bisect::forms(linked, &options, None).map_err(|refused| refused.to_text())?;
    let trial = Trial { packets, preload: None, expected: &expected, shapes: &[], only: None };
    match bisect::first_fault(&forms.all, &trial) {
        None => row.ir += cases,
        Some((form, fault)) => row.wrong.push(judge::failure(form.name.clone(), fault).message),
    }
    let mut bodies = forms.all.into_iter().rev().map(|form| form.body);
    let (Some(folder), Some(Body::Pipe(pipeline)), Some(Body::Ir(function))) = (rtl, bodies.next(), bodies.next())
    else {
        return Ok(());
    };
    if on_engine {
        engine::write(linked, &options, folder).map_err(|(_, message)| message)?;
    } else {
        let design = hardware::design(&Build { function: *function, pipeline: *pipeline }, options);
        hardware::write(&design, linked, folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    row.rtl_cases += cases;
    let sim = SimOptions { quick_build: !on_engine, ..SimOptions::default() };
    match hardware::one(&expected, packets, None, sim, folder, "rtl".to_owned())? {
        None => row.rtl += cases,
        Some(failure) => row.wrong.push(format!("rtl: {}", failure.message)),
    }
    Ok(())
}
