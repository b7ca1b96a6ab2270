//! orderd inside another program: the paper plugin is linked in, nothing is loaded, nothing listens.
//!
//! `cargo run -p orderd --example embed`

use orderd::{
    app::Builder,
    config::{self, Environment},
    store::ListQuery,
};
use orderd_plugin_paper::Paper;
use orderd_sdk::wire::{ExecuteRequest, OrderStatus};
use std::{env, error::Error, fs, io::Write as _};

const CONFIG: &str = r#"
data_dir = "data"
[plugins.paper]
[chains.paper]
plugin = "paper"
poll_ms = 5
tokens = { SOL = { address = "sol", decimals = 9 }, USDC = { address = "usdc", decimals = 6 } }
[venues.pool]
plugin = "paper"
chain = "paper"
config = { feeBps = 30, pools = [{ tokens = ["SOL", "USDC"], reserves = ["500000", "75000000"] }] }
[accounts.main]
chain = "paper"
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::temp_dir().join(format!("orderd-embed-{}", std::process::id()));
    let settings = config::parse(CONFIG, &folder, &Environment::default())?;
    let daemon = Builder::new(settings).link::<Paper>("paper").start().await?;
    let mut out = std::io::stdout();

    let order = daemon.submit(ExecuteRequest::market("SOL", "USDC", "1.5")).await?;
    let mut life = daemon.follow(order.id.parse()?).await?.ok_or("an accepted order is there")?;
    loop {
        let event = life.next().await;
        writeln!(out, "{:>2} {:<9} {}", event.seq, event.kind.to_string(), event.message)?;
        if matches!(event.kind, OrderStatus::Finalized | OrderStatus::Failed | OrderStatus::Expired) {
            break;
        }
    }
    for order in daemon.list(ListQuery { limit: 10, ..ListQuery::default() }).await? {
        let received = order.amount_out.unwrap_or_default();
        writeln!(out, "{} {} → {received} {}", order.amount, order.token_in, order.token_out)?;
    }
    daemon.shut_down().await?;
    Ok(fs::remove_dir_all(folder)?)
}
