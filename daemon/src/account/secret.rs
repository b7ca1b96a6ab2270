//! Text that is never shown, and is wiped from memory when it is no longer needed.

use k256::{ecdsa::SigningKey, elliptic_curve::zeroize::Zeroizing};
use std::fmt;

const KEY_BYTES: usize = 32;

/// A secret text.
pub(super) struct Secret(Zeroizing<String>);

/// A text is not a private key. It says nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum MalformedKey {
    #[error("is not 64 hexadecimal digits")]
    Digits,
    #[error("is no secp256k1 key: zero, or not below the order of the curve")]
    Range,
}

impl Secret {
    pub(super) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Reads the text as a private key: 64 hexadecimal digits with or without `0x`, and space around.
    pub(super) fn signing_key(&self) -> Result<SigningKey, MalformedKey> {
        let text = self.0.trim();
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        hex::decode_to_slice(digits, bytes.as_mut_slice()).map_err(|_| MalformedKey::Digits)?;
        SigningKey::from_slice(bytes.as_slice()).map_err(|_| MalformedKey::Range)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_key_in_hexadecimal_digits_is_taken() {
        let one = format!("{:064x}", 1);
        let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
        for (text, expected) in [
            (one.clone(), Ok(())),
            (format!("  0x{one}\n"), Ok(())),
            (one[1..].to_owned(), Err(MalformedKey::Digits)),
            (format!("{one}00"), Err(MalformedKey::Digits)),
            (format!("{}zz", &one[2..]), Err(MalformedKey::Digits)),
            (String::new(), Err(MalformedKey::Digits)),
            ("0".repeat(64), Err(MalformedKey::Range)),
            (order.to_owned(), Err(MalformedKey::Range)),
            (order.replace("4141", "4140").to_uppercase(), Ok(())),
        ] {
            assert_eq!(Secret::new(text.clone()).signing_key().map(drop), expected, "{text:?}");
        }
        assert_eq!(format!("{:?}", Secret::new(one)), "Secret");
    }
}
