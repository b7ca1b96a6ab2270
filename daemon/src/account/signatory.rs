//! Signs for chains: while the daemon asks them to, what the account's policy allows, and nothing else.

use super::{
    Keyring, KeyringError, SignError,
    permits::{NoPermit, Permit, Permits},
    policy::{Occasion, judge},
};
use crate::config::{AccountSettings, ContractPolicy, Environment};
use orderd_sdk::plugin::{SignRequest, Signature};
use std::{collections::BTreeMap, sync::Arc};

/// The keys, and all that stands between them and a plugin.
#[derive(Debug)]
pub struct Signatory {
    keyring: Keyring,
    /// By account; none for those that deal with any contract.
    contracts: BTreeMap<String, ContractPolicy>,
    permits: Arc<Permits>,
}

impl Signatory {
    /// Reads the keys of all accounts.
    ///
    /// # Errors
    /// Those of [`Keyring::load`].
    pub fn load(
        accounts: &BTreeMap<String, AccountSettings>,
        environment: &Environment,
    ) -> Result<Self, KeyringError> {
        let contracts = |(name, account): (&String, &AccountSettings)| {
            account.policy.contracts.clone().map(|contracts| (name.clone(), contracts))
        };
        Ok(Self {
            keyring: Keyring::load(accounts, environment)?,
            contracts: accounts.iter().filter_map(contracts).collect(),
            permits: Arc::default(),
        })
    }

    /// The public key of an account; see [`Keyring::public_key`].
    #[must_use]
    pub fn public_key(&self, account: &str) -> Option<[u8; 33]> {
        self.keyring.public_key(account)
    }

    /// Lets a chain have one signature of an account, for a transaction at this sequence, until the permit is dropped.
    #[must_use]
    pub fn permit(&self, chain: &str, account: &str, sequence: u64, occasion: Occasion) -> Permit {
        self.permits.open(chain, account, sequence, occasion)
    }

