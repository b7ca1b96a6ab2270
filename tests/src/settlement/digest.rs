//! What was signed, and by whom: EIP-712 written down word by word, apart from any library's idea of it.

use super::{
    CHAIN_ID, SETTLEMENT,
    message::{Order, Uid},
};
use alloy_primitives::{Address, B256, keccak256};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

const DOMAIN: &str = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
const ORDER: &str = "Order(address sellToken,address buyToken,address receiver,uint256 sellAmount,\
                     uint256 buyAmount,uint32 validTo,uint256 salt)";
const CANCELLATION: &str = "Cancellation(bytes orderUid)";

/// An order's name, when this address has signed it.
#[must_use]
pub fn uid(order: &Order, owner: Address) -> Uid {
    let message = keccak256(
        [
            keccak256(ORDER).0,
            word(order.sell_token.as_slice()),
            word(order.buy_token.as_slice()),
            word(order.receiver.as_slice()),
            order.sell_amount.0.to_be_bytes(),
            order.buy_amount.0.to_be_bytes(),
            word(&order.valid_to.to_be_bytes()),
            order.salt.0.to_be_bytes(),
        ]
        .concat(),
    );
    Uid { digest: signing_hash(message), owner, valid_to: order.valid_to }
}

/// What is signed to have an order revoked.
#[must_use]
pub fn cancellation(uid: &Uid) -> B256 {
    signing_hash(keccak256([keccak256(CANCELLATION).0, keccak256(uid.to_bytes()).0].concat()))
}

/// Who has signed a digest, if anybody has.
#[must_use]
pub fn signer(digest: B256, signature: &[u8]) -> Option<Address> {
    let (scalars, [v]) = signature.split_at_checked(64)? else {
        return None;
    };
    let signature = Signature::from_slice(scalars).ok()?;
    let id = RecoveryId::from_byte(v.checked_sub(27)?)?;
    // As contracts want it: of the two signatures that there are of everything, the one with the low half of `s`.
    let is_low = signature.normalize_s().is_none();
    let key = VerifyingKey::recover_from_prehash(digest.as_slice(), &signature, id).ok()?;
    let point = key.to_encoded_point(false);
    is_low.then(|| Address::from_slice(&keccak256(&point.as_bytes()[1..])[12..]))
}

fn signing_hash(message: B256) -> B256 {
    let domain = [
        keccak256(DOMAIN).0,
        keccak256("Intents").0,
        keccak256("1").0,
        word(&CHAIN_ID.to_be_bytes()),
        word(SETTLEMENT.as_slice()),
    ];
    keccak256([&[0x19, 0x01], keccak256(domain.concat()).as_slice(), message.as_slice()].concat())
}

fn word(bytes: &[u8]) -> [u8; 32] {
    let mut word = [0; 32];
    word[32 - bytes.len()..].copy_from_slice(bytes);
    word
}
