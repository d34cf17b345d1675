// SPDX-License-Identifier: Apache-2.0
//! What formats print: the kernel against `bpf2hdl_interface::print`.
//!
//! One program prints whatever the packet says: bytes 0 to 127 are the format, 128 to 175 six numbers, 176 to 271 six areas of 16 bytes. Even
//! arguments are the numbers, odd ones pointers to the areas. Byte 272 is the size of the format less 1, byte 273 that of the
//! arguments; the result is written to bytes 280 to 287.
//!
//! Needs root; without it the test says so and passes, unless `CI=true`, where it fails.

mod asm;

use asm::*;
use bpf2hdl_interface::print::{self, Conversion, Format, Wrong};
use bpf2hdl_testbench::oracle::kernel::{self, KernelOracle};
use bpf2hdl_testbench::*;

const FORMAT: usize = 128;
const AREAS: usize = 176;
const SIZES: usize = 272;
const RESULT: usize = 280;
const LENGTH: usize = 288;
const EINVAL: i64 = -22;

/// `bpf_trace_vprintk`
const VPRINTK: i32 = 177;

fn printer() -> OracleProgram {
    let mut insns = packet(LENGTH as i32, 1);
    for at in (0..FORMAT as i16).step_by(8) {
        insns.extend([load(0x79, 1, 6, at), store(0x7b, 10, at - 136, 1)]);
    }
    for number in 0..16i16 {
        let place = -264 + 8 * number;
        insns.extend(match number {
            12.. => [mov(1, 0), store(0x7b, 10, place, 1)].to_vec(),
            _ if number % 2 == 0 => [load(0x79, 1, 6, 128 + 4 * number), store(0x7b, 10, place, 1)].to_vec(),
            _ => [mov_reg(1, 6), add(1, i32::from(176 + 8 * (number - 1))), store(0x7b, 10, place, 1)].to_vec(),
        });
    }
    insns.extend([
        mov_reg(1, 10),
        add(1, -136),
        load(0x71, 2, 6, SIZES as i16),
        insn(0x57, 2, 0, 0, 0x7f),
        add(2, 1),
        mov_reg(3, 10),
        add(3, -264),
        load(0x71, 4, 6, SIZES as i16 + 1),
        insn(0x57, 4, 0, 0, 0x7f),
        call(VPRINTK),
        store(0x7b, 6, RESULT as i16, 0),
        mov(0, 2),
        exit(),
    ]);
    let channel = MapSpec { kind: 27, key_size: 0, ..array(print::MAP_NAME, 0, 4096) };
    program(ProgramKind::Xdp, insns, vec![channel], Vec::new())
}

/// A print, as the packet that asks for it.
struct Print {
    packet: Vec<u8>,
}

impl Print {
    fn new(format: &[u8], size: usize, numbers: [u64; 6], areas: [[u8; 16]; 6], arguments: usize) -> Self {
        let mut packet = format.to_vec();
        packet.resize(FORMAT, 0);
        packet.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        packet.extend(areas.as_flattened());
        packet.extend([size as u8 - 1, arguments as u8]);
        packet.resize(LENGTH, 0);
        Self { packet }
    }

    /// Result and lines, or nothing if it is not built.
    fn expected(&self) -> Option<(i64, Vec<Vec<u8>>)> {
        let (size, bytes) = (usize::from(self.packet[SIZES] & 0x7f) + 1, usize::from(self.packet[SIZES + 1] & 0x7f));
        let error = Some((EINVAL, Vec::new()));
        if bytes % 8 != 0 || bytes > 96 {
            return error;
        }
        let Some(end) = self.packet[..size].iter().position(|byte| *byte == 0) else { return error };
        let format = match Format::parse(&self.packet[..end], bytes / 8) {
            Ok(format) => format,
            Err(Wrong::Invalid) => return error,
            Err(Wrong::NotBuilt(_)) => return None,
        };
        let (mut texts, mut arguments) = (Vec::new(), Vec::new());
        for (number, conversion) in format.conversions().enumerate() {
            let at = if number % 2 == 0 { 128 + 4 * number } else { AREAS + 8 * (number - 1) };
            let memory = &self.packet[at..];
            match conversion {
                // Of a number nothing can be read, and of a pointer the number is not known.
                Conversion::Text if number % 2 == 0 => return None,
                Conversion::Text => {
                    texts.push(memory[..16].split(|byte| *byte == 0).next().unwrap_or_default().to_vec())
                }
                _ if conversion.is_pointer() == (number % 2 == 0) => return None,
                _ => arguments.extend(&memory[..conversion.bytes()]),
            }
        }
        let format = format.with_texts(&texts);
        if format.longest() > print::MAX_LINE {
            return None;
        }
        let characters = format.characters(&arguments).expect("the right bytes");
        Some((characters.len() as i64, vec![format.line(&arguments).expect("the right bytes")]))
    }

    fn check(&self, kernel: &mut KernelOracle) -> bool {
        let verdict = kernel.run(&self.packet, &PacketContext::default()).expect("judged");
        let result = i64::from_le_bytes(verdict.data[RESULT..].try_into().expect("eight bytes"));
        let lines: Vec<Vec<u8>> = verdict.events.iter().map(|event| event.data.clone()).collect();
        let Some(expected) = self.expected() else {
            let format = String::from_utf8_lossy(&self.packet[..FORMAT]);
            assert!(result >= 0, "{format} is no format for the kernel");
            return false;
        };
        let show = |(result, lines): &(i64, Vec<Vec<u8>>)| {
            (*result, lines.iter().map(|line| line.escape_ascii().to_string()).collect::<Vec<_>>())
        };
        let format = self.packet[..FORMAT].escape_ascii().to_string();
        assert_eq!(show(&(result, lines)), show(&expected), "{format} {:02x?}", &self.packet[128..274]);
        true
    }
}

