//! Signs at a sequence. The lane waits for it, so nothing here touches the network.

use super::EvmChain;
use crate::signing;
use crate::transaction::{CompletedCall, from_payload};
use alloy_consensus::TxEip1559;
use orderd_sdk::plugin::{Context, PluginError, PrepareRequest, Prepared, Signer};

impl EvmChain {
    pub(super) async fn sign_call(
        &self,
        ctx: &Context,
        request: PrepareRequest,
    ) -> Result<Prepared, PluginError> {
        let call: CompletedCall = from_payload(&request.payload)?;
        let transaction = call.into_transaction(self.chain_id, request.sequence)?;
        self.sign(ctx, &request.signer, transaction).await
    }

    pub(super) async fn sign(
        &self,
        ctx: &Context,
        signer: &Signer,
        transaction: TxEip1559,
    ) -> Result<Prepared, PluginError> {
        signing::sign(&self.host, ctx, &self.name, signer, transaction).await
    }
}
