// SPDX-License-Identifier: Apache-2.0
use super::*;
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionBlock;
use pcap_file::pcapng::blocks::simple_packet::SimplePacketBlock;
use pcap_file::{DataLink, Endianness, TsResolution};
use std::borrow::Cow;
use std::time::Duration;

fn frames() -> Vec<Vec<u8>> {
    (1..40u8).map(|size| (0..size * 3).collect()).collect()
}

fn data(set: &PacketSet) -> Vec<Vec<u8>> {
    set.iter().map(|packet| packet.data.to_vec()).collect()
}

/// A file written by another implementation.
fn other_pcap(endianness: Endianness, ts_resolution: TsResolution, datalink: DataLink) -> Vec<u8> {
    let header = PcapHeader { endianness, ts_resolution, datalink, ..PcapHeader::default() };
    let mut writer = PcapWriter::with_header(Vec::new(), header).unwrap();
    for frame in frames() {
        let length = frame.len().try_into().unwrap();
        writer.write_packet(&PcapPacket::new(Duration::from_secs(5), length, &frame)).unwrap();
    }
    writer.into_writer()
}

fn other_pcapng(endianness: Endianness, linktype: DataLink, cut: bool) -> Vec<u8> {
    let mut writer = PcapNgWriter::with_endianness(Vec::new(), endianness).unwrap();
    let interface = InterfaceDescriptionBlock { linktype, snaplen: 0, options: Vec::new() };
    writer.write_pcapng_block(interface).unwrap();
    for (number, frame) in frames().into_iter().enumerate() {
        let original_len = u32::try_from(frame.len()).unwrap() + u32::from(cut);
        if number % 5 == 4 && !cut {
            writer.write_pcapng_block(SimplePacketBlock { original_len, data: Cow::Owned(frame) }).unwrap();
            continue;
        }
        let timestamp = Duration::from_secs(1);
        let block = EnhancedPacketBlock {
            interface_id: 0,
            timestamp,
            original_len,
            data: Cow::Owned(frame),
            options: Vec::new(),
        };
        writer.write_pcapng_block(block).unwrap();
    }
    writer.into_inner()
}

#[test]
fn every_variant_is_read() {
    for endianness in [Endianness::Big, Endianness::Little] {
        for resolution in [TsResolution::MicroSecond, TsResolution::NanoSecond] {
            assert_eq!(data(&parse(&other_pcap(endianness, resolution, DataLink::ETHERNET)).unwrap()), frames());
        }
        let file = other_pcapng(endianness, DataLink::ETHERNET, false);
        assert_eq!(data(&parse(&file).unwrap()), frames());
        // Two sections of different byte order in one file.
        let other = if endianness == Endianness::Big { Endianness::Little } else { Endianness::Big };
        let both = [file, other_pcapng(other, DataLink::ETHERNET, false)].concat();
        assert_eq!(parse(&both).unwrap().len(), 2 * frames().len());
    }
}

#[test]
fn the_interface_of_a_packet_is_kept() {
    let mut writer = PcapNgWriter::with_endianness(Vec::new(), Endianness::Little).unwrap();
    for _ in 0..3 {
        let interface = InterfaceDescriptionBlock { linktype: DataLink::ETHERNET, snaplen: 0, options: Vec::new() };
        writer.write_pcapng_block(interface).unwrap();
    }
    for interface_id in [0, 2, 1] {
        let data = vec![0; 60];
        let timestamp = Duration::from_secs(1);
        let block =
            EnhancedPacketBlock { interface_id, timestamp, original_len: 60, data: data.into(), options: Vec::new() };
        writer.write_pcapng_block(block).unwrap();
    }
    let packets = parse(&writer.into_inner()).unwrap();
    let seen: Vec<u32> = packets.iter().map(|packet| packet.context.ingress_ifindex).collect();
    assert_eq!(seen, [1, 3, 2]);
}

#[test]
fn written_files_are_read_by_others_and_by_us() {
    let list = frames();
    let bytes = encode(list.iter().map(Vec::as_slice));
    assert_eq!(data(&parse(&bytes).unwrap()), list);
    let mut reader = pcap_file::pcap::PcapReader::new(bytes.as_slice()).unwrap();
    assert_eq!(reader.header().datalink, DataLink::ETHERNET);
    assert_eq!(reader.header().endianness, Endianness::Little);
    let mut number = 0;
    while let Some(packet) = reader.next_packet() {
        let packet = packet.unwrap();
        assert_eq!(packet.data, list[number]);
        assert_eq!(packet.timestamp, Duration::from_micros(number as u64));
        number += 1;
    }
    assert_eq!(number, list.len());
}

#[test]
fn wrong_files_give_one_clear_message() {
    let pcap = other_pcap(Endianness::Little, TsResolution::MicroSecond, DataLink::ETHERNET);
    let raw = other_pcap(Endianness::Big, TsResolution::MicroSecond, DataLink::RAW);
    let user = other_pcapng(Endianness::Big, DataLink::USER0, false);
    let cut = other_pcapng(Endianness::Little, DataLink::ETHERNET, true);
    let mut short = pcap.clone();
    short[24 + 12] += 5;
    let mut huge = pcap.clone();
    huge[24 + 8..24 + 16].fill(0xff);
    let cases: [(&[u8], &str); 10] = [
        (b"", "offset 0: the file is empty"),
        (b"\xd4\xc3", "offset 0: too short for a capture"),
        (b"GIF89a", "offset 0: neither pcap nor pcapng: the file begins with 47 49 46 38"),
        (&pcap[..20], "offset 20: the file ends inside its header"),
        (&pcap[..30], "offset 24: the file ends inside the header of packet 0"),
        (&pcap[..42], "offset 24: the file ends inside packet 0: 2 of 3 bytes are there"),
        (&short, "offset 24: packet 0 was cut to 3 of 8 bytes; capture again without a snap length (-s 0)"),
        (&huge, "offset 24: packet 0 claims 4294967295 bytes, the file is damaged"),
        (&raw, "offset 20: link type 101 (raw IP), but Ethernet frames (link type 1) are needed"),
        (&user, "offset 48: link type 147 (user-defined), but Ethernet frames (link type 1) are needed"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(parse(bytes).unwrap_err().to_string(), expected);
    }
    assert!(parse(&cut).unwrap_err().to_string().contains("packet 0 was cut to 3 of 4 bytes"));
    assert_eq!(read(Path::new("no/such.pcap")).unwrap_err().path.as_deref(), Some(Path::new("no/such.pcap")));
}

#[test]
fn no_prefix_and_no_damage_panics() {
    for file in [
        other_pcap(Endianness::Big, TsResolution::NanoSecond, DataLink::ETHERNET),
        other_pcapng(Endianness::Little, DataLink::ETHERNET, false),
    ] {
        for length in 0..file.len().min(700) {
            let _ = parse(&file[..length]);
        }
        for at in 0..file.len().min(700) {
            for value in [0, 0xff, file[at].wrapping_add(1)] {
                let mut damaged = file.clone();
                damaged[at] = value;
                let _ = parse(&damaged);
            }
        }
    }
}
