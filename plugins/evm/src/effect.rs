//! What a transaction does, for the policy of the account that signs it: read from its own fields and input, whatever
//! the venue that built it says.

use alloy_consensus::TxEip1559;
use alloy_primitives::{Address, TxKind};
use alloy_sol_types::{SolCall, sol};
use orderd_sdk::{amount::Amount, plugin::Effect};

sol! {
    interface Erc20 {
        function approve(address spender, uint256 amount) external returns (bool);
    }

    interface Permit2 {
        function approve(address token, address spender, uint160 amount, uint48 expiration) external;
    }
}

/// What it does when this address signs it. Tokens know other ways of giving leave; they count as calls of the token,
/// which nobody lists. Permit2 passes on the leave that it has, and is listed where it is used.
pub(crate) fn effect_of(transaction: &TxEip1559, signer: Address) -> Effect {
    let TxKind::Call(to) = transaction.to else {
        return Effect::Other;
    };
    let (contract, value) = (to.to_string(), Amount(transaction.value));
    if value.is_zero() && to == signer && transaction.input.is_empty() {
        return Effect::Nothing;
    }
    match leave_in(&transaction.input) {
        None => Effect::Call { contract, value },
        Some(Ok(Leave { token, spender })) if value.is_zero() => Effect::Approve {
            token: token.map_or_else(|| contract.clone(), |token| token.to_string()),
            spender: spender.to_string(),
            through: token.map(|_| contract),
        },
        Some(_) => Effect::Other,
    }
}

/// Who gets leave to take what: the token that is called, unless another one is named.
struct Leave {
    token: Option<Address>,
    spender: Address,
}

/// Something that only looks like an `approve`. Contracts may read it all the same, so it is no mere call.
struct Strange;

/// The leave that a call gives, if it gives any.
fn leave_in(input: &[u8]) -> Option<Result<Leave, Strange>> {
    let (selector, words) = input.split_first_chunk::<4>()?;
    let leave = match (*selector, words.as_chunks::<32>()) {
        (Erc20::approveCall::SELECTOR, ([spender, _amount], [])) => {
            address_in(spender).map(|spender| Leave { token: None, spender })
        }
        (Permit2::approveCall::SELECTOR, ([token, spender, _amount, _expiration], [])) => address_in(token)
            .zip(address_in(spender))
            .map(|(token, spender)| Leave { token: Some(token), spender }),
        (Erc20::approveCall::SELECTOR | Permit2::approveCall::SELECTOR, _) => None,
        _ => return None,
    };
    Some(leave.ok_or(Strange))
}

/// The address that fills a word.
fn address_in(word: &[u8; 32]) -> Option<Address> {
    Address::try_from(word.strip_prefix(&[0; 12])?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{
        Bytes, U256,
        aliases::{U48, U160},
    };

    const ME: Address = Address::repeat_byte(1);
    const TOKEN: Address = Address::repeat_byte(2);
    const ROUTER: Address = Address::repeat_byte(3);

    fn effect(to: Address, input: impl Into<Bytes>, value: u64) -> Effect {
        let (to, input, value) = (TxKind::Call(to), input.into(), U256::from(value));
        effect_of(&TxEip1559 { to, input, value, ..TxEip1559::default() }, ME)
    }

    fn call(contract: Address, value: u64) -> Effect {
        Effect::Call { contract: contract.to_string(), value: Amount::from(value) }
    }

    fn approve() -> Vec<u8> {
        Erc20::approveCall { spender: ROUTER, amount: U256::MAX }.abi_encode()
    }

    fn pass_on() -> Vec<u8> {
        let (amount, expiration) = (U160::MAX, U48::MAX);
        Permit2::approveCall { token: TOKEN, spender: ROUTER, amount, expiration }.abi_encode()
    }

    #[test]
    fn nothing_to_oneself_is_nothing() {
        assert_eq!(effect(ME, Bytes::new(), 0), Effect::Nothing);
        assert_eq!(effect(ME, Bytes::new(), 1), call(ME, 1));
        assert_eq!(effect(ME, vec![0], 0), call(ME, 0), "delegated code may act on it");
        assert_eq!(effect(ROUTER, Bytes::new(), 0), call(ROUTER, 0));
    }

    #[test]
    fn a_plain_approve_is_told_with_its_token_and_spender() {
        let told = |through| {
            let (token, spender) = (TOKEN.to_string(), ROUTER.to_string());
            Effect::Approve { token, spender, through }
        };
        assert_eq!(effect(TOKEN, approve(), 0), told(None));
        let permit2 = Address::repeat_byte(4);
        assert_eq!(effect(permit2, pass_on(), 0), told(Some(permit2.to_string())));
    }

    #[test]
    fn what_only_looks_like_an_approve_is_nothing_that_a_policy_allows() {
        let (mut longer, mut dirty, mut dirty_token) = (pass_on(), approve(), pass_on());
        longer.push(0);
        (dirty[4], dirty_token[4]) = (1, 1);
        let short = [approve()[..67].to_vec(), approve()[..4].to_vec(), pass_on()[..131].to_vec()];
        for input in short.into_iter().chain([longer, dirty, dirty_token]) {
            assert_eq!(effect(TOKEN, input, 0), Effect::Other);
        }
        assert_eq!(effect(TOKEN, approve(), 5), Effect::Other, "coin goes along");
        let mut other = approve();
        other[0] ^= 1;
        assert_eq!(effect(TOKEN, other, 0), call(TOKEN, 0));
        assert_eq!(effect(TOKEN, approve()[..3].to_vec(), 0), call(TOKEN, 0));
    }

    #[test]
    fn a_contract_that_is_being_made_has_no_address_to_allow() {
        let creation = TxEip1559 { to: TxKind::Create, ..TxEip1559::default() };
        assert_eq!(effect_of(&creation, ME), Effect::Other);
    }
}
