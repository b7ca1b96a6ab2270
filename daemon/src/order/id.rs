//! Names of orders.

use orderd_sdk::timestamp::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Names an order: a UUID version 7. Ids from one [`OrderIds`] grow strictly, so they sort by acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(u128);

/// A text is not an order id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an order id: expected a UUID of version 7")]
pub struct OrderIdError;

/// Makes ids: of each, the first 48 bits are its millisecond, the rest is chance (RFC 9562, section 5.7).
#[derive(Debug, Default)]
pub struct OrderIds {
    /// The payload of the last id: its 122 bits that are neither version nor variant.
    last: u128,
}

impl OrderIds {
    /// Has made none yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { last: 0 }
    }

    /// The next id at this instant, with these bits of chance. It is larger than every earlier one, also when the
    /// clock was set back or the bits repeat.
    pub fn next(&mut self, now: Timestamp, chance: u128) -> OrderId {
        let fresh = (u128::from(now.0 & MAX_MILLIS) << CHANCE_BITS) | (chance & ((1 << CHANCE_BITS) - 1));
        self.last = fresh.max(self.last + 1);
        OrderId::of_payload(self.last)
    }
}

/// What of an id's payload is chance.
const CHANCE_BITS: u32 = 74;
/// As much of a time as an id holds.
const MAX_MILLIS: u64 = (1 << 48) - 1;

impl OrderId {
    /// Puts version and variant to their places: 48 bits, version, 12 bits, variant, 62 bits.
    fn of_payload(payload: u128) -> Self {
        let (high, middle, low) = (payload >> 74, (payload >> 62) & 0xfff, payload & ((1 << 62) - 1));
        Self((high << 80) | (7 << 76) | (middle << 64) | (0b10 << 62) | low)
    }

    /// The lowest id of this instant: no later order has a lower one.
    #[must_use]
    pub fn lowest_at(at: Timestamp) -> Self {
        Self::of_payload(u128::from(at.0.min(MAX_MILLIS)) << CHANCE_BITS)
    }

    /// The id as 16 bytes whose order is the order of the ids.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// The id of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Uuid::from_u128(self.0).fmt(f)
    }
}

/// For people a text, in records a number.
impl Serialize for OrderId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.collect_str(self),
            false => self.0.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for OrderId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.is_human_readable() {
            true => String::deserialize(deserializer)?.parse().map_err(de::Error::custom),
            false => u128::deserialize(deserializer).map(Self),
        }
    }
}

impl FromStr for OrderId {
    type Err = OrderIdError;

    fn from_str(text: &str) -> Result<Self, OrderIdError> {
        let uuid = Uuid::try_parse(text).map_err(|_| OrderIdError)?;
        match text.len() == 36 && uuid.get_version_num() == 7 {
            true => Ok(Self(uuid.as_u128())),
            false => Err(OrderIdError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_of_version_seven_that_carry_their_millisecond() {
        let id = OrderIds::default().next(Timestamp(0x0192_3456_789a), u128::MAX);
        assert_eq!(id.to_string(), "01923456-789a-7fff-bfff-ffffffffffff");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn an_instant_has_a_lowest_id() {
        let lowest = OrderId::lowest_at(Timestamp(5));
        assert_eq!(lowest.to_string().parse(), Ok(lowest));
        let id = |millis, chance| OrderIds::default().next(Timestamp(millis), chance);
        assert_eq!(lowest, id(5, 0));
        assert!(id(4, u128::MAX) < lowest && lowest < id(5, 1));
        assert_eq!(OrderId::lowest_at(Timestamp(u64::MAX)), OrderId::lowest_at(Timestamp(MAX_MILLIS)));
    }

    #[test]
    fn an_id_is_a_text_for_people_and_a_number_in_records() {
        let id = OrderIds::default().next(Timestamp(1), 2);
        assert_eq!(serde_json::to_value(id).unwrap(), id.to_string());
        assert_eq!(serde_json::from_str::<OrderId>(&format!("\"{id}\"")).unwrap(), id);
        let record = postcard::to_stdvec(&id).unwrap();
        assert_eq!(record, postcard::to_stdvec(&id.0).unwrap());
        assert_eq!(postcard::from_bytes::<OrderId>(&record).unwrap(), id);
    }

    #[test]
    fn ids_grow_whatever_clock_and_chance_do() {
        let mut ids = OrderIds::default();
        let moments = [(5, 9), (5, 9), (5, 0), (4, u128::MAX), (6, 0), (6, 0)];
        let made: Vec<OrderId> = moments.map(|(now, chance)| ids.next(Timestamp(now), chance)).into();
        assert!(made.is_sorted_by(|earlier, later| earlier < later), "{made:?}");
        assert!(made.iter().all(|id| id.to_string().parse() == Ok(*id)));
    }
}
