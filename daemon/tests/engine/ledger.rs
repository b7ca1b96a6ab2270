//! What is in a scripted chain: a pool, blocks, and how far each account has come.

use orderd_sdk::{
    amount::Amount,
    plugin::{
        BlockRef, Consumer, ConsumerRequest, HexBytes, LaneStatus, Payload, Prepared, SendOutcome,
        SendRequest, TxStatus,
    },
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What becomes of an accepted transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mining {
    /// It is in a final block at once.
    #[default]
    Final,
    /// It is in a block at once.
    Included,
    /// The same, without effect.
    Reverting,
    /// It stays in the pool.
    Pool,
}

#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) mining: Mining,
    signatures: usize,
    height: u64,
    accounts: BTreeMap<String, LaneStatus>,
    /// By account and sequence.
    pool: BTreeMap<(String, u64), Signed>,
    /// By hash.
    included: BTreeMap<String, Included>,
    /// Transactions of somebody else, by account and sequence.
    foreign: BTreeMap<(String, u64), String>,
}

/// The bytes of a transaction, read.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Signed {
    address: String,
    sequence: u64,
    payload: Payload,
    /// Of several at one sequence the highest stays in the pool.
    bid: usize,
    hash: String,
}

struct Included {
    transaction: Signed,
    block: BlockRef,
    succeeded: bool,
    finalized: bool,
}

/// What a swap of so much brings in.
pub(crate) fn received(amount_in: Amount) -> Amount {
    amount_in.mul_div_ceil(1_000, 1).expect("tests trade small amounts")
}

impl Ledger {
    /// Every signature is another, also of the same transaction, and bids more.
    pub(crate) fn sign(&mut self, address: String, sequence: u64, payload: Payload) -> Prepared {
        self.signatures += 1;
        let (bid, hash) = (self.signatures, self.name(&address, sequence, &payload));
        let signed = Signed { address, sequence, payload, bid, hash: hash.clone() };
        Prepared { raw: HexBytes(serde_json::to_vec(&signed).unwrap()), hash }
    }

    fn name(&self, address: &str, sequence: u64, payload: &Payload) -> String {
        let kind = if *payload == void() { "void" } else { "act" };
        format!("{address}:{sequence}:{}:{kind}", self.signatures)
    }

    /// The last of these once more.
    pub(crate) fn bump(&mut self, replaces: &[HexBytes]) -> Prepared {
        let last = replaces.last().expect("there is one to outbid");
        let Signed { address, sequence, payload, .. } = serde_json::from_slice(&last.0).unwrap();
        self.sign(address, sequence, payload)
    }

    pub(crate) fn accept(&mut self, request: &SendRequest) -> SendOutcome {
        let signed: Signed = serde_json::from_slice(&request.raw.0).expect("bytes that were signed here");
        assert_eq!(signed.hash, request.hash, "bytes and hash belong together");
        let place = (signed.address.clone(), signed.sequence);
        let outbid = self.pool.get(&place).is_some_and(|waiting| waiting.bid > signed.bid);
        if signed.sequence >= self.lane(&signed.address).latest && !outbid {
            self.pool.insert(place, signed);
        }
        if self.mining != Mining::Pool {
            self.mine();
        }
        SendOutcome::Accepted
    }

    /// Includes what the pool holds, without a hole in any sequence.
    pub(crate) fn mine(&mut self) {
        while self.mine_one() {}
    }

    /// Includes one transaction, if one can be.
    pub(crate) fn mine_one(&mut self) -> bool {
        let next =
            self.pool.keys().find(|(address, sequence)| self.lane(address).latest == *sequence).cloned();
        let Some(transaction) = next.and_then(|key| self.pool.remove(&key)) else {
            return false;
        };
        self.account(&transaction.address).latest += 1;
        let (hash, block) = (transaction.hash.clone(), self.next_block());
        let succeeded = self.mining != Mining::Reverting;
        self.included.insert(hash, Included { transaction, block, succeeded, finalized: false });
        if self.mining == Mining::Final {
            self.finalize();
        }
        true
    }

    fn next_block(&mut self) -> BlockRef {
        self.height += 1;
        BlockRef { number: self.height, hash: format!("block-{}", self.height) }
    }

