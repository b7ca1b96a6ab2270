//! From one state to the next: the only place where an order changes.

use super::{Attempt, EventKind, Fact, Failure, Order, QuoteLine, State, Transaction};
use orderd_sdk::{amount::Amount, plugin::BlockRef, timestamp::Timestamp};
use std::sync::Arc;

/// A fact cannot have happened in this state: a bug of the engine. The order is left as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("order {order} cannot take {fact} in state {state}")]
pub struct IllegalTransition {
    order: String,
    state: String,
    fact: String,
}

impl Order {
    /// Takes note of a fact: moves to the next state and records the events that tell of it.
    ///
    /// # Errors
    /// When the fact cannot happen in the present state; then nothing has changed.
    pub fn apply(&mut self, fact: Fact, now: Timestamp) -> Result<(), IllegalTransition> {
        if !self.admits(&fact) {
            return Err(IllegalTransition {
                order: self.id.to_string(),
                state: format!("{:?}", self.state),
                fact: format!("{fact:?}"),
            });
        }
        match fact {
            Fact::QuotesRequested { venues } => self.request_quotes(venues, now),
            Fact::QuotesReceived { quotes } => self.record(EventKind::QuotesReceived { quotes }, now),
            Fact::Chosen {
                quote,
                min_out,
                deadline,
            } => self.open_attempt(quote, min_out, deadline, now),
            Fact::ApprovalSigned {
                transaction,
                token,
                spender,
            } => {
                self.sign_approval(transaction, token, spender, now);
            }
            Fact::ApprovalIncluded { block } => self.end_approval(&block, now),
            Fact::SwapSigned { transaction } => self.sign_swap(transaction, now),
            Fact::SendAccepted => self.submitted(now),
            Fact::SendRefused { reason, delay_ms } => self.resend_later(reason, delay_ms, now),
            Fact::SendUnknown { reason } => {
                self.state = State::Unknown { since: now };
                self.record(EventKind::Unknown { reason }, now);
            }
            Fact::Included { block, received } => self.confirm(block, received, now),
            Fact::Reverted { block, reason } => self.revert(block, reason, now),
            Fact::Undone => self.reopen(now),
            Fact::Final { delay_ms } => self.settle(delay_ms, now),
            Fact::AttemptFailed(failure) => {
                self.record_failure(failure.error.clone(), failure.transient, now);
                self.retry_or_fail(failure, now);
            }
            Fact::Expired { reason } => {
                self.state = State::Expired;
                self.record(EventKind::Expired { reason }, now);
            }
        }
        Ok(())
    }

    /// Which facts can happen in which state. What is not listed is impossible.
    fn admits(&self, fact: &Fact) -> bool {
        use State as S;
        match fact {
            Fact::QuotesRequested { .. } => {
                matches!(
                    self.state,
                    S::Pending | S::Routing | S::Building | S::RetryPending { .. }
                )
            }
            Fact::QuotesReceived { .. } | Fact::Chosen { .. } => matches!(self.state, S::Routing),
            Fact::ApprovalSigned { .. } | Fact::SwapSigned { .. } => matches!(self.state, S::Building),
            Fact::ApprovalIncluded { .. } => matches!(self.state, S::Approving),
            Fact::SendAccepted => {
                matches!(
                    self.state,
                    S::Signed | S::ResendPending { .. } | S::Unknown { .. }
                )
            }
            Fact::SendRefused { .. } => matches!(self.state, S::Signed | S::ResendPending { .. }),
            Fact::SendUnknown { .. } => {
                matches!(self.state, S::Signed | S::ResendPending { .. } | S::Submitted)
            }
            Fact::Included { .. } | Fact::Reverted { .. } => matches!(
                self.state,
                S::Signed | S::ResendPending { .. } | S::Submitted | S::Unknown { .. }
            ),
            Fact::Undone | Fact::Final { .. } => {
                matches!(self.state, S::Confirmed { .. } | S::Reverted { .. })
            }
            Fact::AttemptFailed(_) => matches!(
                self.state,
                S::Routing
                    | S::Building
                    | S::Approving
                    | S::Signed
                    | S::ResendPending { .. }
                    | S::Submitted
                    | S::Unknown { .. }
            ),
            Fact::Expired { .. } => {
                matches!(
                    self.state,
                    S::Pending | S::Routing | S::Building | S::RetryPending { .. }
                )
            }
        }
    }

    /// A new attempt begins, unless this one was interrupted before anything was signed.
    fn request_quotes(&mut self, venues: u32, now: Timestamp) {
        if matches!(self.state, State::Pending | State::RetryPending { .. }) {
            self.attempt += 1;
        }
        self.state = State::Routing;
        self.record(
            EventKind::QuotesRequested {
                venues,
                attempt: self.attempt,
            },
            now,
        );
    }

    fn open_attempt(&mut self, quote: QuoteLine, min_out: Amount, deadline: u64, now: Timestamp) {
        self.attempts.push(Arc::new(Attempt {
            number: self.attempt,
            dex: quote.dex.clone(),
            min_out,
            deadline,
            approval: None,
            swap: None,
        }));
        self.state = State::Building;
        self.record(EventKind::BuildStarted { quote }, now);
    }

