// SPDX-License-Identifier: Apache-2.0
//! What to do instead of calling a helper that is not built, by family of helpers.

/// Parts of names with the advice for the helpers that have them; the first that fits counts.
const FAMILIES: &[(&[&str], &str)] = &[
    (
        &[
            "_skb_",
            "skb_",
            "_hash_recalc",
            "set_hash",
            "csum_update",
            "csum_level",
            "clone_redirect",
            "l3_csum",
            "l4_csum",
        ],
        "this helper is for socket buffers; in XDP write the packet's bytes, or use the `bpf_xdp_` helpers and `bpf_csum_diff`",
    ),
    (
        &["redirect_neigh", "redirect_peer"],
        "ask `bpf_fib_lookup` for the next hop, write its addresses into the packet, and use `bpf_redirect`",
    ),
    (
        &["perf_event", "ringbuf", "xdp_output", "seq_"],
        "events go to the host by `bpf_perf_event_output`, `bpf_ringbuf_output`, or `bpf_ringbuf_reserve` with `bpf_ringbuf_submit`",
    ),
    (
        &["syncookie"],
        "compute a cookie of your own from addresses, ports and a secret in a map, or return XDP_PASS for SYN packets",
    ),
    (
        &["sk_", "skc_", "sock", "tcp_", "_sk", "listener"],
        "sockets live on the host: keep what is to be known of connections in a hash map, or return XDP_PASS",
    ),
    (
        &["spin_"],
        "use `bpf_spin_lock`: what a packet does with a map entry is one step in hardware, which no other packet sees half of",
    ),
    (&["percpu_elem", "per_cpu_ptr", "this_cpu_ptr"], "the hardware is one CPU: use `bpf_map_lookup_elem`"),
    (
        &["timer_"],
        "there are no timers: keep a time stamp of `bpf_ktime_get_ns` in a map and compare it when a packet comes",
    ),
    (&["dynptr", "kptr", "user_ringbuf"], "use packet pointers with bounds checks, and `bpf_map_lookup_elem`"),
    (
        &["strtol", "strtoul", "snprintf", "strncmp", "seq_printf"],
        "there are no strings in hardware: compare bytes, and let the host format and parse",
    ),
    (
        &[
            "current",
            "probe_",
            "stack",
            "task",
            "cgroup",
            "cgrp",
            "ns_",
            "override",
            "d_path",
            "inode",
            "attach_cookie",
            "func_",
        ],
        "there is no process and no kernel memory behind a packet in hardware: leave the call out",
    ),
    (
        &["msg_", "lwt_", "rc_", "sysctl_", "sys_", "bind", "hdr_opt", "retval", "route_realm", "local_storage"],
        "the kernel offers this helper to other types of programs only, not to XDP: leave the call out",
    ),
];

/// What to use instead of a helper, if there is more to say than that it is not built.
pub(super) fn advice(name: &str) -> Option<&'static str> {
    FAMILIES.iter().find(|(parts, _)| parts.iter().any(|part| name.contains(part))).map(|(_, advice)| *advice)
}

#[cfg(test)]
mod tests {
    use super::super::helpers::is_supported;
    use super::*;
    use crate::isa::helper_name;

    #[test]
    fn helpers_of_real_programs_have_advice() {
        for (name, word) in [
            ("bpf_redirect_neigh", "bpf_fib_lookup"),
            ("bpf_perf_event_read", "bpf_perf_event_output"),
            ("bpf_ringbuf_reserve_dynptr", "bpf_ringbuf_submit"),
            ("bpf_tcp_gen_syncookie", "cookie"),
            ("bpf_sk_lookup_tcp", "sockets"),
            ("bpf_skc_lookup_tcp", "sockets"),
            ("bpf_get_socket_cookie", "sockets"),
            ("bpf_map_lookup_percpu_elem", "one CPU"),
            ("bpf_timer_start", "bpf_ktime_get_ns"),
            ("bpf_dynptr_read", "packet pointers"),
            ("bpf_snprintf", "strings"),
            ("bpf_get_current_pid_tgid", "no process"),
            ("bpf_skb_load_bytes", "socket buffers"),
            ("bpf_l4_csum_replace", "bpf_csum_diff"),
        ] {
            assert!(advice(name).is_some_and(|text| text.contains(word)), "{name}: {:?}", advice(name));
        }
    }

    #[test]
    fn nearly_all_helpers_have_advice() {
        let unsupported = (1..212).filter(|&id| !is_supported(id)).filter_map(helper_name);
        let without: Vec<_> = unsupported.filter(|name| advice(name).is_none()).collect();
        assert!(without.len() < 30, "{without:?}");
    }
}
