// SPDX-License-Identifier: Apache-2.0
//! Random functions and random texts, from fixed seeds.
//!
//! Well-formed functions pass the checker, come back from their text, and run. Damaged texts never make the parser, the
//! checker or, where the checker lets them through, the interpreter panic.

use bpf2hdl::ir::{
    Binary, Bound, Compare, Def, Edit, Event, Function, Input, Interpreter, Map, MapId, MapKind, MapState, Op,
    PacketInput, Position, ProgramKind, Redirect, Value, check, low_mask, parse,
};

/// xorshift64*.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 32) as usize % end
    }

    fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    fn width(&mut self) -> u8 {
        self.pick(&[1, 3, 7, 8, 16, 24, 32, 33, 48, 63, 64])
    }

    fn bytes_width(&mut self) -> u8 {
        8 * (self.below(8) as u8 + 1)
    }
}

const VALUE_SIZES: [u32; 3] = [8, 16, 12];

fn maps() -> Vec<Map> {
    let map = |name: &str, kind, value_size: u32, max_entries, initial| Map {
        name: name.to_owned(),
        kind,
        key_size: 4,
        value_size,
        max_entries,
        initial,
        groups: 1,
        broadcast: false,
    };
    vec![
        map("counters", MapKind::PercpuArray, VALUE_SIZES[0], 5, Vec::new()),
        map(".data", MapKind::Globals, VALUE_SIZES[1], 1, (0..16).collect()),
        map(".rodata", MapKind::Constants, VALUE_SIZES[2], 1, (100..112).collect()),
        map("events", MapKind::PerfEventArray, 4, 0, Vec::new()),
    ]
}

/// Grows a well-formed function.
struct Grower {
    random: Random,
    function: Function,
}

impl Grower {
    fn grow(seed: u64) -> Function {
        let random = Random::new(seed);
        let mut function = Function::new(if seed.is_multiple_of(3) { "odd name" } else { "f" }, ProgramKind::Xdp);
        function.maps = maps();
        let mut grower = Grower { random, function };
        for _ in 0..grower.random.below(60) {
            grower.operation();
        }
        let action = grower.operand(3);
        grower.function.action = Some(action);
        for offset in 0..grower.random.below(4) as i32 {
            let (when, data) = (grower.operand(1), grower.operand(8));
            grower.function.edits.push(Edit { offset: offset * 9, when, data });
        }
        if seed.is_multiple_of(2) {
            let (kind, number) = (grower.operand(2), grower.operand(32));
            grower.function.redirect = Some(Redirect { kind, number });
        }
        for _ in 0..grower.random.below(3) {
            grower.event();
        }
        grower.resize();
        grower.function
    }

    /// A record of some bytes, perhaps with some of the packet.
    fn event(&mut self) {
        let (when, keep, length) = (self.operand(1), self.operand(1), self.operand(16));
        let data = (0..self.random.below(4)).map(|_| self.operand(24)).collect();
        let packet = (self.random.below(2) == 0).then(|| self.operand(16));
        self.function.events.push(Event { map: MapId::new(3), when, keep, data, length, packet });
    }

    /// Some other extent, or none.
    fn resize(&mut self) {
        if self.random.below(2) == 0 {
            return;
        }
        let (head, end) = (self.operand(3), self.operand(8));
        self.function.resize.head = Some(Position { base: head, add: 5, places: (5..13).collect() });
        let bound = Bound { of_length: self.random.below(2) == 0, base: end, add: self.random.below(90) as i32 - 40 };
        self.function.resize.kept = (self.random.below(2) == 0).then(|| bound.clone());
        self.function.resize.end = Some(bound);
        let metadata = Position { base: head, add: -4, places: vec![0, 4] };
        self.function.resize.metadata = (self.random.below(9) == 0).then_some(metadata);
    }

    fn push(&mut self, op: Op, width: u8) -> Value {
        let insn = self.random.below(3).checked_sub(1).map(|n| n as u32 * 17);
        self.function.defs.push(Def { op, width, insn });
        Value::new(self.function.defs.len() - 1)
    }

    /// A value of this width: an earlier one, or a new constant.
    fn operand(&mut self, width: u8) -> Value {
        let found: Vec<Value> = self.function.iter().filter(|(_, def)| def.width == width).map(|(v, _)| v).collect();
        if found.is_empty() || self.random.below(8) == 0 {
            let constant = self.random.next() & low_mask(width);
            return self.push(Op::Const(constant), width);
        }
        self.random.pick(&found)
    }

    fn any_operand(&mut self) -> Value {
        let width = self.random.width();
        self.operand(width)
    }

    fn operation(&mut self) {
        let width = self.random.width();
        let bytes = self.random.bytes_width();
        match self.random.below(12) {
            0 => {
                let op = self.random.pick(&Binary::ALL).0;
                let (a, b) = (self.operand(width), self.operand(width));
                self.push(Op::Binary(op, a, b), width);
            }
            1 => {
                let op = self.random.pick(&Compare::ALL).0;
                let (a, b) = (self.operand(width), self.operand(width));
                self.push(Op::Compare(op, a, b), 1);
            }
            2 => {
                let (condition, then, other) = (self.operand(1), self.operand(width), self.operand(width));
                self.push(Op::Select { condition, then, other }, width);
            }
            3 => {
                let from = self.operand(width);
                let lo = self.random.below(width.into()) as u8;
                let taken = self.random.below(usize::from(width - lo)) as u8 + 1;
                self.push(Op::Extract { from, lo }, taken);
            }
            4 => {
                let first = self.random.below(63) as u8 + 1;
                let second = self.random.below(usize::from(64 - first)) as u8 + 1;
                let parts = vec![self.operand(first), self.operand(second)];
                self.push(Op::Concat(parts), first + second);
            }
            5 => {
                let from = width.min(63);
                let a = self.operand(from);
                let to = from + 1 + self.random.below(usize::from(64 - from)) as u8;
                self.push(Op::Sext(a), to);
            }
            6 => {
                let a = self.operand(bytes);
                let op = self.random.pick(&[Op::Not(a), Op::Bswap(a)]);
                self.push(op, bytes);
            }
            7 => {
                let input = self.random.pick(&Input::ALL).0;
                self.push(Op::Input(input), input.width());
            }
            _ => self.memory(bytes),
        }
    }

