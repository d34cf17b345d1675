// SPDX-License-Identifier: Apache-2.0
//! The driver against a model of the NIC: laps of the rings, phases, full and empty queues, errors, memory that is given back.

use super::memory::{HostMemory, PAGE, PlainMemory};
use super::mock::{Fate, MockNic, Shared};
use super::slots::{self, Policy, Slot};
use super::{How, Nic, NicRegisters, Settings, Window};
use crate::{HostError, Registers};
use bpf2hdl_interface::registers::{NIC, SLOTS};
use std::cell::RefCell;
use std::rc::Rc;

const SETTINGS: Settings = Settings { log2: 4, buffer_bytes: 128, wait: true, completion_delay: 32 };

fn start(settings: Settings) -> (MockNic, Shared, Nic) {
    let mut memory = Shared(Rc::new(RefCell::new(PlainMemory::new(0x1_0000, 64))));
    let mut mock = MockNic::new(memory.clone());
    let nic = Nic::open(settings, &mut mock, &mut memory).unwrap();
    (mock, memory, nic)
}

/// All buffers are somewhere, once.
fn whole(nic: &Nic) {
    for counts in nic.counts() {
        assert_eq!(counts.posted + counts.free, counts.descriptors, "{counts:?}");
    }
}

/// A frame with a number.
fn frame(number: u32) -> Vec<u8> {
    let length = 14 + (number * 37 % 100) as usize;
    number.to_le_bytes().into_iter().cycle().take(length).collect()
}

#[test]
fn frames_come_in_order_through_many_laps() {
    let (mut mock, mut memory, mut nic) = start(SETTINGS);
    let (mut given, mut got) = (0, 0);
    // More than 65,536: the indices wrap, too. Bursts of 1 to 16, so that every place of the ring is an end.
    while given < 70_000 {
        let burst = 1 + given % 16;
        for number in given..given + burst {
            assert_eq!(mock.frame(0, &frame(number), 0), Fate::Written);
        }
        given += burst;
        let mut each = |received: super::Received<'_>| {
            assert_eq!((received.how, received.bytes), (How::Pass, &frame(got)[..]));
            assert_eq!((received.source, received.cut), ((1, 2), false));
            got += 1;
        };
        nic.receive[0].poll(&mut mock, &mut memory, &mut each).unwrap();
    }
    assert_eq!(got, given);
    whole(&nic);
    assert_eq!(nic.receive[0].poll(&mut mock, &mut memory, &mut |_| panic!("nothing is left")).unwrap(), 0);
}

#[test]
fn a_queue_without_buffers_waits_or_drops() {
    for (wait, fate) in [(true, Fate::Waits), (false, Fate::Dropped)] {
        let (mut mock, mut memory, mut nic) = start(Settings { wait, ..SETTINGS });
        for number in 0..16 {
            assert_eq!(mock.frame(1, &frame(number), 2), Fate::Written);
        }
        assert_eq!(mock.frame(1, &frame(16), 2), fate);
        // Completions of another queue are not this one's.
        assert_eq!(nic.receive[0].poll(&mut mock, &mut memory, &mut |_| panic!("not here")).unwrap(), 0);
        let mut count = 0;
        let mut each = |received: super::Received<'_>| {
            assert_eq!(received.how, How::Cpu);
            count += 1;
        };
        // Taken, but not given back.
        assert_eq!(nic.receive[1].take(&mut memory, &mut each).unwrap(), 16);
        assert_eq!(count, 16);
        assert_eq!(mock.frame(1, &frame(16), 2), fate);
        assert_eq!(nic.receive[1].fill(&mut mock, &mut memory).unwrap(), 16);
        assert_eq!(mock.frame(1, &frame(16), 2), Fate::Written);
        whole(&nic);
    }
}

#[test]
fn long_frames_are_cut_and_records_are_told_apart() {
    let (mut mock, mut memory, mut nic) = start(SETTINGS);
    let events = nic.event_queue();
    assert_eq!(mock.frame(events, &[9; 200], 1), Fate::Written);
    let mut seen = Vec::new();
    let mut each = |received: super::Received<'_>| seen.push((received.how, received.bytes.len(), received.cut));
    nic.receive[events].poll(&mut mock, &mut memory, &mut each).unwrap();
    assert_eq!(seen, [(How::Record, 128, true)]);
}

