// SPDX-License-Identifier: Apache-2.0
//! A whole simulation in one call.

use crate::compare::{Run, compare};
use crate::copies;
use crate::model::{BuildOptions, Model};
use crate::report::{self, SimReport};
use crate::simulator::{ReadyPattern, RunOptions, Simulator, SourcePattern};
use crate::{Error, Oracle, PacketSet, Progress, engine};
use bpf2hdl_host::Device;
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::{Manifest, MapContents, MapInfo, MapShape, MapType};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How a simulation is driven and what is kept of it.
#[derive(Debug, Clone)]
pub struct SimOptions {
    /// The input; full rate by default.
    pub source: SourcePattern,
    /// The output to the DMA; always ready by default.
    pub pass_ready: ReadyPattern,
    /// The output to the MAC; always ready by default.
    pub tx_ready: ReadyPattern,
    /// The output of redirects; always ready by default.
    pub redirect_ready: ReadyPattern,
    /// The output of events; always ready by default.
    pub event_ready: ReadyPattern,
    /// Seed of all patterns and of registers without reset.
    pub seed: u64,
    /// Writes FST waveforms to this file.
    pub waves: Option<PathBuf>,
    /// The core's lossless mode. `None`: on if an output is not always ready or the design has events (a burst of records may be more than
    /// their output carries), and no output is never ready; else off.
    pub lossless: Option<bool>,
    /// No movement for so many clocks is a hang; 100,000 by default. An engine has [`engine::PACKET_CLOCKS`] at least.
    pub hang_clocks: u64,
    /// Whether a model that is not in the cache is built fast rather than to run fast.
    pub quick_build: bool,
    /// How many mismatches are explained (all are counted); 10 by default.
    pub max_mismatches: usize,
}

impl SimOptions {
    /// For short runs: building the model would take longer than running it.
    #[must_use]
    pub fn quick(self) -> Self {
        Self { quick_build: true, ..self }
    }
}

impl Default for SimOptions {
    fn default() -> Self {
        let RunOptions { source, pass_ready, tx_ready, redirect_ready, event_ready, seed, hang_clocks, .. } =
            RunOptions::FULL_RATE;
        Self {
            source,
            pass_ready,
            tx_ready,
            redirect_ready,
            event_ready,
            seed,
            waves: None,
            lossless: None,
            hang_clocks,
            quick_build: false,
            max_mismatches: 10,
        }
    }
}

/// One simulation.
pub struct SimRequest<'a> {
    /// Folder that `bpf2hdl compile` wrote.
    pub design: &'a Path,
    /// The packets, offered in this order.
    pub packets: &'a PacketSet,
    /// Replaces the whole contents of each map that it names.
    pub preload: Option<&'a MapContents>,
    /// The reference, freshly set up; it gets the same preload.
    pub oracle: Option<&'a mut dyn Oracle>,
    /// How.
    pub options: SimOptions,
}

/// Builds the model (or takes it from the cache), loads maps, runs all packets, reads counters and maps, compares.
///
/// # Errors
/// Every [`Error`]; mismatches are no errors, they are in the report.
pub fn simulate(request: SimRequest<'_>, progress: &mut dyn Progress) -> Result<SimReport, Error> {
    let SimRequest { design, packets, preload, oracle, options } = request;
    let started = Instant::now();
    let model =
        Model::build(design, BuildOptions { trace: options.waves.is_some(), quick: options.quick_build }, progress)?;
    let build_seconds = started.elapsed().as_secs_f64();
    check_lengths(packets, &model.manifest)?;
    let manifest = model.manifest.clone();
    let (hardware_preload, mut fixed) = split_preload(preload, &manifest)?;
    let mut simulator = Simulator::new(&model, options.seed, options.waves.as_deref())?;
    if let Some(image) = engine::image(design)? {
        bpf2hdl_host::engine::load(&mut simulator, &image)?;
    }
    let mut device = Device::open(simulator, manifest.clone())?;
    let lossless = options.lossless.unwrap_or_else(|| waits(&options, &manifest));
    if lossless {
        device.set_lossless(true)?;
    }
    device.wait_until_ready()?;
    device.load(&hardware_preload)?;
    device.set_arrivals(packets.arrivals())?;
    let started = Instant::now();
    progress.step(&format!("simulating {} packets", packets.len()));
    let run_options = run_options(&options, &model.manifest, lossless);
    let mut observed = device.registers().run(packets, &run_options, progress)?;
    let run_seconds = started.elapsed().as_secs_f64();
    let counters = device.counters()?;
    progress.step("reading the maps");
    let mut maps = device.dump(&mut |done, total| progress.advance(done, total))?;
    maps.maps.append(&mut fixed.maps);
    // Closes the waveform file.
    drop(device);
    let names: Vec<&str> = manifest.maps.iter().map(|map| map.name.as_str()).collect();
    let (redirect, miscopied) = copies::collapse(&mut observed, packets, &names, &maps);

    let (events, damaged) = report::events(&observed, &manifest);
    let map_shapes: Vec<MapShape> = manifest.shapes();
    let comparison = match oracle {
        None => None,
        Some(oracle) => {
            progress.step(&format!("comparing with {}", oracle.name()));
            if let Some(preload) = preload {
                oracle.load_maps(preload)?;
            }
            Some(compare(
                &Run { observed: &observed, events: &events, maps: &maps },
                packets,
                &map_shapes,
                oracle,
                options.max_mismatches,
                progress,
            )?)
        }
    };
    let (cycles, verdict_cycles, packets_per_cycle) = report::rate(&observed);
    let verdicts = report::verdicts(&observed);
    Ok(SimReport {
        manifest,
        packets: packets.len() as u64,
        actions: report::count_actions(&verdicts),
        cycles,
        verdict_cycles,
        packets_per_cycle,
        latency_cycles: report::latency(&observed),
        input_stall_cycles: observed.input_stall_cycles,
        beats: observed.beats,
        verdicts,
        checks: miscopied
            .into_iter()
            .chain(report::checks(&observed, packets, &counters, &run_options))
            .chain(damaged)
            .collect(),
        pass: observed.pass,
        tx: observed.tx,
        redirect,
        events,
        maps,
        map_shapes,
        counters,
        comparison,
        model_cached: model.cached,
        build_seconds,
        run_seconds,
    })
}

