// SPDX-License-Identifier: Apache-2.0
//! The table of targets.

use super::{Delays, Target};

/// The longest frame that is built for anywhere: what NICs call jumbo.
pub const JUMBO: u32 = 9216;

/// The longest standard frame (IEEE 802.3, 1,514 bytes) with room for tags.
const STANDARD: u32 = 1536;

/// Every target.
///
/// `ecp5` is measured: single operations between two ranks of registers, placed and routed (speed grade 8: and 1.6 ns, 64-bit sum 3.7 ns, 64-bit comparison
/// 4.2 ns, 16-way choice 3.4 ns; `./run delays` measures it again). In whole cores wires are longer than that, and by how much differs between arrangements: the table says what
/// their slowest paths had. A table with its wire took 1.1 ns (alone 0.8; 0.95 is taken), one more sum behind a sum up to 1.8 ns and its carries (hence `chain_ps`), the wire to
/// the addresses of a map of eight block RAMs 2.1 ns (to a register 0.3 ns); and it keeps 0.6 ns free (`spread_ps`), without which four of eight cores missed 125 MHz.
/// The Xilinx families scale the measured operations by the ratio of data-sheet look-up table, carry and clock-to-output delays; their chains begin in the table itself.
/// They are estimates and the report says so. `ecp5-45f` and `ecp5-25f` are whole gigabit boards, for `bpf2hdl synth`.
pub const TARGETS: &[Target] = &[
    Target {
        name: "xcup",
        description: "AMD UltraScale+ (Alveo U50 and the like, speed grade -2)",
        default_clock_mhz: 250.0,
        max_frame_bytes: JUMBO,
        delays: Delays {
            overhead_ps: 500,
            spread_ps: 0,
            level_ps: 430,
            carry_ps: 8,
            chain_ps: 0,
            compare_bits: 2,
            lut_inputs: 6,
            map_read_ps: 500,
            ram_output_ps: 900,
            map_address_ps: 300,
            divider_bits_per_stage: 2,
        },
        provenance: "estimate: scaled from measured ECP5 delays by data-sheet ratios",
    },
    Target {
        name: "xc7",
        description: "AMD 7 series (Artix-7 and Kintex-7, speed grade -2)",
        default_clock_mhz: 156.25,
        max_frame_bytes: JUMBO,
        delays: Delays {
            overhead_ps: 900,
            spread_ps: 0,
            level_ps: 700,
            carry_ps: 25,
            chain_ps: 0,
            compare_bits: 2,
            lut_inputs: 6,
            map_read_ps: 900,
            ram_output_ps: 1700,
            map_address_ps: 500,
            divider_bits_per_stage: 2,
        },
        provenance: "estimate: scaled from measured ECP5 delays by data-sheet ratios",
    },
    Target {
        name: "ecp5",
        description: "Lattice ECP5 (LFE5U-85F, speed grade 8)",
        default_clock_mhz: 125.0,
        max_frame_bytes: JUMBO,
        delays: Delays {
            overhead_ps: 1200,
            spread_ps: 600,
            level_ps: 950,
            carry_ps: 28,
            chain_ps: 350,
            compare_bits: 1,
            lut_inputs: 4,
            map_read_ps: 1300,
            ram_output_ps: 3500,
            map_address_ps: 1800,
            divider_bits_per_stage: 1,
        },
        provenance: "measured: operations placed and routed alone with nextpnr, median of three seeds; wires and carry chains as in whole cores, and 0.6 ns for their spread",
    },
    Target {
        name: "ecp5-45f",
        description: "Lattice ECP5 on a gigabit board (LFE5UM5G-45F, speed grade 8)",
        default_clock_mhz: 100.0,
        max_frame_bytes: STANDARD,
        delays: Delays {
            overhead_ps: 1500,
            spread_ps: 0,
            level_ps: 1000,
            carry_ps: 35,
            chain_ps: 350,
            compare_bits: 1,
            lut_inputs: 4,
            map_read_ps: 1600,
            ram_output_ps: 4400,
            map_address_ps: 1100,
            divider_bits_per_stage: 1,
        },
        provenance: "measured for single operations (as ecp5), and a quarter more for wires between the parts of a whole board",
    },
    Target {
        name: "ecp5-25f",
        description: "Lattice ECP5 on a gigabit board (LFE5U-25F, speed grade 6)",
        default_clock_mhz: 62.5,
        max_frame_bytes: STANDARD,
        delays: Delays {
            overhead_ps: 2000,
            spread_ps: 0,
            level_ps: 1350,
            carry_ps: 45,
            chain_ps: 470,
            compare_bits: 1,
            lut_inputs: 4,
            map_read_ps: 2200,
            ram_output_ps: 5900,
            map_address_ps: 1500,
            divider_bits_per_stage: 1,
        },
        provenance: "estimate: ecp5-45f times 1.35, the ratio of the two speed grades' delays in nextpnr",
    },
];

/// The target with this name.
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|t| t.name == name)
}
