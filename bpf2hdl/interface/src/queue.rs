// SPDX-License-Identifier: Apache-2.0
//! Queues and stacks: the elements are a ring of `max_entries` places, and another map of one entry says which of them are taken: three
//! numbers of 4 bytes. Map files have the elements in the order in which they were pushed, without keys; in [`Entries`] the keys are their
//! numbers in that order.

use crate::map_file::Entries;

/// Offset of the place of the next element in the state.
pub const HEAD: u32 = 0;
/// Offset of the place of the oldest element; of a stack it means nothing.
pub const TAIL: u32 = 4;
/// Offset of the number of elements.
pub const COUNT: u32 = 8;
/// Bytes of the state.
pub const STATE_BYTES: u32 = 12;

/// The name of the map that has the state of a queue or stack.
#[must_use]
pub fn state_name(queue: &str) -> String {
    format!("{queue}.state")
}

/// The places of the elements, the oldest first.
///
/// `None` if the state is none of a ring of this many places.
#[must_use]
pub fn places(state: &[u8], max_entries: u32) -> Option<Vec<u32>> {
    let word = |at: u32| Some(u32::from_le_bytes(*state.get(at as usize..)?.first_chunk()?));
    let (head, count) = (word(HEAD)?, word(COUNT)?);
    if head >= max_entries || count > max_entries {
        return None;
    }
    let first = (u64::from(head) + u64::from(max_entries) - u64::from(count)) % u64::from(max_entries);
    Some((0..count).map(|number| ((first + u64::from(number)) % u64::from(max_entries)) as u32).collect())
}

/// The state of a ring of this many places whose first `count` are taken.
#[must_use]
pub fn state(count: u32, max_entries: u32) -> Vec<u8> {
    let head = if count == max_entries { 0 } else { count };
    [head, 0, count].iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The elements, the oldest first, as entries.
pub fn entries(elements: impl IntoIterator<Item = Vec<u8>>) -> Entries {
    (0u32..).zip(elements).map(|(number, value)| (number.to_le_bytes().to_vec(), value)).collect()
}

/// The values of entries, the oldest first.
#[must_use]
pub fn elements(entries: &Entries) -> Vec<&Vec<u8>> {
    let mut sorted: Vec<(Option<u32>, &Vec<u8>)> =
        entries.iter().map(|(key, value)| (key.as_slice().try_into().map(u32::from_le_bytes).ok(), value)).collect();
    sorted.sort_by_key(|(number, _)| *number);
    sorted.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_is_read_from_its_oldest_element() {
        let ring =
            |head: u32, count: u32| [head, 9, count].iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
        assert_eq!(places(&ring(1, 3), 4), Some(vec![2, 3, 0]));
        assert_eq!(places(&ring(0, 4), 4), Some(vec![0, 1, 2, 3]));
        assert_eq!(places(&ring(2, 0), 4), Some(Vec::new()));
        assert_eq!((places(&ring(4, 0), 4), places(&ring(0, 5), 4), places(&[0; 4], 4)), (None, None, None));
        for count in 0..=4 {
            assert_eq!(places(&state(count, 4), 4), Some((0..count).collect()));
        }
        let values: Vec<Vec<u8>> = (0..300u16).map(|n| n.to_le_bytes().to_vec()).collect();
        assert_eq!(elements(&entries(values.clone())), values.iter().collect::<Vec<_>>());
    }
}
