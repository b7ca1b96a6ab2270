//! Names of orders.

use orderd_sdk::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::Mutex};
use uuid::{ContextV7, Uuid};

/// Counts the ids of one millisecond.
static CONTEXT: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// Names an order: a UUID version 7. Ids of one process grow strictly, so they sort by acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OrderId(u128);

/// A text is not an order id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an order id: expected a UUID of version 7")]
pub struct OrderIdError;

impl OrderId {
    /// The next id at this instant.
    #[must_use]
    pub fn generate(now: Timestamp) -> Self {
        let (seconds, nanos) = (now.unix_seconds(), (now.0 % 1000) as u32 * 1_000_000);
        let instant = uuid::Timestamp::from_unix(&CONTEXT, seconds, nanos);
        Self(Uuid::new_v7(instant).as_u128())
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
