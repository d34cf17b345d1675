// SPDX-License-Identifier: Apache-2.0
//! One core behind a register transport: who it is, what it counted, how it behaves when an output is full.

use crate::{HostError, Registers};
use bpf2hdl_interface::registers::{self, Counter};
use bpf2hdl_interface::{Arrivals, Manifest};

/// How often [`Device`] polls a busy map command before it gives up.
const POLLS: u32 = 100_000;

/// Reads, of two clocks at least, in which the counters are surely cleared: they take 64 clocks (`hdl/rtl/bpf_counters.sv`).
const CLEAR_READS: u32 = 32;

/// What a core says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Width of the packet buses in bits.
    pub bus_bits: u32,
    /// Number of maps that can be selected.
    pub map_count: u32,
    /// Build id, 64 hexadecimal digits.
    pub build_id: String,
}

/// All counters of a core, indexed by `Counter as usize`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters(pub [u64; Counter::ALL.len()]);

impl Counters {
    /// The value of one counter.
    #[must_use]
    pub fn get(&self, counter: Counter) -> u64 {
        self.0[counter as usize]
    }
}

/// A core and its manifest. Everything is done through `R`.
#[derive(Debug)]
pub struct Device<R> {
    pub(crate) registers: R,
    pub(crate) manifest: Manifest,
    pub(crate) polls: u32,
}

impl<R: Registers> Device<R> {
    /// Checks that the registers are those of a core built from `manifest`.
    ///
    /// # Errors
    /// [`HostError::Identity`] naming what differs, or a failed access.
    pub fn open(registers: R, manifest: Manifest) -> Result<Self, HostError> {
        let mut device = Self { registers, manifest, polls: POLLS };
        let identity = device.identify()?;
        device.check_identity(&identity)?;
        Ok(device)
    }

    /// A core that was opened before, by other registers: nothing is checked again.
    #[must_use]
    pub fn resume(registers: R, manifest: Manifest) -> Self {
        Self { registers, manifest, polls: POLLS }
    }

    /// Gives transport and manifest back, for [`Device::resume`].
    #[must_use]
    pub fn into_parts(self) -> (R, Manifest) {
        (self.registers, self.manifest)
    }

    /// Sets how many times the status of a map command is read before [`HostError::TimeOut`].
    #[must_use]
    pub fn polls(mut self, polls: u32) -> Self {
        self.polls = polls;
        self
    }

    /// The manifest given to [`Device::open`].
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The transport.
    pub fn registers(&mut self) -> &mut R {
        &mut self.registers
    }

    /// Gives the transport back.
    #[must_use]
    pub fn into_registers(self) -> R {
        self.registers
    }

    /// Reads the identification registers.
    ///
    /// # Errors
    /// [`HostError::Identity`] if there is no core of a known version behind the registers.
    pub fn identify(&mut self) -> Result<Identity, HostError> {
        let magic = self.registers.read32(registers::MAGIC)?;
        if magic != registers::MAGIC_VALUE {
            let expected = registers::MAGIC_VALUE;
            return Err(HostError::Identity(format!(
                "no bpf2hdl core here: magic is {magic:#010x}, not {expected:#010x}"
            )));
        }
        let version = self.registers.read32(registers::INTERFACE_VERSION)?;
        if version != registers::INTERFACE_VERSION_VALUE {
            let expected = registers::INTERFACE_VERSION_VALUE;
            return Err(HostError::Identity(format!(
                "the core has register map version {version}, this driver knows {expected}"
            )));
        }
        let mut words = [0; 8];
        for (address, word) in (registers::BUILD_ID..).step_by(4).zip(&mut words) {
            *word = self.registers.read32(address)?;
        }
        Ok(Identity {
            bus_bits: self.registers.read32(registers::BUS_BITS)?,
            map_count: self.registers.read32(registers::MAP_COUNT)?,
            build_id: registers::build_id_hex(&words),
        })
    }

    fn check_identity(&self, identity: &Identity) -> Result<(), HostError> {
        let manifest = &self.manifest;
        let wrong = |what: &str, core: &dyn std::fmt::Display, file: &dyn std::fmt::Display| {
            Err(HostError::Identity(format!(
                "the core is not the one of the manifest: {what} is {core}, the manifest says {file}"
            )))
        };
        if !identity.build_id.eq_ignore_ascii_case(&manifest.build_id) {
            return wrong("its build id", &identity.build_id, &manifest.build_id);
        }
        if identity.bus_bits != manifest.bus_bits {
            return wrong("its bus width", &identity.bus_bits, &manifest.bus_bits);
        }
        let maps = manifest.maps.len();
        if usize::try_from(identity.map_count) != Ok(maps) {
            return wrong("its number of maps", &identity.map_count, &maps);
        }
        Ok(())
    }

