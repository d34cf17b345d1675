// SPDX-License-Identifier: Apache-2.0
//! The two program slots (`hdl/rtl/bpf_slots.sv`): which one runs, and what becomes of frames meanwhile.

use super::NicRegisters;
use crate::HostError;
use bpf2hdl_interface::registers::{SLOT_WINDOWS, SLOTS};

const SELECT: u32 = SLOTS.address("SELECT");
const STATUS: u32 = SLOTS.address("STATUS");
const DONE: u32 = SLOTS.mask("STATUS", "done");
const ISOLATE: u32 = SLOTS.address("ISOLATE");

/// A program slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// The first.
    A,
    /// The second.
    B,
}

impl Slot {
    /// Both.
    pub const ALL: [Self; 2] = [Self::A, Self::B];

    /// `A` or `B`.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["A", "B"][self as usize]
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        Self::ALL[1 - self as usize]
    }

    /// Where the registers of its core are.
    #[must_use]
    pub fn window(self) -> u32 {
        SLOT_WINDOWS[self as usize]
    }

    fn select(self) -> u32 {
        [SLOTS.number("SELECT", "A"), SLOTS.number("SELECT", "B")][self as usize]
    }
}

/// What becomes of frames that no slot takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// They wait.
    Wait,
    /// They go to the host as they are.
    Pass,
    /// They are dropped.
    Drop,
}

impl Policy {
    fn value(self) -> u32 {
        let name = match self {
            Self::Wait => "WAIT",
            Self::Pass => "PASS",
            Self::Drop => "DROP",
        };
        SLOTS.number("POLICY", name)
    }
}

/// STATUS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotStatus {
    /// The slot that gets frames; none also during a switch.
    pub running: Option<Slot>,
    /// SELECT is carried out.
    pub done: bool,
    /// The old slot does what is left in it.
    pub draining: bool,
    /// The old one is empty, the new one is not ready yet.
    pub starting: bool,
    /// The switch takes more than LIMIT clocks.
    pub late: bool,
}

/// Begins a switch, to a slot or to none.
///
/// # Errors
/// A failed access.
pub fn select(slot: Option<Slot>, bus: &mut impl NicRegisters) -> Result<(), HostError> {
    Ok(bus.write(SELECT, slot.map_or(SLOTS.number("SELECT", "NONE"), Slot::select))?)
}

/// Reads STATUS.
///
/// # Errors
/// A failed access.
pub fn status(bus: &mut impl NicRegisters) -> Result<SlotStatus, HostError> {
    let word = bus.read(STATUS)?;
    let bit = |name| word & SLOTS.mask("STATUS", name) != 0;
    let running = (word & SLOTS.mask("STATUS", "running")) >> SLOTS.shift("STATUS", "running");
    Ok(SlotStatus {
        running: Slot::ALL.into_iter().find(|slot| slot.select() == running),
        done: word & DONE != 0,
        draining: bit("draining"),
        starting: bit("starting"),
        late: bit("late"),
    })
}

/// Waits until the switch is over, for so many reads at most.
///
/// # Errors
/// [`HostError::TimeOut`] that says where it stands; a failed access.
pub fn wait_done(polls: u32, bus: &mut impl NicRegisters) -> Result<(), HostError> {
    for _ in 0..polls {
        if bus.read(STATUS)? & DONE != 0 {
            return Ok(());
        }
    }
    let status = status(bus)?;
    let state = match (status.draining, status.starting) {
        (true, _) => "the old slot does not become empty",
        (_, true) => "the new slot does not become ready",
        _ => "it has not begun",
    };
    Err(HostError::TimeOut(format!("the switch of program slots is not over after {polls} polls: {state}")))
}

/// Holds a slot in reset and cuts it off, or lets it begin anew; the other slot goes on. To be done around an exchange of what is in the slot.
/// With `false` it waits, for so many reads at most, until the slot's frames are accounted: then the program is as after a reset.
///
/// # Errors
/// [`HostError::TimeOut`]; a failed access.
pub fn isolate(slot: Slot, isolated: bool, polls: u32, bus: &mut impl NicRegisters) -> Result<(), HostError> {
    let (bit, word) = (1 << slot as u32, bus.read(ISOLATE)?);
    if isolated {
        return Ok(bus.write(ISOLATE, word | bit)?);
    }
    bus.write(ISOLATE, word & !bit)?;
    for _ in 0..polls {
        if bus.read(STATUS)? & bit << SLOTS.shift("STATUS", "isolated") == 0 {
            return Ok(());
        }
    }
    let name = slot.name();
    Err(HostError::TimeOut(format!("slot {name} is still isolated after {polls} polls: its frames are not accounted")))
}

/// What becomes of frames while no slot is selected, and while a switch takes more than `limit` clocks.
///
/// # Errors
/// A failed access.
pub fn set_policy(none: Policy, late: Policy, limit: u32, bus: &mut impl NicRegisters) -> Result<(), HostError> {
    let value = none.value() << SLOTS.shift("POLICY", "none") | late.value() << SLOTS.shift("POLICY", "late");
    bus.write(SLOTS.address("LIMIT"), limit)?;
    Ok(bus.write(SLOTS.address("POLICY"), value)?)
}

/// Clocks that the last switch took.
///
/// # Errors
/// A failed access.
pub fn last_switch(bus: &mut impl NicRegisters) -> Result<u32, HostError> {
    Ok(bus.read(SLOTS.address("LAST"))?)
}
