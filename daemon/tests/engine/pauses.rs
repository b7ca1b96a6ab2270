//! A paused queue begins nothing. What was begun goes on, orders are taken, and a restart changes nothing of it.

use crate::{
    approvals::approval_is_needed,
    ledger::Mining,
    machine::{End, Machine},
    script::{Answer, later, quote},
    world::{Life, SMOOTH, World, sell, submit, submit_many},
};
use orderd::{
    app::Daemon,
    engine::SubmitError,
    telemetry::{Clock as _, SystemClock},
};
use orderd_sdk::{
    plugin::PluginError,
    wire::{ExecuteRequest, OrderStatus},
};
use std::fs;
use tokio::sync::watch;

async fn pause(daemon: &Daemon) {
    daemon.pause("ops", Some("the node lags".to_owned())).await.unwrap();
}

/// An order that is cancelled: whoever could have begun one of those before it has had the chance when this returns.
async fn pass_the_dispatcher(daemon: &Daemon) {
    let life = submit(daemon, sell(99)).await;
    daemon.cancel(life.id, "enough").await.unwrap().expect("the order is there");
}

#[tokio::test]
async fn nothing_begins_until_the_queue_is_resumed_and_then_the_more_urgent_goes_first() {
    let world = World::new().engine("workers", 1).engine("max_open_orders", 3);
    let (daemon, script) = (world.start().await, world.script());
    pause(&daemon).await;
    let mut lives = submit_many(&daemon, 1).await;
    lives.push(submit(&daemon, ExecuteRequest { priority: Some(9), ..sell(2) }).await);
    pass_the_dispatcher(&daemon).await;
    assert_eq!(script.quote.count(), 0);
    let queue = daemon.queue();
    assert_eq!(
        queue.paused.map(|pause| (pause.by, pause.reason)),
        Some(("ops".into(), Some("the node lags".into())))
    );
    assert_eq!((queue.workers.busy, queue.workers.max, queue.depth[&OrderStatus::Pending]), (0, 1, 2));

    daemon.resume("ops").await.unwrap();
    for mut life in lives {
        assert_eq!(life.end().await, SMOOTH);
    }
    let served: Vec<_> =
        script.quote.calls().iter().map(|asked| asked.request.amount_in.to_string()).collect();
    assert_eq!((served, daemon.queue().paused), (vec!["2".to_owned(), "1".to_owned()], None));
}

#[tokio::test]
async fn a_paused_queue_takes_as_many_orders_as_ever() {
    let world = World::new().engine("max_open_orders", 2);
    let daemon = world.start().await;
    pause(&daemon).await;
    submit_many(&daemon, 2).await;
    let refused = daemon.submit(sell(3)).await.unwrap_err();
    assert!(matches!(refused, SubmitError::QueueFull { limit: 2 }), "{refused:?}");
}

/// A daemon whose next quotes wait for the switch.
async fn with_quotes_held(world: &World) -> (Daemon, watch::Sender<bool>) {
    let (daemon, script) = (world.start().await, world.script());
    let (open, gate) = watch::channel(false);
    script.quote.answers(move |_, _| {
        let mut gate = gate.clone();
        later(async move {
            gate.wait_for(|open| *open).await.unwrap();
            Ok(quote(1_000_u64.into()))
        })
    });
    (daemon, open)
}

#[tokio::test]
async fn what_was_begun_goes_on_to_its_end_whether_it_was_signed_or_not() {
    let world = World::new();
    let script = world.script();
    script.ledger().mining = Mining::Pool;
    let (daemon, open) = with_quotes_held(&world).await;
    open.send_replace(true);
    let mut signed = submit(&daemon, sell(1)).await;
    signed.until("submitted").await;
    open.send_replace(false);
    let mut asking = submit(&daemon, sell(2)).await;
    script.quote.reached(2).await;

    pause(&daemon).await;
    assert_eq!(daemon.queue().workers.busy, 1);
    let mut waiting = submit(&daemon, sell(3)).await;
    pass_the_dispatcher(&daemon).await;
    open.send_replace(true);
    asking.until("submitted").await;
    script.ledger().mine();
    script.ledger().finalize();
    assert_eq!((signed.end().await.as_str(), asking.end().await.as_str()), (SMOOTH, SMOOTH));
    assert_eq!((script.swaps(), script.quote.count()), (vec![1, 2], 2));

    script.ledger().mining = Mining::Final;
    daemon.resume("ops").await.unwrap();
    assert_eq!(waiting.end().await, SMOOTH);
}

