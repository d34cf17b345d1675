// SPDX-License-Identifier: Apache-2.0
//! Requests and replies between a command and the NIC. Their form on the socket is in `wire`.

use crate::error::Failure;
use bpf2hdl_host::entries::Condition;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::collections::BTreeMap;

/// Bytes, in JSON as hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hex(pub(crate) Vec<u8>);

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&bpf2hdl_interface::manifest::encode_hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = String::deserialize(deserializer)?;
        bpf2hdl_interface::manifest::decode_hex(&digits)
            .map(Self)
            .ok_or_else(|| D::Error::custom("no hexadecimal bytes"))
    }
}

/// When an update is wanted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum When {
    Any,
    NoExist,
    Exist,
}

impl From<When> for Condition {
    fn from(when: When) -> Self {
        match when {
            When::Any => Self::Any,
            When::NoExist => Self::NoExist,
            When::Exist => Self::Exist,
        }
    }
}

/// What is done with one map.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum MapOp {
    Get {
        key: Hex,
    },
    Put {
        key: Hex,
        value: Hex,
        when: When,
    },
    Remove {
        key: Hex,
    },
    /// Entries from a cursor on.
    Part {
        cursor: u32,
        limit: u32,
    },
    Push {
        value: Hex,
        overwrite: bool,
    },
    Pop {
        take: bool,
    },
    MayHold {
        value: Hex,
    },
}

impl MapOp {
    /// Whether no packet may be inside meanwhile.
    pub(crate) fn needs_idle(&self, is_stateful: bool) -> bool {
        is_stateful || matches!(self, Self::Push { .. } | Self::Pop { .. })
    }
}

/// A program that is to run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LoadRequest {
    /// Folder of the design, complete and checked by its sums; the NIC takes it over.
    pub(crate) design: String,
    /// What the user named.
    pub(crate) source: String,
    /// Whether maps of the same name and shape keep their contents.
    pub(crate) keep_maps: bool,
    /// Whether everything is done but the switch.
    pub(crate) dry_run: bool,
    /// Contents of a map file for the new program's maps.
    pub(crate) maps: Option<String>,
    /// Folder of a design that takes over from it when its model is built: the pipeline of a program that an engine runs.
    #[serde(default)]
    pub(crate) then: Option<String>,
}

/// What a command wants.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Request {
    /// [`Status`].
    Status,
    /// The running program's manifest.
    Manifest,
    /// Something with a map of the program that was loaded as number `load`.
    Map { load: u64, map: u32, op: MapOp },
    /// The core's counters.
    Counters { load: u64 },
    /// Sets them to zero.
    ClearCounters { load: u64 },
    /// Puts frames (the bytes, [`encode_frames`]) on the wire in front of the MAC.
    Send,
    /// Runs one frame (the bytes) so many times; nothing leaves.
    Run { repeat: u32 },
    /// Another program.
    Load(LoadRequest),
    /// No program: everything passes.
    Unload,
    /// Copies of packets at entry and exit, without end.
    Trace,
    /// Records that programs send to the host, without end.
    Events,
    /// The end of a simulated NIC.
    Down,
}

/// A program on the NIC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Program {
    /// Number of the load, from 1.
    pub(crate) load: u64,
    /// Slot, `A` or `B`.
    pub(crate) slot: String,
    pub(crate) name: String,
    pub(crate) build_id: String,
    pub(crate) source: String,
    /// Seconds since 1970.
    pub(crate) loaded_at: u64,
    pub(crate) uid: u32,
    /// Instructions in bytes, of the BPF program; 0 if not known.
    pub(crate) bytes_xlated: u64,
    pub(crate) stages: u32,
    pub(crate) latency_cycles: u32,
    pub(crate) target: String,
    pub(crate) clock_mhz: f64,
    /// Folder of the design.
    pub(crate) design: String,
}

/// A network interface that Linux sees.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Interface {
    /// `dma` or `mac`.
    pub(crate) side: String,
    pub(crate) name: String,
    pub(crate) netns: Option<String>,
    pub(crate) ifindex: u32,
}

/// What the shell around the core counts: packets.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ShellCounters {
    /// Came in from the MAC's side.
    pub(crate) mac_rx: u64,
    /// Left by the MAC: sent back by the program, or by Linux.
    pub(crate) mac_tx: u64,
    /// Went to the host.
    pub(crate) dma_rx: u64,
    /// Came from the host.
    pub(crate) dma_tx: u64,
    /// Found the receive queue full.
    pub(crate) rx_overflow: u64,
    /// Longer than the core takes, or empty.
    pub(crate) rx_length_errors: u64,
    /// Passed because no program was loaded.
    pub(crate) bypass: u64,
    /// Redirected to a port that the simulated NIC does not have.
    pub(crate) redirect_unconnected: u64,
    /// The interface at an output did not take them.
    pub(crate) tx_errors: u64,
    /// Records for the host.
    pub(crate) events: u64,
    /// Discarded because the core had stopped.
    pub(crate) core_stopped: u64,
    /// Wait in the receive queue now.
    pub(crate) rx_waiting: u64,
    /// Most that ever waited.
    pub(crate) rx_waiting_most: u64,
    /// Copies for traces that nobody took in time.
    pub(crate) trace_lost: u64,
}

