//! Signs at a sequence. The lane waits for it, so nothing here touches the network.

use super::EvmChain;
use crate::fees::Bid;
use crate::signing;
use crate::transaction::{CompletedCall, from_payload, nothing, parse_address};
use alloy_consensus::TxEip1559;
use orderd_sdk::plugin::{CancelRequest, Context, HexBytes, PluginError, PrepareRequest, Prepared, Signer};

impl EvmChain {
    pub(super) async fn sign_call(
        &self,
        ctx: &Context,
        request: PrepareRequest,
    ) -> Result<Prepared, PluginError> {
        let call: CompletedCall = from_payload(request.payload)?;
        let bid = call.bid()?;
        let transaction = call.into_transaction(self.chain_id, request.sequence, bid);
        self.sign(ctx, &request.signer, transaction).await
    }

    pub(super) async fn sign_nothing(
        &self,
        ctx: &Context,
        request: CancelRequest,
    ) -> Result<Prepared, PluginError> {
        let address = parse_address(&request.signer.address)?;
        let earlier = self.earlier(&request.replaces, request.sequence)?;
        let bid = self.outbid_all(self.last_bid(&earlier)?, &earlier)?;
        let transaction = nothing(self.chain_id, request.sequence, address, bid);
        self.sign(ctx, &request.signer, transaction).await
    }

    async fn sign(
        &self,
        ctx: &Context,
        signer: &Signer,
        transaction: TxEip1559,
    ) -> Result<Prepared, PluginError> {
        signing::sign(&self.host, ctx, &self.name, signer, transaction).await
    }

    /// What the market asked when it was last seen. Without that, whatever outbids the earlier ones.
    fn last_bid(&self, earlier: &[TxEip1559]) -> Result<Bid, PluginError> {
        let nothing = Bid { max_fee: 0, priority_fee: 0 };
        match self.oracle.last_seen() {
            Some(market) => self.policy.bid(market),
            None if earlier.is_empty() => Err(PluginError::transient("the chain's fees are not known yet")),
            None => Ok(nothing),
        }
    }

    fn outbid_all(&self, bid: Bid, earlier: &[TxEip1559]) -> Result<Bid, PluginError> {
        earlier.iter().try_fold(bid, |bid, transaction| self.policy.outbid(bid, transaction))
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
