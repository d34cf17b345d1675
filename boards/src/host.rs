// SPDX-License-Identifier: Apache-2.0
//! How the host reaches a board's registers: its serial line, or datagrams by one of its ports.

use bpf2hdl_interface::mac;
use std::fmt;
use std::net::Ipv4Addr;

/// A MAC address of one device, its first byte first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mac([u8; 6]);

impl Mac {
    /// The address of a board that was given none: locally administered (IEEE 802, bit 1 of the first byte), `02:00` and the bytes of its IP address, so
    /// that two boards of one network have different ones.
    #[must_use]
    pub fn local(ip: Ipv4Addr) -> Self {
        let [a, b, c, d] = ip.octets();
        Self([2, 0, a, b, c, d])
    }

    /// Six bytes in hexadecimal with colons between them.
    ///
    /// # Errors
    /// A sentence if it is not that, or is an address of many devices or of none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bytes = mac::parse(text)
            .ok_or_else(|| "six bytes in hexadecimal are wanted, such as 02:00:c0:a8:01:64".to_owned())?;
        if bytes[0] & 1 == 1 {
            return Err("it is an address of many devices (bit 0 of the first byte is set)".to_owned());
        }
        if bytes == [0; 6] { Err("it is the address of no device".to_owned()) } else { Ok(Self(bytes)) }
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// An IPv4 address that a board can have.
///
/// # Errors
/// A sentence if it is none, or one that no single host has (RFC 1122, section 3.2.1.3).
pub fn unicast(text: &str) -> Result<Ipv4Addr, String> {
    let ip: Ipv4Addr = text.parse().map_err(|_| "an IPv4 address is wanted, such as 192.168.1.100".to_owned())?;
    let wrong = if ip.octets()[0] == 0 {
        "no host has an address that begins with 0"
    } else if ip.is_loopback() {
        "a loopback address does not leave its host"
    } else if ip.octets()[0] >= 224 {
        "it is an address of many hosts, or reserved"
    } else {
        return Ok(ip);
    };
    Err(wrong.to_owned())
}

/// How the host reaches a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// By the serial line of the board's description.
    Serial,
    /// By datagrams.
    Udp {
        /// The board's address.
        ip: Ipv4Addr,
        /// Its address in the network of the port.
        mac: Mac,
        /// By which port: 0 is interface 1, 1 interface 2. Datagrams that come by the other one are frames as any.
        port: usize,
    },
}

impl Host {
    /// Parameters of `bpf_ecp5_wire`.
    pub(crate) fn parameters(self) -> Vec<(&'static str, String)> {
        match self {
            Host::Serial => Vec::new(),
            Host::Udp { ip, mac, port } => vec![
                ("UDP", "1'b1".to_owned()),
                ("UDP_PORT", port.to_string()),
                ("UDP_MAC", format!("48'h{}", mac.to_string().replace(':', "_"))),
                ("UDP_IP", format!("32'h{:08x}", u32::from(ip))),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_one_device() {
        assert_eq!(Mac::parse("02:00:c0:A8:01:64").map(|mac| mac.to_string()), Ok("02:00:c0:a8:01:64".to_owned()));
        assert_eq!(Mac::local(Ipv4Addr::new(192, 168, 1, 100)), Mac([2, 0, 192, 168, 1, 100]));
        for text in ["", "02", "02:00:c0:a8:01", "02:00:c0:a8:01:64:00", "02:00:c0:a8:01:6", "02:00:c0:a8:01:+4", "é2"]
        {
            assert!(Mac::parse(text).is_err_and(|reason| reason.contains("six bytes")), "{text}");
        }
        assert!(Mac::parse("01:00:5e:00:00:01").is_err_and(|reason| reason.contains("many devices")));
        assert!(Mac::parse("00:00:00:00:00:00").is_err_and(|reason| reason.contains("no device")));
        assert_eq!(unicast("10.0.0.7"), Ok(Ipv4Addr::new(10, 0, 0, 7)));
        for text in ["0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "10.0.0", "fe80::1", ""] {
            assert!(unicast(text).is_err(), "{text}");
        }
    }
}
