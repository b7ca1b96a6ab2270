//! Whether an order may be retried by hand, and why or why not: what an operator wants to know before anything else.
//! The daemon decides when it is asked; this is what it will go by.

use crate::console::widgets::text;
use orderd_sdk::{
    timestamp::Timestamp,
    wire::{ErrorCode, OrderDto, OrderMessage, OrderStatus},
};

/// Whether an order may be retried by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Advice {
    /// It may.
    Retry,
    /// It must not, and the daemon will not.
    Never,
    /// There is nothing to do: it goes on, or is done.
    Leave,
}

/// The verdict on an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// In short.
    pub(super) advice: Advice,
    /// In words.
    pub(super) why: String,
}

/// The verdict on an order, given its newest event.
pub(super) fn verdict(order: &OrderDto, last: Option<&OrderMessage>, now: Timestamp) -> Verdict {
    let (advice, why) = match order.status {
        OrderStatus::Unknown => (
            Advice::Never,
            "not safe to retry: what was sent may still be included. The daemon goes on looking, and settles it by proof."
                .to_owned(),
        ),
        OrderStatus::Failed => (Advice::Retry, failed(order.last_error_code)),
        OrderStatus::RetryPending => (Advice::Leave, waits(last, now)),
        OrderStatus::ExecutionFailed => {
            (Advice::Leave, "nothing to do: the daemon decides whether it tries again".to_owned())
        }
        OrderStatus::Confirmed | OrderStatus::Finalized => {
            (Advice::Never, "not to be retried: the swap has taken effect".to_owned())
        }
        OrderStatus::Cancelled | OrderStatus::Expired => {
            (Advice::Never, "over without effect, as it was wished: hand in a new order instead".to_owned())
        }
        OrderStatus::Reorged => {
            (Advice::Leave, "nothing to do: its block was undone, the same bytes are sent again".to_owned())
        }
        OrderStatus::Pending | OrderStatus::Routing | OrderStatus::Building | OrderStatus::Submitted => {
            (Advice::Leave, "nothing to do: it is under way".to_owned())
        }
    };
    Verdict { advice, why }
}

fn failed(code: Option<ErrorCode>) -> String {
    let first = match code {
        None | Some(ErrorCode::Unavailable) => "may work when the market and the network do",
        Some(ErrorCode::Refused) => "will be refused again unless something has changed",
        Some(ErrorCode::InsufficientFunds) => "fund the account first",
        Some(ErrorCode::InsufficientAllowance) => "have the venue allowed to take the token first",
        Some(ErrorCode::NotSent) => "the node refused it; look at the chain's log first",
        Some(ErrorCode::Reverted) => "the swap was included without effect; a wider slippage may help",
        Some(ErrorCode::NotIncluded) => "it was not included in time",
        Some(ErrorCode::SequenceTaken) => "another program uses the account: stop that first",
        Some(ErrorCode::PolicyRefused) => "the account's policy is in the way",
    };
    format!("safe to retry once nothing signed can land any more, which the daemon checks; {first}")
}

fn waits(last: Option<&OrderMessage>, now: Timestamp) -> String {
    let due = last.and_then(|event| Some(event.timestamp.plus_millis(event.fields.delay?)));
    match due {
        Some(due) if due > now => {
            format!("nothing to do: it is tried again by itself in {}", text::span(due.millis_since(now)))
        }
        Some(_) | None => "nothing to do: it is tried again by itself".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::samples::{failed_and_retried, order};

    #[test]
    fn only_what_has_failed_is_said_to_be_safe() {
        for status in OrderStatus::ALL {
            let order = OrderDto { status, ..order(1) };
            let verdict = verdict(&order, None, Timestamp(0));
            assert_eq!(verdict.advice == Advice::Retry, status == OrderStatus::Failed, "{status}");
            assert_eq!(verdict.why.starts_with("safe to retry"), status == OrderStatus::Failed, "{status}");
        }
    }

    #[test]
    fn a_retry_to_come_is_counted_down() {
        let events = failed_and_retried();
        let waiting = events.iter().find(|event| event.kind == OrderStatus::RetryPending).unwrap();
        let order = OrderDto { status: OrderStatus::RetryPending, ..order(1) };
        let at = |millis| verdict(&order, Some(waiting), waiting.timestamp.plus_millis(millis)).why;
        assert_eq!(at(100), "nothing to do: it is tried again by itself in 697 ms");
        assert_eq!(at(5_000), "nothing to do: it is tried again by itself");
    }
}
