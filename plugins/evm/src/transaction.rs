//! The payloads of this chain: a call as a venue builds it, and the same with gas and fees.

use crate::fees::Bid;
use alloy_consensus::TxEip1559;
use alloy_primitives::{Address, Bytes, TxKind};
use orderd_sdk::amount::Amount;
use orderd_sdk::plugin::{Payload, PluginError};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Gas of a transfer of the chain's own coin.
pub(crate) const TRANSFER_GAS: u64 = 21_000;

/// What a venue builds: a call of a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContractCall {
    /// The contract.
    pub(crate) to: Address,
    /// Its input.
    pub(crate) data: Bytes,
    /// Wei to send along; none if left out.
    #[serde(default)]
    pub(crate) value: Amount,
    /// What it takes out of the account, as far as the venue says so. Only asked about when it fails.
    #[serde(default)]
    pub(crate) spends: Option<Spend>,
}

/// What a call takes out of an account, through an allowance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spend {
    /// Of this token,
    pub(crate) token: Address,
    /// so many base units,
    pub(crate) amount: Amount,
    /// which this contract takes.
    pub(crate) spender: Address,
}

/// What [`estimate`](orderd_sdk::plugin::Chain::estimate) completes: only the sequence is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CompletedCall {
    /// The contract.
    pub(crate) to: Address,
    /// Its input.
    pub(crate) data: Bytes,
    /// Wei to send along.
    pub(crate) value: Amount,
    /// The most gas to use.
    pub(crate) gas_limit: u64,
    /// Wei per unit of gas at most, base fee included.
    pub(crate) max_fee_per_gas: Amount,
    /// Wei per unit of gas for the block's producer.
    pub(crate) max_priority_fee_per_gas: Amount,
}

/// Reads a payload of this chain.
///
/// # Errors
/// When it is none.
pub(crate) fn from_payload<T: DeserializeOwned>(payload: &Payload) -> Result<T, PluginError> {
    payload.read().map_err(|error| PluginError::invalid(format!("not a payload of an EVM chain: {error}")))
}

/// Reads an address of this chain.
///
/// # Errors
/// When it is none.
pub(crate) fn parse_address(text: &str) -> Result<Address, PluginError> {
    text.parse().map_err(|_| PluginError::invalid(format!("{text:?} is not an EVM address")))
}

impl ContractCall {
    /// Adds what [`CompletedCall`] needs.
    pub(crate) fn complete(self, gas_limit: u64, bid: Bid) -> CompletedCall {
        CompletedCall {
            to: self.to,
            data: self.data,
            value: self.value,
            gas_limit,
            max_fee_per_gas: Amount::from(bid.max_fee),
            max_priority_fee_per_gas: Amount::from(bid.priority_fee),
        }
    }
}

impl CompletedCall {
    /// The transaction at a sequence.
    ///
    /// # Errors
    /// When a fee is beyond 128 bits.
    pub(crate) fn into_transaction(self, chain_id: u64, nonce: u64) -> Result<TxEip1559, PluginError> {
        let fee = |amount: Amount| {
            u128::try_from(amount.0).map_err(|_| PluginError::invalid("a fee per gas is beyond 128 bits"))
        };
        Ok(TxEip1559 {
            chain_id,
            nonce,
            gas_limit: self.gas_limit,
            max_fee_per_gas: fee(self.max_fee_per_gas)?,
            max_priority_fee_per_gas: fee(self.max_priority_fee_per_gas)?,
            to: TxKind::Call(self.to),
            value: self.value.0,
            access_list: Default::default(),
            input: self.data,
        })
    }
}

/// A transaction without effect: nothing, from an address to itself.
pub(crate) fn nothing(chain_id: u64, nonce: u64, address: Address, bid: Bid) -> TxEip1559 {
    TxEip1559 {
        chain_id,
        nonce,
        gas_limit: TRANSFER_GAS,
        max_fee_per_gas: bid.max_fee,
        max_priority_fee_per_gas: bid.priority_fee,
        to: TxKind::Call(address),
        ..TxEip1559::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_venues_payload_is_a_call() {
        let address = "0x00000000000000000000000000000000000000aa";
        let call: ContractCall =
            from_payload(&json!({"to": address, "data": "0x01", "value": "7"}).into()).unwrap();
        assert_eq!(call.value, Amount::from(7_u64));
        let call: ContractCall = from_payload(&json!({"to": address, "data": "0x"}).into()).unwrap();
        assert_eq!(call.value, Amount::ZERO);
    }

    #[test]
    fn other_payloads_are_refused() {
        let address = "0x00000000000000000000000000000000000000aa";
        for payload in [
            json!({}),
            json!({"to": "0xaa", "data": "0x"}),
            json!({"to": address, "data": "01x"}),
            json!({"to": address, "data": "0x", "nonce": 1}),
        ] {
            assert!(from_payload::<ContractCall>(&payload.into()).is_err());
        }
    }

    #[test]
    fn a_completed_call_survives_its_payload() {
        let call = ContractCall {
            to: Address::repeat_byte(1),
            data: Bytes::from_static(b"\x01\x02"),
            value: Amount::ZERO,
            spends: None,
        };
        let bid = Bid { max_fee: u128::MAX, priority_fee: 1 };
        let completed = call.complete(100_000, bid);
        let read: CompletedCall = from_payload(&Payload::of(&completed).unwrap()).unwrap();
        assert_eq!(read, completed);
        let transaction = read.into_transaction(1, 7).unwrap();
        assert_eq!((transaction.nonce, transaction.max_fee_per_gas), (7, u128::MAX));
    }

    #[test]
    fn a_fee_beyond_128_bits_is_refused() {
        let call = ContractCall { to: Address::ZERO, data: Bytes::new(), value: Amount::ZERO, spends: None };
        let mut completed = call.complete(21_000, Bid::NOTHING);
        completed.max_priority_fee_per_gas = Amount::MAX;
        assert!(completed.into_transaction(1, 7).is_err());
    }
}
