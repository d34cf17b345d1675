// SPDX-License-Identifier: Apache-2.0
//! The driver library over a bad line: everything as without the line, each map command once.

use super::access::{Access, Timing, crc8};
use super::bench::{ARRAY, Board, Core, ENTRIES, Fault, Faults, HASH, manifest};
use bpf2hdl_host::entries::Condition;
use bpf2hdl_host::{Device, HostError, RegisterError, Registers};
use bpf2hdl_interface::registers as reg;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

const TIMING: Timing = Timing { answer: Duration::from_millis(250), silence: Duration::from_millis(100), attempts: 8 };

fn device(faults: Faults) -> Device<Access<Board>> {
    Device::resume(Access::open(Board::new(faults), TIMING), manifest())
}

/// Registers without a line.
struct Direct(Core);

impl Registers for Direct {
    fn read32(&mut self, address: u16) -> Result<u32, RegisterError> {
        Ok(self.0.read(address))
    }

    fn write32(&mut self, address: u16, value: u32) -> Result<(), RegisterError> {
        self.0.write(address, value);
        Ok(())
    }
}

fn good() -> Faults {
    Box::new(|| (Fault::None, Fault::None))
}

/// Numbers without a pattern.
#[derive(Clone)]
struct Random(u64);

impl Random {
    fn next(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32 % below
    }

    fn fault(&mut self, one_in: u32) -> Fault {
        if self.next(one_in) != 0 {
            return Fault::None;
        }
        let number = self.next(1 << 16) as usize;
        match self.next(6) {
            0 => Fault::Damage(number),
            1 => Fault::Shorten(number),
            2 => Fault::Lose,
            // Up to four times what an answer may take.
            3 => Fault::Delay(Duration::from_millis(u64::from(self.next(1000)))),
            4 => Fault::Noise(number as u8),
            _ => Fault::Damage(number),
        }
    }
}

/// One operation of a host; what it gave, in words.
fn operation<R: Registers>(device: &mut Device<R>, random: &mut Random) -> String {
    let key = (random.next(12)).to_le_bytes();
    let value = random.next(1 << 30).to_le_bytes();
    let when = [Condition::Any, Condition::NoExist, Condition::Exist][random.next(3) as usize];
    match random.next(8) {
        0 => format!("{:?}", device.put(ARRAY, &random.next(ENTRIES).to_le_bytes(), &value, Condition::Any)),
        1 => format!("{:?}", device.part(ARRAY, random.next(ENTRIES), 7)),
        2 | 3 => format!("{:?}", device.put(HASH, &key, &value, when)),
        4 => format!("{:?}", device.remove(HASH, &key)),
        5 => format!("{:?}", device.get(HASH, &key)),
        6 => format!("{:?}", device.part(HASH, random.next(4), 3)),
        _ => format!("{:?}", device.dump_map(HASH, &mut |_, _| {})),
    }
}

/// 3,000 operations of all kinds over a line on which one message in 24 is damaged, lost, late or preceded by noise.
#[test]
fn everything_is_as_without_the_line() {
    let mut random = Random(1);
    let mut chance = Random(99);
    let mut device_ = device(Box::new(move || (chance.fault(24), chance.fault(24))));
    let mut plain = Device::resume(Direct(Core::default()), manifest());
    for number in 0..3000 {
        let expected = operation(&mut plain, &mut random.clone());
        assert_eq!(operation(&mut device_, &mut random), expected, "operation {number}");
    }
    let access = device_.into_registers();
    let (line, plain) = (&access.line().core, plain.into_registers().0);
    assert_eq!((&line.array, &line.hash), (&plain.array, &plain.hash));
    // What may not be repeated was not, and nothing was left out.
    let once = |core: &Core| -> Vec<u32> {
        let repeatable = |command: u32| matches!(command, reg::COMMAND_READ | reg::COMMAND_LOOKUP);
        core.commands.iter().copied().filter(|command| !repeatable(*command)).collect()
    };
    assert!(once(line) == once(&plain), "each command once, in order");
    assert!(once(line).len() > 7000, "{}", once(line).len());
    let tally = access.tally();
    let lost: u64 = tally.split(' ').next().and_then(|word| word.parse().ok()).expect("a number");
    assert!(lost > 3000, "{tally}");
}

