//! Prices.

use crate::{
    abi::{Method, Status},
    amount::Amount,
    plugin::{PluginError, Quote, QuoteRequest, Token},
    testkit::{
        Bench,
        ask::shown,
        plan::{Market, Steadiness},
        report::{Checked, Stop, ensure},
        subject::Subject,
    },
};
use serde_json::{Value, json};

/// A share of everything.
const MILLION: u32 = 1_000_000;

pub(super) fn price(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    for market in bench.markets()? {
        let quote = quoted(bench, &subject, market)?;
        ensure(
            !quote.amount_out.is_zero(),
            || format!("{} gives nothing for {} of {}", market.venue, market.amount, market.sell.symbol),
            "more than nothing, or an error",
            "quote: a pool without liquidity is an error, not a price of zero",
        )?;
        ensure(
            quote.price_impact_ppm.is_none_or(|impact| impact <= MILLION),
            || format!("priceImpactPpm {}", quote.price_impact_ppm.unwrap_or_default()),
            "at most 1000000, which is everything",
            "quote: the impact is in millionths",
        )?;
    }
    Ok(())
}

/// The market's price for the plan's amount.
pub(super) fn quoted(bench: &Bench, subject: &Subject, market: &Market) -> Checked<Quote> {
    let request = bench.quote(subject, market, market.amount)?;
    subject.core().must(Method::VenueQuote, &market.venue, &request)
}

/// What the venue answers to this request.
fn asked(subject: &Subject, market: &Market, request: &QuoteRequest) -> Checked<Result<Quote, PluginError>> {
    subject.core().ask(Method::VenueQuote, &market.venue, request)
}

pub(super) fn amounts(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    for market in bench.markets()? {
        let request = json!(bench.quote(&subject, market, market.amount)?).to_string();
        let method = Method::VenueQuote.name();
        let outcome = subject.core().call(method, &market.venue, request.as_bytes())?;
        let reply: Value = serde_json::from_slice(&outcome.reply).unwrap_or_default();
        let seen = || format!("{method} answered {}", shown(&outcome.reply));
        let cost = &reply["networkCost"];
        ensure(
            outcome.status == Status::OK
                && is_amount(&reply["amountOut"])
                && (cost.is_null() || is_amount(cost)),
            seen,
            "amountOut and networkCost as \"149550897\": decimal digits in quotation marks, no point, no exponent",
            "quote: amounts are integers of base units from end to end; a JSON number is a float to many readers",
        )?;
        let impact = &reply["priceImpactPpm"];
        ensure(
            impact.is_null() || impact.is_u64(),
            seen,
            "priceImpactPpm as a whole number of millionths",
            "quote: the impact",
        )?;
    }
    Ok(())
}

fn is_amount(value: &Value) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    value.as_str().is_some_and(|text| digits(text) && (text == "0" || !text.starts_with('0')))
}

pub(super) fn rises(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    for market in bench.markets()? {
        let mut last: Option<(Amount, Amount)> = None;
        for amount_in in ladder(market.amount) {
            let request = bench.quote(&subject, market, amount_in)?;
            let Ok(quote) = asked(&subject, market, &request)? else {
                continue;
            };
            if let Some((less_in, less_out)) = last {
                ensure(
                    quote.amount_out >= less_out,
                    || format!("{less_in} gives {less_out}, but {amount_in} gives {}", quote.amount_out),
                    "at least as much for more",
                    "quote: rounding, an overflow that wraps, or fees that are not in proportion",
                )?;
            }
            last = Some((amount_in, quote.amount_out));
        }
    }
    Ok(())
}

/// Amounts around the plan's, each with its neighbour, rising.
fn ladder(amount: Amount) -> Vec<Amount> {
    let shares = [1, 10, 500, 999, 1_000, 1_001, 1_500, 2_000, 5_000];
    let scaled = shares.into_iter().filter_map(|share| amount.mul_div_ceil(share, 1_000));
    let one = Amount::from(1_u64);
    let mut all: Vec<_> =
        scaled.flat_map(|amount| [Some(amount), amount.checked_add(one)]).flatten().collect();
    all.sort_unstable();
    all
}

