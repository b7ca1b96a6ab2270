//! What each fact does to an order: the state it leads to, the slots it opens and closes, the events it leaves.

use super::{Attempt, EventKind, Failure, Fate, Order, QuoteLine, Slot, State, Transaction};
use orderd_sdk::{amount::Amount, plugin::BlockRef, timestamp::Timestamp, wire::ErrorCode};
use std::sync::Arc;

impl Order {
    /// A new attempt begins, unless this one was interrupted before anything was signed.
    pub(super) fn request_quotes(&mut self, venues: u32, now: Timestamp) {
        if matches!(self.state, State::Pending | State::RetryPending { .. }) {
            self.attempt += 1;
        }
        self.state = State::Routing;
        self.record(EventKind::QuotesRequested { venues, attempt: self.attempt }, now);
    }

    pub(super) fn open_attempt(&mut self, quote: QuoteLine, min_out: Amount, deadline: u64, now: Timestamp) {
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

    pub(super) fn sign_approval(
        &mut self,
        sequence: u64,
        transaction: Transaction,
        token: String,
        spender: String,
        now: Timestamp,
    ) {
        let hash = transaction.hash.clone();
        self.amend_attempt(|attempt| attempt.approval = Some(Slot::new(sequence, transaction)));
        self.state = State::Approving;
        self.record(EventKind::Approving { token, spender, hash, sequence }, now);
    }

    /// The approval's slot stays open until its block is final: should that be undone, its bytes have to go out again.
    pub(super) fn end_approval(&mut self, hash: String, block: &BlockRef, now: Timestamp) {
        self.state = State::Building;
        self.record(EventKind::Approved { hash, block: block.number }, now);
        if let Some(reason) = self.withdrawal.take() {
            self.cancel(reason, now);
        }
    }

    /// Nothing that needs the approval is signed: the order goes back to where it was followed.
    pub(super) fn reopen_approval(&mut self, sequence: u64, now: Timestamp) {
        self.state = State::Approving;
        let slot = self.open_slot().expect("admits() lets open approvals be undone only");
        let hash = slot.newest().hash.clone();
        self.record(EventKind::ApprovalUndone { hash, sequence }, now);
    }

    pub(super) fn give_approval_up(&mut self, hash: String, reason: &str, now: Timestamp) {
        self.close_slot(Fate::Included { hash });
        let failure = Failure {
            code: ErrorCode::Refused,
            error: format!("the approval was refused by the token: {reason}"),
            transient: false,
            delay_ms: 0,
        };
        self.record_failure(&failure, now);
        self.cancel_or_retry(failure, now);
    }

    pub(super) fn sign_swap(&mut self, sequence: u64, transaction: Transaction, now: Timestamp) {
        let hash = transaction.hash.clone();
        self.amend_attempt(|attempt| attempt.swap = Some(Slot::new(sequence, transaction)));
        self.state = State::Signed;
        self.record(EventKind::Signed { hash, sequence }, now);
    }

    /// What was known of the slot stays true of its earlier transactions.
    pub(super) fn replace(&mut self, sequence: u64, transaction: Transaction, now: Timestamp) {
        let (hash, purpose) = (transaction.hash.clone(), transaction.purpose);
        let holds = |slot: &&mut Slot| slot.is_open() && slot.sequence == sequence;
        let mut slots = self.attempts.iter_mut().flat_map(|attempt| Arc::make_mut(attempt).slots_mut());
        slots.find(holds).expect("the open slot is one of an attempt").transactions.push(transaction);
        drop(slots);
        self.record(EventKind::Replaced { hash, sequence, purpose }, now);
    }

    pub(super) fn submitted(&mut self, now: Timestamp) {
        let (hash, sequence) = self.newest();
        self.state = State::Submitted;
        self.record(EventKind::Submitted { attempt: self.attempt, hash, sequence }, now);
    }

    /// The signed swap keeps its sequence. Only the first refusal of an attempt is told, so that a node that
    /// stays away does not fill the order's history.
    pub(super) fn resend_later(&mut self, reason: String, delay_ms: u64, now: Timestamp) {
        if matches!(self.state, State::Signed) {
            let code = ErrorCode::NotSent;
            self.record_failure(&Failure { code, error: reason, transient: true, delay_ms }, now);
            self.record(EventKind::RetryPending { delay_ms, next_attempt: self.attempt }, now);
        }
        self.state = State::ResendPending { due: now.plus_millis(delay_ms) };
    }

    pub(super) fn confirm(&mut self, hash: String, block: BlockRef, amount_out: Amount, now: Timestamp) {
        let (dex, number) = (self.dex(), block.number);
        self.state = State::Confirmed { hash: hash.clone(), block };
        self.record(EventKind::Confirmed { hash, dex, amount_out, block: number }, now);
    }

    pub(super) fn revert(&mut self, hash: String, block: BlockRef, reason: String, now: Timestamp) {
        let error = format!("reverted in block {}: {reason}", block.number);
        let failure = Failure { code: ErrorCode::Reverted, error, transient: true, delay_ms: 0 };
        self.record_failure(&failure, now);
        self.state = State::Reverted { hash, block, reason };
    }

    pub(super) fn void(&mut self, hash: String, block: BlockRef, now: Timestamp) {
        let number = block.number;
        self.state = State::Voided { hash: hash.clone(), block };
        self.record(EventKind::Voided { hash, block: number }, now);
    }

    pub(super) fn reopen(&mut self, now: Timestamp) {
        if let State::Confirmed { block, .. } | State::Reverted { block, .. } | State::Voided { block, .. } =
            &self.state
        {
            let block = block.number;
            self.record(EventKind::Reorged { block }, now);
        }
        self.submitted(now);
    }

    pub(super) fn settle(&mut self, delay_ms: u64, now: Timestamp) {
        match std::mem::replace(&mut self.state, State::Finalized) {
            State::Confirmed { hash, block } => {
                self.close_slot_of_swap(Fate::Included { hash });
                self.withdrawal = None;
                self.record(EventKind::Finalized { block: block.number }, now);
            }
            State::Reverted { hash, reason, .. } => {
                self.close_slot_of_swap(Fate::Included { hash });
                let code = ErrorCode::Reverted;
                self.cancel_or_retry(Failure { code, error: reason, transient: true, delay_ms }, now);
            }
            State::Voided { hash, .. } => {
                self.close_slot_of_swap(Fate::Included { hash });
                let error = "the swap was not included before its deadline, and was taken back".to_owned();
                let code = ErrorCode::NotIncluded;
                self.cancel_or_retry(Failure { code, error, transient: true, delay_ms }, now);
            }
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

    pub(super) fn lose_sequence(&mut self, by: String, delay_ms: u64, now: Timestamp) {
        let error =
            format!("transaction {by}, which is not the daemon's, took its place in the account's sequence");
        self.close_slot(Fate::Overtaken { by });
        let failure = Failure { code: ErrorCode::SequenceTaken, error, transient: true, delay_ms };
        self.record_failure(&failure, now);
        self.cancel_or_retry(failure, now);
    }

    pub(super) fn bury(&mut self, reason: String, delay_ms: u64, now: Timestamp) {
        self.close_slot(Fate::Dead);
        let failure = Failure { code: ErrorCode::NotIncluded, error: reason, transient: true, delay_ms };
        self.record_failure(&failure, now);
        self.cancel_or_retry(failure, now);
    }

    /// Without a signature that could take effect the order ends here. Else the wish is kept, and what is included
    /// decides.
    pub(super) fn withdraw(&mut self, reason: String, now: Timestamp) {
        match self.state {
            State::Pending | State::Routing | State::Building | State::RetryPending { .. } => {
                self.cancel(reason, now);
            }
            State::Approving
            | State::Signed
            | State::ResendPending { .. }
            | State::Submitted
            | State::Unknown { .. }
            | State::Reverted { .. }
            | State::Voided { .. } => {
                self.withdrawal = Some(reason.clone());
                self.record(EventKind::CancelRequested { reason }, now);
            }
            State::Confirmed { .. }
            | State::Finalized
            | State::Failed
            | State::Cancelled
            | State::Expired => {
                unreachable!("admits() refuses to cancel what is decided")
            }
        }
    }

    /// One more attempt than there were, at least.
    pub(super) fn grant_attempt(&mut self, queue_position: u64, now: Timestamp) {
        let short = (self.attempt + 1).saturating_sub(self.max_attempts());
        self.granted_attempts += short;
        self.state = State::Pending;
        self.record(EventKind::Requeued { queue_position }, now);
    }

    /// Notes what became of the open slot. Whatever the account signed before it is consumed then too, unless the slot
    /// was not consumed itself.
    pub(super) fn close_slot(&mut self, fate: Fate) {
        if let Some(sequence) = self.open_slot().map(|slot| slot.sequence) {
            self.close_slots(sequence, fate);
        }
    }

    /// The same for the current swap, whatever the state is.
    fn close_slot_of_swap(&mut self, fate: Fate) {
        let swap = self.current().and_then(|attempt| attempt.swap.as_ref());
        let sequence = swap.map(|slot| slot.sequence).expect("what is in a block was signed");
        self.close_slots(sequence, fate);
    }

    fn close_slots(&mut self, sequence: u64, fate: Fate) {
        for attempt in &mut self.attempts {
            if !attempt.slots().any(|slot| slot.is_open() && slot.sequence <= sequence) {
                continue;
            }
            for slot in Arc::make_mut(attempt).slots_mut().filter(|slot| slot.is_open()) {
                match slot.sequence.cmp(&sequence) {
                    std::cmp::Ordering::Equal => slot.fate = fate.clone(),
                    std::cmp::Ordering::Less if fate != Fate::Dead => slot.fate = Fate::Passed,
                    std::cmp::Ordering::Less | std::cmp::Ordering::Greater => {}
                }
            }
        }
    }

    /// Every signature is dead. A client who wanted the order to end has it end here.
    fn cancel_or_retry(&mut self, failure: Failure, now: Timestamp) {
        match self.withdrawal.take() {
            Some(reason) => self.cancel(reason, now),
            None => self.retry_or_fail(failure, now),
        }
    }

    fn cancel(&mut self, reason: String, now: Timestamp) {
        self.state = State::Cancelled;
        self.record(EventKind::Cancelled { reason }, now);
    }

    pub(super) fn retry_or_fail(&mut self, failure: Failure, now: Timestamp) {
        let due = now.plus_millis(failure.delay_ms);
        if !failure.transient || self.retries_remaining() == 0 {
            self.state = State::Failed;
            let Failure { code, error, .. } = failure;
            self.record(EventKind::Failed { code, error, total_attempts: self.attempt }, now);
        } else if self.intent.deadline.is_some_and(|deadline| due > deadline) {
            self.state = State::Expired;
            self.record(EventKind::Expired { reason: failure.error }, now);
        } else {
            self.state = State::RetryPending { due };
            let next_attempt = self.attempt + 1;
            self.record(EventKind::RetryPending { delay_ms: failure.delay_ms, next_attempt }, now);
        }
    }

    pub(super) fn record_failure(&mut self, failure: &Failure, now: Timestamp) {
        let Failure { code, error, transient, .. } = failure;
        let retries_remaining = if *transient { self.retries_remaining() } else { 0 };
        let (code, error, transient) = (*code, error.clone(), *transient);
        self.record(EventKind::ExecutionFailed { code, error, transient, retries_remaining }, now);
    }

    fn retries_remaining(&self) -> u32 {
        self.max_attempts().saturating_sub(self.attempt)
    }

    fn amend_attempt(&mut self, change: impl FnOnce(&mut Attempt)) {
        let attempt = self.attempts.last_mut().expect("an attempt is open while the order is being built");
        change(Arc::make_mut(attempt));
    }

    /// Hash and sequence of the swap that was signed last.
    fn newest(&self) -> (String, u64) {
        let swap = self.current().and_then(|attempt| attempt.swap.as_ref());
        let swap = swap.expect("a swap is signed before anything is known of its fate");
        (swap.newest().hash.clone(), swap.sequence)
    }

    fn dex(&self) -> String {
        self.current().map(|attempt| attempt.dex.clone()).unwrap_or_default()
    }
}
