//! A trade in the terms of the contracts: addresses, and integers of base units.

use alloy_primitives::{Address, U256};
use orderd_sdk::plugin::{BuildRequest, PluginError, QuoteRequest, Token};

/// Who sells how much of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trade {
    /// Who sells, and who receives.
    pub(crate) trader: Address,
    /// The token to sell.
    pub(crate) token_in: Address,
    /// The token to buy.
    pub(crate) token_out: Address,
    /// Base units to sell.
    pub(crate) amount_in: U256,
}

impl Trade {
    /// The trade to price.
    ///
    /// # Errors
    /// When it makes no sense.
    pub(crate) fn to_quote(request: &QuoteRequest) -> Result<Self, PluginError> {
        Self::new(&request.trader, &request.token_in, &request.token_out, request.amount_in.0)
    }

    /// The trade to build.
    ///
    /// # Errors
    /// When it makes no sense.
    pub(crate) fn to_build(request: &BuildRequest) -> Result<Self, PluginError> {
        Self::new(&request.trader, &request.token_in, &request.token_out, request.amount_in.0)
    }

    fn new(trader: &str, sell: &Token, buy: &Token, amount_in: U256) -> Result<Self, PluginError> {
        let trade = Self {
            trader: address(trader)?,
            token_in: address(&sell.address)?,
            token_out: address(&buy.address)?,
            amount_in,
        };
        match trade.token_in == trade.token_out || amount_in.is_zero() {
            true => Err(PluginError::invalid("a trade is of two tokens and more than nothing")),
            false => Ok(trade),
        }
    }

    /// The ways to try: directly, and over each of these tokens.
    pub(crate) fn paths(&self, via: &[Address]) -> Vec<Vec<Address>> {
        let stops = via.iter().filter(|stop| **stop != self.token_in && **stop != self.token_out);
        let detours = stops.map(|stop| vec![self.token_in, *stop, self.token_out]);
        std::iter::once(vec![self.token_in, self.token_out]).chain(detours).collect()
    }
}

/// That nobody makes a market, in the order's own words.
pub(crate) fn no_pool(request: &QuoteRequest) -> PluginError {
    let (sell, buy) = (&request.token_in.symbol, &request.token_out.symbol);
    PluginError::permanent(format!("no pool for {sell}/{buy}"))
}

/// That there are pools, but none has enough to pay out.
pub(crate) fn too_shallow(request: &QuoteRequest) -> PluginError {
    let (sell, buy) = (&request.token_in.symbol, &request.token_out.symbol);
    PluginError::market(format!("no pool for {sell}/{buy} is deep enough"))
}

fn address(text: &str) -> Result<Address, PluginError> {
    text.parse().map_err(|_| PluginError::invalid(format!("{text:?} is not an EVM address")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_the_trade_is_no_stop() {
        let [sell, buy, stop] = [1, 2, 3].map(Address::repeat_byte);
        let trade = Trade { trader: Address::ZERO, token_in: sell, token_out: buy, amount_in: U256::from(1) };
        assert_eq!(trade.paths(&[sell, stop, buy]), [vec![sell, buy], vec![sell, stop, buy]]);
    }
}
