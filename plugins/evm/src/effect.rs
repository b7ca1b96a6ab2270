//! What a transaction does, for the policy of the account that signs it: read from its own fields and input, whatever
//! the venue that built it says.

use alloy_consensus::TxEip1559;
use alloy_primitives::{Address, TxKind};
use alloy_sol_types::{SolCall, sol};
use orderd_sdk::{amount::Amount, plugin::Effect};

sol! {
    function approve(address spender, uint256 amount) external returns (bool);
}

/// What it does when this address signs it. Tokens know other ways of giving leave; they count as calls of the token,
/// which nobody lists.
pub(crate) fn effect_of(transaction: &TxEip1559, signer: Address) -> Effect {
    let TxKind::Call(to) = transaction.to else {
        return Effect::Other;
    };
    let carries_nothing = transaction.value.is_zero();
    if carries_nothing && to == signer && transaction.input.is_empty() {
        return Effect::Nothing;
    }
    match approved_spender(&transaction.input).filter(|_| carries_nothing) {
        Some(spender) => Effect::Approve { token: to.to_string(), spender: spender.to_string() },
        None => Effect::Call { contract: to.to_string(), value: Amount(transaction.value) },
    }
}

/// Who gets leave, when the input is a plain `approve` and not a byte more.
fn approved_spender(input: &[u8]) -> Option<Address> {
    let words = input.strip_prefix(&approveCall::SELECTOR)?;
    let (spender, _amount) = words.split_at_checked(32).filter(|(_, amount)| amount.len() == 32)?;
    let address = spender.strip_prefix(&[0; 12])?;
    Address::try_from(address).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{Bytes, U256};

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
        approveCall { spender: ROUTER, amount: U256::MAX }.abi_encode()
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
        let told = Effect::Approve { token: TOKEN.to_string(), spender: ROUTER.to_string() };
        assert_eq!(effect(TOKEN, approve(), 0), told);
    }

    #[test]
    fn what_only_looks_like_an_approve_is_a_call() {
        let mut longer = approve();
        longer.push(0);
        let mut dirty = approve();
        dirty[4] = 1;
        let mut other = approve();
        other[0] ^= 1;
        for input in [longer, dirty, other, approve()[..67].to_vec(), approve()[..4].to_vec()] {
            assert_eq!(effect(TOKEN, input, 0), call(TOKEN, 0));
        }
        assert_eq!(effect(TOKEN, approve(), 5), call(TOKEN, 5), "coin goes along");
    }

    #[test]
    fn a_contract_that_is_being_made_has_no_address_to_allow() {
        let creation = TxEip1559 { to: TxKind::Create, ..TxEip1559::default() };
        assert_eq!(effect_of(&creation, ME), Effect::Other);
    }
}
