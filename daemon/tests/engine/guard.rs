//! Venues that fail, panic, or are disabled: who is asked, who wins, and what an order does when nobody may be asked.

use crate::{
    script::{Answer, Asked, Script, later, quote},
    world::{PATIENCE, SMOOTH, World, sell, submit, submit_many},
};
use orderd::{
    app::Daemon,
    engine::{Switch, SwitchError},
};
use orderd_sdk::{
    amount::Amount,
    plugin::{PluginError, QuoteRequest},
    wire::{OrderMessage, VenueGuard},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::{sync::watch, time::timeout};

/// How often a venue was asked for a price.
fn asked(script: &Script, venue: &str) -> usize {
    script.quote.calls().iter().filter(|asked| asked.venue == venue).count()
}

/// Has the venue `b` fail as long as the switch is on.
fn fails(script: &Script, is_down: &Arc<AtomicBool>) {
    let is_down = is_down.clone();
    script.quote.answers(move |_, asked: &Asked<QuoteRequest>| {
        match asked.venue == "b" && is_down.load(Ordering::SeqCst) {
            true => Answer::Now(Err(PluginError::transient("the node is down"))),
            false => Answer::Usual,
        }
    });
}

fn guard_of(daemon: &Daemon, venue: &str) -> VenueGuard {
    let report = daemon.venues().venues.into_iter().find(|report| report.name == venue);
    report.and_then(|report| report.guard).expect("the venue is under guard")
}

/// What the list of quotes says of a venue that has none.
fn said_of<'a>(quoted: &'a OrderMessage, venue: &str) -> Option<&'a str> {
    let quotes = quoted.fields.quotes.as_ref().unwrap();
    quotes.iter().find(|quote| quote.dex == venue).and_then(|quote| quote.error.as_deref())
}

#[tokio::test]
async fn a_venue_that_fails_again_and_again_is_left_alone_and_the_others_go_on() {
    let world = World::new().venue("b", "main").engine("breaker.failures", 2);
    let world = world.engine("breaker.open_ms", 60_000);
    let (daemon, script) = (world.start().await, world.script());
    let is_down = Arc::new(AtomicBool::new(true));
    fails(&script, &is_down);
    let mut said = Vec::new();
    for amount in 1..=4 {
        let mut life = submit(&daemon, sell(amount)).await;
        assert_eq!(life.end().await, SMOOTH);
        said.push(said_of(life.all("quoted")[0], "b").unwrap().to_owned());
    }
    let refused = "not asked, its breaker is open: 2 failures in a row, the last: the node is down";
    assert_eq!(said, ["the node is down", "the node is down", refused, refused]);
    assert_eq!((asked(&script, "b"), script.swaps()), (2, vec![1, 2, 3, 4]));
    let breaker = guard_of(&daemon, "b").breaker;
    assert_eq!(breaker.state, "open");
    assert!(breaker.retry_at.unwrap() >= breaker.since.plus_millis(30_000));
    assert_eq!(guard_of(&daemon, "pool").breaker.state, "closed");
    is_down.store(false, Ordering::SeqCst);
    daemon.switch_venue("b", Switch::On).await.unwrap();
    assert_eq!(submit(&daemon, sell(5)).await.end().await, SMOOTH);
    assert_eq!(asked(&script, "b"), 3, "whoever enables a venue need not wait");
}

