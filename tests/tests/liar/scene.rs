//! A daemon on a node, with a proxy between the two. Unless said otherwise, the routers may take the trader's
//! tokens already.

use alloy_primitives::{B256, U256};
use anyhow::{Context as _, Result, bail, ensure};
use orderd_sdk::wire::{ExecuteRequest, OrderDto, OrderStatus};
use orderd_tests::{
    AnvilOptions, Chain, Daemon, Liar, Life, Mining, Site, TxRequest, Venue, World, contracts::Erc20,
    http::Reply, judge::judge, market, world::TRADER,
};
use std::time::Duration;
use tokio::time::Instant;

/// How every life begins here: the router may take the token already.
const BEGINNING: [&str; 5] = ["pending", "routing", "routing", "building:started", "building:signed"];
/// Blocks on top of one that is final.
pub(crate) const FINALITY: u64 = 2;
/// Blocks on top of what every node of a test knows.
const LONG_AGO: u64 = 8;
/// How long looks at an account may go on until something has come of them.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// All that takes part.
pub(crate) struct Scene {
    pub(crate) chain: Chain,
    pub(crate) liar: Liar,
    pub(crate) daemon: Daemon,
    site: Site,
    overrides: Overrides,
}

/// What is overridden of the daemon's config by its environment.
pub(crate) type Overrides = &'static [(&'static str, &'static str)];

impl Scene {
    /// A scene whose blocks are final below [`FINALITY`] others, and are made by hand.
    pub(crate) async fn open() -> Result<Self> {
        Self::open_on(by_hand(FINALITY)).await
    }

    /// A scene on a node with these options.
    pub(crate) async fn open_on(options: AnvilOptions) -> Result<Self> {
        Self::open_with(options, &[]).await
    }

    /// A scene on a node with these options, whose daemon has more of its config overridden.
    pub(crate) async fn open_with(options: AnvilOptions, overrides: Overrides) -> Result<Self> {
        let chain = World::boot_with(options).await?;
        approve_all(&chain).await?;
        Self::begin(chain, overrides).await
    }

    /// A scene on this chain. What is there by now happened long ago.
    pub(crate) async fn begin(chain: Chain, overrides: Overrides) -> Result<Self> {
        chain.rpc.mine(1 + LONG_AGO).await?;
        let liar = Liar::before(&chain.anvil.url()).await?;
        let site = Site::new(&market::config(&chain))?;
        let daemon = start(&site, &liar, overrides).await?;
        Ok(Self { chain, liar, daemon, site, overrides })
    }

    /// Posts an order and follows it.
    pub(crate) async fn order(&self) -> Result<Life> {
        self.sell("WETH", "USDC", "0.1").await
    }

    /// Posts an order of this pair and follows it.
    pub(crate) async fn sell(&self, sold: &str, bought: &str, amount: &str) -> Result<Life> {
        let order = ExecuteRequest::market(sold, bought, amount);
        let accepted = self.daemon.http().submit(&order).await?;
        Life::follow(self.daemon.url(), &accepted.order_id).await
    }

    /// Follows an order of before.
    pub(crate) async fn follow(&self, id: &str) -> Result<Life> {
        Life::follow(self.daemon.url(), id).await
    }

    /// Posts an order and follows it until it was sent.
    pub(crate) async fn submitted(&self) -> Result<Life> {
        let mut life = self.order().await?;
        life.until(OrderStatus::Submitted).await?;
        Ok(life)
    }

    /// Asks for another attempt at an order.
    pub(crate) async fn retry(&self, id: &str) -> Result<Reply> {
        self.daemon.http().post(&format!("/api/orders/{id}/retry"), "").await
    }

    /// Asks for another attempt at a failed order until it is granted: first nothing of it may be open.
    pub(crate) async fn insist(&self, id: &str) -> Result<()> {
        let last = Instant::now() + PATIENCE;
        while Instant::now() < last {
            let reply = self.retry(id).await?;
            if reply.status == 202 {
                return Ok(());
            }
            ensure!(reply.code() == "may-still-land", "{}: {}", reply.status, reply.body);
            // Even of an account that does nothing, the sequence is asked from time to time.
            self.liar.answers("eth_getTransactionCount", 1).await?;
        }
        bail!("something of order {id} stays open")
    }

