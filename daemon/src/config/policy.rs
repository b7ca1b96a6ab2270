//! The tables `[accounts.NAME.policy]`: what an account may sign, and how much it may sell.

use super::{
    AccountPolicy, Address, ContractPolicy, SpendCap,
    key_path::KeyPath,
    names::check_symbol,
    source::{Section, Source},
    suggest::hint,
    value::Found,
    world::{Account, Chain, read_address},
};
use orderd_sdk::{amount::Amount, plugin::Token};
use std::{collections::BTreeMap, time::Duration};

/// The longest window of a cap: a month.
const MAX_WINDOW_MINUTES: u64 = 44_640;
/// The most contracts of one account.
const MAX_CONTRACTS: usize = 256;

/// A policy as it was read, not knowing the chain yet.
#[derive(Default)]
pub(super) struct Policy {
    contracts: Option<Vec<String>>,
    max_value: Option<Amount>,
    spend: BTreeMap<String, Option<Cap>>,
}

/// So much of a token in a window.
struct Cap {
    amount: String,
    window: Duration,
}

/// The window of a cap.
pub(super) struct SpendWindow {
    /// The cap's key.
    pub(super) cap: KeyPath,
    pub(super) window: Duration,
}

pub(super) fn read_policy(section: &mut Section<'_>) -> Policy {
    let contracts = section.list("contracts", MAX_CONTRACTS, read_address);
    let max_value = section.optional("max_value", read_units);
    if max_value.is_some() && contracts.is_none() {
        section.report("max_value", "means nothing without contracts");
    }
    Policy { contracts, max_value, spend: section.each("spend", check_symbol, read_cap) }
}

fn read_cap(section: &mut Section<'_>) -> Option<Cap> {
    let amount = section.required("amount", Found::text);
    let minutes = section.required("window_minutes", |found| found.integer(&(1..=MAX_WINDOW_MINUTES)));
    let (amount, minutes) = amount.zip(minutes)?;
    Some(Cap { amount, window: Duration::from_mins(minutes) })
}

/// Base units of the chain's own coin, of which nothing says how many decimals it has.
fn read_units(found: Found) -> Result<Amount, String> {
    let text = found.text()?;
    Amount::parse_units(&text, 0).map_err(|error| format!("must be a whole number of base units: {error}"))
}

impl Cap {
    fn amount_of(&self, token: &Token) -> Result<Amount, String> {
        Amount::parse_units(&self.amount, token.decimals)
            .map_err(|error| format!("must be an amount of {}, got {:?}: {error}", token.symbol, self.amount))
    }
}

impl Policy {
    /// Complains about what does not fit the account or its chain.
    pub(super) fn check(&self, source: &Source, name: &str, account: &Account, chain: &Chain) {
        let path = KeyPath::of(&["accounts", name, "policy"]);
        for token in self.contracts.iter().flatten().filter_map(|contract| token_at(chain, contract)) {
            let detail = format!(
                "has token {}: who may call a token may give it away; approvals need no listing",
                token.symbol
            );
            source.report(&path.key("contracts"), detail);
        }
        if self.contracts.is_some() && account.key.is_none() {
            source.report(&path.key("contracts"), "means nothing for an account without a key");
        }
        for (symbol, cap) in &self.spend {
            let path = path.key("spend").key(symbol);
            match (chain.tokens.get(symbol), cap) {
                (None, _) if chain.broken_tokens.contains(symbol) => {}
                (None, _) => {
                    let hint = hint(symbol, chain.tokens.keys().map(String::as_str));
                    source.report(&path, format!("the account's chain has no token {symbol:?}{hint}"));
                }
                (Some(token), Some(cap)) => {
                    if let Err(detail) = cap.amount_of(token) {
                        source.report_value(&path.key("amount"), &detail);
                    }
                }
                (Some(_), None) => {}
            }
        }
    }

    /// The longest window of a cap of this account's.
    pub(super) fn longest_window(&self, name: &str) -> Option<SpendWindow> {
        let path = KeyPath::of(&["accounts", name, "policy", "spend"]);
        let windows = self.spend.iter().filter_map(|(symbol, cap)| Some((symbol, cap.as_ref()?.window)));
        let (symbol, window) = windows.max_by_key(|(_, window)| *window)?;
        Some(SpendWindow { cap: path.key(symbol), window })
    }

    /// The same, complete.
    pub(super) fn settle(&self, chain: &Chain) -> AccountPolicy {
        let address = |text: &String| Address::from(text.as_str());
        let contracts = self.contracts.as_ref().map(|contracts| ContractPolicy {
            contracts: contracts.iter().map(address).collect(),
            tokens: chain.tokens.values().map(|token| address(&token.address)).collect(),
            max_value: self.max_value.unwrap_or_default(),
        });
        let cap = |(symbol, cap): (&String, &Option<Cap>)| {
            let (token, cap) = (chain.tokens.get(symbol)?, cap.as_ref()?);
            let amount = cap.amount_of(token).ok()?;
            Some(SpendCap { token: token.clone(), amount, window: cap.window })
        };
        AccountPolicy { contracts, spend: self.spend.iter().filter_map(cap).collect() }
    }
}

