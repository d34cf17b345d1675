// SPDX-License-Identifier: Apache-2.0
//! `bisect`: every form agrees with the reference; a fault that is planted into one form is found there.

mod cli_support;

use bpf2hdl_testbench::capture;
use cli_support::{Folder, bpf2hdl, example, json};
use serde_json::Value;
use std::fs;

/// Adds two fields into a third, and counts frames whose type begins with 8.
const PROGRAM: &str = r#"
typedef unsigned int u32; typedef unsigned long long u64; typedef unsigned char u8;
struct xdp_md { u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex; };
struct { int (*type)[2]; u32 *key; u64 *value; int (*max_entries)[4]; } seen __attribute__((section(".maps")));
static void *(*lookup)(void *, const void *) = (void *)1;
__attribute__((section("xdp"))) int adder(struct xdp_md *ctx)
{
    u8 *data = (u8 *)(long)ctx->data, *end = (u8 *)(long)ctx->data_end;
    if (data + 40 > end)
        return 1;
    u32 a = *(u32 *)(data + 14), b = *(u32 *)(data + 18);
    *(u32 *)(data + 22) = a + b;
    if (data[12] == 8) {
        u32 key = 1;
        u64 *value = lookup(&seen, &key);
        if (value)
            *value += 5;
    }
    return a > 0x20000000 ? 2 : 3;
}
char _license[] __attribute__((section("license"))) = "GPL";
"#;
/// Of the packets, the first one that the map counts.
const COUNTED: usize = 5;

fn packets(folder: &Folder) -> String {
    let frame = |number: usize| {
        let mut frame: Vec<u8> = (0..60).map(|at| (at * 37 + number * 101) as u8).collect();
        frame[12] = if number >= COUNTED { 8 } else { 6 };
        frame
    };
    let frames: Vec<Vec<u8>> = (0..9).map(frame).collect();
    folder.write("in.pcap", capture::encode(frames.iter().map(Vec::as_slice)))
}

/// A program with its capture and the texts of its forms.
fn prepare(folder: &Folder) -> (String, String) {
    let (program, input) = (folder.object("adder", "bpf", PROGRAM), packets(folder));
    bpf2hdl(["compile", &program, "-o", &folder.path("out"), "--emit", "passes,pipe"]).good();
    (program, input)
}

/// Replaces the first `from` behind `after` in a form's text, and bisects with that.
fn with_fault(folder: &Folder, form: &str, change: impl Fn(&str) -> String) -> (i32, Value) {
    let (program, input) = prepare(folder);
    let text = fs::read_to_string(folder.path(&format!("out/{form}"))).expect("the form's text");
    let changed = change(&text);
    assert_ne!(text, changed, "nothing to change in\n{text}");
    let file = folder.write(form.rsplit('/').next().expect("a name"), changed);
    json(&["bisect", &program, "--pcap", &input, "--replace-form", &file])
}

/// Name of the form that the first pass of this name makes.
fn form(pass: &str) -> String {
    let position = bpf2hdl::opt::PASSES.iter().position(|p| p.name == pass).expect("a pass");
    format!("{:02}-{pass}", position + 1)
}

#[test]
fn every_form_of_an_example_agrees() {
    let folder = Folder::new();
    let (program, input) = (example("mac_swap"), packets(&folder));
    let (status, found) = json(&["bisect", &program, "--pcap", &input, "--oracle", "ir", "--rtl"]);
    assert_eq!(status, 0, "{found}");
    let names: Vec<&str> =
        found["forms"].as_array().expect("forms").iter().map(|form| form["name"].as_str().expect("a name")).collect();
    assert_eq!((names[0], names[1]), ("00-verify", "01-dead"));
    assert_eq!(names[names.len() - 2..], ["pipe", "rtl"]);
    assert!(found["forms"].as_array().expect("forms").iter().all(|form| form["agrees"] == true), "{found}");
    assert_eq!((&found["first_wrong"], &found["packets"], &found["oracle"]), (&Value::Null, &9.into(), &"ir".into()));
    let text = bpf2hdl(["bisect", &program, "--pcap", &input, "--oracle", "ir"]).good().stdout;
    assert!(text.contains("Every form agrees."), "{text}");
}

