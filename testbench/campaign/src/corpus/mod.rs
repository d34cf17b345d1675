// SPDX-License-Identifier: Apache-2.0
//! Programs that strangers wrote, straight from packages: which of those that the kernel loads are compiled, and whether
//! they do what the kernel does.
//!
//! `testbench/setup/corpus.py` collects and compiles the objects and writes the list of them. Each program is judged in a
//! process of its own, so that a crash or an endless loop of the compiler is a finding about one program.
//!
//! | file | what |
//! |---|---|
//! | `row` | what is known of one program, as JSON |
//! | `judge` | one program: kernel, compiler, comparison |
//! | `libbpf` | whether the kernel loads an object that our linker does not take |
//! | `contents` | what maps hold before the first packet |
//! | `features` | what a program uses: maps, helpers, loops, ... |
//! | `directed` | packets with what the program looks for |
//! | `traffic` | frames as on a network, what others captured, and what the program looks for |
//! | `children` | all programs, each in its own process |
//! | `summary` | the table |

mod children;
mod contents;
mod directed;
mod features;
mod judge;
mod libbpf;
mod row;
mod summary;
mod traffic;

pub use children::{Settings, run};
pub use judge::judge;
pub use row::{Equal, Kernel, List, Refusal, Row};
pub use summary::{Counts, summary};
pub use traffic::Traffic;
