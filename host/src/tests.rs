// SPDX-License-Identifier: Apache-2.0
use crate::mock::{MockCore, manifest};
use crate::{Device, HostError};
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::registers::Counter;
use bpf2hdl_interface::{Manifest, MapContents};

fn open(change: impl FnOnce(&mut MockCore)) -> Result<Device<MockCore>, HostError> {
    let manifest = manifest();
    let mut core = MockCore::new(&manifest);
    change(&mut core);
    Device::open(core, manifest)
}

#[test]
fn identity_is_checked() {
    assert!(open(|_| {}).is_ok());
    type Change = fn(&mut MockCore);
    let cases: [(&str, Change); 4] = [
        ("magic is 0xffffffff", |core| core.magic = u32::MAX),
        ("register map version 2", |core| core.version = 2),
        ("its build id is 0023456789abcdef", |core| core.build_id[0] &= !0xff),
        ("its number of maps is 3, the manifest says 5", |core| core.maps.truncate(3)),
    ];
    for (expected, change) in cases {
        let message = open(change).err().unwrap().to_string();
        assert!(message.contains(expected), "{message}");
    }
    let other = Manifest { bus_bits: 64, ..manifest() };
    let message = Device::open(MockCore::new(&other), other).err().unwrap().to_string();
    assert!(message.contains("its bus width is 512, the manifest says 64"), "{message}");
}

#[test]
fn counters_are_64_bits_and_can_be_cleared() {
    let mut device = open(|core| core.counters[15] = 0x1_0000_0002).unwrap();
    assert_eq!(device.counters().unwrap().get(Counter::Cycles), 0x1_0000_0002);
    device.set_lossless(true).unwrap();
    device.clear_counters().unwrap();
    assert_eq!(device.counters().unwrap().0, [0; 19]);
    assert!(device.lossless().unwrap(), "clearing the counters keeps the mode");
    device.set_lossless(false).unwrap();
    assert!(!device.lossless().unwrap());
    assert!(device.idle().unwrap());
}

