// SPDX-License-Identifier: Apache-2.0
//! Requests for maps and counters, carried out on one core through the driver library.

use crate::error::{Code, Failure, Result};
use crate::protocol::{Hex, MapOp, Reply};
use bpf2hdl_host::entries::EINVAL;
use bpf2hdl_host::{Device, Registers};

/// Most entries of one part of a dump.
const MAX_PART: u32 = 1024;

/// Carries out what is wanted of a map.
pub(crate) fn map<R: Registers>(device: &mut Device<R>, map: u32, op: &MapOp) -> Result<Reply> {
    check(device, map)?;
    let done = |answer: std::result::Result<(), u32>| answer.map_or_else(Reply::Errno, |()| Reply::Done);
    let value =
        |answer: std::result::Result<Vec<u8>, u32>| answer.map_or_else(Reply::Errno, |value| Reply::Value(Hex(value)));
    let is_stateful = device.manifest().maps[map as usize].state.is_some();
    if is_stateful && matches!(op, MapOp::Get { .. } | MapOp::Put { .. } | MapOp::Remove { .. }) {
        return Ok(Reply::Errno(EINVAL));
    }
    Ok(match op {
        MapOp::Get { key } => value(device.get(map, &key.0)?),
        MapOp::Put { key, value, when } => done(device.put(map, &key.0, &value.0, (*when).into())?),
        MapOp::Remove { key } => done(device.remove(map, &key.0)?),
        MapOp::Part { cursor, limit } => {
            let part = device.part(map, *cursor, (*limit).min(MAX_PART))?;
            let entries = part.entries.into_iter().map(|(key, value)| (Hex(key), Hex(value))).collect();
            Reply::Part { entries, next: part.next }
        }
        MapOp::Push { value, overwrite } => done(device.push(map, &value.0, *overwrite)?),
        MapOp::Pop { take } => value(device.pop(map, *take)?),
        MapOp::MayHold { value } => Reply::MayHold(device.may_hold(map, &value.0)?),
    })
}

/// The counters in the order of [`bpf2hdl_interface::registers::Counter::ALL`].
pub(crate) fn counters<R: Registers>(device: &mut Device<R>) -> Result<Reply> {
    Ok(Reply::Counters(device.counters()?.0.to_vec()))
}

fn check<R: Registers>(device: &Device<R>, map: u32) -> Result<()> {
    let maps = &device.manifest().maps;
    match maps.get(map as usize) {
        Some(info) if info.hardware => Ok(()),
        Some(info) => {
            let text = format!("map `{}` is not in hardware, its contents were fixed at compile time", info.name);
            Err(Failure::new(Code::MapOperation, text)
                .hint("compile again with other contents: `--set NAME=VALUE` for `.rodata`"))
        }
        None => Err(Failure::new(Code::NoMap, format!("there are {} maps, no map {map}", maps.len()))),
    }
}
