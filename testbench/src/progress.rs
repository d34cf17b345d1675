// SPDX-License-Identifier: Apache-2.0
//! How the library talks while it works; it never prints by itself.

/// Receives what a long operation is doing.
pub trait Progress {
    /// A new step begins, for example `building the model`.
    fn step(&mut self, text: &str);

    /// The present step has done `done` of `total` units (packets, map entries).
    fn advance(&mut self, done: u64, total: u64) {
        let _ = (done, total);
    }
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn step(&mut self, _text: &str) {}
}