fn token_at<'a>(chain: &'a Chain, address: &str) -> Option<&'a Token> {
    let address = Address::from(address);
    chain.tokens.values().find(|token| Address::from(token.address.as_str()) == address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, Overrides, Settings, load::read_text};
    use std::path::Path;

    const WORLD: &str = r#"
[plugins.evm]
[chains.base]
plugin = "evm"
tokens.WETH = { address = "0xAA", decimals = 18 }
tokens.USDC = { address = "0xBB", decimals = 6 }
[accounts.main]
chain = "base"
key = { file = "main.hex" }
"#;

    fn read(policy: &str, environment: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
        let environment = environment
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect::<Environment>();
        read_text(&format!("{WORLD}{policy}"), Path::new("etc"), &Overrides::default(), &environment)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    fn policy(text: &str, environment: &[(&str, &str)]) -> AccountPolicy {
        read(text, environment).unwrap().accounts["main"].policy.clone()
    }

    #[test]
    fn without_the_table_nothing_is_limited() {
        assert_eq!(policy("", &[]), AccountPolicy::default());
        assert_eq!(policy("[accounts.main.policy]", &[]), AccountPolicy::default());
    }

    #[test]
    fn contracts_and_caps_are_read_in_the_terms_of_the_chain() {
        let read = policy(
            "policy.contracts = ['0xR1', '0xr2']\n[accounts.main.policy.spend]\n\
             USDC = { amount = '10000.5', window_minutes = 60 }",
            &[
                ("ORDERD_ACCOUNTS__MAIN__POLICY__MAX_VALUE", "7"),
                ("ORDERD_ACCOUNTS__MAIN__POLICY__CONTRACTS__1", "0xR3"),
                ("ORDERD_ACCOUNTS__MAIN__POLICY__SPEND__USDC__WINDOW_MINUTES", "90"),
            ],
        );
        let contracts = read.contracts.unwrap();
        assert_eq!(contracts.contracts, ["0xr1", "0xR3"].map(Address::from).into());
        assert_eq!(contracts.tokens, ["0xaa", "0xbb"].map(Address::from).into());
        assert_eq!(contracts.max_value, Amount::from(7_u64));
        let [cap] = &read.spend[..] else { panic!("one cap: {:?}", read.spend) };
        assert_eq!((cap.token.symbol.as_str(), cap.amount), ("USDC", Amount::from(10_000_500_000_u64)));
        assert_eq!(cap.window, Duration::from_mins(90));
    }

    #[test]
    fn orders_are_kept_as_long_as_they_count() {
        let retention = |hours: u64, policy: &str| {
            let hours = hours.to_string();
            read(policy, &[("ORDERD_STORAGE__RETENTION_HOURS", &hours)]).map(|read| read.storage.retention)
        };
        let caps = "[accounts.main.policy.spend]\nUSDC = { amount = '1', window_minutes = 2881 }\n\
                    WETH = { amount = '1', window_minutes = 2880 }";
        assert_eq!(retention(0, caps), Ok(None), "for good");
        assert_eq!(retention(49, caps), Ok(Some(Duration::from_hours(49))));
        let too_short = "storage.retention_hours: must be 0, or at least \
                         accounts.main.policy.spend.USDC.window_minutes, which is 2881, got 48 hours";
        assert_eq!(retention(48, caps), Err(vec![too_short.to_owned()]));
        assert_eq!(retention(24, ""), Ok(Some(Duration::from_hours(24))));
    }

    #[test]
    fn every_mistake_is_told_by_its_key() {
        let told = read(
            "[accounts.main.policy]\ncontracts = ['0xr1', 7, '0xbB']\nmax_value = '0.5'\ncolour = 1\n\
             [accounts.main.policy.spend]\nUSCD = { amount = '1', window_minutes = 1 }\n\
             USDC = { amount = '0.0000001', window_minutes = 0 }\nWETH = { amount = 1, window_minutes = 44641 }",
            &[],
        )
        .unwrap_err();
        let path = "accounts.main.policy";
        let expected = [
            format!("{path}.colour: unknown key"),
            format!(
                "{path}.contracts: has token USDC: who may call a token may give it away; approvals need no listing"
            ),
            format!("{path}.contracts[1]: expected text, got a whole number"),
            format!("{path}.max_value: must be a whole number of base units: more than 0 decimal places"),
            format!("{path}.spend.USCD: the account's chain has no token \"USCD\"; did you mean USDC?"),
            format!("{path}.spend.USDC.window_minutes: must be 1 to 44640, got 0"),
            format!("{path}.spend.WETH.amount: expected text, got a whole number"),
            format!("{path}.spend.WETH.window_minutes: must be 1 to 44640, got 44641"),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_means_nothing_is_a_mistake() {
        let told = |text: &str| read(text, &[]).unwrap_err();
        assert_eq!(
            told("policy = { max_value = '1' }"),
            ["accounts.main.policy.max_value: means nothing without contracts"]
        );
        assert_eq!(
            told("[accounts.bare]\nchain = 'base'\npolicy = { contracts = [] }"),
            ["accounts.bare.policy.contracts: means nothing for an account without a key"]
        );
        assert_eq!(
            told("policy.spend.USDC = { amount = '0.0000001', window_minutes = 1 }"),
            [
                "accounts.main.policy.spend.USDC.amount: must be an amount of USDC, got \"0.0000001\": more than 6 \
                 decimal places"
            ]
        );
    }
}
