// SPDX-License-Identifier: Apache-2.0
//! Calls of kernel helpers.

use super::call;
use super::content::{Content, Unusable};
use super::records::RESERVE;
use super::resize::is_resize;
use super::spin_lock;
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::Code;
use crate::isa::{PRINTS, Reg, TRACE_VPRINTK, helper_name};
use crate::object::FIB_LOOKUP;

/// `bpf_map_lookup_elem` (include/uapi/linux/bpf.h).
const MAP_LOOKUP_ELEM: u32 = 1;
/// `bpf_map_update_elem`.
const MAP_UPDATE_ELEM: u32 = 2;
/// `bpf_map_delete_elem`.
const MAP_DELETE_ELEM: u32 = 3;
/// `bpf_get_smp_processor_id`.
const GET_SMP_PROCESSOR_ID: u32 = 8;
/// `bpf_ktime_get_ns`, and on other clocks: `_boot_ns`, `_coarse_ns`, `_tai_ns`.
const TIMES: [u32; 4] = [5, 125, 160, 208];
/// `bpf_get_prandom_u32`.
const RANDOM: u32 = 7;
/// `bpf_redirect`.
const REDIRECT: u32 = 23;
/// `bpf_csum_diff`.
const CSUM_DIFF: u32 = 28;
/// `bpf_get_numa_node_id`.
const GET_NUMA_NODE_ID: u32 = 42;
/// `bpf_redirect_map`.
const REDIRECT_MAP: u32 = 51;
/// `bpf_map_push_elem`, `bpf_map_pop_elem`, `bpf_map_peek_elem`.
const MAP_PUSH_ELEM: u32 = 87;
const MAP_POP_ELEM: u32 = 88;
const MAP_PEEK_ELEM: u32 = 89;
/// `bpf_check_mtu`.
const CHECK_MTU: u32 = 163;
/// `bpf_jiffies64`.
const JIFFIES64: u32 = 118;
/// `bpf_xdp_load_bytes`.
const XDP_LOAD_BYTES: u32 = 189;
/// `bpf_xdp_store_bytes`.
const XDP_STORE_BYTES: u32 = 190;

/// `bpf_perf_event_output`.
const PERF_EVENT_OUTPUT: u32 = 25;
/// `bpf_ringbuf_output`, `_submit`, `_discard`, `_query`; `_reserve` is in `records.rs`.
const RINGBUF_OUTPUT: u32 = 130;
const RINGBUF_SUBMIT: u32 = 132;
const RINGBUF_DISCARD: u32 = 133;
const RINGBUF_QUERY: u32 = 134;

/// Helpers without arguments.
const ASKS: [u32; 4] = [RANDOM, GET_SMP_PROCESSOR_ID, GET_NUMA_NODE_ID, JIFFIES64];

/// `bpf_xdp_get_buff_len`.
const XDP_GET_BUFF_LEN: u32 = 188;

/// Helpers that are built.
pub(super) fn is_supported(id: u32) -> bool {
    let maps = [MAP_LOOKUP_ELEM, MAP_UPDATE_ELEM, MAP_DELETE_ELEM, MAP_PUSH_ELEM, MAP_POP_ELEM, MAP_PEEK_ELEM];
    maps.contains(&id)
        || [REDIRECT, REDIRECT_MAP, CSUM_DIFF, XDP_LOAD_BYTES, XDP_STORE_BYTES, XDP_GET_BUFF_LEN, CHECK_MTU, FIB_LOOKUP]
            .contains(&id)
        || [PERF_EVENT_OUTPUT, RINGBUF_OUTPUT, RESERVE, RINGBUF_SUBMIT, RINGBUF_DISCARD, RINGBUF_QUERY].contains(&id)
        || ASKS.contains(&id)
        || [spin_lock::LOCK, spin_lock::UNLOCK].contains(&id)
        || TIMES.contains(&id)
        || PRINTS.contains(&id)
        || is_resize(id)
        || call::calls_back(id)
        || id == call::TAIL_CALL
}

/// Number of registers (from r1) that a helper reads; all five where we do not know.
pub(super) fn argument_count(id: u32) -> u32 {
    match id {
        MAP_LOOKUP_ELEM | MAP_DELETE_ELEM | MAP_POP_ELEM | MAP_PEEK_ELEM | REDIRECT => 2,
        RINGBUF_SUBMIT | RINGBUF_DISCARD | RINGBUF_QUERY => 2,
        RESERVE => 3,
        RINGBUF_OUTPUT => 4,
        MAP_UPDATE_ELEM => 4,
        REDIRECT_MAP | MAP_PUSH_ELEM => 3,
        id if ASKS.contains(&id) || TIMES.contains(&id) => 0,
        XDP_LOAD_BYTES | XDP_STORE_BYTES | FIB_LOOKUP | TRACE_VPRINTK => 4,
        call::TAIL_CALL => 3,
        call::LOOP | call::FOR_EACH_MAP_ELEM => 4,
        XDP_GET_BUFF_LEN | spin_lock::LOCK | spin_lock::UNLOCK => 1,
        id if is_resize(id) => 2,
        _ => 5,
    }
}

