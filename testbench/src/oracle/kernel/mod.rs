// SPDX-License-Identifier: Apache-2.0
//! The running Linux kernel as the reference: `BPF_PROG_TEST_RUN`, one packet a call.
//!
//! * XDP programs are loaded as such. `phys_dev` programs are loaded as traffic classifiers, where `LD_ABS` is legal,
//!   offsets count from the Ethernet header, and the first context word is the length.
//! * The thread is bound to CPU 0, so that CPU 0's values are those of per-CPU maps.
//! * Frames under 14 bytes are refused by the kernel; over 3,520 bytes (a page less 256 of headroom and 320 of
//!   tailroom) a frame would be in several buffers: both are skipped.
//! * All programs that tail calls reach are loaded, and prog arrays are filled with them by their numbers.
//! * The object's BTF goes along if the kernel takes it: callbacks and the arguments of global functions need it.
//! * Where a redirect goes is recorded by the program itself; time and random numbers are those of the packet's context
//!   (`instrument.rs`). Interfaces that maps or packets name exist
//!   in a namespace of the oracle's own (`network.rs`).
//! * `bpf_fib_lookup` sees the interfaces, routes and neighbours that its tables hold (`routes.rs`).
//! * `bpf_check_mtu` sees interfaces of MTU 1500, of which the first 16 exist.
//! * What the program prints are records of the channel `.trace`, read as lines after each packet (`trace.rs`).
//! * Records for the host are read after each packet, from a perf buffer of CPU 0 (no other entry of the array is open) and from the ring
//!   buffers, which are made large so that no record lies where an earlier one was: what the program leaves unwritten is zero. So is the stack
//!   of its first function (`stack.rs`).
//! * The kernel returns the raw R0: a driver treats more than 4 as aborted, and so does this.

mod btf_types;
mod inner;
mod instrument;
mod kernel_functions;
mod map;
mod network;
mod programs;
mod rings;
mod routes;
mod stack;
mod sys;
mod trace;

use super::{MapReloc, Oracle, OracleBundle, OracleProgram, OracleSkip, OracleVerdict};
use crate::{Error, PacketContext};
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::network::{Network as TableContents, Table};
use bpf2hdl_interface::{Action, EventRecord, MapContents, ProgramType, print};
use instrument::Instruments;
use map::KernelMap;
use network::Network;
use programs::Programs;
use rings::Rings;
use routes::Forwarding;
use std::marker::PhantomData;
use std::rc::Rc;
use trace::Trace;

/// Shortest frame that the kernel runs a program on, in bytes.
pub const SHORTEST: usize = 14;
/// Longest frame in one buffer: 4096 - 256 - 320 bytes.
pub const LONGEST: usize = 3520;

/// Whether this process may use the kernel as an oracle.
///
/// # Errors
/// The reason if it may not, as a clause: no such system call, no permission, an old kernel.
pub fn available() -> Result<(), String> {
    // r0 = 2; exit
    let program = OracleProgram {
        name: "probe".to_owned(),
        kind: ProgramType::Xdp,
        insns: vec![[0xb7, 0, 0, 0, 2, 0, 0, 0], [0x95, 0, 0, 0, 0, 0, 0, 0]],
        relocs: Vec::new(),
        maps: Vec::new(),
        license: "GPL".to_owned(),
        bundle: OracleBundle::default(),
    };
    let mut oracle = KernelOracle::load(&program).map_err(|error| error.to_string())?;
    let verdict = oracle.run(&[0; 64], &PacketContext::default()).map_err(|skip| skip.reason)?;
    if verdict.action == Action::Pass { Ok(()) } else { Err("the kernel's test run gave a wrong answer".to_owned()) }
}

