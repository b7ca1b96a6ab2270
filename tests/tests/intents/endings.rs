//! Orders that nobody settles, or that nobody wants any more: what the settlement enforces ends them, and nothing else.

use crate::scene::{Scene, at_once, cancel, end, submit};
use anyhow::Result;
use orderd_sdk::wire::{ErrorCode, OrderStatus};
use orderd_tests::{
    Life,
    settlement::{Call, Cancelling, Fault, Settling},
};

#[tokio::test]
async fn an_order_that_expires_is_signed_again_and_has_one_effect() -> Result<()> {
    at_once([None, Some(Fault::HangsAfterwards), Some(Fault::Forgets)], async |fault| {
        let scene = Scene::set("transaction_ttl_ms = 1000\nsend_timeout_ms = 300").await?;
        scene.settlement.settles(Settling::Never);
        fault.iter().for_each(|fault| scene.settlement.on(Call::Order, *fault, 100));
        let daemon = scene.start().await?;
        let mut life = submit(&daemon, "2").await?;
        let failed = life.until(OrderStatus::ExecutionFailed).await?;
        assert_eq!(failed.fields.error_code, Some(ErrorCode::NotIncluded), "{fault:?}");
        let (first, seen) = (failed.order.tx_hash.clone(), scene.settlement.books().taken());
        assert_eq!(seen, 1, "nothing else was signed while it was alive");
        scene.settlement.behave();
        scene.settlement.settles(Settling::After(0));
        let order = end(&mut life).await?;
        scene.check_executed(&order)?;
        assert!(order.tx_hash != first && order.attempts == 2, "{order:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_order_that_nobody_settles_fails_without_any_effect() -> Result<()> {
    let scene = Scene::set("transaction_ttl_ms = 1000\nmax_attempts = 2").await?;
    scene.settlement.settles(Settling::Never);
    let daemon = scene.start().await?;
    let order = end(&mut submit(&daemon, "2").await?).await?;
    assert_eq!((order.status, order.attempts), (OrderStatus::Failed, 2));
    assert_eq!(order.last_error_code, Some(ErrorCode::NotIncluded));
    let books = scene.settlement.books();
    assert_eq!((books.taken(), books.fills().len()), (2, 0));
    Ok(())
}

#[tokio::test]
async fn an_order_whose_daemon_is_away_while_it_expires_is_signed_again_once() -> Result<()> {
    let scene = Scene::set("transaction_ttl_ms = 1000").await?;
    scene.settlement.settles(Settling::Never);
    let daemon = scene.start().await?;
    let mut life = submit(&daemon, "2").await?;
    life.until(OrderStatus::Submitted).await?;
    let id = life.told()[0].order_id.clone();
    daemon.kill().await?;
    let daemon = scene.start().await?;
    let mut life = Life::follow(daemon.url(), &id).await?;
    life.until(OrderStatus::RetryPending).await?;
    scene.settlement.settles(Settling::After(0));
    let order = end(&mut life).await?;
    scene.check_executed(&order)?;
    assert_eq!(order.attempts, 2);
    Ok(())
}

#[tokio::test]
async fn a_cancelled_order_is_cancelled_when_the_settlement_has_revoked_it() -> Result<()> {
    let scene = Scene::set("").await?;
    scene.settlement.settles(Settling::Never);
    scene.settlement.on(Call::Cancellation, Fault::LosesTheReply, 1);
    let daemon = scene.start().await?;
    let mut life = submit(&daemon, "2").await?;
    life.until(OrderStatus::Submitted).await?;
    cancel(&daemon, &life).await?;
    let order = end(&mut life).await?;
    assert_eq!(order.status, OrderStatus::Cancelled, "{:?}", life.stages());
    scene.settlement.settles(Settling::After(0));
    assert_eq!(scene.settlement.books().fills().len(), 0, "and it stays revoked");
    Ok(())
}

#[tokio::test]
async fn a_cancellation_that_comes_too_late_or_is_not_heeded_leaves_the_word_to_the_settlement() -> Result<()>
{
    at_once([true, false], async |settled| {
        let scene = Scene::set("transaction_ttl_ms = 1000").await?;
        scene.settlement.settles(Settling::Never);
        scene.settlement.books().cancelling = Cancelling::IsNoted;
        let daemon = scene.start().await?;
        let mut life = submit(&daemon, "2").await?;
        life.until(OrderStatus::Submitted).await?;
        cancel(&daemon, &life).await?;
        scene.settlement.until(Call::Cancellation, 1).await?;
        if settled {
            scene.settlement.settles(Settling::After(0));
        }
        let order = end(&mut life).await?;
        match settled {
            true => scene.check_executed(&order)?,
            false => assert_eq!(order.status, OrderStatus::Cancelled, "it has expired"),
        }
        assert_eq!(scene.settlement.books().taken(), 1);
        assert_eq!(scene.settlement.books().fills().len(), usize::from(settled));
        Ok(())
    })
    .await
}