#[tokio::test]
async fn probes_are_bounded_and_one_that_does_well_has_the_venue_asked_again() {
    let world = World::new().venue("b", "main").engine("breaker.failures", 1).engine("breaker.open_ms", 1);
    let (daemon, script) = (world.start().await, world.script());
    let is_down = Arc::new(AtomicBool::new(true));
    fails(&script, &is_down);
    assert_eq!(submit(&daemon, sell(1)).await.end().await, SMOOTH);
    assert_eq!(asked(&script, "b"), 1);

    let (free, freed) = watch::channel(false);
    script.quote.answers(move |_, asked: &Asked<QuoteRequest>| {
        let mut freed = freed.clone();
        match asked.venue.as_str() {
            "b" => later(async move {
                freed.wait_for(|freed| *freed).await.unwrap();
                Ok(quote(Amount::from(1_u64)))
            }),
            _ => Answer::Usual,
        }
    });
    let mut lives = Vec::new();
    let probing = async {
        while asked(&script, "b") == 1 {
            lives.push(submit(&daemon, sell(2)).await);
        }
    };
    timeout(PATIENCE, probing).await.expect("a breaker lets somebody in again");
    for mut life in submit_many(&daemon, 8).await {
        assert_eq!(life.end().await, SMOOTH);
        let why = "not asked, its breaker is half-open: a failure, the last: the node is down";
        assert_eq!(said_of(life.all("quoted")[0], "b"), Some(why));
    }
    assert_eq!((asked(&script, "b"), guard_of(&daemon, "b").in_flight), (2, 1), "one probe at a time");
    free.send_replace(true);
    for life in &mut lives {
        assert_eq!(life.end().await, SMOOTH);
    }
    assert_eq!(guard_of(&daemon, "b").breaker.state, "closed");
    let whats: Vec<_> = guard_of(&daemon, "b").changes.into_iter().map(|change| change.what).collect();
    assert_eq!(whats, ["open", "half-open", "closed"]);
    let mut life = submit(&daemon, sell(3)).await;
    assert_eq!((life.end().await.as_str(), asked(&script, "b")), (SMOOTH, 3));
}

#[tokio::test]
async fn when_no_venue_may_be_asked_an_order_waits_until_one_may() {
    let world = World::new().engine("breaker.failures", 1).engine("breaker.open_ms", 600);
    let world = world.engine("retry_max_ms", 10_000).engine("max_attempts", 20);
    let (daemon, script) = (world.start().await, world.script());
    script.quote.answers(|before, _| match before {
        0 => Answer::Now(Err(PluginError::transient("the node is down"))),
        _ => Answer::Usual,
    });
    let mut first = submit(&daemon, sell(1)).await;
    first.until("retry-pending").await;
    let mut second = submit(&daemon, sell(2)).await;
    second.until("retry-pending").await;
    let failed = &second.all("execution-failed")[0].fields;
    let why =
        "no venue has a price (pool: not asked, its breaker is open: a failure, the last: the node is down)";
    assert_eq!((failed.error.as_deref(), failed.transient), (Some(why), Some(true)));
    assert_eq!(script.quote.count(), 1);
    let delay = first.all("retry-pending")[0].fields.delay.unwrap();
    assert!((300..=610).contains(&delay), "{delay}");
    for life in [&mut first, &mut second] {
        assert!(life.end().await.ends_with("confirmed finalized"));
    }
    let attempts: Vec<_> = [&first, &second].map(|life| life.all("retry-pending").len()).into();
    assert!(
        attempts.iter().all(|retries| *retries < 5),
        "none was wasted on a venue that rests: {attempts:?}"
    );
}

#[tokio::test]
async fn a_venue_that_has_failed_of_late_has_to_give_more_and_the_list_tells_what_it_gives() {
    let world = World::new().venue("b", "main").engine("breaker.failures", 100);
    let world = world.engine("health_penalty_bps", 5_000);
    let (daemon, script) = (world.start().await, world.script());
    let is_down = Arc::new(AtomicBool::new(true));
    fails(&script, &is_down);
    for amount in 1..=4 {
        assert_eq!(submit(&daemon, sell(amount)).await.end().await, SMOOTH);
    }
    let score = guard_of(&daemon, "b").score;
    assert!((580_000..600_000).contains(&score), "7/8 of all, four times: {score}");
    for (output, winner) in [(1_150_u64, "pool"), (1_300, "b")] {
        script.quote.answers(move |_, asked: &Asked<QuoteRequest>| {
            let output = if asked.venue == "b" { output } else { 1_000 };
            Answer::Now(Ok(quote(Amount::from(output))))
        });
        let mut life = submit(&daemon, sell(9)).await;
        assert_eq!(life.end().await, SMOOTH);
        let quotes = life.all("quoted")[0].fields.quotes.clone().unwrap();
        assert_eq!(quotes[0].dex, winner);
        let of_b = quotes.iter().find(|quote| quote.dex == "b").unwrap();
        assert_eq!(of_b.net_amount_out.as_deref(), Some(format!("0.00{output}").trim_end_matches('0')));
    }
}

