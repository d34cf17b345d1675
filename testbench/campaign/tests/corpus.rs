// SPDX-License-Identifier: Apache-2.0
//! The judge of real programs, on programs of our own.

mod kernel;

use bpf2hdl::object::{CompileOptions, compile_c};
use bpf2hdl_campaign::corpus::{self, Equal, Kernel, Row, Traffic};
use kernel::kernel_or_skip;
use std::fs;
use std::path::{Path, PathBuf};

const PACKETS: usize = 80;

/// An object from C text.
fn object(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus");
    fs::create_dir_all(&folder).expect("created");
    let (source, object) = (folder.join(format!("{name}.c")), folder.join(format!("{name}.o")));
    fs::write(&source, text).expect("written");
    let bytes = compile_c(&source, &CompileOptions::standard()).unwrap_or_else(|errors| panic!("{errors}"));
    fs::write(&object, bytes).expect("written");
    object
}

fn judged(name: &str, body: &str) -> Option<Row> {
    if !kernel_or_skip(name) {
        return None;
    }
    let text = format!(
        "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n{body}\nchar _license[] SEC(\"license\") = \"GPL\";\n"
    );
    let object = object(name, &text);
    let traffic = Traffic::new(PACKETS, None).expect("no capture to read");
    Some(corpus::judge(Row::new("own", &object, "program"), &object, &traffic, None).expect("judged"))
}

/// A port that no ordinary packet has is found, and so is a part of the program that only a loader switches on.
#[test]
fn a_program_that_waits_for_a_packet_and_for_its_loader() {
    let body = "const volatile _Bool ready;\n\
        SEC(\"xdp\") int program(struct xdp_md *ctx) {\n\
        __u8 *data = (__u8 *)(long)ctx->data, *end = (__u8 *)(long)ctx->data_end;\n\
        if (data + 42 > end) return XDP_PASS;\n\
        if (*(__u16 *)(data + 36) != 0xbeef) return XDP_DROP;\n\
        return ready ? XDP_TX : XDP_ABORTED; }\n";
    let Some(row) = judged("waits", body) else { return };
    assert_eq!((&row.kernel, &row.equal, row.fault()), (&Kernel::Loads, &Equal::Yes, None));
    assert_eq!(row.packets, 2 * 3 * PACKETS);
    assert!(row.actions[..4].iter().all(|count| *count > 0), "{:?}", row.actions);
}

#[test]
fn refusals_of_both_sides_are_told_apart() {
    let far = "SEC(\"xdp\") int program(struct xdp_md *ctx) {\n\
        __u8 *data = (__u8 *)(long)ctx->data, *end = (__u8 *)(long)ctx->data_end;\n\
        if (data + 700 > end) return XDP_PASS;\n\
        data[650] = 1; return XDP_TX; }\n";
    let Some(row) = judged("far_store", far) else { return };
    assert_eq!((&row.kernel, row.is_compiled(), &row.equal), (&Kernel::Loads, false, &Equal::NotCompared));
    assert!(row.refusals.iter().any(|refusal| refusal.code == "E0501"), "{:?}", row.refusals);
    let unsafe_load = "SEC(\"xdp\") int program(struct xdp_md *ctx) { return ((__u8 *)(long)ctx->data)[20]; }\n";
    let Some(row) = judged("unsafe", unsafe_load) else { return };
    assert!(matches!(&row.kernel, Kernel::Refuses(why) if !why.is_empty()), "{:?}", row.kernel);
    assert!(!row.is_compiled() && row.fault().is_none());
}
