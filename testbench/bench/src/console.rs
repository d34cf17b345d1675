// SPDX-License-Identifier: Apache-2.0
//! Tables of text: for a terminal, and as Markdown.

/// A table; all rows are as long as the titles.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Column titles.
    pub(crate) titles: Vec<String>,
    /// Cells.
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub(crate) fn new(titles: &[&str]) -> Self {
        Self { titles: titles.iter().map(|&title| title.to_owned()).collect(), rows: Vec::new() }
    }

    /// Whether a column holds numbers only, or nothing.
    fn numeric(&self, column: usize) -> bool {
        let number = |cell: &String| cell.chars().all(|c| c.is_ascii_digit() || ".,-% ".contains(c));
        self.rows.iter().all(|row| row.get(column).is_none_or(number))
    }

    /// Columns as wide as they need, numbers to the right.
    pub(crate) fn text(&self) -> String {
        let all = || std::iter::once(&self.titles).chain(&self.rows);
        let width = |column: usize| all().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let columns: Vec<(usize, bool)> = (0..self.titles.len()).map(|c| (width(c), self.numeric(c))).collect();
        let mut text = String::new();
        for row in all() {
            let cells = row.iter().zip(&columns).map(|(cell, &(width, numeric))| {
                if numeric { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
            text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
            text.push('\n');
        }
        text
    }

    /// A Markdown table.
    pub(crate) fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | ").replace('\n', " "));
        let rule: Vec<String> =
            (0..self.titles.len()).map(|c| if self.numeric(c) { "--:".to_owned() } else { "---".to_owned() }).collect();
        let rows = self.rows.iter().map(|row| line(row)).collect::<String>();
        format!("{}|{}|\n{rows}", line(&self.titles), rule.join("|"))
    }
}

/// A whole number with commas between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn numbers_stand_to_the_right() {
        let mut table = Table::new(&["name", "n"]);
        table.rows.push(vec!["a".into(), "1".into()]);
        table.rows.push(vec!["bb".into(), "1,000".into()]);
        assert_eq!(table.text(), "name      n\na         1\nbb    1,000\n");
        assert_eq!(table.markdown(), "| name | n |\n|---|--:|\n| a | 1 |\n| bb | 1,000 |\n");
    }
}
