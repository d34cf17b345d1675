// SPDX-License-Identifier: Apache-2.0
//! `feature probe`: what programs may use on this device. The lists are those of the compiler (`docs/src/subset.md`); a test compares.

use super::Context;
use crate::error::Result;
use crate::help;
use crate::json::Json;
use crate::output::Shown;
use crate::words::{Keywords, Words};

/// Map types that are built.
pub(crate) const MAP_TYPES: [&str; 19] = [
    "hash",
    "array",
    "prog_array",
    "perf_event_array",
    "percpu_hash",
    "percpu_array",
    "lru_hash",
    "lru_percpu_hash",
    "lpm_trie",
    "array_of_maps",
    "hash_of_maps",
    "devmap",
    "cpumap",
    "xskmap",
    "queue",
    "stack",
    "devmap_hash",
    "ringbuf",
    "bloom_filter",
];
/// Helpers that are built.
pub(crate) const HELPERS: [&str; 38] = [
    "bpf_map_lookup_elem",
    "bpf_map_update_elem",
    "bpf_map_delete_elem",
    "bpf_map_push_elem",
    "bpf_map_pop_elem",
    "bpf_map_peek_elem",
    "bpf_get_smp_processor_id",
    "bpf_get_numa_node_id",
    "bpf_loop",
    "bpf_for_each_map_elem",
    "bpf_tail_call",
    "bpf_redirect",
    "bpf_redirect_map",
    "bpf_ktime_get_ns",
    "bpf_ktime_get_boot_ns",
    "bpf_ktime_get_coarse_ns",
    "bpf_ktime_get_tai_ns",
    "bpf_jiffies64",
    "bpf_get_prandom_u32",
    "bpf_csum_diff",
    "bpf_xdp_adjust_head",
    "bpf_xdp_adjust_tail",
    "bpf_xdp_adjust_meta",
    "bpf_xdp_get_buff_len",
    "bpf_xdp_load_bytes",
    "bpf_xdp_store_bytes",
    "bpf_check_mtu",
    "bpf_fib_lookup",
    "bpf_spin_lock",
    "bpf_spin_unlock",
    "bpf_perf_event_output",
    "bpf_ringbuf_output",
    "bpf_ringbuf_reserve",
    "bpf_ringbuf_submit",
    "bpf_ringbuf_discard",
    "bpf_ringbuf_query",
    "bpf_trace_printk",
    "bpf_trace_vprintk",
];

/// Runs the command.
pub(super) fn run(context: &Context, words: &mut Words) -> Result<Shown> {
    let keywords = Keywords { what: "feature command", bpftool: &["help", "probe"], own: &[] };
    let command = words.next().map_or(Ok("probe"), |word| keywords.find(&word))?;
    if command == "help" {
        return help::of(Some("feature"));
    }
    let mut device = context.open(words)?;
    words.end()?;
    let status = device.status()?;
    let all: Vec<&str> = (1..34).filter_map(|number| bpf2hdl_interface::MapType(number).name()).collect();
    let mut text = format!("Scanning device {}...\n", device.name);
    text.push_str(&format!("bus {} bits, {} MHz on {}\n\n", status.bus_bits, status.clock_mhz, status.target));
    text.push_str("eBPF program_type xdp is available\n\n");
    for name in &all {
        let is = if MAP_TYPES.contains(name) { "available" } else { "NOT available" };
        text.push_str(&format!("eBPF map_type {name} is {is}\n"));
    }
    text.push_str("\neBPF helpers supported for program type xdp:\n");
    for name in HELPERS {
        text.push_str(&format!("\t- {name}\n"));
    }
    let maps = all.iter().map(|name| (format!("have_{name}_map_type"), Json::from(MAP_TYPES.contains(name))));
    let json = Json::object([
        (
            "device",
            Json::object([
                ("bus_bits", Json::from(status.bus_bits)),
                ("clock_mhz", Json::Plain(serde_json::json!(status.clock_mhz))),
                ("target", Json::from(status.target.as_str())),
            ]),
        ),
        ("program_types", Json::object([("have_xdp_prog_type", Json::from(true))])),
        ("map_types", Json::object(maps)),
        (
            "helpers",
            Json::object([("xdp_available_helpers", Json::List(HELPERS.into_iter().map(Json::from).collect()))]),
        ),
    ]);
    Ok(Shown::new(text, json))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of a table of the page on the subset.
    fn row(name: &str) -> String {
        let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/subset.md");
        let page = std::fs::read_to_string(page).expect("the page");
        let begin = format!("| {name} | ");
        page.lines().find_map(|line| line.strip_prefix(begin.as_str())).expect("the row").to_owned()
    }

    #[test]
    fn helpers_are_those_of_the_subset() {
        let row = row("helpers");
        // `bpf_ktime_get_ns` (and `_boot_ns`, ..): a name that begins with `_` replaces the end of the one before.
        let mut found = Vec::<String>::new();
        for name in row.split('`').skip(1).step_by(2) {
            let whole = found.iter().rev().find(|name| name.starts_with("bpf_"));
            let whole = match name.strip_prefix('_') {
                None => name.to_owned(),
                Some(end) => {
                    let before = whole.expect("a name before").clone();
                    let stem = if before.starts_with("bpf_ktime_get") {
                        "bpf_ktime_get"
                    } else {
                        before.rsplit_once('_').expect("parts").0
                    };
                    format!("{stem}_{end}")
                }
            };
            found.push(whole);
        }
        // `bpf_trace_printk` and `_vprintk` stand for one call each.
        found.sort();
        found.dedup();
        let mut ours: Vec<String> = HELPERS.iter().map(|name| (*name).to_owned()).collect();
        ours.sort();
        assert_eq!(ours, found);
    }

    #[test]
    fn map_types_are_bpftool_s() {
        for name in MAP_TYPES {
            assert!(bpf2hdl_interface::MapType::from_name(name).is_some(), "{name}");
        }
    }
}
