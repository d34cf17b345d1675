// SPDX-License-Identifier: Apache-2.0
//! The driver library over datagrams that are lost, doubled, late and overtaken, to an endpoint that does what `bpf_udp.sv` does.

use super::*;
use crate::device::serial::bench::{ARRAY, Core, HASH, manifest};
use bpf2hdl_host::Device;
use bpf2hdl_host::entries::Condition;
use bpf2hdl_interface::registers as reg;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// An endpoint; every `fault`-th datagram, by chance, does not go its way.
struct Endpoint {
    address: SocketAddr,
    core: Arc<Mutex<Core>>,
    thread: Option<JoinHandle<u64>>,
}

/// The end of an endpoint's thread.
const END: &[u8] = b"end";

impl Endpoint {
    fn new(fault: u32) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let address = socket.local_addr().expect("an address");
        let core = Arc::new(Mutex::new(Core::default()));
        let own = core.clone();
        let thread = std::thread::spawn(move || serve(&socket, &own, fault));
        Self { address, core, thread: Some(thread) }
    }

    /// Ends it; how many datagrams did not go their way.
    fn end(&mut self) -> u64 {
        UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.send_to(END, self.address)).expect("sent");
        self.thread.take().map_or(0, |thread| thread.join().expect("no panic"))
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.end();
        }
    }
}

fn serve(socket: &UdpSocket, core: &Mutex<Core>, fault: u32) -> u64 {
    let (mut seed, mut faults) = (7_u64, 0);
    let mut chance = move |below: u32| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as u32 % below.max(1)
    };
    let mut last: Option<(u32, Vec<u8>)> = None;
    // A datagram that is kept back, and comes after the next one; an answer likewise.
    let (mut late, mut late_answer): (Option<Vec<u8>>, Option<Vec<u8>>) = (None, None);
    loop {
        let mut bytes = [0; 64];
        let (length, from) = socket.recv_from(&mut bytes).expect("received");
        if bytes[..length] == *END {
            return faults;
        }
        let mut arrived = vec![bytes[..length].to_vec()];
        if fault > 0 && chance(fault) == 0 {
            faults += 1;
            match chance(3) {
                0 => arrived.clear(),
                1 => arrived.push(arrived[0].clone()),
                _ => late = Some(arrived.remove(0)),
            }
        } else {
            arrived.extend(late.take());
        }
        for request in arrived {
            let Some(answer) = carry_out(&mut core.lock().expect("no panic"), &mut last, &request) else { continue };
            let mut answers = vec![answer];
            if fault > 0 && chance(fault) == 0 {
                faults += 1;
                match chance(4) {
                    0 => answers.clear(),
                    1 => answers.push(answers[0].clone()),
                    2 => answers.insert(0, b"no answer at all".to_vec()),
                    _ => late_answer = Some(answers.remove(0)),
                }
            } else {
                answers.extend(late_answer.take());
            }
            for answer in answers {
                socket.send_to(&answer, from).expect("sent");
            }
        }
    }
}

/// What `bpf_udp.sv` does with a request.
fn carry_out(core: &mut Core, last: &mut Option<(u32, Vec<u8>)>, request: &[u8]) -> Option<Vec<u8>> {
    let [first, op, a, b, rest @ ..] = request else { return None };
    let word = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().expect("four bytes"));
    if *first != 0xa5 || rest.len() != 8 {
        return None;
    }
    let (address, number, data) = (u16::from_le_bytes([*a, *b]), word(0), word(4));
    let answer = |status: u8, data: u32| {
        [&[0x5a, status << 4 | op & 0xf, *a, *b][..], &number.to_le_bytes(), &data.to_le_bytes()].concat()
    };
    let known = last.as_ref().map(|(number, _)| *number);
    match (op, known) {
        (0, known) => return Some(answer(0, known.unwrap_or(0))),
        (_, Some(known)) if number == known => return last.as_ref().map(|(_, answer)| answer.clone()),
        (_, Some(known)) if number.wrapping_sub(known) >> 31 != 0 => return None,
        _ => {}
    }
    let made = match op {
        1 => answer(0, core.read(address)),
        2 => {
            core.write(address, data);
            answer(0, 0)
        }
        _ => answer(1, 0),
    };
    *last = Some((number, made.clone()));
    Some(made)
}