    /// Reads one 64-bit counter (the low word latches the high word).
    ///
    /// # Errors
    /// A failed access.
    pub fn counter(&mut self, counter: Counter) -> Result<u64, HostError> {
        let low = self.registers.read32(counter.address())?;
        let high = self.registers.read32(counter.address() + 4)?;
        Ok(u64::from(high) << 32 | u64::from(low))
    }

    /// Reads all counters, one after the other.
    ///
    /// # Errors
    /// A failed access.
    pub fn counters(&mut self) -> Result<Counters, HostError> {
        let mut counters = Counters::default();
        for (slot, counter) in counters.0.iter_mut().zip(Counter::ALL) {
            *slot = self.counter(counter)?;
        }
        Ok(counters)
    }

    /// Sets all counters to zero, and returns when they are.
    ///
    /// # Errors
    /// A failed access.
    pub fn clear_counters(&mut self) -> Result<(), HostError> {
        let control = self.registers.read32(registers::CONTROL)?;
        self.registers.write32(registers::CONTROL, control | registers::CONTROL_COUNTER_CLEAR)?;
        for _ in 0..CLEAR_READS {
            self.registers.read32(registers::STATUS)?;
        }
        Ok(())
    }

    /// Whether a full output stops the input (`true`) or loses packets (`false`, the state after reset).
    ///
    /// # Errors
    /// A failed access.
    pub fn set_lossless(&mut self, lossless: bool) -> Result<(), HostError> {
        let control = self.registers.read32(registers::CONTROL)? & !registers::CONTROL_LOSSLESS;
        let bit = if lossless { registers::CONTROL_LOSSLESS } else { 0 };
        Ok(self.registers.write32(registers::CONTROL, control | bit)?)
    }

    /// Whether the core is in lossless mode.
    ///
    /// # Errors
    /// A failed access.
    pub fn lossless(&mut self) -> Result<bool, HostError> {
        Ok(self.registers.read32(registers::CONTROL)? & registers::CONTROL_LOSSLESS != 0)
    }

    /// Sets the clock and the generator of random numbers for a test: what the n-th packet from now on is told is the
    /// n-th of [`Arrivals::iter`]. No packet is inside. A core whose program asks for neither ignores it.
    ///
    /// # Errors
    /// A failed access.
    pub fn set_arrivals(&mut self, arrivals: &Arrivals) -> Result<(), HostError> {
        self.registers.write32(registers::TIME_RATE, 0)?;
        self.registers.write32(registers::TIME_STEP, arrivals.step_ns)?;
        self.write64(registers::TIME, arrivals.start_ns)?;
        self.write64(registers::RANDOM, arrivals.state())
    }

    /// The clock of the core in nanoseconds; 0 if its program does not ask for time.
    ///
    /// # Errors
    /// A failed access.
    pub fn time_ns(&mut self) -> Result<u64, HostError> {
        let low = self.registers.read32(registers::TIME)?;
        let high = self.registers.read32(registers::TIME + 4)?;
        Ok(u64::from(high) << 32 | u64::from(low))
    }

    /// Sets the clock of the core to `time_ns` nanoseconds; it goes on from there.
    ///
    /// # Errors
    /// A failed access.
    pub fn set_time_ns(&mut self, time_ns: u64) -> Result<(), HostError> {
        self.write64(registers::TIME, time_ns)
    }

    /// Sets the state of the generator of random numbers: for each core another one, unknown to who sends packets.
    ///
    /// # Errors
    /// A failed access.
    pub fn seed_random(&mut self, seed: u64) -> Result<(), HostError> {
        self.write64(registers::RANDOM, Arrivals { seed, ..Arrivals::default() }.state())
    }

    /// A register of two words, the high one first.
    fn write64(&mut self, address: u16, value: u64) -> Result<(), HostError> {
        let word = |shift: u32| u32::try_from(value >> shift & 0xffff_ffff).unwrap_or(0);
        self.registers.write32(address + 4, word(32))?;
        Ok(self.registers.write32(address, word(0))?)
    }

    /// Waits until the maps are cleared, as they are after reset and after a new seed; until then the core takes no packet.
    ///
    /// # Errors
    /// [`HostError::TimeOut`] if the core does not come to that, a failed access.
    pub fn wait_until_ready(&mut self) -> Result<(), HostError> {
        for _ in 0..self.polls {
            if self.registers.read32(registers::STATUS)? & registers::STATUS_CLEARING == 0 {
                return Ok(());
            }
        }
        let polls = self.polls;
        Err(HostError::TimeOut(format!("the core still clears its maps after {polls} polls")))
    }

    /// Whether no packet is inside the core.
    ///
    /// # Errors
    /// A failed access.
    pub fn idle(&mut self) -> Result<bool, HostError> {
        Ok(self.registers.read32(registers::STATUS)? & registers::STATUS_IDLE != 0)
    }
}
