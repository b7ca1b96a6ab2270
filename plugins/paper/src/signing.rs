//! Bytes of transactions: first ones, and such as take the place of earlier ones at their sequence.

use crate::transaction::{Action, Swap, Transaction, TxHash};
use orderd_sdk::plugin::{HexBytes, Payload, PluginError, Prepared, Signer};

/// One sequence of one account, and what it was signed for before.
pub(crate) struct Place {
    chain: String,
    from: String,
    sequence: u64,
    earlier: Vec<Transaction>,
}

impl Place {
    /// # Errors
    /// When one of the earlier transactions is of another place.
    pub(crate) fn new(
        chain: &str,
        signer: Signer,
        sequence: u64,
        earlier: &[HexBytes],
    ) -> Result<Self, PluginError> {
        let mut place = Self { chain: chain.to_owned(), from: signer.address, sequence, earlier: Vec::new() };
        for raw in earlier {
            let transaction = read(chain, raw)?;
            if transaction.from != place.from || transaction.sequence != sequence {
                return Err(PluginError::invalid(
                    "a transaction to replace is of another account or sequence",
                ));
            }
            place.earlier.push(transaction);
        }
        Ok(place)
    }

    /// Does this, and outbids whatever was signed before.
    ///
    /// # Errors
    /// When nothing outbids it.
    pub(crate) fn sign(self, action: Action) -> Result<Prepared, PluginError> {
        let highest = self.earlier.iter().map(|transaction| transaction.bump).max();
        let bump = highest.map_or(Some(0), |bump| bump.checked_add(1));
        let bump = bump.ok_or_else(|| PluginError::permanent("nothing outbids the earlier transactions"))?;
        let Self { chain, from, sequence, .. } = self;
        let raw = Transaction { chain, from, sequence, bump, action }.encode();
        Ok(Prepared { hash: TxHash::of(&raw).to_string(), raw: HexBytes(raw) })
    }

    /// Does what the last one does, and outbids all of them.
    ///
    /// # Errors
    /// When there is none, or nothing outbids them.
    pub(crate) fn sign_again(self) -> Result<Prepared, PluginError> {
        let last = self.earlier.last().map(|transaction| transaction.action.clone());
        self.sign(last.ok_or_else(|| PluginError::invalid("there is nothing to replace"))?)
    }
}

/// Reads back a transaction of this chain.
///
/// # Errors
/// When the bytes are none.
pub(crate) fn read(chain: &str, raw: &HexBytes) -> Result<Transaction, PluginError> {
    let transaction = Transaction::decode(&raw.0).map_err(|error| PluginError::invalid(error.to_string()))?;
    match transaction.chain == chain {
        true => Ok(transaction),
        false => Err(PluginError::invalid(format!("a transaction of chain {:?}", transaction.chain))),
    }
}

/// The swap in a venue's payload.
///
/// # Errors
/// When there is none, or it is not this address' own.
pub(crate) fn swap_of(payload: &Payload, address: &str) -> Result<Swap, PluginError> {
    let swap: Swap = payload
        .read()
        .map_err(|error| PluginError::invalid(format!("the payload is not of a paper venue: {error}")))?;
    match swap.trader == address {
        true => Ok(swap),
        false => Err(PluginError::invalid(format!("the swap is for {}, not for {address}", swap.trader))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(from: &str, sequence: u64, bump: u32) -> HexBytes {
        let (chain, from, action) = ("main".to_owned(), from.to_owned(), Action::Cancel);
        HexBytes(Transaction { chain, from, sequence, bump, action }.encode())
    }

    fn bump(earlier: &[HexBytes]) -> Result<u32, PluginError> {
        let signer = Signer { account: "desk".to_owned(), address: "paper:desk".to_owned() };
        let signed = Place::new("main", signer, 3, earlier)?.sign_again()?;
        Ok(read("main", &signed.raw)?.bump)
    }

    #[test]
    fn who_replaces_outbids_all_and_not_only_the_last() {
        let at = |bump| raw("paper:desk", 3, bump);
        assert_eq!(bump(&[at(0)]), Ok(1));
        assert_eq!(bump(&[at(7), at(2)]), Ok(8));
        assert!(bump(&[at(u32::MAX)]).is_err(), "no bid is above the highest");
    }

    #[test]
    fn what_is_of_another_place_is_not_replaced() {
        let own = || raw("paper:desk", 3, 0);
        for other in [raw("paper:bot", 3, 0), raw("paper:desk", 4, 0), HexBytes(b"{}".to_vec())] {
            assert!(bump(&[own(), other.clone()]).is_err() && bump(&[other, own()]).is_err());
        }
        assert!(bump(&[]).is_err());
    }
}
