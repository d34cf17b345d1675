// SPDX-License-Identifier: Apache-2.0
//! Every form of a program between BPF and RTL, run on the same packets, to find the first one that is wrong.
//!
//! A *form* is the code as the front end leaves it (`00-verify`), the code after each pass (`01-dead`, ...), and the
//! scheduled pipeline (`pipe`); the names are those of the files that `compile --emit passes,pipe` writes. Each can be
//! run by itself, so the compiler may be cut anywhere: the first form whose packets, verdicts or maps differ from the
//! reference names the step that broke the program.
//!
//! | file | what |
//! |---|---|
//! | `forms` | the list of forms |
//! | `run` | one form on a list of packets |
//! | `search` | whether a form differs, and at which packet |
//! | `values` | inside that packet: the first value that the last good form does not have |
//!
//! Cost: one interpretation of each form, and where only maps differ another `2 log2(packets)`.

mod forms;
mod run;
mod search;
mod values;

pub use forms::{Body, Form, Forms, Replacement, forms};
pub use run::Observed;
pub use search::{Fault, Trial, first_fault, packet_of};
pub use values::{ValueDifference, first_value, is_hazard};