    fn memory(&mut self, width: u8) {
        let size = u32::from(width / 8);
        let map = self.random.below(3);
        let last = VALUE_SIZES[map] - size;
        let offset = self.random.below(last as usize + 1) as u32;
        let add = self.random.below(21) as i32 - 10;
        match self.random.below(5) {
            0 => {
                let offset = self.random.below(70) as u16;
                self.push(Op::Packet { offset }, width);
            }
            1 => {
                let base = self.any_operand();
                let step = self.random.below(5) as u16 + 1;
                let places = (0..6).map(|n| n * step).collect();
                self.push(Op::PacketAt { base, add, places }, width);
            }
            2 => {
                let base = self.any_operand();
                let places = (0..=VALUE_SIZES[2] - size).collect();
                self.push(Op::Rom { map: MapId::new(2), base, add, places }, width);
            }
            3 => {
                let index = self.any_operand();
                self.push(Op::MapLoad { map: MapId::new(map), index, offset }, width);
            }
            _ => {
                let (index, value, when) = (self.any_operand(), self.operand(width), self.operand(1));
                let map = MapId::new(map % 2);
                let offset = offset.min(VALUE_SIZES[0] - size);
                self.push(Op::MapStore { map, index, offset, value, when }, 0);
            }
        }
    }
}

/// Runs a few packets; every result stays inside its width.
fn run(function: &Function, seed: u64) {
    let mut random = Random::new(seed);
    let mut maps = MapState::new(function);
    let mut interpreter = Interpreter::new(function);
    for _ in 0..4 {
        let data: Vec<u8> = (0..random.below(80)).map(|_| random.next() as u8).collect();
        let packet = PacketInput { rx_queue_index: random.next() as u32, ..PacketInput::new(&data) };
        let outcome = interpreter.run(&packet, &mut maps);
        assert!(outcome.action < 8);
        if function.resize.is_none() {
            assert_eq!(outcome.extent.length(), data.len());
        }
        let length = outcome.extent.length() as i32 + outcome.metadata().max(0);
        assert_eq!(outcome.apply(&data).len() as i32, length);
        for (&value, def) in outcome.values.iter().zip(&function.defs) {
            assert_eq!(value & !low_mask(def.width), 0, "{def} gives {value:#x}, wider than {}", def.width);
        }
    }
}

#[test]
fn grown_functions_are_well_formed_and_round_trip() {
    for seed in 0..2000 {
        let function = Grower::grow(seed);
        assert_eq!(check(&function), Ok(()), "seed {seed}:\n{function}");
        let text = function.to_string();
        let parsed = parse(&text).unwrap_or_else(|e| panic!("seed {seed}: {e}\n{text}"));
        assert_eq!(parsed, function, "seed {seed}:\n{text}");
        assert_eq!(parsed.to_string(), text, "seed {seed}");
        run(&function, seed);
    }
}

/// Replaces, removes, repeats or inserts a few pieces.
fn damage(text: &str, random: &mut Random) -> String {
    const PIECES: [&str; 20] = [
        " ",
        "0",
        "9",
        "v",
        "v0",
        ":",
        "..",
        "\"",
        "\\",
        "{",
        "}",
        ",",
        "@",
        "; ",
        "\n",
        "é",
        "4294967295",
        "-",
        "0x",
        "map1",
    ];
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..random.below(4) + 1 {
        let at = random.below(chars.len());
        let end = (at + random.below(6)).min(chars.len());
        match random.below(3) {
            0 => drop(chars.drain(at..end)),
            1 => drop(chars.splice(at..end, random.pick(&PIECES).chars())),
            _ => {
                let from = random.below(chars.len());
                let piece = chars[from..(from + 12).min(chars.len())].to_vec();
                drop(chars.splice(at..at, piece));
            }
        }
    }
    chars.into_iter().collect()
}

/// Bytes of all maps.
fn memory_of(function: &Function) -> u64 {
    function.maps.iter().map(|map| u64::from(map.value_size) * u64::from(map.max_entries)).sum()
}

#[test]
fn damaged_texts_never_panic() {
    let (mut parsed, mut ran) = (0, 0);
    for seed in 0..4000 {
        let mut random = Random::new(seed + 1_000_000);
        let text = damage(&Grower::grow(seed % 200).to_string(), &mut random);
        let Ok(function) = parse(&text) else { continue };
        parsed += 1;
        assert_eq!(parse(&function.to_string()).as_ref(), Ok(&function), "seed {seed}:\n{text}");
        if check(&function).is_ok() && memory_of(&function) < 1 << 20 {
            run(&function, seed);
            ran += 1;
        }
    }
    assert!(parsed > 100 && ran > 20, "the damage is too heavy to test anything: {parsed} parsed, {ran} ran");
}
