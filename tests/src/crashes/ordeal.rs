//! One life of the daemon after the other on the same data, each under new orders and ended by `kill -9`.

use super::{Audit, Clients};
use crate::{Daemon, Site, dice::Dice, market};
use anyhow::{Result, ensure};
use orderd_sdk::wire::{ExecuteRequest, Health};
use std::time::Duration;
use tokio::time::timeout;

/// How many orders are posted at the beginning of a life.
#[derive(Clone, Copy, Debug)]
pub enum Load {
    /// So many new ones.
    New(u64),
    /// As many as it takes to have so many open.
    InFlight(u64),
}

/// Daemons of one site that are killed, and the clients that see it.
pub struct Ordeal<'a> {
    site: &'a Site,
    clients: Clients,
    dice: Dice,
}

impl<'a> Ordeal<'a> {
    /// An ordeal whose random moments follow from the seed.
    pub fn new(
        site: &'a Site,
        orders: impl Fn(u64) -> ExecuteRequest + Send + Sync + 'static,
        seed: u64,
    ) -> Self {
        Self { site, clients: Clients::new(orders), dice: Dice::new(seed) }
    }

    /// Dice for whatever else should follow from the seed.
    pub fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }

    /// Starts a daemon, posts orders, and kills it at a random moment. `meanwhile` goes on until then.
    ///
    /// # Errors
    /// When the daemon does not start, ends by itself, or `meanwhile` fails.
    pub async fn live_and_die(
        &mut self,
        load: Load,
        longest: Duration,
        meanwhile: impl Future<Output = Result<()>>,
    ) -> Result<()> {
        let mut daemon = self.site.start_with(market::give_key).await?;
        let posts = match load {
            Load::New(count) => self.clients.post(&daemon, count),
            Load::InFlight(count) => {
                let missing = count.saturating_sub(open_orders(&daemon).await?);
                self.clients.post(&daemon, missing)
            }
        };
        let longest = u64::try_from(longest.as_millis())?;
        let life = Duration::from_millis(self.dice.roll(longest));
        let living = async {
            tokio::select! {
                ended = daemon.ended() => ended.map(drop),
                failed = async { meanwhile.await?; std::future::pending().await } => failed,
            }
        };
        match timeout(life, living).await {
            Err(_alive) => {}
            Ok(ended) => {
                ended?;
                anyhow::bail!("the daemon ended by itself:\n{}", daemon.log()?);
            }
        }
        daemon.kill().await?;
        self.clients.hear(posts).await
    }

    /// Starts a last daemon, has every order answered, and audits them after their end.
    ///
    /// # Errors
    /// When the daemon does not start, or refuses an order.
    pub async fn survive(&mut self) -> Result<(Daemon, Audit)> {
        let daemon = self.site.start_with(market::give_key).await?;
        self.clients.insist(&daemon.http(), 0).await?;
        let audit = Audit::of(&daemon, &self.clients).await?;
        Ok((daemon, audit))
    }
}

async fn open_orders(daemon: &Daemon) -> Result<u64> {
    let reply = daemon.http().get("/health").await?;
    ensure!(reply.status.is_success(), "{}: {}", reply.status, reply.body);
    let health: Health = serde_json::from_value(reply.body)?;
    Ok(health.orders.values().sum())
}