/// A network namespace that the thread is in until this is dropped.
pub struct OwnNetwork(#[expect(dead_code, reason = "dropped, it gives the thread its namespace back")] Network);

impl OwnNetwork {
    /// Enters a new namespace: a loopback that is down, and nothing else.
    ///
    /// # Errors
    /// [`Error::Oracle`] without the right to do so.
    pub fn enter() -> Result<Self, Error> {
        Network::enter().map(Self).map_err(|error| Error::oracle("kernel", error.to_string()))
    }
}

/// A program loaded into the running kernel.
///
/// Not `Send`: loading binds the thread to CPU 0, dropping gives it its CPUs back.
pub struct KernelOracle {
    kind: ProgramType,
    programs: Programs,
    /// The program may put metadata before the packet: then the context tells how much.
    has_metadata: bool,
    maps: Vec<KernelMap>,
    instruments: Option<Instruments>,
    rings: Rings,
    /// Where a program that prints prints to, and the position of that channel.
    trace: Option<(usize, Rc<Trace>)>,
    /// Entered when the first interface is needed.
    network: Option<Network>,
    /// What `bpf_fib_lookup` is to see, of a program that calls it.
    forwarding: Option<Forwarding>,
    output: Vec<u8>,
    before: sys::Affinity,
    _this_thread: PhantomData<*const ()>,
}

impl KernelOracle {
    /// Creates the maps with their initial contents and loads the program.
    ///
    /// # Errors
    /// [`Error::Oracle`] with the end of the verifier's log if the kernel refuses the program, or with what is missing.
    pub fn load(program: &OracleProgram) -> Result<Self, Error> {
        sys::lift_memory_limit();
        let maps = create_maps(program)?;
        let instruments = match program.kind {
            ProgramType::PhysDev => None,
            _ => Instruments::new(program, &maps)?,
        };
        let mut programs = Programs::load(program, &maps, instruments.as_ref())?;
        for map in &maps {
            programs.fill_initial(map)?;
        }
        let rings = Rings::open(&maps)?;
        let network = if calls(program, CHECK_MTU) { Some(ethernet()?) } else { None };
        let forwarding = if calls(program, FIB_LOOKUP) { Some(Forwarding::default()) } else { None };
        let before =
            sys::pin_to_cpu0().map_err(|error| Error::oracle("kernel", format!("can not run on CPU 0: {error}")))?;
        // Reads CPU 0's buffer.
        let channel = program.maps.iter().position(|map| map.name == print::MAP_NAME);
        let trace = channel.map(|map| trace::open().map(|trace| (map, trace))).transpose();
        let trace = trace.inspect_err(|_| before.restore())?;
        Ok(Self {
            kind: program.kind,
            programs,
            has_metadata: program.kind.is_xdp() && calls(program, ADJUST_META),
            maps,
            instruments,
            rings,
            trace,
            network,
            forwarding,
            output: vec![0; 2 * LONGEST],
            before,
            _this_thread: PhantomData,
        })
    }
}

impl KernelOracle {
    /// As [`load`](Self::load), but `bpf_fib_lookup` sees the network namespace that the thread is in, and no tables.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_into_this_network(program: &OracleProgram) -> Result<Self, Error> {
        let mut oracle = Self::load(program)?;
        oracle.forwarding = None;
        Ok(oracle)
    }
}

/// The program's maps. Those with locks in their values need the types of these.
fn create_maps(program: &OracleProgram) -> Result<Vec<KernelMap>, Error> {
    let OracleBundle { btf, map_types, .. } = &program.bundle;
    let btf = match map_types.is_empty() {
        true => None,
        false => sys::btf_load(btf).map(Some).map_err(|error| Error::oracle("kernel", format!("BTF: {error}")))?,
    };
    let types = |name: &str| {
        let &(key, value) = map_types.get(name)?;
        Some((sys::number(btf.as_ref()?), key, value))
    };
    inner::create_all(&program.maps, &types, calls(program, RINGBUF_QUERY))
}

impl Drop for KernelOracle {
    fn drop(&mut self) {
        self.before.restore();
    }
}

/// Shortest frame of its EtherType that a test run of a traffic classifier takes, in bytes: the Ethernet header and the
/// whole IPv4 or IPv6 header (`bpf_prog_test_run_skb`, net/bpf/test_run.c).
fn shortest_for_classifier(packet: &[u8]) -> usize {
    match packet.get(12..14) {
        Some([0x08, 0x00]) => SHORTEST + 20,
        Some([0x86, 0xdd]) => SHORTEST + 40,
        _ => SHORTEST,
    }
}

impl Oracle for KernelOracle {
    fn name(&self) -> &str {
        "kernel"
    }

