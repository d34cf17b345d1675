// SPDX-License-Identifier: Apache-2.0
//! The counters of `bpf_core`.

use super::COUNTERS;

/// One of the 64-bit counters. The discriminant is the index in the register map.
///
/// Packet and byte counters of an action count verdicts with the length received (before edits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names are the documentation; units are in the register map table")]
pub enum Counter {
    RxPackets = 0,
    RxBytes,
    AbortedPackets,
    AbortedBytes,
    DropPackets,
    DropBytes,
    PassPackets,
    PassBytes,
    TxPackets,
    TxBytes,
    RedirectPackets,
    RedirectBytes,
    PassLostPackets,
    TxLostPackets,
    InputStallCycles,
    Cycles,
    RedirectLostPackets,
    RedirectNoTargetPackets,
    EventRecords,
    EventLostRecords,
}

impl Counter {
    /// All counters in the order of their registers.
    pub const ALL: [Self; 20] = [
        Self::RxPackets,
        Self::RxBytes,
        Self::AbortedPackets,
        Self::AbortedBytes,
        Self::DropPackets,
        Self::DropBytes,
        Self::PassPackets,
        Self::PassBytes,
        Self::TxPackets,
        Self::TxBytes,
        Self::RedirectPackets,
        Self::RedirectBytes,
        Self::PassLostPackets,
        Self::TxLostPackets,
        Self::InputStallCycles,
        Self::Cycles,
        Self::RedirectLostPackets,
        Self::RedirectNoTargetPackets,
        Self::EventRecords,
        Self::EventLostRecords,
    ];

    /// The name in JSON outputs, for example `rx_packets`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RxPackets => "rx_packets",
            Self::RxBytes => "rx_bytes",
            Self::AbortedPackets => "aborted_packets",
            Self::AbortedBytes => "aborted_bytes",
            Self::DropPackets => "drop_packets",
            Self::DropBytes => "drop_bytes",
            Self::PassPackets => "pass_packets",
            Self::PassBytes => "pass_bytes",
            Self::TxPackets => "tx_packets",
            Self::TxBytes => "tx_bytes",
            Self::RedirectPackets => "redirect_packets",
            Self::RedirectBytes => "redirect_bytes",
            Self::PassLostPackets => "pass_lost_packets",
            Self::TxLostPackets => "tx_lost_packets",
            Self::InputStallCycles => "input_stall_cycles",
            Self::Cycles => "cycles",
            Self::RedirectLostPackets => "redirect_lost_packets",
            Self::RedirectNoTargetPackets => "redirect_no_target_packets",
            Self::EventRecords => "event_records",
            Self::EventLostRecords => "event_lost_records",
        }
    }

    /// What is counted, a clause.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::RxPackets => "frames received",
            Self::RxBytes => "their bytes",
            Self::AbortedPackets => "verdicts ABORTED",
            Self::AbortedBytes => "bytes of these as received",
            Self::DropPackets => "verdicts DROP",
            Self::DropBytes => "bytes of these as received",
            Self::PassPackets => "verdicts PASS",
            Self::PassBytes => "bytes of these as received",
            Self::TxPackets => "verdicts TX",
            Self::TxBytes => "bytes of these as received",
            Self::RedirectPackets => "verdicts REDIRECT",
            Self::RedirectBytes => "bytes of these as received",
            Self::PassLostPackets => "PASS that the output had no room for",
            Self::TxLostPackets => "TX that the output had no room for",
            Self::InputStallCycles => "clocks in which the MAC offered a beat and was refused",
            Self::Cycles => "clocks",
            Self::RedirectLostPackets => "REDIRECT that the output had no room for",
            Self::RedirectNoTargetPackets => "REDIRECT without a target",
            Self::EventRecords => "records that left for the host",
            Self::EventLostRecords => "records that found no room",
        }
    }

    /// Byte offset of the low word; reading it latches the high word, which is at the next word.
    #[must_use]
    pub fn address(self) -> u16 {
        COUNTERS + 8 * u16::from(self as u8)
    }
}
