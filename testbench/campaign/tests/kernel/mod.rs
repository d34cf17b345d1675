// SPDX-License-Identifier: Apache-2.0
//! What all tests of campaigns need.
#![allow(clippy::print_stderr, reason = "tests say what they skipped")]

use bpf2hdl_testbench::oracle::kernel;

/// Whether the kernel can be used. In CI it must be.
pub(crate) fn kernel_or_skip(test: &str) -> bool {
    match kernel::available() {
        Ok(()) => true,
        Err(reason) => {
            assert!(std::env::var_os("CI").is_none(), "{test}: the kernel oracle is missing in CI: {reason}");
            eprintln!("SKIPPED {test}: {reason}");
            false
        }
    }
}
