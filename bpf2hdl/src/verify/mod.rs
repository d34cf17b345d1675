// SPDX-License-Identifier: Apache-2.0
//! Verification and lowering in one: abstract execution of the program, of which the trace is the IR.
//!
//! Every path is followed with typed register contents, known bits and value sets, and proven lengths of the packet.
//! Paths that meet become one state with choices (`merge`), so that the work stays near-linear; loops unroll and calls
//! inline, because a state's place includes its iteration numbers and callers (`cfg`). What the kernel's verifier proves
//! is proven here again, because nothing in the hardware checks an address.

mod advice;
mod agree;
mod alu;
mod arrival;
mod atomic;
mod bloom;
mod branch;
mod call;
mod cfg;
mod checksum;
mod compare;
mod content;
mod ending;
mod events;
mod explosion;
mod extent;
mod facts;
mod fib;
mod helpers;
mod inner_maps;
mod legacy;
mod linear;
mod map_calls;
mod memory;
mod merge;
mod mtu;
mod packet;
mod packet_bytes;
mod path;
mod print_length;
mod prints;
mod queue;
mod records;
mod redirect;
mod repeat;
mod resize;
mod spin_lock;
mod stack;
mod state;
mod survey;
mod tail_call;
mod walk;

use crate::diag::{Code, Diagnostics};
use crate::ir::Function;
use crate::object::Linked;
use agree::Policy;
use bpf2hdl_interface::print;
pub use prints::{Print, Prints};
use std::collections::BTreeMap;

/// Limits of the analysis and of the hardware.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Instructions executed in the abstract before the analysis gives up.
    pub work: usize,
    /// Operations of the IR before the analysis gives up: each would be hardware.
    pub operations: usize,
    /// Iterations of one loop. Each becomes hardware of its own.
    pub iterations: u32,
    /// States that may stand unmerged at one place.
    pub states_per_place: usize,
    /// Bytes of the packet, from its start, that travel with a token. Stores stay inside; loads that may go beyond are
    /// made from a copy of the packet buffer.
    pub window_bytes: u16,
    /// Different places that the packet's head, and lengths that its metadata, can have: the shifter is built for these.
    pub head_places: usize,
    /// Longest frame that the hardware lets through (`MAX_FRAME` of the core).
    pub frame_bytes: u16,
}

/// The limits that programs are held to: the kernel's complexity limit is one million instructions
/// (`BPF_COMPLEXITY_LIMIT_INSNS`), and 512 bytes of window hold what 99.6 % of programs touch twice over.
pub const LIMITS: Limits = Limits {
    work: 1_000_000,
    operations: 150_000,
    iterations: 8192,
    states_per_place: 64,
    window_bytes: 512,
    head_places: 64,
    frame_bytes: 9216,
};

/// The limits for the [engine](crate::engine), which executes what others become hardware for: as for pipelines, but what a packet's window, a
/// shifter and unrolled loops cost does not count, only the work of the analysis.
pub const ENGINE_LIMITS: Limits =
    Limits { operations: 1_000_000, iterations: 1_000_000, window_bytes: u16::MAX, head_places: 16_384, ..LIMITS };

/// Verifies a program and lowers it to the IR.
///
/// # Errors
/// All items that are not built, or else the unsafe accesses that were found.
pub fn verify(program: &Linked, limits: &Limits) -> Result<Function, Diagnostics> {
    lower(program, limits).map(|lowered| lowered.function)
}

/// As [`verify`], with what the user should know of the program.
///
/// # Errors
/// As [`verify`].
pub fn verify_with_warnings(program: &Linked, limits: &Limits) -> Result<(Function, Diagnostics), Diagnostics> {
    let lowered = lower(program, limits)?;
    Ok((lowered.function, prints::warnings(program, &lowered.prints).finish()))
}

/// What a program prints, with what the user should know of it.
///
/// # Errors
/// As [`verify`].
pub fn verify_prints(program: &Linked, limits: &Limits) -> Result<(Prints, Diagnostics), Diagnostics> {
    let prints = lower(program, limits)?.prints;
    let warnings = prints::warnings(program, &prints).finish();
    Ok((prints, warnings))
}

/// What a program prints; nothing, and without a look at it, if it has no [channel](crate::object::print_channel()) for that or is refused.
#[must_use]
pub fn prints(program: &Linked) -> Prints {
    if !program.maps.iter().any(|map| map.name == print::MAP_NAME) {
        return Prints::default();
    }
    lower(program, &ENGINE_LIMITS).map_or_else(|_| Prints::default(), |lowered| lowered.prints)
}

/// Whether a helper is built.
#[cfg(test)]
pub(crate) fn has_helper(id: u32) -> bool {
    helpers::is_supported(id)
}

/// The instructions of a program that read `rx_queue_index` or `egress_ifindex`, with the offset of the field; none of a
/// program that is refused.
#[must_use]
pub fn context_reads(program: &Linked) -> BTreeMap<usize, i64> {
    lower(program, &ENGINE_LIMITS).map_or_else(|_| BTreeMap::new(), |lowered| lowered.context_reads)
}

/// What the walk of a program leaves.
struct Lowered {
    function: Function,
    /// Offsets of the fields read, by instruction.
    context_reads: BTreeMap<usize, i64>,
    /// What it prints.
    prints: Prints,
}

fn lower(program: &Linked, limits: &Limits) -> Result<Lowered, Diagnostics> {
    let found = survey::survey(program);
    if found.has_errors() {
        return Err(found.finish());
    }
    let cfg = cfg::Cfg::new(program)?;
    let attempt = |policy| walk::Walk::new(program, &cfg, limits, policy, survey::declare(program)).run();
    let mut refusal = match attempt(Policy::Compatible) {
        Ok(lowered) => return Ok(lowered),
        Err(problems) => problems,
    };
    if refusal.contains(Code::WorkLimit) {
        return Err(refusal);
    }
    for policy in [Policy::SameKinds, Policy::SameLengths, Policy::SameConstants] {
        match attempt(policy) {
            Ok(lowered) => return Ok(lowered),
            // What is wrong with single paths tells more than what merging them lost.
            Err(problems) if !problems.contains(Code::WorkLimit) => refusal = problems,
            Err(_) => {}
        }
    }
    Err(refusal)
}
