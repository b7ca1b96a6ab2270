//! Text in columns.

use std::{
    borrow::Cow,
    io::{self, Write},
};

const GAP: &str = "  ";

/// Rows whose columns are as wide as they need to be.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<Vec<String>>);

impl Table {
    /// A table with these titles.
    pub(crate) fn titled(titles: &[&str]) -> Self {
        Self(vec![titles.iter().map(ToString::to_string).collect()])
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.0.push(cells.iter().map(|cell| plain(cell).into_owned()).collect());
    }

    /// Writes the rows; no line ends in spaces.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = self.0.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.0 {
            let cells = row.iter().zip(&widths);
            let cells: Vec<_> = cells.map(|(cell, width)| format!("{cell:width$}")).collect();
            writeln!(out, "{}", cells.join(GAP).trim_end())?;
        }
        Ok(())
    }
}

/// A text that cannot move the cursor, colour the screen or break a row, whatever it holds.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    match text.contains(char::is_control) {
        false => Cow::Borrowed(text),
        true => text
            .chars()
            .flat_map(|c| match c.is_control() {
                true => c.escape_default().collect::<Vec<_>>(),
                false => vec![c],
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_control_characters_shown() {
        let mut table = Table::titled(&["ID", "NAME"]);
        table.row(["1234", "ä"]);
        table.row(["1", "\u{1b}[31mred\n"]);
        let mut out = Vec::new();
        table.write(&mut out).unwrap();
        let expected = "ID    NAME\n1234  ä\n1     \\u{1b}[31mred\\n\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
