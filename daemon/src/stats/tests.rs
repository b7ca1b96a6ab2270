//! The fold, life by life.

use super::script::{
    Script, answered, asked, attempt_failed, chosen, finalized, included, priced, reverted, signed, silent,
};
use crate::order::{Fact, Order, samples::NOW};
use orderd_sdk::wire::{OrderStatus, Rate};
use proptest::prelude::*;
use std::{collections::BTreeMap, sync::Arc};

/// Accepted, confirmed, failed, retried.
fn counts(script: &Script) -> [u64; 4] {
    let rates = script.stats.queue(BTreeMap::new()).rates;
    let Rate { accepted, confirmed, failed, retried, .. } = rates[2];
    [accepted, confirmed, failed, retried]
}

fn stages(script: &Script) -> Vec<(OrderStatus, u64, u64)> {
    let stages = script.stats.queue(BTreeMap::new()).stages;
    stages.into_iter().map(|stage| (stage.status, stage.count, stage.p50_ms)).collect()
}

fn oldest(script: &Script) -> Option<(String, OrderStatus, u64)> {
    let oldest = script.stats.queue(BTreeMap::new()).oldest?;
    Some((oldest.order_id, oldest.status, oldest.age_ms))
}

#[test]
fn a_straight_life_is_counted_step_by_step() {
    let mut script = Script::new();
    let mut order = script.accept(1);
    script.pass(10);
    script.step(&mut order, [asked()]);
    script.pass(20);
    script.step(&mut order, [answered([priced("alpha", 15)])]);
    script.pass(1);
    script.step(&mut order, [chosen("alpha")]);
    script.step(&mut order, [signed()]);
    script.pass(5);
    script.step(&mut order, [Fact::SendAccepted]);
    script.pass(50);
    assert_eq!(counts(&script), [1, 0, 0, 0]);
    script.step(&mut order, [included()]);
    assert_eq!(counts(&script), [1, 1, 0, 0]);
    script.pass(60);
    script.step(&mut order, [finalized()]);
    assert_eq!(counts(&script), [1, 1, 0, 0]);
    let lived = [
        (OrderStatus::Pending, 1, 10),
        (OrderStatus::Routing, 1, 21),
        (OrderStatus::Building, 1, 5),
        (OrderStatus::Submitted, 1, 50),
        (OrderStatus::Confirmed, 1, 60),
    ];
    assert_eq!(stages(&script), lived);
}

#[test]
fn what_one_commit_carries_counts_as_if_it_came_one_by_one() {
    let life = || {
        [asked(), answered([priced("alpha", 15)]), chosen("alpha"), signed(), Fact::SendAccepted, included()]
    };
    let (mut one, mut other) = (Script::new(), Script::new());
    let (mut at_once, mut step_by_step) = (one.accept(1), other.accept(1));
    one.step(&mut at_once, life());
    life().into_iter().for_each(|fact| other.step(&mut step_by_step, [fact]));
    assert_eq!(one.stats.queue(BTreeMap::new()), other.stats.queue(BTreeMap::new()));
    assert_eq!(one.stats.venues(), other.stats.venues());
}

#[test]
fn events_that_keep_the_status_end_no_stay() {
    let mut script = Script::new();
    let mut order = script.accept(1);
    script.step(&mut order, [asked(), answered([]), chosen("alpha"), signed(), Fact::SendAccepted]);
    for fact in
        [Fact::CancelRequested { reason: "enough".into() }, Fact::CancelRefused { reason: "too late".into() }]
    {
        script.pass(30);
        script.step(&mut order, [fact]);
    }
    script.pass(1);
    script.step(&mut order, [included()]);
    assert_eq!(stages(&script).last(), Some(&(OrderStatus::Submitted, 1, 61)));
}