#[test]
fn a_wrong_operation_is_found_at_its_pass_and_line() {
    let folder = Folder::new();
    let (status, found) =
        with_fault(&folder, &format!("passes/{}.ir", form("narrow")), |text| text.replace(" = add ", " = or "));
    let wrong = &found["first_wrong"];
    assert_eq!((status, &found["code"], &wrong["form"]), (1, &"E0021".into(), &form("narrow").into()), "{found}");
    assert_eq!((&wrong["kind"], &wrong["hazard"]), (&"bytes".into(), &false.into()), "{found}");
    assert!(wrong["source"].is_null() && wrong["value"]["source"].as_str().is_some_and(|line| line.contains("a + b")));
    assert_eq!(wrong["value"]["instruction"].as_str().map(|text| text.contains("+=")), Some(true), "{found}");
    assert!(wrong["value"]["operation"].as_str().is_some_and(|text| text.contains("= or ")), "{found}");
    // Forms before it agree.
    let narrow = form("narrow");
    let before = found["forms"].as_array().expect("forms").iter().take_while(|form| form["name"] != narrow.as_str());
    assert!(before.clone().count() > 2 && before.into_iter().all(|form| form["agrees"] == true), "{found}");
}

#[test]
fn a_wrong_map_update_is_found_at_its_packet() {
    let folder = Folder::new();
    let (status, found) = with_fault(&folder, &format!("passes/{}.ir", form("dead")), |text| {
        text.replacen("= const 0x5 ", "= const 0x4 ", 1)
    });
    let wrong = &found["first_wrong"];
    assert_eq!((status, &wrong["form"], &wrong["kind"]), (1, &form("dead").into(), &"map".into()), "{found}");
    assert_eq!(wrong["packet"], COUNTED, "{found}");
    assert!(wrong["difference"].as_str().is_some_and(|text| text.contains("`seen`, key [01 00 00 00]")), "{found}");
}

#[test]
fn a_wrong_comparison_in_the_pipeline_is_found_there() {
    let folder = Folder::new();
    // The comparison of the first field, whose top bit is set in some packets.
    let slt =
        |line: &str| if line.contains("0x20000000") { line.replace(" = ult ", " = slt ") } else { line.to_owned() };
    let change = |text: &str| text.lines().map(|line| slt(line) + "\n").collect();
    let (status, found) = with_fault(&folder, "program.pipe", change);
    let wrong = &found["first_wrong"];
    assert_eq!((status, &wrong["form"]), (1, &"pipe".into()), "{found}");
    assert!(wrong["packet"].is_number() && wrong["hazard"] == false, "{found}");
    assert!(wrong["value"]["operation"].as_str().is_some_and(|text| text.contains("= slt ")), "{found}");
    assert!(wrong["value"]["source"].as_str().is_some_and(|line| line.contains("0x20000000")), "{found}");
}

#[test]
fn only_the_wanted_packet_is_judged() {
    let folder = Folder::new();
    let (program, input) = prepare(&folder);
    let text =
        fs::read_to_string(folder.path(&format!("out/passes/{}.ir", form("transactions")))).expect("the form's text");
    let file = folder.write(&format!("{}.ir", form("transactions")), text.replacen(" = add ", " = sub ", 1));
    let arguments = ["bisect", &program, "--pcap", &input, "--replace-form", &file];
    let (_, all) = json(&arguments);
    let first = all["first_wrong"]["packet"].as_u64().expect("a packet") as usize;
    let (status, one) = json(&[&arguments[..], &["--packet", "7"]].concat());
    assert_eq!((first, status, &one["packets"], &one["first_wrong"]["packet"]), (0, 1, &8.into(), &7.into()), "{one}");
    let (status, _) = json(&["bisect", &program, "--pcap", &input, "--packet", "99"]);
    assert_eq!(status, 2);
}

#[test]
fn a_text_that_is_no_form_is_refused() {
    let folder = Folder::new();
    let (program, input) = prepare(&folder);
    let narrow = format!("{}.ir", form("narrow"));
    for (name, text) in [("99-nothing.ir", "function f kind xdp {\n}"), (&narrow, "nonsense"), ("x.pipe", "")] {
        let file = folder.write(name, text);
        let (status, found) = json(&["bisect", &program, "--pcap", &input, "--replace-form", &file]);
        assert_eq!((status, &found["code"]), (2, &"E0022".into()), "{name}: {found}");
    }
}
