//! A daemon under load, and clients on lines that lead to it.

use anyhow::{Context as _, Result, ensure};
use orderd_sdk::wire::{ExecuteRequest, Status, Subscribe};
use orderd_tests::{
    Daemon, Site,
    cable::{Cable, Habits},
    checker::{Checker, Log, Mishap, Report, Truth},
    crashes::{Clients, Posts},
    dice::Dice,
    follower::{Absence, Followed, Follower, Resume, Tide, follow_paths},
    paper,
};
use std::{collections::BTreeMap, time::Duration};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

/// Orders that are posted at once.
const AT_ONCE: u64 = 32;
/// How long orders may take to end, and clients to hear of it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Lives that differ: retries, failures, sends of which nobody knows whether they happened, and two accounts.
fn config(stream: &str) -> String {
    let chain = "inclusionMs = 5\nfinalityMs = 20\nsendFailurePercent = 5\nunknownPercent = 5";
    let paper = paper::config(chain).replace("feeBps", "failurePercent = 40\nfeeBps");
    let server = "[server]\nheartbeat_ms = 1000\ndrain_ms = 2000";
    format!("{paper}\n[accounts.side]\nchain = \"paper\"\n\n{server}\n\n[stream]\n{stream}")
}

fn order(key: u64) -> ExecuteRequest {
    let (sold, bought, amount) = [("SOL", "USDC", "1"), ("USDC", "SOL", "150")][key as usize % 2];
    let account = if key.is_multiple_of(3) { "side" } else { "main" };
    ExecuteRequest {
        slippage: Some("5".into()),
        account: Some(account.into()),
        labels: BTreeMap::from([("desk".to_owned(), (key % 4).to_string())]),
        ..ExecuteRequest::market(sold, bought, amount)
    }
}

/// What all clients together have met.
pub(crate) struct Findings {
    pub(crate) truth: Truth,
    pub(crate) reports: BTreeMap<String, Report>,
    pub(crate) cuts: u64,
    pub(crate) stalls: u64,
}

impl Findings {
    /// A sum over all clients.
    pub(crate) fn sum(&self, of: impl Fn(&Report) -> u64) -> u64 {
        self.reports.values().map(of).sum()
    }

    pub(crate) fn gaps(&self, reason: &str) -> u64 {
        self.sum(|report| report.gaps.get(reason).copied().unwrap_or_default())
    }

    pub(crate) fn closes(&self, code: u16) -> u64 {
        self.sum(|report| report.closes.get(&code).copied().unwrap_or_default())
    }

    fn ensure_clean(&self) -> Result<()> {
        let violations = self.reports.values().flat_map(|report| &report.violations);
        let lines: Vec<_> = violations.map(ToString::to_string).collect();
        ensure!(lines.is_empty(), "{} violations:\n{}", lines.len(), lines.join("\n"));
        Ok(())
    }
}

/// The daemon, the clients and the orders.
pub(crate) struct Run {
    site: Site,
    daemon: Option<Daemon>,
    cables: Vec<Cable>,
    checker: Checker,
    tide: watch::Sender<Tide>,
    following: JoinSet<Result<Log>>,
    orders: Clients,
    pub(crate) dice: Dice,
}

impl Run {
    /// A daemon with these settings of its streams.
    pub(crate) async fn new(seed: u64, stream: &str) -> Result<Self> {
        let site = Site::new(&config(stream))?;
        let daemon = Some(site.start().await?);
        Ok(Self {
            site,
            daemon,
            cables: Vec::new(),
            checker: Checker::default(),
            tide: watch::Sender::default(),
            following: JoinSet::new(),
            orders: Clients::new(order),
            dice: Dice::new(seed),
        })
    }

    fn daemon(&self) -> Result<&Daemon> {
        self.daemon.as_ref().context("a daemon is running")
    }

    fn post(&mut self, orders: u64) -> Result<Posts> {
        let daemon = self.daemon.as_ref().context("a daemon is running")?;
        Ok(self.orders.post(daemon, orders))
    }

    /// A line with these habits; gives its address.
    pub(crate) async fn cable(&mut self, habits: Habits) -> Result<String> {
        let cable = Cable::new(self.dice.roll(u64::MAX), habits).await?;
        cable.lead_to(self.daemon()?.url())?;
        let url = cable.url();
        self.cables.push(cable);
        Ok(url)
    }