#[test]
fn a_swap_that_a_reorganisation_moves_is_counted_once() {
    let mut script = Script::new();
    let mut order = script.accept(2);
    let begin = |dex| [asked(), answered([]), chosen(dex), signed(), Fact::SendAccepted, included()];
    script.step(&mut order, begin("alpha"));
    script.step(&mut order, [Fact::Undone, included()]);
    assert_eq!(counts(&script), [1, 1, 0, 0]);
    let submitted = stages(&script).into_iter().find(|(status, ..)| *status == OrderStatus::Submitted);
    assert_eq!(submitted.map(|(_, count, _)| count), Some(2), "it was on its way twice");

    // Undone for good; another attempt has a swap of its own.
    script.step(&mut order, [Fact::Undone, reverted(), finalized()]);
    script.step(&mut order, begin("beta"));
    assert_eq!(counts(&script), [1, 2, 0, 1]);
    let executed: Vec<_> = script.stats.venues().venues.iter().map(|venue| venue.executed).collect();
    assert_eq!(executed, [1, 1]);
}

#[test]
fn an_order_that_is_retried_by_hand_can_end_again() {
    let mut script = Script::new();
    let mut order = script.accept(1);
    script.step(&mut order, [asked(), attempt_failed()]);
    assert_eq!(counts(&script), [1, 0, 1, 0]);
    script.pass(5_000);
    script.step(&mut order, [Fact::RetryRequested { queue_position: 0 }]);
    assert_eq!(oldest(&script), Some((order.id.to_string(), OrderStatus::Pending, 0)));
    script.step(&mut order, [asked(), attempt_failed()]);
    assert_eq!(counts(&script), [1, 0, 2, 0], "accepted once, and no attempt of its own followed");
    assert!(stages(&script).iter().all(|(status, ..)| *status != OrderStatus::Failed));
}

#[test]
fn every_end_without_effect_counts_as_failed() {
    let mut script = Script::new();
    for end in [Fact::Expired { reason: "waiting".into() }, Fact::CancelRequested { reason: "enough".into() }]
    {
        let mut order = script.accept(1);
        script.step(&mut order, [end]);
    }
    assert_eq!(counts(&script), [2, 0, 2, 0]);
    assert_eq!(oldest(&script), None);
}

#[test]
fn bytes_that_go_out_again_are_no_further_attempt() {
    let mut script = Script::new();
    let mut order = script.accept(2);
    let refused = || Fact::SendRefused { reason: "no node".into(), delay_ms: 9 };
    script.step(&mut order, [asked(), answered([]), chosen("alpha"), signed(), refused()]);
    assert_eq!(counts(&script), [1, 0, 0, 0]);
    assert_eq!(oldest(&script).map(|(_, status, _)| status), Some(OrderStatus::RetryPending));

    let mut order = script.accept(2);
    script.step(&mut order, [asked(), attempt_failed()]);
    assert_eq!(counts(&script), [2, 0, 0, 1]);
}

#[test]
fn the_oldest_is_the_one_that_has_waited_longest_for_its_present_turn() {
    let mut script = Script::new();
    let mut first = script.accept(3);
    script.pass(100);
    let mut second = script.accept(3);
    script.pass(100);
    let id = |order: &Order| order.id.to_string();
    assert_eq!(oldest(&script), Some((id(&first), OrderStatus::Pending, 200)));
    script.step(&mut first, [asked()]);
    assert_eq!(oldest(&script), Some((id(&second), OrderStatus::Pending, 100)));
    script.step(&mut first, [attempt_failed()]);
    script.pass(7);
    script.step(&mut second, [asked()]);
    assert_eq!(oldest(&script), Some((id(&first), OrderStatus::RetryPending, 7)));
    script.step(&mut first, [asked()]);
    assert_eq!(oldest(&script), None);
}

#[test]
fn orders_from_before_the_start_wait_and_are_not_counted_as_accepted() {
    let mut before = Script::new();
    let mut waiting = before.accept(3);
    let mut routing = before.accept(3);
    before.step(&mut routing, [asked()]);

    let script = Script::new();
    script.stats.take_up(&[Arc::new(waiting.clone()), Arc::new(routing)]);
    script.pass(500);
    assert_eq!(oldest(&script), Some((waiting.id.to_string(), OrderStatus::Pending, 500)));
    assert_eq!((counts(&script), stages(&script)), ([0; 4], vec![]));
    script.step(&mut waiting, [asked()]);
    assert_eq!(oldest(&script), None);
    assert_eq!(stages(&script), [(OrderStatus::Pending, 1, 503)], "the last value of its bucket");
}

