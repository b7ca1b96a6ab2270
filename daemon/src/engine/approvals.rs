//! Approvals under way: however many orders need one, it is signed once.

use super::signing::Signing;
use crate::order::{EventKind, Lane, Order};
use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

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

/// The approvals that some order is carrying out.
#[derive(Debug, Default)]
pub(super) struct Approvals(Mutex<HashSet<ApprovalKey>>);

impl Approvals {
    /// Takes an approval on; false when another order is already carrying it out.
    pub(super) fn begin(&self, key: ApprovalKey) -> bool {
        self.under_way().insert(key)
    }

    /// Whether an order is carrying it out.
    pub(super) fn is_under_way(&self, key: &ApprovalKey) -> bool {
        self.under_way().contains(key)
    }

    /// It is in the chain, or was given up.
    pub(super) fn end(&self, key: &ApprovalKey) {
        self.under_way().remove(key);
    }

    fn under_way(&self) -> MutexGuard<'_, HashSet<ApprovalKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