impl Walk<'_> {
    /// Carries out a helper call: result in r0, r1 to r5 lost.
    pub(super) fn call_helper(&mut self, state: &mut State, id: u32) -> Result<(), Refusal> {
        let result = match id {
            MAP_LOOKUP_ELEM => self.map_lookup(state)?,
            MAP_UPDATE_ELEM => self.map_update(state)?,
            MAP_DELETE_ELEM => self.map_delete(state)?,
            MAP_PUSH_ELEM => self.map_push(state)?,
            MAP_POP_ELEM => self.map_peek(state, "bpf_map_pop_elem", true)?,
            MAP_PEEK_ELEM => self.map_peek(state, "bpf_map_peek_elem", false)?,
            // The hardware is one CPU on one node.
            GET_SMP_PROCESSOR_ID | GET_NUMA_NODE_ID => Content::Scalar(self.b.constant(0, 64)),
            id if PRINTS.contains(&id) => self.print(state, id)?,
            id if TIMES.contains(&id) => self.time(),
            JIFFIES64 => self.jiffies(),
            RANDOM => self.random(state),
            CSUM_DIFF => self.csum_diff(state)?,
            XDP_LOAD_BYTES => self.xdp_load_bytes(state)?,
            XDP_STORE_BYTES => self.xdp_store_bytes(state)?,
            CHECK_MTU => self.check_mtu(state)?,
            FIB_LOOKUP => self.fib_lookup(state)?,
            spin_lock::LOCK | spin_lock::UNLOCK => self.spin_lock(state, id == spin_lock::LOCK)?,
            REDIRECT => self.redirect(state)?,
            REDIRECT_MAP => self.redirect_map(state)?,
            PERF_EVENT_OUTPUT => self.perf_event_output(state)?,
            RINGBUF_OUTPUT => self.ringbuf_output(state)?,
            RINGBUF_SUBMIT => self.ringbuf_release(state, true)?,
            RINGBUF_DISCARD => self.ringbuf_release(state, false)?,
            RINGBUF_QUERY => self.ringbuf_query(state)?,
            XDP_GET_BUFF_LEN => {
                self.context_argument(state)?;
                let length = state.extent.length(&mut self.b).value(&mut self.b);
                Content::Scalar(length)
            }
            _ => {
                let name = helper_name(id).map_or_else(|| format!("helper {id}"), |n| format!("`{n}`"));
                return Err(self.refuse(Code::UnsupportedHelper, format!("{name} is not built yet")));
            }
        };
        clobber_arguments(state);
        state.registers[0] = result;
        Ok(())
    }

    /// r1 must be the context of an XDP program.
    pub(super) fn context_argument(&self, state: &State) -> Result<(), Refusal> {
        let context = self.register(state, Reg::R1)?;
        if !matches!(context, Content::Context(0)) || self.is_phys_dev() {
            let text = format!("the first argument is {}, not the context of an XDP program", context.describe());
            return Err(self.refuse(Code::HelperArgument, text));
        }
        Ok(())
    }
}

/// r1 to r5 hold nothing after a call.
pub(super) fn clobber_arguments(state: &mut State) {
    for register in &mut state.registers[1..=5] {
        *register = Content::Unusable(Unusable::Clobbered);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::helper_id;

    #[test]
    fn numbers_are_those_of_the_names() {
        let times = ["bpf_ktime_get_ns", "bpf_ktime_get_boot_ns", "bpf_ktime_get_coarse_ns", "bpf_ktime_get_tai_ns"];
        assert_eq!(times.map(helper_id), TIMES.map(Some));
        assert_eq!(["bpf_trace_printk", "bpf_trace_vprintk"].map(helper_id), PRINTS.map(Some));
        for (name, id) in [
            ("bpf_get_prandom_u32", RANDOM),
            ("bpf_redirect", REDIRECT),
            ("bpf_csum_diff", CSUM_DIFF),
            ("bpf_get_numa_node_id", GET_NUMA_NODE_ID),
            ("bpf_redirect_map", REDIRECT_MAP),
            ("bpf_jiffies64", JIFFIES64),
            ("bpf_check_mtu", CHECK_MTU),
            ("bpf_map_push_elem", MAP_PUSH_ELEM),
            ("bpf_map_pop_elem", MAP_POP_ELEM),
            ("bpf_map_peek_elem", MAP_PEEK_ELEM),
            ("bpf_fib_lookup", FIB_LOOKUP),
            ("bpf_spin_lock", spin_lock::LOCK),
            ("bpf_spin_unlock", spin_lock::UNLOCK),
            ("bpf_perf_event_output", PERF_EVENT_OUTPUT),
            ("bpf_ringbuf_output", RINGBUF_OUTPUT),
            ("bpf_ringbuf_reserve", RESERVE),
            ("bpf_ringbuf_submit", RINGBUF_SUBMIT),
            ("bpf_ringbuf_discard", RINGBUF_DISCARD),
            ("bpf_ringbuf_query", RINGBUF_QUERY),
            ("bpf_xdp_load_bytes", XDP_LOAD_BYTES),
            ("bpf_xdp_store_bytes", XDP_STORE_BYTES),
        ] {
            assert_eq!(helper_id(name), Some(id), "{name}");
        }
    }
}