    /// A client with these subscriptions.
    pub(crate) fn follow(&mut self, url: &str, name: &str, followed: Vec<Followed>, absence: Absence) {
        let follower = Follower::new(url, self.checker.client(name), followed, absence);
        self.following.spawn(follower.run(self.tide.subscribe()));
    }

    /// A client with one subscription, which it resumes by cursor.
    pub(crate) fn follow_one(&mut self, url: &str, name: &str, wish: Subscribe) {
        self.follow(url, name, vec![Followed::new(wish, Resume::Cursor)], Absence::None);
    }

    /// A client of the per-order path.
    pub(crate) fn follow_paths(&mut self, url: &str, name: &str) {
        let dice = Dice::new(self.dice.roll(u64::MAX));
        let (log, tide) = (self.checker.client(name), self.tide.subscribe());
        self.following.spawn(follow_paths(url.to_owned(), log, dice, tide));
    }

    /// The newest orders.
    pub(crate) fn newest(&self, count: usize) -> Vec<String> {
        self.tide.borrow().orders.iter().rev().take(count).cloned().collect()
    }

    /// Whether clients have met all of this.
    pub(crate) fn has_met(&self, mishaps: &[Mishap]) -> bool {
        mishaps.iter().all(|mishap| self.checker.has_met(*mishap))
    }

    /// So many new orders, and for some of them the wish to end them.
    pub(crate) async fn load(&mut self, orders: u64) -> Result<()> {
        for _ in 0..orders.div_ceil(AT_ONCE) {
            let posts = self.post(AT_ONCE)?;
            self.orders.hear(posts).await?;
            let ids: Vec<_> = self.orders.accepted().values().cloned().collect();
            if let Some(id) = ids.last() {
                // Whatever the answer is: it may be too late.
                self.daemon()?.http().post(&format!("/api/orders/{id}/cancel"), "").await.ok();
            }
            self.tide.send_modify(|tide| tide.orders = ids);
        }
        Ok(())
    }

    /// Kills the daemon at some moment under new orders, and starts it again.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        let posts = self.post(AT_ONCE)?;
        sleep(Duration::from_millis(self.dice.roll(80))).await;
        self.daemon.take().context("a daemon is running")?.kill().await?;
        self.orders.hear(posts).await?;
        self.start().await
    }

    /// Has the daemon end by itself under new orders, and starts it again.
    pub(crate) async fn drain(&mut self) -> Result<()> {
        let posts = self.post(AT_ONCE)?;
        sleep(Duration::from_millis(self.dice.roll(80))).await;
        self.daemon.take().context("a daemon is running")?.stop().await?;
        self.orders.hear(posts).await?;
        self.start().await
    }

    async fn start(&mut self) -> Result<()> {
        let daemon = self.site.start().await?;
        self.cables.iter().try_for_each(|cable| cable.lead_to(daemon.url()))?;
        self.daemon = Some(daemon);
        Ok(())
    }

    /// Lets everything come to its end, and reads what every client has taken down.
    pub(crate) async fn finish(mut self) -> Result<Findings> {
        let top = timeout(PATIENCE, self.settle()).await.context("orders do not end")??;
        self.cables.iter().for_each(Cable::be_good);
        self.tide.send_modify(|tide| tide.top = Some(top));
        let mut logs = Vec::new();
        let all = async {
            while let Some(log) = self.following.join_next().await {
                logs.push(log??);
            }
            anyhow::Ok(())
        };
        let are_all = timeout(PATIENCE, all).await;
        ensure!(matches!(are_all, Ok(Ok(()))), "only {} clients have ended: {are_all:?}", logs.len());
        let truth = Truth::ask(&self.daemon()?.http()).await?;
        let reports = logs.iter().map(|log| (log.name().to_owned(), log.judge(&truth))).collect();
        let counts = self.cables.iter().map(Cable::counts);
        let (cuts, stalls) = counts.fold((0, 0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1));
        let findings = Findings { truth, reports, cuts, stalls };
        findings.ensure_clean()?;
        self.daemon.take().context("a daemon is running")?.stop().await?;
        Ok(findings)
    }

    /// Waits until every order is over; gives the cursor of the last event.
    async fn settle(&mut self) -> Result<u64> {
        let posts = self.post(0)?;
        self.orders.hear(posts).await?;
        let http = self.daemon()?.http();
        loop {
            let status: Status = serde_json::from_value(http.get("/api/status").await?.body)?;
            if status.orders.is_empty() {
                return Ok(status.cursor);
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}
