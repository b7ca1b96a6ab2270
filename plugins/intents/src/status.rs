//! What the service's word on an order means to the daemon. Pure: no I/O, no clock.

use crate::{
    api::{Book, Entry, Ledger, Outcome},
    order::{Name, Uid},
};
use orderd_sdk::plugin::{Receive, TxStatus};

/// When an order can be settled no more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clocks {
    /// Unix seconds of the settlement's newest block that cannot be undone.
    pub(crate) settlement: u64,
    /// The daemon's own time; none where it is not known. A settlement whose clock was ahead for a moment could still
    /// settle what it called expired.
    pub(crate) daemon: Option<u64>,
}

impl Clocks {
    pub(crate) fn new(ledger: &Ledger, daemon: Option<u64>) -> Self {
        Self { settlement: ledger.final_time, daemon }
    }

    fn have_passed(self, uid: &Uid) -> bool {
        let valid_to = u64::from(uid.valid_to);
        self.settlement > valid_to && self.daemon.is_some_and(|now| now > valid_to)
    }
}

/// What the daemon has to know of an order, or of its cancellation.
pub(crate) fn status_of(name: &Name, entry: &Entry, receive: Option<&Receive>, clocks: Clocks) -> TxStatus {
    match name {
        Name::Order(uid) => of_order(uid, entry, receive, clocks),
        Name::Cancellation(uid) => of_cancellation(uid, entry, clocks),
    }
}

fn of_order(uid: &Uid, entry: &Entry, receive: Option<&Receive>, clocks: Clocks) -> TxStatus {
    match &entry.outcome {
        Some(Outcome::Settled { block, buy_token, receiver, bought, complete, finalized }) => {
            if !complete {
                tracing::error!(%uid, "settled in part, against what was signed; nothing is done about it");
            }
            let expected = |receive: &&Receive| {
                receive.token.parse() == Ok(*buy_token) && receive.address.parse() == Ok(*receiver)
            };
            let received = receive.filter(expected).filter(|_| *complete).map(|_| *bought);
            TxStatus::Succeeded { block: block.clone(), received, finalized: *finalized }
        }
        Some(Outcome::Revoked { block, finalized: true }) => {
            let reason = format!("revoked in block {}, which is final", block.number);
            TxStatus::Dead { reason }
        }
        // Undone, it could be settled after all.
        Some(Outcome::Revoked { finalized: false, .. }) => TxStatus::Pending,
        None if clocks.have_passed(uid) => dead(uid),
        None => waiting(entry.book != Book::None),
    }
}

/// A cancellation has done its work when the order is revoked; there is nothing to do for it when the order is dead.
fn of_cancellation(uid: &Uid, entry: &Entry, clocks: Clocks) -> TxStatus {
    match &entry.outcome {
        Some(Outcome::Revoked { block, finalized }) => {
            TxStatus::Succeeded { block: block.clone(), received: None, finalized: *finalized }
        }
        Some(Outcome::Settled { .. }) => TxStatus::NotFound,
        None if clocks.have_passed(uid) => dead(uid),
        None => waiting(entry.book == Book::Cancelling),
    }
}

fn dead(uid: &Uid) -> TxStatus {
    let reason = format!(
        "the order was valid until {}, and the settlement's final state after that has nothing of it",
        uid.valid_to
    );
    TxStatus::Dead { reason }
}

fn waiting(is_known: bool) -> TxStatus {
    match is_known {
        true => TxStatus::Pending,
        false => TxStatus::NotFound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{DOMAIN, order, owner};
    use orderd_sdk::{amount::Amount, plugin::BlockRef};

    const VALID_TO: u64 = 1_000;

    fn uid() -> Uid {
        let order = crate::api::Order { valid_to: 1_000, ..order() };
        DOMAIN.uid(&order, owner())
    }

    fn entry(book: Book, outcome: Option<Outcome>) -> Entry {
        Entry { uid: uid().to_string(), book, outcome }
    }

    fn block() -> BlockRef {
        BlockRef { number: 7, hash: "0x7".into() }
    }

    fn settled(complete: bool, finalized: bool) -> Option<Outcome> {
        let (buy_token, receiver, bought) = (order().buy_token, owner(), Amount::from(9_u64));
        Some(Outcome::Settled { block: block(), buy_token, receiver, bought, complete, finalized })
    }

    fn revoked(finalized: bool) -> Option<Outcome> {
        Some(Outcome::Revoked { block: block(), finalized })
    }

    fn say(cancels: bool, entry: &Entry, settlement: u64, daemon: Option<u64>) -> &'static str {
        let name = if cancels { Name::Cancellation(uid()) } else { Name::Order(uid()) };
        match status_of(&name, entry, None, Clocks { settlement, daemon }) {
            TxStatus::NotFound => "not-found",
            TxStatus::Pending => "pending",
            TxStatus::Succeeded { finalized: true, .. } => "final",
            TxStatus::Succeeded { finalized: false, .. } => "succeeded",
            TxStatus::Reverted { .. } => "reverted",
            TxStatus::Dead { .. } => "dead",
        }
    }

    #[test]
    fn every_word_of_the_service_has_its_meaning() {
        // book, outcome → of the order, of its cancellation; both while it is valid, and after that
        let cases = [
            (Book::None, None, ["not-found", "not-found"], ["dead", "dead"]),
            (Book::Open, None, ["pending", "not-found"], ["dead", "dead"]),
            (Book::Cancelling, None, ["pending", "pending"], ["dead", "dead"]),
            (Book::None, settled(true, false), ["succeeded", "not-found"], ["succeeded", "not-found"]),
            (Book::Open, settled(true, true), ["final", "not-found"], ["final", "not-found"]),
            (Book::None, settled(false, true), ["final", "not-found"], ["final", "not-found"]),
            (Book::Open, revoked(false), ["pending", "succeeded"], ["pending", "succeeded"]),
            (Book::None, revoked(true), ["dead", "final"], ["dead", "final"]),
        ];
        for (book, outcome, before, after) in cases {
            let entry = entry(book, outcome);
            let both = |now| [false, true].map(|cancels| say(cancels, &entry, now, Some(now)));
            assert_eq!((both(VALID_TO), both(VALID_TO + 1)), (before, after), "{entry:?}");
        }
    }

    #[test]
    fn one_clock_alone_kills_nothing() {
        let entry = entry(Book::None, None);
        assert_eq!(say(false, &entry, VALID_TO + 1, Some(VALID_TO)), "not-found");
        assert_eq!(say(false, &entry, VALID_TO, Some(VALID_TO + 1)), "not-found");
        assert_eq!(say(false, &entry, VALID_TO + 1, None), "not-found");
    }

    #[test]
    fn an_amount_is_told_only_of_what_was_asked_for_and_settled_whole() {
        let receive = |token: String, address: String| Some(Receive { token, address });
        let (token, address) = (order().buy_token.to_string(), owner().to_string());
        let asked = receive(token.clone(), address.clone());
        let cases = [
            (settled(true, true), asked.clone(), Some(Amount::from(9_u64))),
            (settled(false, true), asked, None),
            (settled(true, true), receive(token.clone(), token), None),
            (settled(true, true), receive(address.clone(), address), None),
            (settled(true, true), None, None),
        ];
        for (outcome, receive, expected) in cases {
            let clocks = Clocks { settlement: 0, daemon: None };
            let entry = entry(Book::Open, outcome);
            let status = status_of(&Name::Order(uid()), &entry, receive.as_ref(), clocks);
            let TxStatus::Succeeded { received, .. } = status else { panic!("{status:?}") };
            assert_eq!(received, expected, "{entry:?} {receive:?}");
        }
    }
}