    /// Everything that is in a block stays there.
    pub(crate) fn finalize(&mut self) {
        self.included.values_mut().for_each(|included| included.finalized = true);
        self.accounts.values_mut().for_each(|lane| lane.finalized = lane.latest);
    }

    /// Undoes the block of an account's last transaction. The chain does not know the transaction any more.
    pub(crate) fn undo(&mut self, hash: &str) {
        let included = self.included.remove(hash).expect("it is in a block");
        let Signed { address, sequence, .. } = included.transaction;
        let lane = self.account(&address);
        assert_eq!(lane.latest, sequence + 1, "it is the account's last");
        lane.latest = sequence;
    }

    /// The transaction is now in another block, with the other outcome.
    pub(crate) fn turn(&mut self, hash: &str) {
        let block = self.next_block();
        let included = self.included.get_mut(hash).expect("it is in a block");
        (included.block, included.succeeded) = (block, !included.succeeded);
    }

    /// The pool forgets everything.
    pub(crate) fn forget_pool(&mut self) {
        self.pool.clear();
    }

    /// Somebody else uses the account's next sequence.
    pub(crate) fn overtake(&mut self, address: &str) {
        let sequence = self.lane(address).latest;
        let place = (address.to_owned(), sequence);
        self.pool.remove(&place);
        self.foreign.insert(place, format!("foreign-{sequence}"));
        self.account(address).latest += 1;
    }

    pub(crate) fn consumer(&self, request: &ConsumerRequest) -> Consumer {
        let ConsumerRequest { address, sequence } = request;
        if self.lane(address).finalized <= *sequence {
            return Consumer::Open;
        }
        let own = self.included.values().find(|included| {
            let Signed { address: from, sequence: at, .. } = &included.transaction;
            (from, at) == (address, sequence)
        });
        let block = BlockRef { number: self.height, hash: "final".to_owned() };
        let hash = match own {
            Some(included) => included.transaction.hash.clone(),
            None => self.foreign[&(address.clone(), *sequence)].clone(),
        };
        Consumer::Consumed { hash, block }
    }

    pub(crate) fn look(&self, hash: &str) -> TxStatus {
        let Some(Included { transaction, block, succeeded, finalized }) = self.included.get(hash) else {
            return match self.pool.values().any(|signed| signed.hash == hash) {
                true => TxStatus::Pending,
                false => TxStatus::NotFound,
            };
        };
        let (block, finalized) = (block.clone(), *finalized);
        match succeeded {
            true => {
                let received = amount(&transaction.payload).map(received);
                TxStatus::Succeeded { block, received, finalized }
            }
            false => TxStatus::Reverted { block, reason: "too little".to_owned(), finalized },
        }
    }

    pub(crate) fn lane(&self, address: &str) -> LaneStatus {
        self.accounts.get(address).copied().unwrap_or(LaneStatus::at(0, 0))
    }

    fn account(&mut self, address: &str) -> &mut LaneStatus {
        self.accounts.entry(address.to_owned()).or_insert(LaneStatus::at(0, 0))
    }

    /// What was swapped with effect, smallest amount first.
    pub(crate) fn swaps(&self) -> Vec<u64> {
        let mut swaps: Vec<_> = self.effects().filter_map(amount).map(|of| of.0.to::<u64>()).collect();
        swaps.sort_unstable();
        swaps
    }

    /// How many approvals had effect.
    pub(crate) fn approvals(&self) -> usize {
        self.effects().filter(|payload| **payload == approval()).count()
    }

    fn effects(&self) -> impl Iterator<Item = &Payload> {
        let succeeded = self.included.values().filter(|included| included.succeeded);
        succeeded.map(|included| &included.transaction.payload)
    }
}

fn amount(payload: &Payload) -> Option<Amount> {
    let payload: Value = payload.read().unwrap();
    payload.get("swap").map(|of| serde_json::from_value(of.clone()).unwrap())
}

/// A transaction without effect.
pub(crate) fn void() -> Payload {
    json!("void").into()
}

/// The transaction of an approval.
pub(crate) fn approval() -> Payload {
    json!("approve").into()
}
