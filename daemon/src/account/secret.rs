//! Text that is never shown, and is wiped from memory when it is no longer needed.

use super::{error::SecretError, key_file};
use crate::config::{Environment, KeySource};
use k256::{
    ecdsa::SigningKey,
    elliptic_curve::zeroize::Zeroizing,
    sha2::{Digest, Sha256},
};
use std::{fmt, ops::RangeInclusive};

const KEY_BYTES: usize = 32;

/// The length of a token, in bytes. Shorter ones could be guessed.
const TOKEN_LENGTH: RangeInclusive<usize> = 16..=200;

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

/// A text is not a token. It says nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not {} to {} visible ASCII characters", TOKEN_LENGTH.start(), TOKEN_LENGTH.end())]
pub(super) struct MalformedToken;

impl Secret {
    pub(super) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Reads a secret from where the configuration says that it is.
    pub(super) fn read(source: &KeySource, environment: &Environment) -> Result<Self, SecretError> {
        match source {
            KeySource::Env(variable) => match environment.get(variable) {
                Some(text) => Ok(Self::new(text.to_owned())),
                None => Err(SecretError::NotSet(variable.clone())),
            },
            KeySource::File(path) => key_file::read(path)
                .map_err(|error| SecretError::File { file: path.display().to_string(), error }),
        }
    }

    /// Reads the text as a private key: 64 hexadecimal digits with or without `0x`, and space around.
    pub(super) fn signing_key(&self) -> Result<SigningKey, MalformedKey> {
        let text = self.0.trim();
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        hex::decode_to_slice(digits, bytes.as_mut_slice()).map_err(|_| MalformedKey::Digits)?;
        SigningKey::from_slice(bytes.as_slice()).map_err(|_| MalformedKey::Range)
    }

    /// Takes the text as a token, with space around, and gives its SHA-256 digest.
    pub(super) fn token_digest(&self) -> Result<[u8; 32], MalformedToken> {
        let text = self.0.trim();
        let is_token = TOKEN_LENGTH.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        match is_token {
            true => Ok(Sha256::digest(text).into()),
            false => Err(MalformedToken),
        }
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
    #[test]
    fn only_a_text_that_cannot_be_guessed_and_can_be_sent_is_a_token() {
        for (text, expected) in [
            ("0123456789abcdef".to_owned(), true),
            (" !~23456789abcdef\n".to_owned(), true),
            ("x".repeat(200), true),
            ("0123456789abcde".to_owned(), false),
            ("0123456789abcde\n".to_owned(), false),
            ("01234567 9abcdef".to_owned(), false),
            ("01234567\u{7f}9abcdef".to_owned(), false),
            ("ä".repeat(16), false),
            ("x".repeat(201), false),
            (String::new(), false),
        ] {
            assert_eq!(Secret::new(text.clone()).token_digest().is_ok(), expected, "{text:?}");
        }
        let digest = Secret::new("0123456789abcdef\n".to_owned()).token_digest();
        assert_eq!(digest, Ok(Sha256::digest("0123456789abcdef").into()));
        assert_eq!(MalformedToken.to_string(), "is not 16 to 200 visible ASCII characters");
    }
}
