// SPDX-License-Identifier: Apache-2.0
//! Interfaces with the numbers that a program expects, in a network namespace of the oracle's own.
//!
//! A devmap takes only interfaces that exist, and a test run with a context needs the interface and a registered receive
//! queue. So the thread goes into a new namespace, where each number wanted gets a veth interface that is up.

use super::sys;
use bpf2hdl_interface::target::ETHERNET_MTU;
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;

/// Interfaces that one oracle makes at most: each takes the kernel about a millisecond.
const MOST: usize = 1024;
/// Receive queues of each.
const QUEUES: u32 = 64;
/// Peers, which nobody asks for, are numbered from here.
const FIRST_PEER: u32 = 0x4000_0000;

const RTM_NEWLINK: u16 = 16;
const RTM_DELADDR: u16 = 21;
const IFA_LOCAL: u16 = 2;
const REQUEST_ACK: u16 = 1 | 4;
const CREATE_EXCLUSIVELY: u16 = 0x400 | 0x200;
const IFLA_ADDRESS: u16 = 1;
const IFLA_MTU: u16 = 4;
const IFLA_LINKINFO: u16 = 18;
const IFLA_NUM_TX_QUEUES: u16 = 31;
const IFLA_NUM_RX_QUEUES: u16 = 32;
const IFLA_INFO_KIND: u16 = 1;
const IFLA_INFO_DATA: u16 = 2;
const VETH_INFO_PEER: u16 = 1;
const IFF_UP: u32 = 1;

/// The namespace; dropped, it gives the thread its own one back.
pub(super) struct Network {
    before: OwnedFd,
    socket: OwnedFd,
    made: BTreeSet<u32>,
}

impl Network {
    /// Moves the calling thread into a new namespace.
    pub(super) fn enter() -> io::Result<Self> {
        let before = File::open("/proc/thread-self/ns/net")?.into();
        sys::new_network()?;
        let socket = sys::route_socket();
        match socket {
            // Interface 1 is the loopback, which each namespace has.
            Ok(socket) => Ok(Self { before, socket, made: BTreeSet::from([1]) }),
            Err(error) => {
                sys::enter_network(&before)?;
                Err(error)
            }
        }
    }

    /// Makes sure that there is an interface with this number.
    pub(super) fn interface(&mut self, number: u32) -> io::Result<()> {
        if self.made.contains(&number) {
            return Ok(());
        }
        if number == 0 || number >= FIRST_PEER {
            return Err(io::Error::other(format!("no interface can have the number {number}")));
        }
        if self.made.len() > MOST {
            return Err(io::Error::other(format!("more than {MOST} different interfaces")));
        }
        let peer = FIRST_PEER + number;
        self.ask(RTM_NEWLINK, CREATE_EXCLUSIVELY, &veth(number, peer))?;
        self.ask(RTM_NEWLINK, 0, &link(number, IFF_UP))?;
        self.ask(RTM_NEWLINK, 0, &link(peer, IFF_UP))?;
        self.made.insert(number);
        Ok(())
    }

    /// Makes the first interfaces, with the MTU of Ethernet; the loopback has another one by itself.
    pub(super) fn ethernet(&mut self, count: u32) -> io::Result<()> {
        let loopback = [link(1, 0), attribute(IFLA_MTU, &ETHERNET_MTU.to_ne_bytes())].concat();
        self.ask(RTM_NEWLINK, 0, &loopback)?;
        (1..=count).try_for_each(|number| self.interface(number))
    }

    /// Makes the kernel set up its tables of routes, which it does for the first address, and leaves them empty: the
    /// loopback goes up and down again.
    pub(super) fn make_tables(&self) -> io::Result<()> {
        self.ask(RTM_NEWLINK, 0, &link(1, IFF_UP))?;
        // `struct ifaddrmsg`: 127.0.0.1/8, whose route would stay.
        let mut address = vec![2, 8, 0, 0];
        address.extend(1u32.to_ne_bytes());
        address.extend(attribute(IFA_LOCAL, &[127, 0, 0, 1]));
        self.ask(RTM_DELADDR, 0, &address)?;
        let mut down = link(1, IFF_UP);
        down[8..12].fill(0);
        self.ask(RTM_NEWLINK, 0, &down)
    }

    /// Sets the MAC address of an interface.
    pub(super) fn set_mac(&self, number: u32, mac: [u8; 6]) -> io::Result<()> {
        self.ask(RTM_NEWLINK, 0, &[link(number, 0), attribute(IFLA_ADDRESS, &mac)].concat())
    }

    /// Sends one request of this kind and waits for its answer.
    pub(super) fn ask(&self, kind: u16, flags: u16, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len() + 16).map_err(io::Error::other)?;
        let mut message = length.to_ne_bytes().to_vec();
        message.extend(kind.to_ne_bytes());
        message.extend((REQUEST_ACK | flags).to_ne_bytes());
        message.extend([0; 8]);
        message.extend(body);
        let mut answer = [0; 4096];
        let count = sys::exchange(&self.socket, &message, &mut answer)?;
        // A netlink header, then the error number, negative.
        let code = answer.get(16..20).filter(|_| count >= 20).and_then(|bytes| bytes.first_chunk());
        match code.map(|bytes| i32::from_ne_bytes(*bytes)) {
            Some(0) => Ok(()),
            Some(code) => Err(io::Error::from_raw_os_error(-code)),
            None => Err(io::Error::other("no answer from netlink")),
        }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // Failure leaves the thread in an empty namespace, where nothing but other oracles looks for interfaces.
        let _ = sys::enter_network(&self.before);
    }
}

/// `struct ifinfomsg`: an interface, with these flags (in its third word) to be set.
fn link(number: u32, flags: u32) -> Vec<u8> {
    let mut message = vec![0; 4];
    [number, flags, flags].iter().for_each(|word| message.extend(word.to_ne_bytes()));
    message
}

/// One attribute, padded.
pub(super) fn attribute(kind: u16, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 4).unwrap_or(u16::MAX);
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(payload);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// A veth interface and its peer.
fn veth(number: u32, peer: u32) -> Vec<u8> {
    let queues =
        || [IFLA_NUM_TX_QUEUES, IFLA_NUM_RX_QUEUES].map(|kind| attribute(kind, &QUEUES.to_ne_bytes())).concat();
    let peer = attribute(VETH_INFO_PEER, &[link(peer, 0), queues()].concat());
    let info = [attribute(IFLA_INFO_KIND, b"veth"), attribute(IFLA_INFO_DATA, &peer)].concat();
    [link(number, 0), queues(), attribute(IFLA_LINKINFO, &info)].concat()
}