/// Numbers from a seed (xorshift64*).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len() as u64) as usize]
    }

    fn number(&mut self) -> u64 {
        let edges = [
            0,
            1,
            9,
            10,
            99,
            100,
            i32::MAX as u64,
            1 << 31,
            u32::MAX.into(),
            1 << 32,
            i64::MAX as u64,
            1 << 63,
            u64::MAX,
        ];
        let power = 10u64.pow(self.below(20) as u32);
        let random = self.next();
        match self.below(5) {
            0 => edges[self.below(edges.len() as u64) as usize],
            1 => power - self.below(2),
            2 => power.wrapping_neg().wrapping_sub(self.below(2)),
            3 => random >> self.below(64),
            _ => random,
        }
    }

    fn area(&mut self) -> [u8; 16] {
        let mut area = [0; 16];
        match self.below(3) {
            0 => area.fill_with(|| self.next() as u8),
            1 => area[..5].copy_from_slice(b"eth0%"),
            _ => area[..12].copy_from_slice(&[0, 9, 10, 99, 100, 255, b'x', b'y', 0xe9, 1, 0, 2]),
        }
        // The kernel reads on to a zero.
        area[15] = 0;
        area
    }
}

/// A print; `latin`: there may be characters above 127.
fn random(chance: &mut Chance, latin: bool) -> Print {
    const FLAGS: [&str; 10] = ["", "", "", "0", "-", "+", " ", "-0", "+0 ", "#"];
    const WIDTHS: [&str; 9] = ["", "", "", "1", "2", "8", "15", "25", "040"];
    const NUMBERS: [&str; 16] =
        ["d", "i", "u", "x", "X", "ld", "lu", "lx", "lld", "llu", "llX", "llx", "c", "px", "pxy", "lli"];
    const POINTERS: [&str; 9] = ["pI4", "pi4", "pI6", "pi6", "s", "pI6c", "pI4h;", "pi4 ", "s "];
    const WRONG: [&str; 16] =
        ["", "o", "hd", "hhu", "lc", "p%", "pI5", "pi", "p", "pK", ".3d", "*d", "%", "pks", "sx", "lf"];
    const BETWEEN: [&[u8]; 14] =
        [b"", b" ", b",", b"%%", b"abc", b": ", b"\n", b"9", b"\t", b"\xc3\xa9", b"\xa0", b"\xd7x", b"\xff", b"\xbf"];
    let mut format = Vec::new();
    let count = chance.below(7);
    for number in 0..count {
        let between = if latin && chance.below(8) == 0 { &BETWEEN[..] } else { &BETWEEN[..9] };
        format.extend(chance.pick(between));
        format.push(b'%');
        let flags = if chance.below(16) > 0 { &FLAGS[..9] } else { &FLAGS[..] };
        format.extend(chance.pick(flags).bytes());
        format.extend(chance.pick(&WIDTHS).bytes());
        let conversions = if number % 2 == 0 { &NUMBERS[..] } else { &POINTERS[..] };
        let conversions = if chance.below(24) > 0 { conversions } else { &WRONG[..] };
        format.extend(chance.pick(conversions).bytes());
    }
    format.extend(chance.pick(&BETWEEN[..9]));
    format.truncate(FORMAT);
    let size = if chance.below(16) > 0 { FORMAT } else { chance.below(FORMAT as u64) as usize + 1 };
    let arguments = match chance.below(16) {
        0 => chance.below(128),
        1 => 8 * chance.below(13),
        _ => 8 * count,
    };
    let (numbers, areas) = (std::array::from_fn(|_| chance.number()), std::array::from_fn(|_| chance.area()));
    Print::new(&format, size, numbers, areas, arguments as usize)
}

#[test]
fn formats_print_what_the_kernel_prints() {
    if let Err(reason) = kernel::available() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "the kernel oracle must work in CI: {reason}");
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: {reason}");
        }
        return;
    }
    let mut kernel = KernelOracle::load(&printer()).expect("loaded");
    let numbers = [0xffff_fff6, 0x1_0000_0041, 3, 4, 5, 6];
    let area = [10, 0, 200, 1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0];
    for format in
        ["", "%", "%%", "%d", "a%", "%p%", "%p", "%hd", "%l", "%lld|%pI4x%5c", "%c%s", "%5", "%-", "%0", "\u{7f}"]
    {
        Print::new(format.as_bytes(), 128, numbers, [area; 6], 48).check(&mut kernel);
    }
    let accent = kernel.run(&Print::new(b"\xc3\xa9", 128, numbers, [area; 6], 0).packet, &PacketContext::default());
    let latin = !accent.expect("judged").events.is_empty();
    let mut chance = Chance(0x5eed);
    let (mut compared, mut printed) = (0, 0);
    for _ in 0..20_000 {
        let print = random(&mut chance, latin);
        compared += u32::from(print.check(&mut kernel));
        printed += u32::from(print.expected().is_some_and(|(_, lines)| !lines.is_empty()));
    }
    assert!(compared > 15_000 && printed > 8_000, "{compared} compared, {printed} of them print");
}
