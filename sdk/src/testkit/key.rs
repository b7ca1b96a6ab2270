//! Keys for the kit's `sign` service. None of them is a secret.

use crate::plugin::{HexBytes, Signature};
use ruint::{aliases::U256, uint};

/// Signs for the account of a plan.
pub trait Key: Send + Sync {
    /// 33 bytes, compressed secp256k1; none where the account has no key.
    fn public_key(&self) -> Option<HexBytes>;

    /// Signs a digest.
    fn sign(&self, digest: [u8; 32]) -> Signature;
}

/// The private key 1, which everybody knows: never let it own anything. Its signatures are true ones, the same for the
/// same digest, and cost one addition: with the nonce 1 as well, `r` is the x of the curve's generator, and
/// `s = digest + r` modulo the group's order. That gives the key away, which is no loss.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyOne;

uint! {
    /// The order of secp256k1's group (SEC 2, section 2.4.1).
    const ORDER: U256 = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256;
    /// The x of its generator, whose y is even.
    const GENERATOR_X: U256 = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798_U256;
}

impl Key for KeyOne {
    fn public_key(&self) -> Option<HexBytes> {
        let x: [u8; 32] = GENERATOR_X.to_be_bytes();
        Some(HexBytes([&[2], x.as_slice()].concat()))
    }

    fn sign(&self, digest: [u8; 32]) -> Signature {
        let s = U256::from_be_bytes(digest).add_mod(GENERATOR_X, ORDER);
        let y_odd = s > ORDER >> 1;
        let low = if y_odd { ORDER.saturating_sub(s) } else { s };
        let bytes = |number: U256| HexBytes(number.to_be_bytes::<32>().to_vec());
        Signature { r: bytes(GENERATOR_X), s: bytes(low), y_odd }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_is_low_and_the_parity_follows_it() {
        let [low, high] = [[0; 32], [0x70; 32]].map(|digest| KeyOne.sign(digest));
        assert_eq!((low.s, low.y_odd), (low.r, false));
        assert!(high.y_odd && high.s.0[0] < 0x80);
    }
}
