//! A trader's leave for the router to take a token, in two steps: the token lets Permit2 take it, and Permit2 lets the
//! router. Both are asked for once and without a limit.

use super::V4;
use crate::approval::{Leave, payload};
use crate::chain::View;
use crate::contracts::Permit2;
use crate::trade::Trade;
use alloy_primitives::U256;
use alloy_primitives::aliases::{U48, U160};
use orderd_sdk::plugin::{Approval, Build, BuildRequest, Context, PluginError};

impl V4 {
    /// What has to be granted first; `None` when nothing is missing.
    pub(super) async fn missing(
        &self,
        ctx: &Context,
        request: &BuildRequest,
        trade: &Trade,
    ) -> Result<Option<Build>, PluginError> {
        let (permit2, router) = (self.contracts.permit2, self.common.router);
        let leave = Leave { request, trade, spender: permit2 };
        let passed_on = Permit2::allowanceCall { user: trade.trader, token: trade.token_in, spender: router };
        let mut views = leave.views().to_vec();
        views.push(View::new(permit2, &passed_on));
        let viewed = self.reader.view(ctx, &views).await?;
        let [token @ .., passed_on] = viewed.as_slice() else {
            return Err(PluginError::transient("the chain did not answer every call"));
        };
        if let Some(approval) = leave.missing(token)? {
            return Ok(Some(approval));
        }
        let passed_on = passed_on.expect::<Permit2::allowanceCall>("permit2")?;
        let lasts = passed_on.expiration.to::<u64>() >= request.deadline;
        Ok(match lasts && U256::from(passed_on.amount) >= trade.amount_in {
            true => None,
            false => Some(self.pass_on(request, trade)),
        })
    }

    fn pass_on(&self, request: &BuildRequest, trade: &Trade) -> Build {
        let router = self.common.router;
        let approve = Permit2::approveCall {
            token: trade.token_in,
            spender: router,
            amount: U160::MAX,
            expiration: U48::MAX,
        };
        Build::Approve(Approval {
            token: request.token_in.symbol.clone(),
            spender: router.to_string(),
            payload: payload(self.contracts.permit2, &approve),
        })
    }
}
