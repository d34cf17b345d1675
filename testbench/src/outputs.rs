// SPDX-License-Identifier: Apache-2.0
//! Which frame that left belongs to which verdict.

use crate::simulator::{Frames, Observed, ObservedVerdict};
use crate::{Action, OracleVerdict};

/// The frames of all outputs, taken in the order of the verdicts.
pub(crate) struct Outputs<'a> {
    pass: Output<'a>,
    tx: Output<'a>,
    redirect: Output<'a>,
}

/// The frame that belongs to a verdict.
pub(crate) enum Frame<'a> {
    /// The action has none.
    NotDue,
    /// The output lost frames, and the next one that came is not this packet's.
    Lost,
    Missing,
    Present(Left<'a>),
}

/// A frame that left.
pub(crate) struct Left<'a> {
    pub(crate) metadata: &'a [u8],
    pub(crate) data: &'a [u8],
    /// What the core says beside it: whether the program changed it, and the interface and queue by which it came.
    pub(crate) modified: bool,
    pub(crate) source: (u32, u32),
}

struct Output<'a> {
    name: &'static str,
    frames: &'a Frames,
    next: usize,
    complete: bool,
    /// Packets whose frame is not known because the reference could not judge them.
    skipped: bool,
}

impl<'a> Outputs<'a> {
    pub(crate) fn new(observed: &'a Observed) -> Self {
        let output = |name: &'static str, frames: &'a Frames, action: Action| {
            let due = observed.verdicts.iter().filter(|verdict| verdict.leaves_by() == Some(action)).count();
            Output { name, frames, next: 0, complete: frames.len() >= due, skipped: false }
        };
        Self {
            pass: output("pass", &observed.pass, Action::Pass),
            tx: output("tx", &observed.tx, Action::Tx),
            redirect: output("redirect", &observed.redirect, Action::Redirect),
        }
    }

    fn of(&mut self, verdict: &ObservedVerdict) -> Option<&mut Output<'a>> {
        match verdict.leaves_by() {
            Some(Action::Pass) => Some(&mut self.pass),
            Some(Action::Tx) => Some(&mut self.tx),
            Some(Action::Redirect) => Some(&mut self.redirect),
            _ => None,
        }
    }

    /// The frame of the next verdict. Of an output that lost some, frames are found by their bytes: the earliest packet
    /// that should have left like that is taken for it, which finds a way if there is one.
    pub(crate) fn next(&mut self, verdict: &ObservedVerdict, expected: &OracleVerdict) -> Frame<'a> {
        let Some(output) = self.of(verdict) else { return Frame::NotDue };
        let frame = output.peek();
        if !output.complete {
            match frame {
                Frame::Present(ref left) if (left.metadata, left.data) == expected.split() => {}
                _ => return Frame::Lost,
            }
        }
        output.next += 1;
        frame
    }

    /// The reference could not judge the packet of this verdict.
    pub(crate) fn skip(&mut self, verdict: &ObservedVerdict) {
        if let Some(output) = self.of(verdict) {
            output.skipped = true;
            output.next += usize::from(output.complete);
        }
    }

    /// Frames of outputs with losses that are no packet's, in order: one message an output.
    pub(crate) fn surplus(&self) -> Vec<String> {
        let outputs = [&self.pass, &self.tx, &self.redirect].into_iter();
        let wrong = outputs.filter(|o| !o.complete && !o.skipped && o.next < o.frames.len());
        let message = |o: &Output<'_>| {
            format!(
                "{}: frame {} of {} that came out is not what a packet should have left as, in order",
                o.name,
                o.next,
                o.frames.len()
            )
        };
        wrong.map(message).collect()
    }
}

impl<'a> Output<'a> {
    fn peek(&self) -> Frame<'a> {
        let (frames, next) = (self.frames, self.next);
        frames.get(next).map_or(Frame::Missing, |data| {
            Frame::Present(Left {
                metadata: frames.metadata(next).unwrap_or_default(),
                data,
                modified: frames.modified(next).unwrap_or_default(),
                source: frames.source(next).unwrap_or_default(),
            })
        })
    }
}
