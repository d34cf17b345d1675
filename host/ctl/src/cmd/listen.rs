// SPDX-License-Identifier: Apache-2.0
//! Waiting for records of the running program.

use crate::device::{Device, surprise};
use crate::error::{Code, Failure, Result};
use crate::protocol::{Event, Reply, Request};
use crate::wire::decode_frames;
use crate::words::{Keywords, Words};
use std::time::{Duration, Instant};

/// How many records, and how long.
pub(super) struct Span {
    count: usize,
    seconds: f64,
}

impl Span {
    /// Reads `[count N] [seconds S]`, and `cpu 0` and `index 0`, the only ones that hardware has, if they are known words.
    pub(super) fn read(words: &mut Words, keywords: &Keywords) -> Result<Self> {
        let mut span = Self { count: usize::MAX, seconds: 10.0 };
        while let Some(word) = words.next() {
            let keyword = keywords.find(&word)?;
            let value = words.need("the value of an argument")?;
            let wrong = || Failure::new(Code::Usage, format!("`{keyword} {value}`: no number that is possible here"));
            match keyword {
                "count" => span.count = value.parse().map_err(|_| wrong())?,
                "seconds" => {
                    span.seconds = value.parse().ok().filter(|s| (0.0..1e9).contains(s)).ok_or_else(wrong)?;
                }
                _ if value == "0" => {}
                _ => return Err(wrong()),
            }
        }
        Ok(span)
    }
}

/// Hands wanted records over as they come; returns how many were lost on the way.
pub(super) fn listen(
    device: &mut Device,
    span: &Span,
    is_wanted: impl Fn(&Event) -> bool,
    mut take: impl FnMut(&Event, &[u8]),
) -> Result<u64> {
    device.call(&Request::Events, &[])?;
    let end = Instant::now() + Duration::from_secs_f64(span.seconds);
    let (mut taken, mut lost) = (0, 0);
    // Messages come at least every half second.
    while taken < span.count && Instant::now() < end {
        let (reply, blob) = device.take()?;
        let Reply::Events { records, lost: total } = reply else { return Err(surprise(&reply)) };
        let damaged = || Failure::new(Code::Protocol, "the bytes of records do not fit them");
        let data = decode_frames(&blob).filter(|data| data.len() == records.len()).ok_or_else(damaged)?;
        lost = lost.max(total);
        for (record, data) in records.iter().zip(data) {
            lost = lost.max(total + u64::from(record.lost));
            if is_wanted(record) && taken < span.count {
                take(record, data);
                taken += 1;
            }
        }
    }
    Ok(lost)
}
