// SPDX-License-Identifier: Apache-2.0
use super::*;

fn shapes() -> Vec<MapShape> {
    let shape = |name: &str, key_size, value_size, max_entries, per_cpu, array| MapShape {
        name: name.to_owned(),
        key_size,
        value_size,
        max_entries,
        per_cpu,
        array,
    };
    vec![shape("cnt", 4, 2, 300, true, true), shape(".data", 4, 3, 1, false, true), shape("h", 2, 1, 2, false, false)]
}

#[test]
fn both_byte_forms_and_per_cpu() {
    let text = r#"{ "cnt": [{"key": ["0x2c", 1, 0, "0x0"], "values": [{"cpu": 0, "value": [1, "0xff"]}, {"cpu": 1, "value": [0, 0]}]},
                             {"key": [0, 0, 0, 0], "value": ["0x10", 2], "formatted": {"key": 0}}],
                    "h": [{"key": [1, 2], "value": [0]}] }"#;
    // Index 0x12c = 300 is out of range here, so shrink it first.
    let error = parse(text, &shapes()).unwrap_err().to_string();
    assert_eq!(error, "map `cnt`, entry 0: index 300 is out of range, the map has 300 entries");
    let contents = parse(&text.replace("0x2c", "0x2b"), &shapes()).unwrap();
    assert_eq!(contents.maps["cnt"][&vec![0x2b, 1, 0, 0]], [1, 255]);
    assert_eq!(contents.maps["cnt"][&vec![0, 0, 0, 0]], [16, 2]);
    assert_eq!(contents.maps["h"][&vec![1, 2]], [0]);
}

#[test]
fn written_text_is_parsed_back_and_in_index_order() {
    let mut contents = MapContents::default();
    let count: Entries =
        [1u32, 256, 2, 7].into_iter().map(|i| (i.to_le_bytes().to_vec(), vec![u8::from(i != 7), 0])).collect();
    contents.maps.insert("cnt".to_owned(), count);
    let text = write(&contents, &shapes(), &[]);
    assert_eq!(
        text.lines().nth(2),
        Some(r#"    {"key":["0x01","0x00","0x00","0x00"],"values":[{"cpu":0,"value":["0x01","0x00"]}]},"#)
    );
    assert_eq!(text.matches("key").count(), 3, "the all-zero entry 7 is left out: {text}");
    assert!(text.find("\"0x00\",\"0x01\"") > text.find("\"0x02\""), "{text}");
    let back = parse(&text, &shapes()).unwrap();
    assert_eq!(back.maps["cnt"].len(), 3);
    assert!(back.maps[".data"].is_empty());
    assert_eq!(write(&back, &shapes(), &[]), text);
    assert_eq!(write(&contents, &[], &[]), "{}\n");
}

#[test]
fn errors_are_exact() {
    let cases = [
        ("[", "not JSON: EOF while parsing a list at line 1 column 1"),
        ("[]", "a map file is a JSON object of map names"),
        (r#"{"x": []}"#, "unknown map `x`; the program has cnt, .data, h"),
        (r#"{"h": 1}"#, "map `h`: the contents of a map are a JSON list"),
        (r#"{"h": [1]}"#, "map `h`, entry 0: an entry is an object with `key` and `value`"),
        (r#"{"h": [{"key": [1,2], "valve": [1]}]}"#, "map `h`, entry 0: unknown member `valve`"),
        (r#"{"h": [{"key": [1], "value": [1]}]}"#, "map `h`, entry 0: `key` has 1 bytes, the map's key has 2"),
        (r#"{"h": [{"key": [1,2]}]}"#, "map `h`, entry 0: `value` is missing"),
        (
            r#"{"h": [{"key": [1,256], "value": [1]}]}"#,
            "map `h`, entry 0: byte 1 of `key` is 256, not 0..255 or \"0x00\"..\"0xff\"",
        ),
        (
            r#"{"h": [{"key": [1,"0x1g"], "value": [1]}]}"#,
            "map `h`, entry 0: byte 1 of `key` is \"0x1g\", not 0..255 or \"0x00\"..\"0xff\"",
        ),
        (
            r#"{"h": [{"key": [1,2], "values": []}]}"#,
            "map `h`, entry 0: `values` is for per-CPU maps only; this map needs `value`",
        ),
        (
            r#"{"h": [{"key": [1,2], "value": [1]},{"key": [1,2], "value": [1]}]}"#,
            "map `h`, entry 1: the same key was given before",
        ),
        (
            r#"{"h": [{"key": [1,2], "value": [1]},{"key": [2,2], "value": [1]},{"key": [3,2], "value": [1]}]}"#,
            "map `h`: 3 entries, the map holds 2",
        ),
        (
            r#"{"cnt": [{"key": [1,0,0,0], "values": [{"cpu":0,"value":[1,1]},{"cpu":3,"value":[1,1]}]}]}"#,
            "map `cnt`, entry 0: the value of CPU 3 is not zero; the hardware is one CPU, CPU 0",
        ),
        (r#"{"cnt": [{"key": [1,0,0,0], "values": []}]}"#, "map `cnt`, entry 0: `values` has no value of CPU 0"),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(text, &shapes()).unwrap_err().to_string(), expected);
    }
}

#[test]
fn programs_are_named_or_numbered() {
    let programs = ["first".to_owned(), "second".to_owned()];
    let text = r#"{"jumps": [{"key": [0, 0, 0, 0], "value": "second"}, {"key": [1, 0, 0, 0], "value": 1},
                             {"key": [2, 0, 0, 0], "value": [2, 0, 0, 0]}], "h": []}"#;
    let shape = MapShape { name: "jumps".to_owned(), value_size: 4, ..shapes().remove(1) };
    let shapes = [MapShape { max_entries: 4, ..shape }, shapes().remove(2)];
    let contents = parse(&number_programs(text, &["jumps"], &programs).unwrap(), &shapes).unwrap();
    let numbers: Vec<_> = contents.maps["jumps"].values().map(|value| value[0]).collect();
    assert_eq!(numbers, [2, 1, 2]);
    let error = |text: &str| number_programs(text, &["jumps"], &programs).unwrap_err().to_string();
    let unknown = error(r#"{"jumps": [{"key": [0, 0, 0, 0], "value": "third"}]}"#);
    assert_eq!(unknown, "map `jumps`: no program is called `third`; there are first, second");
    assert_eq!(error(r#"{"jumps": [{"value": 3}]}"#), "map `jumps`: there is no program number 3");
}
