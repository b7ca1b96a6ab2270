//! The fold, life by life.

use super::script::{
    Script, answered, asked, attempt_failed, chosen, finalized, included, priced, reverted, signed, silent,
};
use crate::order::{Fact, Order, State, samples::NOW};
use orderd_sdk::wire::{ErrorCode, OrderStatus, Rate};
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

#[test]
fn an_order_that_waits_for_another_attempt_is_told_until_its_turn_comes() {
    let mut script = Script::new();
    let queue = |script: &Script| script.stats.queue(BTreeMap::new());
    let (mut chosen_one, mut other) = (script.accept(3), script.accept(3));
    script.step(&mut chosen_one, [asked(), answered([]), chosen("alpha"), attempt_failed()]);
    script.pass(10);
    script.step(&mut other, [asked(), attempt_failed()]);
    let told = queue(&script);
    let [first, second] = &told.delayed[..] else { panic!("{:?}", told.delayed) };
    assert_eq!(
        (first.order_id.as_str(), first.due_at),
        (chosen_one.id.to_string().as_str(), NOW.plus_millis(40))
    );
    assert_eq!((first.attempt, first.max_attempts, first.dex.as_deref()), (2, 3, Some("alpha")));
    assert_eq!(first.last_error_code, Some(ErrorCode::Unavailable));
    assert_eq!((second.due_at, second.dex.as_deref(), told.delayed_total), (NOW.plus_millis(50), None, 2));

    let after_a_restart = Script::new();
    after_a_restart.stats.take_up(&[Arc::new(chosen_one.clone()), Arc::new(other.clone())]);
    assert_eq!(queue(&after_a_restart).delayed, told.delayed);

    script.step(&mut chosen_one, [asked()]);
    script.step(&mut other, [Fact::CancelRequested { reason: "enough".into() }]);
    assert_eq!((queue(&script).delayed, queue(&script).delayed_total), (vec![], 0));
}

#[test]
fn no_more_than_fifty_that_wait_are_told_and_all_are_counted() {
    let mut script = Script::new();
    for _ in 0..60 {
        let mut order = script.accept(3);
        script.step(&mut order, [asked(), attempt_failed()]);
        // Bytes that go out again are no other attempt.
        let mut sent = script.accept(3);
        let refused = Fact::SendRefused { reason: "no node".into(), delay_ms: 9 };
        script.step(&mut sent, [asked(), answered([]), chosen("alpha"), signed(), refused]);
    }
    let told = script.stats.queue(BTreeMap::new());
    assert_eq!((told.delayed.len(), told.delayed_total), (50, 60));
}

#[test]
fn errors_are_told_by_code_and_venue_the_most_frequent_first() {
    let mut script = Script::new();
    for dex in ["alpha", "alpha", "gone"] {
        let mut order = script.accept(9);
        script
            .step(&mut order, [asked(), answered([]), chosen(dex), signed(), Fact::SendAccepted, reverted()]);
    }
    let mut order = script.accept(9);
    script.step(
        &mut order,
        [asked(), answered([]), chosen("beta"), attempt_failed(), asked(), attempt_failed()],
    );
    let errors = |script: &Script| {
        let counts = script.stats.queue(BTreeMap::new()).errors;
        counts.into_iter().map(|of| (of.code, of.count, of.by_dex)).collect::<Vec<_>>()
    };
    let reverts = (ErrorCode::Reverted, 3, BTreeMap::from([("alpha".to_owned(), 2)]));
    // The second time no venue was chosen.
    let missing = (ErrorCode::Unavailable, 2, BTreeMap::from([("beta".to_owned(), 1)]));
    assert_eq!(errors(&script), [reverts, missing]);
    script.pass(14 * 60_000);
    script.step(&mut order, [asked(), attempt_failed()]);
    script.pass(60_000);
    assert_eq!(errors(&script), [(ErrorCode::Unavailable, 1, BTreeMap::new())]);
}

#[test]
fn depth_is_told_step_by_step_and_waits_by_how_long_they_were() {
    let mut script = Script::new();
    let mut before = Script::new();
    // Another id than the first one of this script.
    let old = [before.accept(3), before.accept(3)].into_iter().next_back().unwrap();
    script.stats.take_up(&[Arc::new(old)]);
    let mut order = script.accept(3);
    script.pass(20);
    script.step(&mut order, [asked(), answered([]), chosen("alpha"), signed(), Fact::SendAccepted]);
    script.pass(15_000);
    script.step(&mut order, [included()]);
    script.pass(15_000);
    script.step(&mut order, [finalized()]);
    let told = script.stats.queue(BTreeMap::new());
    assert_eq!(told.depth_history.open, [2, 2, 1]);
    assert_eq!(told.depth_history.waiting, [1, 1, 1]);
    let waits: Vec<_> =
        told.waits.iter().filter(|of| of.count > 0).map(|of| (of.up_to_ms, of.count)).collect();
    assert_eq!((waits, told.waits.len()), (vec![(Some(50), 1)], 12));
    let mut again = script.accept(3);
    script.pass(3_600_000);
    script.step(&mut again, [asked()]);
    let last = script.stats.queue(BTreeMap::new()).waits.pop().map(|of| (of.up_to_ms, of.count));
    assert_eq!(last, Some((None, 1)), "longer than all bounds");
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
        let queue = script.stats.queue(BTreeMap::new());
        let count = |fits: fn(&Order) -> bool| orders.iter().filter(|order| fits(order)).count() as u64;
        let is_waiting = |order: &Order| {
            matches!(order.state.status(), OrderStatus::Pending | OrderStatus::RetryPending)
        };
        prop_assert_eq!(queue.depth_history.waiting.last().copied(), Some(count(is_waiting)));
        prop_assert_eq!(queue.depth_history.open.last().copied(), Some(count(|order| !order.state.is_over())));
        prop_assert_eq!(queue.delayed_total, count(|order| matches!(order.state, State::RetryPending { .. })));
        let failures: u64 = queue.errors.iter().map(|of| of.count).sum();
        prop_assert_eq!(failures, told(&[OrderStatus::ExecutionFailed]));
        let quoted: u64 = script.stats.venues().venues.iter().map(|venue| venue.quoted).sum();
        let rounds = orders.iter().flat_map(|order| &order.events);
        let rounds = rounds.filter(|event| matches!(event.kind, crate::order::EventKind::QuotesReceived { .. }));
        prop_assert_eq!(quoted, rounds.count() as u64);
    }
}
