//! What no user means to do, and windows do all the same.

use crate::{
    scene::{Scene, WINDOW, short},
    terminal::Size,
};
use anyhow::Result;
use futures_util::future::try_join_all;

/// There is no room for anything.
const TINY: Size = Size { columns: 20, rows: 3 };
/// Orders that are handed in meanwhile.
const ORDERS: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_huge_paste_and_a_storm_of_sizes_under_load_do_no_harm() -> Result<()> {
    let scene = Scene::begin("").await?;
    let mut console = scene.console(&[]).await?;
    let huge = "p3y\r:quit ".repeat(100_000);
    let load = try_join_all((0..ORDERS).map(|_| scene.order()));
    let storm = async {
        // Where nobody asks for text it is no row of keys.
        console.paste(&huge)?;
        for step in 0..300 {
            console.resize_for_a_moment(Size { columns: step * 7 % 200, rows: step * 3 % 60 })?;
        }
        // Keys that come while there is no room are not taken.
        console.resize(TINY)?;
        console.until(&["too small"]).await?;
        console.resize(WINDOW)?;
        console.until(&["[1 Overview]", "LIVE"]).await?;
        console.press("2")?;
        console.until(&["[2 Orders]", "LIVE"]).await?;
        // Where somebody does, it is cut.
        console.press("/")?;
        console.until(&["Show orders with"]).await?;
        console.paste(&huge)?;
        console.until(&["p3y:quit"]).await?;
        console.press("\x15state:finalized\r")?;
        console.until(&["state:finalized", "LIVE"]).await
    };
    let (orders, ()) = tokio::try_join!(load, storm)?;
    assert!(scene.daemon.http().get("/api/queue").await?.body["paused"].is_null());
    console.until(&[&format!("{ORDERS} of {ORDERS}")]).await?;
    console.press("g")?;
    console
        .until_seen("one of the orders", |screen| {
            let contents = screen.contents();
            orders.iter().any(|order| contents.contains(short(order)))
        })
        .await?;
    console.press("\x03")?;
    assert!(console.ended().await?.success());
    console.is_given_back()?;
    scene.daemon.stop().await
}
