//! `make demo`: real swaps on a local EVM node. Boots a node with the exchanges on it, starts the daemon as a process,
//! executes a few orders, prints each life as it streams, and lets the chain confirm what they brought.

use anyhow::Result;
use orderd_sdk::wire::{ExecuteRequest, OrderMessage, OrderStatus};
use orderd_tests::{AnvilOptions, Chain, Daemon, Life, Mining, Site, Venue, World, market};
use std::{
    io::{self, Write as _},
    time::Duration,
};

/// What is traded, one after the other: each exchange is the best for some of it.
const ORDERS: [(&str, &str, &str); 5] = [
    ("WETH", "USDC", "1"),
    ("USDC", "WETH", "3000"),
    ("WETH", "DAI", "2.5"),
    ("DAI", "WETH", "1000"),
    ("USDC", "DAI", "500"),
];
const ENDS: [OrderStatus; 4] =
    [OrderStatus::Finalized, OrderStatus::Failed, OrderStatus::Expired, OrderStatus::Cancelled];

#[tokio::main]
async fn main() -> Result<()> {
    let mining = Mining::Mixed(Duration::from_secs(1));
    let chain = World::boot_with(AnvilOptions { mining, ..AnvilOptions::default() }).await?;
    let site = Site::new(&market::config(&chain))?;
    let daemon = site.start_with(market::give_key).await?;
    introduce(&chain, &daemon)?;
    for (sold, bought, amount) in ORDERS {
        trade(&chain, &daemon, ExecuteRequest::market(sold, bought, amount)).await?;
    }
    daemon.stop().await?;
    say("\nAll done; the node and the daemon have ended.")
}

fn introduce(chain: &Chain, daemon: &Daemon) -> Result<()> {
    say(&format!("node    {} (chain {})", chain.anvil.url(), chain.world.chain_id))?;
    for venue in Venue::ALL {
        say(&format!("venue   {:<11} router {}", market::name(venue), chain.world.router(venue)))?;
    }
    say(&format!("daemon  {}", daemon.url()))
}

async fn trade(chain: &Chain, daemon: &Daemon, order: ExecuteRequest) -> Result<()> {
    say(&format!("\n{} {} for {}", order.amount.as_str(), order.token_in, order.token_out))?;
    let accepted = daemon.http().submit(&order).await?;
    let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
    loop {
        let message = life.next().await?;
        tell(message)?;
        if ENDS.contains(&message.kind) {
            break;
        }
    }
    let ended = daemon.http().order(&accepted.order_id).await?;
    if ended.status == OrderStatus::Finalized {
        market::verify(chain, &ended).await?;
        say("            ✓ the exchange's own log says the same")?;
    }
    Ok(())
}

fn tell(message: &OrderMessage) -> Result<()> {
    let time = message.timestamp.to_string();
    let clock = time.get(11..23).unwrap_or_default();
    say(&format!(
        "  {clock}  {:<13} {:>3}%  {}",
        message.kind.to_string(),
        message.progress,
        message.message
    ))?;
    for quote in message.fields.quotes.iter().flatten() {
        let answer = match (&quote.net_amount_out, &quote.error) {
            (Some(net), _) => format!("{net} {} net of fees", message.order.token_out),
            (None, error) => error.clone().unwrap_or_default(),
        };
        say(&format!("                                    {:<11} {answer}", quote.dex))?;
    }
    Ok(())
}

fn say(line: &str) -> Result<()> {
    Ok(writeln!(io::stdout(), "{line}")?)
}
