//! All keys of the daemon, and the chain that each is for.

use super::{
    error::{KeyError, KeyProblem, KeyringError, SecretError, SignError},
    secret::Secret,
};
use crate::config::{AccountSettings, Environment, KeySource};
use k256::ecdsa::{SigningKey, VerifyingKey};
use orderd_sdk::plugin::{HexBytes, Signature};
use std::{collections::BTreeMap, fmt};

/// The accounts with their keys.
pub struct Keyring {
    accounts: BTreeMap<String, Account>,
}

struct Account {
    chain: String,
    key: Option<SigningKey>,
}

impl Keyring {
    /// Reads the keys of all accounts.
    ///
    /// # Errors
    /// Every key that is missing, malformed, open to other users, or used twice on one chain.
    pub fn load(
        accounts: &BTreeMap<String, AccountSettings>,
        environment: &Environment,
    ) -> Result<Self, KeyringError> {
        let mut problems = Vec::new();
        let mut keyring = Self { accounts: BTreeMap::new() };
        for (name, settings) in accounts {
            match keyring.read_account(settings, environment) {
                Ok(account) => {
                    keyring.accounts.insert(name.clone(), account);
                }
                Err(error) => problems.push(KeyProblem { account: name.clone(), error }),
            }
        }
        match problems.is_empty() {
            true => Ok(keyring),
            false => Err(KeyringError { problems }),
        }
    }

    fn read_account(
        &self,
        settings: &AccountSettings,
        environment: &Environment,
    ) -> Result<Account, KeyError> {
        let chain = settings.chain.clone();
        let Some(source) = &settings.key else {
            return Ok(Account { chain, key: None });
        };
        let key = read_key(source, environment)?;
        let mut others = self.accounts.iter().filter(|(_, other)| other.chain == chain);
        if let Some((with, _)) = others.find(|(_, other)| other.key.as_ref() == Some(&key)) {
            return Err(KeyError::Shared { with: with.clone() });
        }
        let key = Some(key);
        Ok(Account { chain, key })
    }

    /// The public key of an account, compressed; none when there is no such account or it has no key.
    #[must_use]
    pub fn public_key(&self, account: &str) -> Option<[u8; 33]> {
        let key = self.accounts.get(account)?.key.as_ref()?;
        let point = VerifyingKey::from(key).to_encoded_point(true);
        Some(point.as_bytes().try_into().expect("a compressed point has 33 bytes"))
    }

    /// Signs a digest on behalf of a chain. The signature has a low `s`, and is the same each time.
    ///
    /// # Errors
    /// When the account does not belong to the chain or has no key.
    pub fn sign(&self, chain: &str, account: &str, digest: &[u8; 32]) -> Result<Signature, SignError> {
        let key = self.key_for(chain, account)?;
        let (signature, recovery) =
            key.sign_prehash_recoverable(digest).map_err(|_| SignError::Unsignable)?;
        let (r, s) = signature.split_bytes();
        Ok(Signature { r: HexBytes(r.to_vec()), s: HexBytes(s.to_vec()), y_odd: recovery.is_y_odd() })
    }

    /// Whether there is a key that may sign on behalf of the chain.
    pub(super) fn check(&self, chain: &str, account: &str) -> Result<(), SignError> {
        self.key_for(chain, account).map(drop)
    }

    fn key_for(&self, chain: &str, name: &str) -> Result<&SigningKey, SignError> {
        let account = (self.accounts.get(name)).ok_or_else(|| SignError::UnknownAccount(name.to_owned()))?;
        if account.chain != chain {
            return Err(SignError::OtherChain {
                account: name.to_owned(),
                belongs_to: account.chain.clone(),
                chain: chain.to_owned(),
            });
        }
        account.key.as_ref().ok_or_else(|| SignError::NoKey(name.to_owned()))
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.accounts.keys()).finish()
    }
}

