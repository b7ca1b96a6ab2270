//! Plugins in processes of their own that are killed at work: a send that was interrupted is unknown, and settles with one
//! effect.

use crate::scene::{FINALITY, Overrides, Scene, by_hand, expect};
use anyhow::{Result, ensure};
use orderd_sdk::wire::OrderStatus;
use orderd_tests::liar::{Calls, Fault, Times};

const APART: Overrides = &[
    ("ORDERD_PLUGINS__EVM__ISOLATION", "process"),
    // It talks to the node itself.
    ("ORDERD_PLUGINS__EVM__NETWORK", "true"),
    ("ORDERD_PLUGINS__UNISWAP__ISOLATION", "process"),
    // However often they are killed, they are started and asked again.
    ("ORDERD_PLUGINS__EVM__RESTART_MAX_MS", "10"),
    ("ORDERD_PLUGINS__UNISWAP__RESTART_MAX_MS", "10"),
    ("ORDERD_ENGINE__QUARANTINE__PANICS", "0"),
    ("ORDERD_ENGINE__BREAKER__FAILURES", "10000"),
    ("ORDERD_ENGINE__BREAKER__MIN_CALLS", "100000"),
];

#[tokio::test]
async fn a_send_whose_process_is_killed_is_unknown_and_its_transaction_settles_the_order() -> Result<()> {
    let scene = Scene::open_with(by_hand(FINALITY), APART).await?;
    scene.liar.on(Calls::SEND, Times::First(1), Fault::Held);
    let mut life = scene.order().await?;
    scene.liar.until(|tally| tally.transactions() == 1).await?;
    scene.daemon.kill_host("evm").await?;
    life.until(OrderStatus::Unknown).await?;
    life.until(OrderStatus::Submitted).await?;
    scene.settle(&mut life).await?;
    expect(&life, &["unknown", "submitted", "confirmed", "finalized"])?;
    ensure!(scene.liar.tally().transactions() == 1, "no second transaction was signed");
    ensure!(scene.daemon.log()?.contains("killed by SIGKILL"));
    scene.close().await?;
    Ok(())
}

#[tokio::test]
async fn orders_settle_while_the_processes_of_all_plugins_are_killed_again_and_again() -> Result<()> {
    let scene = Scene::open_with(by_hand(FINALITY), APART).await?;
    for _ in 0..4 {
        let mut lives = Vec::new();
        for _ in 0..5 {
            lives.push(scene.order().await?);
        }
        for plugin in ["evm", "uniswap"] {
            scene.daemon.kill_host(plugin).await?;
        }
        for life in &mut lives {
            life.until(OrderStatus::Submitted).await?;
        }
        scene.mine(1).await?;
        for life in &mut lives {
            life.until(OrderStatus::Confirmed).await?;
        }
        scene.mine(FINALITY).await?;
        for life in &mut lives {
            life.until(OrderStatus::Finalized).await?;
        }
    }
    ensure!(scene.close().await?.len() == 20);
    Ok(())
}
