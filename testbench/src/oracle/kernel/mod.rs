// SPDX-License-Identifier: Apache-2.0
//! The running Linux kernel as the reference: `BPF_PROG_TEST_RUN`, one packet a call.
//!
//! * XDP programs are loaded as such. `phys_dev` programs are loaded as traffic classifiers, where `LD_ABS` is legal,
//!   offsets count from the Ethernet header, and the first context word is the length.
//! * The thread is bound to CPU 0, so that CPU 0's values are those of per-CPU maps.
//! * Frames under 14 bytes are refused by the kernel; over 3,520 bytes (a page less 256 of headroom and 320 of
//!   tailroom) a frame would be in several buffers: both are skipped.
//! * The kernel returns the raw R0: a driver treats more than 4 as aborted, and so does this.

mod map;
mod sys;

use super::{Oracle, OracleProgram, OracleSkip, OracleVerdict};
use crate::{Error, PacketContext};
use bpf2hdl_interface::{Action, MapContents, ProgramType};
use map::KernelMap;
use std::ffi::CString;
use std::marker::PhantomData;
use std::os::fd::OwnedFd;

/// Shortest frame that the kernel runs a program on, in bytes.
pub const SHORTEST: usize = 14;
/// Longest frame in one buffer: 4096 - 256 - 320 bytes.
pub const LONGEST: usize = 3520;
const TYPE_SCHED_CLS: u32 = 3;
const TYPE_XDP: u32 = 6;
/// A 64-bit immediate load: its opcode, and the source register numbers that make it a map or a value in one.
const LD_IMM64: u8 = 0x18;
const PSEUDO_MAP_FD: u8 = 1;
const PSEUDO_MAP_VALUE: u8 = 2;

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
    };
    let mut oracle = KernelOracle::load(&program).map_err(|error| error.to_string())?;
    let verdict = oracle.run(&[0; 64], &PacketContext::default()).map_err(|skip| skip.reason)?;
    if verdict.action == Action::Pass { Ok(()) } else { Err("the kernel's test run gave a wrong answer".to_owned()) }
}

/// A program loaded into the running kernel.
///
/// Not `Send`: loading binds the thread to CPU 0, dropping gives it its CPUs back.
pub struct KernelOracle {
    kind: ProgramType,
    program: OwnedFd,
    maps: Vec<KernelMap>,
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
        let maps = program.maps.iter().map(KernelMap::create).collect::<Result<Vec<_>, _>>()?;
        let insns = patch(program, &maps)?;
        let fd = load_program(program, &insns)?;
        let before =
            sys::pin_to_cpu0().map_err(|error| Error::oracle("kernel", format!("can not run on CPU 0: {error}")))?;
        Ok(Self {
            kind: program.kind,
            program: fd,
            maps,
            output: vec![0; 2 * LONGEST],
            before,
            _this_thread: PhantomData,
        })
    }
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
        let md = self.context(packet, context);
        let result = sys::test_run(&self.program, packet, &mut self.output, md.as_ref());
        let (code, length) = result.map_err(|error| match md {
            Some(md) => OracleSkip::new(format!(
                "the kernel has no interface {} with receive queue {} ({error})",
                md.ingress_ifindex, md.rx_queue_index
            )),
            None => OracleSkip::new(format!("the kernel's test run failed: {error}")),
        })?;
        let action = match self.kind {
            ProgramType::Xdp => Action::from_xdp(code),
            ProgramType::PhysDev => Action::from_phys_dev(code),
        };
        let leaves = matches!(action, Action::Pass | Action::Tx | Action::Redirect);
        let data = if leaves { self.output[..length].to_vec() } else { Vec::new() };
        Ok(OracleVerdict { action, data })
    }

    fn maps(&mut self) -> Result<MapContents, Error> {
        let mut contents = MapContents::default();
        for map in &self.maps {
            if let Some(entries) = map.read_all()? {
                contents.maps.insert(map.spec.name.clone(), entries);
            }
        }
        Ok(contents)
    }

    fn load_maps(&mut self, contents: &MapContents) -> Result<(), Error> {
        for (name, entries) in &contents.maps {
            let map = self.maps.iter().find(|map| map.spec.name == *name);
            map.ok_or_else(|| Error::oracle("kernel", format!("the program has no map `{name}`")))?.replace(entries)?;
        }
        Ok(())
    }
}

impl KernelOracle {
    /// The context argument: none for the default, which the kernel then sets itself (and which needs no interface).
    fn context(&self, packet: &[u8], context: &PacketContext) -> Option<sys::XdpMd> {
        if self.kind != ProgramType::Xdp || *context == PacketContext::default() {
            return None;
        }
        Some(sys::XdpMd {
            data_end: u32::try_from(packet.len()).unwrap_or(u32::MAX),
            ingress_ifindex: context.ingress_ifindex,
            rx_queue_index: context.rx_queue_index,
            ..sys::XdpMd::default()
        })
    }
}

/// The instructions with map descriptors filled in.
fn patch(program: &OracleProgram, maps: &[KernelMap]) -> Result<Vec<[u8; 8]>, Error> {
    let mut insns = program.insns.clone();
    for reloc in &program.relocs {
        let wrong =
            || Error::oracle("kernel", format!("the reference to a map at instruction {} is not valid", reloc.insn));
        let map = maps.get(reloc.map).ok_or_else(wrong)?;
        let [first, second] =
            insns.get_mut(reloc.insn..reloc.insn + 2).and_then(|pair| pair.as_mut_array()).ok_or_else(wrong)?;
        if first[0] != LD_IMM64 {
            return Err(wrong());
        }
        let (pseudo, offset) = reloc.value_offset.map_or((PSEUDO_MAP_FD, 0), |offset| (PSEUDO_MAP_VALUE, offset));
        first[1] = first[1] & 0x0f | pseudo << 4;
        first[4..].copy_from_slice(&sys::number(&map.fd).to_le_bytes());
        second[4..].copy_from_slice(&offset.to_le_bytes());
    }
    Ok(insns)
}

fn load_program(program: &OracleProgram, insns: &[[u8; 8]]) -> Result<OwnedFd, Error> {
    let license =
        CString::new(program.license.clone()).map_err(|_| Error::oracle("kernel", "the licence has a zero byte"))?;
    let kind = match program.kind {
        ProgramType::Xdp => TYPE_XDP,
        ProgramType::PhysDev => TYPE_SCHED_CLS,
    };
    let error = match sys::prog_load(kind, insns, &license, None) {
        Ok(fd) => return Ok(fd),
        Err(error) => error,
    };
    match error.raw_os_error() {
        Some(libc::EPERM) => {
            return Err(Error::oracle(
                "kernel",
                "no permission for bpf(2): run as root, or with CAP_BPF and CAP_NET_ADMIN",
            ));
        }
        Some(libc::ENOSYS) => return Err(Error::oracle("kernel", "this kernel has no bpf(2)")),
        _ => {}
    }
    // Once more with a log, to tell why.
    let mut log = vec![0; 1 << 24];
    match sys::prog_load(kind, insns, &license, Some(&mut log)) {
        Ok(fd) => Ok(fd),
        Err(error) => Err(Error::oracle(
            "kernel",
            format!("the verifier refused `{}`: {error}\n{}", program.name, log_tail(&log)),
        )),
    }
}

/// The last lines of the verifier's log, where the reason is.
fn log_tail(log: &[u8]) -> String {
    let text = log.split(|byte| *byte == 0).next().unwrap_or_default();
    let text = String::from_utf8_lossy(text);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
