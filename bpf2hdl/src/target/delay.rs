// SPDX-License-Identifier: Apache-2.0
//! What logic costs in time: a model of look-up table levels and carry chains, one set of numbers per family.

/// Delays in picoseconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Delays {
    /// Clock to output of a register, set-up of the next, and clock uncertainty: what every stage pays.
    pub overhead_ps: u32,
    /// By how much a stage's wires differ between arrangements of a whole core: left free in each clock, except where that would cost rate.
    pub spread_ps: u32,
    /// One look-up table with its routing.
    pub level_ps: u32,
    /// One bit of a carry chain.
    pub carry_ps: u32,
    /// Into a carry chain and out of it, beyond the table with its wire that a sum counts as; likewise.
    pub chain_ps: u32,
    /// Bits that one bit of a carry chain compares: two where a table before it takes both.
    pub compare_bits: u32,
    /// Inputs of a look-up table.
    pub lut_inputs: u32,
    /// Output of a map RAM with output register and forwarding choice, beyond `overhead_ps`.
    pub map_read_ps: u32,
    /// Output of a block RAM without output register, beyond `overhead_ps`.
    pub ram_output_ps: u32,
    /// Set-up of a map RAM's address beyond that of a register.
    pub map_address_ps: u32,
    /// Quotient bits that one stage of a divider makes.
    pub divider_bits_per_stage: u32,
}

/// Kinds of combinational logic, with what their delay depends on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Logic {
    /// Wires only.
    None,
    /// Each output bit from at most three input bits.
    Bitwise,
    /// A single bit of a condition: merges with its neighbours into one table.
    Condition,
    /// Sum or difference of this many bits.
    Sum(u32),
    /// Magnitude comparison of this many bits.
    Less(u32),
    /// Equality with a constant, of this many bits.
    EqualConstant(u32),
    /// Equality of two values of this many bits.
    Equal(u32),
    /// Choice of one of this many inputs by a computed place.
    Choice(u32),
    /// Shift of this many bits by a computed amount.
    Shift(u32),
}

impl Delays {
    /// Delay of a piece of logic, without the overhead of the stage.
    pub fn of(&self, logic: Logic) -> u32 {
        let levels = |n: u32| n * self.level_ps;
        match logic {
            Logic::None => 0,
            Logic::Bitwise => levels(1),
            Logic::Condition => self.level_ps * 2 / 3,
            Logic::Sum(width) => levels(1) + self.chain_ps + width * self.carry_ps,
            Logic::Less(width) => {
                levels(1) + self.chain_ps + width.div_ceil(self.compare_bits) * self.carry_ps + self.level_ps / 2
            }
            Logic::EqualConstant(width) => levels(self.tree_levels(width)),
            Logic::Equal(width) => levels(self.tree_levels(2 * width)),
            Logic::Choice(places) => levels(1 + ceil_log2(places).div_ceil(2)),
            Logic::Shift(width) => levels(1 + ceil_log2(width).div_ceil(2)),
        }
    }

    /// Entries of a RAM that one table for each bit of an entry holds, or two side by side.
    pub fn lut_ram_entries(&self) -> u32 {
        1 << self.lut_inputs
    }

    /// Delay from the index to the data of a RAM made of look-up tables.
    pub fn lut_ram(&self, entries: u32) -> u32 {
        match entries.div_ceil(self.lut_ram_entries()) {
            0 | 1 => self.level_ps,
            blocks => self.level_ps + self.of(Logic::Choice(blocks)),
        }
    }

    /// The same without what is kept for the spread of wires.
    #[must_use]
    pub fn without_spread(&self) -> Self {
        Self { spread_ps: 0, chain_ps: 0, ..*self }
    }

    /// From a register to the next one through a block RAM's output, a comparison of this many bits and a choice of two tables: a bucket of a hash map
    /// (`hdl/rtl/bpf_map_lane.sv`).
    pub fn ram_comparison(&self, bits: u32) -> u32 {
        self.overhead_ps + self.ram_output_ps + self.of(Logic::Equal(bits)) + 2 * self.level_ps
    }

    /// Levels of tables that reduce this many bits to one.
    fn tree_levels(&self, mut bits: u32) -> u32 {
        let mut levels = 0;
        while bits > 1 {
            bits = bits.div_ceil(self.lut_inputs);
            levels += 1;
        }
        levels.max(1)
    }
}

fn ceil_log2(n: u32) -> u32 {
    n.max(1).next_power_of_two().trailing_zeros()
}
