// SPDX-License-Identifier: Apache-2.0
//! A failing case made smaller (delta debugging).
//!
//! Lines are taken away in ever smaller chunks as long as the case still fails; then packets. What the kernel refuses
//! does not fail, so the result is a program that the kernel takes.

use crate::case::Case;
use std::time::{Duration, Instant};

/// Makes a failing case smaller until nothing more can be taken away or the time is over.
pub fn reduce(case: &Case, patience: Duration, fails: &mut dyn FnMut(&Case) -> bool) -> Case {
    let end = Instant::now() + patience;
    let mut best = case.clone();
    loop {
        let lines: Vec<String> = best.text.lines().map(str::to_owned).collect();
        let kept = shrink(lines, end, &mut |lines: &[String]| fails(&best.with_text(lines.join("\n") + "\n")));
        let text = kept.join("\n") + "\n";
        let smaller = text.lines().count() < best.text.lines().count();
        best = best.with_text(text);
        if !smaller || Instant::now() > end {
            break;
        }
    }
    let packets =
        shrink(best.packets.clone(), end, &mut |packets: &[Vec<u8>]| fails(&best.with_packets(packets.to_vec())));
    best.with_packets(packets)
}

/// Takes away chunks of a list, large ones first, while `still` holds.
fn shrink<T: Clone>(mut items: Vec<T>, end: Instant, still: &mut dyn FnMut(&[T]) -> bool) -> Vec<T> {
    let mut chunk = items.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        while at < items.len() && Instant::now() < end {
            let mut fewer = items.clone();
            fewer.drain(at..(at + chunk).min(items.len()));
            if !fewer.is_empty() && still(&fewer) {
                items = fewer;
            } else {
                at += chunk;
            }
        }
        if chunk == 1 || Instant::now() >= end {
            return items;
        }
        chunk = chunk.div_ceil(2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_stays() {
        let text: String = (0..40).map(|number| format!("line {number}\n")).collect();
        let case = Case::new(text, Vec::new(), 1, 9);
        let wanted = case.packets[4].clone();
        let mut fails = |case: &Case| {
            case.text.contains("line 7\n") && case.text.contains("line 31\n") && case.packets.contains(&wanted)
        };
        let small = reduce(&case, Duration::from_secs(10), &mut fails);
        assert_eq!((small.text.as_str(), small.packets.len()), ("line 7\nline 31\n", 1));
    }
}
