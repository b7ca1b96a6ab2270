//! How nodes say that an account has too little of the chain's own coin.

/// In lower case. Go-ethereum, Erigon, Reth and Anvil, Nethermind, Besu, Hardhat, OpenEthereum. Go-ethereum's "gas
/// required exceeds allowance" is not among them: it speaks of the node's own cap on gas.
const LACKING: [&str; 10] = [
    "insufficient funds",
    "insufficient balance",
    "insufficient_funds",
    "insufficientfunds",
    "insufficient sender balance",
    "insufficient maxfeepergas for sender balance",
    "upfront cost exceeds account balance",
    "exceeds transaction sender account balance",
    "outoffund",
    "doesn't have enough funds",
];

/// Whether a node's message says so.
pub(super) fn lacking(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    LACKING.iter().any(|words| message.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_nodes_words_are_known() {
        let said = [
            "insufficient funds for transfer",
            "insufficient funds for gas * price + value: address 0x01 have 0 want 1",
            "failed with 21000 gas: insufficient funds for gas * price + value: address 0x01 have 0 want 1",
            "Insufficient funds for gas * price + value",
            "EVM error OutOfFunds",
            "INSUFFICIENT_FUNDS: insufficient funds for gas * price + value",
            "InsufficientFunds, Balance is 0 less than sending value + gas 1",
            "insufficient sender balance for gas * price + value",
            "insufficient MaxFeePerGas for sender balance",
            "Upfront cost exceeds account balance",
            "transaction up-front cost 0x01 exceeds transaction sender account balance 0x00",
            "sender doesn't have enough funds to send tx. The max upfront cost is: 1 and the sender's balance is: 0.",
            "Insufficient funds. The account you tried to send transaction from does not have enough funds.",
            "insufficient balance for transfer",
        ];
        for words in said {
            assert!(lacking(words), "{words}");
        }
        for words in ["gas required exceeds allowance (30000000)", "out of gas", "nonce too low", ""] {
            assert!(!lacking(words), "{words}");
        }
    }
}
