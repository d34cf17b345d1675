// SPDX-License-Identifier: Apache-2.0
//! `sim send NAME FILE [--out DIR]`: frames of a capture onto the wire in front of the MAC; what leaves comes back as captures.

use super::options::Options;
use crate::device::{Device, surprise};
use crate::error::{Code, Failure, Result};
use crate::json::Json;
use crate::output::Shown;
use crate::protocol::{Outcome, Reply, Request};
use crate::wire::{decode_frames, encode_frames};
use crate::words::Words;
use bpf2hdl_interface::Action;
use bpf2hdl_testbench::capture;
use std::collections::VecDeque;
use std::path::Path;

/// Frames in a message, and bytes.
const CHUNK: usize = 64;
const CHUNK_BYTES: usize = 1 << 20;
/// Messages that are sent ahead of their replies, so that the receive queue never runs dry.
const AHEAD: usize = 6;

/// What came back.
#[derive(Default)]
struct Back {
    outcomes: Vec<Outcome>,
    /// Frames by verdict: pass, tx, redirect.
    left: [Vec<Vec<u8>>; 3],
}

/// Runs the command.
pub(super) fn run(words: &mut Words) -> Result<Shown> {
    let options = Options::parse(words.rest(), &["--out", "--repeat"], &[])?;
    let [name, file] = &options.words[..] else {
        return Err(Failure::new(Code::Usage, "`sim send` takes a NAME and a FILE"));
    };
    let repeat: u32 = options.number("--repeat", 1)?;
    let path = Path::new(file);
    let packets = capture::read(path).map_err(|error| Failure::new(Code::File, error.to_string()).at(path))?;
    let name = name.strip_prefix("sim:").unwrap_or(name);
    let mut device = Device::open(&format!("sim:{name}"), None)?;
    let frames: Vec<&[u8]> = packets.iter().map(|packet| packet.data).collect();
    let mut back = Back::default();
    let mut ahead = VecDeque::new();
    for _ in 0..repeat {
        for chunk in chunks(&frames) {
            device.put(&Request::Send, &encode_frames(chunk.iter().copied()))?;
            ahead.push_back(chunk.len());
            if ahead.len() > AHEAD {
                back.take(&mut device, ahead.pop_front().unwrap_or(0))?;
            }
        }
    }
    for count in ahead {
        back.take(&mut device, count)?;
    }
    if let Some(out) = options.path("--out") {
        back.write(&out)?;
    }
    Ok(back.shown())
}

/// The frames in messages.
fn chunks<'a, 'b>(frames: &'b [&'a [u8]]) -> Vec<&'b [&'a [u8]]> {
    let (mut chunks, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (index, frame) in frames.iter().enumerate() {
        if index - start == CHUNK || (bytes + frame.len() > CHUNK_BYTES && index > start) {
            chunks.push(&frames[start..index]);
            (start, bytes) = (index, 0);
        }
        bytes += frame.len();
    }
    if start < frames.len() {
        chunks.push(&frames[start..]);
    }
    chunks
}

impl Back {
    fn take(&mut self, device: &mut Device, count: usize) -> Result<()> {
        let (reply, blob) = device.take()?;
        let Reply::Sent(outcomes) = reply else { return Err(surprise(&reply)) };
        let damaged = || Failure::new(Code::Protocol, "the frames of a reply do not fit its verdicts");
        let mut frames = decode_frames(&blob).ok_or_else(damaged)?.into_iter();
        if outcomes.len() != count {
            return Err(damaged());
        }
        for outcome in &outcomes {
            if outcome.length == 0 {
                continue;
            }
            let frame = frames.next().ok_or_else(damaged)?;
            let output = usize::from(outcome.action).checked_sub(Action::Pass as usize);
            let list = output.and_then(|output| self.left.get_mut(output)).ok_or_else(damaged)?;
            list.push(frame.to_vec());
        }
        self.outcomes.extend(outcomes);
        Ok(())
    }

    /// The captures and `verdicts.csv`, as `bpf2hdl sim --out` writes them.
    fn write(&self, out: &Path) -> Result<()> {
        std::fs::create_dir_all(out).map_err(|error| Failure::file(out, "made", &error))?;
        for (name, frames) in ["pass.pcap", "tx.pcap", "redirect.pcap"].iter().zip(&self.left) {
            let path = out.join(name);
            let written = capture::write(&path, frames.iter().map(Vec::as_slice));
            written.map_err(|error| Failure::new(Code::File, error.to_string()).at(&path))?;
        }
        let mut text = String::from("index,action,length,target\n");
        for (index, outcome) in self.outcomes.iter().enumerate() {
            let target = outcome.target.map_or_else(String::new, |target| target.to_string());
            text.push_str(&format!("{index},{},{},{target}\n", action(outcome), outcome.length));
        }
        let path = out.join("verdicts.csv");
        std::fs::write(&path, text).map_err(|error| Failure::file(&path, "written", &error))
    }

    fn shown(&self) -> Shown {
        let count = |wanted: &str| self.outcomes.iter().filter(|outcome| action(outcome) == wanted).count() as u64;
        let names = ["aborted", "drop", "pass", "tx", "redirect"];
        let mut text = format!("{} packets:", self.outcomes.len());
        for name in names.iter().copied().chain(["discarded"]).filter(|name| count(name) > 0) {
            text.push_str(&format!(" {name} {}", count(name)));
        }
        let actions = Json::object(names.map(|name| (name, Json::from(count(name)))));
        let json = Json::object([
            ("packets", Json::from(self.outcomes.len() as u64)),
            ("actions", actions),
            ("discarded", Json::from(count("discarded"))),
        ]);
        Shown::new(text, json)
    }
}

/// The name of a verdict; `discarded` for a frame that did not reach the core.
pub(super) fn action(outcome: &Outcome) -> &'static str {
    Action::ALL.get(usize::from(outcome.action)).map_or("discarded", |action| action.name())
}
