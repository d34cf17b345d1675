// SPDX-License-Identifier: Apache-2.0
//! The model of the NIC around the programs (`shim/nic.sv`), built once for each bus width and cached as other models are.
//!
//! It is the same whatever programs run, so it is always built to run fast.

use super::build::{HEADERS_TEXT, PRINT_TEXT, UNIT, VERILATOR_FLAGS, add_tools, compiler, run, run_time, write_unit};
use super::cache::{self, Key};
use super::nic_ffi::NicLibrary;
use crate::tools::Tools;
use crate::{Error, Progress};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// The harness.
const SHIM: [(&str, &str); 8] = [
    ("print.h", PRINT_TEXT),
    ("abi.h", include_str!("../../shim/abi.h")),
    ("hooks.h", include_str!("../../shim/hooks.h")),
    ("ports.h", include_str!("../../shim/ports.h")),
    ("nic_abi.h", include_str!("../../shim/nic_abi.h")),
    ("axi_memory.h", include_str!("../../shim/axi_memory.h")),
    ("socket.h", include_str!("../../shim/socket.h")),
    ("nic.cpp", include_str!("../../shim/nic.cpp")),
];
/// The module on top, and the sockets.
const TOP: (&str, &str) = ("nic.sv", include_str!("../../shim/nic.sv"));
const TOP_MODULE: &str = "bpf_nic_sim";
/// The ports of a slot, which it includes.
const INCLUDED: (&str, &str) = ("slot_ports.svh", include_str!("../../../hdl/tests/slot_ports.svh"));
/// The hardware.
const RTL: [(&str, &str); 33] = [
    ("bpf_axil_demux.sv", include_str!("../../../hdl/rtl/bpf_axil_demux.sv")),
    ("bpf_axil_split.sv", include_str!("../../../hdl/rtl/bpf_axil_split.sv")),
    ("bpf_dma.sv", include_str!("../../../hdl/rtl/bpf_dma.sv")),
    ("bpf_dma_completions.sv", include_str!("../../../hdl/rtl/bpf_dma_completions.sv")),
    ("bpf_dma_csr.sv", include_str!("../../../hdl/rtl/bpf_dma_csr.sv")),
    ("bpf_dma_descriptors.sv", include_str!("../../../hdl/rtl/bpf_dma_descriptors.sv")),
    ("bpf_dma_irq.sv", include_str!("../../../hdl/rtl/bpf_dma_irq.sv")),
    ("bpf_dma_pick.sv", include_str!("../../../hdl/rtl/bpf_dma_pick.sv")),
    ("bpf_dma_queue_regs.sv", include_str!("../../../hdl/rtl/bpf_dma_queue_regs.sv")),
    ("bpf_dma_read.sv", include_str!("../../../hdl/rtl/bpf_dma_read.sv")),
    ("bpf_dma_regs.sv", include_str!("../../../hdl/rtl/bpf_dma_regs.sv")),
    ("bpf_dma_ring.sv", include_str!("../../../hdl/rtl/bpf_dma_ring.sv")),
    ("bpf_dma_rings.sv", include_str!("../../../hdl/rtl/bpf_dma_rings.sv")),
    ("bpf_dma_rx.sv", include_str!("../../../hdl/rtl/bpf_dma_rx.sv")),
    ("bpf_dma_split.sv", include_str!("../../../hdl/rtl/bpf_dma_split.sv")),
    ("bpf_dma_tx.sv", include_str!("../../../hdl/rtl/bpf_dma_tx.sv")),
    ("bpf_dma_write.sv", include_str!("../../../hdl/rtl/bpf_dma_write.sv")),
    ("bpf_fifo.sv", include_str!("../../../hdl/rtl/bpf_fifo.sv")),
    ("bpf_frame_gate.sv", include_str!("../../../hdl/rtl/bpf_frame_gate.sv")),
    ("bpf_nic.sv", include_str!("../../../hdl/rtl/bpf_nic.sv")),
    ("bpf_nic_regs.sv", include_str!("../../../hdl/rtl/bpf_nic_regs.sv")),
    ("bpf_nic_steer.sv", include_str!("../../../hdl/rtl/bpf_nic_steer.sv")),
    ("bpf_rx_gate.sv", include_str!("../../../hdl/rtl/bpf_rx_gate.sv")),
    ("bpf_slot_output.sv", include_str!("../../../hdl/rtl/bpf_slot_output.sv")),
    ("bpf_slot_pair.sv", include_str!("../../../hdl/rtl/bpf_slot_pair.sv")),
    ("bpf_slot_switch.sv", include_str!("../../../hdl/rtl/bpf_slot_switch.sv")),
    ("bpf_slot_window.sv", include_str!("../../../hdl/rtl/bpf_slot_window.sv")),
    ("bpf_slots.sv", include_str!("../../../hdl/rtl/bpf_slots.sv")),
    ("bpf_slots_regs.sv", include_str!("../../../hdl/rtl/bpf_slots_regs.sv")),
    ("bpf_tap.sv", include_str!("../../../hdl/rtl/bpf_tap.sv")),
    ("bpf_tap_point.sv", include_str!("../../../hdl/rtl/bpf_tap_point.sv")),
    ("bpf_tap_regs.sv", include_str!("../../../hdl/rtl/bpf_tap_regs.sv")),
    ("bpf_tx_merge.sv", include_str!("../../../hdl/rtl/bpf_tx_merge.sv")),
];
/// Optimisation.
const OPTIMISE: &str = "-O2";
/// Bus widths that there are.
const WIDTHS: [u32; 4] = [64, 128, 256, 512];