    fn run(&mut self, packet: &[u8], context: &PacketContext) -> Result<OracleVerdict, OracleSkip> {
        if packet.len() < SHORTEST {
            return Err(OracleSkip::new(format!("shorter than {SHORTEST} bytes, which the kernel's test run refuses")));
        }
        if packet.len() > LONGEST {
            return Err(OracleSkip::new(format!(
                "longer than {LONGEST} bytes, which the kernel would spread over buffers"
            )));
        }
        if self.kind == ProgramType::PhysDev && packet.len() < shortest_for_classifier(packet) {
            return Err(OracleSkip::new(
                "an IP frame without a whole IP header, which the kernel's test run of classifiers refuses",
            ));
        }
        let mut md = self.context(packet, context);
        self.prepare_forwarding(context.ingress_ifindex)?;
        if let Some(md) = md.filter(|md| md.ingress_ifindex != 0) {
            // Failure shows in the test run.
            let _ = self.interface(md.ingress_ifindex);
        }
        let unknown = |error: Error| OracleSkip::new(error.to_string());
        // Nothing is left of a run that failed.
        self.events().map_err(unknown)?;
        if let Some(instruments) = &self.instruments {
            instruments
                .prepare(context.arrival)
                .map_err(|error| unknown(Error::oracle("kernel", error.to_string())))?;
        }
        let result = sys::test_run(self.programs.main(), packet, &mut self.output, md.as_mut());
        let (code, length) = result.map_err(|error| match md {
            Some(md) if md.ingress_ifindex != 0 => OracleSkip::new(format!(
                "the kernel has no interface {} with receive queue {} ({error})",
                md.ingress_ifindex, md.rx_queue_index
            )),
            _ => OracleSkip::new(format!("the kernel's test run failed: {error}")),
        })?;
        let action = self.kind.action(code);
        let leaves = matches!(action, Action::Pass | Action::Tx | Action::Redirect);
        let target = match &self.instruments {
            Some(instruments) if action == Action::Redirect => instruments.target(&self.maps).map_err(unknown)?,
            _ => None,
        };
        // What comes back begins with the metadata; the context's `data` is where the packet begins in it.
        let metadata = if self.has_metadata { md.map_or(0, |md| md.data as usize) } else { 0 };
        let metadata = metadata.min(length);
        let start = if action == Action::Pass { 0 } else { metadata };
        let data = if leaves { self.output[start..length].to_vec() } else { Vec::new() };
        let events = self.events().map_err(unknown)?;
        let metadata = if action == Action::Pass { metadata } else { 0 };
        Ok(OracleVerdict { action, data, target, metadata, events })
    }

    fn maps(&mut self) -> Result<MapContents, Error> {
        let mut contents = MapContents::default();
        for map in &self.maps {
            let numbers = self.programs.entries(map).cloned();
            if let Some(entries) = numbers.map_or_else(|| map.read_all(), |numbers| Ok(Some(numbers)))? {
                contents.maps.insert(map.spec.name.clone(), entries);
            }
        }
        Ok(contents)
    }

    fn load_maps(&mut self, contents: &MapContents) -> Result<(), Error> {
        self.read_forwarding(contents)?;
        for (name, entries) in &contents.maps {
            let index = self.maps.iter().position(|map| map.spec.name == *name);
            let index = index.ok_or_else(|| Error::oracle("kernel", format!("the program has no map `{name}`")))?;
            if self.maps[index].is_targets() {
                self.interfaces(name, entries)?;
            }
            let map = &self.maps[index];
            match map.is_prog_array() {
                true => self.programs.replace(map, entries)?,
                false => map.replace(entries)?,
            }
        }
        Ok(())
    }
}

impl KernelOracle {
    /// What has been sent and printed since the last time, map by map.
    fn events(&self) -> Result<Vec<EventRecord>, Error> {
        let mut events = self.rings.read()?;
        if let Some((map, trace)) = &self.trace {
            events.extend(trace.lines()?.into_iter().map(|line| EventRecord::new(*map, line)));
        }
        Ok(events)
    }

