//! Follows transactions: whether they are known, in a block, final, and what they brought in.
//!
//! "Not found" is said only when the node answered `null` to both questions. "Final" is said only when the block is
//! at or below the final height, and is still the one that counts at its own height.

use super::EvmChain;
use crate::revert::Reverted;
use crate::rpc::{Answer, Call, RpcError};
use crate::transaction::parse_address;
use alloy_primitives::{Address, B256, Bytes, U64, U256, b256};
use orderd_sdk::amount::Amount;
use orderd_sdk::plugin::{BlockRef, Context, PluginError, Receive, TxQuery, TxStatus};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The most transactions of one question.
const MOST_QUERIES: usize = 100;
/// The signature hash of ERC-20's `Transfer(address,address,uint256)`.
const TRANSFER: B256 = b256!("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");

/// A transaction's receipt, as far as it matters.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    transaction_hash: B256,
    block_hash: B256,
    block_number: U64,
    status: U64,
    gas_used: U64,
    logs: Vec<Log>,
}

#[derive(Clone, Debug, Deserialize)]
struct Log {
    address: Address,
    topics: Vec<B256>,
    data: Bytes,
}

/// A transaction, as far as its replay needs it.
#[derive(Clone, Debug, Deserialize)]
struct Transaction {
    from: Address,
    to: Option<Address>,
    input: Bytes,
    value: U256,
    gas: U64,
}

/// What was asked, understood.
struct Query {
    hash: B256,
    receive: Option<(Address, Address)>,
}

/// What the node answered to one query.
struct Sighting {
    receipt: Option<Receipt>,
    transaction: Option<Transaction>,
}

impl EvmChain {
    pub(super) async fn follow(
        &self,
        ctx: &Context,
        queries: &[TxQuery],
    ) -> Result<Vec<TxStatus>, PluginError> {
        if queries.len() > MOST_QUERIES {
            return Err(PluginError::invalid(format!("at most {MOST_QUERIES} transactions at once")));
        }
        if queries.is_empty() {
            return Ok(Vec::new());
        }
        let queries: Vec<Query> = queries.iter().map(Query::read).collect::<Result<_, _>>()?;
        let (sightings, final_height) = self.sight(ctx, &queries).await?;
        let is_settled = |height: &u64| final_height.is_some_and(|final_height| *height <= final_height);
        let heights: BTreeSet<u64> =
            sightings.iter().filter_map(Sighting::height).filter(is_settled).collect();
        let canonical = self.canonical(ctx, heights).await?;
        let mut reasons = self.reasons(ctx, &sightings).await.into_iter();
        let judge = |(query, sighting): (&Query, Sighting)| match sighting.receipt {
            Some(receipt) if receipt.reverted() => {
                let reason = reasons.next().unwrap_or_else(|| "reverted".to_owned());
                receipt.reverted_as(reason, &canonical)
            }
            Some(receipt) => receipt.succeeded(query.receive, &canonical),
            None if sighting.transaction.is_some() => TxStatus::Pending,
            None => TxStatus::NotFound,
        };
        Ok(queries.iter().zip(sightings).map(judge).collect())
    }

    async fn sight(
        &self,
        ctx: &Context,
        queries: &[Query],
    ) -> Result<(Vec<Sighting>, Option<u64>), RpcError> {
        let mut calls: Vec<Call> = queries.iter().flat_map(Query::calls).collect();
        calls.push(self.ask_final_height());
        let answers = self.rpc.batch(ctx, &calls).await?;
        let (height, pairs) = answers.split_last().ok_or(RpcError::Malformed("no answer"))?;
        let pairs = queries.iter().zip(pairs.chunks_exact(2));
        let sightings = pairs.map(|(query, pair)| Sighting::read(query.hash, pair));
        Ok((sightings.collect::<Result<_, _>>()?, self.final_height(height)?))
    }

    /// Why each of the reverted transactions reverted, in their order: they are replayed on top of their block.
    /// That is a best effort, and no reason to know nothing of all the others.
    async fn reasons(&self, ctx: &Context, sightings: &[Sighting]) -> Vec<String> {
        let reverted: Vec<&Sighting> = sightings.iter().filter(|sighting| sighting.reverted()).collect();
        let calls: Vec<Call> = reverted.iter().map(|sighting| sighting.replay()).collect();
        if calls.is_empty() {
            return Vec::new();
        }
        let answers = self.rpc.batch(ctx, &calls).await.unwrap_or_default();
        let mut answers = answers.iter();
        reverted.iter().map(|sighting| sighting.reason(answers.next())).collect()
    }
}

impl Query {
    fn read(query: &TxQuery) -> Result<Self, PluginError> {
        let hash = query.hash.parse();
        let hash =
            hash.map_err(|_| PluginError::invalid(format!("{:?} is no transaction hash", query.hash)))?;
        let read = |receive: &Receive| -> Result<_, PluginError> {
            Ok((parse_address(&receive.token)?, parse_address(&receive.address)?))
        };
        Ok(Self { hash, receive: query.receive.as_ref().map(read).transpose()? })
    }

    fn calls(&self) -> [Call; 2] {
        ["eth_getTransactionReceipt", "eth_getTransactionByHash"]
            .map(|method| Call { method, params: json!([self.hash]) })
    }
}

impl Sighting {
    fn read(hash: B256, pair: &[Answer]) -> Result<Self, RpcError> {
        let [receipt, transaction] = pair else {
            return Err(RpcError::Malformed("not two answers"));
        };
        let receipt: Option<Receipt> = receipt.read()?;
        if receipt.as_ref().is_some_and(|receipt| receipt.transaction_hash != hash) {
            return Err(RpcError::Malformed("a receipt of another transaction"));
        }
        Ok(Self { receipt, transaction: transaction.read()? })
    }

