//! Puts another transaction in the place of one that waits: with a higher fee when it is stuck, without effect when the
//! client wants the order back or the swap's deadline has passed. They share a sequence, so one at most is included.

use super::{Floor, agenda::Watched, call::bounded};
use crate::{
    order::{Fact, Order, Purpose, State, Transaction},
    telemetry::observe,
};
use futures_util::{StreamExt as _, stream};
use orderd_sdk::plugin::{BumpRequest, CancelRequest, Chain, Context, PluginError, Prepared};
use std::time::Duration;
use tokio::time::Instant;

/// Transactions signed at once.
const SIGNINGS: usize = 16;

/// When a waiting transaction is replaced, on one chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BumpPolicy {
    /// After it has waited so long with nothing of its account in front of it; never without.
    pub after: Option<Duration>,
    /// So often at the most; to take a swap back that is too late, as often again.
    pub most: u32,
}

/// Why another transaction is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// The newest is stuck: the same for more.
    Bump,
    /// The swap must not take effect any more.
    Void(Cause),
}

/// Why a swap must not take effect any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The client wants it back.
    Withdrawn,
    /// The chain would only revert it.
    TooLate,
}

/// Decides on replacements and has them signed.
pub(super) struct Replacer {
    policy: BumpPolicy,
}

impl Replacer {
    pub(super) fn new(policy: BumpPolicy) -> Self {
        Self { policy }
    }

    /// Whether the order waits so long that its place in the account's sequence matters.
    pub(super) fn is_waiting(&self, watched: &Watched, now: Instant) -> bool {
        self.policy.after.is_some_and(|after| now >= watched.waits_since + after / 2)
    }

    /// What has to be signed for an order, if anything has. `latest` is the account's next sequence in the newest block,
    /// where that was asked; `seconds` is the time of day.
    pub(super) fn need(
        &self,
        watched: &mut Watched,
        in_block: bool,
        latest: Option<u64>,
        now: Instant,
        seconds: u64,
    ) -> Option<Need> {
        let order = &watched.job.order;
        let slot = order.open_slot().filter(|_| !in_block)?;
        match latest {
            Some(latest) if latest == slot.sequence => {
                watched.first_since.get_or_insert(now);
            }
            Some(_) => watched.first_since = None,
            None => {}
        }
        // What the account has passed cannot be replaced any more.
        if watched.replace_at > now || latest.is_some_and(|latest| latest > slot.sequence) {
            return None;
        }
        let voids = slot.newest().purpose == Purpose::Void;
        if order.withdrawal.is_some() && is_swap(order) && !voids {
            return Some(Need::Void(Cause::Withdrawn));
        }
        let too_late = order.current().is_some_and(|attempt| seconds > attempt.deadline);
        let (need, most) = match voids || (is_swap(order) && too_late) {
            true => (Need::Void(Cause::TooLate), 2 * self.policy.most + 1),
            false => (Need::Bump, self.policy.most),
        };
        (self.is_stuck(watched, now) && slot.transactions.len() <= most as usize).then_some(need)
    }

    fn is_stuck(&self, watched: &Watched, now: Instant) -> bool {
        let Some(after) = self.policy.after else {
            return false;
        };
        let first = watched.first_since.is_some_and(|since| now >= since + after / 2);
        first && now >= watched.waits_since + after
    }

    /// Signs what is needed. Of what could not be signed it says whether that is given up.
    pub(super) async fn sign(
        &self,
        floor: &Floor,
        chain: &dyn Chain,
        wanted: Vec<(Watched, Need)>,
    ) -> Vec<(Watched, Result<Transaction, Option<Fact>>)> {
        let signings = stream::iter(wanted).map(|(mut watched, need)| async move {
            let signed = sign(floor, chain, &watched.job.order, need).await;
            let now = Instant::now();
            let answer = match signed {
                Ok(transaction) => {
                    (watched.waits_since, watched.first_since, watched.refusals) = (now, None, 0);
                    Ok(transaction)
                }
                Err(error) => {
                    observe::replacement_refused(&watched.job.order, &error);
                    watched.refusals = watched.refusals.saturating_add(1);
                    let pause = Duration::from_millis(floor.backoff.delay_ms(watched.refusals));
                    watched.replace_at = now + pause;
                    let is_over = need == Need::Void(Cause::Withdrawn) && !error.is_transient();
                    Err(is_over.then_some(Fact::CancelRefused { reason: error.message }))
                }
            };
            (watched, answer)
        });
        signings.buffer_unordered(SIGNINGS).collect().await
    }
}

/// Whether the open slot is the swap's: an approval moves no funds, and others may wait for it.
fn is_swap(order: &Order) -> bool {
    !matches!(order.state, State::Approving) && !order.state.is_over()
}

async fn sign(
    floor: &Floor,
    chain: &dyn Chain,
    order: &Order,
    need: Need,
) -> Result<Transaction, PluginError> {
    let slot = order.open_slot().expect("only what is signed is replaced");
    let signer = floor.lane(&order.lane()).signer().clone();
    let replaces = slot.transactions.iter().map(|transaction| transaction.raw.clone()).collect();
    let (sequence, ctx) = (slot.sequence, Context::within(floor.settings.build_timeout));
    let (purpose, prepared) = match need {
        Need::Bump => {
            let request = BumpRequest { signer, sequence, replaces };
            (Purpose::Execute, bounded(&ctx, chain.bump(&ctx, request)).await)
        }
        Need::Void(_) => {
            let request = CancelRequest { signer, sequence, replaces };
            (Purpose::Void, bounded(&ctx, chain.cancel(&ctx, request)).await)
        }
    };
    let Prepared { raw, hash } = prepared?;
    match slot.find(&hash) {
        Some(_) => Err(PluginError::permanent("the chain's plugin signed the same transaction again")),
        None => Ok(Transaction { purpose, raw, hash }),
    }
}
