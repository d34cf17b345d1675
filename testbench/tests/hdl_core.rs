// SPDX-License-Identifier: Apache-2.0
//! The hardware library of `hdl/`, around its own test pipeline, under this harness: full rate on every bus, every
//! frame size, every flow-control pattern, and losses.

mod mock;

use bpf2hdl_host::Registers;
use bpf2hdl_interface::registers::{self, Counter};
use bpf2hdl_testbench::model::{BuildOptions, Model};
use bpf2hdl_testbench::simulator::Simulator;
use bpf2hdl_testbench::traffic::{Profile, SizeSpec, Traffic};
use bpf2hdl_testbench::*;
use mock::Folder;
use std::fs;
use std::path::Path;

/// Dependencies first.
const LIBRARY: [&str; 9] = [
    "bpf_fifo",
    "bpf_ingress",
    "bpf_packet_buffer",
    "bpf_admission",
    "bpf_sink_fifo",
    "bpf_splice",
    "bpf_counters",
    "bpf_core_regs",
    "bpf_csr",
];

fn design(bus_bits: u32) -> Folder {
    let hdl = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hdl");
    let folder = Folder::new(&format!("hdl{bus_bits}"));
    let mut list = String::new();
    let sources = LIBRARY.map(|name| hdl.join(format!("rtl/{name}.sv")));
    for source in sources.iter().chain([&hdl.join("tests/bpf_test_core.sv")]) {
        let name = source.file_name().unwrap().to_str().unwrap();
        fs::copy(source, folder.path().join(name)).unwrap();
        list += &format!("{name}\n");
    }
    let core = include_str!("data/hdl_core/bpf_core.sv").replace("@BUS@", &bus_bits.to_string());
    fs::write(folder.path().join("bpf_core.sv"), core).unwrap();
    fs::write(folder.path().join("bpf_core.f"), list + "bpf_core.sv\n").unwrap();
    let build_id = format!("01{}", "00".repeat(31));
    let manifest = Manifest { build_id, maps: Vec::new(), ..mock::manifest(bus_bits) };
    fs::write(folder.path().join("manifest.json"), manifest.to_json()).unwrap();
    folder
}

/// What the test pipeline does, from its description.
struct TestProgram;

impl Oracle for TestProgram {
    fn name(&self) -> &str {
        "test program"
    }

    fn run(&mut self, packet: &[u8], _context: &PacketContext) -> Result<OracleVerdict, OracleSkip> {
        let head = packet[0];
        let mut data = packet.to_vec();
        for (index, byte) in data.iter_mut().enumerate().take(64) {
            if (usize::from(head >> 3) + index * (index + 3)).is_multiple_of(4) {
                *byte = head.wrapping_add((5 * index + 1) as u8);
            }
        }
        let action = Action::from_xdp(u32::from(head & 7));
        let number = u32::from(head) << 24 | u32::from(!head) << 16 | 0xb2b2;
        let target = RedirectTarget::from_wires(head >> 3 & 3, number).filter(|_| action == Action::Redirect);
        Ok(OracleVerdict { action, data, target, metadata: 0, events: Vec::new() })
    }

    fn maps(&mut self) -> Result<MapContents, Error> {
        Ok(MapContents::default())
    }

    fn load_maps(&mut self, _contents: &MapContents) -> Result<(), Error> {
        Ok(())
    }
}

/// Frames whose first byte names one of these actions, from several interfaces and queues.
fn packets(size: SizeSpec, count: usize, actions: &[u8]) -> PacketSet {
    let mut set = PacketSet::new();
    let frames = Traffic::new(11).size(size).profile(Profile::Mixed).generate(count);
    for (number, packet) in frames.iter().enumerate() {
        let mut data = packet.data.to_vec();
        // The top bit would name all ports of a devmap, which this core knows nothing of.
        data[0] = (number * 8) as u8 & 0x7f | actions[number * 7 % actions.len()];
        let context = PacketContext {
            ingress_ifindex: (number % 7) as u32 * 9000,
            rx_queue_index: (number % 5) as u32 * 16_000,
            ..packet.context
        };
        set.push(&data, context);
    }
    set
}

fn run(design: &Folder, packets: &PacketSet, options: SimOptions) -> SimReport {
    let request = SimRequest { design: design.path(), packets, preload: None, oracle: Some(&mut TestProgram), options };
    let report = simulate(request, &mut Silent).unwrap();
    let comparison = report.comparison.as_ref().unwrap();
    assert_eq!(report.mismatches(), 0, "{:#?} {:#?}", report.checks, comparison.explained);
    assert_eq!(comparison.compared, packets.len() as u64);
    report
}

#[test]
fn one_packet_per_clock_and_no_refused_beat() {
    for bus in [64, 128, 256, 512] {
        let design = design(bus);
        let minimal = packets(SizeSpec::Fixed((bus / 8) as usize), 10_000, &[0, 1, 2, 3, 4]);
        let report = run(&design, &minimal, SimOptions::default());
        if bus == 512 {
            assert!(report.packets_per_cycle >= 0.99, "{}", report.packets_per_cycle);
        }
        assert_eq!(report.input_stall_cycles, 0, "bus {bus}");
        // With both outputs taking all of it, no beat is ever refused at any size.
        let sweep = packets(SizeSpec::Sweep { min: 60, max: 1514 }, 1455, &[2, 3, 1, 4]);
        assert_eq!(run(&design, &sweep, SimOptions::default()).input_stall_cycles, 0, "bus {bus}");
    }
}