    /// Signs on behalf of a chain.
    ///
    /// # Errors
    /// When the account does not belong to the chain or has no key, when the daemon has not asked for such a signature or
    /// has it already, or when the policy refuses.
    pub fn sign(&self, request: &SignRequest) -> Result<Signature, SignError> {
        let SignRequest { chain, account, digest, sequence, effect } = request;
        let digest = <&[u8; 32]>::try_from(digest.0.as_slice()).map_err(|_| SignError::Digest)?;
        self.keyring.check(chain, account)?;
        let allowed = |occasion| match self.contracts.get(account) {
            Some(policy) => judge(policy, occasion, effect.as_ref()),
            None => Ok(()),
        };
        let (account, sequence) = (account.clone(), *sequence);
        self.permits.claim((chain, &account), sequence, allowed).map_err(|reason| match reason {
            NoPermit::Unasked => SignError::Unasked { account: account.clone(), sequence },
            NoPermit::Used => SignError::Twice { account: account.clone() },
        })??;
        self.keyring.sign(chain, &account, digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{AccountPolicy, Address, KeySource};
    use orderd_sdk::{
        amount::Amount,
        plugin::{Effect, HexBytes},
    };

    /// Accounts `free` and `kept` on `base`; `kept` deals with `0xabcd` alone.
    fn signatory() -> Signatory {
        let account = |variable: &str, contracts| AccountSettings {
            chain: "base".into(),
            key: Some(KeySource::Env(variable.into())),
            policy: AccountPolicy { contracts, ..AccountPolicy::default() },
        };
        let kept = ContractPolicy { contracts: [Address::from("0xabcd")].into(), ..Default::default() };
        let accounts = BTreeMap::from([
            ("free".to_owned(), account("ONE", None)),
            ("kept".to_owned(), account("TWO", Some(kept))),
        ]);
        let (one, two) = ("01".repeat(32), "02".repeat(32));
        let environment = Environment::from([("ONE", one.as_str()), ("TWO", two.as_str())]);
        Signatory::load(&accounts, &environment).unwrap()
    }

    fn request(account: &str, sequence: impl Into<Option<u64>>) -> SignRequest {
        SignRequest {
            chain: "base".into(),
            account: account.into(),
            digest: HexBytes(vec![7; 32]),
            sequence: sequence.into(),
            effect: None,
        }
    }

    fn calling(contract: &str) -> SignRequest {
        let effect = Effect::Call { contract: contract.into(), value: Amount::ZERO };
        SignRequest { effect: Some(effect), ..request("kept", 3) }
    }

    fn refusal(signatory: &Signatory, request: &SignRequest) -> String {
        signatory.sign(request).unwrap_err().to_string()
    }

    #[test]
    fn nothing_is_signed_that_was_not_asked_for() {
        let signatory = signatory();
        let unasked = "the daemon asks for no signature of account free now";
        assert_eq!(refusal(&signatory, &request("free", None)), unasked);
        let permit = signatory.permit("base", "free", 3, Occasion::Transaction);
        let unasked = "the daemon asks for no signature of account free at sequence 4 now";
        assert_eq!(refusal(&signatory, &request("free", 4)), unasked);
        assert!(refusal(&signatory, &request("kept", 3)).contains("account kept at sequence 3"));
        assert!(signatory.sign(&request("free", 3)).is_ok());
        drop(permit);
        assert!(refusal(&signatory, &request("free", 3)).contains("no signature of account free at"));
    }

    #[test]
    fn a_permit_is_good_for_one_signature() {
        for sequence in [Some(3), None] {
            let signatory = signatory();
            let _permit = signatory.permit("base", "free", 3, Occasion::Transaction);
            assert!(signatory.sign(&request("free", sequence)).is_ok());
            let said = refusal(&signatory, &request("free", sequence));
            assert_eq!(said, "account free has given the one signature that the daemon asks for");
        }
    }

    #[test]
    fn calls_at_once_each_have_their_own_permit() {
        let signatory = signatory();
        let open = |sequence| signatory.permit("base", "free", sequence, Occasion::Transaction);
        let (_three, four) = (open(3), open(4));
        assert!(signatory.sign(&request("free", 4)).is_ok() && signatory.sign(&request("free", 3)).is_ok());
        drop(four);
        assert!(
            signatory.sign(&request("free", 4)).is_err() && signatory.sign(&request("free", None)).is_err()
        );
        let _five = open(5);
        assert!(signatory.sign(&request("free", None)).is_ok(), "one of them is unused");
    }

    #[test]
    fn a_refusal_does_not_use_the_permit_up_and_is_told_to_whoever_opened_it() {
        let signatory = signatory();
        let permit = signatory.permit("base", "kept", 3, Occasion::Transaction);
        assert_eq!(permit.refusal(), None);
        let said = refusal(&signatory, &calling("0xbad"));
        assert_eq!(permit.refusal().unwrap().to_string(), said);
        assert!(refusal(&signatory, &request("kept", 3)).contains("does not say what it signs"));
        assert!(signatory.sign(&calling("0xABCD")).is_ok());
    }

    #[test]
    fn cancellations_are_signed_whatever_the_policy() {
        let signatory = signatory();
        let _permit = signatory.permit("base", "kept", 3, Occasion::Cancellation);
        assert!(signatory.sign(&request("kept", 3)).is_ok());
    }

    #[test]
    fn a_permit_opens_neither_another_chain_nor_a_short_digest() {
        let signatory = signatory();
        let _permit = signatory.permit("other", "free", 3, Occasion::Transaction);
        assert!(refusal(&signatory, &request("free", 3)).contains("asks for no signature"));
        let other = SignRequest { chain: "other".into(), ..request("free", 3) };
        assert!(refusal(&signatory, &other).contains("belongs to chain base"));
        let short = SignRequest { digest: HexBytes(vec![7; 31]), ..request("free", 3) };
        assert_eq!(refusal(&signatory, &short), "a digest has 32 bytes");
    }
}
