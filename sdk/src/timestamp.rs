//! Instants of the wall clock as they appear in records and on the wire.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Milliseconds since the Unix epoch, UTC. As text RFC 3339 with milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// This instant and some milliseconds more.
    #[must_use]
    pub fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this instant, zero when that lies later.
    #[must_use]
    pub fn millis_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whole seconds since the Unix epoch, as contracts count time.
    #[must_use]
    pub fn unix_seconds(self) -> u64 {
        self.0 / 1000
    }

    /// As text; none after the year 9999, which RFC 3339 does not know.
    fn text(self) -> Option<Text> {
        let instant = OffsetDateTime::from_unix_timestamp(i64::try_from(self.0 / 1000).ok()?).ok()?;
        let (year, month, day) = instant.to_calendar_date();
        let (hour, minute, second) = instant.to_hms();
        let mut text = Text(*b"0000-00-00T00:00:00.000Z");
        text.put(0..4, u64::try_from(year).ok().filter(|year| *year <= 9999)?);
        for (place, number) in [(5, u8::from(month)), (8, day), (11, hour), (14, minute), (17, second)] {
            text.put(place..place + 2, number.into());
        }
        text.put(20..23, self.0 % 1000);
        Some(text)
    }

    /// Reads an RFC 3339 text; digits below a millisecond are cut off.
    ///
    /// # Errors
    /// When the text is not RFC 3339 or lies before 1970.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let instant = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| TimestampError)?;
        let millis = instant.unix_timestamp_nanos() / 1_000_000;
        u64::try_from(millis).map(Self).map_err(|_| TimestampError)
    }
}

/// A text is not an RFC 3339 instant since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 date and time, such as 2030-01-31T12:00:00Z")]
pub struct TimestampError;

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => f.write_str(text.as_str()),
            None => write!(f, "{}ms", self.0),
        }
    }
}

/// An instant as text. Every order that is told has several of them.
struct Text([u8; 24]);

impl Text {
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Writes a number that has at most so many digits.
    fn put(&mut self, place: std::ops::Range<usize>, mut number: u64) {
        for digit in self.0[place].iter_mut().rev() {
            *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
            number /= 10;
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => match self.text() {
                Some(text) => serializer.serialize_str(text.as_str()),
                None => serializer.collect_str(self),
            },
            false => serializer.serialize_u64(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.is_human_readable() {
            true => {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(de::Error::custom)
            }
            false => u64::deserialize(deserializer).map(Self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_instant_are_inverse_to_the_millisecond() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_792_536_300_123, "2026-10-20T22:45:00.123Z"),
            (4_102_444_799_999, "2099-12-31T23:59:59.999Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Timestamp(millis).to_string(), text);
            assert_eq!(Timestamp::parse(text), Ok(Timestamp(millis)));
        }
        assert_eq!(Timestamp(253_402_300_800_000).to_string(), "253402300800000ms");
        assert_eq!(serde_json::to_string(&Timestamp(0)).unwrap(), "\"1970-01-01T00:00:00.000Z\"");
        assert_eq!(Timestamp::parse("2026-10-20T22:45:00+02:00"), Ok(Timestamp(1_792_529_100_000)));
        assert!(Timestamp::parse("tomorrow").is_err());
        assert!(Timestamp::parse("1969-01-01T00:00:00Z").is_err());
    }
}
