//! From a request to an [`Intent`]: every mistake is found and told at once.

use super::{Catalog, ChainEntry, Intent, Ppm, PpmError};
use orderd_sdk::{
    amount::{Amount, AmountError},
    plugin::Token,
    timestamp::Timestamp,
    wire::{Decimal, ExecuteRequest, FieldProblem},
};
use std::collections::BTreeMap;

/// The most that slippage may be: 50 %.
const MAX_SLIPPAGE: Ppm = Ppm(500_000);
const MAX_PRICE_IMPACT: Ppm = Ppm(1_000_000);
const MAX_PRIORITY: u8 = 9;
const DEFAULT_PRIORITY: u8 = 5;
const MAX_LABELS: usize = 16;
const MAX_LABEL_BYTES: usize = 128;
/// Digits of the largest amount and its decimal point; longer texts are not even read.
const MAX_NUMBER_BYTES: usize = 160;

/// Checks a request against what this daemon knows.
///
/// # Errors
/// Every problem of every field, in the order of the fields.
pub fn read_request(
    request: &ExecuteRequest,
    catalog: &Catalog,
    now: Timestamp,
) -> Result<Intent, Vec<FieldProblem>> {
    let mut problems = Problems::default();
    problems.check_order_type(request.order_type.as_deref());
    let place = problems.find_place(request, catalog);
    let tokens = place.and_then(|place| problems.find_pair(request, place.chain));
    let amount_in = tokens.and_then(|(token_in, _)| problems.read_amount(&request.amount, token_in));
    let slippage = match &request.slippage {
        Some(percent) => problems.read_percent("slippage", percent, MAX_SLIPPAGE),
        None => Some(catalog.default_slippage),
    };
    let max_price_impact = (request.max_price_impact.as_ref())
        .and_then(|percent| problems.read_percent("maxPriceImpact", percent, MAX_PRICE_IMPACT));
    let venues = place.map(|place| problems.find_venues(request, place)).unwrap_or_default();
    let deadline = problems.read_deadline(request.deadline.as_deref(), now);
    let priority = problems.read_priority(request.priority);
    problems.check_labels(&request.labels);

    match (problems.0.is_empty(), place, tokens, amount_in, slippage) {
        (true, Some(place), Some((token_in, token_out)), Some(amount_in), Some(slippage)) => Ok(Intent {
            chain: place.chain_name.to_owned(),
            account: place.account.to_owned(),
            token_in: token_in.clone(),
            token_out: token_out.clone(),
            amount_in,
            slippage,
            venues,
            deadline,
            priority,
            max_price_impact,
            labels: request.labels.clone(),
            max_attempts: catalog.max_attempts,
        }),
        _ => Err(problems.0),
    }
}

/// Where an order is settled, and for whom.
#[derive(Clone, Copy)]
struct Place<'a> {
    chain_name: &'a str,
    chain: &'a ChainEntry,
    account: &'a str,
}

#[derive(Default)]
struct Problems(Vec<FieldProblem>);

impl Problems {
    fn add(&mut self, field: &str, code: &str, detail: impl Into<String>) {
        let (field, code) = (field.to_owned(), code.to_owned());
        self.0.push(FieldProblem { field, code, detail: detail.into() });
    }

    fn check_order_type(&mut self, order_type: Option<&str>) {
        if let Some(other) = order_type.filter(|kind| *kind != "market") {
            self.add(
                "orderType",
                "unsupported-order-type",
                format!("{} is not supported; use market", quoted(other)),
            );
        }
    }

