//! Text in columns.

use std::{
    borrow::Cow,
    io::{self, Write},
};
use unicode_width::UnicodeWidthStr;

const GAP: &str = "  ";

/// Rows whose columns are as wide as they need to be.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    /// How wide columns are at the least.
    least: Vec<usize>,
}

impl Table {
    /// A table with these titles.
    pub(crate) fn titled(titles: &[&str]) -> Self {
        Self { rows: vec![titles.iter().map(ToString::to_string).collect()], least: Vec::new() }
    }

    /// The same table with columns that are so wide at the least: so that tables which follow each other look like one.
    pub(crate) fn at_least(self, least: &[usize]) -> Self {
        Self { least: least.to_vec(), ..self }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.rows.push(cells.iter().map(|cell| plain(cell).into_owned()).collect());
    }

    /// Whether there is anything below the titles.
    pub(crate) fn has_rows(&self) -> bool {
        self.rows.len() > 1
    }

    /// Writes the rows; no line ends in spaces.
    pub(crate) fn write(&self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            let least = self.least.get(column).copied().unwrap_or_default();
            cells.map(|cell| cell.width()).max().unwrap_or_default().max(least)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let cells = row.iter().zip(&widths);
            let cells: Vec<_> = cells.map(|(cell, width)| padded(cell, *width)).collect();
            writeln!(out, "{}", cells.join(GAP).trim_end())?;
        }
        Ok(())
    }
}

fn padded(cell: &str, width: usize) -> String {
    format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width())))
}

/// A text that cannot move the cursor, colour the screen, break a row, or hide and turn around what stands beside it,
/// whatever it holds.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    match text.contains(is_active) {
        false => Cow::Borrowed(text),
        true => text
            .chars()
            .flat_map(|c| match is_active(c) {
                true => c.escape_default().collect::<Vec<_>>(),
                false => vec![c],
            })
            .collect(),
    }
}

/// Whether a terminal does something else with it than show it: control characters, and those of Unicode that are
/// invisible, break lines, or change the direction of writing.
pub(crate) fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_control_characters_shown() {
        let mut table = Table::titled(&["ID", "NAME", "X"]);
        table.row(["1234", "ä", "1"]);
        table.row(["1", "\u{1b}[31mred\n", "2"]);
        table.row(["2", "日本", "3"]);
        let mut out = Vec::new();
        table.write(&mut out).unwrap();
        let expected = "\
ID    NAME             X
1234  ä                1
1     \\u{1b}[31mred\\n  2
2     日本             3
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn what_would_turn_the_writing_around_or_hide_is_shown() {
        assert_eq!(plain("a\u{202e}b\u{200b}c\u{2066}d"), "a\\u{202e}b\\u{200b}c\\u{2066}d");
        assert!(matches!(plain("Zürich 日本 5 µs"), Cow::Borrowed(_)));
    }
}
