// SPDX-License-Identifier: Apache-2.0
//! The program: instructions below the C lines that they come from, with the stages in which they work.

use super::{escape, stage_link};
use crate::report::{InsnReport, Report};

/// The listing as a table.
pub(super) fn table(report: &Report) -> String {
    let mut text = String::from(
        "<div class=\"scroll\"><table class=\"listing\">\n\
         <thead><tr><th class=\"n\">insn</th><th>instruction</th><th>stages</th></tr></thead>\n<tbody>\n",
    );
    let mut above = None;
    for insn in &report.listing {
        let place = (insn.file.as_deref(), insn.line);
        if above != Some(place) && insn.line.is_some() {
            text.push_str(&c_line(insn));
        }
        above = Some(place);
        let stages: Vec<String> = insn.stages.iter().map(|stage| stage_link(*stage)).collect();
        let stages = if stages.is_empty() { "<span class=\"dim\">-</span>".to_owned() } else { stages.join(" ") };
        text.push_str(&format!(
            "<tr id=\"insn{0}\"><td class=\"n\">{0}</td><td><code>{1}</code></td><td>{stages}</td></tr>\n",
            insn.insn,
            escape(&insn.text)
        ));
    }
    text.push_str("</tbody>\n</table></div>\n");
    text
}

fn c_line(insn: &InsnReport) -> String {
    let file = insn.file.as_deref().unwrap_or_default();
    let place = format!("{}:{}", file.rsplit('/').next().unwrap_or(file), insn.line.unwrap_or_default());
    let source = insn.source.as_deref().unwrap_or_default().trim();
    format!(
        "<tr class=\"c\"><td></td><td colspan=\"2\"><span class=\"dim\">{}</span> <code>{}</code></td></tr>\n",
        escape(&place),
        escape(source)
    )
}
