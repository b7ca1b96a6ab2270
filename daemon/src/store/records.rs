//! How everything is written down: the keys of the one key space, and versioned compact records.
//!
//! A key begins with one byte that says what the record is of. A record is one byte of [`VERSION`], then
//! postcard, which knows neither names nor types of fields: whoever changes a stored type raises the version
//! and reads the old one too. A test holds the bytes of today's version still.

use super::{Epoch, StoreError};
use crate::order::{Lane, Order, OrderId};
use orderd_sdk::{timestamp::Timestamp, wire::OrderStatus};
use postcard::ser_flavors::Flavor;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sled::IVec;

/// The version that is written. Every version that was ever released can be read; version 1 never was.
const VERSION: u8 = 2;

/// Orders that something can still happen to.
pub(super) const LIVE: u8 = b'a';
/// Orders that are [at rest](crate::order::Order::is_at_rest).
pub(super) const OVER: u8 = b'o';
/// The next free sequence of each lane.
pub(super) const LANE: u8 = b'l';
/// Idempotency keys.
pub(super) const CLAIM: u8 = b'i';
/// Facts about the store itself.
const EPOCH_KEY: &[u8] = b"mepoch";
const CURSOR_KEY: &[u8] = b"mcursor";

/// Who owns an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owner {
    /// The order that was accepted under the key.
    pub(super) order: OrderId,
    /// SHA-256 of the request that it was accepted from.
    pub(super) fingerprint: [u8; 32],
    /// When it was accepted.
    pub(super) accepted: Timestamp,
}

/// What a record is of; names it in errors.
#[derive(Clone, Copy, Debug)]
pub(super) enum Subject<'a> {
    Order(OrderId),
    /// By its key, when that is all there is.
    Key(&'a [u8]),
    Claim(&'a str),
    Epoch,
    Cursor,
}

impl Subject<'_> {
    /// The record cannot be read.
    pub(super) fn corrupt(self, reason: impl ToString) -> StoreError {
        let what = match self {
            Self::Order(id) => format!("order {id}"),
            Self::Key(key) => format!("key {}", key.escape_ascii()),
            Self::Claim(key) => format!("idempotency key {key:?}"),
            Self::Epoch => "the store's epoch".to_owned(),
            Self::Cursor => "the last cursor".to_owned(),
        };
        StoreError::Corrupt { what, reason: reason.to_string() }
    }
}

/// The key of an order among the live ones or those that are over: keys sort as the ids do.
pub(super) fn order_key(prefix: u8, id: OrderId) -> IVec {
    let mut key = [prefix; 17];
    key[1..].copy_from_slice(&id.to_bytes());
    IVec::from(&key[..])
}

/// The order that a key belongs to.
pub(super) fn order_of_key(key: &[u8]) -> Result<OrderId, StoreError> {
    let id = key.get(1..).and_then(|bytes| bytes.try_into().ok());
    id.map(OrderId::from_bytes).ok_or_else(|| Subject::Key(key).corrupt("the key of an order has 17 bytes"))
}

/// The time of an order: that of its last event.
pub(super) fn time_of(order: &Order) -> Timestamp {
    order.events.last().map(|event| event.at).unwrap_or_default()
}

/// The key of a lane.
pub(super) fn lane_key(lane: &Lane) -> Result<IVec, StoreError> {
    postcard::to_extend(lane, vec![LANE]).map(IVec::from).map_err(unwritable)
}

/// The lane that a key belongs to.
pub(super) fn lane_of_key(key: &[u8]) -> Result<Lane, StoreError> {
    postcard::from_bytes(&key[1..]).map_err(|error| Subject::Key(key).corrupt(error))
}

/// The key of an idempotency key.
pub(super) fn claim_key(key: &str) -> IVec {
    IVec::from([&[CLAIM], key.as_bytes()].concat())
}

/// The key of the store's epoch.
pub(super) fn epoch_key() -> IVec {
    IVec::from(EPOCH_KEY)
}

/// The key of the last cursor.
pub(super) fn cursor_key() -> IVec {
    IVec::from(CURSOR_KEY)
}

/// Writes records, reusing one buffer.
#[derive(Debug, Default)]
pub(super) struct Encoder(Vec<u8>);

impl Encoder {
    /// An order with its events. Its status comes first, so that a list can pass it over without reading it all.
    pub(super) fn order(&mut self, order: &Order) -> Result<IVec, StoreError> {
        self.record(&(order.state.status(), order))
    }

    /// Who owns an idempotency key.
    pub(super) fn owner(&mut self, owner: &Owner) -> Result<IVec, StoreError> {
        self.record(owner)
    }

    /// The next free sequence of a lane, or the last cursor.
    pub(super) fn number(&mut self, number: u64) -> Result<IVec, StoreError> {
        self.record(&number)
    }

    /// The store's epoch.
    pub(super) fn epoch(&mut self, epoch: Epoch) -> Result<IVec, StoreError> {
        self.record(&epoch.0)
    }

    fn record<T: Serialize>(&mut self, value: &T) -> Result<IVec, StoreError> {
        let mut buffer = std::mem::take(&mut self.0);
        buffer.clear();
        buffer.push(VERSION);
        self.0 = postcard::serialize_with_flavor(value, Buffer(buffer)).map_err(unwritable)?;
        Ok(IVec::from(self.0.as_slice()))
    }
}

