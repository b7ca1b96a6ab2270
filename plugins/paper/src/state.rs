//! Everything of a chain that changes: its ledger, what waits, and the journal. One lock guards it.

use crate::{
    clock::{self, Millis},
    journal::Journal,
    ledger::Ledger,
    mempool::Mempool,
    receipts::{Receipt, Verdict},
    transaction::{Transaction, TxHash},
};
use orderd_sdk::{
    amount::Amount,
    plugin::{Receive, SendOutcome, TxQuery, TxStatus},
};
use std::io;
use tokio::time::Instant;

/// More accounts than that are refused.
const MAX_ACCOUNTS: usize = 100_000;

pub(crate) struct State {
    pub(crate) ledger: Ledger,
    pub(crate) mempool: Mempool,
    pub(crate) journal: Journal,
}

impl State {
    /// The answer to a transaction that is known already, or can never be included.
    pub(crate) fn already(&self, transaction: &Transaction, hash: &TxHash) -> Option<SendOutcome> {
        if self.ledger.receipts.get(hash).is_some() || self.mempool.contains(hash) {
            return Some(SendOutcome::Accepted);
        }
        let Some(account) = self.ledger.accounts.get(&transaction.from) else {
            let full = self.ledger.accounts.len() >= MAX_ACCOUNTS;
            return full.then(|| not_sent("too many accounts"));
        };
        match transaction.sequence {
            forgotten if forgotten < account.forgotten => Some(SendOutcome::Unknown {
                reason: format!("sequence {forgotten} is consumed, by whom is forgotten"),
            }),
            consumed if consumed < account.next => {
                Some(not_sent(format!("sequence {consumed} is consumed by another transaction")))
            }
            _ => None,
        }
    }

    /// Includes from the next sequence on; an entry takes effect only after it is in the journal.
    pub(crate) fn include(&mut self, from: &str, now: Instant) -> io::Result<()> {
        let mut next = self.ledger.next_sequence(from);
        while let Some(pending) = self.mempool.take_due(from, next, now) {
            let entry = self.ledger.execute(&pending.transaction, pending.hash, clock::now());
            if let Err(error) = self.journal.append(&entry) {
                self.mempool.put_back(pending);
                return Err(error);
            }
            self.ledger.apply(entry);
            next += 1;
        }
        Ok(())
    }

    /// What is known of a transaction.
    pub(crate) fn status(&self, query: &TxQuery, now: Millis) -> TxStatus {
        let Some(hash) = TxHash::parse(&query.hash) else {
            return TxStatus::NotFound;
        };
        match self.ledger.receipts.get(&hash) {
            Some(receipt) => self.included(receipt, query.receive.as_ref(), now),
            None if self.mempool.contains(&hash) => TxStatus::Pending,
            None => TxStatus::NotFound,
        }
    }

    fn included(&self, receipt: &Receipt, receive: Option<&Receive>, now: Millis) -> TxStatus {
        let finalized = self.ledger.is_final(Millis(receipt.at), now);
        let block = receipt.block();
        match &receipt.verdict {
            Verdict::Reverted { reason } => TxStatus::Reverted { block, reason: reason.clone(), finalized },
            Verdict::Received { .. } | Verdict::Cancelled => TxStatus::Succeeded {
                block,
                received: receive.map(|receive| received(receipt, receive)),
                finalized,
            },
        }
    }
}

/// What a transaction brought to an address of a token.
fn received(receipt: &Receipt, receive: &Receive) -> Amount {
    match &receipt.verdict {
        Verdict::Received { token, amount } if *token == receive.token && receipt.from == receive.address => {
            *amount
        }
        Verdict::Received { .. } | Verdict::Reverted { .. } | Verdict::Cancelled => Amount::ZERO,
    }
}

/// The answer to what certainly nobody has.
pub(crate) fn not_sent(reason: impl ToString) -> SendOutcome {
    SendOutcome::NotSent { reason: reason.to_string() }
}