/// Whether the core waits for its outputs unless it is told otherwise.
fn waits(options: &SimOptions, manifest: &Manifest) -> bool {
    let outputs = [options.pass_ready, options.tx_ready, options.redirect_ready, options.event_ready];
    let stalls = outputs.iter().any(|ready| *ready != ReadyPattern::Always);
    (stalls || manifest.has("events")) && !outputs.contains(&ReadyPattern::Never)
}

fn run_options(options: &SimOptions, manifest: &Manifest, lossless: bool) -> RunOptions {
    let least = if manifest.is_engine() { engine::PACKET_CLOCKS } else { 0 };
    RunOptions {
        source: options.source,
        pass_ready: options.pass_ready,
        tx_ready: options.tx_ready,
        redirect_ready: options.redirect_ready,
        event_ready: options.event_ready,
        seed: options.seed,
        hang_clocks: options.hang_clocks.max(least),
        lossless,
    }
}

fn check_lengths(packets: &PacketSet, manifest: &Manifest) -> Result<(), Error> {
    let limit = manifest.max_frame_bytes as usize;
    let too_long = packets.iter().zip(0u64..).find(|(packet, _)| packet.data.len() > limit);
    too_long.map_or(Ok(()), |(packet, number)| {
        Err(Error::Packet(number, format!("{} bytes, the core takes frames up to {limit}", packet.data.len())))
    })
}

/// Parts a preload into what goes to the hardware, and the contents of the maps that are not in hardware.
///
/// Read-only data was compiled into the pipeline, so a preload must not change it. Other maps that are not in
/// hardware are never used by the program: they keep what they are given.
fn split_preload(preload: Option<&MapContents>, manifest: &Manifest) -> Result<(MapContents, MapContents), Error> {
    let mut hardware = MapContents::default();
    let mut fixed = MapContents::default();
    for map in manifest.maps.iter().filter(|map| !map.hardware) {
        fixed.maps.insert(map.name.clone(), map.initial_entries());
    }
    // Directories are empty after reset: what the C source has put into a hash of maps is the host's to write.
    for map in manifest.maps.iter().filter(|map| map.hardware && map.map_type.is_hash() && map.initial.is_some()) {
        hardware.maps.insert(map.name.clone(), map.initial_entries());
    }
    for (name, entries) in preload.iter().flat_map(|preload| &preload.maps) {
        let Some(map) = manifest.maps.iter().find(|map| map.name == *name) else {
            return Err(Error::Preload(format!("the design has no map `{name}`")));
        };
        if map.hardware {
            hardware.maps.insert(name.clone(), entries.clone());
        } else if !is_compiled_in(map) {
            fixed.maps.insert(name.clone(), entries.clone());
        } else if !same(entries, &fixed.maps[name]) {
            return Err(Error::Preload(format!(
                "map `{name}` is part of the hardware and can not be preloaded: compile again with other data"
            )));
        }
    }
    Ok((hardware, fixed))
}

/// Read-only data, and prog arrays that the C source fills.
fn is_compiled_in(map: &MapInfo) -> bool {
    map.name.starts_with(".rodata") || map.map_type == MapType::PROG_ARRAY && map.initial.is_some()
}

/// Equal up to entries that are all zero.
fn same(left: &Entries, right: &Entries) -> bool {
    let filled = |entries: &Entries| -> Entries {
        let entries = entries.iter().filter(|(_, value)| value.iter().any(|byte| *byte != 0));
        entries.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    filled(left) == filled(right)
}
