//! Hands signed bytes to the node, and says what is certain afterwards: the node has them, nobody has them, or
//! nobody can tell. The last is the answer to whatever is not listed here.

use super::{EvmChain, coins};
use crate::rpc::{Call, Fault, RpcError, TransportError};
use alloy_primitives::{B256, keccak256};
use orderd_sdk::plugin::{Context, SendOutcome, SendRequest};
use serde_json::json;

/// Nodes that have the transaction already say so. Go-ethereum and Erigon, Besu and OpenEthereum, Anvil, Nethermind,
/// Reth, Hardhat. Words about a nonce are about its place, where another of our transactions may be.
const HAVE_IT: [&str; 9] = [
    "already known",
    "known transaction",
    "already imported",
    "already_exists",
    "alreadyknown",
    "already exists",
    "already in pool",
    "already in mempool",
    "existing tx with same hash",
];

/// A node's pool refuses what it finds inadmissible, and keeps nothing of it. Of several transactions at one sequence,
/// that one does not outbid another is said of these bytes alone. "nonce too low" is not among them: an
/// earlier sending of the same bytes may be what consumed the sequence. Nor is a full pool: of several nodes behind
/// one endpoint, another may have taken it.
const INADMISSIBLE: [&str; 20] = [
    "intrinsic gas too low",
    "intrinsic gas too high",
    "gas floor too low",
    "exceeds block gas limit",
    "exceeds the block gas limit",
    "invalid sender",
    "invalid chain id",
    "invalid chainid",
    "incompatible chain id",
    "invalid signature",
    "max fee per gas less than block base fee",
    "max priority fee per gas higher than max fee per gas",
    "replacement transaction underpriced",
    "transaction replacement is underpriced",
    "could not replace existing tx",
    "transaction underpriced",
    "transaction type not supported",
    "exceeds the configured cap",
    "oversized data",
    "max initcode size exceeded",
];

impl EvmChain {
    pub(super) async fn hand_over(&self, ctx: &Context, request: SendRequest) -> SendOutcome {
        let hash = keccak256(&request.raw.0);
        if request.hash.parse() != Ok(hash) {
            return not_sent("the bytes have another hash than they should");
        }
        let call = Call { method: "eth_sendRawTransaction", params: json!([request.raw]) };
        classify(hash, self.rpc.call(ctx, call).await)
    }
}

fn classify(hash: B256, answer: Result<B256, RpcError>) -> SendOutcome {
    match answer {
        Ok(named) if named == hash => SendOutcome::Accepted,
        Ok(named) => unknown(format!("the node names it {named}")),
        Err(RpcError::Fault(fault)) => refusal(&fault),
        Err(RpcError::Transport(error)) => failure(&error),
        Err(error @ RpcError::Malformed(_)) => unknown(error.to_string()),
    }
}

fn refusal(fault: &Fault) -> SendOutcome {
    let message = fault.message.to_ascii_lowercase();
    let says = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    let of_these_bytes = !message.contains("nonce") && !message.contains("unknown transaction");
    if of_these_bytes && says(&HAVE_IT) {
        SendOutcome::Accepted
    } else if says(&INADMISSIBLE) || coins::lacking(&message) {
        not_sent(fault.to_string())
    } else {
        unknown(fault.to_string())
    }
}

fn failure(error: &TransportError) -> SendOutcome {
    match error.left_nothing() {
        true => not_sent(error.to_string()),
        false => unknown(error.to_string()),
    }
}

fn not_sent(reason: impl Into<String>) -> SendOutcome {
    SendOutcome::NotSent { reason: reason.into() }
}

fn unknown(reason: impl Into<String>) -> SendOutcome {
    SendOutcome::Unknown { reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Certain {
        Accepted,
        NotSent,
        Unknown,
    }

    fn certain(answer: Result<B256, RpcError>) -> Certain {
        match classify(B256::repeat_byte(1), answer) {
            SendOutcome::Accepted => Certain::Accepted,
            SendOutcome::NotSent { .. } => Certain::NotSent,
            SendOutcome::Unknown { .. } => Certain::Unknown,
        }
    }

    #[test]
    fn the_nodes_words_decide() {
        let cases = [
            (-32000, "already known", Certain::Accepted),
            (-32000, "ALREADY_EXISTS: already known", Certain::Accepted),
            (-32003, "transaction already imported", Certain::Accepted),
            (-32000, "Known transaction", Certain::Accepted),
            (-32010, "AlreadyKnown, hash 0x…", Certain::Accepted),
            (-32000, "insufficient funds for gas * price + value: balance 0, tx cost 1", Certain::NotSent),
            (-32003, "Insufficient funds for gas * price + value", Certain::NotSent),
            (-32000, "intrinsic gas too low: gas 20000, minimum needed 21000", Certain::NotSent),
            (-32000, "exceeds block gas limit", Certain::NotSent),
            (-32000, "invalid sender", Certain::NotSent),
            (-32000, "invalid chain id for signer: have 5 want 1", Certain::NotSent),
            (-32003, "max fee per gas less than block base fee", Certain::NotSent),
            (-32000, "replacement transaction underpriced", Certain::NotSent),
            (-32000, "INTERNAL_ERROR: could not replace existing tx", Certain::NotSent),
            (-32000, "Transaction replacement is underpriced", Certain::NotSent),
            (-32000, "Upfront cost exceeds account balance", Certain::NotSent),
            (-32000, "INTERNAL_ERROR: existing tx with same hash", Certain::Accepted),
            (-32000, "a transaction with this nonce already exists in the pool", Certain::Unknown),
            (-32000, "there is another tx which has the same nonce in the tx pool", Certain::Unknown),
            (-32000, "unknown transaction type", Certain::Unknown),
            (-32000, "nonce too low: next nonce 5, tx nonce 4", Certain::Unknown),
            (-32000, "nonce too high", Certain::Unknown),
            (-32000, "txpool is full", Certain::Unknown),
            (-32005, "rate limit exceeded", Certain::Unknown),
            (-32603, "internal error", Certain::Unknown),
            (-32601, "method not found", Certain::Unknown),
            (0, "", Certain::Unknown),
        ];
        for (code, message, expected) in cases {
            let fault = Fault { code, message: message.to_owned(), data: None };
            assert_eq!(certain(Err(fault.into())), expected, "{message}");
        }
    }

    #[test]
    fn a_failed_exchange_is_only_certain_when_no_byte_left() {
        let cases = [
            (TransportError::Connect("connection refused".to_owned()), Certain::NotSent),
            (TransportError::Busy, Certain::NotSent),
            (TransportError::Timeout, Certain::Unknown),
            (TransportError::Broken("reset".to_owned()), Certain::Unknown),
            (TransportError::Status(500), Certain::Unknown),
            (TransportError::Status(429), Certain::Unknown),
            (TransportError::TooLong(1), Certain::Unknown),
        ];
        for (error, expected) in cases {
            assert_eq!(certain(Err(error.clone().into())), expected, "{error}");
        }
        assert_eq!(certain(Err(RpcError::Malformed("x"))), Certain::Unknown);
    }

    #[test]
    fn only_our_hash_is_an_acceptance() {
        assert_eq!(certain(Ok(B256::repeat_byte(1))), Certain::Accepted);
        assert_eq!(certain(Ok(B256::repeat_byte(2))), Certain::Unknown);
    }
}
