//! The chain: has orders signed, hands them over, and tells what became of them. It has no sequences.

use crate::{
    api::Entry,
    order::{Name, Uid},
    service::Service,
    signing::{self, Desk, address_of, parse_address},
    status::{Clocks, status_of},
    venue::{Intent, UniqueIntent},
};
use orderd_sdk::{
    amount::Amount,
    plugin::{
        AddressRequest, BalanceRequest, CancelRequest, Chain, Context, EstimateRequest, Estimated, Health,
        Host, LaneRequest, LaneStatus, Payload, PluginError, PrepareRequest, Prepared, ReadRequest,
        SendOutcome, SendRequest, StatusRequest, TxStatus, async_trait,
    },
};
use std::sync::Arc;

/// A settlement service as a chain.
pub(crate) struct IntentChain {
    name: String,
    host: Host,
    service: Arc<Service>,
}

impl IntentChain {
    pub(crate) fn new(name: String, host: Host, service: Arc<Service>) -> Self {
        Self { name, host, service }
    }

    fn desk(&self) -> Desk<'_> {
        Desk { host: &self.host, chain: &self.name, domain: self.service.domain() }
    }

    /// The daemon's clock, which is needed only where something may have expired.
    async fn now(&self, ctx: &Context, entries: &[Entry]) -> Option<u64> {
        let may_be_dead = entries.iter().any(|entry| entry.outcome.is_none());
        let now = if may_be_dead { self.host.now(ctx).await.ok() } else { None };
        now.map(|now| now.unix_seconds())
    }
}

#[async_trait]
impl Chain for IntentChain {
    async fn address(&self, _: &Context, request: AddressRequest) -> Result<String, PluginError> {
        let key = request.public_key.ok_or_else(|| {
            PluginError::invalid(format!("account {:?} has no key, and orders are signed", request.account))
        })?;
        Ok(address_of(&key.0)?.to_string())
    }

    async fn lane(&self, _: &Context, _: LaneRequest) -> Result<LaneStatus, PluginError> {
        Ok(LaneStatus::unnumbered())
    }

    /// An order that its owner cannot pay would be taken, and wait in vain. What can is made unlike any other here, so
    /// that what is signed follows from the payload and the sequence alone.
    async fn estimate(&self, ctx: &Context, request: EstimateRequest) -> Result<Estimated, PluginError> {
        let intent = Intent::read(&request.payload)?;
        let owner = parse_address(&request.address)?;
        let balance = self.service.balance(ctx, owner, intent.sell_token).await?;
        if balance < intent.sell_amount {
            return Err(PluginError::insufficient_funds("the account holds less than it is to sell"));
        }
        Ok(Estimated { payload: Payload::of(&intent.unique()?)? })
    }

    async fn prepare(&self, ctx: &Context, request: PrepareRequest) -> Result<Prepared, PluginError> {
        let order = UniqueIntent::read(&request.payload)?.at(request.sequence);
        self.desk().sign(ctx, &request.signer, request.sequence, order).await
    }

    async fn cancel(&self, ctx: &Context, request: CancelRequest) -> Result<Prepared, PluginError> {
        let newest = request.replaces.last();
        let newest = newest.ok_or_else(|| PluginError::invalid("there is nothing to cancel"))?;
        let (_, uid) = signing::read_order(self.service.domain(), &newest.0)?;
        self.desk().sign_cancellation(ctx, &request.signer, request.sequence, uid).await
    }

    async fn send(&self, ctx: &Context, request: SendRequest) -> SendOutcome {
        let not_sent = |reason: String| SendOutcome::NotSent { reason };
        match signing::name_of(self.service.domain(), &request.raw.0) {
            Ok(name) if name.to_string() == request.hash => self.service.send(ctx, &name, request.raw).await,
            Ok(_) => not_sent("the name is not that of the bytes".to_owned()),
            Err(error) => not_sent(error.message),
        }
    }

    async fn status(&self, ctx: &Context, request: StatusRequest) -> Result<Vec<TxStatus>, PluginError> {
        let names = request.queries.iter().map(|query| query.hash.parse());
        let names: Vec<Name> = names.collect::<Result<_, PluginError>>()?;
        let uids: Vec<Uid> = names.iter().map(|name| *name.uid()).collect();
        let (ledger, entries) = self.service.status(ctx, &uids).await?;
        let clocks = Clocks::new(&ledger, self.now(ctx, &entries).await);
        let told = names.iter().zip(&request.queries).zip(&entries);
        Ok(told
            .map(|((name, query), entry)| status_of(name, entry, query.receive.as_ref(), clocks))
            .collect())
    }

    /// Orders cost nothing, so there is no coin of the chain's own.
    async fn balance(&self, ctx: &Context, request: BalanceRequest) -> Result<Amount, PluginError> {
        let Some(token) = request.token else {
            return Ok(Amount::ZERO);
        };
        self.service.balance(ctx, parse_address(&request.address)?, parse_address(&token)?).await
    }

