//! One look at many slots: how far their accounts are, what the chain knows of their transactions, and what is proven
//! of those that are nowhere.

use super::{
    Floor,
    agenda::Watched,
    call::bounded,
    replace::Replacer,
    verdict::{LOOKS, Proof, Sight, death, sight},
};
use crate::{
    order::{Lane, Order},
    telemetry::observe,
};
use futures_util::future::join_all;
use orderd_sdk::plugin::{
    Chain, Consumer, ConsumerRequest, Context, LaneRequest, LaneStatus, PluginError, Receive, StatusRequest,
    TxQuery, TxStatus,
};
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::Instant;

/// Asks one chain about many orders at a time.
pub(super) struct Observer<'a> {
    pub(super) floor: &'a Floor,
    pub(super) name: &'a str,
    pub(super) chain: &'a dyn Chain,
}

/// What was found out about an order's open slot.
pub(super) struct Found {
    pub(super) sight: Sight,
    /// How far the account is, where that was asked and the chain has sequences: before the transactions, so that one
    /// which is still missing afterwards cannot have been included meanwhile.
    pub(super) lane: Option<LaneStatus>,
    pub(super) proof: Proof,
}

impl Found {
    /// Whether the account has passed the sequence without any trace of our transactions: then somebody else uses it.
    pub(super) fn is_contested(&self, sequence: u64) -> bool {
        let passed = self.lane.is_some_and(|lane| lane.latest > sequence);
        passed && self.sight == Sight::Nowhere && self.proof == Proof::None
    }
}

impl Observer<'_> {
    /// Looks at all of these, in their order.
    ///
    /// # Errors
    /// When the chain does not say what it knows of the transactions. Nothing follows from that.
    pub(super) async fn look(
        &self,
        batch: &[Watched],
        replacer: &Replacer,
    ) -> Result<Vec<Found>, PluginError> {
        let lanes = self.ask_lanes(batch, replacer).await;
        let statuses = self.ask(batch).await?;
        let mut statuses = statuses.as_slice();
        let mut sights = Vec::with_capacity(batch.len());
        for watched in batch {
            let count = count(&watched.job.order);
            let (own, rest) = statuses.split_at(count);
            statuses = rest;
            let sight = watched.job.order.open_slot().map_or(Sight::Unclear, |slot| sight(slot, own));
            sights.push((sight, death(own)));
        }
        let looks = batch.iter().zip(sights).map(|(watched, (sight, death))| {
            let lane = lanes.get(&watched.job.order.lane()).copied();
            async move {
                let proof = match lane.filter(|_| watched.misses >= LOOKS && sight == Sight::Nowhere) {
                    Some(lane) => self.prove(&watched.job.order, lane, death).await,
                    None => Proof::None,
                };
                Found { sight, lane: lane.and_then(LaneStatus::numbered), proof }
            }
        });
        Ok(join_all(looks).await)
    }

    async fn ask(&self, batch: &[Watched]) -> Result<Vec<TxStatus>, PluginError> {
        let ctx = Context::within(self.floor.settings.send_timeout);
        let queries: Vec<_> = batch.iter().flat_map(|watched| self.queries(&watched.job.order)).collect();
        let expected = queries.len();
        let statuses = bounded(&ctx, self.chain.status(&ctx, StatusRequest { queries })).await?;
        match statuses.len() == expected {
            true => Ok(statuses),
            false => Err(PluginError::transient("the chain did not answer every query")),
        }
    }

    /// One query for each transaction of the order's open slot.
    fn queries(&self, order: &Order) -> Vec<TxQuery> {
        let receive = order.swap_is_open().then(|| Receive {
            token: order.intent.token_out.address.clone(),
            address: self.floor.lane(&order.lane()).signer().address.clone(),
        });
        let transactions = order.open_slot().into_iter().flat_map(|slot| &slot.transactions);
        transactions.map(|open| TxQuery { hash: open.hash.clone(), receive: receive.clone() }).collect()
    }

    /// How far the accounts are of which a transaction was missing at the last look, waits for long, or depends on an
    /// approval that could be undone.
    async fn ask_lanes(&self, batch: &[Watched], replacer: &Replacer) -> BTreeMap<Lane, LaneStatus> {
        let now = Instant::now();
        let suspects = batch.iter().filter(|watched| {
            let approvals_are_open = watched.job.order.open_slots().count() > 1;
            watched.misses > 0 || approvals_are_open || replacer.is_waiting(watched, now)
        });
        let lanes: BTreeSet<_> = suspects.map(|watched| watched.job.order.lane()).collect();
        let answers = lanes.into_iter().map(|lane| async {
            let ctx = Context::within(self.floor.settings.send_timeout);
            let address = self.floor.lane(&lane).signer().address.clone();
            match bounded(&ctx, self.chain.lane(&ctx, LaneRequest { address })).await {
                Ok(status) => Some((lane, status)),
                Err(error) => {
                    observe::chain_failed(self.name, "read the sequence of an account", &error);
                    None
                }
            }
        });
        join_all(answers).await.into_iter().flatten().collect()
    }

    /// What is proven of a slot of which the chain knows nothing. Where it has sequences, what has consumed the slot's,
    /// once that is for good: a transaction that is dead in another way would leave a hole that stops its account.
    /// Where it has none, the chain's word that everything there is dead.
    async fn prove(&self, order: &Order, lane: LaneStatus, death: Option<String>) -> Proof {
        let Some(lane) = lane.numbered() else {
            return death.map_or(Proof::None, Proof::Dead);
        };
        let Some(slot) = order.open_slot().filter(|slot| lane.finalized > slot.sequence) else {
            return Proof::None;
        };
        let ctx = Context::within(self.floor.settings.send_timeout);
        let address = self.floor.lane(&order.lane()).signer().address.clone();
        let request = ConsumerRequest { address, sequence: slot.sequence };
        match bounded(&ctx, self.chain.consumer(&ctx, request)).await {
            // Then the look at the transactions was a look at a node that lags.
            Ok(Consumer::Consumed { hash, .. }) if slot.find(&hash).is_some() => Proof::None,
            Ok(Consumer::Consumed { hash, .. }) => Proof::TakenBy(hash),
            Ok(Consumer::Open) => Proof::None,
            Err(error) if error.is_transient() => {
                observe::chain_failed(self.name, "show what consumed a sequence", &error);
                Proof::None
            }
            Err(error) => Proof::Missing(format!(
                "sequence {} of the account is consumed, and the chain cannot show by what: {error}",
                slot.sequence
            )),
        }
    }
}

fn count(order: &Order) -> usize {
    order.open_slot().map_or(0, |slot| slot.transactions.len())
}