    fn height(&self) -> Option<u64> {
        Some(self.receipt.as_ref()?.block_number.to())
    }

    fn reverted(&self) -> bool {
        self.receipt.as_ref().is_some_and(Receipt::reverted)
    }

    fn replay(&self) -> Call {
        let block = self.receipt.as_ref().map(|receipt| receipt.block_number);
        let call = self.transaction.as_ref().map(|transaction| {
            json!({
                "from": transaction.from, "to": transaction.to, "data": transaction.input,
                "value": transaction.value, "gas": transaction.gas,
            })
        });
        Call { method: "eth_call", params: json!([call, block]) }
    }

    fn reason(&self, replayed: Option<&Answer>) -> String {
        let refused = replayed.and_then(|answer| answer.read::<Bytes>().err());
        let reverted = refused.and_then(|error| match error {
            RpcError::Fault(fault) => Reverted::in_fault(&fault),
            RpcError::Transport(_) | RpcError::Malformed(_) => None,
        });
        match reverted {
            Some(reverted) => reverted.reason,
            None if self.used_all_gas() => "out of gas".to_owned(),
            None => "reverted".to_owned(),
        }
    }

    fn used_all_gas(&self) -> bool {
        let used = self.receipt.as_ref().map(|receipt| receipt.gas_used);
        used.is_some() && used == self.transaction.as_ref().map(|transaction| transaction.gas)
    }
}

impl Receipt {
    fn reverted(&self) -> bool {
        self.status.is_zero()
    }

    fn succeeded(&self, receive: Option<(Address, Address)>, canonical: &BTreeMap<u64, B256>) -> TxStatus {
        TxStatus::Succeeded {
            block: self.block(),
            received: receive.map(|(token, address)| received(&self.logs, token, address)),
            finalized: self.finalized(canonical),
        }
    }

    fn reverted_as(&self, reason: String, canonical: &BTreeMap<u64, B256>) -> TxStatus {
        TxStatus::Reverted { block: self.block(), reason, finalized: self.finalized(canonical) }
    }

    fn finalized(&self, canonical: &BTreeMap<u64, B256>) -> bool {
        canonical.get(&self.block_number.to()) == Some(&self.block_hash)
    }

    fn block(&self) -> BlockRef {
        BlockRef { number: self.block_number.to(), hash: self.block_hash.to_string() }
    }
}

/// What a token's `Transfer` events brought to an address, less what they took from it; never below zero.
fn received(logs: &[Log], token: Address, address: Address) -> Amount {
    let own = logs.iter().filter(|log| log.address == token);
    let (came, went) = own.filter_map(transfer).fold((U256::ZERO, U256::ZERO), |sums, (from, to, units)| {
        let add = |sum: U256, counts: bool| if counts { sum.saturating_add(units) } else { sum };
        (add(sums.0, to == address), add(sums.1, from == address))
    });
    Amount(came.saturating_sub(went))
}

fn transfer(log: &Log) -> Option<(Address, Address, U256)> {
    let [TRANSFER, from, to] = log.topics.as_slice() else {
        return None;
    };
    let units = U256::try_from_be_slice(log.data.get(..32)?)?;
    Some((Address::from_word(*from), Address::from_word(*to), units))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: Address = Address::repeat_byte(1);
    const ME: Address = Address::repeat_byte(2);
    const POOL: Address = Address::repeat_byte(3);

    fn log(token: Address, from: Address, to: Address, units: u64) -> Log {
        Log {
            address: token,
            topics: vec![TRANSFER, from.into_word(), to.into_word()],
            data: U256::from(units).to_be_bytes_vec().into(),
        }
    }

    #[test]
    fn received_is_what_came_less_what_went() {
        let logs = [
            log(TOKEN, POOL, ME, 100),
            log(TOKEN, POOL, ME, 20),
            log(TOKEN, ME, POOL, 5),
            log(POOL, POOL, ME, 1_000),
            log(TOKEN, POOL, POOL, 1_000),
        ];
        assert_eq!(received(&logs, TOKEN, ME), Amount::from(115_u64));
        assert_eq!(received(&logs, TOKEN, TOKEN), Amount::ZERO);
    }

    #[test]
    fn a_transfer_to_oneself_brings_nothing() {
        assert_eq!(received(&[log(TOKEN, ME, ME, 7)], TOKEN, ME), Amount::ZERO);
    }

    #[test]
    fn other_events_are_no_transfers() {
        let mut indexed = log(TOKEN, POOL, ME, 7);
        indexed.topics.push(B256::ZERO);
        let mut short = log(TOKEN, POOL, ME, 7);
        short.data = Bytes::from_static(&[1]);
        let mut other = log(TOKEN, POOL, ME, 7);
        other.topics[0] = B256::ZERO;
        assert_eq!(received(&[indexed, short, other], TOKEN, ME), Amount::ZERO);
    }

    #[test]
    fn final_needs_the_same_block_at_that_height() {
        let receipt = Receipt {
            transaction_hash: B256::ZERO,
            block_hash: B256::repeat_byte(9),
            block_number: U64::from(5),
            status: U64::from(1),
            gas_used: U64::from(1),
            logs: Vec::new(),
        };
        assert!(receipt.finalized(&BTreeMap::from([(5, B256::repeat_byte(9))])));
        assert!(!receipt.finalized(&BTreeMap::from([(5, B256::repeat_byte(8))])));
        assert!(!receipt.finalized(&BTreeMap::from([(4, B256::repeat_byte(9))])));
    }
}
