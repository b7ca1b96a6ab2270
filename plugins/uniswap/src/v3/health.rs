//! Whether the contracts are there and belong together.

use super::V3;
use crate::chain::View;
use crate::contracts::{V3Factory, V3Quoter, V3Router};
use crate::settings::V3Contracts;
use alloy_primitives::aliases::{I24, U24};
use orderd_sdk::plugin::{Context, Health, PluginError};

impl V3 {
    pub(super) async fn look_after(&self, ctx: &Context) -> Result<Health, PluginError> {
        let common = &self.common;
        let V3Contracts { factory, quoter, .. } = self.contracts;
        let spacing = |fee: &u32| V3Factory::feeAmountTickSpacingCall { fee: U24::from(*fee) };
        let tiers = self.fees.iter().map(|fee| View::new(factory, &spacing(fee)));
        let contracts = [
            View::new(common.router, &V3Router::factoryCall {}),
            View::new(common.router, &V3Router::WETH9Call {}),
            View::new(quoter, &V3Quoter::factoryCall {}),
        ];
        let views: Vec<View> = contracts.into_iter().chain(tiers).collect();
        let viewed = self.reader.view(ctx, &views).await?;
        let [router_factory, wrapped, quoter_factory, tiers @ ..] = viewed.as_slice() else {
            return Err(PluginError::transient("the chain did not answer every call"));
        };
        let router_factory = router_factory.expect::<V3Router::factoryCall>("the router")?;
        let quoter_factory = quoter_factory.expect::<V3Quoter::factoryCall>("the quoter")?;
        if router_factory != factory || quoter_factory != factory {
            return Err(PluginError::permanent("the router or the quoter is of another factory"));
        }
        if wrapped.expect::<V3Router::WETH9Call>("the router")? != common.wrapped_native {
            return Err(PluginError::permanent("the router knows another wrapped native token"));
        }
        let mut enabled = 0_usize;
        for tier in tiers {
            let spacing = tier.expect::<V3Factory::feeAmountTickSpacingCall>("the factory")?;
            enabled += usize::from(spacing != I24::ZERO);
        }
        let asked = self.fees.len();
        Ok(Health { detail: format!("{enabled} of {asked} fee tiers enabled") })
    }
}
