// SPDX-License-Identifier: Apache-2.0
//! `trace file FILE [count N] [seconds S]`: packets at entry and exit into a pcapng file
//! (draft-ietf-opsawg-pcapng), interface 0 the entry, interface 1 the exit, the verdict as a comment of both.

use super::{Context, sim_send};
use crate::device::surprise;
use crate::error::{Code, Failure, Result};
use crate::help;
use crate::json::Json;
use crate::output::Shown;
use crate::protocol::{Reply, Request, Traced};
use crate::wire::decode_frames;
use crate::words::{Keywords, Words};
use bpf2hdl_host::pcapng::Writer;
use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Runs the command.
pub(super) fn run(context: &Context, words: &mut Words) -> Result<Shown> {
    let keywords = Keywords { what: "argument of `trace`", bpftool: &["help"], own: &["file", "count", "seconds"] };
    let mut device = context.open(words)?;
    let (mut file, mut count, mut seconds) = (None, u64::MAX, 10.0);
    while let Some(word) = words.next() {
        let keyword = keywords.find(&word)?;
        if keyword == "help" {
            return help::of(Some("trace"));
        }
        let value = words.need("the value of an argument")?;
        let wrong = |_| Failure::new(Code::Usage, format!("`{keyword} {value}`: no number"));
        match keyword {
            "file" => file = Some(PathBuf::from(value)),
            "count" => count = value.parse().map_err(wrong)?,
            _ => {
                seconds = value.parse().ok().filter(|s| (0.0..1e9).contains(s)).ok_or_else(|| {
                    Failure::new(Code::Usage, format!("`seconds {value}`: no number that is possible here"))
                })?
            }
        }
    }
    let path = file.ok_or_else(|| Failure::new(Code::Usage, "`file FILE` is missing"))?;
    device.call(&Request::Trace, &[])?;
    let fail = |error: std::io::Error| Failure::file(&path, "written", &error);
    let file = BufWriter::new(File::create(&path).map_err(fail)?);
    let mut writer = Writer::new(file, &["entry", "exit"]).map_err(fail)?;
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let (mut packets, mut lost) = (0, 0);
    // Messages come at least every half second.
    while packets < count && Instant::now() < end {
        let (reply, blob) = device.take()?;
        let Reply::Traced { packets: traced, lost: total } = reply else { return Err(surprise(&reply)) };
        lost = total;
        // So that the file is whole whenever this command is ended.
        writer.flush().map_err(fail)?;
        let damaged = || Failure::new(Code::Protocol, "the frames of a trace do not fit its packets");
        let mut frames = decode_frames(&blob).ok_or_else(damaged)?.into_iter();
        for one in traced {
            let entry = frames.next().ok_or_else(damaged)?;
            let exit = if one.outcome.length > 0 { Some(frames.next().ok_or_else(damaged)?) } else { None };
            if packets < count {
                packet(&mut writer, &one, entry, exit).map_err(fail)?;
                packets += 1;
            }
        }
    }
    writer.flush().map_err(fail)?;
    let text = format!(
        "{packets} packets in {}{}",
        path.display(),
        if lost > 0 { format!(", {lost} copies lost") } else { String::new() }
    );
    Ok(Shown::new(text, Json::object([("packets", Json::from(packets)), ("lost", Json::from(lost))])))
}

/// Adds a packet: its entry and, if it leaves, its exit.
fn packet(
    writer: &mut Writer<BufWriter<File>>,
    traced: &Traced,
    entry: &[u8],
    exit: Option<&[u8]>,
) -> std::io::Result<()> {
    let outcome = &traced.outcome;
    let target = outcome.target.map(|target| format!(" target={target}")).unwrap_or_default();
    let comment = format!("verdict={} clocks={}{target}", sim_send::action(outcome), outcome.clocks);
    let mut add = |interface, frame: &[u8]| writer.frame(interface, traced.time, (frame, frame.len()), &comment);
    add(0, entry)?;
    exit.map_or(Ok(()), |exit| add(1, exit))
}
