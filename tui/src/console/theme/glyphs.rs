//! The signs that lines, bars and marks are made of.

use ratatui::symbols::border;

/// One set of signs. Each is one column wide.
#[derive(Debug)]
pub struct Glyphs {
    /// Frames of panels.
    pub border: border::Set<'static>,
    /// Levels of a sparkline, from nothing to full.
    pub levels: [&'static str; 9],
    /// Eighths of a bar, from one to a whole cell.
    pub eighths: [&'static str; 8],
    /// A cell of waiting on a time line.
    pub waiting: &'static str,
    /// A time line that goes on.
    pub running: &'static str,
    /// What is marked, or alive.
    pub dot: &'static str,
    /// The row under the cursor.
    pub cursor: &'static str,
    /// What calls for attention.
    pub alert: &'static str,
    /// It has come out well.
    pub yes: &'static str,
    /// It has not.
    pub no: &'static str,
    /// Leads from one state to the next.
    pub arrow: &'static str,
    /// Sorted upwards.
    pub up: &'static str,
    /// Sorted downwards.
    pub down: &'static str,
    /// Stands in for what did not fit.
    pub ellipsis: &'static str,
    /// Between facts on one line.
    pub separator: &'static str,
    /// Nothing is there.
    pub nothing: &'static str,
    /// No more than.
    pub most: &'static str,
    /// A horizontal rule.
    pub rule: &'static str,
}

/// Block elements and box drawing.
pub const UNICODE: Glyphs = Glyphs {
    border: border::PLAIN,
    levels: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    eighths: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"],
    waiting: "░",
    running: "▶",
    dot: "●",
    cursor: "▶",
    alert: "▲",
    yes: "✓",
    no: "✗",
    arrow: "→",
    up: "↑",
    down: "↓",
    ellipsis: "…",
    separator: "·",
    nothing: "–",
    most: "≤",
    rule: "─",
};

/// ASCII only, for terminals and fonts that have no more.
pub const ASCII: Glyphs = Glyphs {
    border: border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
    levels: [" ", ".", ".", ":", ":", "-", "=", "#", "#"],
    eighths: [".", ".", ":", ":", "=", "=", "#", "#"],
    waiting: ".",
    running: ">",
    dot: "*",
    cursor: ">",
    alert: "!",
    yes: "+",
    no: "x",
    arrow: ">",
    up: "^",
    down: "v",
    ellipsis: "~",
    separator: "|",
    nothing: "-",
    most: "<",
    rule: "-",
};

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    fn all(glyphs: &Glyphs) -> Vec<&'static str> {
        let border = &glyphs.border;
        let mut all = vec![
            border.top_left,
            border.top_right,
            border.bottom_left,
            border.bottom_right,
            border.vertical_left,
            border.vertical_right,
            border.horizontal_top,
            border.horizontal_bottom,
        ];
        all.extend(glyphs.levels.iter().chain(&glyphs.eighths).copied());
        all.extend([
            glyphs.waiting,
            glyphs.running,
            glyphs.dot,
            glyphs.cursor,
            glyphs.alert,
            glyphs.yes,
            glyphs.no,
            glyphs.arrow,
            glyphs.up,
            glyphs.down,
            glyphs.ellipsis,
            glyphs.separator,
            glyphs.nothing,
            glyphs.most,
            glyphs.rule,
        ]);
        all
    }

    #[test]
    fn every_sign_is_one_column_wide_and_those_of_ascii_are_ascii() {
        for glyph in all(&UNICODE).into_iter().chain(all(&ASCII)) {
            assert_eq!(glyph.width(), 1, "{glyph:?}");
        }
        assert!(all(&ASCII).iter().all(|glyph| glyph.is_ascii()));
    }
}
