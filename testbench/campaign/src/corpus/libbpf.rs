// SPDX-License-Identifier: Apache-2.0
//! Whether the kernel loads an object that our linker does not take: bpftool's word, which loads it with libbpf.

use super::row::Kernel;
use std::path::Path;
use std::process::{Command, Output};

/// Loads all programs of the object with bpftool and removes them again.
///
/// libbpf gives up with the first program that is refused, so about the others nothing is known then.
pub(super) fn loads(object: &Path, program: &str) -> Kernel {
    let place = format!("/sys/fs/bpf/bpf2hdl-corpus-{}", std::process::id());
    let run = |arguments: &[&str]| Command::new("bpftool").args(arguments).output();
    let output = run(&["prog", "loadall", &object.to_string_lossy(), &place]);
    // Not there if nothing was loaded.
    let _ = std::fs::remove_dir_all(&place);
    match output {
        Err(error) => Kernel::Unknown(format!("bpftool: {error}")),
        Ok(Output { status, .. }) if status.success() => Kernel::Loads,
        Ok(Output { stderr, .. }) => said(&String::from_utf8_lossy(&stderr), program),
    }
}

fn said(text: &str, program: &str) -> Kernel {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let failed = |line: &&&str| line.contains("failed") || line.starts_with("Error");
    let reason = lines.iter().find(failed).or(lines.last()).map_or("no reason", |line| line);
    let named = text.split("prog '").skip(1).filter_map(|rest| rest.split_once('\'')).any(|(name, _)| name == program);
    match named || program.is_empty() {
        true => Kernel::Refuses(format!("libbpf: {reason}")),
        false => Kernel::Unknown(format!("libbpf gave up before it: {reason}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_that_failed_is_told_from_the_others() {
        let text = "libbpf: prog 'one': BPF program load failed: Invalid argument\nError: failed to load object file\n";
        assert!(matches!(said(text, "one"), Kernel::Refuses(_)));
        assert!(matches!(said(text, "two"), Kernel::Unknown(_)));
        assert!(matches!(said(text, ""), Kernel::Refuses(why) if why.contains("Invalid argument")));
    }
}
