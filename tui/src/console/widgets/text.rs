//! Text that fits, and that can do no harm on a terminal.

use orderd_sdk::timestamp::Timestamp;
use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A text that cannot move the cursor, colour the screen or break a line, whatever it holds.
#[must_use]
pub fn safe(text: &str) -> Cow<'_, str> {
    // Besides control characters, those that change the direction of text: they make it read otherwise than it is.
    let is_harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    match text.contains(is_harmful) {
        false => Cow::Borrowed(text),
        true => {
            let mut shown = String::with_capacity(text.len() + 8);
            for c in text.chars() {
                match is_harmful(c) {
                    true => shown.extend(c.escape_default()),
                    false => shown.push(c),
                }
            }
            Cow::Owned(shown)
        }
    }
}

/// A text in so many columns: cut, with `…` in place of the rest, or filled with blanks.
#[must_use]
pub fn pad(text: &str, columns: usize) -> String {
    filled(text, columns, "…")
}

/// The same with another sign in place of the rest.
#[must_use]
pub fn filled(text: &str, columns: usize, ellipsis: &str) -> String {
    let mut cut = fit(text, columns, ellipsis);
    let missing = columns.saturating_sub(cut.width());
    cut.extend(std::iter::repeat_n(' ', missing));
    cut
}

/// A text in so many columns at the most, with a sign in place of the rest.
#[must_use]
pub fn fit(text: &str, columns: usize, ellipsis: &str) -> String {
    let text = safe(text);
    if text.width() <= columns {
        return text.into_owned();
    }
    let room = columns.saturating_sub(ellipsis.width());
    let (mut cut, mut used) = (String::new(), 0);
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > room {
            break;
        }
        cut.push(c);
    }
    if columns > 0 {
        cut.push_str(ellipsis);
    }
    cut
}

/// A number with its thousands apart.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(' ');
        }
        shown.push(digit);
    }
    shown
}

/// A span of time in its two largest units: `640 ms`, `3.4 s`, `1m32s`, `2h05m`, `6d02h`.
#[must_use]
pub fn span(millis: u64) -> String {
    let seconds = millis / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match () {
        () if millis < 1000 => format!("{millis} ms"),
        () if seconds < 60 => format!("{seconds}.{} s", millis % 1000 / 100),
        () if minutes < 60 => format!("{minutes}m{:02}s", seconds % 60),
        () if hours < 24 => format!("{hours}h{:02}m", minutes % 60),
        () => format!("{days}d{:02}h", hours % 24),
    }
}

/// The time of day, UTC, with milliseconds.
#[must_use]
pub fn clock_millis(at: Timestamp) -> String {
    at.to_string().get(11..23).unwrap_or("--:--:--.---").to_owned()
}

/// The time of day, UTC, in seconds.
#[must_use]
pub fn clock(at: Timestamp) -> String {
    at.to_string().get(11..19).unwrap_or("--:--:--").to_owned()
}

/// An id as people tell it apart from others: its last characters, which are chance; the first are time.
#[must_use]
pub fn short_id(id: &str) -> String {
    let tail: Vec<char> = id.chars().rev().take(8).collect();
    safe(&tail.into_iter().rev().collect::<String>()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_wide_as_asked_whatever_is_in_it() {
        for text in [
            "",
            "abc",
            "abcdefghij",
            "日本語日本語",
            "a\u{1b}[31mb",
            "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
            "\u{202e}abc",
        ] {
            for columns in 0..9 {
                assert_eq!(pad(text, columns).width(), columns, "{text:?}");
            }
        }
        assert_eq!(pad("abcdef", 4), "abc…");
        assert_eq!(safe("a\u{1b}b\u{202e}"), "a\\u{1b}b\\u{202e}");
    }

    #[test]
    fn numbers_and_times_are_short() {
        assert_eq!([0, 999, 1000, 1_204_331].map(count), ["0", "999", "1 000", "1 204 331"]);
        let spans = [0, 640, 3_450, 92_000, 7_500_000, 525_600_000].map(span);
        assert_eq!(spans, ["0 ms", "640 ms", "3.4 s", "1m32s", "2h05m", "6d02h"]);
        assert_eq!(clock_millis(Timestamp(1_790_000_000_007)), "14:13:20.007");
        assert_eq!(short_id("01a0c1e2-0000-7000-8000-00000000abcd"), "0000abcd");
    }
}
