// SPDX-License-Identifier: Apache-2.0
//! What is copied for clients: packets at entry and exit, and the programs' records for the host.

use super::broadcast::Copies;
use super::datapath::Datapath;
use super::queue::lock;
use super::slot::now_ns;
use crate::protocol::{Event, Outcome, Traced};
use crate::wire::encode_frames;
use bpf2hdl_host::events::Parser;
use bpf2hdl_interface::print::{self, Format};

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

/// The channel that a program's prints come by, and their formats.
pub(super) type Prints = Option<(usize, Vec<Format>)>;

impl Datapath {
    /// Counts the records that have come, and gives them to whom wants them; prints as lines, by their program's formats.
    pub(super) fn take_records(&mut self, records: Vec<Vec<u8>>) {
        if records.is_empty() {
            return;
        }
        lock(&self.nic.counters).events += records.len() as u64;
        let (mut items, mut data) = (Vec::new(), Vec::new());
        for bytes in records {
            while self.next_prints.front().is_some_and(|(from, _)| *from <= self.events.1) {
                self.prints = self.next_prints.pop_front().map(|(_, prints)| prints).unwrap_or_default();
                self.parser = Parser::default();
            }
            self.events.1 += 1;
            match self.parser.parse(&bytes) {
                Ok(record) => {
                    let bytes = record.bytes();
                    let formats = self.prints.as_ref().as_ref();
                    let formats = formats.filter(|(channel, _)| *channel == usize::from(record.map));
                    let line = formats.and_then(|(_, formats)| print::line(formats, &bytes));
                    let print = line.is_some();
                    items.push(Event { map: record.map.into(), time: now_ns(), lost: record.lost, print });
                    data.push(line.unwrap_or(bytes));
                }
                Err(error) => self.nic.log(&format!("a record for the host is damaged: {error}")),
            }
        }
        if self.nic.events.is_wanted() {
            let lost = self.nic.events.send(Copies { items, bytes: encode_frames(data.iter().map(Vec::as_slice)) });
            lock(&self.nic.counters).trace_lost += lost;
        }
    }
}
