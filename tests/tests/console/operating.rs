//! What operators do with it.

use crate::scene::{Scene, short, without_quotes};
use anyhow::Result;
use orderd_sdk::wire::OrderStatus;
use orderd_tests::paper;

#[tokio::test]
async fn orders_are_listed_and_one_is_watched_to_its_end() -> Result<()> {
    let scene = Scene::begin("inclusionMs = 1500").await?;
    let mut console = scene.console(&[]).await?;
    let orders = [scene.order().await?, scene.order().await?];
    console.press("2")?;
    console.until(&["[2 Orders]", short(&orders[0]), short(&orders[1]), "SOL/USDC"]).await?;
    console.press("\r")?;
    console.until(&["Lifecycle", &format!("Order {}", short(&orders[1])), "submitted"]).await?;
    console.until(&["state    finalized, attempt 1 of 3"]).await?;
    console.press("q")?;
    console.until(&["Orders", short(&orders[0])]).await?;
    scene.daemon.stop().await
}

#[tokio::test]
async fn a_failed_order_is_tried_again_and_once_more_when_its_venues_are_well() -> Result<()> {
    let well = paper::config("");
    let scene = Scene::with(&without_quotes(&well)).await?;
    let mut console = scene.console(&[]).await?;
    let order = scene.order().await?;
    console.press("2")?;
    console.until(&[short(&order), "failed", "3/3"]).await?;

    let question = format!("retry order {order}?");
    console.press("r")?;
    console.until(&[&question]).await?;
    // Enter says nothing; what is said by `y` is one more attempt.
    console.press("\ry")?;
    console
        .until_seen("a fourth attempt that has failed", |screen| {
            let contents = screen.contents();
            contents.contains("4/4") && contents.contains("failed") && !contents.contains(&question)
        })
        .await?;

    scene.site.configure(&well)?;
    scene.daemon.ask_to_reload().await?;
    scene.daemon.until_logged("plugin reloaded", 1).await?;
    console.press("r")?;
    console.until(&[&question]).await?;
    console.press("y")?;
    console.until(&[short(&order), "finalized", "5/5"]).await?;
    scene.daemon.stop().await
}

#[tokio::test]
async fn a_paused_queue_begins_nothing_until_it_is_resumed() -> Result<()> {
    let scene = Scene::begin("").await?;
    let mut console = scene.console(&[]).await?;
    console.press("3")?;
    console.until(&["[3 Queue]", "RUNNING"]).await?;
    console.press("p")?;
    console.until(&["why?"]).await?;
    console.press("a new \x1b[200~node\x1b[201~\r")?;
    console.until(&["pause the queue?"]).await?;
    console.press("y")?;
    console.until(&["PAUSED for", "a new node"]).await?;

    let order = scene.order().await?;
    console.press("2")?;
    console.until(&[short(&order), "pending", "0/3", "PAUSED"]).await?;
    assert_eq!(scene.daemon.http().order(&order).await?.status, OrderStatus::Pending);

    console.press("3P")?;
    console.until(&["resume the queue?"]).await?;
    console.press("y")?;
    console.until(&["RUNNING"]).await?;
    console.press("2")?;
    console.until(&[short(&order), "finalized", "1/3"]).await?;
    console.press("7")?;
    console.until(&["[7 Actions]", "resume", "pause"]).await?;
    console.press("j")?;
    console.until(&["a new node"]).await?;
    scene.daemon.stop().await
}

#[tokio::test]
async fn whoever_may_only_look_changes_nothing() -> Result<()> {
    let scene = Scene::with(&without_quotes(&paper::config(""))).await?;
    let order = scene.order().await?;
    let mut console = scene.console(&["--read-only"]).await?;
    console.press("2")?;
    console.until(&["read-only", short(&order), "failed", "3/3"]).await?;
    for keys in ["r", "c", "3p", "3:pause because\r"] {
        console.press(keys)?;
        console.until(&["this session is read-only"]).await?;
        // Another message takes the place of this one.
        console.press("y2o")?;
        console.until(&["sorted by"]).await?;
    }
    let after = scene.daemon.http().order(&order).await?;
    assert_eq!((after.status, after.attempts), (OrderStatus::Failed, 3));
    assert!(scene.daemon.http().get("/api/queue").await?.body["paused"].is_null());
    scene.daemon.stop().await
}
