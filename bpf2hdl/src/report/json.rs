// SPDX-License-Identifier: Apache-2.0
//! `report.json`.

use super::Report;

/// The text of `report.json`: indented, fields in a fixed order, a newline at its end.
///
/// # Panics
/// Never: a report has no key or number that JSON can not hold.
#[must_use]
pub fn to_json(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(report).expect("a report is always JSON");
    text.push('\n');
    text
}