    /// The chain that is named, or follows from the account, or is the only one; and its account likewise.
    fn find_place<'a>(&mut self, request: &ExecuteRequest, catalog: &'a Catalog) -> Option<Place<'a>> {
        let (chain_name, chain) = match (&request.chain, &request.account) {
            (Some(name), _) => match catalog.chains.get_key_value(name) {
                Some(found) => found,
                None => {
                    self.add("chain", "unknown-chain", format!("no chain is called {}", quoted(name)));
                    return None;
                }
            },
            (None, account) => self.guess_chain(account.as_deref(), catalog)?,
        };
        let account = match &request.account {
            Some(name) => match chain.accounts.get(name) {
                Some(account) => account,
                None => {
                    let detail = format!("chain {chain_name} has no account called {}", quoted(name));
                    self.add("account", "unknown-account", detail);
                    return None;
                }
            },
            None => self.only_account(chain_name, chain)?,
        };
        Some(Place { chain_name, chain, account })
    }

    fn guess_chain<'a>(
        &mut self,
        account: Option<&str>,
        catalog: &'a Catalog,
    ) -> Option<(&'a String, &'a ChainEntry)> {
        let mut fitting = (catalog.chains.iter())
            .filter(|(_, chain)| account.is_none_or(|account| chain.accounts.contains(account)));
        match (fitting.next(), fitting.next(), account) {
            (Some(only), None, _) => return Some(only),
            (None, _, Some(account)) => {
                self.add("account", "unknown-account", format!("no account is called {}", quoted(account)));
            }
            _ => self.add("chain", "chain-required", "there are several chains; name one"),
        }
        None
    }

    fn only_account<'a>(&mut self, chain_name: &str, chain: &'a ChainEntry) -> Option<&'a str> {
        let mut accounts = chain.accounts.iter();
        match (accounts.next(), accounts.next()) {
            (Some(only), None) => Some(only),
            (None, _) => {
                self.add("account", "no-account", format!("chain {chain_name} has no account to trade with"));
                None
            }
            _ => {
                self.add(
                    "account",
                    "account-required",
                    format!("chain {chain_name} has several accounts; name one"),
                );
                None
            }
        }
    }

    fn find_pair<'a>(
        &mut self,
        request: &ExecuteRequest,
        chain: &'a ChainEntry,
    ) -> Option<(&'a Token, &'a Token)> {
        let token_in = self.find_token("tokenIn", &request.token_in, chain);
        let token_out = self.find_token("tokenOut", &request.token_out, chain);
        let pair = token_in.zip(token_out)?;
        if pair.0 == pair.1 {
            self.add("tokenOut", "same-token", "tokenIn and tokenOut are the same");
        }
        Some(pair)
    }

    fn find_token<'a>(&mut self, field: &str, symbol: &str, chain: &'a ChainEntry) -> Option<&'a Token> {
        let token = chain.tokens.get(symbol);
        if token.is_none() {
            self.add(field, "unknown-token", format!("no token is called {} on this chain", quoted(symbol)));
        }
        token
    }

    fn read_amount(&mut self, amount: &Decimal, token: &Token) -> Option<Amount> {
        let read = match amount.as_str() {
            text if text.len() > MAX_NUMBER_BYTES => Err(AmountError::TooLarge),
            text => Amount::parse_units(text, token.decimals),
        };
        match read {
            Ok(amount) if amount.is_zero() => {
                self.add("amount", "amount-zero", "must be more than zero");
                None
            }
            Ok(amount) => Some(amount),
            Err(error) => {
                self.add("amount", amount_code(&error), error.to_string());
                None
            }
        }
    }

    fn read_percent(&mut self, field: &str, percent: &Decimal, max: Ppm) -> Option<Ppm> {
        let text = percent.as_str();
        let read = match text.len() > MAX_NUMBER_BYTES {
            true => Err(PpmError::Range { max: max.0 }),
            false => Ppm::parse_percent(text, max),
        };
        read.inspect_err(|error| {
            let code = match error {
                PpmError::Range { .. } | PpmError::Text(AmountError::Negative) => "out-of-range",
                PpmError::Text(_) => "malformed-number",
            };
            self.add(field, code, format!("{error}; expected a percentage from 0 to {max}"));
        })
        .ok()
    }

    fn find_venues(&mut self, request: &ExecuteRequest, place: Place<'_>) -> Vec<String> {
        let Some(wanted) = &request.venues else {
            return Vec::new();
        };
        if wanted.is_empty() {
            self.add("venues", "no-venue", "the list is empty; leave it out to allow every venue");
        }
        for venue in wanted.iter().filter(|venue| !place.chain.venues.contains(*venue)) {
            let detail = format!("chain {} has no venue called {}", place.chain_name, quoted(venue));
            self.add("venues", "unknown-venue", detail);
        }
        let mut venues = wanted.clone();
        venues.sort();
        venues.dedup();
        venues
    }

    fn read_deadline(&mut self, deadline: Option<&str>, now: Timestamp) -> Option<Timestamp> {
        match Timestamp::parse(deadline?) {
            Ok(deadline) if deadline > now => return Some(deadline),
            Ok(_) => self.add("deadline", "deadline-passed", "lies in the past"),
            Err(error) => self.add("deadline", "malformed-time", error.to_string()),
        }
        None
    }

    fn read_priority(&mut self, priority: Option<u8>) -> u8 {
        let priority = priority.unwrap_or(DEFAULT_PRIORITY);
        if priority > MAX_PRIORITY {
            self.add("priority", "out-of-range", format!("must be 0 to {MAX_PRIORITY}"));
        }
        priority
    }

    fn check_labels(&mut self, labels: &BTreeMap<String, String>) {
        if labels.len() > MAX_LABELS {
            self.add("labels", "too-many-labels", format!("at most {MAX_LABELS}"));
        }
        let long =
            labels.iter().any(|(key, value)| key.len() > MAX_LABEL_BYTES || value.len() > MAX_LABEL_BYTES);
        if long {
            self.add("labels", "label-too-long", format!("at most {MAX_LABEL_BYTES} bytes each"));
        }
    }
}

fn amount_code(error: &AmountError) -> &'static str {
    match error {
        AmountError::NotDecimal => "malformed-number",
        AmountError::Exponent => "amount-exponent",
        AmountError::Negative => "amount-negative",
        AmountError::TooPrecise { .. } => "amount-too-precise",
        AmountError::TooLarge => "amount-too-large",
    }
}