/// The answer to exactly one message is lost, or damaged, or late; whichever message of an operation it is.
#[test]
fn a_lost_answer_neither_skips_nor_doubles() {
    let faults =
        [Fault::Lose, Fault::Damage(1), Fault::Damage(34), Fault::Shorten(2), Fault::Delay(Duration::from_millis(400))];
    let mut cases = 0;
    for fault in faults {
        for answer in [false, true] {
            for at in 0.. {
                let count = Rc::new(Cell::new(-1));
                let counter = count.clone();
                let mut device = device(Box::new(move || {
                    if counter.get() >= 0 {
                        counter.set(counter.get() + 1);
                    }
                    let now = if counter.get() == at + 1 { fault } else { Fault::None };
                    if answer { (Fault::None, now) } else { (now, Fault::None) }
                }));
                for index in 0..4_u32 {
                    device.write_entry(ARRAY, index, &(10 + index).to_le_bytes()).expect("written");
                    device.update(HASH, &index.to_le_bytes(), &(20 + index).to_le_bytes()).expect("written");
                }
                count.set(0);
                let part = device.part(ARRAY, 0, 4).expect("read");
                let values: Vec<u8> = part.entries.iter().map(|(_, value)| value[0]).collect();
                assert_eq!(values, [10, 11, 12, 13], "{fault:?} of message {at}");
                let hash = device.dump_map(HASH, &mut |_, _| {}).expect("read");
                let values: Vec<(u8, u8)> = hash.iter().map(|(key, value)| (key[0], value[0])).collect();
                assert_eq!(values, [(0, 20), (1, 21), (2, 22), (3, 23)], "{fault:?} of message {at}");
                let new = 9_u32.to_le_bytes();
                assert_eq!(device.put(HASH, &new, &new, Condition::NoExist), Ok(Ok(())), "{fault:?} of message {at}");
                assert_eq!(device.remove(HASH, &new), Ok(Ok(())), "{fault:?} of message {at}");
                cases += 1;
                // Until the fault is behind the last message.
                if count.get() <= at {
                    break;
                }
            }
        }
    }
    assert!(cases > 500, "{cases}");
}

#[test]
fn what_a_killed_command_has_left_is_no_answer() {
    for half in 1..9 {
        let mut board = Board::new(good());
        // A whole request whose answer nobody took, then a part of one.
        let request = [0xa5, 1, 0, 4];
        let whole = [&request[..], &[crc8(&request)]].concat();
        let part = [0xa5, 2, 4, 4, 1, 2, 3, 0xa5];
        for (number, byte) in (1u32..).zip(whole.iter().chain(&part[..half - 1])) {
            // The second one after the answer has left.
            let time = Duration::from_millis(if number <= 5 { 0 } else { 1 }) + Duration::from_micros(87) * number;
            board.byte(time, *byte, Fault::None);
        }
        let mut access = Access::open(board, TIMING);
        assert_eq!(access.read32(reg::INTERFACE_VERSION), Ok(reg::INTERFACE_VERSION_VALUE));
        access.write32(reg::MAP_INDEX, 7).expect("written");
        assert_eq!(access.read32(reg::MAP_INDEX), Ok(7));
        assert!(access.tally().starts_with("0 of "), "{}", access.tally());
    }
}

#[test]
fn dead_and_mad_lines_are_errors_in_bounded_time() {
    let message = |board: Board| {
        let mut access = Access::open(board, TIMING);
        let error = access.read32(reg::MAGIC).expect_err("an error").0;
        assert!(access.trouble().is_some_and(|trouble| !trouble.gone));
        assert!(access.line().elapsed() < Duration::from_secs(15), "{error}");
        error
    };
    let dead = message(Board::new(Box::new(|| (Fault::Lose, Fault::None))));
    assert_eq!(dead, "the board can not be reached: no answer came, 8 times");
    let late = message(Board::new(Box::new(|| (Fault::None, Fault::Delay(Duration::from_millis(300))))));
    assert_eq!(late, "the board can not be reached: no answer came, 8 times");
    let damaged = message(Board::new(Box::new(|| (Fault::Damage(3), Fault::None))));
    assert_eq!(damaged, "the board can not be reached: the request was damaged, 8 times");
    let mut mad = Board::new(good());
    mad.babbles = true;
    let mad = message(mad);
    assert_eq!(mad, "the board can not be reached: the line does not become silent, 8 times");
}

#[test]
fn a_line_that_goes_away_says_so() {
    let mut device = device(good());
    device.write_entry(ARRAY, 1, &[1; 4]).expect("written");
    device.registers().line_mut().gone = true;
    let error = device.read_entry(ARRAY, 1).expect_err("it is gone");
    assert_eq!(error, HostError::Register(RegisterError("the serial line has gone: unplugged".to_owned())));
    assert!(device.registers().trouble().is_some_and(|trouble| trouble.gone));
}

/// The write that clears maps is not repeated, and not claimed to be done.
#[test]
fn what_can_not_be_found_out_is_said() {
    for (fault, clears) in [((Fault::Lose, Fault::None), 0), ((Fault::None, Fault::Lose), 1)] {
        let armed = Rc::new(Cell::new(false));
        let switch = armed.clone();
        let mut access = Access::open(
            Board::new(Box::new(move || if switch.take() { fault } else { (Fault::None, Fault::None) })),
            TIMING,
        );
        access.read32(reg::MAGIC).expect("read");
        armed.set(true);
        let error = access.write32(reg::MAP_SEED + 12, 5).expect_err("not known");
        assert_eq!(error.0, "whether register 0x042c was written is not known: no answer came");
        assert_eq!(access.line().core.clears, clears);
        access.write32(reg::MAP_SEED + 12, 5).expect("written");
    }
}

#[test]
fn the_checksum_is_that_of_the_page() {
    assert_eq!(crc8(b"123456789"), 0xf4);
}
