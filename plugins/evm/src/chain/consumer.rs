//! Proves which transaction consumed a sequence, in a block that cannot be undone.
//!
//! The proof is the transaction itself, from this account and with this sequence, in a final block. The account's
//! sequence at earlier heights only says in which block to look. Whatever does not fit together is an error: "open" is
//! said only when the node's final state has the sequence unconsumed.

use super::search::{Next, Search, Seen};
use super::{EvmChain, account};
use crate::rpc::{Answer, Call, Fault, RpcError};
use crate::transaction::parse_address;
use alloy_primitives::{Address, B256, Bytes, U64};
use orderd_sdk::plugin::{BlockRef, Consumer, ConsumerRequest, Context, PluginError};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;

/// What the code of an account begins with that has delegated itself (EIP-7702).
const DELEGATED: [u8; 3] = [0xef, 0x01, 0x00];

/// A block with its transactions, as far as they matter.
#[derive(Debug, Deserialize)]
struct Block {
    number: U64,
    hash: B256,
    transactions: Vec<Transaction>,
}

/// The transactions of some chains have no sequence: they are nobody's own.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transaction {
    hash: B256,
    from: Address,
    nonce: Option<U64>,
    authorization_list: Option<Vec<IgnoredAny>>,
}

/// What the node says of the block that should have consumed a sequence, in one answer.
#[derive(Debug)]
struct Evidence {
    block: Option<Block>,
    /// The account's sequence before and after the block; nothing is before the first one.
    before: u64,
    after: u64,
    /// The account's code after the block.
    code: Bytes,
    final_height: Option<u64>,
}

impl EvmChain {
    pub(super) async fn look_up_consumer(
        &self,
        ctx: &Context,
        request: &ConsumerRequest,
    ) -> Result<Consumer, PluginError> {
        let address = parse_address(&request.address)?;
        let answers = self.rpc.batch(ctx, &[self.ask_final_height()]).await?;
        let height = answers.first().ok_or(RpcError::Malformed("no answer"))?;
        let Some(final_height) = self.final_height(height)? else {
            return Ok(Consumer::Open);
        };
        let sequence: U64 = self.rpc.call(ctx, account::sequence_at(address, final_height)).await?;
        if sequence.to::<u64>() <= request.sequence {
            return Ok(Consumer::Open);
        }
        let height = self.find_block(ctx, address, request.sequence, final_height).await?;
        let evidence = self.gather(ctx, address, height).await?;
        evidence.judge(height, address, request.sequence)
    }

    async fn find_block(
        &self,
        ctx: &Context,
        address: Address,
        sequence: u64,
        final_height: u64,
    ) -> Result<u64, PluginError> {
        let (mut search, mut refusal) = (Search::below(final_height), None);
        loop {
            let height = match search.next() {
                Next::Look(height) => height,
                Next::Found(height) => return Ok(height),
                Next::OutOfReach => return Err(out_of_reach(sequence, refusal)),
            };
            let seen = match self.rpc.call::<U64>(ctx, account::sequence_at(address, height)).await {
                Ok(next) if next.to::<u64>() > sequence => Seen::Consumed,
                Ok(_) => Seen::Open,
                Err(RpcError::Fault(fault)) => {
                    refusal = Some(fault);
                    Seen::Missing
                }
                Err(error) => return Err(error.into()),
            };
            search.note(height, seen);
        }
    }

    async fn gather(&self, ctx: &Context, address: Address, height: u64) -> Result<Evidence, PluginError> {
        let (number, below) = (U64::from(height), height.saturating_sub(1));
        let calls = [
            Call { method: "eth_getBlockByNumber", params: json!([number, true]) },
            account::sequence_at(address, below),
            account::sequence_at(address, height),
            Call { method: "eth_getCode", params: json!([address, number]) },
            self.ask_final_height(),
        ];
        let answers = self.rpc.batch(ctx, &calls).await?;
        let [block, before, after, code, final_height] = answers.as_slice() else {
            return Err(RpcError::Malformed("not five answers").into());
        };
        let sequence = |answer: &Answer| answer.read::<U64>().map(|sequence| sequence.to());
        Ok(Evidence {
            block: block.read()?,
            before: if height == 0 { 0 } else { sequence(before)? },
            after: sequence(after)?,
            code: code.read()?,
            final_height: self.final_height(final_height)?,
        })
    }
}

/// Nodes that keep no old states say so in many words; they are passed on. The node will not remember: asking again helps
/// when another one answers.
fn out_of_reach(sequence: u64, refusal: Option<Fault>) -> PluginError {
    let words = refusal.map_or_else(String::new, |fault| format!(": {fault}"));
    PluginError::permanent(format!(
        "the node's history does not reach back to what consumed sequence {sequence}{words}"
    ))
}

