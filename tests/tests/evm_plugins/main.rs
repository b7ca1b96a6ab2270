//! The plugins `evm` and `uniswap` on a real node with real contracts: what a quote promises is received, what the
//! chain says of a transaction is true, and nothing uncertain is called certain.

#![expect(clippy::unwrap_used, reason = "what is missing at the desk fails the test")]

mod consuming;
mod desk;
mod following;
mod means;
mod replacing;
mod sending;
mod trading;
mod uniswap_v4;
