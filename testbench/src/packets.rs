// SPDX-License-Identifier: Apache-2.0
//! Lists of packets, kept behind each other in one buffer so that millions of them are cheap.

use bpf2hdl_interface::arrival::{self, Arrival, Arrivals};

/// Where a packet came in, as the program sees it in its context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketContext {
    /// Number of the interface; the core carries 16 bits of it.
    pub ingress_ifindex: u32,
    /// Number of the receive queue; the core carries 16 bits of it.
    pub rx_queue_index: u32,
    /// Time and random number that helpers go by.
    pub arrival: Arrival,
}

impl Default for PacketContext {
    /// Interface 1, queue 0: what the kernel's test run uses without a context argument; time 0.
    /// A [`PacketSet`] gives its packets times.
    fn default() -> Self {
        Self { ingress_ifindex: 1, rx_queue_index: 0, arrival: Arrival::default() }
    }
}

/// One packet of a [`PacketSet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The Ethernet frame without FCS.
    pub data: &'a [u8],
    /// Where it came in.
    pub context: PacketContext,
}

/// Packets in arrival order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PacketSet {
    pub(crate) bytes: Vec<u8>,
    pub(crate) ends: Vec<u64>,
    contexts: Vec<PacketContext>,
    arrivals: Arrivals,
    next: arrival::Iter,
}

impl Default for PacketSet {
    fn default() -> Self {
        let arrivals = Arrivals::default();
        Self { bytes: Vec::new(), ends: Vec::new(), contexts: Vec::new(), arrivals, next: arrivals.iter() }
    }
}

impl PacketSet {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a packet at the end. Its arrival is the next one of [`PacketSet::arrivals`], whatever the context says.
    pub fn push(&mut self, data: &[u8], context: PacketContext) {
        self.bytes.extend_from_slice(data);
        self.ends.push(self.bytes.len() as u64);
        let arrival = self.next.next().unwrap_or_default();
        self.contexts.push(PacketContext { arrival, ..context });
    }

    /// Times and random numbers of the packets.
    #[must_use]
    pub fn arrivals(&self) -> &Arrivals {
        &self.arrivals
    }

    /// Gives all packets, from the first on, other times and random numbers.
    pub fn set_arrivals(&mut self, arrivals: Arrivals) {
        self.arrivals = arrivals;
        self.next = arrivals.iter();
        for context in &mut self.contexts {
            context.arrival = self.next.next().unwrap_or_default();
        }
    }

    /// Number of packets.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no packet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The packet with this number, counted from 0.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Packet<'_>> {
        let data = slice(&self.bytes, &self.ends, index)?;
        Some(Packet { data, context: *self.contexts.get(index)? })
    }

    /// The first packets.
    #[must_use]
    pub fn prefix(&self, count: usize) -> Self {
        let mut part = Self::new();
        part.set_arrivals(self.arrivals);
        for packet in self.iter().take(count) {
            part.push(packet.data, packet.context);
        }
        part
    }

    /// All packets in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Packet<'_>> + '_ {
        (0..self.len()).map(|index| Packet {
            data: slice(&self.bytes, &self.ends, index).unwrap_or_default(),
            context: self.contexts[index],
        })
    }
}

impl<'a> FromIterator<&'a [u8]> for PacketSet {
    /// Packets with the default context.
    fn from_iter<I: IntoIterator<Item = &'a [u8]>>(frames: I) -> Self {
        let mut set = Self::new();
        for frame in frames {
            set.push(frame, PacketContext::default());
        }
        set
    }
}

/// Element `index` of things that lie behind each other, given where each ends.
pub(crate) fn slice<'a>(bytes: &'a [u8], ends: &[u64], index: usize) -> Option<&'a [u8]> {
    let end = usize::try_from(*ends.get(index)?).ok()?;
    let start = match index.checked_sub(1) {
        Some(before) => usize::try_from(*ends.get(before)?).ok()?,
        None => 0,
    };
    bytes.get(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_come_back() {
        let context = PacketContext { ingress_ifindex: 7, rx_queue_index: 3, ..PacketContext::default() };
        let mut set = PacketSet::from_iter([&[1u8, 2, 3][..], &[]]);
        set.push(&[9], context);
        assert_eq!(set.len(), 3);
        let data: Vec<_> = set.iter().map(|packet| packet.data.to_vec()).collect();
        assert_eq!(data, [vec![1, 2, 3], vec![], vec![9]]);
        let arrivals = Arrivals { start_ns: 5, step_ns: 10, seed: 1 };
        set.set_arrivals(arrivals);
        let last = arrivals.iter().nth(2).unwrap();
        assert_eq!((last.time_ns, last.random != 0), (25, true));
        assert_eq!(set.get(2), Some(Packet { data: &[9], context: PacketContext { arrival: last, ..context } }));
        assert_eq!(set.get(3), None);
        let mut first = PacketSet::from_iter([&[1u8, 2, 3][..]]);
        first.set_arrivals(arrivals);
        assert_eq!(set.prefix(1), first);
        assert_eq!(set.prefix(9), set);
    }
}
