// SPDX-License-Identifier: Apache-2.0
//! Writing lines: alignment, wrapping, comments. Knows nothing of what it writes.

/// Code is wrapped before this column, comments end before [`LIMIT`].
const SOFT_LIMIT: usize = 118;
/// No line is longer.
const LIMIT: usize = 138;
/// Trailing comments are aligned up to this column.
const MAX_COLUMN: usize = 64;

/// A file that grows line by line.
#[derive(Default)]
pub(super) struct Text {
    out: String,
}

/// One declaration: bits, name, comment (may be empty).
pub(super) struct Decl {
    pub(super) width: u32,
    pub(super) name: String,
    pub(super) comment: String,
}

impl Text {
    /// The finished text.
    pub(super) fn finish(self) -> String {
        self.out
    }

    /// An empty line, but never two.
    pub(super) fn blank(&mut self) {
        if !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// A line as it is.
    pub(super) fn line(&mut self, indent: usize, text: &str) {
        if !text.is_empty() {
            self.out.extend(std::iter::repeat_n(' ', indent));
            self.out.push_str(text);
        }
        self.out.push('\n');
    }

    /// A comment, wrapped at words. `mark` is `//` or `///`.
    fn marked(&mut self, indent: usize, mark: &str, text: &str) {
        let room = LIMIT - 18 - indent - mark.len();
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && line.len() + 1 + word.len() > room {
                self.line(indent, &format!("{mark} {line}"));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.line(indent, &format!("{mark} {line}"));
    }

    /// A `//` comment, wrapped at words.
    pub(super) fn comment(&mut self, indent: usize, text: &str) {
        self.marked(indent, "//", text);
    }

    /// A `///` comment, wrapped at words.
    pub(super) fn doc(&mut self, text: &str) {
        self.marked(0, "///", text);
    }

    /// A one-line comment that keeps its blanks and is cut where it gets too long.
    pub(super) fn remark(&mut self, indent: usize, text: &str) {
        let room = LIMIT - indent - 3;
        let text = if text.chars().count() > room {
            format!("{}...", text.chars().take(room - 3).collect::<String>())
        } else {
            text.to_owned()
        };
        self.line(indent, &format!("// {text}"));
    }

    /// A section heading.
    pub(super) fn heading(&mut self, title: &str) {
        self.blank();
        let rule = "-".repeat(SOFT_LIMIT.saturating_sub(title.len() + 9));
        self.line(2, &format!("// -- {title} {rule}"));
    }

    /// A statement (trailing blanks pad it to its comment), wrapped at blanks; a trailing comment goes before it where it does not fit behind it.
    pub(super) fn code(&mut self, indent: usize, code: &str, comment: &str) {
        let mut lines = Vec::new();
        let mut rest = if code.len() + indent > SOFT_LIMIT { code.trim_end() } else { code };
        let mut pad = indent;
        while rest.len() + pad > SOFT_LIMIT {
            let room = SOFT_LIMIT - pad;
            let Some(cut) = rest[..room].rfind(' ').or_else(|| rest.find(' ')) else { break };
            lines.push((pad, rest[..cut].trim_end()));
            rest = &rest[cut + 1..];
            pad = indent + 4;
        }
        lines.push((pad, rest));
        let last = lines.last().map_or(0, |(pad, text)| pad + text.len());
        let is_behind = !comment.is_empty() && lines.len() == 1 && last + comment.len() + 5 <= LIMIT;
        if !comment.is_empty() && !is_behind {
            self.remark(indent, comment);
        }
        for (pad, text) in &lines {
            let line = if is_behind { format!("{text}  // {comment}") } else { text.trim_end().to_owned() };
            self.line(*pad, &line);
        }
    }

    /// Lines with aligned trailing comments (where the lines are not too different in length).
    pub(super) fn aligned(&mut self, indent: usize, rows: &[(String, String)]) {
        let commented = rows.iter().filter(|(_, comment)| !comment.is_empty());
        let column = commented.map(|(code, _)| code.len()).filter(|&n| n <= MAX_COLUMN).max().unwrap_or(0);
        for (code, comment) in rows {
            if comment.is_empty() {
                self.code(indent, code, "");
            } else {
                self.code(indent, &format!("{code:column$}"), comment);
            }
        }
    }

    /// Declarations of any type with aligned names: type, name, comment.
    pub(super) fn typed(&mut self, indent: usize, decls: &[(String, String, String)]) {
        let column = decls.iter().map(|(kind, ..)| kind.len()).max().unwrap_or(0);
        let rows: Vec<_> =
            decls.iter().map(|(kind, name, comment)| (format!("{kind:column$} {name};"), comment.clone())).collect();
        self.aligned(indent, &rows);
    }

    /// `logic` declarations with aligned names.
    pub(super) fn decls(&mut self, indent: usize, decls: &[Decl]) {
        let rows: Vec<_> = decls.iter().map(|d| (logic(d.width), d.name.clone(), d.comment.clone())).collect();
        self.typed(indent, &rows);
    }

    /// Assignments with aligned operators: left, right, comment.
    pub(super) fn assigns(&mut self, indent: usize, operator: &str, prefix: &str, rows: &[(String, String, String)]) {
        let column = rows.iter().map(|r| r.0.len()).max().unwrap_or(0).min(40);
        let rows: Vec<_> = rows
            .iter()
            .map(|(left, right, comment)| (format!("{prefix}{left:column$} {operator} {right};"), comment.clone()))
            .collect();
        self.aligned(indent, &rows);
    }

    /// An instance: one port a line, aligned.
    pub(super) fn instance(
        &mut self,
        module: &str,
        parameters: &[(&str, String)],
        name: &str,
        ports: &[(String, String)],
    ) {
        let list: Vec<String> = parameters.iter().map(|(p, v)| format!(".{p}({v})")).collect();
        let head = if list.is_empty() {
            format!("{module} {name} (")
        } else {
            format!("{module} #({}) {name} (", list.join(", "))
        };
        self.code(2, &head, "");
        let column = ports.iter().map(|(p, _)| p.len()).max().unwrap_or(0);
        for (i, (port, value)) in ports.iter().enumerate() {
            let comma = if i + 1 < ports.len() { "," } else { "" };
            let code =
                if value.is_empty() { format!(".{port}{comma}") } else { format!(".{port:column$} ({value}){comma}") };
            self.code(4, &code, "");
        }
        self.line(2, ");");
    }
}

/// A number of things: `1 clock`, `2 clocks`.
pub(super) fn count(n: u32, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The value whose condition holds, from pairs of condition and value; where none does, it does not matter which. Empty without pairs.
pub(super) fn choose(choices: impl DoubleEndedIterator<Item = (String, String)>) -> String {
    let mut choices = choices.rev();
    let last = choices.next().map_or_else(String::new, |(_, value)| value);
    choices.fold(
        last,
        |rest, (condition, value)| {
            if value == rest { rest } else { format!("{condition} ? {value} : {rest}") }
        },
    )
}

/// The type of a signal.
pub(super) fn logic(width: u32) -> String {
    if width == 1 { "logic".to_owned() } else { format!("logic [{}:0]", width - 1) }
}

/// A constant: one bit in binary, zero short, everything else in hexadecimal with groups where it is long.
pub(super) fn constant(value: u64, width: u32) -> String {
    if width == 1 {
        return format!("1'b{value}");
    }
    if value == 0 {
        return format!("{width}'h0");
    }
    let mut digits = format!("{value:x}");
    if width <= 32 {
        digits = format!("{value:0digits$x}", digits = width.div_ceil(4) as usize);
    }
    if digits.len() > 8 {
        let first = digits.len() % 4;
        let mut groups = vec![&digits[..first]];
        groups.extend((first..digits.len()).step_by(4).map(|at| &digits[at..at + 4]));
        groups.retain(|g| !g.is_empty());
        return format!("{width}'h{}", groups.join("_"));
    }
    format!("{width}'h{digits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_readable() {
        let cases = [
            (1, 1, "1'b1"),
            (0, 48, "48'h0"),
            (8, 16, "16'h0008"),
            (5, 3, "3'h5"),
            (1, 64, "64'h1"),
            (0x1_0000_0002, 64, "64'h1_0000_0002"),
            (u64::MAX, 64, "64'hffff_ffff_ffff_ffff"),
        ];
        for (value, width, text) in cases {
            assert_eq!(constant(value, width), text);
        }
    }

    #[test]
    fn long_statements_are_wrapped_and_comments_move_ahead() {
        let mut text = Text::default();
        text.code(2, &format!("assign x = {{{}}};", vec!["abcdefghi"; 20].join(", ")), "insn 1");
        let text = text.finish();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines.len(), lines[0]), (4, "  // insn 1"));
        assert!(lines.iter().all(|line| line.len() <= SOFT_LIMIT) && lines[2].starts_with("      abc"));
    }
}