/// Takes what is encoded, whole slices at once: what postcard has of its own for a buffer that is there goes byte by byte.
struct Buffer(Vec<u8>);

impl Flavor for Buffer {
    type Output = Vec<u8>;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<Vec<u8>> {
        Ok(self.0)
    }
}

fn unwritable(error: postcard::Error) -> StoreError {
    StoreError::Write(format!("a record cannot be encoded: {error}"))
}

/// Reads an order and checks that it is the one that was looked for, with all of its events.
pub(super) fn read_order(id: OrderId, record: &[u8]) -> Result<Order, StoreError> {
    let subject = Subject::Order(id);
    let (_, order): (OrderStatus, Order) = read(subject, record)?;
    if order.id != id {
        return Err(subject.corrupt(format!("it holds order {}", order.id)));
    }
    match order.events.iter().zip(1..).all(|(event, seq)| event.seq == seq) {
        true => Ok(order),
        false => Err(subject.corrupt("its events are not numbered 1, 2, 3, …")),
    }
}

/// Reads no more of an order than its status.
pub(super) fn read_status(id: OrderId, record: &[u8]) -> Result<OrderStatus, StoreError> {
    read_start(Subject::Order(id), record).map(|(status, _)| status)
}

/// Reads who owns an idempotency key.
pub(super) fn read_owner(key: &str, record: &[u8]) -> Result<Owner, StoreError> {
    read(Subject::Claim(key), record)
}

/// Reads the next free sequence of a lane, or the last cursor.
pub(super) fn read_number(subject: Subject<'_>, record: &[u8]) -> Result<u64, StoreError> {
    read(subject, record)
}

/// Reads the store's epoch.
pub(super) fn read_epoch(record: &[u8]) -> Result<Epoch, StoreError> {
    read(Subject::Epoch, record).map(Epoch)
}

fn read<T: DeserializeOwned>(subject: Subject<'_>, record: &[u8]) -> Result<T, StoreError> {
    match read_start(subject, record)? {
        (value, []) => Ok(value),
        (_, rest) => Err(subject.corrupt(format!("{} bytes too many", rest.len()))),
    }
}

fn read_start<'a, T: Deserialize<'a>>(
    subject: Subject<'_>,
    record: &'a [u8],
) -> Result<(T, &'a [u8]), StoreError> {
    match record {
        [VERSION, body @ ..] => postcard::take_from_bytes(body).map_err(|error| subject.corrupt(error)),
        [version, ..] => Err(subject.corrupt(format!("version {version} is not known"))),
        [] => Err(subject.corrupt("it is empty")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples;

    /// Written by the first release; see the module's head before touching it.
    const ORDER_V2: &str = include_str!("testdata/order.v2.hex");

    fn whole_life() -> (OrderId, Order) {
        let order = samples::whole_life();
        (order.id, order)
    }

    fn reason(error: StoreError) -> String {
        let StoreError::Corrupt { what, reason } = error else {
            panic!("{error}");
        };
        assert!(what.contains("00000000-0000-7000-8000-000000000001"), "{what}");
        reason
    }

    #[test]
    fn an_order_with_every_kind_of_event_is_read_as_it_was_written() {
        let (id, order) = whole_life();
        let record = Encoder::default().order(&order).unwrap();
        assert_eq!(read_order(id, &record).unwrap(), order);
        assert_eq!(read_status(id, &record).unwrap(), order.state.status());
    }

    #[test]
    fn the_bytes_of_version_two_stay_what_they_are() {
        let (id, order) = whole_life();
        let record = Encoder::default().order(&order).unwrap();
        assert_eq!(hex::encode(&record), ORDER_V2.trim());
        assert_eq!(read_order(id, &hex::decode(ORDER_V2.trim()).unwrap()).unwrap(), order);
    }

    #[test]
    fn damaged_records_are_named_not_guessed_at() {
        let (id, order) = whole_life();
        let record = Encoder::default().order(&order).unwrap();
        let newer = [&[VERSION + 1], &record[1..]].concat();
        assert_eq!(reason(read_order(id, &newer).unwrap_err()), "version 3 is not known");
        let longer = [&record[..], &[0]].concat();
        assert_eq!(reason(read_order(id, &longer).unwrap_err()), "1 bytes too many");
        assert_eq!(reason(read_order(id, &[]).unwrap_err()), "it is empty");
        for end in 1..record.len() {
            reason(read_order(id, &record[..end]).unwrap_err());
        }
        let other = OrderId::from_bytes([7; 16]);
        assert!(read_order(other, &record).is_err(), "an order under a foreign key");
    }

    #[test]
    fn keys_lead_back_to_what_they_name() {
        let (id, _) = whole_life();
        assert_eq!(order_of_key(&order_key(OVER, id)).unwrap(), id);
        assert!(order_of_key(b"oshort").is_err());
        let lane = Lane { chain: "a".into(), account: "bc".into() };
        let other = Lane { chain: "ab".into(), account: "c".into() };
        assert_eq!(lane_of_key(&lane_key(&lane).unwrap()).unwrap(), lane);
        assert_ne!(lane_key(&lane).unwrap(), lane_key(&other).unwrap());
    }
}