#[test]
fn venues_are_told_with_their_answers_wins_and_swaps() {
    let mut script = Script::new();
    let mut order = script.accept(3);
    let rounds = [
        vec![priced("alpha", 10), priced("beta", 30)],
        vec![priced("beta", 50), silent("alpha", "no answer in time")],
        vec![priced("gone", 1), silent("alpha", "down")],
    ];
    for round in rounds {
        script.pass(1_000);
        script.step(&mut order, [asked(), answered(round)]);
    }
    script.step(&mut order, [chosen("beta"), signed(), Fact::SendAccepted, included()]);
    let venues = script.stats.venues().venues;
    let [alpha, beta] = &venues[..] else {
        panic!("only the configured ones: {venues:?}");
    };
    assert_eq!((alpha.name.as_str(), alpha.chain.as_str()), ("alpha", "paper"));
    assert_eq!((alpha.asked, alpha.quoted, alpha.failed, alpha.won, alpha.executed), (3, 1, 2, 0, 0));
    assert_eq!((alpha.p50_ms, alpha.p99_ms), (Some(10), Some(10)), "a time-out is no latency");
    assert_eq!(alpha.last_quote_at, Some(NOW.plus_millis(1_000)));
    assert_eq!(
        (alpha.last_error.as_deref(), alpha.last_error_at),
        (Some("down"), Some(NOW.plus_millis(3_000)))
    );
    assert_eq!((beta.asked, beta.quoted, beta.failed, beta.won, beta.executed), (2, 2, 0, 1, 1));
    assert_eq!((beta.p50_ms, beta.p99_ms), (Some(30), Some(50)));
    assert_eq!((beta.last_quote_at, &beta.last_error), (Some(NOW.plus_millis(2_000)), &None));

    script.pass(16 * 60_000);
    let venues = script.stats.venues().venues;
    assert_eq!((venues[1].quoted, venues[1].p50_ms), (2, None), "counts stay, latency is of late");
}

proptest! {
    /// Whatever happens, in whatever portions: the sums are those of the histories.
    #[test]
    fn rates_never_exceed_what_the_histories_tell(
        choices in prop::collection::vec((0_usize..4, 0_usize..12, 0_u64..3_000), 0..120),
    ) {
        let mut script = Script::new();
        let mut orders: Vec<_> = (0..4).map(|_| script.accept(2)).collect();
        for (which, fact, millis) in choices {
            script.pass(millis);
            let fact = [
                asked(), answered([priced("alpha", 3)]), chosen("alpha"), signed(), Fact::SendAccepted,
                included(), reverted(), finalized(), Fact::Undone, attempt_failed(),
                Fact::RetryRequested { queue_position: 0 }, Fact::CancelRequested { reason: "x".into() },
            ][fact].clone();
            // Most facts are impossible in most states; then nothing happened.
            if orders[which].clone().apply(fact.clone(), NOW).is_ok() {
                script.step(&mut orders[which], [fact]);
            }
        }
        let told = |kinds: &[OrderStatus]| {
            let events = orders.iter().flat_map(|order| &order.events);
            events.filter(|event| event.kind.status().is_some_and(|status| kinds.contains(&status))).count() as u64
        };
        let [accepted, confirmed, failed, retried] = counts(&script);
        prop_assert_eq!(accepted, 4);
        prop_assert!(confirmed <= told(&[OrderStatus::Confirmed]));
        prop_assert_eq!(failed, told(&[OrderStatus::Failed, OrderStatus::Cancelled, OrderStatus::Expired]));
        prop_assert_eq!(retried, told(&[OrderStatus::RetryPending]));
        let waiting = orders.iter().any(|order| {
            matches!(order.state.status(), OrderStatus::Pending | OrderStatus::RetryPending)
        });
        prop_assert_eq!(oldest(&script).is_some(), waiting);
        let quoted: u64 = script.stats.venues().venues.iter().map(|venue| venue.quoted).sum();
        let rounds = orders.iter().flat_map(|order| &order.events);
        let rounds = rounds.filter(|event| matches!(event.kind, crate::order::EventKind::QuotesReceived { .. }));
        prop_assert_eq!(quoted, rounds.count() as u64);
    }
}
