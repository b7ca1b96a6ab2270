//! What was really traded: the swap events of a transaction, read from its receipt.

use alloy_primitives::{Address, Log, U256};
use alloy_sol_types::SolEvent;

use crate::{
    contracts::{V2Pair, V3Pool, V4PoolManager},
    rpc::Receipt,
};

/// Which of a pool's two tokens went into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sold {
    /// The token of the lower address.
    Token0,
    /// The token of the higher address.
    Token1,
}

/// One trade with one pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swap {
    /// The pool; on Uniswap V4, the contract that holds all of them.
    pub pool: Address,
    /// The token that went in.
    pub sold: Sold,
    /// Base units that went in, fee included.
    pub amount_in: U256,
    /// Base units that came out.
    pub amount_out: U256,
}

/// The trades in `receipt`, in their order. A route over two pools gives two, and the last one's
/// [`amount_out`](Swap::amount_out) is what the trader got.
#[must_use]
pub fn swaps(receipt: &Receipt) -> Vec<Swap> {
    receipt.logs.iter().filter_map(|log| of_log(&log.raw())).collect()
}

fn of_log(log: &Log) -> Option<Swap> {
    v2(log).or_else(|| v3(log)).or_else(|| v4(log))
}

fn v2(log: &Log) -> Option<Swap> {
    let Log { address: pool, data } = V2Pair::Swap::decode_log(log).ok()?;
    let swap = if data.amount0Out.is_zero() {
        (Sold::Token0, data.amount0In, data.amount1Out)
    } else {
        (Sold::Token1, data.amount1In, data.amount0Out)
    };
    Some(Swap { pool, sold: swap.0, amount_in: swap.1, amount_out: swap.2 })
}

/// Amounts are the pool's gains: positive for the token sold to it, negative for the one it paid out.
fn v3(log: &Log) -> Option<Swap> {
    let Log { address, data } = V3Pool::Swap::decode_log(log).ok()?;
    let amounts = (data.amount0.unsigned_abs(), data.amount1.unsigned_abs());
    Some(one_way(address, if data.amount0.is_negative() { Sold::Token1 } else { Sold::Token0 }, amounts))
}

/// Amounts are the trader's gains: the other way round.
fn v4(log: &Log) -> Option<Swap> {
    let Log { address, data } = V4PoolManager::Swap::decode_log(log).ok()?;
    let amounts = (U256::from(data.amount0.unsigned_abs()), U256::from(data.amount1.unsigned_abs()));
    Some(one_way(address, if data.amount0 < 0 { Sold::Token0 } else { Sold::Token1 }, amounts))
}

fn one_way(pool: Address, sold: Sold, (zero, one): (U256, U256)) -> Swap {
    let (amount_in, amount_out) = match sold {
        Sold::Token0 => (zero, one),
        Sold::Token1 => (one, zero),
    };
    Swap { pool, sold, amount_in, amount_out }
}
