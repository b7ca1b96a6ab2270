//! Who is asked, who wins, and what an order does when nobody has a price.

use crate::{
    script::{Answer, Asked, Script, never, quote},
    world::{SMOOTH, World, sell, submit},
};
use orderd_sdk::{
    amount::Amount,
    plugin::{PluginError, Quote, QuoteRequest},
    wire::{ExecuteRequest, QuoteDto},
};
use serde_json::json;

/// Venues `a`, `b` and `c` next to `pool`.
fn world() -> World {
    World::new().venue("a", "main").venue("b", "main").venue("c", "main")
}

fn priced(amount_out: u64) -> Quote {
    quote(Amount::from(amount_out))
}

/// Has every venue answer by its name.
fn venues_answer(script: &Script, rule: fn(&str) -> Answer<Result<Quote, PluginError>>) {
    script.quote.answers(move |_, asked: &Asked<QuoteRequest>| rule(&asked.venue));
}

/// The last round of quotes: who, how much net, and why not.
fn lines(quotes: &[QuoteDto]) -> Vec<(&str, Option<&str>, Option<&str>)> {
    quotes.iter().map(|q| (q.dex.as_str(), q.net_amount_out.as_deref(), q.error.as_deref())).collect()
}

#[tokio::test]
async fn the_best_net_output_wins_and_every_answer_is_listed() {
    let world = world();
    let (daemon, script) = (world.start().await, world.script());
    venues_answer(&script, |venue| {
        Answer::Now(match venue {
            "a" => Ok(Quote { network_cost: Some(Amount::from(300_u64)), ..priced(2_000) }),
            "b" => Ok(Quote {
                network_cost: Some(Amount::from(100_u64)),
                route: json!("via b").into(),
                ..priced(1_900)
            }),
            "c" => Ok(priced(1_750)),
            _ => Err(PluginError::permanent("no such pair")),
        })
    });
    let mut life = submit(&daemon, sell(7)).await;
    assert_eq!(life.end().await, SMOOTH);
    let quoted = &life.all("quoted")[0].fields;
    let expected = [
        ("b", Some("0.0018"), None),
        ("c", Some("0.00175"), None),
        ("a", Some("0.0017"), None),
        ("pool", None, Some("no such pair")),
    ];
    assert_eq!(lines(quoted.quotes.as_ref().unwrap()), expected);
    assert_eq!(quoted.quotes_fetched, Some(3));
    let built = &script.build.calls()[0];
    assert_eq!(built.venue, "b");
    assert_eq!(built.request.route, json!("via b"));
    assert_eq!(life.all("confirmed")[0].fields.dex.as_deref(), Some("b"));
}

#[tokio::test]
async fn a_venue_that_is_late_is_left_behind() {
    let world = world().engine("quote_timeout_ms", 20);
    let (daemon, script) = (world.start().await, world.script());
    venues_answer(&script, |venue| match venue {
        "c" => Answer::Usual,
        _ => never(),
    });
    let mut life = submit(&daemon, sell(7)).await;
    assert_eq!(life.end().await, SMOOTH);
    let late = Some("no answer in time");
    let expected = [("c", Some("0.007"), None), ("a", None, late), ("b", None, late), ("pool", None, late)];
    assert_eq!(lines(life.all("quoted")[0].fields.quotes.as_ref().unwrap()), expected);
}

#[tokio::test]
async fn only_the_venues_that_an_order_names_are_asked() {
    let world = world();
    let (daemon, script) = (world.start().await, world.script());
    venues_answer(&script, |venue| match venue {
        "a" => Answer::Now(Ok(priced(9_999_999))),
        _ => Answer::Usual,
    });
    let venues = Some(vec!["b".to_owned(), "pool".to_owned()]);
    let mut life = submit(&daemon, ExecuteRequest { venues, ..sell(7) }).await;
    assert_eq!(life.end().await, SMOOTH);
    let mut asked: Vec<_> = script.quote.calls().into_iter().map(|asked| asked.venue).collect();
    asked.sort();
    assert_eq!(asked, ["b", "pool"]);
    assert_eq!(script.build.calls()[0].venue, "b", "equal quotes are decided by name");
}

#[tokio::test]
async fn a_quote_that_moves_the_price_too_far_does_not_win() {
    let world = world();
    let (daemon, script) = (world.start().await, world.script());
    venues_answer(&script, |venue| {
        Answer::Now(Ok(match venue {
            "a" => Quote { price_impact_ppm: Some(10_001), ..priced(5_000) },
            "b" => Quote { price_impact_ppm: Some(10_000), ..priced(4_000) },
            _ => priced(6_000),
        }))
    });
    let max_price_impact = Some("1".into());
    let mut life = submit(&daemon, ExecuteRequest { max_price_impact, ..sell(7) }).await;
    assert_eq!(life.end().await, SMOOTH);
    assert_eq!(script.build.calls()[0].venue, "b");
    let quotes = life.all("quoted")[0].fields.quotes.clone().unwrap();
    assert_eq!(lines(&quotes)[1], ("a", None, Some("price impact of 1.0001 % is above 1 %")));
    assert_eq!(lines(&quotes)[2], ("c", None, Some("the venue does not tell its price impact")));
}

