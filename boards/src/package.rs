// SPDX-License-Identifier: Apache-2.0
//! Which balls of a package are user I/O, bank by bank. Facts of Lattice's pin-out tables (ECP5U-25 rev. 1.1, ECP5UM5G-45) as the database of Project
//! Trellis has them, which nextpnr uses.

/// The user I/O of a package.
#[derive(Debug, PartialEq, Eq)]
pub struct Package {
    /// Name as nextpnr takes it.
    pub name: &'static str,
    /// Its banks.
    pub banks: &'static [Bank],
}

/// Pins with one supply.
#[derive(Debug, PartialEq, Eq)]
pub struct Bank {
    /// Its number.
    pub number: u8,
    /// Balls, separated by blanks.
    pub pins: &'static str,
    /// Those among them from which a clock net or a PLL can be reached directly (`PCLKT`, `GPLL..T_IN`).
    pub clocks: &'static str,
}

/// LFE5U-25F in CABGA256.
pub(crate) const CABGA256_25F: Package = Package {
    name: "CABGA256",
    banks: &[
        Bank {
            number: 0,
            pins: "A2 A3 A4 A5 A6 A7 A8 B3 B4 B5 B6 B7 C4 C5 C6 C7 D4 D5 D6 D7 E4 E5 E6 E7",
            clocks: "A7 C7",
        },
        Bank {
            number: 1,
            pins: "A9 A10 A11 A12 A13 A14 A15 B8 B9 B10 B11 B12 B13 B14 C8 C9 C10 C11 C12 C13 D8 D9 D10 D11 D12 D13 E8 E9 E10 E11 E12 E13",
            clocks: "C8 E8",
        },
        Bank {
            number: 2,
            pins: "B15 B16 C14 C15 C16 D14 D16 E14 E15 E16 F12 F13 F14 F15 F16 G12 G13 G14 G15 G16 H12 H13 H14 H15 J12 J13 J14 J15 J16 K14 K15 K16",
            clocks: "J16 K16",
        },
        Bank {
            number: 3,
            pins: "K12 K13 L12 L13 L14 L15 L16 M11 M12 M13 M14 M15 M16 N11 N12 N13 N14 N16 P11 P12 P13 P14 P15 P16 R12 R13 R14 R15 R16 T13 T14 T15",
            clocks: "L16 M16 P11",
        },
        Bank {
            number: 6,
            pins: "K4 K5 L1 L2 L3 L4 L5 M1 M2 M3 M4 M5 M6 N1 N3 N4 N5 N6 P1 P2 P3 P4 P5 P6 R1 R2 R3 R4 R5 T2 T3 T4",
            clocks: "L1 M1 P6",
        },
        Bank {
            number: 7,
            pins: "B1 B2 C1 C2 C3 D1 D3 E1 E2 E3 F1 F2 F3 F4 F5 G1 G2 G3 G4 G5 H2 H3 H4 H5 J1 J2 J3 J4 J5 K1 K2 K3",
            clocks: "J1 K1",
        },
        Bank { number: 8, pins: "M7 M8 M9 N7 N8 P7 P8 R6 R7 R8 T6 T7 T8", clocks: "" },
    ],
};

/// LFE5UM5G-45F in CABGA381.
pub(crate) const CABGA381_45F: Package = Package {
    name: "CABGA381",
    banks: &[
        Bank {
            number: 0,
            pins: "A6 A7 A8 A9 A10 A11 B6 B8 B9 B10 B11 C6 C7 C8 C9 C10 C11 D6 D7 D8 D9 D10 E6 E7 E8 E9 E10",
            clocks: "A6 A10 B11",
        },
        Bank {
            number: 1,
            pins: "A12 A13 A14 A15 A16 A17 A18 A19 B12 B13 B15 B16 B17 B18 B19 B20 C12 C13 C14 C15 C16 C17 D11 D12 D13 D14 D15 D16 E11 E12 E13 E14 E15",
            clocks: "A19 B12 D11",
        },
        Bank {
            number: 2,
            pins: "C18 C20 D17 D18 D19 D20 E16 E17 E18 E19 E20 F16 F17 F18 F19 F20 G16 G18 G19 G20 H16 H17 H18 H20 J16 J17 J18 J19 J20 K18 K19 K20",
            clocks: "C18 J19 J20",
        },
        Bank {
            number: 3,
            pins: "L16 L17 L18 L19 L20 M17 M18 M19 M20 N16 N17 N18 N19 N20 P16 P17 P18 P19 P20 R16 R17 R18 R20 T16 T17 T18 T19 T20 U16 U17 U18 U19 U20",
            clocks: "L19 L20 U16",
        },
        Bank {
            number: 6,
            pins: "F1 G1 G2 H1 H2 J1 J3 J4 J5 K1 K2 K3 K4 K5 L1 L2 L3 L4 L5 M1 M3 M4 M5 N1 N2 N3 N4 N5 P1 P2 P3 P4 P5",
            clocks: "G2 H2 P3",
        },
        Bank {
            number: 7,
            pins: "A2 A3 A4 A5 B1 B2 B3 B4 B5 C1 C2 C3 C4 C5 D1 D2 D3 D5 E1 E2 E3 E4 E5 F2 F3 F4 F5 G3 G5 H3 H4 H5",
            clocks: "A4 F2 G3",
        },
        Bank { number: 8, pins: "R1 R2 R3 T1 T2 T3 U1 U2 V1 V2 W1 W2 Y2", clocks: "" },
    ],
};
