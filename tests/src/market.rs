//! The config of a daemon that trades on a world, and what the chain says of its trades.

use crate::{Chain, Venue, World, swaps::swaps, world::TRADER};
use alloy_primitives::{B256, U256};
use anyhow::{Context as _, Result, ensure};
use orderd_sdk::{
    amount::Amount,
    wire::{ExecuteRequest, OrderDto},
};
use std::fmt::Write as _;
use tokio::process::Command;

/// The name of an exchange among a daemon's venues.
#[must_use]
pub fn name(venue: Venue) -> &'static str {
    match venue {
        Venue::UniswapV2 => "uniswap-v2",
        Venue::Sushiswap => "sushiswap",
        Venue::UniswapV3 => "uniswap-v3",
    }
}

/// The config of a daemon that trades on this chain with the trader's key, on all three exchanges. Times are short,
/// so that retries and finality come within a test's patience.
#[must_use]
pub fn config(chain: &Chain) -> String {
    let world = &chain.world;
    let mut config = format!(
        r#"
[engine]
retry_initial_ms = 100
retry_max_ms = 1000
resend_ms = 500

[plugins.evm]
[plugins.uniswap]

[chains.local]
plugin = "evm"
poll_ms = 50
max_pending = 64

[chains.local.config]
rpc = "{}"
chainId = {}
maxFeeGwei = "500"

[accounts.trader]
chain = "local"
key = {{ env = "TRADER_KEY" }}

[chains.local.tokens]
"#,
        chain.anvil.url(),
        world.chain_id
    );
    for token in world.tokens() {
        let line = format!(
            "{} = {{ address = \"{}\", decimals = {} }}\n",
            token.symbol, token.address, token.decimals
        );
        config.push_str(&line);
    }
    for venue in Venue::ALL {
        write_venue(&mut config, world, venue);
    }
    config
}

fn write_venue(config: &mut String, world: &World, venue: Venue) {
    let contracts = match venue {
        Venue::UniswapV2 => format!("version = \"v2\"\nfactory = \"{}\"", world.uniswap_v2.factory),
        Venue::Sushiswap => format!("version = \"v2\"\nfactory = \"{}\"", world.sushiswap.factory),
        Venue::UniswapV3 => format!(
            "version = \"v3\"\nfactory = \"{}\"\nquoter = \"{}\"",
            world.uniswap_v3.factory, world.uniswap_v3.quoter
        ),
    };
    let (name, router, weth) = (name(venue), world.router(venue), world.weth.address);
    write!(
        config,
        "\n[venues.{name}]\nplugin = \"uniswap\"\nchain = \"local\"\n\n[venues.{name}.config]\n{contracts}\n\
         router = \"{router}\"\nwrappedNative = \"{weth}\"\nvia = [\"WETH\"]\n"
    )
    .expect("a string takes everything");
}

/// The name of Uniswap V4 among a daemon's venues.
pub const UNISWAP_V4: &str = "uniswap-v4";

/// What [`config`] says, and Uniswap V4 as one more venue.
#[must_use]
pub fn config_with_v4(chain: &Chain) -> String {
    let World { uniswap_v4: v4, weth, .. } = &chain.world;
    let mut config = config(chain);
    write!(
        config,
        "\n[venues.{UNISWAP_V4}]\nplugin = \"uniswap\"\nchain = \"local\"\n\n[venues.{UNISWAP_V4}.config]\n\
         version = \"v4\"\npoolManager = \"{}\"\nquoter = \"{}\"\nstateView = \"{}\"\nrouter = \"{}\"\n\
         wrappedNative = \"{}\"\nvia = [\"WETH\"]\n",
        v4.pool_manager, v4.quoter, v4.state_view, v4.router, weth.address
    )
    .expect("a string takes everything");
    config
}

/// Puts the trader's key where the config looks for it.
pub fn give_key(daemon: &mut Command) {
    daemon.env("TRADER_KEY", TRADER.private_key);
}

/// A small order that follows from its number: every exchange is the best for some, and no price moves enough to fail
/// one of them.
#[must_use]
pub fn order(number: u64) -> ExecuteRequest {
    let pairs =
        [("WETH", "USDC", "0.1"), ("USDC", "WETH", "250"), ("WETH", "DAI", "0.1"), ("DAI", "WETH", "250")];
    let (sold, bought, amount) = pairs[number as usize % pairs.len()];
    ExecuteRequest { slippage: Some("5".into()), ..ExecuteRequest::market(sold, bought, amount) }
}

/// Holds an order that claims success against the chain: its transaction succeeded, traded on the venue that the
/// order names, and brought in exactly what the order says, by the exchange's own log.
///
/// # Errors
/// When the chain says something else.
pub async fn verify(chain: &Chain, order: &OrderDto) -> Result<()> {
    let hash: B256 = order.tx_hash.as_deref().context("a confirmed order has a transaction")?.parse()?;
    let receipt = chain.rpc.receipt(hash).await?.with_context(|| format!("{hash} is not in the chain"))?;
    ensure!(receipt.succeeded(), "{hash} of order {} had no effect", order.id);
    let trades = swaps(&receipt);
    let last = trades.last().with_context(|| format!("{hash} did not trade"))?;
    let venue = chain.world.venue_of(last.pool).context("the pool is one of the world's")?;
    ensure!(order.dex.as_deref() == Some(name(venue)), "{:?} is claimed, {venue:?} traded", order.dex);
    let token = chain.world.tokens().into_iter().find(|token| token.symbol == order.token_out);
    let decimals = token.context("the bought token is one of the world's")?.decimals;
    let claimed = order.amount_out.as_deref().context("a confirmed order tells what it brought")?;
    let claimed = Amount::parse_units(claimed, decimals)?;
    ensure!(claimed.0 == last.amount_out, "{} is claimed, the pool gave {}", claimed, last.amount_out);
    Ok(())
}

/// What a token's amount text means in base units.
///
/// # Errors
/// When it is no exact amount.
pub fn units(text: &str, decimals: u8) -> Result<U256> {
    Ok(Amount::parse_units(text, decimals)?.0)
}
