//! Puts another transaction in the place of one that waits: with a higher fee when it is stuck, without effect when the
//! client wants the order back or the swap's deadline has passed. They share a sequence, so one at most is included.

use super::{Floor, agenda::Watched, call::bounded};
use crate::{
    order::{Fact, Order, Purpose, Slot, Transaction},
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

/// Another transaction that is needed, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Need {
    sequence: u64,
    what: What,
}

/// What the transaction has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// The newest is stuck: the same for more.
    Bump,
    /// The client wants the swap back: nothing in its place.
    Withdraw,
    /// The chain would only revert the swap: nothing in its place.
    Discard,
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
        let slot = order.slot_in_front(latest).filter(|_| !in_block && !order.state.is_in_block())?;
        match latest {
            Some(latest) if latest == slot.sequence => {
                watched.first_since.get_or_insert(now);
            }
            Some(_) => watched.first_since = None,
            None => {}
        }
        let swap = order.open_slot().filter(|_| order.swap_is_open());
        // What the account has passed cannot be replaced any more.
        let passed = |slot: &Slot| latest.is_some_and(|latest| latest > slot.sequence);
        if watched.replace_at > now {
            return None;
        }
        let unwanted = swap.filter(|swap| order.withdrawal.is_some() && !voids(swap) && !passed(swap));
        if let Some(swap) = unwanted {
            return Some(Need { sequence: swap.sequence, what: What::Withdraw });
        }
        let too_late = order.current().is_some_and(|attempt| seconds > attempt.deadline);
        let (what, most) = match voids(slot) || (swap == Some(slot) && too_late) {
            true => (What::Discard, 2 * self.policy.most + 1),
            false => (What::Bump, self.policy.most),
        };
        let needed = !passed(slot) && self.is_stuck(watched, now) && slot.transactions.len() <= most as usize;
        needed.then_some(Need { sequence: slot.sequence, what })
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
    ) -> Vec<(Watched, Result<Fact, Option<Fact>>)> {
        let signings = stream::iter(wanted).map(|(mut watched, need)| async move {
            let signed = sign(floor, chain, &watched.job.order, need).await;
            let now = Instant::now();
            let answer = match signed {
                Ok(transaction) => {
                    (watched.waits_since, watched.first_since, watched.refusals) = (now, None, 0);
                    Ok(Fact::Replaced { sequence: need.sequence, transaction })
                }
                Err(error) => {
                    observe::replacement_refused(&watched.job.order, &error);
                    watched.refusals = watched.refusals.saturating_add(1);
                    let pause = Duration::from_millis(floor.backoff.delay_ms(watched.refusals));
                    watched.replace_at = now + pause;
                    let is_over = need.what == What::Withdraw && !error.is_transient();
                    Err(is_over.then_some(Fact::CancelRefused { reason: error.message }))
                }
            };
            (watched, answer)
        });
        signings.buffer_unordered(SIGNINGS).collect().await
    }
}

/// Whether a slot's newest transaction has no effect.
fn voids(slot: &Slot) -> bool {
    slot.newest().purpose == Purpose::Void
}

async fn sign(
    floor: &Floor,
    chain: &dyn Chain,
    order: &Order,
    need: Need,
) -> Result<Transaction, PluginError> {
    let Need { sequence, what } = need;
    let slot = order.open_slots().find(|slot| slot.sequence == sequence);
    let slot = slot.expect("only what is signed is replaced");
    let signer = floor.lane(&order.lane()).signer().clone();
    let replaces = slot.transactions.iter().map(|transaction| transaction.raw.clone()).collect();
    let ctx = Context::within(floor.settings.build_timeout);
    let (purpose, prepared) = match what {
        What::Bump => {
            let request = BumpRequest { signer, sequence, replaces };
            (Purpose::Execute, bounded(&ctx, chain.bump(&ctx, request)).await)
        }
        What::Withdraw | What::Discard => {
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