/// Where the buffers of a ring are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RingState {
    pub(crate) descriptors: usize,
    /// The DMA has them.
    pub(crate) posted: usize,
    /// The host has them.
    pub(crate) free: usize,
}

/// What the hardware of a NIC says: its counters, by the names of their registers, its slots and rings.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Hardware {
    /// The slot that gets frames: `A`, `B` or `none`.
    pub(crate) running: String,
    /// Clocks that the last switch took.
    pub(crate) last_switch_clocks: u32,
    /// Clocks so far.
    pub(crate) clocks: u64,
    /// Memory that the DMA may use.
    pub(crate) memory_bytes: usize,
    /// Receive queues, that of events, that of the tap, transmit queues.
    pub(crate) rings: Vec<RingState>,
    pub(crate) gate: BTreeMap<String, u64>,
    pub(crate) slots: BTreeMap<String, u64>,
    pub(crate) dma: BTreeMap<String, u64>,
}

/// The state of the NIC.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Status {
    pub(crate) device: String,
    pub(crate) pid: u32,
    pub(crate) bus_bits: u32,
    pub(crate) clock_mhz: f64,
    pub(crate) target: String,
    /// `running`, `bypass` or what stopped the core.
    pub(crate) state: String,
    /// Seconds since 1970.
    pub(crate) up_since: u64,
    pub(crate) interfaces: Vec<Interface>,
    pub(crate) program: Option<Program>,
    /// Whether another program is on its way into the other slot.
    pub(crate) loading: bool,
    /// Commands that are given copies of packets or records.
    pub(crate) listeners: usize,
    pub(crate) counters: ShellCounters,
    /// Of a device with such registers that has not stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nic: Option<Hardware>,
}

/// What became of the maps in a load.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Loaded {
    pub(crate) load: u64,
    pub(crate) slot: String,
    /// Maps whose contents went over.
    pub(crate) kept: Vec<String>,
    /// Maps that did not, and why.
    pub(crate) fresh: Vec<(String, String)>,
    /// Packets that waited during the switch.
    pub(crate) waited: u64,
    /// How long packets waited, in milliseconds.
    pub(crate) pause_ms: f64,
}

/// One verdict.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// Number of the action (`enum xdp_action`); 255: discarded before the core.
    pub(crate) action: u8,
    /// Bytes of the frame that follows; 0 if none leaves.
    pub(crate) length: u32,
    /// Number of the redirect's target.
    pub(crate) target: Option<u32>,
    /// Clocks from the first beat to the verdict.
    pub(crate) clocks: u64,
}

/// One packet of a trace.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Traced {
    /// Nanoseconds since 1970.
    pub(crate) time: u64,
    /// Bytes at entry.
    pub(crate) entry: u32,
    pub(crate) outcome: Outcome,
}

/// A record that a program has sent to the host.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Event {
    /// Number of the map in the manifest.
    pub(crate) map: u32,
    /// Nanoseconds since 1970.
    pub(crate) time: u64,
    /// Records that had found no room in hardware when this one left.
    pub(crate) lost: u32,
    /// It is a print, and its data the line.
    pub(crate) print: bool,
}

/// An entry of a map.
pub(crate) type Entry = (Hex, Hex);

/// What the NIC answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Reply {
    Failed(Failure),
    Done,
    Status(Box<Status>),
    /// Number of the load and the text of the manifest.
    Manifest {
        load: u64,
        manifest: String,
    },
    Value(Hex),
    Part {
        entries: Vec<Entry>,
        next: Option<u32>,
    },
    MayHold(bool),
    /// The kernel's error number.
    Errno(u32),
    Counters(Vec<u64>),
    /// One verdict for each frame; those that leave follow as bytes, in order.
    Sent(Vec<Outcome>),
    Loaded(Loaded),
    /// Records, whose data follow as bytes; copies that were lost so far.
    Events {
        records: Vec<Event>,
        lost: u64,
    },
    /// Packets of a trace: entry and, if it leaves, exit of each as bytes; copies that were lost so far.
    Traced {
        packets: Vec<Traced>,
        lost: u64,
    },
}
