//! Encodes a swap. The router itself enforces the least to receive and the deadline.

use super::V2;
use crate::approval::{missing, swap_payload};
use crate::contracts::V2Router;
use crate::route::Route;
use crate::trade::Trade;
use alloy_primitives::U256;
use orderd_sdk::plugin::{Build, BuildRequest, Context, PluginError};

impl V2 {
    pub(super) async fn encode(&self, ctx: &Context, request: &BuildRequest) -> Result<Build, PluginError> {
        let trade = Trade::to_build(request)?;
        let route = Route::from_payload(&request.route, &trade, &self.common.via)?;
        if !route.fees.is_empty() {
            return Err(PluginError::invalid("the route names fees, which this venue's pools do not have"));
        }
        let router = self.common.router;
        if let Some(approval) = missing(&self.reader, ctx, request, &trade, router).await? {
            return Ok(approval);
        }
        let swap = V2Router::swapExactTokensForTokensCall {
            amountIn: trade.amount_in,
            amountOutMin: request.min_out.0,
            path: route.path,
            to: trade.trader,
            deadline: U256::from(request.deadline),
        };
        Ok(Build::Swap { payload: swap_payload(router, &swap, &trade) })
    }
}
