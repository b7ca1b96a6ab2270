//! Plugins in C trade: the daemon as a process, the example venue in front of the paper chain, and a whole plugin of the
//! first minor version of the interface.

use anyhow::Result;
use orderd_sdk::wire::{ExecuteRequest, OrderStatus};
use orderd_tests::{Life, Site, c_library::compile, paper};

#[tokio::test]
async fn an_order_is_routed_to_the_venue_in_c_and_finalized() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let library = compile("sdk/examples/c", "sdk/include", folder.path())?;
    let in_c = format!(
        r#"
[plugins.in-c]
file = {library:?}

[venues.pool-in-c]
plugin = "in-c"
chain = "paper"

[venues.pool-in-c.config]
swapsOn = "paper-beta"
feeBps = 5
pools = [{{ tokens = ["SOL", "USDC"], reserves = ["40000", "6000000"] }}]
"#
    );
    let site = Site::new(&(paper::config("") + &in_c))?;
    let daemon = site.start().await?;
    for (sold, bought, amount, expected) in
        [("SOL", "USDC", "10", "1498.875468"), ("USDC", "SOL", "1500", "9.992503123")]
    {
        let order = ExecuteRequest {
            venues: Some(vec!["pool-in-c".to_owned()]),
            ..ExecuteRequest::market(sold, bought, amount)
        };
        let accepted = daemon.http().submit(&order).await?;
        let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
        let confirmed = life.until(OrderStatus::Confirmed).await?.order.clone();
        assert_eq!(confirmed.dex.as_deref(), Some("pool-in-c"));
        assert_eq!(confirmed.amount_out.as_deref(), Some(expected), "as the chain's records say");
        life.until(OrderStatus::Finalized).await?;
    }
    let open = daemon.http().submit(&ExecuteRequest::market("SOL", "USDC", "1")).await?;
    let mut life = Life::follow(daemon.url(), &open.order_id).await?;
    let quotes = life.until(OrderStatus::Finalized).await?.order.quotes.clone();
    let of =
        |dex: &str| quotes.iter().find(|quote| quote.dex == dex).and_then(|quote| quote.amount_out.clone());
    assert_eq!(of("pool-in-c"), of("paper-beta"), "it competes with the pool that it stands for: {quotes:?}");
    daemon.stop().await
}

#[tokio::test]
async fn an_order_is_finalized_by_a_plugin_of_the_first_minor_version() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let fixture = "daemon/tests/plugin_host/fixtures/abi_1_0";
    let library = compile(fixture, fixture, folder.path())?;
    let site = Site::new(&format!(
        r#"
[plugins.first]
file = {library:?}

[chains.main]
plugin = "first"
poll_ms = 5

[chains.main.tokens]
SOL = {{ address = "sol", decimals = 9 }}
USDC = {{ address = "usdc", decimals = 6 }}

[venues.pool]
plugin = "first"
chain = "main"

[accounts.desk]
chain = "main"
"#
    ))?;
    let daemon = site.start().await?;
    for _ in 0..3 {
        let accepted = daemon.http().submit(&ExecuteRequest::market("SOL", "USDC", "1")).await?;
        let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
        let order = life.until(OrderStatus::Finalized).await?.order.clone();
        assert_eq!((order.dex.as_deref(), order.amount_out.as_deref()), (Some("pool"), Some("1")));
    }
    daemon.stop().await
}
