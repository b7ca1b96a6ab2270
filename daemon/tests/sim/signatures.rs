//! The signed transactions of an order: the one place that knows where an order keeps them.

use crate::chain::{Effect, Signed};
use orderd::order::{Lane, Order, OrderId, Slot, Transaction};
use orderd_sdk::plugin::HexBytes;

/// A signed transaction, and whose.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    pub(crate) order: OrderId,
    pub(crate) lane: Lane,
    pub(crate) sequence: u64,
    pub(crate) hash: String,
    pub(crate) raw: HexBytes,
}

/// Everything that an order ever signed.
pub(crate) fn signatures(order: &Order) -> impl Iterator<Item = Signature> {
    let of_slot = |slot: &Slot| {
        let sequence = slot.sequence;
        slot.transactions.clone().into_iter().map(move |transaction| (sequence, transaction))
    };
    let transactions = order.attempts.iter().flat_map(|attempt| attempt.slots()).flat_map(of_slot);
    transactions.map(|(sequence, Transaction { raw, hash, .. })| Signature {
        order: order.id,
        lane: order.lane(),
        sequence,
        hash,
        raw,
    })
}

impl Signature {
    /// Whether it may have the effect that the client wants.
    pub(crate) fn is_swap(&self) -> bool {
        let signed = Signed::read(&self.raw.0);
        signed.is_some_and(|signed| matches!(signed.unsigned.effect, Effect::Swap { .. }))
    }
}