fn device(endpoint: &Endpoint, wait: u64) -> Device<Datagrams> {
    let datagrams = Datagrams::open(endpoint.address, Duration::from_millis(wait), None).expect("a socket");
    Device::resume(datagrams, manifest())
}

#[test]
fn datagrams_that_go_astray_neither_skip_nor_double() {
    let mut endpoint = Endpoint::new(12);
    let mut device = device(&endpoint, 5);
    for round in 0..12_u32 {
        for index in 0..6_u32 {
            device.write_entry(ARRAY, index, &(round + index).to_le_bytes()).expect("written");
            let key = (10 * round + index).to_le_bytes();
            assert_eq!(device.put(HASH, &key, &key, Condition::NoExist), Ok(Ok(())), "round {round}");
        }
        let part = device.part(ARRAY, 0, 6).expect("read");
        let values: Vec<u32> = part.entries.iter().map(|(_, value)| u32::from(value[0])).collect();
        // Entries of an array that are zero are there, too.
        assert_eq!(values, (round..round + 6).collect::<Vec<_>>());
        assert_eq!(device.dump_map(HASH, &mut |_, _| {}).expect("read").len(), 6);
        for index in 0..6_u32 {
            assert_eq!(device.remove(HASH, &(10 * round + index).to_le_bytes()), Ok(Ok(())), "round {round}");
        }
    }
    let repeated = device.registers().repeated;
    let faults = endpoint.end();
    assert!(faults > 100 && repeated > 50, "{faults} faults, {repeated} repeated");
    // Writes 6, updates 6, steps 6, "next" 7, deletes 6: each once.
    assert_eq!(endpoint.core.lock().expect("no panic").commands.len(), 12 * (6 + 6 + 6 + 7 + 6));
}

#[test]
fn sessions_follow_each_other() {
    let endpoint = Endpoint::new(0);
    for session in 0..5_u32 {
        let mut device = device(&endpoint, 200);
        device.registers().write32(reg::MAP_INDEX, session).expect("written");
        assert_eq!(device.registers().read32(reg::MAP_INDEX), Ok(session));
    }
    // Two at a time: who has lost says so, and goes on.
    let (mut one, mut two) = (device(&endpoint, 200), device(&endpoint, 200));
    one.registers().read32(reg::MAGIC).expect("read");
    two.registers().read32(reg::MAGIC).expect("read");
    one.registers().number = two.registers().number.map(|number| number.wrapping_sub(1));
    let error = one.registers().read32(reg::MAP_STATUS).expect_err("the number was taken").0;
    assert!(error.starts_with("another host uses 127.0.0.1:"), "{error}");
    assert_eq!(one.registers().read32(reg::MAGIC), Ok(reg::MAGIC_VALUE));
}

#[test]
fn nobody_there_is_an_error_in_bounded_time() {
    // A port that is bound, but not served; one that is not even bound.
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let address = socket.local_addr().expect("an address");
    for (bound, text) in [(true, "no answer came"), (false, "Connection refused")] {
        let kept = bound.then(|| socket.try_clone().expect("another one"));
        let mut datagrams = Datagrams::open(address, Duration::from_millis(2), None).expect("a socket");
        if !bound {
            continue;
        }
        let begun = Instant::now();
        let error = datagrams.read32(0).expect_err("nobody answers").0;
        assert!(error.contains(text) && error.ends_with("20 times"), "{error}");
        assert!(datagrams.silent && begun.elapsed() < Duration::from_secs(3));
        drop(kept);
    }
    drop(socket);
    let mut datagrams = Datagrams::open(address, Duration::from_millis(2), None).expect("a socket");
    let error = datagrams.read32(0).expect_err("nobody is there").0;
    assert!(error.contains("refused"), "{error}");
}

#[test]
fn names_of_boards() {
    for (name, code) in [("", Code::DeviceName), ("host", Code::Usage)] {
        assert_eq!(open(name, None).err().map(|failure| failure.code), Some(code), "{name}");
    }
}
