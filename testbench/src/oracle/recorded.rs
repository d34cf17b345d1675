// SPDX-License-Identifier: Apache-2.0
//! What a reference said, kept, so that several runs can be compared with it.

use super::{Oracle, OracleSkip, OracleVerdict};
use crate::compare::{Mismatch, MismatchKind, map_differences, verdict_difference};
use crate::{Error, PacketContext, PacketSet};
use bpf2hdl_interface::{MapContents, MapShape};

/// The verdicts of another oracle on a list of packets, and its maps afterwards. As an [`Oracle`] it says the same
/// again, packet by packet in the same order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    name: String,
    verdicts: Vec<Result<OracleVerdict, OracleSkip>>,
    maps: MapContents,
    next: usize,
}

impl Recorded {
    /// Runs all packets through an oracle that has its maps loaded.
    ///
    /// # Errors
    /// [`Error::Oracle`] if its maps can not be read.
    pub fn record(oracle: &mut dyn Oracle, packets: &PacketSet) -> Result<Self, Error> {
        let verdicts = packets.iter().map(|packet| oracle.run(packet.data, &packet.context)).collect();
        Ok(Self { name: oracle.name().to_owned(), verdicts, maps: oracle.maps()?, next: 0 })
    }

    /// What it said, by packet.
    pub fn verdicts(&self) -> &[Result<OracleVerdict, OracleSkip>] {
        &self.verdicts
    }

    /// Its maps after the last packet.
    #[must_use]
    pub fn contents(&self) -> &MapContents {
        &self.maps
    }

    /// Packets that it could not judge.
    #[must_use]
    pub fn skipped(&self) -> usize {
        self.verdicts.iter().filter(|verdict| verdict.is_err()).count()
    }

    /// How another run on the same packets differs: packets in order, then map entries. Maps are not compared when a
    /// packet was skipped, which may have changed them.
    #[must_use]
    pub fn differences(&self, got: &[OracleVerdict], maps: &MapContents, shapes: &[MapShape]) -> Vec<Mismatch> {
        let mut found = Vec::new();
        for (number, (want, got)) in (0u64..).zip(self.verdicts.iter().zip(got)) {
            if let Some((kind, message)) = want.as_ref().ok().and_then(|want| verdict_difference(want, got)) {
                found.push(Mismatch { packet: Some(number), kind, message });
            }
        }
        if self.skipped() == 0 {
            let entries = map_differences(&self.maps, maps, shapes).into_iter();
            found.extend(entries.map(|message| Mismatch { packet: None, kind: MismatchKind::Map, message }));
        }
        found
    }
}

impl Oracle for Recorded {
    fn name(&self) -> &str {
        &self.name
    }

    fn run(&mut self, _: &[u8], _: &PacketContext) -> Result<OracleVerdict, OracleSkip> {
        self.next += 1;
        let end = || Err(OracleSkip::new("nothing was recorded of this packet"));
        self.verdicts.get(self.next - 1).cloned().unwrap_or_else(end)
    }

    fn maps(&mut self) -> Result<MapContents, Error> {
        Ok(self.maps.clone())
    }

    /// The recorded run has had its maps: nothing to do.
    fn load_maps(&mut self, _: &MapContents) -> Result<(), Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bpf2hdl_interface::Action;

    /// Passes everything; skips packets of one byte.
    struct Simple;

    impl Oracle for Simple {
        fn name(&self) -> &str {
            "simple"
        }

        fn run(&mut self, packet: &[u8], _: &PacketContext) -> Result<OracleVerdict, OracleSkip> {
            if packet.len() == 1 {
                return Err(OracleSkip::new("short"));
            }
            Ok(OracleVerdict {
                action: Action::Pass,
                data: packet.to_vec(),
                target: None,
                metadata: 0,
                events: Vec::new(),
            })
        }

        fn maps(&mut self) -> Result<MapContents, Error> {
            Ok(MapContents { maps: [("m".to_owned(), [(vec![0], vec![7])].into())].into() })
        }

        fn load_maps(&mut self, _: &MapContents) -> Result<(), Error> {
            Ok(())
        }
    }

    #[test]
    fn the_same_is_said_again() {
        let packets = PacketSet::from_iter([&[1u8, 2][..], &[3], &[4, 5]]);
        let mut recorded = Recorded::record(&mut Simple, &packets).expect("recorded");
        assert_eq!((recorded.skipped(), recorded.name()), (1, "simple"));
        for packet in packets.iter() {
            let context = PacketContext::default();
            assert_eq!(recorded.run(packet.data, &context), Simple.run(packet.data, &context));
        }
        assert!(recorded.run(&[1], &PacketContext::default()).is_err());
        assert_eq!(recorded.maps().expect("maps"), Simple.maps().expect("maps"));
    }

    #[test]
    fn differences_name_the_packet_and_the_entry() {
        let shapes = [MapShape {
            name: "m".to_owned(),
            key_size: 1,
            value_size: 1,
            max_entries: 1,
            per_cpu: false,
            array: true,
        }];
        let packets = PacketSet::from_iter([&[1u8, 2][..], &[4, 5]]);
        let recorded = Recorded::record(&mut Simple, &packets).expect("recorded");
        let right = [1u8, 4].map(|first| OracleVerdict {
            action: Action::Pass,
            data: vec![first, first + 1],
            target: None,
            metadata: 0,
            events: Vec::new(),
        });
        assert!(recorded.differences(&right, recorded.contents(), &shapes).is_empty());
        let mut wrong = right;
        wrong[1].data[0] = 9;
        let found = recorded.differences(&wrong, &MapContents::default(), &shapes);
        // The other side does not have that map at all.
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].packet, found[0].kind), (Some(1), MismatchKind::Bytes));
        let other = MapContents { maps: [("m".to_owned(), [(vec![0], vec![8])].into())].into() };
        assert_eq!(recorded.differences(&wrong, &other, &shapes)[1].kind, MismatchKind::Map);
    }
}
