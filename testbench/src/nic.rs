// SPDX-License-Identifier: Apache-2.0
//! A running NIC (`hdl/rtl/bpf_nic.sv`) with programs in its slots: a MAC that offers frames, memory behind its bus, registers, and what the harness sees of each frame.
//!
//! The shell is one model and each program its own; the harness (`shim/nic.cpp`) copies their ports in every clock, which stands for partial reconfiguration. Frames from the MAC wait outside while the
//! gate is full, as behind a link with pause frames, so the gate loses none. Memory answers some clocks late, and outside of allocated pages with DECERR.

use crate::Error;
use crate::model::{Happening, NicInstance, NicModel, SharedMemory, Status};
use crate::simulator::Simulator;
use bpf2hdl_host::RegisterError;
use bpf2hdl_host::nic::NicRegisters;
use bpf2hdl_host::nic::slots::Slot;
use bpf2hdl_interface::RedirectTarget;

/// Longest frame that can be offered: longer than any that the gate takes.
pub const LONGEST: usize = 16_384;

/// What became of a frame at the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// It went on.
    Good,
    /// The MAC said that it is bad.
    Bad,
    /// Too short or too long.
    Size,
    /// No room.
    Full,
}

/// Where a frame that left the gate goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Into a slot.
    Slot(Slot),
    /// To the host, by policy.
    Host,
    /// Nowhere, by policy.
    Dropped,
}

/// An output of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// To the DMA.
    Pass,
    /// Back to the port.
    Tx,
    /// Redirected.
    Redirect(Option<RedirectTarget>),
    /// A record.
    Event,
}

/// Something that happened. Of each kind the order is that of the frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The gate has judged the next frame that was offered.
    Gate(Gate),
    /// The next good frame begins to leave the gate.
    Place(Place),
    /// The next verdict of the slot that runs: action, bytes of the frame, target.
    Verdict(u32, u32, Option<RedirectTarget>),
    /// A frame has left a slot: bytes, of which the first are `metadata` ones.
    Exit {
        /// The slot.
        slot: Slot,
        /// By which output.
        exit: Exit,
        /// Bytes of metadata before the frame.
        metadata: usize,
        /// Metadata and frame.
        bytes: Vec<u8>,
    },
    /// A frame has left by the port; whether it was the host's own.
    Sent(bool, Vec<u8>),
    /// The NIC accessed memory that is not allocated; whether it wrote.
    Fault(bool, u64),
}

/// A running NIC. Registers are [`NicRegisters`]; each access takes some clocks, in which frames go on.
pub struct SimNic {
    instance: NicInstance,
}

impl SimNic {
    /// Starts a NIC with empty slots in front of this memory and resets it; `seed` also fills registers that have no reset.
    ///
    /// # Errors
    /// [`Error::Stopped`] if the design stops in reset.
    pub fn new(model: &NicModel, seed: u64, memory: &SharedMemory) -> Result<Self, Error> {
        Ok(Self { instance: NicInstance::new(model.library.clone(), seed, memory)? })
    }

    /// Puts a program that was reset into a slot. Who was there comes out.
    ///
    /// # Errors
    /// [`Error::Model`] for a program of another bus width.
    pub fn plug(&mut self, slot: Slot, program: Option<Simulator>) -> Result<Option<Simulator>, Error> {
        let before = self.instance.plug(slot, program.map(Simulator::into_instance))?;
        Ok(before.map(Simulator::from_instance))
    }

    /// Whether there is a program in a slot.
    #[must_use]
    pub fn has_program(&self, slot: Slot) -> bool {
        self.instance.has_program(slot)
    }

    /// Puts a frame on the wire, behind those that are there.
    ///
    /// # Errors
    /// [`Error::Model`] for one without a byte, or longer than [`LONGEST`].
    pub fn offer(&mut self, frame: &[u8]) -> Result<(), Error> {
        if frame.is_empty() || frame.len() > LONGEST {
            return Err(Error::Model(format!(
                "a frame of {} bytes on the wire; 1 to {LONGEST} are possible",
                frame.len()
            )));
        }
        self.instance.offer(frame);
        Ok(())
    }

