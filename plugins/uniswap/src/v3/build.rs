//! Encodes a swap. The router itself enforces the least to receive and the deadline.

use super::V3;
use crate::approval::{missing, swap_payload};
use crate::contracts::{V3Router, V3Router02};
use crate::route::Route;
use crate::settings::RouterVersion;
use crate::trade::Trade;
use alloy_primitives::aliases::{U24, U160};
use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;
use orderd_sdk::plugin::{Build, BuildRequest, Context, Payload, PluginError};

impl V3 {
    pub(super) async fn encode(&self, ctx: &Context, request: &BuildRequest) -> Result<Build, PluginError> {
        let trade = Trade::to_build(request)?;
        let route = self.route(request, &trade)?;
        let router = self.common.router;
        if let Some(approval) = missing(&self.reader, ctx, request, &trade, router).await? {
            return Ok(approval);
        }
        let order =
            Order { trade, route, min_out: request.min_out.0, deadline: U256::from(request.deadline) };
        Ok(Build::Swap {
            payload: match self.contracts.router_version {
                RouterVersion::SwapRouter => order.for_router(router),
                RouterVersion::SwapRouter02 => order.for_router_02(router),
            },
        })
    }
}

/// What a router has to be told.
struct Order {
    trade: Trade,
    route: Route,
    min_out: U256,
    deadline: U256,
}

impl Order {
    fn for_router(&self, router: Address) -> Payload {
        match self.route.fees.as_slice() {
            [fee] => {
                let params = V3Router::ExactInputSingleParams {
                    tokenIn: self.trade.token_in,
                    tokenOut: self.trade.token_out,
                    fee: U24::from(*fee),
                    recipient: self.trade.trader,
                    deadline: self.deadline,
                    amountIn: self.trade.amount_in,
                    amountOutMinimum: self.min_out,
                    sqrtPriceLimitX96: U160::ZERO,
                };
                swap_payload(router, &V3Router::exactInputSingleCall { params }, &self.trade)
            }
            _ => {
                let params = V3Router::ExactInputParams {
                    path: self.route.packed(),
                    recipient: self.trade.trader,
                    deadline: self.deadline,
                    amountIn: self.trade.amount_in,
                    amountOutMinimum: self.min_out,
                };
                swap_payload(router, &V3Router::exactInputCall { params }, &self.trade)
            }
        }
    }

    /// `SwapRouter02` checks the deadline in `multicall`, around the swap.
    fn for_router_02(&self, router: Address) -> Payload {
        let multicall = V3Router02::multicallCall { deadline: self.deadline, data: vec![self.inner_02()] };
        swap_payload(router, &multicall, &self.trade)
    }

    fn inner_02(&self) -> Bytes {
        let encoded = match self.route.fees.as_slice() {
            [fee] => {
                let params = V3Router02::ExactInputSingleParams {
                    tokenIn: self.trade.token_in,
                    tokenOut: self.trade.token_out,
                    fee: U24::from(*fee),
                    recipient: self.trade.trader,
                    amountIn: self.trade.amount_in,
                    amountOutMinimum: self.min_out,
                    sqrtPriceLimitX96: U160::ZERO,
                };
                V3Router02::exactInputSingleCall { params }.abi_encode()
            }
            _ => {
                let params = V3Router02::ExactInputParams {
                    path: self.route.packed(),
                    recipient: self.trade.trader,
                    amountIn: self.trade.amount_in,
                    amountOutMinimum: self.min_out,
                };
                V3Router02::exactInputCall { params }.abi_encode()
            }
        };
        encoded.into()
    }
}
