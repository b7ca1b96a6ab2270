//! Encodes a swap: one command of the Universal Router, which itself enforces the least to receive and the deadline.
//!
//! Each pool is an action of its own: the routers 2.0 and 2.1.0 read a whole path differently, and one pool alike.

use super::V4;
use crate::approval::swap_payload_through;
use crate::contracts::UniversalRouter;
use crate::pools::Market;
use crate::route::Route;
use crate::settings::V4Contracts;
use crate::tiers::Contracts;
use crate::trade::Trade;
use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolValue;
use orderd_sdk::plugin::{Build, BuildRequest, Context, PluginError};

/// The router's command: a swap by V4's pools (`Commands.sol`).
const V4_SWAP: u8 = 0x10;
/// Sell an exact amount to one pool (`Actions.sol`).
const SWAP_EXACT_IN_SINGLE: u8 = 0x06;
/// Pay all that is owed, if it is not more than so much.
const SETTLE_ALL: u8 = 0x0c;
/// Take all that is due, if it is not less than so much.
const TAKE_ALL: u8 = 0x0f;
/// As an amount to sell: all that the action before brought (`ActionConstants.sol`).
const OPEN_DELTA: u128 = 0;

impl V4 {
    pub(super) async fn encode(&self, ctx: &Context, request: &BuildRequest) -> Result<Build, PluginError> {
        let trade = Trade::to_build(request)?;
        let route = self.route(request, &trade)?;
        if trade.amount_in > V4Contracts::MOST_IN {
            return Err(PluginError::invalid("a pool takes less than 2^127 base units"));
        }
        if let Some(approval) = self.missing(ctx, request, &trade).await? {
            return Ok(approval);
        }
        let swap = UniversalRouter::executeCall {
            commands: [V4_SWAP].into(),
            inputs: vec![self.actions(&trade, &route, request.min_out.0)],
            deadline: U256::from(request.deadline),
        };
        let (permit2, router) = (self.contracts.permit2, self.common.router);
        Ok(Build::Swap { payload: swap_payload_through(permit2, router, &swap, &trade) })
    }

    /// What the command does: the swaps along the route, then what is paid for them and what is taken.
    fn actions(&self, trade: &Trade, route: &Route, min_out: U256) -> Bytes {
        let hops = route.path.windows(2).zip(&route.fees);
        let amounts = std::iter::once(trade.amount_in.saturating_to()).chain(std::iter::repeat(OPEN_DELTA));
        let swaps = hops.zip(amounts).filter_map(|((hop, fee), amount)| self.swap(hop, *fee, amount));
        let mut params: Vec<Bytes> = swaps.collect();
        let mut actions = vec![SWAP_EXACT_IN_SINGLE; params.len()];
        actions.extend([SETTLE_ALL, TAKE_ALL]);
        params.push((trade.token_in, trade.amount_in).abi_encode().into());
        params.push((trade.token_out, min_out).abi_encode().into());
        (Bytes::from(actions), params).abi_encode_params().into()
    }

    fn swap(&self, hop: &[Address], fee: u32, amount_in: u128) -> Option<Bytes> {
        let (token_in, token_out) = (*hop.first()?, *hop.last()?);
        let params = UniversalRouter::ExactInputSingleParams {
            poolKey: self.contracts.key(Market::new(token_in, token_out, fee)),
            zeroForOne: token_in < token_out,
            amountIn: amount_in,
            amountOutMinimum: 0,
            hookData: Bytes::new(),
        };
        Some(params.abi_encode().into())
    }
}
