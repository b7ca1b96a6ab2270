//! The lines that are kept: the newest, each with a number of its own that stays while others come and go.

use orderd_sdk::wire::LogLine;
use std::collections::VecDeque;

/// Entries that are kept.
const MOST: usize = 5_000;

/// A line, or a hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// A line.
    Line(LogLine),
    /// At least so many lines are missing here.
    Missed(u64),
}

/// The newest entries.
#[derive(Debug, Default)]
pub(super) struct Ring {
    entries: VecDeque<Entry>,
    /// The number of the first.
    first: u64,
}

impl Ring {
    pub(super) fn push(&mut self, entry: Entry) {
        self.entries.push_back(entry);
        if self.entries.len() > MOST {
            self.entries.pop_front();
            self.first += 1;
        }
    }

    /// An entry by its number, if it is still there.
    pub(super) fn get(&self, number: u64) -> Option<&Entry> {
        self.entries.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    /// All of them, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &Entry)> {
        (self.first..).zip(&self.entries)
    }

    /// How many lines are missing in all.
    pub(super) fn missed(&self) -> u64 {
        let missed = |entry: &Entry| match entry {
            Entry::Missed(lines) => *lines,
            Entry::Line(_) => 0,
        };
        self.entries.iter().map(missed).sum()
    }
}

/// Whether a line has this text, in whatever case, in its words, its target or its fields.
pub(super) fn has(line: &LogLine, wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&wanted);
    has(&line.message) || has(&line.target) || line.fields.iter().any(|(name, value)| has(name) || has(value))
}

/// The order that a line is about.
pub(super) fn order_of(line: &LogLine) -> Option<&str> {
    ["order", "order_id", "orderId"].into_iter().find_map(|name| line.fields.get(name)).map(String::as_str)
}
