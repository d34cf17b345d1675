// SPDX-License-Identifier: Apache-2.0
//! `prog tracelog [count N] [seconds S]`: what programs print, in the form of the kernel's `trace_pipe`, which bpftool shows (`tracelog.c`).

use super::Context;
use super::listen::{Span, listen};
use crate::error::Result;
use crate::json::Json;
use crate::output::Shown;
use crate::words::{Keywords, Words};

/// Characters of a task's name (`TASK_COMM_LEN` without the terminator).
const NAME: usize = 15;

/// Runs the command.
pub(super) fn run(context: &Context, words: &mut Words) -> Result<Shown> {
    let mut device = context.open(words)?;
    let keywords = Keywords { what: "argument of `prog tracelog`", bpftool: &[], own: &["count", "seconds"] };
    let span = Span::read(words, &keywords)?;
    let name: String = device.name.chars().take(NAME).collect();
    let mut lines = Vec::new();
    let lost = listen(
        &mut device,
        &span,
        |record| record.print,
        |record, data| {
            let (seconds, micros) = (record.time / 1_000_000_000, record.time % 1_000_000_000 / 1000);
            let text = String::from_utf8_lossy(data);
            lines.push(format!("{name:>16}-0       [000] ..... {seconds:>5}.{micros:06}: bpf_trace_printk: {text}\n"));
        },
    )?;
    if lost > 0 {
        lines.push(format!("CPU:0 [LOST {lost} EVENTS]\n"));
    }
    Ok(Shown::new(lines.concat(), Json::List(lines.iter().map(|line| Json::from(line.as_str())).collect())))
}
