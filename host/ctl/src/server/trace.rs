// SPDX-License-Identifier: Apache-2.0
//! What is copied for clients: packets at entry and exit, and the programs' records for the host.

use super::Nic;
use super::broadcast::Copies;
use super::queue::lock;
use super::slot::now_ns;
use crate::protocol::{Event, Outcome, Traced};
use crate::wire::encode_frames;
use bpf2hdl_interface::print::{self, Format};
use bpf2hdl_testbench::Frames;

/// One packet's copies.
#[derive(Debug)]
pub(super) struct Record {
    traced: Traced,
    entry: Vec<u8>,
    exit: Vec<u8>,
}

impl Record {
    pub(super) fn new(entry: &[u8], outcome: Outcome, exit: &[u8]) -> Self {
        let length = u32::try_from(entry.len()).unwrap_or(u32::MAX);
        let traced = Traced { time: now_ns(), entry: length, outcome };
        Self { traced, entry: entry.to_vec(), exit: exit.to_vec() }
    }
}

/// Packets of a batch, as they go to clients.
pub(super) fn copies(records: &[Record]) -> Copies<Traced> {
    let frames = records.iter().flat_map(|record| {
        [Some(record.entry.as_slice()), (record.traced.outcome.length > 0).then_some(record.exit.as_slice())]
    });
    Copies { items: records.iter().map(|record| record.traced).collect(), bytes: encode_frames(frames.flatten()) }
}

impl Nic {
    /// Counts the records of a run of frames, and gives them to whom wants them; prints as lines, by these formats.
    pub(super) fn take_events(&self, events: &Frames, prints: Option<&(usize, Vec<Format>)>) {
        if events.is_empty() {
            return;
        }
        lock(&self.counters).events += events.len() as u64;
        let (mut items, mut data) = (Vec::new(), Vec::new());
        let mut parser = lock(&self.events_parser);
        for bytes in events.iter() {
            match parser.parse(bytes) {
                Ok(record) => {
                    let bytes = record.bytes();
                    let formats = prints.filter(|(channel, _)| *channel == usize::from(record.map));
                    let line = formats.and_then(|(_, formats)| print::line(formats, &bytes));
                    let print = line.is_some();
                    items.push(Event { map: record.map.into(), time: now_ns(), lost: record.lost, print });
                    data.push(line.unwrap_or(bytes));
                }
                Err(error) => self.log(&format!("a record for the host is damaged: {error}")),
            }
        }
        if self.events.is_wanted() {
            let lost = self.events.send(Copies { items, bytes: encode_frames(data.iter().map(Vec::as_slice)) });
            lock(&self.counters).trace_lost += lost;
        }
    }
}
