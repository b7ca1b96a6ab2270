//! Nobody can say whether the service has an order: a reply is lost, nothing is answered, the daemon dies in between.

use crate::scene::{Scene, at_once, end, submit};
use anyhow::Result;
use orderd_sdk::wire::OrderStatus;
use orderd_tests::{
    Life,
    settlement::{Call, Fault, Settling},
};

#[tokio::test]
async fn after_a_lost_reply_an_order_is_unknown_until_the_service_tells_and_has_one_effect() -> Result<()> {
    let faults = [Fault::LosesTheReply, Fault::FailsAfterwards(503), Fault::HangsAfterwards];
    at_once(faults, async |fault| {
        let scene = Scene::set("send_timeout_ms = 200").await?;
        scene.settlement.settles(Settling::After(300));
        scene.settlement.on(Call::Order, fault, 1);
        let daemon = scene.start().await?;
        let mut life = submit(&daemon, "2").await?;
        life.until(OrderStatus::Unknown).await?;
        let order = end(&mut life).await?;
        scene.check_executed(&order)?;
        assert_eq!((scene.settlement.books().taken(), order.attempts), (1, 1), "{fault:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_order_that_never_arrived_is_sent_again_as_it_is() -> Result<()> {
    at_once([Fault::Fails(503), Fault::Hangs, Fault::IsRateLimited], async |fault| {
        let scene = Scene::set("send_timeout_ms = 200").await?;
        scene.settlement.on(Call::Order, fault, 2);
        let daemon = scene.start().await?;
        let mut life = submit(&daemon, "2").await?;
        let order = end(&mut life).await?;
        scene.check_executed(&order)?;
        assert_eq!((scene.settlement.books().taken(), order.attempts), (1, 1), "{fault:?}");
        let doubted = life.told().iter().any(|message| message.kind == OrderStatus::Unknown);
        assert_eq!(doubted, fault != Fault::IsRateLimited, "{fault:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_order_that_the_service_forgets_is_given_to_it_again_and_has_one_effect() -> Result<()> {
    at_once([false, true], async |settled_anyway| {
        let scene = Scene::set("").await?;
        scene.settlement.settles(Settling::Never);
        scene.settlement.on(Call::Order, Fault::Forgets, 3);
        let daemon = scene.start().await?;
        let mut life = submit(&daemon, "2").await?;
        life.until(OrderStatus::Submitted).await?;
        scene.settlement.until(Call::Order, if settled_anyway { 2 } else { 4 }).await?;
        scene.settlement.settles(Settling::After(0));
        let order = end(&mut life).await?;
        scene.check_executed(&order)?;
        assert_eq!((scene.settlement.books().taken(), order.attempts), (1, 1));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_daemon_that_is_killed_before_the_reply_finds_its_order_or_sends_it_again() -> Result<()> {
    at_once([Fault::HangsAfterwards, Fault::Hangs], async |fault| {
        let scene = Scene::set("").await?;
        scene.settlement.settles(Settling::Never);
        scene.settlement.on(Call::Order, fault, 1);
        let daemon = scene.start().await?;
        let mut life = submit(&daemon, "2").await?;
        life.until_stage("signed").await?;
        scene.settlement.until(Call::Order, 1).await?;
        let id = life.told()[0].order_id.clone();
        daemon.kill().await?;

        scene.settlement.settles(Settling::After(0));
        let daemon = scene.start().await?;
        let order = end(&mut Life::follow(daemon.url(), &id).await?).await?;
        scene.check_executed(&order)?;
        assert_eq!((scene.settlement.books().taken(), order.attempts), (1, 1), "{fault:?}");
        Ok(())
    })
    .await
}