#[test]
fn frames_are_sent_until_the_ring_is_full() {
    let (mut mock, mut memory, mut nic) = start(SETTINGS);
    let queue = &mut nic.transmit[0];
    let (mut posted, mut laps) = (0, 0);
    while posted < 70_000 {
        let before = posted;
        while queue.send(&frame(posted), &mut memory).unwrap() {
            posted += 1;
        }
        assert!(posted > before && queue.counts().free == 0, "the ring is full");
        let writes = mock.writes;
        queue.tell(&mut mock, &memory).unwrap();
        queue.tell(&mut mock, &memory).unwrap();
        assert_eq!(mock.writes, writes + 1, "PRODUCER is written once");
        mock.send(1 + laps % 16);
        queue.reap(&memory).unwrap();
        laps += 1;
    }
    mock.send(16);
    queue.reap(&memory).unwrap();
    assert_eq!((queue.total().sent, queue.total().lost), (u64::from(posted), 0));
    assert!(mock.sent.iter().zip(0..).all(|(sent, number)| *sent == frame(number)));
    assert!(matches!(queue.send(&[], &mut memory), Err(HostError::Queue(_))));
    assert!(matches!(queue.send(&[0; 129], &mut memory), Err(HostError::Queue(text)) if text.contains("129")));
    whole(&nic);
}

#[test]
fn a_bus_error_stops_one_queue_and_the_driver_recovers() {
    let (mut mock, mut memory, mut nic) = start(SETTINGS);
    for lap in 0..40 {
        for number in 0..3 {
            assert_eq!(mock.frame(0, &frame(number), 0), Fate::Written);
        }
        let mut count = 0;
        // Three buffers are the host's; one of them is posted where there is no memory, or without bytes.
        nic.receive[0].take(&mut memory, &mut |_| count += 1).unwrap();
        assert_eq!(count, 3);
        let (address, bytes, said) = match lap % 2 {
            0 => (0xdead_0000, 128, "bus error on data"),
            _ => (0x1_0000, 0, "bad descriptor"),
        };
        assert!(nic.receive[0].post_wrong(address, bytes, &mut mock, &mut memory).unwrap());
        nic.receive[0].fill(&mut mock, &mut memory).unwrap();
        for _ in 0..13 {
            assert_eq!(mock.frame(0, &frame(5), 0), Fate::Written);
        }
        assert_eq!(mock.frame(0, &frame(6), 0), Fate::Error);
        assert_eq!(mock.frame(0, &frame(6), 0), Fate::Dropped);
        assert_eq!(mock.frame(1, &frame(6), 0), Fate::Written, "others go on");
        assert_eq!(nic.take_pending(&mut mock).unwrap(), nic.receive[0].interrupt());
        assert_eq!(nic.take_pending(&mut mock).unwrap(), 0);
        assert_eq!(nic.receive[0].stopped(&mut mock).unwrap().unwrap().0, [said]);
        assert_eq!(nic.receive[1].stopped(&mut mock).unwrap(), None);
        mock.drain = lap;
        let mut good = 0;
        nic.receive[0].recover(&mut mock, &mut memory, &mut |_| good += 1).unwrap();
        assert_eq!((good, nic.receive[0].errors()), (13, u64::from(lap) + 1));
        assert_eq!(nic.receive[0].stopped(&mut mock).unwrap(), None);
        nic.receive[1].poll(&mut mock, &mut memory, &mut |_| {}).unwrap();
        whole(&nic);
    }
    mock.drain = u32::MAX;
    assert!(matches!(nic.receive[0].recover(&mut mock, &mut memory, &mut |_| {}), Err(HostError::TimeOut(_))));
}

#[test]
fn frames_of_a_queue_that_is_reset_are_lost_and_counted() {
    let (mut mock, mut memory, mut nic) = start(SETTINGS);
    let queue = &mut nic.transmit[0];
    for number in 0..10 {
        assert!(queue.send(&frame(number), &mut memory).unwrap());
    }
    queue.tell(&mut mock, &memory).unwrap();
    mock.send(4);
    queue.recover(&mut mock, &mut memory).unwrap();
    assert_eq!((queue.total().sent, queue.total().lost), (4, 6));
    assert!(queue.send(&frame(77), &mut memory).unwrap());
    queue.tell(&mut mock, &memory).unwrap();
    mock.send(1);
    assert_eq!((queue.reap(&memory).unwrap(), mock.sent.last()), (1, Some(&frame(77))));
    whole(&nic);
}

#[test]
fn a_producer_that_is_too_far_ahead_is_an_error_of_the_queue() {
    let (mut mock, mut memory, nic) = start(SETTINGS);
    let page = 0x3_1000 + 0x18;
    mock.write(page, 17).unwrap();
    assert_eq!(nic.receive[0].stopped(&mut mock).unwrap().unwrap().0, ["bad PRODUCER"]);
    nic.close(&mut mock, &mut memory).unwrap();
}

#[test]
fn memory_is_given_back() {
    let (mut mock, mut memory, mut nic) = start(SETTINGS);
    let used = memory.in_use();
    assert!(used > 0);
    for _ in 0..200 {
        nic.close(&mut mock, &mut memory).unwrap();
        assert_eq!(memory.in_use(), 0);
        nic = Nic::open(SETTINGS, &mut mock, &mut memory).unwrap();
        assert_eq!((memory.in_use(), nic.receive[0].counts().posted), (used, 16));
    }
    // One that does not become idle keeps its memory: the DMA may still write.
    mock.drain = u32::MAX;
    assert!(matches!(nic.close(&mut mock, &mut memory), Err(HostError::TimeOut(_))));
    assert_eq!(memory.in_use(), used);
}

