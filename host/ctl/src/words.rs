// SPDX-License-Identifier: Apache-2.0
//! The words of a command line, and keywords by prefix as bpftool takes them (`m du na foo`).
//!
//! bpftool takes the first keyword of its list that begins with the word. Lists here begin with bpftool's own keywords in its order,
//! behind `own` come ours: among those a prefix must be unambiguous.

use crate::error::{Code, Failure, Result};

/// A list of keywords.
pub(crate) struct Keywords {
    /// What they are, for messages: `map command`.
    pub(crate) what: &'static str,
    /// bpftool's, in its order.
    pub(crate) bpftool: &'static [&'static str],
    /// Ours.
    pub(crate) own: &'static [&'static str],
}

impl Keywords {
    /// The keyword that a word stands for.
    pub(crate) fn find(&self, word: &str) -> Result<&'static str> {
        let all = || self.bpftool.iter().chain(self.own).copied();
        if let Some(exact) = all().find(|keyword| *keyword == word) {
            return Ok(exact);
        }
        let begins = |keyword: &&'static str| !word.is_empty() && keyword.starts_with(word);
        if let Some(first) = self.bpftool.iter().copied().find(|keyword| begins(keyword)) {
            return Ok(first);
        }
        let ours: Vec<&'static str> = self.own.iter().copied().filter(|keyword| begins(keyword)).collect();
        match ours[..] {
            [one] => Ok(one),
            [] => {
                let known: Vec<&str> = all().collect();
                let text = format!("there is no {} `{word}`; there are {}", self.what, known.join(", "));
                Err(Failure::new(Code::Usage, text))
            }
            _ => {
                let text = format!("{} `{word}` is ambiguous: {}", self.what, ours.join(", "));
                Err(Failure::new(Code::Usage, text))
            }
        }
    }
}

/// The words that are left.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    words: Vec<String>,
    at: usize,
}

impl Words {
    /// All of them.
    pub(crate) fn new(words: Vec<String>) -> Self {
        Self { words, at: 0 }
    }

    /// Whether none is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.at >= self.words.len()
    }

    /// The next word, which stays.
    pub(crate) fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    /// The word behind that.
    pub(crate) fn peek_second(&self) -> Option<&str> {
        self.words.get(self.at + 1).map(String::as_str)
    }

    /// The next word.
    pub(crate) fn next(&mut self) -> Option<String> {
        let word = self.words.get(self.at).cloned();
        self.at += usize::from(word.is_some());
        word
    }

    /// The next word, which has to be there: `what` it is.
    pub(crate) fn need(&mut self, what: &str) -> Result<String> {
        self.next().ok_or_else(|| Failure::new(Code::Usage, format!("{what} is missing at the end of the command")))
    }

    /// Takes the next word if it is a prefix of the keyword.
    pub(crate) fn take(&mut self, keyword: &str) -> bool {
        let is = self.peek().is_some_and(|word| !word.is_empty() && keyword.starts_with(word));
        self.at += usize::from(is);
        is
    }

    /// Nothing may be left.
    pub(crate) fn end(&self) -> Result<()> {
        match self.peek() {
            None => Ok(()),
            Some(word) => Err(Failure::new(Code::Usage, format!("`{word}` is one word too many"))),
        }
    }

    /// What is left, taken.
    pub(crate) fn rest(&mut self) -> Vec<String> {
        let rest = self.words.split_off(self.at.min(self.words.len()));
        self.at = self.words.len();
        rest
    }

    /// Takes `dev DEVICE` (or `offload_dev DEVICE`) off the end.
    pub(crate) fn device(&mut self) -> Option<String> {
        let length = self.words.len();
        let keyword = self.words.get(length.checked_sub(2).filter(|at| *at >= self.at)?)?;
        if keyword != "dev" && keyword != "offload_dev" {
            return None;
        }
        let device = self.words.pop();
        self.words.pop();
        device
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: Keywords =
        Keywords { what: "object", bpftool: &["prog", "map", "perf", "net"], own: &["sim", "stats", "status"] };

    #[test]
    fn prefixes_as_bpftool_takes_them() {
        for (word, expected) in [("p", "prog"), ("pe", "perf"), ("m", "map"), ("si", "sim"), ("status", "status")] {
            assert_eq!(LIST.find(word).expect(word), expected);
        }
        for (word, text) in
            [("st", "ambiguous: stats, status"), ("x", "there is no object"), ("", "there is no"), ("maps", "no")]
        {
            let failure = LIST.find(word).expect_err(word);
            assert!(failure.message.contains(text), "{}", failure.message);
            assert_eq!(failure.status(), 2);
        }
    }

    #[test]
    fn the_device_is_at_the_end() {
        let words = |text: &str| Words::new(text.split(' ').map(str::to_owned).collect());
        let mut both = words("map show dev sim:x");
        assert_eq!(both.device().as_deref(), Some("sim:x"));
        assert_eq!((both.next().as_deref(), both.next().as_deref(), both.next()), (Some("map"), Some("show"), None));
        assert_eq!(words("map dump name dev").device(), None);
        assert_eq!(words("dev").device(), None);
        let mut short = words("m du na foo");
        assert!(short.take("map") && short.take("dump") && !short.take("id") && short.take("name"));
        assert!(short.end().is_err());
    }
}
