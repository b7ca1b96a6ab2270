//! Runs the test market until it is interrupted, for trying things by hand: prints the node's address and the
//! deployed contracts as JSON.

use std::time::Instant;

use anyhow::Result;
use orderd_tests::{AnvilOptions, World, world::TRADER};
use serde_json::json;

#[expect(clippy::print_stdout, reason = "a command-line program prints its answer")]
#[tokio::main]
async fn main() -> Result<()> {
    let started = Instant::now();
    let chain = World::boot_with(AnvilOptions::default()).await?;
    let took = started.elapsed();
    let answer = json!({
        "url": chain.anvil.url(),
        "pid": chain.anvil.pid(),
        "bootMillis": took.as_millis(),
        "trader": TRADER,
        "world": chain.world,
    });
    println!("{answer:#}");
    tokio::signal::ctrl_c().await?;
    Ok(())
}
