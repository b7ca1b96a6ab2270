//! Transactions of a paper chain and their bytes.

use orderd_sdk::{amount::Amount, plugin::HexBytes};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// Larger transactions are not read, in bytes.
const MAX_BYTES: usize = 4096;
/// The first byte of every transaction: what follows is [`Transaction`] as postcard writes it.
const VERSION: u8 = 1;

/// What venues build, and what a transaction does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Swap {
    /// The venue whose pool to use.
    pub(crate) venue: String,
    /// Who trades and receives.
    pub(crate) trader: String,
    /// The sold token's address.
    pub(crate) token_in: String,
    /// The bought token's address.
    pub(crate) token_out: String,
    /// How much to sell.
    pub(crate) amount_in: Amount,
    /// The least to receive.
    pub(crate) min_out: Amount,
    /// Unix seconds after which nothing happens.
    pub(crate) deadline: u64,
}

/// What a transaction does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Action {
    /// Swaps.
    Swap(Swap),
    /// Only consumes its sequence.
    Cancel,
}

/// A transaction. There is no signature: anybody may act for anybody here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Transaction {
    /// The chain it is for.
    pub(crate) chain: String,
    /// Whose sequence it takes.
    pub(crate) from: String,
    /// Its place.
    pub(crate) sequence: u64,
    /// At one sequence the pending transaction with the highest bump stays.
    pub(crate) bump: u32,
    /// What it does.
    pub(crate) action: Action,
}

/// The SHA-256 of a transaction's bytes, as text `0x…`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TxHash(pub(crate) [u8; 32]);

/// Bytes that are not a transaction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a transaction of a paper chain: {0}")]
pub(crate) struct NotATransaction(String);

impl Transaction {
    /// The same transaction always gives the same bytes.
    pub(crate) fn encode(&self) -> Vec<u8> {
        postcard::to_extend(self, vec![VERSION])
            .expect("texts and numbers have no length that it cannot tell")
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, NotATransaction> {
        if bytes.len() > MAX_BYTES {
            return Err(NotATransaction("too long".to_owned()));
        }
        let Some((&VERSION, body)) = bytes.split_first() else {
            return Err(NotATransaction(format!("its first byte is not {VERSION}")));
        };
        match postcard::take_from_bytes(body) {
            Ok((transaction, [])) => Ok(transaction),
            Ok((_, rest)) => Err(NotATransaction(format!("{} bytes too many", rest.len()))),
            Err(error) => Err(NotATransaction(error.to_string())),
        }
    }
}

impl TxHash {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        HexBytes::parse(text)?.0.try_into().ok().map(Self)
    }
}

impl fmt::Display for TxHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HexBytes::text_of(&self.0))
    }
}

impl fmt::Debug for TxHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for TxHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}

impl<'de> Deserialize<'de> for TxHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected 0x and 64 hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_transaction_are_inverse_and_the_hash_is_of_the_bytes() {
        let swap = Swap {
            venue: "alpha".into(),
            trader: "paper:desk".into(),
            token_in: "sol".into(),
            token_out: "usdc".into(),
            amount_in: Amount::from(1_000_u64),
            min_out: Amount::ZERO,
            deadline: 300,
        };
        let of = |action| Transaction {
            chain: "main".into(),
            from: "paper:desk".into(),
            sequence: 7,
            bump: 1,
            action,
        };
        let (swap, cancel) = (of(Action::Swap(swap)), of(Action::Cancel));
        let (swap_bytes, bytes) = (swap.encode(), cancel.encode());
        assert_eq!(bytes, b"\x01\x04main\x0apaper:desk\x07\x01\x01");
        let swap_tail = b"\x00\x05alpha\x0apaper:desk\x03sol\x04usdc\x02\x03\xe8\x00\xac\x02";
        assert_eq!(swap_bytes, [&bytes[..bytes.len() - 1], swap_tail].concat());
        assert_eq!(Transaction::decode(&swap_bytes), Ok(swap));
        assert_eq!(Transaction::decode(&bytes), Ok(cancel));
        let hash = TxHash::of(&bytes);
        assert_eq!(TxHash::parse(&hash.to_string()), Some(hash));
        assert_eq!(TxHash::parse("0x12"), None);
        let longer = [&bytes[..], b"\x00"].concat();
        for wrong in [&b""[..], b"{}", b"\x02", &bytes[..bytes.len() - 1], &longer, &[VERSION; MAX_BYTES + 1]]
        {
            assert!(Transaction::decode(wrong).is_err());
        }
    }
}
