// SPDX-License-Identifier: Apache-2.0
//! The simulated NIC: two different programs in the slots of its model, rings of the driver in its memory, switches under a flood. What comes out is what each program alone, in a
//! simulator of its own, makes of the frames that its slot got.
#![allow(clippy::print_stdout, reason = "says how much was compared, and how fast")]

use bpf2hdl_host::Device;
use bpf2hdl_host::nic::counters::NicCounters;
use bpf2hdl_host::nic::memory::HostMemory as _;
use bpf2hdl_host::nic::slots::{self, Policy, Slot};
use bpf2hdl_host::nic::{How, Nic, Settings, Window};
use bpf2hdl_interface::{Action, MapContents, map_file};
use bpf2hdl_testbench::model::{BuildOptions, Model, NicModel, SharedMemory};
use bpf2hdl_testbench::nic::{Event, Gate, Place, SimNic};
use bpf2hdl_testbench::simulator::{Observed, RunOptions, Simulator};
use bpf2hdl_testbench::{PacketSet, Silent};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const BUS: u32 = 64;
const SETTINGS: Settings = Settings { log2: 6, buffer_bytes: 10_240, wait: true, completion_delay: 32 };
const SEED: u64 = 7;

fn compile(name: &str, source: &Path) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nic_sim").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    let bus = BUS.to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_bpf2hdl"));
    let output = command.arg("compile").arg(source).arg("-o").arg(&folder).args(["--bus", &bus]).output();
    let output = output.expect("the compiler starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

/// A program, and what its maps begin with.
struct Program {
    model: Model,
    contents: MapContents,
}

impl Program {
    fn new(name: &str, source: &str, maps: &str) -> Self {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(source);
        let folder = compile(name, &source);
        let options = BuildOptions { quick: true, ..BuildOptions::default() };
        let model = Model::build(&folder, options, &mut Silent).unwrap_or_else(|error| panic!("{error}"));
        let contents = map_file::parse(maps, &model.manifest.shapes()).expect("a map file");
        Self { model, contents }
    }

    /// What it makes of these frames alone.
    fn alone(&self, frames: &[&[u8]]) -> (Observed, MapContents) {
        let simulator = Simulator::new(&self.model, SEED, None).expect("it starts");
        let mut device = Device::open(simulator, self.model.manifest.clone()).expect("it is the program");
        ready(&mut device, &self.contents);
        let packets: PacketSet = frames.iter().copied().collect();
        let options = RunOptions { lossless: true, ..RunOptions::FULL_RATE };
        let observed = device.registers().run(&packets, &options, &mut Silent).expect("it runs");
        assert_eq!(observed.violations, 0);
        let maps = device.dump(&mut |_, _| {}).expect("dumped");
        (observed, maps)
    }
}

fn ready<R: bpf2hdl_host::Registers>(device: &mut Device<R>, contents: &MapContents) {
    device.wait_until_ready().expect("ready");
    device.set_lossless(true).expect("written");
    device.load(contents).expect("filled");
}

fn programs(test: &str) -> [Program; 2] {
    let blocked = r#"{"blocked": [{"key": [10, 0, 0, 7], "value": [1, 0, 0, 0]}]}"#;
    let cpu = |n: u8| format!(r#"{{"key": [{n}, 0, 0, 0], "value": [64, 0, 0, 0, 0, 0, 0, 0]}}"#);
    let cpus = format!(r#"{{"cpus": [{}, {}]}}"#, cpu(0), cpu(1));
    [
        Program::new(&format!("{test}-guard"), "host/ctl/tests/data/guard.c", blocked),
        Program::new(&format!("{test}-marker"), "hdl/tests/cocotb/nic_marker.c", &cpus),
    ]
}

/// A NIC, its driver, and what came out.
struct Bench {
    sim: SimNic,
    memory: SharedMemory,
    nic: Nic,
    /// By receive queue.
    received: Vec<Vec<(How, Vec<u8>)>>,
    places: Vec<Place>,
    verdicts: [usize; 2],
    sent: Vec<(bool, Vec<u8>)>,
    faults: usize,
    gate: Vec<Gate>,
}

impl Bench {
    fn new(name: &str) -> Self {
        let model = NicModel::build(BUS, &mut Silent).unwrap_or_else(|error| panic!("{error}"));
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("nic_sim_{name}"));
        let memory = SharedMemory::create(&file, 2048).expect("memory");
        std::fs::remove_file(&file).expect("the mapping stays");
        let mut sim = SimNic::new(&model, SEED, &memory).expect("it starts");
        let mut memory = memory;
        let nic = Nic::open(SETTINGS, &mut sim, &mut memory).unwrap_or_else(|error| panic!("{error}"));
        nic.interrupts(u16::MAX, u16::MAX, &mut sim).expect("written");
        let received = vec![Vec::new(); nic.receive.len()];
        let (places, sent, gate) = (Vec::new(), Vec::new(), Vec::new());
        Self { sim, memory, nic, received, places, verdicts: [0; 2], sent, faults: 0, gate }
    }

    /// Puts a program into a slot and fills its maps through its window, whatever else happens.
    fn load(&mut self, slot: Slot, program: &Program) {
        let simulator = Simulator::new(&program.model, SEED, None).expect("it starts");
        self.sim.plug(slot, Some(simulator)).expect("it fits");
        let window = Window::new(&mut self.sim, slot.window());
        let mut device = Device::open(window, program.model.manifest.clone()).expect("it is the program");
        ready(&mut device, &program.contents);
    }

    /// Goes on for some clocks, then takes what has come.
    fn go(&mut self, clocks: u64) {
        self.sim.run(clocks, 300).expect("it runs");
        for (queue, received) in self.nic.receive.iter_mut().zip(&mut self.received) {
            let mut each = |frame: bpf2hdl_host::nic::Received<'_>| {
                assert!(!frame.cut && frame.metadata.is_empty());
                received.push((frame.how, frame.bytes.to_vec()));
            };
            queue.poll(&mut self.sim, &mut self.memory, &mut each).expect("polled");
        }
        for (_, event) in self.sim.take_events() {
            match event {
                Event::Gate(gate) => self.gate.push(gate),
                Event::Place(place) => self.places.push(place),
                Event::Verdict(..) => self.verdicts[0] += 1,
                Event::Exit { .. } => {}
                Event::Sent(own, bytes) => self.sent.push((own, bytes)),
                Event::Fault(..) => self.faults += 1,
            }
        }
    }

    /// Until nothing moves.
    fn settle(&mut self) {
        for _ in 0..1000 {
            self.go(10_000);
            if self.sim.quiet() > 300 && self.sim.waiting() == 0 {
                return self.go(1);
            }
        }
        panic!("it does not settle");
    }

    fn select(&mut self, slot: Option<Slot>) {
        slots::select(slot, &mut self.sim).expect("written");
        slots::wait_done(10_000, &mut self.sim).expect("the switch is over");
    }
}

/// Frames of both programs' interest: a number, an address that is sometimes blocked, a choice of the marker's.
fn frame(number: u32) -> Vec<u8> {
    let mix = number.wrapping_mul(2_654_435_761);
    let length = if mix >> 9 & 15 == 0 { 60 + (mix >> 13 & 1023) as usize } else { 60 + (mix >> 13 & 63) as usize };
    let mut frame = number.to_le_bytes().to_vec();
    frame.extend([0, 1, 2, 0, 0, 0, (mix >> 3) as u8 & 1, (mix >> 4) as u8 & 7, 8, 0]);
    frame.extend([0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 4 + (mix >> 7 & 3) as u8, 10, 0, 0, 100]);
    frame.resize(length, (mix >> 24) as u8);
    frame
}

#[test]
fn two_programs_behind_rings() {
    let programs = programs("two");
    let mut bench = Bench::new("two");
    slots::set_policy(Policy::Pass, Policy::Wait, u32::MAX, &mut bench.sim).expect("written");
    bench.select(None);
    // Without a program everything passes.
    bench.sim.offer(&frame(0)).expect("offered");
    bench.settle();
    assert_eq!((bench.places.as_slice(), &bench.received[0]), (&[Place::Host][..], &vec![(How::Pass, frame(0))]));
    bench.load(Slot::A, &programs[0]);
    bench.select(Some(Slot::A));
    let total = 3000u32;
    let mut own = Vec::new();
    let began = (Instant::now(), bench.sim.clock());
    for number in 1..total {
        bench.sim.offer(&frame(number)).expect("offered");
        if number % 150 == 0 {
            bench.go(1500);
        }
        if number == 600 {
            // The other slot is filled while this one runs.
            bench.load(Slot::B, &programs[1]);
        }
        if number >= 600 && number % 300 == 0 {
            bench.select(Some([Slot::B, Slot::A][(number / 300 % 2) as usize]));
            let frame = vec![number as u8; 14 + number as usize % 1500];
            assert!(bench.nic.transmit[0].send(&frame, &mut bench.memory).expect("sent"));
            bench.nic.transmit[0].tell(&mut bench.sim, &bench.memory).expect("told");
            own.push(frame);
        }
    }
    bench.settle();
    let (took, clocks) = (began.0.elapsed().as_secs_f64(), bench.sim.clock() - began.1);
    println!("{clocks} clocks of shell and slots in {took:.2} s: {:.0} a second", clocks as f64 / took);
    assert_eq!(bench.places.len(), total as usize);
    assert!(bench.gate.iter().all(|gate| *gate == Gate::Good), "nothing is lost at the gate");
    assert_eq!((bench.sim.violations().0, bench.faults), (0, 0), "{}", bench.sim.violations().1);
    compare(&mut bench, &programs, own);
}

/// What has come out, against each program alone.
fn compare(bench: &mut Bench, programs: &[Program; 2], own: Vec<Vec<u8>>) {
    let frames: Vec<Vec<u8>> = (0..bench.places.len() as u32).map(frame).collect();
    let of = |slot: Slot| -> Vec<&[u8]> {
        let places = frames.iter().zip(&bench.places).filter(|(_, place)| **place == Place::Slot(slot));
        places.map(|(frame, _)| frame.as_slice()).collect()
    };
    let alone: Vec<_> = Slot::ALL.map(|slot| programs[slot as usize].alone(&of(slot))).into();
    let changes = bench.places.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!(changes >= 8, "{changes} switches between two frames");
    assert!(alone.iter().all(|(observed, _)| observed.verdicts.len() > 500));
    // Frames to the host and to the port, in the order in which they went in.
    let (mut passed, mut back, mut nowhere) = (Vec::new(), Vec::new(), 0);
    let mut cpus = [Vec::new(), Vec::new()];
    let mut next = [[0; 4]; 2];
    for (frame, place) in frames.iter().zip(&bench.places) {
        let Place::Slot(slot) = place else {
            passed.push((How::Pass, frame.clone()));
            continue;
        };
        let ((observed, _), next) = (&alone[*slot as usize], &mut next[*slot as usize]);
        let verdict = observed.verdicts[next[3]];
        next[3] += 1;
        let mut take = |output: usize, frames: &bpf2hdl_testbench::Frames| {
            next[output] += 1;
            frames.get(next[output] - 1).expect("a frame").to_vec()
        };
        match verdict.leaves_by() {
            Some(Action::Pass) => passed.push((How::Pass, take(0, &observed.pass))),
            Some(Action::Tx) => back.push(take(1, &observed.tx)),
            Some(Action::Redirect) => {
                let frame = take(2, &observed.redirect);
                let target = verdict.target.expect("a target");
                match (target.kind.name(), target.number) {
                    ("cpu", cpu) => cpus[cpu as usize].push((How::Cpu, frame)),
                    (_, 1) => back.push(frame),
                    _ => nowhere += 1,
                }
            }
            _ => {}
        }
    }
    let only = |queue: usize, how: How| -> Vec<_> {
        bench.received[queue].iter().filter(|(came, _)| *came == how).cloned().collect()
    };
    assert!(passed.len() > 1000 && back.len() > 100 && nowhere > 30, "{} {} {nowhere}", passed.len(), back.len());
    assert_eq!(only(0, How::Pass), passed, "frames that passed, in their order");
    for (cpu, frames) in cpus.iter().enumerate() {
        assert!(frames.len() > 20);
        assert_eq!(only(cpu, How::Cpu), *frames, "frames for CPU {cpu}");
    }
    let events: Vec<_> = bench.received[bench.nic.event_queue()].iter().map(|(_, bytes)| bytes.clone()).collect();
    assert!(events.len() > 50);
    assert_eq!(events, alone[1].0.events.iter().map(<[u8]>::to_vec).collect::<Vec<_>>(), "records");
    let sent = |own: bool| bench.sent.iter().filter(move |(is, _)| *is == own).map(|(_, bytes)| bytes.clone());
    // TX and redirects to the port are two outputs that share it: each keeps its order.
    let (mut mine, mut theirs) = (sent(false).collect::<Vec<_>>(), back);
    mine.sort();
    theirs.sort();
    assert_eq!(mine, theirs, "frames by the port");
    assert_eq!(sent(true).collect::<Vec<_>>(), own, "the host's own");
    counters(bench, &alone, nowhere, (passed.len(), cpus.iter().map(Vec::len).sum(), own.len()));
    println!(
        "{} frames, {changes} switches: {} passed, {} by the port, {} events",
        frames.len(),
        passed.len(),
        mine.len(),
        events.len()
    );
    for (slot, (_, maps)) in Slot::ALL.into_iter().zip(&alone) {
        let window = Window::new(&mut bench.sim, slot.window());
        let mut device = Device::resume(window, programs[slot as usize].model.manifest.clone());
        assert_eq!(&device.dump(&mut |_, _| {}).expect("dumped"), maps, "maps of slot {}", slot.name());
    }
}

fn counters(
    bench: &mut Bench,
    alone: &[(Observed, MapContents)],
    nowhere: usize,
    (passed, redirected, own): (usize, usize, usize),
) {
    let counters = NicCounters::read(&mut bench.sim).expect("read");
    let get = |list, name: &str| NicCounters::get(list, name).expect("it is there");
    let all = bench.places.len() as u64;
    for (name, number) in
        [("rx_frames", all), ("rx_bad", 0), ("rx_size", 0), ("rx_full", 0), ("no_port", nowhere as u64)]
    {
        assert_eq!(get(&counters.gate, name), number, "{name}");
    }
    assert_eq!(get(&counters.gate, "to_host"), (passed + redirected) as u64);
    assert_eq!((get(&counters.gate, "tx_host"), get(&counters.dma, "tx_frames")), (own as u64, own as u64));
    let records = bench.received[bench.nic.event_queue()].len() as u64;
    assert_eq!(get(&counters.dma, "rx_frames"), (passed + redirected) as u64 + records);
    for name in ["dropped_empty", "dropped_stopped", "rx_error", "tx_error", "rx_cut"] {
        assert_eq!(get(&counters.dma, name), 0, "{name}");
    }
    let verdicts = alone.iter().map(|(observed, _)| observed.verdicts.len() as u64).collect::<Vec<_>>();
    assert_eq!([get(&counters.slots, "frames_a"), get(&counters.slots, "frames_b")], verdicts[..]);
    assert_eq!([get(&counters.slots, "verdicts_a"), get(&counters.slots, "verdicts_b")], verdicts[..]);
    bench.nic.transmit[0].reap(&bench.memory).expect("reaped");
    for counts in bench.nic.counts() {
        assert_eq!(counts.posted + counts.free, counts.descriptors, "{counts:?}");
    }
    assert_eq!(bench.nic.transmit[0].counts().free, 64, "all buffers are back");
}

/// A descriptor outside of memory stops its queue alone, and the driver starts it again; 200 programs come and go, and no memory or descriptor is lost.
#[test]
fn errors_and_exchanges_leave_nothing_behind() {
    let [guard, _] = programs("errors");
    let mut bench = Bench::new("errors");
    bench.load(Slot::A, &guard);
    bench.select(Some(Slot::A));
    let used = bench.memory.in_use();
    let good = |number: u32| {
        let mut frame = frame(number);
        frame[29] = 1;
        frame
    };
    for round in 0..3 {
        // All but one descriptor are good; the last one is outside of memory.
        let queue = &mut bench.nic.receive[0];
        queue.recover(&mut bench.sim, &mut bench.memory, &mut |_| panic!("nothing is left")).expect("recovered");
        bench.received[0].clear();
        for number in 0..10 {
            bench.sim.offer(&good(number)).expect("offered");
        }
        bench.sim.run(20_000, 300).expect("it runs");
        let mut count = 0;
        let queue = &mut bench.nic.receive[0];
        queue.take(&mut bench.memory, &mut |_| count += 1).expect("taken");
        assert_eq!(count, 10);
        assert!(queue.post_wrong(0x42, 10_240, &mut bench.sim, &mut bench.memory).expect("posted"));
        queue.fill(&mut bench.sim, &mut bench.memory).expect("filled");
        for number in 0..60 {
            bench.sim.offer(&good(number)).expect("offered");
        }
        let faults = bench.faults;
        bench.go(30_000);
        bench.settle();
        assert!(bench.faults > faults, "the access was seen");
        assert_eq!(bench.sim.interrupts(), bench.nic.receive[0].interrupt(), "its interrupt");
        let stopped = bench.nic.receive[0].stopped(&mut bench.sim).expect("read").expect("it has stopped");
        assert_eq!(stopped.0, ["bus error on data"], "round {round}");
        for queue in &bench.nic.receive[1..] {
            assert_eq!(queue.stopped(&mut bench.sim).expect("read"), None);
        }
        let own = vec![round; 100];
        assert!(bench.nic.transmit[0].send(&own, &mut bench.memory).expect("sent"));
        bench.nic.transmit[0].tell(&mut bench.sim, &bench.memory).expect("told");
        bench.settle();
        assert_eq!(bench.sent.last(), Some(&(true, own)), "other queues go on");
        bench.nic.transmit[0].reap(&bench.memory).expect("reaped");
        assert_eq!(bench.nic.take_pending(&mut bench.sim).expect("read"), bench.nic.receive[0].interrupt());
    }
    let (sim, memory) = (&mut bench.sim, &mut bench.memory);
    bench.nic.receive[0].recover(sim, memory, &mut |_| {}).expect("recovered");
    bench.received[0].clear();
    for number in 0..200 {
        bench.sim.offer(&good(number)).expect("offered");
        let slot = [Slot::B, Slot::A][number as usize % 2];
        let program = Simulator::new(&guard.model, SEED, None).expect("it starts");
        bench.sim.plug(slot, Some(program)).expect("it fits");
        if number % 10 == 9 {
            // One that is taken away again before it runs.
            bench.sim.plug(slot, None).expect("emptied");
            let program = Simulator::new(&guard.model, SEED, None).expect("it starts");
            bench.sim.plug(slot, Some(program)).expect("it fits");
        }
        bench.select(Some(slot));
        assert!(bench.sim.plug(slot.other(), None).expect("emptied").is_some());
        bench.go(200);
    }
    bench.settle();
    assert!(bench.received[0].iter().zip(0..).all(|((_, bytes), number)| *bytes == good(number)));
    assert_eq!(bench.received[0].len(), 200);
    for counts in bench.nic.counts() {
        let (posted, free) =
            if counts.free == counts.descriptors { (0, counts.descriptors) } else { (counts.descriptors, 0) };
        assert_eq!((counts.posted, counts.free), (posted, free), "all buffers are where they were");
    }
    assert_eq!(bench.memory.in_use(), used);
    assert_eq!(bench.sim.violations().0, 0, "{}", bench.sim.violations().1);
    let Bench { nic, mut sim, mut memory, .. } = bench;
    nic.close(&mut sim, &mut memory).expect("all queues become idle");
    assert_eq!(memory.in_use(), 0);
}