/// A model of the NIC without programs, any number of times.
#[derive(Debug, Clone)]
pub struct NicModel {
    pub(crate) library: Arc<NicLibrary>,
}

impl NicModel {
    /// Builds it for a bus width, or takes it from the cache.
    ///
    /// # Errors
    /// [`Error::Model`] for a width that there is not, [`Error::Tool`], [`Error::Io`]; [`Error::Build`] with the tool's first error lines.
    pub fn build(bus_bits: u32, progress: &mut dyn Progress) -> Result<Self, Error> {
        if !WIDTHS.contains(&bus_bits) {
            return Err(Error::Model(format!("there is no NIC of {bus_bits} bits: {WIDTHS:?}")));
        }
        let tools = Tools::find()?;
        let mut key = Key::default();
        add_tools(&mut key, &tools);
        key.add("flags", VERILATOR_FLAGS.join(" ").as_bytes());
        key.add("optimise", [OPTIMISE, HEADERS_TEXT].concat().as_bytes());
        key.add("bus", &bus_bits.to_le_bytes());
        for (name, text) in SHIM.iter().chain(&RTL).chain([&TOP, &INCLUDED]) {
            key.add(name, text.as_bytes());
        }
        let make = |folder: &Path, _: &Path| build(&tools, bus_bits, folder, progress);
        let (folder, _) = cache::entry(&format!("nic-{}", key.finish()), make)?;
        let library = NicLibrary::open(&folder.join("nic.so"))?;
        match library.bus_bits() {
            found if found == bus_bits => Ok(Self { library: Arc::new(library) }),
            found => Err(Error::Model(format!("the NIC's model has {found} bits, not {bus_bits}"))),
        }
    }
}

fn build(tools: &Tools, bus_bits: u32, folder: &Path, progress: &mut dyn Progress) -> Result<(), Error> {
    let work = folder.join("work");
    let generated = work.join("generated");
    fs::create_dir_all(&generated).map_err(Error::io(&generated))?;
    let write = |place: &Path, name: &str, text: &str| {
        let path = place.join(name);
        fs::write(&path, text).map_err(Error::io(&path))
    };
    for (name, text) in RTL.iter().chain([&TOP, &INCLUDED]) {
        write(&work, name, text)?;
    }
    progress.step("Verilator: translating the NIC (once for each bus width)");
    let mut command = Command::new(&tools.verilator);
    command.current_dir(&work).env("VERILATOR_ROOT", &tools.root);
    // The last prefix is the one that counts.
    command.args(VERILATOR_FLAGS).args([TOP_MODULE, "--prefix", "Vnic", "--Mdir", "generated"]);
    command.args([format!("-GBUS_W={bus_bits}"), format!("-DBUS={bus_bits}")]);
    run(command.args(RTL.iter().chain([&TOP]).map(|(name, _)| name)), "verilator")?;
    for (name, text) in SHIM {
        write(&generated, name, text)?;
    }
    let bytes = write_unit(&generated)?;
    progress.step(&format!("compiling the NIC ({} kB of C++, {OPTIMISE})", bytes / 1000));
    let run_time = run_time(tools, false)?;
    let mut command = compiler(tools, false);
    command.current_dir(&generated).args(["-include", "print.h", OPTIMISE, "-c", UNIT, "-o", "unit.o"]);
    run(&mut command, "the C++ compiler")?;
    let mut command = compiler(tools, false);
    command.current_dir(&generated).args(["-shared", "-Wl,-Bsymbolic", "unit.o"]).arg(run_time.join("runtime.o"));
    run(command.arg("-o").arg(folder.join("nic.so")).arg("-pthread"), "the linker")?;
    fs::remove_dir_all(&work).map_err(Error::io(&work))
}
