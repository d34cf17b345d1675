// SPDX-License-Identifier: Apache-2.0
//! `bpf_check_mtu`: does a packet fit an interface?
//!
//! As in the kernel (`bpf_xdp_check_mtu`, net/core/filter.c) the length is the packet's, or the number at `mtu_len` if that is
//! not 0, plus a difference; lengths of layer 3 are compared. Afterwards `mtu_len` holds the MTU. All interfaces
//! that a packet can come from have the MTU of Ethernet; others do not exist.

use super::content::Content;
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::Code;
use crate::ir::{Binary, Compare, Value};
use bpf2hdl_interface::target::{ETHERNET_MTU, MOST_PORTS};

/// `-EINVAL` and `-ENODEV` (include/uapi/asm-generic/errno-base.h).
const INVALID: i64 = -22;
const NO_DEVICE: i64 = -19;
/// Bytes of an Ethernet header.
const HEADER: u64 = 14;

impl Walk<'_> {
    pub(super) fn check_mtu(&mut self, state: &mut State) -> Result<Content, Refusal> {
        self.context_argument(state)?;
        let number = |walk: &mut Self, register: usize, what: &str| -> Result<Value, Refusal> {
            let value = walk.scalar(&state.registers[register], what)?;
            Ok(walk.b.extract(value, 0, 32))
        };
        let interface = number(self, 2, "the interface of bpf_check_mtu")?;
        let difference = number(self, 4, "the difference of bpf_check_mtu")?;
        let flags = self.scalar(&state.registers[5], "the flags of bpf_check_mtu")?;
        let pointer = state.registers[3];
        if !matches!(pointer, Content::Stack(..) | Content::StackAt(_) | Content::Entry(_)) {
            let text =
                format!("mtu_len of bpf_check_mtu is {}; it has to be on the stack or in a map", pointer.describe());
            return Err(self.refuse(Code::HelperArgument, text));
        }
        let content = self.read(state, &pointer, 0, 4)?;
        let given = self.scalar(&content, "what mtu_len of bpf_check_mtu points to")?;
        let given = self.b.extract(given, 0, 32);
        let too_long = self.exceeds_mtu(state, given, difference);
        let (zero, most) = (self.b.constant(0, 64), self.b.constant(MOST_PORTS.into(), 32));
        let invalid = self.b.compare(Compare::Ne, flags, zero);
        let missing = self.b.compare(Compare::Ult, most, interface);
        let failed = self.b.or(invalid, missing);
        let mtu = self.b.constant(ETHERNET_MTU.into(), 32);
        let after = self.b.select(failed, given, mtu);
        self.write(state, &pointer, 0, 4, Content::Scalar(after))?;
        let verdict = self.b.resize(too_long, 64);
        let [einval, enodev] = [INVALID, NO_DEVICE].map(|code| self.b.constant(code as u64, 64));
        let code = self.b.select(invalid, einval, enodev);
        Ok(Content::Scalar(self.b.select(failed, code, verdict)))
    }

    /// One bit: a frame with the given bytes behind its Ethernet header (0: this packet's), plus the difference, is longer
    /// than the MTU allows. 32 bits with sign, as in the kernel.
    fn exceeds_mtu(&mut self, state: &State, given: Value, difference: Value) -> Value {
        let packet = state.extent.length(&mut self.b).value(&mut self.b);
        let packet = self.b.extract(packet, 0, 32);
        let zero = self.b.constant(0, 32);
        let own = self.b.compare(Compare::Eq, given, zero);
        let framed = self.b.add_const(given, HEADER);
        let length = self.b.select(own, packet, framed);
        let length = self.b.binary(Binary::Add, length, difference);
        let longest = self.b.constant(u64::from(ETHERNET_MTU) + HEADER, 32);
        self.b.compare(Compare::Slt, longest, length)
    }
}