#[tokio::test]
async fn a_plugin_that_panics_again_and_again_is_quarantined_and_what_was_sent_is_settled() {
    let world = World::new().engine("quarantine.panics", 3).engine("max_attempts", 1);
    let (daemon, script) = (world.start().await, world.script());
    script.status.answers(|_, request| {
        Answer::Now(Err(PluginError::transient(format!("{} must wait", request.queries.len()))))
    });
    let mut sent = submit(&daemon, sell(1)).await;
    sent.until("submitted").await;
    script.quote.answers(|_, _| panic!("the trap sprang"));
    for amount in 2..=4 {
        assert!(submit(&daemon, sell(amount)).await.end().await.ends_with("failed"));
    }
    let guard = guard_of(&daemon, "pool");
    assert_eq!((guard.panics, guard.plugin.isolation.as_str()), (3, "linked"));
    let reason = guard.quarantine.expect("three were too many").reason;
    assert_eq!(reason, "3 panics or crashes within 60 s of plugin script");

    script.quote.as_usual();
    let mut refused = submit(&daemon, sell(5)).await;
    assert!(refused.end().await.ends_with("failed"));
    let failed = &refused.all("execution-failed")[0].fields;
    let why = format!("no venue has a price (pool: not asked, it is quarantined: {reason})");
    assert_eq!((failed.error.as_deref(), script.quote.count()), (Some(why.as_str()), 4));
    script.status.as_usual();
    assert_eq!(sent.end().await, SMOOTH, "chains of a plugin in quarantine go on");

    daemon.switch_venue("pool", Switch::On).await.unwrap();
    assert_eq!(submit(&daemon, sell(6)).await.end().await, SMOOTH);
    assert_eq!(daemon.shutdown().fault(), None);
}

#[tokio::test]
async fn a_disabled_venue_is_not_asked_not_even_after_a_restart() {
    let world = World::new().venue("b", "main");
    let (daemon, script) = (world.start().await, world.script());
    daemon.switch_venue("b", Switch::Off).await.unwrap();
    assert!(matches!(daemon.switch_venue("c", Switch::Off).await, Err(SwitchError::NoSuchVenue)));
    assert_eq!(submit(&daemon, sell(1)).await.end().await, SMOOTH);
    daemon.shut_down().await.unwrap();

    let daemon = world.start().await;
    let mut life = submit(&daemon, sell(2)).await;
    assert_eq!(life.end().await, SMOOTH);
    assert_eq!(said_of(life.all("quoted")[0], "b"), Some("not asked, an operator has disabled it"));
    assert_eq!((asked(&script, "b"), guard_of(&daemon, "b").enabled), (0, false));
    daemon.switch_venue("b", Switch::On).await.unwrap();
    assert_eq!(submit(&daemon, sell(3)).await.end().await, SMOOTH);
    assert_eq!(asked(&script, "b"), 1);
    daemon.shut_down().await.unwrap();
    let daemon = world.start().await;
    assert!(guard_of(&daemon, "b").enabled);
}

#[tokio::test]
async fn an_order_that_has_chosen_a_venue_is_carried_out_when_the_venue_is_disabled() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    let (free, freed) = watch::channel(false);
    script.build.answers(move |_, asked| {
        let (mut freed, amount) = (freed.clone(), asked.request.amount_in);
        later(async move {
            freed.wait_for(|freed| *freed).await.unwrap();
            let payload = serde_json::json!({ "swap": amount }).into();
            Ok(orderd_sdk::plugin::Build::Swap { payload })
        })
    });
    let mut life = submit(&daemon, sell(1)).await;
    script.build.reached(1).await;
    daemon.switch_venue("pool", Switch::Off).await.unwrap();
    free.send_replace(true);
    assert_eq!(life.end().await, SMOOTH);
}
