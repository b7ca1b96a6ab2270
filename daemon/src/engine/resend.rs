//! Sends stored bytes again, unchanged, and says what the answer adds to what was known.

use super::call::send;
use crate::order::{Fact, Order, State};
use orderd_sdk::plugin::{Chain, SendOutcome};
use std::time::Duration;

/// Sends an order's newest transaction. Its open approvals go first: nobody follows them any more, and where a
/// reorganisation took them as well, nothing of the account moves before they are back.
pub(super) async fn send_open(chain: &dyn Chain, budget: Duration, order: &Order) -> SendOutcome {
    let Some(open) = order.open_slot() else {
        return SendOutcome::Unknown { reason: "nothing is signed".to_owned() };
    };
    let earlier = order.slots().filter(|slot| slot.is_open() && slot.sequence < open.sequence);
    for slot in earlier {
        send(chain, budget, slot.newest()).await;
    }
    send(chain, budget, open.newest()).await
}

/// What the answer to a repeated send adds to what was known.
pub(super) fn meaning(state: &State, outcome: SendOutcome, delay: Duration) -> Option<Fact> {
    let open = matches!(state, State::Signed | State::ResendPending { .. } | State::Unknown { .. });
    let unsent = matches!(state, State::Signed | State::ResendPending { .. });
    let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
    match outcome {
        SendOutcome::Accepted if open => Some(Fact::SendAccepted),
        SendOutcome::Unknown { reason } if unsent => Some(Fact::Doubted { reason }),
        SendOutcome::NotSent { reason } if matches!(state, State::Signed) => {
            Some(Fact::SendRefused { reason, delay_ms })
        }
        SendOutcome::Accepted | SendOutcome::Unknown { .. } | SendOutcome::NotSent { .. } => None,
    }
}
