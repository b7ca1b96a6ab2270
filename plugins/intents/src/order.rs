//! What is signed, and what it is called: typed messages of EIP-712, and names that follow from them.

use crate::api::Order;
use alloy_primitives::{Address, B256};
use alloy_sol_types::{Eip712Domain, SolStruct, eip712_domain};
use orderd_sdk::plugin::PluginError;
use std::{fmt, str::FromStr};

/// The bytes of an order's name: a digest, an address and a time.
const UID_BYTES: usize = 32 + 20 + 4;
/// What the name of a cancellation begins with.
const CANCELS: &str = "cancel:";

mod typed {
    //! The messages as a contract reads them.

    alloy_sol_types::sol! {
        struct Order {
            address sellToken;
            address buyToken;
            address receiver;
            uint256 sellAmount;
            uint256 buyAmount;
            uint32 validTo;
            uint256 salt;
        }

        struct Cancellation {
            bytes orderUid;
        }
    }
}

/// What every signature is bound to: it is worth nothing anywhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Domain {
    pub(crate) chain_id: u64,
    /// The contract that settles.
    pub(crate) settlement: Address,
}

/// An order's name: what was signed, by whom, and until when it is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Uid {
    pub(crate) digest: B256,
    pub(crate) owner: Address,
    /// Unix seconds.
    pub(crate) valid_to: u32,
}

/// The name of signed bytes, as the daemon keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// An order.
    Order(Uid),
    /// The cancellation of one.
    Cancellation(Uid),
}

impl Domain {
    /// The digest of an order.
    pub(crate) fn digest(&self, order: &Order) -> B256 {
        let typed = typed::Order {
            sellToken: order.sell_token,
            buyToken: order.buy_token,
            receiver: order.receiver,
            sellAmount: order.sell_amount.0,
            buyAmount: order.buy_amount.0,
            validTo: order.valid_to,
            salt: order.salt.0,
        };
        typed.eip712_signing_hash(&self.typed())
    }

    /// The name of an order of this owner.
    pub(crate) fn uid(&self, order: &Order, owner: Address) -> Uid {
        Uid { digest: self.digest(order), owner, valid_to: order.valid_to }
    }

    /// The digest of the wish that an order be revoked.
    pub(crate) fn cancellation(&self, uid: &Uid) -> B256 {
        let typed = typed::Cancellation { orderUid: uid.to_bytes().to_vec().into() };
        typed.eip712_signing_hash(&self.typed())
    }

    fn typed(&self) -> Eip712Domain {
        eip712_domain! {
            name: "Intents",
            version: "1",
            chain_id: self.chain_id,
            verifying_contract: self.settlement,
        }
    }
}

impl Uid {
    fn to_bytes(self) -> [u8; UID_BYTES] {
        let mut bytes = [0; UID_BYTES];
        bytes[..32].copy_from_slice(self.digest.as_slice());
        bytes[32..52].copy_from_slice(self.owner.as_slice());
        bytes[52..].copy_from_slice(&self.valid_to.to_be_bytes());
        bytes
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.to_bytes()))
    }
}

impl FromStr for Uid {
    type Err = PluginError;

    fn from_str(text: &str) -> Result<Self, PluginError> {
        let mut bytes = [0; UID_BYTES];
        let digits = text.strip_prefix("0x").unwrap_or_default();
        hex::decode_to_slice(digits, &mut bytes)
            .map_err(|_| PluginError::invalid("not the name of an order: 0x and 112 hex digits"))?;
        let [.., a, b, c, d] = bytes;
        Ok(Self {
            digest: B256::from_slice(&bytes[..32]),
            owner: Address::from_slice(&bytes[32..52]),
            valid_to: u32::from_be_bytes([a, b, c, d]),
        })
    }
}

impl Name {
    /// The order that it is about.
    pub(crate) fn uid(&self) -> &Uid {
        match self {
            Self::Order(uid) | Self::Cancellation(uid) => uid,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(uid) => uid.fmt(f),
            Self::Cancellation(uid) => write!(f, "{CANCELS}{uid}"),
        }
    }
}

impl FromStr for Name {
    type Err = PluginError;

    fn from_str(text: &str) -> Result<Self, PluginError> {
        match text.strip_prefix(CANCELS) {
            Some(uid) => uid.parse().map(Self::Cancellation),
            None => text.parse().map(Self::Order),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{DOMAIN, order};
    use alloy_primitives::{address, b256, keccak256};
    use alloy_sol_types::SolStruct;

    /// The digest as EIP-712 writes it down, word by word.
    #[test]
    fn a_digest_is_that_of_the_typed_message() {
        let word = |bytes: &[u8]| {
            let mut word = [0; 32];
            word[32 - bytes.len()..].copy_from_slice(bytes);
            word
        };
        let domain = [
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)").0,
            keccak256("Intents").0,
            keccak256("1").0,
            word(&DOMAIN.chain_id.to_be_bytes()),
            word(DOMAIN.settlement.as_slice()),
        ];
        let kind = "Order(address sellToken,address buyToken,address receiver,uint256 sellAmount,\
                    uint256 buyAmount,uint32 validTo,uint256 salt)";
        assert_eq!(typed::Order::eip712_encode_type(), kind);
        let order = order();
        let message = [
            keccak256(kind).0,
            word(order.sell_token.as_slice()),
            word(order.buy_token.as_slice()),
            word(order.receiver.as_slice()),
            order.sell_amount.0.to_be_bytes(),
            order.buy_amount.0.to_be_bytes(),
            word(&order.valid_to.to_be_bytes()),
            order.salt.0.to_be_bytes(),
        ];
        let (domain, message) = (keccak256(domain.concat()), keccak256(message.concat()));
        let digest = keccak256([&[0x19, 0x01], domain.as_slice(), message.as_slice()].concat());
        assert_eq!(DOMAIN.digest(&order), digest);
    }

    #[test]
    fn a_signature_for_one_settlement_is_none_for_another() {
        let other = Domain { chain_id: 2, ..DOMAIN };
        assert_ne!(DOMAIN.digest(&order()), other.digest(&order()));
        let uid = DOMAIN.uid(&order(), Address::ZERO);
        assert_ne!(DOMAIN.cancellation(&uid), other.cancellation(&uid));
    }

    #[test]
    fn names_are_read_as_they_were_written() {
        let uid = Uid {
            digest: b256!("00000000000000000000000000000000000000000000000000000000000000ff"),
            owner: address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
            valid_to: 0x0102_0304,
        };
        let text = format!("0x{:064x}f39fd6e51aad88f6f4ce6ab8827279cfffb9226601020304", 0xff);
        assert_eq!(uid.to_string(), text);
        for name in [Name::Order(uid), Name::Cancellation(uid)] {
            assert_eq!(name.to_string().parse::<Name>().unwrap(), name);
        }
        for wrong in ["", "0x", "cancel:", &text[2..], &text[..112], &format!("{text}00"), "0xzz"] {
            assert!(wrong.parse::<Name>().is_err(), "{wrong:?}");
        }
    }
}
