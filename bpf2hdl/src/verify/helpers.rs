// SPDX-License-Identifier: Apache-2.0
//! Calls of kernel helpers.

use super::call;
use super::content::{Content, Unusable};
use super::resize::is_resize;
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::Code;
use crate::isa::{Reg, helper_name};

/// `bpf_map_lookup_elem` (include/uapi/linux/bpf.h).
const MAP_LOOKUP_ELEM: u32 = 1;
/// `bpf_map_update_elem`.
const MAP_UPDATE_ELEM: u32 = 2;
/// `bpf_map_delete_elem`.
const MAP_DELETE_ELEM: u32 = 3;
/// `bpf_get_smp_processor_id`.
const GET_SMP_PROCESSOR_ID: u32 = 8;
/// `bpf_redirect`.
const REDIRECT: u32 = 23;
/// `bpf_redirect_map`.
const REDIRECT_MAP: u32 = 51;

/// `bpf_xdp_get_buff_len`.
const XDP_GET_BUFF_LEN: u32 = 188;

/// Helpers that are built.
pub(super) fn is_supported(id: u32) -> bool {
    let maps = [MAP_LOOKUP_ELEM, MAP_UPDATE_ELEM, MAP_DELETE_ELEM];
    maps.contains(&id)
        || [GET_SMP_PROCESSOR_ID, REDIRECT, REDIRECT_MAP, XDP_GET_BUFF_LEN].contains(&id)
        || is_resize(id)
        || call::calls_back(id)
        || id == call::TAIL_CALL
}

/// Number of registers (from r1) that a helper reads; all five where we do not know.
pub(super) fn argument_count(id: u32) -> u32 {
    match id {
        MAP_LOOKUP_ELEM | MAP_DELETE_ELEM | REDIRECT => 2,
        MAP_UPDATE_ELEM => 4,
        REDIRECT_MAP => 3,
        GET_SMP_PROCESSOR_ID => 0,
        call::TAIL_CALL => 3,
        call::LOOP | call::FOR_EACH_MAP_ELEM => 4,
        XDP_GET_BUFF_LEN => 1,
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
            // The hardware is one CPU.
            GET_SMP_PROCESSOR_ID => Content::Scalar(self.b.constant(0, 64)),
            REDIRECT => self.redirect(state)?,
            REDIRECT_MAP => self.redirect_map(state)?,
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