    fn sign_approval(&mut self, transaction: Transaction, token: String, spender: String, now: Timestamp) {
        let (hash, sequence) = (transaction.hash.clone(), transaction.sequence);
        self.amend_attempt(|attempt| attempt.approval = Some(transaction));
        self.state = State::Approving;
        self.record(
            EventKind::Approving {
                token,
                spender,
                hash,
                sequence,
            },
            now,
        );
    }

    fn end_approval(&mut self, block: &BlockRef, now: Timestamp) {
        let hash = self
            .open_transaction()
            .map(|approval| approval.hash.clone())
            .unwrap_or_default();
        self.state = State::Building;
        self.record(
            EventKind::Approved {
                hash,
                block: block.number,
            },
            now,
        );
    }

    fn sign_swap(&mut self, transaction: Transaction, now: Timestamp) {
        let (hash, sequence) = (transaction.hash.clone(), transaction.sequence);
        self.amend_attempt(|attempt| attempt.swap = Some(transaction));
        self.state = State::Signed;
        self.record(EventKind::Signed { hash, sequence }, now);
    }

    fn submitted(&mut self, now: Timestamp) {
        let (hash, sequence) = self.swap();
        self.state = State::Submitted;
        self.record(
            EventKind::Submitted {
                attempt: self.attempt,
                hash,
                sequence,
            },
            now,
        );
    }

    /// The signed swap keeps its sequence. Only the first refusal of an attempt is told, so that a node that
    /// stays away does not fill the order's history.
    fn resend_later(&mut self, reason: String, delay_ms: u64, now: Timestamp) {
        if matches!(self.state, State::Signed) {
            self.record_failure(reason, true, now);
            self.record(
                EventKind::RetryPending {
                    delay_ms,
                    next_attempt: self.attempt,
                },
                now,
            );
        }
        self.state = State::ResendPending {
            due: now.plus_millis(delay_ms),
        };
    }

    fn confirm(&mut self, block: BlockRef, amount_out: Amount, now: Timestamp) {
        let ((hash, _), dex) = (self.swap(), self.dex());
        self.record(
            EventKind::Confirmed {
                hash,
                dex,
                amount_out,
                block: block.number,
            },
            now,
        );
        self.state = State::Confirmed { block };
    }

    fn revert(&mut self, block: BlockRef, reason: String, now: Timestamp) {
        self.record_failure(format!("reverted in block {}: {reason}", block.number), true, now);
        self.state = State::Reverted { block, reason };
    }

    fn reopen(&mut self, now: Timestamp) {
        if let State::Confirmed { block } | State::Reverted { block, .. } = &self.state {
            let block = block.number;
            self.record(EventKind::Reorged { block }, now);
        }
        self.state = State::Submitted;
        let (hash, sequence) = self.swap();
        self.record(
            EventKind::Submitted {
                attempt: self.attempt,
                hash,
                sequence,
            },
            now,
        );
    }

    fn settle(&mut self, delay_ms: u64, now: Timestamp) {
        match std::mem::replace(&mut self.state, State::Finalized) {
            State::Reverted { reason, .. } => {
                self.retry_or_fail(
                    Failure {
                        error: reason,
                        transient: true,
                        delay_ms,
                    },
                    now,
                );
            }
            State::Confirmed { block } => self.record(EventKind::Finalized { block: block.number }, now),
            State::Pending
            | State::Routing
            | State::Building
            | State::Approving
            | State::Signed
            | State::ResendPending { .. }
            | State::Submitted
            | State::Unknown { .. }
            | State::RetryPending { .. }
            | State::Finalized
            | State::Failed
            | State::Cancelled
            | State::Expired => unreachable!("admits() lets finality happen to included swaps only"),
        }
    }

    fn retry_or_fail(&mut self, failure: Failure, now: Timestamp) {
        let due = now.plus_millis(failure.delay_ms);
        if !failure.transient || self.retries_remaining() == 0 {
            self.state = State::Failed;
            self.record(
                EventKind::Failed {
                    error: failure.error,
                    total_attempts: self.attempt,
                },
                now,
            );
        } else if self.intent.deadline.is_some_and(|deadline| due > deadline) {
            self.state = State::Expired;
            self.record(
                EventKind::Expired {
                    reason: failure.error,
                },
                now,
            );
        } else {
            self.state = State::RetryPending { due };
            let next_attempt = self.attempt + 1;
            self.record(
                EventKind::RetryPending {
                    delay_ms: failure.delay_ms,
                    next_attempt,
                },
                now,
            );
        }
    }

    fn record_failure(&mut self, error: String, transient: bool, now: Timestamp) {
        let retries_remaining = if transient { self.retries_remaining() } else { 0 };
        self.record(
            EventKind::ExecutionFailed {
                error,
                transient,
                retries_remaining,
            },
            now,
        );
    }

    fn retries_remaining(&self) -> u32 {
        self.intent.max_attempts.saturating_sub(self.attempt)
    }

    fn amend_attempt(&mut self, change: impl FnOnce(&mut Attempt)) {
        let attempt = self
            .attempts
            .last_mut()
            .expect("an attempt is open while the order is being built");
        change(Arc::make_mut(attempt));
    }

    fn swap(&self) -> (String, u64) {
        let swap = self.current().and_then(|attempt| attempt.swap.as_ref());
        let swap = swap.expect("a swap is signed before anything is known of its fate");
        (swap.hash.clone(), swap.sequence)
    }

    fn dex(&self) -> String {
        self.current()
            .map(|attempt| attempt.dex.clone())
            .unwrap_or_default()
    }
}