#[test]
fn entries_round_trip() {
    let mut device = open(|_| {}).unwrap();
    device.write_entry(0, 39, &[1, 2, 3, 4, 5, 6]).unwrap();
    assert_eq!(device.read_entry(0, 39).unwrap(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(device.read_entry(1, 0).unwrap(), [0x11, 0x22, 0x33, 0x44]);
    let contents = device.dump(&mut |_, _| {}).unwrap();
    assert_eq!(contents.maps["cnt"], Entries::from([(vec![39, 0, 0, 0], vec![1, 2, 3, 4, 5, 6])]));
}

#[test]
fn keys_round_trip() {
    let mut device = open(|_| {}).unwrap();
    let (first, second) = ([7, 0, 0, 9], [1, 2, 3, 4]);
    assert_eq!(device.lookup(3, &first).unwrap(), None);
    device.update(3, &first, &[1, 2, 3, 4, 5, 6]).unwrap();
    device.update(3, &second, &[9; 6]).unwrap();
    assert_eq!(device.lookup(3, &first).unwrap(), Some(vec![1, 2, 3, 4, 5, 6]));
    assert_eq!(device.hash_counts(3).unwrap(), (2, 1));
    let entries = device.dump_map(3, &mut |_, _| {}).unwrap();
    assert_eq!(entries.keys().map(|key| key[0]).collect::<Vec<_>>(), [1, 7]);
    let full = device.update(3, &[5; 4], &[0; 6]).unwrap_err().to_string();
    assert_eq!(full, "a key can not be written to map `h`: no room for another one of its 2 entries");
    assert!(device.delete(3, &second).unwrap());
    assert!(!device.delete(3, &second).unwrap());
    let preload = MapContents { maps: [("h".to_owned(), Entries::from([(vec![4; 4], vec![3; 6])]))].into() };
    device.load(&preload).unwrap();
    assert_eq!(device.dump(&mut |_, _| {}).unwrap().maps["h"], preload.maps["h"]);
}

#[test]
fn prefixes_round_trip() {
    let mut device = open(|_| {}).unwrap();
    let key = |length: u8, address: [u8; 2]| vec![length, 0, 0, 0, address[0], address[1]];
    let find = |device: &mut Device<MockCore>, length, address| {
        let found = device.registers().trie.look_up(length, address);
        assert_eq!(device.lookup(4, &key(length, address)).unwrap(), found, "packet and host");
        found.map(|value| value[0])
    };
    for (length, address, value) in [(0, [5, 5], 1), (8, [10, 0], 2), (16, [10, 1], 3), (16, [255, 255], 4)] {
        device.update(4, &key(length, address), &[value; 3]).unwrap();
    }
    let found = [(16, [10, 1]), (16, [10, 2]), (15, [10, 1]), (7, [10, 1]), (16, [255, 255]), (0, [0, 0])]
        .map(|(length, address)| find(&mut device, length, address));
    assert_eq!(found, [Some(3), Some(2), Some(2), Some(1), Some(4), Some(1)]);
    // A value of a prefix that is there needs no new tables; what is behind the prefix does not count.
    let flips = device.registers().trie.flips;
    device.update(4, &key(8, [10, 77]), &[9; 3]).unwrap();
    assert_eq!(device.registers().trie.flips, flips);
    assert_eq!(find(&mut device, 16, [10, 2]), Some(9));
    assert!(device.delete(4, &key(0, [0, 0])).unwrap() && !device.delete(4, &key(0, [0, 0])).unwrap());
    assert_eq!(find(&mut device, 16, [11, 2]), None);
    // The slot serves again, and two more are all that there is room for.
    for address in [[20, 1], [20, 2]] {
        device.update(4, &key(16, address), &[20; 3]).unwrap();
    }
    let full = device.update(4, &key(16, [20, 3]), &[1; 3]).unwrap_err().to_string();
    assert_eq!(full, "a key can not be written to map `t`: no room for another one of its 5 entries");
    let long = device.update(4, &key(17, [20, 3]), &[1; 3]).unwrap_err().to_string();
    assert_eq!(long, "a prefix of map `t` has at most 16 bits, not 17");
    assert_eq!(device.lookup(4, &key(17, [20, 1])).unwrap(), None);
    let entries = device.dump_map(4, &mut |_, _| {}).unwrap();
    assert_eq!(entries.len(), 5);
    assert_eq!(entries[&key(8, [10, 77])], [9; 3]);
    let preload = Entries::from([(key(4, [16, 1]), vec![1; 3]), (key(4, [17, 1]), vec![2; 3])]);
    device.load(&MapContents { maps: [("t".to_owned(), preload)].into() }).unwrap();
    assert_eq!(device.dump_map(4, &mut |_, _| {}).unwrap(), Entries::from([(key(4, [17, 1]), vec![2; 3])]));
    assert_eq!((find(&mut device, 16, [18, 1]), find(&mut device, 16, [10, 1])), (Some(2), None));
}

#[test]
fn load_replaces_initial_contents() {
    let mut device = open(|_| {}).unwrap();
    let mut contents = MapContents::default();
    contents.maps.insert(".data".to_owned(), Entries::new());
    contents.maps.insert("cnt".to_owned(), Entries::from([(vec![2, 0, 0, 0], vec![9; 6])]));
    device.load(&contents).unwrap();
    assert_eq!(device.read_entry(1, 0).unwrap(), [0; 4]);
    assert_eq!(device.read_entry(0, 2).unwrap(), [9; 6]);
}

#[test]
fn wrong_uses_are_refused() {
    let mut device = open(|_| {}).unwrap();
    let message = |result: Result<Vec<u8>, HostError>| result.unwrap_err().to_string();
    assert_eq!(message(device.read_entry(0, 40)), "map `cnt` has 40 entries, no entry 40");
    assert_eq!(message(device.read_entry(9, 0)), "the design has 5 maps, no map 9");
    assert_eq!(
        message(device.read_entry(2, 0)),
        "map `.rodata` is not in hardware, its contents were fixed at compile time"
    );
    assert_eq!(message(device.read_entry(3, 0)), "map `h` of type hash has no indices");
    assert_eq!(device.lookup(0, &[0; 4]).unwrap_err().to_string(), "map `cnt` of type percpu_array has no keys");
    assert_eq!(device.lookup(3, &[0; 5]).unwrap_err().to_string(), "a key of map `h` has 4 bytes, not 5");
    assert_eq!(device.write_entry(1, 0, &[1]).unwrap_err().to_string(), "a value of map `.data` has 4 bytes, not 1");
    device.registers().maps[0].0.truncate(6);
    assert_eq!(message(device.read_entry(0, 1)), "the core refused entry 1 of map `cnt`");
}

#[test]
fn a_busy_core_is_a_time_out() {
    let mut device = open(|core| core.busy = u32::MAX).unwrap().polls(50);
    assert!(matches!(device.read_entry(0, 0), Err(HostError::TimeOut(_))));
}