#[test]
fn flow_control_changes_nothing() {
    let small = packets(SizeSpec::Range { min: 14, max: 200 }, 3_000, &[0, 1, 2, 3, 4]);
    let natural = packets(SizeSpec::Natural, 1_000, &[2, 3, 4]);
    let large = packets(SizeSpec::Range { min: 8_000, max: 9_216 }, 60, &[2, 3, 4, 1]);
    for bus in [64, 512] {
        let design = design(bus);
        for (seed, set) in [&small, &natural, &large].into_iter().enumerate() {
            let half = ReadyPattern::Random { numerator: 1, denominator: 2 };
            let gaps = SourcePattern::Random { numerator: 3, denominator: 4 };
            for (source, ready) in
                [(gaps, half), (SourcePattern::FullRate, ReadyPattern::Adversarial), (gaps, ReadyPattern::Adversarial)]
            {
                let seed = seed as u64;
                run(
                    &design,
                    set,
                    SimOptions {
                        source,
                        pass_ready: ready,
                        tx_ready: ready,
                        redirect_ready: ready,
                        seed,
                        ..SimOptions::default()
                    },
                );
            }
        }
    }
}

#[test]
fn a_slow_output_loses_whole_frames_and_holds_nobody_up() {
    let design = design(64);
    let set = packets(SizeSpec::Fixed(256), 4_000, &[2, 3, 1]);
    let slow = ReadyPattern::Random { numerator: 1, denominator: 40 };
    let options = SimOptions { pass_ready: slow, lossless: Some(false), ..SimOptions::default() };
    let report = run(&design, &set, options);
    assert!(report.counters.get(Counter::PassLostPackets) > 0);
    assert_eq!(report.counters.get(Counter::TxLostPackets), 0);
    assert_eq!(report.input_stall_cycles, 0);
}

#[test]
fn a_slow_redirect_output_loses_only_its_own() {
    for bus in [64, 512] {
        let design = design(bus);
        let set = packets(SizeSpec::Fixed(256), 4_000, &[2, 3, 4]);
        let slow = ReadyPattern::Random { numerator: 1, denominator: 200 };
        let options = SimOptions { redirect_ready: slow, lossless: Some(false), ..SimOptions::default() };
        let report = run(&design, &set, options);
        let nowhere = report.verdicts.iter().filter(|v| v.action == Action::Redirect && v.target.is_none()).count();
        assert!(nowhere > 0 && report.counters.get(Counter::RedirectLostPackets) > 0);
        assert_eq!(report.counters.get(Counter::RedirectNoTargetPackets), nowhere as u64);
        assert_eq!(report.counters.get(Counter::PassLostPackets) + report.counters.get(Counter::TxLostPackets), 0);
        assert_eq!(report.input_stall_cycles, 0, "bus {bus}");
    }
}

/// What is at the end of an output has stopped for good: the frames that find no room there are lost and counted as that output's, and
/// everything else goes on at the rate of the input.
#[test]
fn an_output_that_has_stopped_loses_only_its_own() {
    for bus in [64, 512] {
        let design = design(bus);
        let set = packets(SizeSpec::Range { min: 60, max: 600 }, 3_000, &[0, 1, 2, 3, 4]);
        let open = run(&design, &set, SimOptions::default());
        let sinks = [Counter::PassLostPackets, Counter::TxLostPackets, Counter::RedirectLostPackets];
        for stopped in 0..3 {
            let ready = |sink: usize| if sink == stopped { ReadyPattern::Never } else { ReadyPattern::Always };
            let options = SimOptions {
                pass_ready: ready(0),
                tx_ready: ready(1),
                redirect_ready: ready(2),
                ..SimOptions::default()
            };
            let report = run(&design, &set, options);
            assert_eq!((report.input_stall_cycles, report.verdicts.len()), (0, open.verdicts.len()), "bus {bus}");
            assert!(report.cycles <= open.cycles, "bus {bus}: {} clocks, {} without", report.cycles, open.cycles);
            let (came, all) = ([&report.pass, &report.tx, &report.redirect], [&open.pass, &open.tx, &open.redirect]);
            for sink in 0..3 {
                let lost = report.counters.get(sinks[sink]);
                if sink == stopped {
                    assert!(came[sink].is_empty() && lost > 200 && lost < all[sink].len() as u64, "bus {bus}: {lost}");
                } else {
                    assert_eq!((came[sink].len(), lost), (all[sink].len(), 0), "bus {bus}, output {sink}");
                }
            }
            for counter in [Counter::AbortedPackets, Counter::DropPackets, Counter::RedirectNoTargetPackets] {
                assert_eq!(report.counters.get(counter), open.counters.get(counter), "bus {bus}");
            }
        }
    }
}

/// Ports start with noise that depends on the seed: none of it may be a transfer, or the first write is lost in it.
#[test]
fn no_register_is_written_before_anybody_writes() {
    let design = design(64);
    let model = Model::build(design.path(), BuildOptions::default(), &mut Silent).unwrap();
    for seed in 0..64 {
        let mut core = Simulator::new(&model, seed, None).unwrap();
        assert_eq!(core.read32(registers::CONTROL).unwrap(), 0, "seed {seed}");
        core.write32(registers::CONTROL, registers::CONTROL_LOSSLESS).unwrap();
        assert_eq!(core.read32(registers::CONTROL).unwrap(), registers::CONTROL_LOSSLESS, "seed {seed}");
    }
}
