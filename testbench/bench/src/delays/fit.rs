// SPDX-License-Identifier: Apache-2.0
//! Measured periods to the parameters of the delay model.
//!
//! The model is linear in three of them: overhead, level and carry. What each operation counts of each is asked from the
//! model itself, by setting one parameter alone; then the sum of squared errors is made least.

use bpf2hdl::target::{Delays, Logic};

/// Unit of the question to the model, picoseconds.
const UNIT: u32 = 6000;

/// Overhead, level and carry, picoseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fit {
    pub(super) overhead_ps: f64,
    pub(super) level_ps: f64,
    pub(super) carry_ps: f64,
}

/// How often an operation counts the overhead, a level, a bit of carry.
fn counts(present: &Delays, logic: Logic) -> [f64; 3] {
    let alone = |level_ps, carry_ps| {
        let delays = Delays { level_ps, carry_ps, chain_ps: 0, ..*present };
        f64::from(delays.of(logic)) / f64::from(UNIT)
    };
    [1.0, alone(UNIT, 0), alone(0, UNIT)]
}

/// What the model says of an operation apart from these three: a chain's ends, which are not fitted.
fn rest(present: &Delays, logic: Logic) -> f64 {
    f64::from(Delays { level_ps: 0, carry_ps: 0, ..*present }.of(logic))
}

/// The parameters that fit best; `None` if the operations do not determine them.
pub(super) fn fit(present: &Delays, measured: &[(Logic, f64)]) -> Option<Fit> {
    let mut normal = [[0.0; 4]; 3];
    for &(logic, ps) in measured {
        let row = counts(present, logic);
        let ps = ps - rest(present, logic);
        for (i, line) in normal.iter_mut().enumerate() {
            for (j, cell) in line.iter_mut().enumerate() {
                *cell += row[i] * row.get(j).copied().unwrap_or(ps);
            }
        }
    }
    let [overhead_ps, level_ps, carry_ps] = solve(normal)?;
    Some(Fit { overhead_ps, level_ps, carry_ps })
}

/// Gauss's elimination, with the largest element as pivot.
fn solve(mut lines: [[f64; 4]; 3]) -> Option<[f64; 3]> {
    for column in 0..3 {
        let pivot = (column..3).max_by(|&a, &b| lines[a][column].abs().total_cmp(&lines[b][column].abs()))?;
        lines.swap(column, pivot);
        if lines[column][column].abs() < 1e-9 {
            return None;
        }
        for other in 0..3 {
            if other != column {
                let factor = lines[other][column] / lines[column][column];
                let source = lines[column];
                for (cell, from) in lines[other].iter_mut().zip(source) {
                    *cell -= factor * from;
                }
            }
        }
    }
    Some([0, 1, 2].map(|n| lines[n][3] / lines[n][n]))
}

impl Fit {
    /// The model with these parameters, rounded to 10 ps (carry: to 1 ps).
    pub(super) fn apply(&self, present: &Delays) -> Delays {
        let rounded = |value: f64, unit: f64| ((value / unit).round() * unit).max(0.0) as u32;
        Delays {
            overhead_ps: rounded(self.overhead_ps, 10.0),
            level_ps: rounded(self.level_ps, 10.0),
            carry_ps: rounded(self.carry_ps, 1.0),
            ..*present
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_of_a_model_are_found_again() {
        let truth = bpf2hdl::target::find("ecp5").unwrap().delays;
        let list =
            [Logic::Bitwise, Logic::Sum(16), Logic::Sum(64), Logic::Equal(64), Logic::Choice(16), Logic::Less(64)];
        let measured = list.map(|logic| (logic, f64::from(truth.overhead_ps + truth.of(logic))));
        let start = Delays { overhead_ps: 1, level_ps: 1, carry_ps: 1, ..truth };
        assert_eq!(fit(&start, &measured).unwrap().apply(&start), truth);
    }

    #[test]
    fn too_little_is_not_enough() {
        let present = bpf2hdl::target::find("ecp5").unwrap().delays;
        assert_eq!(fit(&present, &[(Logic::Bitwise, 2000.0)]), None);
    }
}
