//! A daemon that dies, and comes back.

use crate::scene::{Scene, short};
use anyhow::Result;

/// Orders before the daemon dies, and after it is back.
const BEFORE: usize = 5;
const AFTER: usize = 3;

#[tokio::test]
async fn a_daemon_that_was_killed_is_told_of_and_no_order_is_missed_when_it_is_back() -> Result<()> {
    let mut scene = Scene::begin("").await?;
    scene.site.stay_at(&scene.daemon);
    let mut orders = Vec::new();
    for _ in 0..BEFORE {
        orders.push(scene.order().await?);
    }
    let mut console = scene.console(&[]).await?;
    console.press("2")?;
    console.until(&orders.iter().map(|order| short(order)).collect::<Vec<_>>()).await?;

    let Scene { site, daemon } = scene;
    daemon.kill().await?;
    console
        .until_seen("an outage", |screen| {
            let contents = screen.contents();
            ["DOWN", "POLLING", "STALE"].iter().any(|word| contents.contains(word))
        })
        .await?;
    // What was there is still shown.
    console.until(&orders.iter().map(|order| short(order)).collect::<Vec<_>>()).await?;

    let scene = Scene { daemon: site.start().await?, site };
    // Before the console knows that it is back.
    for _ in 0..AFTER {
        orders.push(scene.order().await?);
    }
    console.until(&["LIVE"]).await?;
    console.until(&orders.iter().map(|order| short(order)).collect::<Vec<_>>()).await?;
    console
        .until_seen("that all are over", |screen| {
            let contents = screen.contents();
            contents.matches("finalized").count() == BEFORE + AFTER
        })
        .await?;
    scene.daemon.stop().await
}
