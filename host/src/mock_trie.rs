// SPDX-License-Identifier: Apache-2.0
//! An LPM trie in memory that behaves as `bpf_map_trie.sv` does: keys of 4 + 2 bytes, values of 3.

use bpf2hdl_interface::registers as reg;
use std::collections::BTreeMap;

pub(crate) const KEY: usize = 6;
pub(crate) const VALUE: usize = 3;
pub(crate) const ENTRIES: usize = 5;
/// 4^2 ranges are enough for five prefixes.
const LEVELS: u32 = 2;

#[derive(Default)]
pub(crate) struct MockTrie {
    /// Slots that were ever written.
    slots: Vec<Option<(Vec<u8>, Vec<u8>)>>,
    /// Words by index: the table that is written, and the one that look-ups use.
    idle: BTreeMap<u32, Option<Vec<u8>>>,
    used: BTreeMap<u32, Option<Vec<u8>>>,
    /// How often the tables changed places.
    pub(crate) flips: u32,
}

impl MockTrie {
    /// One command; its error number.
    pub(crate) fn command(&mut self, command: u32, index: &mut u32, key: &mut [u8], value: &mut [u8]) -> u32 {
        let slot = *index as usize;
        match command & 0xff {
            reg::COMMAND_WRITE if *index == reg::TRIE_FLIP => {
                std::mem::swap(&mut self.idle, &mut self.used);
                self.flips += 1;
            }
            reg::COMMAND_WRITE => {
                let word = (command & reg::COMMAND_WORD_USED != 0).then(|| key[..KEY].to_vec());
                self.idle.insert(*index, word);
            }
            reg::COMMAND_UPDATE if slot > self.slots.len() || slot >= ENTRIES => return 22,
            reg::COMMAND_UPDATE => {
                self.slots.resize(self.slots.len().max(slot + 1), None);
                self.slots[slot] = Some((key[..KEY].to_vec(), value[..VALUE].to_vec()));
            }
            reg::COMMAND_DELETE => match self.slots.get_mut(slot) {
                Some(entry) if entry.is_some() => *entry = None,
                _ => return 2,
            },
            _ => {
                let mut rest = self.slots.iter().enumerate().skip(slot);
                let Some((found, Some(entry))) = rest.find(|(_, entry)| entry.is_some()) else { return 2 };
                key[..KEY].copy_from_slice(&entry.0);
                value[..VALUE].copy_from_slice(&entry.1);
                *index = u32::try_from(found).unwrap() + 1;
            }
        }
        if command & reg::COMMAND_INCREMENT != 0 {
            *index += 1;
        }
        0
    }

    /// The value that a packet finds.
    pub(crate) fn look_up(&self, length: u8, address: [u8; 2]) -> Option<Vec<u8>> {
        let mask = if length == 0 { 0 } else { u16::MAX << (16 - length) };
        let key = (u16::from_be_bytes(address) & mask, u32::from(length));
        let mut node = 0;
        for level in 0..LEVELS {
            let right = |border: &u32| {
                let index = level << reg::TRIE_LEVEL_SHIFT | border << reg::TRIE_BORDER_SHIFT | node;
                let word = self.used.get(&index).expect("a word that was written");
                word.as_ref().is_some_and(|w| (u16::from_be_bytes([w[4], w[5]]), u32::from(w[0])) <= key)
            };
            node = 4 * node + u32::try_from((0..3).filter(right).count()).unwrap();
        }
        let slot =
            self.used.get(&(LEVELS << reg::TRIE_LEVEL_SHIFT | node)).expect("a result that was written").clone()?;
        self.slots[usize::from(slot[0])].as_ref().map(|entry| entry.1.clone())
    }
}
