// SPDX-License-Identifier: Apache-2.0
//! Programs of any size, in several shapes.
//!
//! Each is C that clang can not shorten: constants come from a seeded generator, every value depends on the packet and
//! reaches the verdict or a map. `steps` sets the size; the instructions are counted in the object.

use std::fmt::Write as _;

/// A shape of program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Arithmetic without branches.
    Straight,
    /// Tests of packet bytes, one after another, each with two outcomes that meet again.
    Parser,
    /// Look-ups in an array map, each adding to its entry.
    Maps,
    /// A hash over the packet, unrolled.
    Hash,
    /// As `Parser`, with longer blocks: the shape of the largest programs in use.
    Long,
}

impl Shape {
    /// Name in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Straight => "straight arithmetic",
            Self::Parser => "branching parser",
            Self::Maps => "map updates",
            Self::Hash => "unrolled hash",
            Self::Long => "long blocks",
        }
    }

    /// About how many instructions one step takes, to choose the number of steps.
    pub(crate) fn instructions_per_step(self) -> f64 {
        match self {
            Self::Straight => 7.0,
            Self::Parser => 6.8,
            Self::Maps => 14.0,
            Self::Hash => 16.0,
            Self::Long => 15.0,
        }
    }

    fn step(self, number: usize, random: &mut Constants) -> String {
        let (byte, constant) = (number * 7 % 64, random.next());
        match self {
            // Eight chains side by side, so that the pipeline does not get as deep as the program is long.
            Self::Straight => {
                let (one, two) = (number % 8, (number + 3) % 8);
                format!("v[{one}] = (v[{one}] ^ {constant:#x}u) + (v[{one}] << 3) + (v[{two}] >> {});", 3 + number % 13)
            }
            Self::Parser => {
                format!(
                    "if (p[{byte}] == {:#x}) a += {constant:#x}u; else a ^= p[{}];",
                    constant & 0xff,
                    (byte + 9) % 64
                )
            }
            Self::Maps => format!(
                "key = (p[{byte}] + {}u) & 63; value = bpf_map_lookup_elem(&table, &key); if (value) *value += p[{}];",
                constant & 63,
                (byte + 5) % 64
            ),
            Self::Hash => format!(
                "a += ((const __u32 *)p)[{}]; a -= b; a ^= b << 4 | b >> 28; b += a; b -= {constant:#x}u; b ^= a << 6 | a >> 26; a += b;",
                number % 16
            ),
            Self::Long => format!(
                "if (p[{byte}] > {:#x}) {{ a += {constant:#x}u; b ^= a << 3; a -= b >> 5; b += p[{}]; a ^= b + {:#x}u; }}",
                constant & 0xff,
                (byte + 9) % 64,
                constant >> 7
            ),
        }
    }
}

/// A program of that shape with so many steps.
pub(crate) fn program(shape: Shape, steps: usize) -> String {
    let mut random = Constants(1);
    let body: Vec<String> = (0..steps).map(|number| format!("\t{}", shape.step(number, &mut random))).collect();
    let mut text = String::from(
        "// SPDX-License-Identifier: Apache-2.0\n#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n\n",
    );
    let begins = if shape == Shape::Straight {
        "\tfor (int i = 0; i < 8; i++)\n\t\tv[i] = ((const __u32 *)p)[i];\n"
    } else {
        ""
    };
    let ends =
        if shape == Shape::Straight { "\ta = v[0] ^ v[1] ^ v[2] ^ v[3] ^ v[4] ^ v[5] ^ v[6] ^ v[7];\n" } else { "" };
    let (map, locals) = if shape == Shape::Maps {
        let map = "struct {\n\t__uint(type, BPF_MAP_TYPE_ARRAY);\n\t__uint(max_entries, 64);\n\t__type(key, __u32);\n\
                   \t__type(value, __u64);\n} table SEC(\".maps\");\n\n";
        (map, "\t__u32 key;\n\t__u64 *value;\n\n")
    } else if shape == Shape::Straight {
        ("", "\t__u32 v[8] = {1, 2, 3, 4, 5, 6, 7, 8};\n\n")
    } else {
        ("", "\n")
    };
    // Writing to a string can not fail.
    let _ = write!(
        text,
        "{map}SEC(\"xdp\")\nint scaling(struct xdp_md *ctx)\n{{\n\
         \tconst __u8 *p = (const __u8 *)(long)ctx->data;\n\tconst void *end = (const void *)(long)ctx->data_end;\n\
         \t__u32 a = 1, b = 2;\n{locals}\tif ((const void *)(p + 64) > end)\n\t\treturn XDP_DROP;\n\
         {begins}\ta = *(const __u32 *)p;\n\tb = *(const __u32 *)(p + 4);\n{}\n{ends}\
         \treturn (a ^ b) & 0x100 ? XDP_PASS : XDP_DROP;\n}}\n\nchar LICENSE[] SEC(\"license\") = \"Dual BSD/GPL\";\n",
        body.join("\n")
    );
    text
}

/// Odd 32-bit constants (SplitMix64).
struct Constants(u64);

impl Constants {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) as u32 | 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_size_gives_the_same_program() {
        for shape in [Shape::Straight, Shape::Parser, Shape::Maps, Shape::Hash, Shape::Long] {
            let text = program(shape, 10);
            assert_eq!(text, program(shape, 10));
            assert_eq!(program(shape, 20).lines().count(), text.lines().count() + 10);
        }
    }
}