impl Evidence {
    fn judge(&self, height: u64, address: Address, sequence: u64) -> Result<Consumer, PluginError> {
        let block = self.block.as_ref().filter(|block| block.number.to::<u64>() == height);
        let block =
            block.ok_or_else(|| PluginError::transient(format!("the node does not have block {height}")))?;
        let is_final = self.final_height.is_some_and(|final_height| height <= final_height);
        if !is_final || self.before > sequence || self.after <= sequence {
            let message = format!("the chain changed around block {height} while it was looked at");
            return Err(PluginError::transient(message));
        }
        let own = |transaction: &&Transaction| {
            transaction.from == address && transaction.nonce == Some(U64::from(sequence))
        };
        match block.transactions.iter().find(own) {
            Some(transaction) => Ok(Consumer::Consumed {
                hash: transaction.hash.to_string(),
                block: BlockRef { number: height, hash: block.hash.to_string() },
            }),
            None => Err(self.nobody(block, height, sequence)),
        }
    }

    /// An account's sequence also rises by authorizations, and by contracts that its delegated code creates (EIP-7702).
    fn nobody(&self, block: &Block, height: u64, sequence: u64) -> PluginError {
        let nobody =
            format!("block {height} consumed sequence {sequence} without a transaction of the account");
        let authorizes = |transaction: &Transaction| {
            transaction.authorization_list.as_ref().is_some_and(|list| !list.is_empty())
        };
        match self.code.starts_with(&DELEGATED) || block.transactions.iter().any(authorizes) {
            true => PluginError::permanent(format!(
                "{nobody}: an authorization or delegated code may have (EIP-7702)"
            )),
            false => PluginError::transient(format!("{nobody}: the node contradicts itself")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orderd_sdk::plugin::ErrorKind;
    use serde_json::{Value, json};

    const ME: Address = Address::repeat_byte(1);
    const OTHER: Address = Address::repeat_byte(2);

    fn transaction(hash: u8, from: Address, nonce: u64) -> Value {
        json!({"hash": B256::repeat_byte(hash), "from": from, "nonce": U64::from(nonce), "type": "0x2"})
    }

    /// Block 7 with these transactions, in which the account went from sequence 3 to 5.
    fn evidence(transactions: &[Value]) -> Evidence {
        let block = json!({
            "number": "0x7", "hash": B256::repeat_byte(7), "transactions": transactions, "gasUsed": "0x0",
        });
        Evidence {
            block: Some(serde_json::from_value(block).unwrap()),
            before: 3,
            after: 5,
            code: Bytes::new(),
            final_height: Some(9),
        }
    }

    fn judged(evidence: &Evidence) -> Result<u8, ErrorKind> {
        match evidence.judge(7, ME, 4) {
            Ok(Consumer::Consumed { hash, block }) => {
                assert_eq!(block, BlockRef { number: 7, hash: B256::repeat_byte(7).to_string() });
                Ok(hash.parse::<B256>().unwrap()[0])
            }
            Ok(Consumer::Open) => panic!("it is not open"),
            Err(error) => Err(error.kind),
        }
    }

    fn ours() -> [Value; 4] {
        let deposit = json!({"hash": B256::repeat_byte(9), "from": ME});
        [deposit, transaction(1, OTHER, 4), transaction(2, ME, 3), transaction(3, ME, 4)]
    }

    #[test]
    fn it_is_the_accounts_own_transaction_of_that_sequence() {
        assert_eq!(judged(&evidence(&ours())), Ok(3));
        let at_its_height = Evidence { final_height: Some(7), ..evidence(&ours()) };
        assert_eq!(judged(&at_its_height), Ok(3));
    }

    #[test]
    fn what_does_not_fit_together_proves_nothing() {
        let other_block = json!({"number": "0x8", "hash": B256::ZERO, "transactions": ours()});
        let other_block = Some(serde_json::from_value(other_block).unwrap());
        let cases = [
            Evidence { block: None, ..evidence(&ours()) },
            Evidence { block: other_block, ..evidence(&ours()) },
            Evidence { before: 5, ..evidence(&ours()) },
            Evidence { after: 4, ..evidence(&ours()) },
            Evidence { final_height: Some(6), ..evidence(&ours()) },
            Evidence { final_height: None, ..evidence(&ours()) },
            evidence(&ours()[..3]),
            evidence(&[]),
        ];
        for evidence in cases {
            assert_eq!(judged(&evidence), Err(ErrorKind::Transient), "{evidence:?}");
        }
    }

    #[test]
    fn a_sequence_that_an_authorization_took_is_nobodys() {
        let mut authorizing = transaction(1, OTHER, 4);
        authorizing["authorizationList"] = json!([{"chainId": "0x1", "address": OTHER, "nonce": "0x4"}]);
        assert_eq!(judged(&evidence(&[authorizing.clone()])), Err(ErrorKind::Permanent));
        authorizing["authorizationList"] = json!([]);
        assert_eq!(judged(&evidence(&[authorizing])), Err(ErrorKind::Transient));
        let delegated = Evidence { code: [&DELEGATED[..], &[0; 20]].concat().into(), ..evidence(&[]) };
        assert_eq!(judged(&delegated), Err(ErrorKind::Permanent));
    }
}
