// SPDX-License-Identifier: Apache-2.0
//! Damaged objects: flipped, overwritten, inserted and missing bytes never cause a panic, a hang or a result
//! out of proportion to the input.

mod object_support;

use bpf2hdl::object::Object;
use object_support::compile;
use std::time::{Duration, Instant};

/// xorshift64*: reproducible, no dependency.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// Values that upset length and index arithmetic.
const EXTREMES: [u32; 7] = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0xffff, 0x0100_0000];

fn mutate(original: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        match random.below(8) {
            0 => bytes.truncate(at.max(1)),
            1 | 2 => bytes[at] = random.next() as u8,
            3..=5 => bytes[at] ^= 1 << random.below(8),
            6 => {
                let word = EXTREMES[random.below(EXTREMES.len())].to_le_bytes();
                let end = (at + 4).min(bytes.len());
                bytes[at..end].copy_from_slice(&word[..end - at]);
            }
            _ => {
                let other = random.below(bytes.len());
                bytes.swap(at, other);
            }
        }
    }
    bytes
}

/// Parses, links every program, renders everything.
fn exercise(bytes: &[u8]) {
    let object = match Object::parse(bytes, "mutant.o") {
        Ok(object) => object,
        Err(errors) => {
            assert!(errors.has_errors() && !errors.to_text().is_empty());
            return;
        }
    };
    let _ = object.select(None);
    for program in &object.programs {
        match object.link(program) {
            Ok(linked) => {
                assert_eq!(linked.insns.len(), linked.raw.len());
                let text: usize = linked.insns.iter().map(|slot| slot.insn.to_string().len()).sum();
                assert!(text > 0 && linked.maps.iter().all(|map| map.btf().to_string().len() < 1 << 24));
            }
            Err(errors) => assert!(errors.has_errors() && !errors.to_json().to_string().is_empty()),
        }
    }
}

#[test]
fn twenty_thousand_damaged_objects() {
    let originals =
        [compile("object_btf.c", &[]), compile("object_legacy.c", &["-DLAYOUT=36"]), compile("object_phys_dev.c", &[])];
    originals.iter().for_each(|bytes| exercise(bytes));
    let mut random = Random(0x0b2d_51ee_d000_0001);
    let mut slowest = Duration::ZERO;
    for round in 0..20_000 {
        let bytes = mutate(&originals[round % originals.len()], &mut random);
        let start = Instant::now();
        exercise(&bytes);
        slowest = slowest.max(start.elapsed());
    }
    // No measure of speed: milliseconds are usual, and only work without bounds takes so long, on any machine.
    assert!(slowest < Duration::from_secs(60), "one object took {slowest:?}");
}

#[test]
fn every_truncation() {
    let bytes = compile("object_legacy.c", &["-DLAYOUT=20"]);
    (0..bytes.len()).for_each(|length| exercise(&bytes[..length]));
}

#[test]
fn bytes_inside_code_and_btf() {
    let original = compile("object_btf.c", &[]);
    // Single-byte changes everywhere, with values that are likely to mean something else.
    for at in 0..original.len() {
        for value in [0u8, 0x18, 0x85, 0xff] {
            let mut bytes = original.clone();
            bytes[at] = value;
            exercise(&bytes);
        }
    }
}
