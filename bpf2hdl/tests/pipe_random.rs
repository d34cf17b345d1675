// SPDX-License-Identifier: Apache-2.0
//! Random pipelines and random texts, from fixed seeds.
//!
//! Well-formed pipelines pass the checker, come back from their text, and do with packets in flight what they do with one
//! packet after the other. Damaged texts never make the parser or the checker panic; what the checker lets through after
//! the damage has to keep that promise too.

mod pipe_support;

use bpf2hdl::pipe::{Pipeline, Runs, check, parse};
use pipe_support::{Random, grow::grow, results, run, run_sequential};

/// Packets with few different beginnings, so that their entries meet.
fn packets(seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut random = Random::new(seed);
    let patterns: Vec<u64> = (0..3).map(|_| random.next()).collect();
    (0..count)
        .map(|_| {
            let pattern = random.pick(&patterns).to_le_bytes();
            let length = random.below(40);
            (0..length).map(|i| if random.below(9) == 0 { random.next() as u8 } else { pattern[i % 8] }).collect()
        })
        .collect()
}

/// Overlapping packets end as they would one by one.
fn is_sequential(p: &Pipeline, seed: u64) -> bool {
    let packets = packets(seed, 40);
    let ((overlapped, maps), (alone, expected)) = (run(p, &packets), run_sequential(p, &packets));
    let last = u64::from(p.last_stage);
    assert!(alone.packets.iter().all(|packet| packet.left == packet.entered + last));
    assert!(overlapped.packets.iter().all(|packet| packet.left >= packet.entered + last));
    assert!(overlapped.packets.is_sorted_by(|a, b| a.left < b.left && a.entered < b.entered));
    results(&overlapped) == results(&alone) && maps == expected
}

#[test]
fn grown_pipelines_are_well_formed_and_round_trip() {
    for seed in 0..600 {
        let p = grow(seed);
        assert_eq!(check(&p), Ok(()), "seed {seed}:\n{p}");
        let text = p.to_string();
        let parsed = parse(&text).unwrap_or_else(|e| panic!("seed {seed}: {e}\n{text}"));
        assert_eq!(parsed, p, "seed {seed}:\n{text}");
        assert_eq!(parsed.to_string(), text, "seed {seed}");
        Runs::new(&p);
        assert!(is_sequential(&p, seed), "seed {seed}:\n{text}");
    }
}

/// Without the hazard rules of the checker, the property above would not hold: the random packets do meet.
#[test]
fn packets_meet_in_the_maps() {
    let (mut wrong, mut all) = (0, 0);
    for seed in 0..300 {
        let mut p = grow(seed);
        let guarded: Vec<usize> = (0..p.maps.len()).filter(|&map| p.maps[map].guard.is_some()).collect();
        for map in guarded {
            let guard = p.maps[map].guard.take();
            assert!(check(&p).is_err());
            all += 1;
            wrong += usize::from(!is_sequential(&p, seed));
            p.maps[map].guard = guard;
        }
    }
    assert!(all > 300 && wrong > 100, "{wrong} of {all} hazards show");
}

/// Replaces, removes, repeats or inserts a few pieces.
fn damage(text: &str, random: &mut Random) -> String {
    const PIECES: [&str; 24] = [
        " ",
        "0",
        "1",
        "2",
        "9",
        "n",
        "n0",
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
        "~",
        "*7",
        "0x",
        "pkt",
        "map1",
    ];
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..random.below(3) + 1 {
        let at = random.below(chars.len());
        match random.below(4) {
            0 => drop(chars.drain(at..(at + random.below(6)).min(chars.len()))),
            1 => drop(chars.splice(at..(at + random.below(3)).min(chars.len()), random.pick(&PIECES).chars())),
            2 => {
                // Another number: a stage, a width, a place.
                let digits: Vec<usize> = (0..chars.len()).filter(|&i| chars[i].is_ascii_digit()).collect();
                if !digits.is_empty() {
                    chars[random.pick(&digits)] = char::from(b'0' + random.below(10) as u8);
                }
            }
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
fn memory_of(p: &Pipeline) -> u64 {
    p.maps.iter().map(|unit| u64::from(unit.map.value_size) * u64::from(unit.map.max_entries)).sum()
}

#[test]
fn damaged_texts_never_panic() {
    let (mut parsed, mut ran) = (0, 0);
    for seed in 0..6000 {
        let mut random = Random::new(seed + 1_000_000);
        let text = damage(&grow(seed % 200).to_string(), &mut random);
        let Ok(p) = parse(&text) else { continue };
        parsed += 1;
        assert_eq!(parse(&p.to_string()).as_ref(), Ok(&p), "seed {seed}:\n{text}");
        if check(&p).is_ok() && memory_of(&p) < 1 << 20 && p.last_stage < 200 {
            assert!(is_sequential(&p, seed), "seed {seed}:\n{p}");
            ran += 1;
        }
    }
    assert!(parsed > 500 && ran > 200, "the damage is too heavy to test anything: {parsed} parsed, {ran} ran");
}

/// Every stage of every access moved by one: whatever passes the checker is right.
#[test]
fn what_passes_the_checker_has_no_hazard() {
    let (mut tried, mut passed) = (0, 0);
    for seed in 0..150 {
        let text = grow(seed).to_string();
        let lines: Vec<&str> = text.lines().collect();
        for (i, line) in lines.iter().enumerate() {
            let is_access = ["read ", "writes ", "guard "].iter().any(|word| line.trim_start().starts_with(word));
            for n in if is_access { 0..9 } else { 0..0 } {
                let Some(at) = line.rfind(|c: char| c == char::from(b'0' + n)) else { continue };
                for other in [n + 1, n.saturating_sub(1)] {
                    let changed = format!("{}{other}{}", &line[..at], &line[at + 1..]);
                    let Ok(p) = parse(&[&lines[..i], &[&changed], &lines[i + 1..]].concat().join("\n")) else {
                        continue;
                    };
                    tried += 1;
                    if check(&p).is_ok() {
                        passed += 1;
                        assert!(is_sequential(&p, seed), "seed {seed}: {changed}\n{text}");
                    }
                }
            }
        }
    }
    assert!(tried > 1000 && passed > 10, "{tried} tried, {passed} passed");
}
