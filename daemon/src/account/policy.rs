//! What an account's policy says of a transaction. How much may be sold is not decided here but by the engine, which knows
//! the orders.

use crate::config::{Address, ContractPolicy};
use orderd_sdk::{amount::Amount, plugin::Effect};

/// What a chain is being asked to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// A transaction that a venue has built, for the first time or again for a higher fee.
    Transaction,
    /// One without effect, to take the place of others. The chain makes it by itself.
    Cancellation,
}

/// Why a policy refuses a transaction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody says what it does, so nobody can tell whether it may.
    #[error("the account is kept to certain contracts, and its chain's plugin does not say what it signs")]
    Untold,
    /// It calls somebody else.
    #[error("the account's policy does not list contract {0}")]
    Contract(String),
    /// It would allow somebody else to take a token.
    #[error("the account's policy does not list {spender}, which would be allowed to take token {token}")]
    Spender {
        /// Who would.
        spender: String,
        /// Of which token.
        token: String,
    },
    /// It allows something of a contract that is not known to be a token.
    #[error("leave would be given to take {0}, which is no token of the chain")]
    Token(String),
    /// It carries more of the chain's own coin than it may.
    #[error(
        "{value} base units of the chain's coin would go along with the call, the account's policy allows {most}"
    )]
    Value {
        /// How much.
        value: Amount,
        /// How much may.
        most: Amount,
    },
}

/// Whether the policy allows this effect, as far as it is told.
pub(super) fn judge(
    policy: &ContractPolicy,
    occasion: Occasion,
    effect: Option<&Effect>,
) -> Result<(), Refusal> {
    let listed = |address: &str| policy.contracts.contains(&Address::from(address));
    match (effect, occasion) {
        (Some(Effect::Nothing), _) | (None, Occasion::Cancellation) => Ok(()),
        (None | Some(Effect::Other), _) => Err(Refusal::Untold),
        (Some(Effect::Call { contract, .. }), _) if !listed(contract) => {
            Err(Refusal::Contract(contract.clone()))
        }
        (Some(Effect::Call { value, .. }), _) if *value > policy.max_value => {
            Err(Refusal::Value { value: *value, most: policy.max_value })
        }
        (Some(Effect::Call { .. }), _) => Ok(()),
        (Some(Effect::Approve { token, spender, .. }), _) if !listed(spender) => {
            Err(Refusal::Spender { spender: spender.clone(), token: token.clone() })
        }
        (Some(Effect::Approve { through: Some(contract), .. }), _) if !listed(contract) => {
            Err(Refusal::Contract(contract.clone()))
        }
        (Some(Effect::Approve { token, .. }), _) => {
            match policy.tokens.contains(&Address::from(token.as_str())) {
                true => Ok(()),
                false => Err(Refusal::Token(token.clone())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTER: &str = "0xAbCd";
    const TOKEN: &str = "0x70";

    fn policy() -> ContractPolicy {
        ContractPolicy {
            contracts: [Address::from(ROUTER)].into(),
            tokens: [Address::from(TOKEN)].into(),
            max_value: Amount::from(5_u64),
        }
    }

    fn call(contract: &str, value: u64) -> Option<Effect> {
        Some(Effect::Call { contract: contract.to_owned(), value: Amount::from(value) })
    }

    fn approve(token: &str, spender: &str) -> Option<Effect> {
        approve_through(None, token, spender)
    }

    fn approve_through(through: Option<&str>, token: &str, spender: &str) -> Option<Effect> {
        let (token, spender, through) = (token.to_owned(), spender.to_owned(), through.map(str::to_owned));
        Some(Effect::Approve { token, spender, through })
    }

    fn refusal(effect: Option<Effect>, occasion: Occasion) -> Option<String> {
        judge(&policy(), occasion, effect.as_ref()).err().map(|refusal| refusal.to_string())
    }

    #[test]
    fn what_is_listed_is_allowed_in_any_spelling() {
        for allowed in [
            call(ROUTER, 0),
            call("0xabcd", 5),
            call("0XABCD", 0),
            approve(TOKEN, ROUTER),
            approve_through(Some(ROUTER), TOKEN, ROUTER),
            Some(Effect::Nothing),
        ] {
            assert_eq!(refusal(allowed, Occasion::Transaction), None);
        }
    }

    #[test]
    fn what_a_venue_could_want_besides_is_refused() {
        for (effect, words) in [
            (call("0xbad", 0), "does not list contract 0xbad"),
            (call(TOKEN, 0), "does not list contract 0x70"),
            (call(ROUTER, 6), "6 base units of the chain's coin would go along"),
            (approve(TOKEN, "0xbad"), "does not list 0xbad, which would be allowed to take token 0x70"),
            (approve("0xbad", ROUTER), "leave would be given to take 0xbad, which is no token of the chain"),
            (approve(ROUTER, ROUTER), "is no token of the chain"),
            (approve_through(Some("0xbad"), TOKEN, ROUTER), "does not list contract 0xbad"),
            (approve_through(Some(ROUTER), TOKEN, "0xbad"), "does not list 0xbad, which would be allowed"),
            (approve_through(Some(ROUTER), "0xbad", ROUTER), "is no token of the chain"),
            (Some(Effect::Other), "does not say what it signs"),
            (None, "does not say what it signs"),
        ] {
            let said = refusal(effect, Occasion::Transaction).expect(words);
            assert!(said.contains(words), "{said}");
        }
    }

    #[test]
    fn a_cancellation_needs_no_words_but_may_not_do_anything_either() {
        assert_eq!(refusal(None, Occasion::Cancellation), None);
        assert_eq!(refusal(Some(Effect::Nothing), Occasion::Cancellation), None);
        assert!(refusal(call("0xbad", 0), Occasion::Cancellation).is_some());
        assert!(refusal(Some(Effect::Other), Occasion::Cancellation).is_some());
    }
}
