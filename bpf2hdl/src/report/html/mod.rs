// SPDX-License-Identifier: Apache-2.0
//! `report.html`: one page without anything from outside, light or dark as the reader's system is, no script.
//!
//! Only what follows from the program and the options is on it, so the same input gives the same page.

mod cards;
mod chart;
mod listing;
mod stages;
mod tables;

use super::Report;

const STYLE: &str = include_str!("style.css");

/// The text of the page.
#[must_use]
pub fn to_html(report: &Report) -> String {
    let sections = [
        ("Warnings", tables::warnings(report)),
        ("Stages", stages::chart(report)),
        ("", stages::table(report)),
        ("Maps", tables::maps(report)),
        ("Program", listing::table(report)),
        ("What the numbers mean", tables::definitions(report)),
    ];
    let name = escape(&report.program);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{name} - bpf2hdl report</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{}\n",
        cards::header(report)
    );
    for (title, body) in sections.iter().filter(|(_, body)| !body.is_empty()) {
        if !title.is_empty() {
            page.push_str(&format!("<h2>{title}</h2>\n"));
        }
        page.push_str(body);
    }
    page.push_str(&format!("<footer>bpf2hdl {}, build {}</footer>\n", report.version, escape(&report.build_id)));
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// Text as HTML text or attribute value.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' => escaped.push(' '),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A whole number with thin spaces between groups of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A link to a stage's row.
fn stage_link(stage: u32) -> String {
    format!("<a href=\"#stage{stage}\">{stage}</a>")
}

/// A table with these column titles; a title that begins with `#` is that of a column of numbers.
fn table(titles: &[&str], rows: &[Vec<String>]) -> String {
    let heads = titles.iter().map(|title| match title.strip_prefix('#') {
        Some(title) => format!("<th class=\"n\">{title}</th>"),
        None => format!("<th>{title}</th>"),
    });
    let mut text =
        format!("<div class=\"scroll\"><table>\n<thead><tr>{}</tr></thead>\n<tbody>\n", heads.collect::<String>());
    for row in rows {
        let cells = row.iter().zip(titles).map(|(cell, title)| match title.starts_with('#') {
            true => format!("<td class=\"n\">{cell}</td>"),
            false => format!("<td>{cell}</td>"),
        });
        text.push_str(&format!("<tr>{}</tr>\n", cells.collect::<String>()));
    }
    text.push_str("</tbody>\n</table></div>\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_can_not_become_markup() {
        assert_eq!(escape("a<b> & \"c\"\t\u{1b}"), "a&lt;b&gt; &amp; &quot;c&quot; \u{fffd}");
    }

    #[test]
    fn digits_are_grouped() {
        let text = [0, 999, 1000, 1_234_567].map(grouped);
        assert_eq!(text, ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]);
    }
}