    async fn read(&self, _: &Context, _: ReadRequest) -> Result<Payload, PluginError> {
        Err(PluginError::invalid("this chain answers no queries"))
    }

    async fn health(&self, ctx: &Context) -> Result<Health, PluginError> {
        let who = self.service.who(ctx).await?;
        let domain = self.service.domain();
        match who.is_of(domain) {
            true => Ok(Health { detail: format!("settled up to {}", who.final_time) }),
            false => Err(PluginError::permanent("the service settles elsewhere than is configured")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::Order,
        settings::ChainSettings,
        testing::{DOMAIN, Keeper, intent, order, owner, signer, soon},
    };
    use alloy_primitives::FixedBytes;
    use orderd_sdk::plugin::{ErrorKind, TxQuery};
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    fn chain(answer: Value) -> IntentChain {
        let host = Host::new(Keeper::answering(Ok((200, answer))));
        let settings = ChainSettings { url: "http://a".to_owned(), domain: DOMAIN };
        let service = Service::new(host.clone(), settings);
        IntentChain::new("main".to_owned(), host, Arc::new(service))
    }

    fn prepare(sequence: u64) -> PrepareRequest {
        let chance = FixedBytes::<16>::repeat_byte(9);
        let payload = json!({ "intent": intent(), "chance": chance }).into();
        PrepareRequest { signer: signer(), sequence, payload }
    }

    #[tokio::test]
    async fn no_two_orders_have_one_name() {
        let chain = chain(json!({"balance": "1000"}));
        let mut names = BTreeSet::new();
        for sequence in [0, 0, 1, u64::MAX] {
            let request = EstimateRequest { address: signer().address, payload: intent() };
            let Estimated { payload } = chain.estimate(&soon(), request).await.unwrap();
            let request = PrepareRequest { signer: signer(), sequence, payload };
            let first = chain.prepare(&soon(), request.clone()).await.unwrap();
            assert_eq!(chain.prepare(&soon(), request).await.unwrap(), first, "the same, signed again");
            names.insert(first.hash);
        }
        assert_eq!(names.len(), 4);
        for sequence in [0, 1] {
            names.insert(chain.prepare(&soon(), prepare(sequence)).await.unwrap().hash);
        }
        assert_eq!(names.len(), 6, "at another sequence another");
    }

    #[tokio::test]
    async fn bytes_go_out_under_their_own_name_only() {
        let chain = chain(Value::Null);
        let first = chain.prepare(&soon(), prepare(0)).await.unwrap();
        let second = chain.prepare(&soon(), prepare(1)).await.unwrap();
        let mixed = SendRequest { raw: first.raw.clone(), hash: second.hash };
        assert!(matches!(chain.send(&soon(), mixed).await, SendOutcome::NotSent { .. }));
        let own = SendRequest { raw: first.raw, hash: first.hash };
        assert!(matches!(chain.send(&soon(), own).await, SendOutcome::Unknown { .. }), "200, and no sense");
    }

    #[tokio::test]
    async fn an_order_that_cannot_be_paid_is_not_signed() {
        for (balance, kind) in [("0", Some(ErrorKind::InsufficientFunds)), ("1000000", None)] {
            let request = EstimateRequest { address: signer().address, payload: intent() };
            let estimated = chain(json!({ "balance": balance })).estimate(&soon(), request).await;
            assert_eq!(estimated.err().map(|error| error.kind), kind);
        }
    }

    #[tokio::test]
    async fn what_has_expired_by_both_clocks_is_dead_and_nothing_else_is() {
        for (valid_to, final_time, dead) in [
            (Keeper::NOW - 1, Keeper::NOW, true),
            (Keeper::NOW - 1, 5, false),
            (Keeper::NOW, u32::MAX, false),
        ] {
            let uid = DOMAIN.uid(&Order { valid_to, ..order() }, owner()).to_string();
            let entry = json!({"uid": uid, "book": "open", "outcome": null});
            let settlement = json!({"chainId": 1, "address": DOMAIN.settlement, "finalTime": final_time});
            let reply = json!({"settlement": settlement, "orders": [entry]});
            let queries = vec![TxQuery { hash: uid, receive: None }];
            let statuses = chain(reply).status(&soon(), StatusRequest { queries }).await.unwrap();
            assert_eq!(matches!(statuses[..], [TxStatus::Dead { .. }]), dead, "{valid_to} {final_time}");
        }
    }

    #[tokio::test]
    async fn another_settlement_is_not_healthy() {
        for (chain_id, healthy) in [(1, true), (2, false)] {
            let who = json!({"chainId": chain_id, "address": DOMAIN.settlement, "finalTime": 5});
            assert_eq!(chain(who).health(&soon()).await.is_ok(), healthy);
        }
    }
}
