//! Approvals under way: however many orders need one, it is signed once.

use super::signing::Signing;
use crate::order::{EventKind, Lane, Order};
use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Approvals that have ended and are remembered. Whoever looked before so many counts as having missed one.
const ENDED: usize = 256;
/// Approvals of one token for one spender that an attempt may sign.
const PER_ATTEMPT: usize = 2;

/// Which leave is given: by whom, for which token, to whom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ApprovalKey {
    pub(super) lane: Lane,
    pub(super) token: String,
    pub(super) spender: String,
}

impl ApprovalKey {
    /// The approval that is about to be signed, if it is one.
    pub(super) fn of_signing(order: &Order, signing: &Signing) -> Option<Self> {
        let Signing::Approval { token, spender, .. } = signing else {
            return None;
        };
        Some(Self { lane: order.lane(), token: token.clone(), spender: spender.clone() })
    }

    /// Whether an order has signed it so often that one more would not help either. Each attempt may take back an
    /// old approval and give a new one, as some tokens want it.
    pub(super) fn is_in_vain(&self, order: &Order) -> bool {
        let signed = order.events.iter().filter(|event| {
            let EventKind::Approving { token, spender, .. } = &event.kind else {
                return false;
            };
            (token, spender) == (&self.token, &self.spender)
        });
        signed.count() >= PER_ATTEMPT * order.attempt as usize
    }

    /// The approval that an order has signed last.
    pub(super) fn of(order: &Order) -> Option<Self> {
        order.events.iter().rev().find_map(|event| {
            let EventKind::Approving { token, spender, .. } = &event.kind else {
                return None;
            };
            Some(Self { lane: order.lane(), token: token.clone(), spender: spender.clone() })
        })
    }
}

/// The approvals that some order is carrying out, and those that have ended last.
#[derive(Debug, Default)]
pub(super) struct Approvals(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    under_way: HashSet<ApprovalKey>,
    /// Those that have ended, the last at the back.
    ended: VecDeque<ApprovalKey>,
    /// How many have ever ended.
    count: u64,
}

/// When somebody looked, counted in approvals that had ended by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look(u64);

impl Approvals {
    /// A look at the chain begins now: what it shows may be from before any approval that ends later.
    pub(super) fn look(&self) -> Look {
        Look(self.table().count)
    }

    /// Takes on an approval that such a look has shown to be needed. False when another order is already carrying it out,
    /// or one has ended since, which the look may not have seen.
    pub(super) fn begin_after(&self, look: Look, key: ApprovalKey) -> bool {
        let mut table = self.table();
        let since = usize::try_from(table.count - look.0).unwrap_or(usize::MAX);
        let is_stale = since > ENDED || table.ended.iter().rev().take(since).any(|ended| *ended == key);
        !is_stale && table.under_way.insert(key)
    }

    /// An order is carrying it out already.
    pub(super) fn resume(&self, key: ApprovalKey) {
        self.table().under_way.insert(key);
    }

    /// Whether an order is carrying it out.
    pub(super) fn is_under_way(&self, key: &ApprovalKey) -> bool {
        self.table().under_way.contains(key)
    }

    /// It is in the chain, or was given up.
    pub(super) fn end(&self, key: &ApprovalKey) {
        let mut table = self.table();
        table.under_way.remove(key);
        table.count += 1;
        if table.ended.len() == ENDED {
            table.ended.pop_front();
        }
        table.ended.push_back(key.clone());
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(spender: u64) -> ApprovalKey {
        let lane = Lane { chain: "chain".to_owned(), account: "main".to_owned() };
        ApprovalKey { lane, token: "token".to_owned(), spender: spender.to_string() }
    }

    #[test]
    fn an_approval_is_taken_on_once_and_only_after_a_look_that_saw_the_last_one_end() {
        let approvals = Approvals::default();
        let before = approvals.look();
        assert!(approvals.begin_after(before, key(1)));
        assert!(!approvals.begin_after(before, key(1)), "it is under way");
        approvals.end(&key(1));
        assert!(!approvals.begin_after(before, key(1)), "it has ended since");
        assert!(approvals.begin_after(before, key(2)), "that is another one");
        assert!(approvals.begin_after(approvals.look(), key(1)));
        approvals.end(&key(1));
        let before = approvals.look();
        (0..=ENDED as u64).for_each(|other| approvals.end(&key(9 + other)));
        assert!(!approvals.begin_after(before, key(1)), "nobody knows any more");
        assert!(approvals.begin_after(approvals.look(), key(1)));
    }
}
