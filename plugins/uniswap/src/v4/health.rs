//! Whether the contracts are there and belong together.

use super::V4;
use crate::chain::View;
use crate::contracts::{Permit2, UniversalRouter, V4Quoter, V4StateView};
use alloy_primitives::Address;
use orderd_sdk::plugin::{Context, Health, PluginError};

impl V4 {
    pub(super) async fn look_after(&self, ctx: &Context) -> Result<Health, PluginError> {
        let contracts = &self.contracts;
        let (wrapped, router) = (self.common.wrapped_native, self.common.router);
        let leave = Permit2::allowanceCall { user: Address::ZERO, token: wrapped, spender: router };
        let views = [
            View::new(router, &UniversalRouter::poolManagerCall {}),
            View::new(contracts.quoter, &V4Quoter::poolManagerCall {}),
            View::new(contracts.state_view, &V4StateView::poolManagerCall {}),
            View::new(contracts.permit2, &leave),
        ];
        let viewed = self.reader.view(ctx, &views).await?;
        let [router, quoter, state_view, permit2] = viewed.as_slice() else {
            return Err(PluginError::transient("the chain did not answer every call"));
        };
        let known = [
            router.expect::<UniversalRouter::poolManagerCall>("the router")?,
            quoter.expect::<V4Quoter::poolManagerCall>("the quoter")?,
            state_view.expect::<V4StateView::poolManagerCall>("the state view")?,
        ];
        if known.iter().any(|manager| *manager != contracts.pool_manager) {
            return Err(PluginError::permanent(
                "the router, the quoter or the state view is of another pool manager",
            ));
        }
        permit2.expect::<Permit2::allowanceCall>("permit2")?;
        let tiers = self.fees.len();
        Ok(Health { detail: format!("{tiers} tiers of one pool manager") })
    }
}
