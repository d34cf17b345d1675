// SPDX-License-Identifier: Apache-2.0
//! Whether a form agrees with the reference, and at which packet it does not.

use super::{Form, Observed};
use bpf2hdl_interface::{MapContents, MapShape};
use bpf2hdl_testbench::{Error, Mismatch, MismatchKind, PacketSet, Recorded};

/// What all forms are tried on.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'a> {
    /// The packets, in order.
    pub packets: &'a PacketSet,
    /// Contents of maps before the first packet.
    pub preload: Option<&'a MapContents>,
    /// What the reference said of these packets.
    pub expected: &'a Recorded,
    /// The maps to compare.
    pub shapes: &'a [MapShape],
    /// Of the packets, only this one counts; the ones before it are run for the sake of the maps.
    pub only: Option<u64>,
}

/// What is wrong with a form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It can not be run.
    Broken(String),
    /// It runs, and differs: packets in order, then map entries.
    Differs(Vec<Mismatch>),
}

impl Trial<'_> {
    /// How something that has run differs from the reference.
    #[must_use]
    pub fn differences(&self, observed: &Observed) -> Vec<Mismatch> {
        let mut found = self.expected.differences(&observed.verdicts, &observed.maps, self.shapes);
        found.retain(|mismatch| self.counts(mismatch));
        found
    }

    /// Whether a difference is asked for.
    #[must_use]
    pub fn counts(&self, mismatch: &Mismatch) -> bool {
        self.only.is_none() || mismatch.packet.is_none() || mismatch.packet == self.only
    }

    /// Runs a form; `None` if it agrees.
    #[must_use]
    pub fn fault(&self, form: &Form) -> Option<Fault> {
        let observed = match form.run(self.packets, self.preload) {
            Ok(observed) => observed,
            Err(error) => return Some(Fault::Broken(error.to_string())),
        };
        let found = self.differences(&observed);
        (!found.is_empty()).then_some(Fault::Differs(found))
    }
}

/// The first form that differs.
#[must_use]
pub fn first_fault<'f>(forms: &'f [Form], trial: &Trial<'_>) -> Option<(&'f Form, Fault)> {
    forms.iter().find_map(|form| Some((form, trial.fault(form)?)))
}

/// The packet at which a form goes wrong. Where only map entries differ in the end, it is one after which they do and
/// before which they did not; `reference` runs a fresh reference on fewer packets.
///
/// # Errors
/// [`Error::Oracle`] if the reference can not be run again.
pub fn packet_of(
    differences: &[Mismatch],
    trial: &Trial<'_>,
    form: &Form,
    reference: &mut dyn FnMut(&PacketSet) -> Result<Recorded, Error>,
) -> Result<Option<usize>, Error> {
    if let Some(packet) = differences.iter().find_map(|m| m.packet) {
        return Ok(usize::try_from(packet).ok());
    }
    if !differences.iter().any(|m| m.kind == MismatchKind::Map) {
        return Ok(None);
    }
    // Equal after `good` packets, different after `bad`.
    let (mut good, mut bad) = (0, trial.packets.len());
    while bad - good > 1 {
        let middle = usize::midpoint(good, bad);
        let packets = trial.packets.prefix(middle);
        let expected = reference(&packets)?;
        let part = Trial { packets: &packets, expected: &expected, only: None, ..*trial };
        if part.fault(form).is_some() {
            bad = middle;
        } else {
            good = middle;
        }
    }
    Ok(bad.checked_sub(1))
}
