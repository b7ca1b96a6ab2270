//! Whether the contracts are there and belong together.

use super::V2;
use crate::chain::View;
use crate::contracts::{V2Factory, V2Router};
use orderd_sdk::plugin::{Context, Health, PluginError};

impl V2 {
    pub(super) async fn look_after(&self, ctx: &Context) -> Result<Health, PluginError> {
        let common = &self.common;
        let views = [
            View::new(common.router, &V2Router::factoryCall {}),
            View::new(common.router, &V2Router::WETHCall {}),
            View::new(self.factory, &V2Factory::allPairsLengthCall {}),
        ];
        let viewed = self.reader.view(ctx, &views).await?;
        let [factory, wrapped, pools] = viewed.as_slice() else {
            return Err(PluginError::transient("the chain did not answer every call"));
        };
        if factory.expect::<V2Router::factoryCall>("the router")? != self.factory {
            return Err(PluginError::permanent("the router is of another factory"));
        }
        if wrapped.expect::<V2Router::WETHCall>("the router")? != common.wrapped_native {
            return Err(PluginError::permanent("the router knows another wrapped native token"));
        }
        let pools = pools.expect::<V2Factory::allPairsLengthCall>("the factory")?;
        Ok(Health { detail: format!("{pools} pools") })
    }
}
