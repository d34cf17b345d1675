// SPDX-License-Identifier: Apache-2.0
//! `--stall`: how the outputs of the simulated hardware take beats.

use bpf2hdl_testbench::ReadyPattern;

/// A pattern for each output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stalls {
    pub(crate) pass: ReadyPattern,
    pub(crate) tx: ReadyPattern,
    pub(crate) redirect: ReadyPattern,
    pub(crate) event: ReadyPattern,
}

/// Parses a list of `PATTERN`, for all outputs, and `OUTPUT=PATTERN`.
pub(crate) fn parse(text: &str) -> Result<Stalls, String> {
    let mut stalls = all(ReadyPattern::Always);
    for item in text.split(',') {
        let (output, name) = item.split_once('=').map_or((None, item), |(output, name)| (Some(output), name));
        let pattern = pattern(name)?;
        match output {
            None => stalls = all(pattern),
            Some("pass") => stalls.pass = pattern,
            Some("tx") => stalls.tx = pattern,
            Some("redirect") => stalls.redirect = pattern,
            Some("event") => stalls.event = pattern,
            Some(other) => return Err(format!("there is no output `{other}`: pass, tx, redirect or event")),
        }
    }
    Ok(stalls)
}

fn all(pattern: ReadyPattern) -> Stalls {
    Stalls { pass: pattern, tx: pattern, redirect: pattern, event: pattern }
}

fn pattern(name: &str) -> Result<ReadyPattern, String> {
    match name {
        "none" => Ok(ReadyPattern::Always),
        "adversarial" => Ok(ReadyPattern::Adversarial),
        "never" => Ok(ReadyPattern::Never),
        "random" => Ok(ReadyPattern::Random { numerator: 1, denominator: 2 }),
        _ => match name.strip_prefix("random/").map(str::parse) {
            Some(Ok(denominator)) if denominator > 0 => Ok(ReadyPattern::Random { numerator: 1, denominator }),
            _ => Err(format!("`{name}` is no pattern: none, random, random/N, adversarial or never")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_for_all_outputs_or_for_one() {
        let stalls = parse("random,tx=never").expect("it is a list of patterns");
        let random = ReadyPattern::Random { numerator: 1, denominator: 2 };
        assert_eq!(stalls, Stalls { tx: ReadyPattern::Never, ..all(random) });
        let slow = parse("redirect=random/8").expect("it is a pattern").redirect;
        assert_eq!(slow, ReadyPattern::Random { numerator: 1, denominator: 8 });
        assert!(parse("random/0").is_err() && parse("random/x").is_err());
        assert!(parse("sometimes").is_err_and(|e| e.contains("sometimes")));
        assert!(parse("rx=never").is_err_and(|e| e.contains("rx")));
        assert!(parse("").is_err());
    }
}
