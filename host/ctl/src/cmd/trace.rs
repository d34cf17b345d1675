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
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 6;
const BYTE_ORDER: u32 = 0x1a2b_3c4d;
const OPTION_COMMENT: u16 = 1;
const OPTION_NAME: u16 = 2;
const OPTION_TIME_RESOLUTION: u16 = 9;
/// Ethernet.
const LINK: u32 = 1;

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
    let mut writer = Writer::new(&path)?;
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let (mut packets, mut lost) = (0, 0);
    // Messages come at least every half second.
    while packets < count && Instant::now() < end {
        let (reply, blob) = device.take()?;
        let Reply::Traced { packets: traced, lost: total } = reply else { return Err(surprise(&reply)) };
        lost = total;
        // So that the file is whole whenever this command is ended.
        writer.out.flush().map_err(|error| Failure::file(&path, "written", &error))?;
        let damaged = || Failure::new(Code::Protocol, "the frames of a trace do not fit its packets");
        let mut frames = decode_frames(&blob).ok_or_else(damaged)?.into_iter();
        for one in traced {
            let entry = frames.next().ok_or_else(damaged)?;
            let exit = if one.outcome.length > 0 { Some(frames.next().ok_or_else(damaged)?) } else { None };
            if packets < count {
                writer.packet(&one, entry, exit).map_err(|error| Failure::file(&path, "written", &error))?;
                packets += 1;
            }
        }
    }
    writer.out.flush().map_err(|error| Failure::file(&path, "written", &error))?;
    let text = format!(
        "{packets} packets in {}{}",
        path.display(),
        if lost > 0 { format!(", {lost} copies lost") } else { String::new() }
    );
    Ok(Shown::new(text, Json::object([("packets", Json::from(packets)), ("lost", Json::from(lost))])))
}

/// A pcapng file.
struct Writer {
    out: BufWriter<File>,
}

impl Writer {
    fn new(path: &Path) -> Result<Self> {
        let fail = |error: std::io::Error| Failure::file(path, "written", &error);
        let mut writer = Self { out: BufWriter::new(File::create(path).map_err(fail)?) };
        let section =
            [BYTE_ORDER.to_le_bytes().as_slice(), &1_u16.to_le_bytes(), &0_u16.to_le_bytes(), &[0xff; 8]].concat();
        writer.block(SECTION, &section).map_err(fail)?;
        for name in ["entry", "exit"] {
            let mut body = [LINK.to_le_bytes(), 0_u32.to_le_bytes()].concat();
            option(&mut body, OPTION_NAME, name.as_bytes());
            // Nanoseconds.
            option(&mut body, OPTION_TIME_RESOLUTION, &[9]);
            body.extend([0; 4]);
            writer.block(INTERFACE, &body).map_err(fail)?;
        }
        Ok(writer)
    }

    fn packet(&mut self, traced: &Traced, entry: &[u8], exit: Option<&[u8]>) -> std::io::Result<()> {
        let outcome = &traced.outcome;
        let target = outcome.target.map(|target| format!(" target={target}")).unwrap_or_default();
        let comment = format!("verdict={} clocks={}{target}", sim_send::action(outcome), outcome.clocks);
        self.frame(0, traced.time, entry, &comment)?;
        exit.map_or(Ok(()), |exit| self.frame(1, traced.time, exit, &comment))
    }

    fn frame(&mut self, interface: u32, time: u64, frame: &[u8], comment: &str) -> std::io::Result<()> {
        let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        let high = u32::try_from(time >> 32).unwrap_or(0);
        let low = u32::try_from(time & 0xffff_ffff).unwrap_or(0);
        let mut body: Vec<u8> =
            [interface, high, low, length, length].iter().flat_map(|word| word.to_le_bytes()).collect();
        body.extend_from_slice(frame);
        body.resize(body.len().next_multiple_of(4), 0);
        option(&mut body, OPTION_COMMENT, comment.as_bytes());
        body.extend([0; 4]);
        self.block(PACKET, &body)
    }

    fn block(&mut self, kind: u32, body: &[u8]) -> std::io::Result<()> {
        let length = u32::try_from(body.len() + 12).unwrap_or(u32::MAX).to_le_bytes();
        self.out.write_all(&kind.to_le_bytes())?;
        self.out.write_all(&length)?;
        self.out.write_all(body)?;
        self.out.write_all(&length)
    }
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    body.extend(code.to_le_bytes());
    body.extend(u16::try_from(value.len()).unwrap_or(0).to_le_bytes());
    body.extend_from_slice(value);
    body.resize(body.len().next_multiple_of(4), 0);
}