#[tokio::test]
async fn without_a_price_an_order_tries_as_often_as_it_may() {
    let world = world().engine("max_attempts", 3);
    let (daemon, script) = (world.start().await, world.script());
    venues_answer(&script, |venue| {
        Answer::Now(Err(match venue {
            "a" => PluginError::transient("the node is down"),
            _ => PluginError::permanent("no such pair"),
        }))
    });
    let mut life = submit(&daemon, sell(7)).await;
    let round = "routing quoted execution-failed ";
    let expected = format!("pending {round}retry-pending {round}retry-pending {round}failed");
    assert_eq!(life.end().await, expected);
    let failed: Vec<_> = life.all("execution-failed").into_iter().map(|event| &event.fields).collect();
    let told: Vec<_> = failed.iter().map(|fields| (fields.transient, fields.retries_remaining)).collect();
    assert_eq!(told, [(Some(true), Some(2)), (Some(true), Some(1)), (Some(true), Some(0))]);
    let next: Vec<_> = life.all("retry-pending").iter().map(|event| event.fields.next_attempt).collect();
    assert_eq!(next, [Some(2), Some(3)]);
    assert_eq!(life.all("failed")[0].fields.total_attempts, Some(3));
    assert_eq!((script.quote.count(), script.prepare.count()), (12, 0));
}

#[tokio::test]
async fn where_trying_again_cannot_help_an_order_fails_at_once() {
    let world = world();
    let (daemon, script) = (world.start().await, world.script());
    venues_answer(&script, |_| Answer::Now(Err(PluginError::permanent("no such pair"))));
    let mut life = submit(&daemon, sell(7)).await;
    assert_eq!(life.end().await, "pending routing quoted execution-failed failed");
    let failed = &life.all("execution-failed")[0].fields;
    assert_eq!((failed.transient, failed.retries_remaining), (Some(false), Some(0)));
    let why = "no venue has a price (a: no such pair; b: no such pair; c: no such pair; pool: no such pair)";
    assert_eq!(life.all("failed")[0].fields.error.as_deref(), Some(why));
}

#[tokio::test]
async fn a_swap_that_would_fail_is_found_out_before_it_takes_a_sequence() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    script.estimate.answers(|before, _| match before {
        0 => Answer::Now(Err(PluginError::transient("the price has moved"))),
        1 => Answer::Now(Err(PluginError::permanent("funds are missing"))),
        _ => Answer::Usual,
    });
    let mut poor = submit(&daemon, sell(7)).await;
    let tried = "routing quoted started execution-failed ";
    assert_eq!(poor.end().await, format!("pending {tried}retry-pending {tried}failed"));
    assert_eq!(submit(&daemon, sell(8)).await.end().await, SMOOTH);
    assert_eq!(script.sequences(), [0]);
}

#[tokio::test]
async fn the_least_output_is_the_quote_less_the_slippage_rounded_up() {
    let huge = "1234567890123456789012345678901234567890123456789012345678901";
    for (quoted, slippage, least) in [
        ("1000000", None, "995000"),
        ("1000001", Some("0.5"), "995001"),
        ("1", Some("50"), "1"),
        ("999", Some("0"), "999"),
        ("10000000000000001", Some("0.0001"), "9999990000000001"),
        (huge, Some("0.3"), "1230864186453086418645308641864530864186453086418645308641865"),
    ] {
        let world = World::new();
        let (daemon, script) = (world.start().await, world.script());
        let out: Amount = quoted.parse().unwrap();
        script.quote.answers(move |_, _| Answer::Now(Ok(quote(out))));
        let slippage = slippage.map(Into::into);
        let amount = "340282366920938463463374607431768211456000000001".into();
        let order = daemon.submit(ExecuteRequest { slippage, amount, ..sell(7) }).await.unwrap();
        script.build.reached(1).await;
        let asked = &script.build.calls()[0].request;
        assert_eq!(asked.min_out, least.parse().unwrap(), "{quoted} {slippage:?}", slippage = order.slippage);
        assert_eq!(asked.amount_in.to_string(), order.amount);
        assert_eq!(
            (asked.trader.as_str(), asked.amount_in),
            ("at-main", script.quote.calls()[0].request.amount_in)
        );
    }
}
