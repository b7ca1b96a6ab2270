//! For micro-benchmarks only: an order as it is written down and read again.

use super::{StoreError, records};
use crate::order::{Order, OrderId};

/// Writes one order after the other, as the store's writer does.
#[derive(Debug, Default)]
pub struct Records(records::Encoder);

impl Records {
    /// The order's record.
    ///
    /// # Errors
    /// When the order cannot be written down.
    pub fn encode(&mut self, order: &Order) -> Result<impl AsRef<[u8]> + use<>, StoreError> {
        self.0.order(order)
    }
}

/// The order of a record.
///
/// # Errors
/// When the record is not this order's.
pub fn decode(id: OrderId, record: &[u8]) -> Result<Order, StoreError> {
    records::read_order(id, record)
}