#[test]
fn an_open_that_fails_leaves_nothing() {
    let mut memory = Shared(Rc::new(RefCell::new(PlainMemory::new(0, 4))));
    let mut mock = MockNic::new(memory.clone());
    let error = Nic::open(SETTINGS, &mut mock, &mut memory).unwrap_err();
    assert!(matches!(&error, HostError::Memory(text) if text.contains("of 4 are free")), "{error}");
    assert_eq!(memory.in_use(), 0);
    for settings in [Settings { log2: 3, ..SETTINGS }, Settings { buffer_bytes: 65_536, ..SETTINGS }] {
        assert!(matches!(Nic::open(settings, &mut mock, &mut memory), Err(HostError::Queue(_))));
    }
    struct Nobody;
    impl NicRegisters for Nobody {
        fn read(&mut self, _: u32) -> Result<u32, crate::RegisterError> {
            Ok(0)
        }
        fn write(&mut self, _: u32, _: u32) -> Result<(), crate::RegisterError> {
            panic!("who is not known is not written to")
        }
    }
    assert!(matches!(Nic::open(SETTINGS, &mut Nobody, &mut memory), Err(HostError::Identity(_))));
}

#[test]
fn memory_is_pages() {
    let mut memory = PlainMemory::new(0x8000, 4);
    let (a, b) = (memory.allocate(1).unwrap(), memory.allocate(PAGE + 1).unwrap());
    assert_eq!((a.address, a.bytes, b.address, b.bytes), (0x8000, PAGE, 0x9000, 2 * PAGE));
    assert!(memory.write(0x9ffe, &[1, 2, 3, 4]).is_ok());
    let mut bytes = [0; 4];
    memory.read(0x9ffe, &mut bytes).unwrap();
    assert_eq!(bytes, [1, 2, 3, 4]);
    for address in [0x7fff, 0xaffd, 0xb000, u64::MAX - 1] {
        assert!(matches!(memory.read(address, &mut bytes), Err(HostError::Memory(_))), "{address:#x}");
    }
    assert!(memory.allocate(2 * PAGE).is_err());
    memory.free(a);
    assert!(memory.write(0x8000, &[1]).is_err(), "freed");
    assert_eq!(memory.in_use(), 2 * PAGE);
    memory.free(b);
    assert_eq!(memory.allocate(4 * PAGE).unwrap().address, 0x8000);
}

#[test]
fn slots_are_selected() {
    let (mut mock, _, _) = start(SETTINGS);
    slots::set_policy(Policy::Pass, Policy::Drop, 5000, &mut mock).unwrap();
    assert_eq!(mock.read(SLOTS.address("POLICY")), Ok(0x21));
    assert_eq!(mock.read(SLOTS.address("LIMIT")), Ok(5000));
    mock.switch = 10;
    slots::select(Some(Slot::B), &mut mock).unwrap();
    assert!(slots::status(&mut mock).unwrap().draining);
    slots::wait_done(20, &mut mock).unwrap();
    let status = slots::status(&mut mock).unwrap();
    assert_eq!((status.running, status.done), (Some(Slot::B), true));
    mock.switch = u32::MAX;
    slots::select(None, &mut mock).unwrap();
    let error = slots::wait_done(20, &mut mock).unwrap_err().to_string();
    assert!(error.contains("after 20 polls: the old slot does not become empty"), "{error}");
    assert_eq!((Slot::A.other(), Slot::B.other(), Slot::B.name()), (Slot::B, Slot::A, "B"));
    mock.accounts = 3;
    slots::isolate(Slot::A, true, 0, &mut mock).unwrap();
    slots::isolate(Slot::B, true, 0, &mut mock).unwrap();
    assert_eq!(mock.read(SLOTS.address("ISOLATE")), Ok(3));
    let error = slots::isolate(Slot::B, false, 2, &mut mock).unwrap_err().to_string();
    assert!(error.contains("slot B is still isolated after 2 polls"), "{error}");
    slots::isolate(Slot::B, false, 2, &mut mock).unwrap();
    assert_eq!(mock.read(SLOTS.address("ISOLATE")), Ok(1), "A stays so");
    let mut window = Window::new(&mut mock, Slot::B.window());
    window.write32(0x400, 7).unwrap();
    assert_eq!(mock.read(0x2_0400), Ok(7));
    let mut page = Window::new(&mut mock, NIC.base);
    assert_eq!(page.read32(0), Ok(NIC.register("MAGIC").reset));
}
