// SPDX-License-Identifier: Apache-2.0
//! The verdict of a program on one packet.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What becomes of a packet; the numbers are the kernel's `enum xdp_action` (`include/uapi/linux/bpf.h`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Action {
    /// The program failed, or returned a number that is no action: discard.
    Aborted = 0,
    /// Discard.
    Drop = 1,
    /// To the DMA, on to the host's network stack.
    Pass = 2,
    /// Out by the port that it came from.
    Tx = 3,
    /// Out by another port or queue.
    Redirect = 4,
}

impl Action {
    /// All actions in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Aborted, Self::Drop, Self::Pass, Self::Tx, Self::Redirect];

    /// The action of an XDP return value; every number above 4 is [`Action::Aborted`], as in a driver.
    #[must_use]
    pub fn from_xdp(code: u32) -> Self {
        Self::ALL.get(code as usize).copied().unwrap_or(Self::Aborted)
    }

    /// The action of a `phys_dev` return value: 0 drop, 1 pass, everything else aborted.
    #[must_use]
    pub fn from_phys_dev(code: u32) -> Self {
        match code {
            0 => Self::Drop,
            1 => Self::Pass,
            _ => Self::Aborted,
        }
    }

    /// The number used on the wires (`mon_action`) and by the kernel.
    #[must_use]
    pub fn code(self) -> u32 {
        self as u32
    }

    /// The name used in every file and report: `aborted`, `drop`, `pass`, `tx`, `redirect`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Aborted => "aborted",
            Self::Drop => "drop",
            Self::Pass => "pass",
            Self::Tx => "tx",
            Self::Redirect => "redirect",
        }
    }

    /// The action with this [`Action::name`], if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_agree() {
        for (code, action) in (0u32..).zip(Action::ALL) {
            assert_eq!(action.code(), code);
            assert_eq!(Action::from_xdp(code), action);
            assert_eq!(Action::from_name(action.name()), Some(action));
        }
        assert_eq!(Action::from_xdp(77), Action::Aborted);
        assert_eq!(Action::from_phys_dev(1), Action::Pass);
        assert_eq!(Action::from_phys_dev(2), Action::Aborted);
        assert_eq!(Action::from_name("DROP"), None);
    }
}