    /// Whether frames on the wire wait.
    pub fn hold(&mut self, hold: bool) {
        self.instance.hold(hold);
    }

    /// Goes on, for so many clocks at most; ends after `quiet` clocks in which nothing moved, if no frame on the wire may begin.
    ///
    /// # Errors
    /// [`Error::Stopped`] with what the design printed.
    pub fn run(&mut self, clocks: u64, quiet: u64) -> Result<(), Error> {
        match self.instance.run(clocks, quiet) {
            Status::Ok => Ok(()),
            _ => Err(Error::Stopped(self.instance.message())),
        }
    }

    /// Clocks since it was made.
    #[must_use]
    pub fn clock(&self) -> u64 {
        self.instance.state().clock
    }

    /// Clocks since something moved at a port, a stream or the memory bus.
    #[must_use]
    pub fn quiet(&self) -> u64 {
        let state = self.instance.state();
        state.clock - state.active
    }

    /// Frames on the wire that have not begun.
    #[must_use]
    pub fn waiting(&self) -> usize {
        usize::try_from(self.instance.state().waiting).unwrap_or(usize::MAX)
    }

    /// The interrupt lines, as bits of the DMA's IRQ_PENDING.
    #[must_use]
    pub fn interrupts(&self) -> u32 {
        self.instance.state().interrupts
    }

    /// Broken rules of the buses: how many, and the first of them in words.
    #[must_use]
    pub fn violations(&self) -> (u64, String) {
        (self.instance.state().violations, self.instance.violations())
    }

    /// What has happened since this was asked last, each with its clock.
    pub fn take_events(&mut self) -> Vec<(u64, Event)> {
        let (happenings, bytes) = self.instance.take_happenings();
        happenings.iter().filter_map(|raw| Some((raw.clock, event(raw, &bytes)?))).collect()
    }
}

impl NicRegisters for SimNic {
    fn read(&mut self, address: u32) -> Result<u32, RegisterError> {
        self.instance.read(address).map_err(|status| failed(status, "read", address, || self.instance.message()))
    }

    fn write(&mut self, address: u32, value: u32) -> Result<(), RegisterError> {
        self.instance
            .write(address, value)
            .map_err(|status| failed(status, "write", address, || self.instance.message()))
    }
}

fn failed(status: Status, what: &str, address: u32, message: impl Fn() -> String) -> RegisterError {
    RegisterError(match status {
        Status::BusError => format!("{what} {address:#07x}: the NIC answered with an error"),
        Status::TimeOut => format!("{what} {address:#07x}: no answer from the NIC"),
        _ => format!("{what} {address:#07x}: the design stopped: {}", message()),
    })
}

/// `None` for a kind that this side does not know; the ABI number sees to it that there is none.
fn event(raw: &Happening, all: &[u8]) -> Option<Event> {
    let slot = Slot::ALL[raw.slot as usize & 1];
    let target = || RedirectTarget::from_wires(u8::try_from(raw.target_kind).ok()?, raw.target);
    let bytes = || {
        let begin = usize::try_from(raw.begin).unwrap_or(usize::MAX);
        all.get(begin..begin.saturating_add(raw.length as usize)).unwrap_or_default().to_vec()
    };
    Some(match (raw.kind, raw.what) {
        (0, what) => Event::Gate([Gate::Good, Gate::Bad, Gate::Size, Gate::Full][what as usize & 3]),
        (1, 1) => Event::Place(Place::Slot(slot)),
        (1, 2) => Event::Place(Place::Host),
        (1, _) => Event::Place(Place::Dropped),
        (2, action) => Event::Verdict(action, raw.length, target()),
        (3, output) => Event::Exit {
            slot,
            exit: [Exit::Pass, Exit::Tx, Exit::Redirect(target()), Exit::Event][output as usize & 3],
            metadata: if output == 0 { (raw.user >> 17 & 0xff) as usize } else { 0 },
            bytes: bytes(),
        },
        (4, own) => Event::Sent(own != 0, bytes()),
        (5, writes) => Event::Fault(writes != 0, raw.user),
        _ => return None,
    })
}