#[tokio::test]
async fn no_further_attempt_begins_either_by_itself_or_by_hand() {
    let world = World::new();
    let (daemon, open) = with_quotes_held(&world).await;
    let script = world.script();
    script.estimate.answers(|call, _| match call {
        0 => Answer::Now(Err(PluginError::permanent("no"))),
        1 => Answer::Now(Err(PluginError::transient("not now"))),
        _ => panic!("an attempt has begun"),
    });
    let mut lives = Vec::new();
    for amount in 1..=2 {
        lives.push(submit(&daemon, sell(amount)).await);
    }
    script.quote.reached(2).await;
    pause(&daemon).await;
    open.send_replace(true);
    for life in &mut lives {
        life.until("execution-failed").await;
        life.next().await;
    }
    let (failed, delayed): (Vec<_>, Vec<_>) =
        lives.iter_mut().partition(|life| life.story().ends_with(" failed"));
    let ([failed], [delayed]) = (&failed[..], &delayed[..]) else { panic!("one of each") };
    daemon.retry(failed.id).await.unwrap();
    daemon.retry(delayed.id).await.unwrap();
    pass_the_dispatcher(&daemon).await;
    assert_eq!(script.quote.count(), 2);
    script.estimate.as_usual();
    daemon.resume("ops").await.unwrap();
    for life in &mut lives {
        life.until("finalized").await;
    }
}

#[tokio::test]
async fn an_order_that_waits_past_its_deadline_ends_while_the_queue_is_paused() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    pause(&daemon).await;
    let deadline = |millis| Some(SystemClock.now().plus_millis(millis).to_string());
    let mut patient = submit(&daemon, ExecuteRequest { deadline: deadline(60_000), ..sell(1) }).await;
    let mut late = submit(&daemon, ExecuteRequest { deadline: deadline(30), ..sell(2) }).await;
    assert_eq!(late.end().await, "pending expired");
    assert_eq!((script.quote.count(), daemon.queue().depth.get(&OrderStatus::Pending)), (0, Some(&1)));
    daemon.resume("ops").await.unwrap();
    assert_eq!(patient.end().await, SMOOTH);
}

#[test]
fn a_paused_queue_is_paused_after_every_start_until_it_is_resumed() {
    let world = World::on_disk();
    let script = world.script();
    let machine = Machine::boot(&world);
    let first = machine.run(async |daemon| {
        pause(daemon).await;
        submit(daemon, sell(1)).await.id
    });
    machine.end(End::Crash);
    let machine = Machine::boot(&world);
    let second = machine.run(async |daemon| {
        let again = daemon.pause("another", None).await.unwrap();
        assert_eq!(
            (again.by.as_str(), again.reason.as_deref()),
            ("ops", Some("the node lags")),
            "the first is kept"
        );
        let second = submit(daemon, sell(2)).await.id;
        pass_the_dispatcher(daemon).await;
        second
    });
    assert_eq!(script.quote.count(), 0);
    // Nothing is in hand: the end comes at once.
    machine.end(End::ShutDown);
    let machine = Machine::boot(&world);
    machine.run(async |daemon| {
        assert!(daemon.queue().paused.is_some());
        daemon.resume("ops").await.unwrap();
        for id in [first, second] {
            assert_eq!(Life::of(daemon, id).await.end().await, SMOOTH);
        }
    });
    machine.end(End::Crash);
    let machine = Machine::boot(&world);
    assert_eq!(machine.run(async |daemon| daemon.queue().paused), None);
    machine.end(End::ShutDown);
    assert_eq!(script.swaps(), [1, 2]);
}

#[tokio::test]
async fn a_pause_that_cannot_be_written_down_holds_and_a_resumption_does_not() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    let (file, draft) = (world.data_dir().join("queue-paused"), world.data_dir().join("queue-paused.new"));
    fs::create_dir(&draft).unwrap();
    daemon.pause("ops", None).await.unwrap_err();
    assert!(daemon.queue().paused.is_some() && !file.exists());
    fs::remove_dir(&draft).unwrap();
    daemon.pause("ops", None).await.unwrap();
    assert!(file.exists(), "whoever asks again has it written");

    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    daemon.resume("ops").await.unwrap_err();
    let mut life = submit(&daemon, sell(1)).await;
    pass_the_dispatcher(&daemon).await;
    assert_eq!((daemon.queue().paused.is_some(), script.quote.count()), (true, 0));
    fs::remove_dir(&file).unwrap();
    daemon.resume("ops").await.unwrap();
    assert_eq!(life.end().await, SMOOTH);
}

#[tokio::test]
async fn a_swap_whose_approval_has_come_through_waits_too() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    approval_is_needed(&script);
    script.ledger().mining = Mining::Pool;
    let mut life = submit(&daemon, sell(1)).await;
    life.until("approving").await;
    script.send.reached(1).await;
    pause(&daemon).await;
    script.ledger().mine();
    life.until("approved").await;
    pass_the_dispatcher(&daemon).await;
    assert_eq!(script.quote.count(), 1);
    script.ledger().mining = Mining::Final;
    daemon.resume("ops").await.unwrap();
    life.until("finalized").await;
}
