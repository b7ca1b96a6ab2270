//! A daemon that trades on the paper chain, and a console that looks at it.

use crate::terminal::{Size, Terminal};
use anyhow::{Context as _, Result};
use orderd_sdk::wire::ExecuteRequest;
use orderd_tests::{Daemon, Site, daemon::program, paper};

/// The window that most operators have.
pub(crate) const WINDOW: Size = Size { columns: 120, rows: 36 };

pub(crate) struct Scene {
    pub(crate) site: Site,
    pub(crate) daemon: Daemon,
}

impl Scene {
    /// Begins with these settings of the chain.
    pub(crate) async fn begin(chain: &str) -> Result<Self> {
        Self::with(&paper::config(chain)).await
    }

    /// Begins with this configuration.
    pub(crate) async fn with(config: &str) -> Result<Self> {
        let site = Site::new(config)?;
        let daemon = site.start().await?;
        Ok(Self { site, daemon })
    }

    /// A console, once it is live.
    pub(crate) async fn console(&self, options: &[&str]) -> Result<Terminal> {
        let mut console = console(self.daemon.url(), options, &[])?;
        console.until(&["LIVE"]).await?;
        Ok(console)
    }

    /// Hands an order in.
    pub(crate) async fn order(&self) -> Result<String> {
        let order = ExecuteRequest::market("SOL", "USDC", "1");
        Ok(self.daemon.http().submit(&order).await?.order_id)
    }
}

/// A console of the daemon at this address.
pub(crate) fn console(url: &str, options: &[&str], environment: &[(&str, &str)]) -> Result<Terminal> {
    let program = program("orderctl")?;
    let program = program.to_str().context("the path is text")?;
    let words = [&[program, "--url", url], options].concat();
    Terminal::run(WINDOW, &words, environment)
}

/// An order's id, as tables have it.
pub(crate) fn short(id: &str) -> &str {
    &id[id.len().saturating_sub(8)..]
}

/// A configuration whose venues have no quotes to give.
pub(crate) fn without_quotes(config: &str) -> String {
    ["feeBps = 30", "feeBps = 5"].into_iter().fold(config.to_owned(), |config, fee| {
        config.replace(&format!("{fee}\n"), &format!("{fee}\nfailurePercent = 100\n"))
    })
}
