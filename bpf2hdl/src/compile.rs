// SPDX-License-Identifier: Apache-2.0
//! The compiler as one function: from a linked program to a scheduled pipeline.

use crate::diag::Diagnostics;
use crate::ir::Function;
use crate::object::Linked;
use crate::pipe::{Pipeline, Runs};
use crate::target::Target;
use crate::{opt, sched, verify};

/// What to spend where a choice is open.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Optimize {
    /// Fewest stages at the clock. The default: what a stage costs is mostly registers, so few stages are also small.
    #[default]
    Latency,
    /// Fewest look-up tables and registers, at the price of stages.
    Area,
}

impl Optimize {
    /// Every choice.
    pub const ALL: [Optimize; 2] = [Optimize::Latency, Optimize::Area];

    /// Name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Optimize::Latency => "latency",
            Optimize::Area => "area",
        }
    }
}

/// What to build for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Options {
    /// FPGA family.
    pub target: &'static Target,
    /// Clock in MHz.
    pub clock_mhz: f64,
    /// Width of the packet bus: 64, 128, 256 or 512 bits.
    pub bus_bits: u32,
    /// What matters more.
    pub optimize: Optimize,
    /// Clocks from one token to the next, at least: 1, or as many as stages may share registers and logic. 1 to [`MAX_INTERVAL`].
    pub initiation_interval: u32,
}

/// The longest initiation interval.
pub const MAX_INTERVAL: u32 = 256;

impl Options {
    /// What the passes work towards.
    pub fn goal(&self) -> opt::Goal {
        let period_ps = (1_000_000.0 / self.clock_mhz) as u32;
        opt::Goal { optimize: self.optimize, delays: self.target.delays, period_ps }
    }
}

/// A compiled program.
#[derive(Clone, Debug)]
pub struct Design {
    /// What it was built for.
    pub options: Options,
    /// The optimised IR.
    pub function: Function,
    /// The scheduled pipeline.
    pub pipeline: Pipeline,
    /// Its registers.
    pub runs: Runs,
    /// Things the user should know.
    pub warnings: Diagnostics,
}

/// Compiles a program.
///
/// # Errors
/// Everything that can not be built, at once.
pub fn compile(program: &Linked, options: &Options) -> Result<Design, Diagnostics> {
    let (function, left_out) = verify::verify_with_warnings(program, &verify::LIMITS)?;
    let function = opt::optimize(function, &options.goal());
    let (pipeline, mut warnings) = sched::schedule(program, &function, options)?;
    warnings.append(program.warnings.clone());
    warnings.append(left_out);
    let runs = Runs::new(&pipeline);
    Ok(Design { options: *options, function, pipeline, runs, warnings: warnings.finish() })
}