/// A client's text in an answer: in quotes, control characters escaped, cut to a bearable length.
fn quoted(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn names(list: &[&str]) -> BTreeSet<String> {
        list.iter().map(ToString::to_string).collect()
    }

    fn catalog() -> Catalog {
        let token =
            |symbol: &str, decimals| Token { symbol: symbol.into(), address: symbol.into(), decimals };
        let tokens =
            BTreeMap::from([("SOL".to_owned(), token("SOL", 9)), ("USDC".to_owned(), token("USDC", 6))]);
        let entry =
            |accounts| ChainEntry { tokens: tokens.clone(), accounts, venues: names(&["alpha", "beta"]) };
        Catalog {
            chains: BTreeMap::from([
                ("paper".to_owned(), entry(names(&["main"]))),
                ("other".to_owned(), entry(names(&["a", "b"]))),
            ]),
            default_slippage: Ppm(5_000),
            max_attempts: 3,
        }
    }

    fn read(json: &str) -> Result<Intent, Vec<String>> {
        let request = serde_json::from_str(json).unwrap();
        read_request(&request, &catalog(), NOW)
            .map_err(|problems| problems.into_iter().map(|p| format!("{}: {}", p.field, p.code)).collect())
    }

    #[test]
    fn the_smallest_request_takes_every_default() {
        let intent = read(r#"{"account":"main","tokenIn":"SOL","tokenOut":"USDC","amount":0.1}"#).unwrap();
        assert_eq!((intent.chain.as_str(), intent.account.as_str()), ("paper", "main"));
        assert_eq!(intent.amount_in, Amount::from(100_000_000_u64));
        assert_eq!((intent.slippage, intent.priority, intent.max_attempts), (Ppm(5_000), 5, 3));
    }

    #[test]
    fn each_mistake_has_its_code() {
        let base = r#""account":"main","tokenIn":"SOL","tokenOut":"USDC""#;
        for (fields, expected) in [
            (r#""amount":"0""#, "amount: amount-zero"),
            (r#""amount":"-1""#, "amount: amount-negative"),
            (r#""amount":-1"#, "amount: amount-negative"),
            (r#""amount":1e3"#, "amount: amount-exponent"),
            (r#""amount":"1.0000000001""#, "amount: amount-too-precise"),
            (r#""amount":"ten""#, "amount: malformed-number"),
            (r#""amount":1,"slippage":50.1"#, "slippage: out-of-range"),
            (r#""amount":1,"slippage":-0.1"#, "slippage: out-of-range"),
            (r#""amount":1,"slippage":"much""#, "slippage: malformed-number"),
            (r#""amount":1,"orderType":"limit""#, "orderType: unsupported-order-type"),
            (r#""amount":1,"venues":["gamma"]"#, "venues: unknown-venue"),
            (r#""amount":1,"venues":[]"#, "venues: no-venue"),
            (r#""amount":1,"deadline":"soon""#, "deadline: malformed-time"),
            (r#""amount":1,"deadline":"2020-01-01T00:00:00Z""#, "deadline: deadline-passed"),
            (r#""amount":1,"priority":10"#, "priority: out-of-range"),
            (r#""amount":1,"chain":"moon""#, "chain: unknown-chain"),
            (r#""amount":1,"chain":"other""#, "account: unknown-account"),
        ] {
            let problems = read(&format!("{{{base},{fields}}}")).unwrap_err();
            assert_eq!(problems, [expected], "{fields}");
        }
        let huge = format!(r#"{{{base},"amount":"{}"}}"#, "9".repeat(90));
        assert_eq!(read(&huge).unwrap_err(), ["amount: amount-too-large"]);
        let endless = format!(r#"{{{base},"amount":{}}}"#, "9".repeat(9000));
        assert_eq!(read(&endless).unwrap_err(), ["amount: amount-too-large"]);
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let problems = read(
            r#"{"account":"main","tokenIn":"SOL","tokenOut":"GOLD","amount":"1","slippage":99,"priority":11,
                "venues":["gamma"],"orderType":"twap"}"#,
        );
        assert_eq!(
            problems.unwrap_err(),
            [
                "orderType: unsupported-order-type",
                "tokenOut: unknown-token",
                "slippage: out-of-range",
                "venues: unknown-venue",
                "priority: out-of-range",
            ]
        );
    }

    #[test]
    fn what_is_ambiguous_has_to_be_named() {
        let pair = r#""tokenIn":"SOL","tokenOut":"USDC","amount":1"#;
        assert_eq!(read(&format!("{{{pair}}}")).unwrap_err(), ["chain: chain-required"]);
        assert_eq!(
            read(&format!(r#"{{{pair},"chain":"other"}}"#)).unwrap_err(),
            ["account: account-required"]
        );
        assert_eq!(read(&format!(r#"{{{pair},"account":"b"}}"#)).unwrap().chain, "other");
    }
}
