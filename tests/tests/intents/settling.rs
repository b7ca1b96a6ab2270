//! Orders that settle, whatever the service does between.

use crate::scene::{Scene, end, submit};
use anyhow::Result;
use orderd_sdk::wire::OrderStatus;
use orderd_tests::{
    dice::Dice,
    settlement::{Call, Fault, Settling, TRADER, USDC},
};

#[tokio::test]
async fn what_an_order_has_brought_in_is_read_from_the_settlement() -> Result<()> {
    let scene = Scene::set("").await?;
    scene.settlement.settles(Settling::After(100));
    scene.settlement.books().finality_ms = 200;
    let daemon = scene.start().await?;
    let before = scene.settlement.books().balance(TRADER, USDC);
    let mut life = submit(&daemon, "2").await?;
    let order = end(&mut life).await?;
    scene.check_executed(&order)?;
    assert_eq!(order.amount_out.as_deref(), Some("299.999997"), "less than the quote of 300");
    let gained = scene.settlement.books().balance(TRADER, USDC).0 - before.0;
    assert_eq!(gained, scene.only_fill()?.bought.0);
    let stages = life.stages();
    assert!(stages.ends_with(&["submitted".into(), "confirmed".into(), "finalized".into()]), "{stages:?}");
    drop(life);
    daemon.stop().await
}

#[tokio::test]
async fn an_order_that_cannot_be_paid_or_has_no_market_is_never_signed() -> Result<()> {
    let scene = Scene::set("").await?;
    let daemon = scene.start().await?;
    let order = end(&mut submit(&daemon, "1000000").await?).await?;
    assert_eq!(order.status, OrderStatus::Failed);
    assert_eq!(order.last_error_code, Some(orderd_sdk::wire::ErrorCode::InsufficientFunds), "{order:?}");
    assert_eq!(scene.settlement.made(Call::Order), 0);
    Ok(())
}

#[tokio::test]
async fn a_settlement_in_part_against_what_was_signed_is_neither_success_nor_tried_again() -> Result<()> {
    let scene = Scene::set("transaction_ttl_ms = 1000").await?;
    scene.settlement.settles(Settling::Half);
    let daemon = scene.start().await?;
    let mut life = submit(&daemon, "2").await?;
    life.until(OrderStatus::Submitted).await?;
    // Well beyond the end of its time.
    scene.settlement.until(Call::Status, scene.settlement.made(Call::Status) + 40).await?;
    let order = daemon.http().order(&life.told()[0].order_id).await?;
    assert_eq!((order.status, order.attempts), (OrderStatus::Submitted, 1));
    scene.only_fill()?;
    assert_eq!(scene.settlement.books().taken(), 1);
    assert!(daemon.log()?.contains("settled in part"));
    Ok(())
}

#[tokio::test]
async fn a_storm_of_faults_executes_no_order_twice_and_loses_none() -> Result<()> {
    let scene = Scene::set("send_timeout_ms = 300\ntransaction_ttl_ms = 3000\nmax_attempts = 8").await?;
    scene.settlement.settles(Settling::After(150));
    scene.settlement.books().finality_ms = 100;
    let faults = [
        Fault::Fails(503),
        Fault::FailsAfterwards(502),
        Fault::Hangs,
        Fault::HangsAfterwards,
        Fault::LosesTheReply,
        Fault::Forgets,
        Fault::IsRateLimited,
    ];
    let mut dice = Dice::new(7);
    for _ in 0..24 {
        let fault = faults[usize::try_from(dice.roll(faults.len() as u64))?];
        scene.settlement.on(Call::Order, fault, 1);
        scene.settlement.on(Call::Status, if dice.roll(2) == 0 { fault } else { Fault::Fails(500) }, 1);
    }
    let daemon = scene.start().await?;
    let mut lives = Vec::new();
    for amount in 1..=24 {
        lives.push(submit(&daemon, &amount.to_string()).await?);
    }
    let mut expected = Vec::new();
    for life in &mut lives {
        let order = end(life).await?;
        assert_eq!(order.status, OrderStatus::Finalized, "{:?}", life.stages());
        expected.push((order.amount, order.tx_hash, order.amount_out));
    }
    let books = scene.settlement.books();
    let mut filled: Vec<_> = books
        .fills()
        .iter()
        .map(|fill| (fill.sold.format_units(9), Some(fill.uid.clone()), Some(fill.bought.format_units(6))))
        .collect();
    filled.sort();
    expected.sort();
    assert_eq!(filled, expected, "each order once, and as it was told");
    Ok(())
}
