//! Signs at a sequence that earlier transactions have: without effect (a cancellation), or with the effect of the last
//! one (a bump). Both outbid all of them, so that every node's pool takes them in their place.

use super::EvmChain;
use crate::fees::Bid;
use crate::signing;
use crate::transaction::{nothing, parse_address};
use alloy_consensus::TxEip1559;
use orderd_sdk::plugin::{BumpRequest, CancelRequest, Context, HexBytes, PluginError, Prepared};

impl EvmChain {
    /// Touches no network. It is worth something even where the market asks for more than the cap: the earlier ones
    /// leave the pools.
    pub(super) async fn sign_nothing(
        &self,
        ctx: &Context,
        request: CancelRequest,
    ) -> Result<Prepared, PluginError> {
        let address = parse_address(&request.signer.address)?;
        let earlier = self.earlier(&request.replaces, request.sequence)?;
        let bid = match self.last_bid() {
            Err(unknown) if earlier.is_empty() => return Err(unknown),
            bid => bid.unwrap_or(Bid::NOTHING),
        };
        let bid = self.policy.outbid(bid, &earlier)?;
        let transaction = nothing(self.chain_id, request.sequence, address, bid);
        self.sign(ctx, &request.signer, transaction).await
    }

    /// Everything but the fees stays as it is in the last one.
    pub(super) async fn sign_again(
        &self,
        ctx: &Context,
        request: BumpRequest,
    ) -> Result<Prepared, PluginError> {
        let earlier = self.earlier(&request.replaces, request.sequence)?;
        let last = earlier.last().ok_or_else(|| PluginError::invalid("there is nothing to replace"))?;
        let bid = self.policy.outbid(self.current_bid(ctx).await?, &earlier)?;
        let transaction = TxEip1559 {
            max_fee_per_gas: bid.max_fee,
            max_priority_fee_per_gas: bid.priority_fee,
            ..last.clone()
        };
        self.sign(ctx, &request.signer, transaction).await
    }

    /// What the market asked when it was last seen.
    fn last_bid(&self) -> Result<Bid, PluginError> {
        let market = self.oracle.last_seen();
        let market = market.ok_or_else(|| PluginError::transient("the chain's fees are not known yet"))?;
        self.policy.bid(market)
    }

    /// What the market asks now. A node that does not say so in half of the time does not hold the bump up: the other
    /// half is for the signature.
    async fn current_bid(&self, ctx: &Context) -> Result<Bid, PluginError> {
        let half = Context::within(ctx.remaining() / 2);
        match self.oracle.now(&half, &self.rpc).await {
            Ok(market) => self.policy.bid(market),
            Err(error) => {
                tracing::warn!(chain = self.name, %error, "bumping without knowing the market");
                Ok(Bid::NOTHING)
            }
        }
    }

    /// Reads the transactions to replace; one of another sequence or chain is a mistake of the caller.
    fn earlier(&self, raw: &[HexBytes], sequence: u64) -> Result<Vec<TxEip1559>, PluginError> {
        let read = |raw: &HexBytes| {
            let transaction = signing::decode(&raw.0)?;
            match transaction.nonce == sequence && transaction.chain_id == self.chain_id {
                true => Ok(transaction),
                false => {
                    Err(PluginError::invalid("a transaction to replace is of another sequence or chain"))
                }
            }
        };
        raw.iter().map(read).collect()
    }
}