pub(super) fn repeats(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    let steady = |market: &&Market| market.steadiness == Steadiness::Steady;
    let markets: Vec<_> = bench.markets()?.iter().filter(steady).collect();
    if markets.is_empty() {
        return Err(Stop::skipped("every market of the plan is timeDependent"));
    }
    for market in markets {
        let first = quoted(bench, &subject, market)?;
        for _ in 0..5 {
            let again = quoted(bench, &subject, market)?;
            ensure(
                (again.amount_out, &again.route) == (first.amount_out, &first.route),
                || {
                    format!(
                        "{} by {}, then {} by {}",
                        first.amount_out, first.route, again.amount_out, again.route
                    )
                },
                "the same answer, as nothing has moved (or `timeDependent = true` in the plan)",
                "quote: state that it changes, chance, the order of a hash map",
            )?;
        }
    }
    Ok(())
}

pub(super) fn extremes(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    for market in bench.markets()? {
        let least = quoted(bench, &subject, market)?.amount_out;
        for amount_in in [Amount::ZERO, Amount::MAX, Amount(Amount::MAX.0 >> 1_usize)] {
            let answer = asked(&subject, market, &bench.quote(&subject, market, amount_in)?)?;
            // A pool may well say what it would pay for everything in the world; for nothing it pays nothing.
            let sound = match &answer {
                Ok(quote) => !amount_in.is_zero() && quote.amount_out >= least,
                Err(error) => !is_panic(error),
            };
            ensure(
                sound,
                || format!("{amount_in} of {}: {}", market.sell.symbol, told(&answer)),
                "an error, such as \"the amount is too small or too large for the pool\"",
                "quote: the checks of the amount before the arithmetic, which has to be checked too",
            )?;
        }
    }
    Ok(())
}

pub(super) fn pairs(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    for market in bench.markets()? {
        let request = bench.quote(&subject, market, market.amount)?;
        let unknown = Token {
            symbol: "NOSUCHTOKEN".to_owned(),
            address: format!("{}x", market.buy.address),
            decimals: market.buy.decimals,
        };
        for (what, token_out) in
            [("the sold token itself", request.token_in.clone()), ("an unknown token", unknown)]
        {
            let answer = asked(&subject, market, &QuoteRequest { token_out, ..request.clone() })?;
            ensure(
                matches!(&answer, Err(error) if !is_panic(error)),
                || format!("{} for {what}: {}", market.sell.symbol, told(&answer)),
                "an error, such as \"no pool for SOL and SOL\"",
                "quote: how it finds the pool of a pair; tokens are told apart by their address",
            )?;
        }
    }
    Ok(())
}

pub(super) fn is_panic(error: &PluginError) -> bool {
    error.kind == crate::plugin::ErrorKind::Panic
}

/// An answer in a line.
pub(super) fn told(answer: &Result<Quote, PluginError>) -> String {
    match answer {
        Ok(quote) => format!("gives {}", quote.amount_out),
        Err(error) => format!("{:?}: {error}", error.kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_numbers_in_text_are_amounts() {
        for good in [json!("0"), json!("10")] {
            assert!(is_amount(&good), "{good}");
        }
        for bad in [
            json!(10),
            json!(1.5),
            json!("1.0"),
            json!("1e3"),
            json!(""),
            json!("01"),
            json!("-1"),
            json!(null),
        ] {
            assert!(!is_amount(&bad), "{bad}");
        }
    }

    #[test]
    fn the_ladder_rises_and_has_the_amount_itself() {
        let ladder = ladder(Amount::from(1_000_u64));
        assert!(ladder.is_sorted() && ladder.contains(&Amount::from(1_000_u64)) && ladder.len() > 10);
    }
}
