//! Quotes and trades by the contracts themselves, from unlocked accounts: what the daemon is compared with.

use alloy_primitives::{
    Address, B256, U256,
    aliases::{U24, U160},
};
use anyhow::{Context, Result, ensure};

use super::{Token, Venue, World};
use crate::{
    contracts::{Erc20, V2Router, V3Quoter, V3Router},
    rpc::{Receipt, Rpc, RpcError, TxRequest},
};

/// The fee tiers of Uniswap V3 that have pools.
const V3_FEES: [u32; 2] = [500, 3_000];
/// The fee of every V2 pool.
const V2_FEE: u32 = 3_000;

/// What an exchange would pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// The exchange.
    pub venue: Venue,
    /// The token sold.
    pub sell: Address,
    /// The token bought.
    pub buy: Address,
    /// Base units sold.
    pub amount_in: U256,
    /// Base units bought.
    pub amount_out: U256,
    /// The pool's fee in hundredths of a basis point; on Uniswap V3, that of the better tier.
    pub fee: u32,
}

impl World {
    /// What `venue` pays for `amount_in` base units of `sell`, by its own router or quoter.
    ///
    /// # Errors
    /// When the node fails or there is no such pool.
    pub async fn quote(
        &self,
        rpc: &Rpc,
        venue: Venue,
        (sell, buy): (&Token, &Token),
        amount_in: U256,
    ) -> Result<Quote> {
        let mut quotes = Vec::new();
        let asked = Quote {
            venue,
            sell: sell.address,
            buy: buy.address,
            amount_in,
            amount_out: U256::ZERO,
            fee: V2_FEE,
        };
        match venue {
            Venue::UniswapV2 | Venue::Sushiswap => quotes.push(self.v2_quote(rpc, asked).await?),
            Venue::UniswapV3 => {
                for fee in V3_FEES {
                    quotes.push(self.v3_quote(rpc, Quote { fee, ..asked }).await?);
                }
            }
        }
        quotes.into_iter().max_by_key(|quote| quote.amount_out).context("every exchange has a fee tier")
    }

    /// The quotes of all exchanges, the best one first.
    ///
    /// # Errors
    /// As for [`World::quote`].
    pub async fn quotes(&self, rpc: &Rpc, pair: (&Token, &Token), amount_in: U256) -> Result<Vec<Quote>> {
        let mut quotes = Vec::new();
        for venue in Venue::ALL {
            quotes.push(self.quote(rpc, venue, pair, amount_in).await?);
        }
        quotes.sort_by_key(|quote| std::cmp::Reverse(quote.amount_out));
        Ok(quotes)
    }

    /// Lets the router of `venue` take `token` from `owner`, which must be an unlocked account.
    ///
    /// # Errors
    /// When the node fails or the approval reverts.
    pub async fn approve(&self, rpc: &Rpc, owner: Address, token: &Token, venue: Venue) -> Result<Receipt> {
        let approve = Erc20::approveCall { spender: self.router(venue), amount: U256::MAX };
        let receipt = rpc.execute(&TxRequest::call(owner, token.address, &approve)).await?;
        ensure!(receipt.succeeded(), "the approval of {} reverted", token.symbol);
        Ok(receipt)
    }

    /// What `owner` allows the router of `venue` to take of `token`.
    ///
    /// # Errors
    /// When the node fails.
    pub async fn allowance(&self, rpc: &Rpc, owner: Address, token: &Token, venue: Venue) -> Result<U256> {
        let allowance = Erc20::allowanceCall { owner, spender: self.router(venue) };
        Ok(rpc.eth_call(token.address, &allowance).await?)
    }

    /// Sends the trade of `quote` from an unlocked account, for at least the amount quoted. A trade that cannot
    /// succeed is sent all the same, and its receipt tells that it reverted.
    ///
    /// # Errors
    /// When the node fails.
    pub async fn swap(&self, rpc: &Rpc, quote: &Quote, from: Address) -> Result<B256> {
        Ok(rpc.send(&self.swap_request(quote, from)).await?)
    }

    /// What [`World::swap`] sends.
    #[must_use]
    pub fn swap_request(&self, quote: &Quote, from: Address) -> TxRequest {
        match quote.venue {
            Venue::UniswapV2 | Venue::Sushiswap => {
                TxRequest::call(from, self.router(quote.venue), &v2_swap(quote, from))
            }
            Venue::UniswapV3 => TxRequest::call(from, self.router(quote.venue), &v3_swap(quote, from)),
        }
    }

    async fn v2_quote(&self, rpc: &Rpc, asked: Quote) -> Result<Quote> {
        let call =
            V2Router::getAmountsOutCall { amountIn: asked.amount_in, path: vec![asked.sell, asked.buy] };
        let amounts = rpc.eth_call(self.router(asked.venue), &call).await?;
        let amount_out = *amounts.last().context("a router quotes every token of the path")?;
        Ok(Quote { amount_out, ..asked })
    }

    async fn v3_quote(&self, rpc: &Rpc, asked: Quote) -> Result<Quote, RpcError> {
        let params = V3Quoter::QuoteParams {
            tokenIn: asked.sell,
            tokenOut: asked.buy,
            amountIn: asked.amount_in,
            fee: U24::from(asked.fee),
            sqrtPriceLimitX96: U160::ZERO,
        };
        let call = V3Quoter::quoteExactInputSingleCall { params };
        let amount_out = rpc.eth_call(self.uniswap_v3.quoter, &call).await?.amountOut;
        Ok(Quote { amount_out, ..asked })
    }
}

fn v2_swap(quote: &Quote, to: Address) -> V2Router::swapExactTokensForTokensCall {
    V2Router::swapExactTokensForTokensCall {
        amountIn: quote.amount_in,
        amountOutMin: quote.amount_out,
        path: vec![quote.sell, quote.buy],
        to,
        deadline: U256::MAX,
    }
}

fn v3_swap(quote: &Quote, recipient: Address) -> V3Router::exactInputSingleCall {
    let params = V3Router::ExactInputSingleParams {
        tokenIn: quote.sell,
        tokenOut: quote.buy,
        fee: U24::from(quote.fee),
        recipient,
        deadline: U256::MAX,
        amountIn: quote.amount_in,
        amountOutMinimum: quote.amount_out,
        sqrtPriceLimitX96: U160::ZERO,
    };
    V3Router::exactInputSingleCall { params }
}
