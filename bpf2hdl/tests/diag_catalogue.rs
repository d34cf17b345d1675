// SPDX-License-Identifier: Apache-2.0
//! The catalogue is complete, and both renderings have their promised form.

use bpf2hdl::diag::{Code, Diagnostic, Diagnostics, Location, Severity};
use std::collections::BTreeSet;

#[test]
fn every_code_has_its_texts() {
    let mut ids = BTreeSet::new();
    for code in Code::ALL {
        let id = code.id();
        assert!(ids.insert(id), "{id} is used twice");
        assert!(id.len() == 5 && (id.starts_with('E') || id.starts_with('W')), "{id}");
        assert!(id[1..].chars().all(|c| c.is_ascii_digit()));
        assert!(!code.title().is_empty() && code.explanation().len() > 40 && code.help().len() > 4, "{id}");
        assert!(!code.title().ends_with('.') && !code.help().ends_with('.'), "{id}");
        assert_eq!(Code::from_id(&id.to_lowercase()), Some(*code));
        assert_eq!(code.severity() == Severity::Warning, id.starts_with('W'));
    }
    assert_eq!(Code::from_id("E9999"), None);
}

fn sample() -> Diagnostics {
    let at = Location {
        insn: Some(4),
        instruction: Some("r2 = *(u16 *)(r1 +12)".to_owned()),
        file: Some("filter.c".to_owned()),
        line: Some(17),
        column: Some(6),
        source: Some("\tif (eth->h_proto == bpf_htons(ETH_P_IP))".to_owned()),
    };
    let error = Diagnostic::new(Code::PacketOutOfBounds, "2 bytes at offset 12, of which 0 are proven").at(at);
    let mut items = Diagnostics::new();
    items.add(Code::Timing, "stage 3 takes 4.4 ns");
    items.push(error.clone().note("on the path through instructions 0, 2"));
    items.push(error.clone().note("on the path through instructions 0, 2"));
    items.push(Diagnostic::new(Code::UnsupportedHelper, "bpf_fib_lookup").at_insn(2));
    items
}

#[test]
fn text_is_sorted_and_shows_the_line() {
    let text = sample().to_text();
    let expected = "error[E0401]: 2 bytes at offset 12, of which 0 are proven\n  \
        --> filter.c:17:6\n   |\n17 |  if (eth->h_proto == bpf_htons(ETH_P_IP))\n   |      ^\n   \
        = insn 4: r2 = *(u16 *)(r1 +12)\n   = note: on the path through instructions 0, 2\n";
    assert!(text.contains(expected), "{text}");
    assert_eq!(text.matches("E0401").count(), 1);
    let position = |id: &str| text.find(id).unwrap_or(usize::MAX);
    assert!(position("E0301") < position("E0401") && position("E0401") < position("W0002"), "{text}");
    assert!(text.ends_with("2 errors, 1 warning\n"), "{text}");
}

#[test]
fn json_has_the_promised_fields() {
    let json = sample().to_json();
    assert_eq!((&json["code"], &json["error"]), (&"E0301".into(), &"bpf_fib_lookup (and 1 error more)".into()));
    assert_eq!(json["items"].as_array().map(Vec::len), Some(3));
    for item in json["items"].as_array().expect("items") {
        for field in ["code", "message", "file", "line", "help", "insn", "notes"] {
            assert!(item.get(field).is_some(), "{field}");
        }
    }
    let nothing = Diagnostics::new();
    assert!(nothing.to_json()["error"].is_null() && nothing.to_text().is_empty());
    assert!(nothing.into_result(5).is_ok());
}
