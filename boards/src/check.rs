// SPDX-License-Identifier: Apache-2.0
//! What can be wrong with a board, found while this crate is compiled.

use super::board::{Board, Clock, Pin, Rgmii};
use super::package::Package;

/// Sites of a port: clocks, data, control, reset.
const PORT_SITES: usize = 13;
/// Sites of a board: oscillator, reset, two ports, serial line.
const SITES: usize = 2 * PORT_SITES + 4;

const NONE: &str = "";

const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

/// Whether `word` is one of the words of `list`, which blanks separate.
const fn contains(list: &str, word: &str) -> bool {
    let (list, word) = (list.as_bytes(), word.as_bytes());
    let mut start = 0;
    while start < list.len() {
        let mut i = 0;
        while i < word.len() && start + i < list.len() && list[start + i] == word[i] {
            i += 1;
        }
        if i == word.len() && (start + i == list.len() || list[start + i] == b' ') {
            return i > 0;
        }
        while start < list.len() && list[start] != b' ' {
            start += 1;
        }
        start += 1;
    }
    false
}

/// Place of the bank that a site is in, in the package's list.
const fn bank(package: &Package, site: &str) -> usize {
    let mut bank = 0;
    while bank < package.banks.len() {
        if contains(package.banks[bank].pins, site) {
            return bank;
        }
        bank += 1;
    }
    panic!("a pin is no user I/O of the package")
}

const fn port_sites(port: &Rgmii) -> [&'static str; PORT_SITES] {
    let reset = match port.reset_n {
        Some(site) => site,
        None => NONE,
    };
    let (r, t) = (&port.rxd, &port.txd);
    [port.rx_clk, port.rx_ctl, r[0], r[1], r[2], r[3], port.tx_clk, port.tx_ctl, t[0], t[1], t[2], t[3], reset]
}

impl Board {
    /// Stops the build if the board can not be as it is described.
    ///
    /// ```compile_fail
    /// const WRONG: bpf2hdl_boards::Board = {
    ///     let mut board = bpf2hdl_boards::BOARDS[0];
    ///     board.ports[0].rxd[1] = board.ports[0].rxd[0]; // used twice
    ///     board
    /// };
    /// const _: () = WRONG.check();
    /// ```
    ///
    /// # Panics
    /// At compile time, with what is wrong.
    pub const fn check(&self) {
        let pins = self.pins();
        let mut supply = [0; 16];
        let mut i = 0;
        while i < SITES {
            let pin = &pins[i];
            if !equal(pin.site, NONE) {
                let bank = bank(self.package, pin.site);
                assert!(
                    supply[bank] == 0 || pin.io.supply() == 0 || supply[bank] == pin.io.supply(),
                    "two supplies in one bank"
                );
                if pin.io.supply() != 0 {
                    supply[bank] = pin.io.supply();
                }
                let mut other = 0;
                while other < i {
                    assert!(!equal(pins[other].site, pin.site), "a pin is used twice");
                    other += 1;
                }
            }
            i += 1;
        }
        self.check_clock(&self.oscillator);
        let mut port = 0;
        while port < 2 {
            let pin = Pin { site: self.ports[port].rx_clk, io: self.ports_io };
            self.check_clock(&Clock { pin, mhz: 125.0 });
            port += 1;
        }
        self.check_pll();
        assert!(self.rx_delay < 128 && self.tx_delay < 128, "DELAYG has 127 steps");
        assert!(self.uart_clocks() >= 16, "the core's clock is too slow for the serial line");
        assert!(self.bus_bits == 64, "the ports have 64 bits");
    }

    const fn pins(&self) -> [Pin; SITES] {
        let none = Pin { site: NONE, io: self.ports_io };
        let mut pins = [none; SITES];
        let mut port = 0;
        while port < 2 {
            let sites = port_sites(&self.ports[port]);
            let mut i = 0;
            while i < PORT_SITES {
                pins[port * PORT_SITES + i].site = sites[i];
                i += 1;
            }
            port += 1;
        }
        pins[2 * PORT_SITES] = self.oscillator.pin;
        pins[2 * PORT_SITES + 1] = match self.reset_n {
            Some(pin) => pin,
            None => none,
        };
        pins[2 * PORT_SITES + 2] = self.uart.rxd;
        pins[2 * PORT_SITES + 3] = self.uart.txd;
        pins
    }

    const fn check_clock(&self, clock: &Clock) {
        let bank = bank(self.package, clock.pin.site);
        assert!(
            contains(self.package.banks[bank].clocks, clock.pin.site),
            "a clock comes in by a pin that reaches no clock net"
        );
    }

    /// Lattice FPGA-DS-02012 (ECP5 data sheet): phase comparison at 10 to 400 MHz, VCO at 400 to 800 MHz.
    const fn check_pll(&self) {
        let Board { pll, oscillator, clock_mhz, .. } = *self;
        let compared = oscillator.mhz / pll.input as f64;
        let sent = compared * pll.feedback as f64;
        let vco = sent * pll.tx as f64;
        assert!(sent == 125.0, "the PLL must make 125 MHz for sending");
        assert!(vco / pll.core as f64 == clock_mhz, "the PLL does not make the core's clock");
        assert!(compared >= 10.0 && compared <= 400.0, "the PLL can not compare at this frequency");
        assert!(vco >= 400.0 && vco <= 800.0, "the VCO does not run at this frequency");
    }

    /// Clocks of the core in a bit of the serial line.
    #[must_use]
    pub const fn uart_clocks(&self) -> u32 {
        (self.clock_mhz * 1e6 / self.uart.baud as f64 + 0.5) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BOARDS, Io};

    fn refusal(change: impl FnOnce(&mut Board)) -> String {
        let mut board = BOARDS[0];
        change(&mut board);
        let panic = std::panic::catch_unwind(|| board.check()).expect_err("the board is wrong");
        panic
            .downcast_ref::<&str>()
            .map_or_else(|| panic.downcast_ref::<String>().cloned().unwrap_or_default(), |s| (*s).to_owned())
    }

    #[test]
    fn what_is_wrong_is_found() {
        BOARDS.iter().for_each(Board::check);
        assert!(refusal(|b| b.ports[0].rxd[1] = "A1").contains("no user I/O"), "A1 is ground");
        assert!(refusal(|b| b.ports[0].rxd[1] = "K").contains("no user I/O"));
        assert!(refusal(|b| b.ports[1].rxd[1] = b.ports[0].txd[0]).contains("used twice"));
        assert!(refusal(|b| b.uart.rxd = b.uart.txd).contains("used twice"));
        assert!(refusal(|b| b.ports[0].rx_clk = "E5").contains("no clock net"));
        assert!(refusal(|b| b.uart.rxd.io = Io::Lvcmos25).contains("two supplies"));
        assert!(refusal(|b| b.pll.core = 7).contains("core's clock"));
        assert!(refusal(|b| b.pll.tx = 8).contains("does not"));
        assert!(refusal(|b| b.uart.baud = 10_000_000).contains("serial line"));
    }

    #[test]
    fn words_are_found_whole() {
        assert!(contains("A1 A10 B2", "A10") && contains("A1 A10 B2", "B2") && contains("A1", "A1"));
        assert!(!contains("A10 B2", "A1") && !contains("A1 B20", "B2") && !contains("A1", "") && !contains("", "A1"));
    }
}
