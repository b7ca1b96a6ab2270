//! Where an entry of the log lies, as it is written down in a run.

use crate::store::log::{Entry, Position};
use orderd_sdk::timestamp::Timestamp;

/// Where the log has the last entry of a key, and the time of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Place {
    pub(in crate::store) position: Position,
    pub(in crate::store) at: Timestamp,
}

/// What the last entry of a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Slot {
    /// The value that it has.
    Value(Place),
    /// That it has none any more.
    Removed(Position),
}

impl Slot {
    /// That of an entry which lies here.
    pub(in crate::store) fn of(entry: &Entry<'_>, position: Position) -> Self {
        match entry.value {
            Some(_) => Self::Value(Place { position, at: entry.at }),
            None => Self::Removed(position),
        }
    }

    /// Bytes of a slot that is written down.
    pub(super) const LEN: usize = 29;

    /// Where the entry lies.
    pub(in crate::store) fn position(&self) -> Position {
        match self {
            Self::Value(Place { position, .. }) | Self::Removed(position) => *position,
        }
    }

    /// Where the value lies, when there is one.
    pub(in crate::store) fn value(self) -> Option<Place> {
        match self {
            Self::Value(place) => Some(place),
            Self::Removed(_) => None,
        }
    }

    pub(super) fn encode(self, out: &mut Vec<u8>) {
        let (kind, position, at) = match self {
            Self::Value(Place { position, at }) => (1, position, at),
            Self::Removed(position) => (0, position, Timestamp::default()),
        };
        out.push(kind);
        for number in [position.file, position.offset, at.0] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&position.len.to_le_bytes());
    }

    pub(super) fn decode(bytes: &[u8; Self::LEN]) -> Self {
        let number = |start: usize| u64::from_le_bytes(std::array::from_fn(|index| bytes[start + index]));
        let len = u32::from_le_bytes(std::array::from_fn(|index| bytes[25 + index]));
        let position = Position { file: number(1), offset: number(9), len };
        match bytes[0] {
            0 => Self::Removed(position),
            _ => Self::Value(Place { position, at: Timestamp(number(17)) }),
        }
    }
}
