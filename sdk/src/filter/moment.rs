//! Instants and lengths of time as people write them: `15m`, `2h`, or a date with its time.

use crate::timestamp::Timestamp;
use std::fmt;

/// Milliseconds, written as a number of one of the [`UNITS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length(u64);

/// Units of time and their milliseconds, the longest first.
const UNITS: [(char, u64); 5] =
    [('w', 7 * 24 * 3_600_000), ('d', 24 * 3_600_000), ('h', 3_600_000), ('m', 60_000), ('s', 1000)];

impl Length {
    pub(super) fn read(text: &str) -> Option<Self> {
        let unit = text.chars().next_back()?;
        let (_, millis) = UNITS.into_iter().find(|(name, _)| *name == unit.to_ascii_lowercase())?;
        let number = &text[..text.len() - unit.len_utf8()];
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        number.parse::<u64>().ok()?.checked_mul(millis).map(Self)
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = UNITS.into_iter().find(|(_, millis)| self.0 > 0 && self.0.is_multiple_of(*millis));
        let (unit, millis) = whole.unwrap_or(('s', 1000));
        write!(f, "{}{unit}", self.0 / millis)
    }
}

/// An instant: so long ago, or fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Ago(Length),
    At(Timestamp),
}

impl Moment {
    pub(super) fn read(text: &str) -> Option<Self> {
        let length = Length::read(text).map(Self::Ago);
        length.or_else(|| Timestamp::parse(text).ok().map(Self::At))
    }

    /// The instant, where now is this.
    pub(super) fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Ago(Length(millis)) => Timestamp(now.0.saturating_sub(millis)),
            Self::At(instant) => instant,
        }
    }

    /// When it comes to be at this instant, unless it is fixed.
    pub(super) fn reaches(self, instant: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Ago(Length(millis)) => Some(instant.plus_millis(millis)),
            Self::At(_) => None,
        }
    }

    /// When it comes to be after this instant, unless it is fixed.
    pub(super) fn leaves_behind(self, instant: Timestamp) -> Option<Timestamp> {
        self.reaches(instant).map(|reached| reached.plus_millis(1))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ago(length) => length.fmt(f),
            Self::At(instant) => instant.fmt(f),
        }
    }
}

/// How long ago something was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    Above(Length),
    Below(Length),
}

impl Age {
    pub(super) fn read(text: &str) -> Option<Self> {
        match text.strip_prefix('>') {
            Some(length) => Length::read(length).map(Self::Above),
            None => Length::read(text.strip_prefix('<')?).map(Self::Below),
        }
    }

    pub(super) fn fits(self, since: Timestamp, now: Timestamp) -> bool {
        match self {
            Self::Above(Length(millis)) => now.millis_since(since) > millis,
            Self::Below(Length(millis)) => now.millis_since(since) < millis,
        }
    }

    /// From when on that is otherwise.
    pub(super) fn turns_at(self, since: Timestamp) -> Timestamp {
        match self {
            Self::Above(Length(millis)) => since.plus_millis(millis).plus_millis(1),
            Self::Below(Length(millis)) => since.plus_millis(millis),
        }
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Above(length) => write!(f, ">{length}"),
            Self::Below(length) => write!(f, "<{length}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_a_number_and_a_unit() {
        for (text, millis, written) in [
            ("0s", 0, "0s"),
            ("0w", 0, "0s"),
            ("90m", 5_400_000, "90m"),
            ("120M", 7_200_000, "2h"),
            ("3d", 259_200_000, "3d"),
            ("14d", 1_209_600_000, "2w"),
        ] {
            assert_eq!(Length::read(text), Some(Length(millis)), "{text}");
            assert_eq!(Length(millis).to_string(), written);
        }
        for text in ["", "m", "15", "-1m", "+1m", "1.5h", "1h30m", "9999999999999999999s", "5µ", "5 m"] {
            assert_eq!(Length::read(text), None, "{text}");
        }
    }

    #[test]
    fn an_age_excludes_its_bound() {
        let (then, now) = (Timestamp(1000), Timestamp(61_000));
        for (text, fits) in [(">60s", false), ("<60s", false), (">59s", true), ("<2m", true), (">1h", false)]
        {
            assert_eq!(Age::read(text).unwrap().fits(then, now), fits, "{text}");
        }
        assert_eq!(Age::read("5m"), None);
    }
}