    /// Takes the tables of `bpf_fib_lookup` from the contents of maps, and makes that network.
    fn read_forwarding(&mut self, contents: &MapContents) -> Result<(), Error> {
        let is_table = |name: &String| Table::from_name(name).is_some();
        let Some(forwarding) = self.forwarding.as_mut().filter(|_| contents.maps.keys().any(is_table)) else {
            return Ok(());
        };
        if forwarding.is_configured() {
            // Another namespace is simpler than taking back what is in this one. The old one is left first.
            self.network = None;
        }
        let tables = TableContents::from_maps(contents);
        *forwarding = Forwarding::new(tables.map_err(|error| Error::oracle("kernel", error))?);
        self.make_forwarding()
    }

    fn make_forwarding(&mut self) -> Result<(), Error> {
        let Some(forwarding) = self.forwarding.as_mut().filter(|forwarding| !forwarding.is_configured()) else {
            return Ok(());
        };
        let network = match &mut self.network {
            Some(network) => Ok(network),
            none => Network::enter().map(|network| none.insert(network)).map_err(|error| error.to_string()),
        };
        network.and_then(|network| forwarding.configure(network)).map_err(|error| Error::oracle("kernel", error))
    }

    /// The network is there before the first packet. A packet can come from an interface only that the tables have.
    fn prepare_forwarding(&mut self, ingress: u32) -> Result<(), OracleSkip> {
        self.make_forwarding().map_err(|error| OracleSkip::new(error.to_string()))?;
        let Some(forwarding) = &self.forwarding else { return Ok(()) };
        if forwarding.has(ingress) {
            return Ok(());
        }
        Err(OracleSkip::new(format!("comes from interface {ingress}, which the table `.dev` does not have")))
    }

    /// Makes sure that there is an interface with this number.
    fn interface(&mut self, number: u32) -> std::io::Result<()> {
        let network = match &mut self.network {
            Some(network) => network,
            none => none.insert(Network::enter()?),
        };
        network.interface(number)
    }

    /// Makes the interfaces that the entries of a map name.
    fn interfaces(&mut self, name: &str, entries: &Entries) -> Result<(), Error> {
        for number in entries.values().filter_map(|value| value.first_chunk()).map(|bytes| u32::from_le_bytes(*bytes)) {
            if number != 0 {
                let failed = |error| Error::oracle("kernel", format!("map `{name}`, interface {number}: {error}"));
                self.interface(number).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// The context argument: none for the default, which the kernel then sets itself (and which needs no interface).
    fn context(&self, packet: &[u8], context: &PacketContext) -> Option<sys::XdpMd> {
        let PacketContext { ingress_ifindex, rx_queue_index, .. } = PacketContext::default();
        let is_default = (context.ingress_ifindex, context.rx_queue_index) == (ingress_ifindex, rx_queue_index);
        if !self.kind.is_xdp() || is_default && !self.has_metadata {
            return None;
        }
        Some(sys::XdpMd {
            data_end: u32::try_from(packet.len()).unwrap_or(u32::MAX),
            // 0: the kernel's default, an interface that is always there.
            ingress_ifindex: if is_default { 0 } else { context.ingress_ifindex },
            rx_queue_index: context.rx_queue_index,
            ..sys::XdpMd::default()
        })
    }
}

/// `bpf_xdp_adjust_meta`, `bpf_fib_lookup`, `bpf_check_mtu` (include/uapi/linux/bpf.h).
const ADJUST_META: u8 = 54;
const FIB_LOOKUP: u8 = 69;
const CHECK_MTU: u8 = 163;
/// `bpf_ringbuf_query`
const RINGBUF_QUERY: u8 = 134;
/// Interfaces that there are when a program asks for their MTU.
const INTERFACES: u32 = 16;

/// Whether the program, or one that it may call, calls this helper.
fn calls(program: &OracleProgram, helper: u8) -> bool {
    let others = program.bundle.others.iter().map(|member| &member.insns);
    others.chain([&program.insns]).flatten().any(|insn| *insn == [0x85, 0, 0, 0, helper, 0, 0, 0])
}

fn ethernet() -> Result<Network, Error> {
    let made = Network::enter().and_then(|mut network| network.ethernet(INTERFACES).map(|()| network));
    made.map_err(|error| Error::oracle("kernel", format!("interfaces can not be made: {error}")))
}