    /// Waits until the daemon has logged these words, which come after some look at the chain.
    pub(crate) async fn logged(&self, words: &str) -> Result<()> {
        let last = Instant::now() + PATIENCE;
        while Instant::now() < last {
            if self.daemon.log()?.contains(words) {
                return Ok(());
            }
            self.liar.answers("eth_getTransactionCount", 1).await?;
        }
        bail!("{words:?} is never logged")
    }

    /// Makes blocks.
    pub(crate) async fn mine(&self, blocks: u64) -> Result<()> {
        Ok(self.chain.rpc.mine(blocks).await?)
    }

    /// Makes the block that confirms a sent order, and those that make it final.
    pub(crate) async fn settle(&self, life: &mut Life) -> Result<()> {
        self.mine(1).await?;
        life.until(OrderStatus::Confirmed).await?;
        self.mine(FINALITY).await?;
        life.until(OrderStatus::Finalized).await?;
        Ok(())
    }

    /// Kills the daemon and starts it again.
    pub(crate) async fn restart(self) -> Result<Self> {
        let Self { chain, liar, daemon, site, overrides } = self;
        daemon.kill().await?;
        let daemon = start(&site, &liar, overrides).await?;
        Ok(Self { chain, liar, daemon, site, overrides })
    }

    /// Ends the scene: the proxy is honest, every order is over, and the chain agrees. Gives the orders.
    pub(crate) async fn close(self) -> Result<Vec<OrderDto>> {
        self.liar.be_honest();
        let orders = judge(&self.chain, &self.daemon).await?;
        ensure!(!orders.is_empty(), "nothing was played");
        let log = self.daemon.log()?;
        ensure!(!log.contains("panicked") && !log.contains("cannot go on"), "{log}");
        // Asked to end, it would wait for each test's socket to say goodbye.
        self.daemon.kill().await?;
        Ok(orders)
    }
}

/// A node that makes blocks only when told to, and calls those final that have so many (an even number) on top.
pub(crate) fn by_hand(finality: u64) -> AnvilOptions {
    AnvilOptions { mining: Mining::Manual, slots_in_an_epoch: finality / 2, ..AnvilOptions::default() }
}

/// Lets every router take every token.
async fn approve_all(chain: &Chain) -> Result<()> {
    for venue in Venue::ALL {
        for token in chain.world.tokens() {
            let approve = Erc20::approveCall { spender: chain.world.router(venue), amount: U256::MAX };
            chain.rpc.send(&TxRequest::call(TRADER.address, token.address, &approve)).await?;
        }
    }
    Ok(())
}

async fn start(site: &Site, liar: &Liar, overrides: Overrides) -> Result<Daemon> {
    site.start_with(|command| {
        market::give_key(command);
        command.env("ORDERD_CHAINS__LOCAL__CONFIG__RPC", liar.url());
        command.env("ORDERD_CHAINS__LOCAL__POLL_MS", "20");
        command.env("ORDERD_ENGINE__RESEND_MS", "200");
        command.env("ORDERD_ENGINE__RETRY_MAX_MS", "250");
        command.envs(overrides.iter().copied());
    })
    .await
}

/// Expects this to be all that followed the signature.
pub(crate) fn expect(life: &Life, after_signature: &[&str]) -> Result<()> {
    let told = life.stages();
    let expected: Vec<&str> = BEGINNING.iter().chain(after_signature).copied().collect();
    ensure!(told == expected, "{expected:?} was expected, this was told: {told:?}");
    Ok(())
}

/// The transaction of an order.
pub(crate) fn hash(life: &Life) -> Result<B256> {
    let order = &life.told().last().context("something was told")?.order;
    Ok(order.tx_hash.as_deref().context("a transaction was signed")?.parse()?)
}