fn read_key(source: &KeySource, environment: &Environment) -> Result<SigningKey, KeyError> {
    let key = Secret::read(source, environment)?.signing_key();
    Ok(key.map_err(|error| SecretError::malformed(source, &error))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::AccountPolicy;
    use k256::ecdsa::{RecoveryId, Signature as Ecdsa};
    use proptest::prelude::*;

    fn account(chain: &str, key: Option<KeySource>) -> AccountSettings {
        AccountSettings { chain: chain.into(), key, policy: AccountPolicy::default() }
    }

    fn from_env(name: &str) -> Option<KeySource> {
        Some(KeySource::Env(name.into()))
    }

    /// Accounts `main` and `second` on `base`, and `open` without a key on `paper`.
    fn keyring() -> Keyring {
        let accounts = BTreeMap::from([
            ("main".to_owned(), account("base", from_env("KEY_ONE"))),
            ("second".to_owned(), account("base", from_env("KEY_TWO"))),
            ("open".to_owned(), account("paper", None)),
        ]);
        let (one, two) = (format!("{:064x}", 1), format!("0x{:064x}", 2));
        let environment = Environment::from([("KEY_ONE", one.as_str()), ("KEY_TWO", two.as_str())]);
        Keyring::load(&accounts, &environment).unwrap()
    }

    fn digest(hex_digits: &str) -> [u8; 32] {
        hex::decode(hex_digits).unwrap().try_into().unwrap()
    }

    /// The signature that RFC 6979 prescribes for key 1 and the SHA-256 of `Satoshi Nakamoto`.
    #[test]
    fn a_known_digest_gets_the_known_signature() {
        let digest = digest("a0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e");
        let signature = keyring().sign("base", "main", &digest).unwrap();
        assert_eq!(
            signature.r.to_string(),
            "0x934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
        );
        assert_eq!(
            signature.s.to_string(),
            "0x2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
        );
    }

    #[test]
    fn the_public_key_is_the_compressed_point() {
        let keyring = keyring();
        for (account, expected) in [
            ("main", "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
            ("second", "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5"),
        ] {
            assert_eq!(keyring.public_key(account).map(hex::encode).as_deref(), Some(expected));
        }
        assert_eq!(keyring.public_key("open"), None);
        assert_eq!(keyring.public_key("nobody"), None);
    }

    proptest! {
        #[test]
        fn every_signature_is_low_and_gives_the_public_key_back(digest in any::<[u8; 32]>()) {
            let keyring = keyring();
            for account in ["main", "second"] {
                let signed = keyring.sign("base", account, &digest).unwrap();
                let bytes = [signed.r.0, signed.s.0].concat();
                let signature = Ecdsa::from_slice(&bytes).unwrap();
                prop_assert!(signature.normalize_s().is_none(), "s is low");
                let recovery = RecoveryId::new(signed.y_odd, false);
                let key = VerifyingKey::recover_from_prehash(&digest, &signature, recovery).unwrap();
                let point = key.to_encoded_point(true);
                prop_assert_eq!(point.as_bytes(), keyring.public_key(account).unwrap());
            }
        }
    }

    #[test]
    fn a_key_signs_for_its_own_chain_only() {
        let keyring = keyring();
        let refusal =
            |chain: &str, account: &str| keyring.sign(chain, account, &[7; 32]).unwrap_err().to_string();
        assert_eq!(refusal("paper", "main"), r#"account main belongs to chain base, not to "paper""#);
        assert_eq!(refusal("paper", "open"), "account open has no key");
        assert_eq!(refusal("base", "nobody"), r#"no account is called "nobody""#);
    }

    #[test]
    fn a_key_serves_one_account_of_a_chain() {
        let load = |chain: &str| {
            let accounts = BTreeMap::from([
                ("a".to_owned(), account("base", from_env("KEY"))),
                ("b".to_owned(), account(chain, from_env("KEY"))),
            ]);
            Keyring::load(&accounts, &Environment::from([("KEY", "01".repeat(32).as_str())]))
        };
        assert!(load("other").is_ok());
        let told = load("base").unwrap_err().problems[0].to_string();
        assert_eq!(
            told,
            "accounts.b.key: is the key of account a too, on the same chain; keep one of the two"
        );
    }

    #[test]
    fn every_unusable_key_is_named_and_none_is_shown() {
        let accounts = BTreeMap::from([
            ("a".to_owned(), account("base", from_env("UNSET"))),
            ("b".to_owned(), account("base", from_env("SHORT"))),
            ("c".to_owned(), account("base", Some(KeySource::File("no/such/file".into())))),
            ("d".to_owned(), account("base", from_env("ZERO"))),
        ]);
        let zero = "0".repeat(64);
        let environment = Environment::from([("SHORT", "c0ffee5ec4e7"), ("ZERO", zero.as_str())]);
        let error = Keyring::load(&accounts, &environment).unwrap_err();
        let shown = error.to_string();
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!(lines[0], "cannot use the keys of 4 account(s)");
        assert_eq!(lines[1], "  accounts.a.key: the variable UNSET of the environment is not set");
        assert_eq!(
            lines[2],
            "  accounts.b.key: what the variable SHORT of the environment holds is not 64 hexadecimal digits"
        );
        assert!(lines[3].starts_with("  accounts.c.key: the file no/such/file cannot be read: "), "{shown}");
        assert!(lines[4].contains("holds is no secp256k1 key"), "{shown}");
        assert!(!format!("{shown} {error:?} {:?}", keyring()).contains("c0ffee"));
    }
}
