//! The coordinator on a real daemon, while everything between the two breaks: at the end its cache is what the daemon has,
//! and nobody who followed an order has missed an event.

mod proxy;

use anyhow::{Context as _, Result, bail, ensure};
use orderd_sdk::{
    client::{Client, Coordinator, CoordinatorOptions, Follower, LogNews, Phase},
    wire::{Clients, ExecuteRequest, LogFilter, OrderStatus, Queue, Status, Venues},
};
use orderd_tests::{Daemon, Site, paper};
use proxy::{Proxy, Weather};
use std::{collections::BTreeMap, time::Duration};
use tokio::{task::JoinSet, time::timeout};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// Orders that are handed in before each thing that breaks.
const ORDERS: usize = 12;

/// An order lives for about half a second.
const CHAIN: &str = "inclusionMs = 150\nfinalityMs = 300\nsendFailurePercent = 10";

struct Scene {
    site: Site,
    daemon: Daemon,
    proxy: Proxy,
    coordinator: Coordinator,
    lives: JoinSet<Result<(String, Vec<u64>)>>,
}

impl Scene {
    async fn begin() -> Result<Self> {
        let site = Site::new(&format!("[server]\nheartbeat_ms = 1000\n{}", paper::config(CHAIN)))?;
        let daemon = site.start().await?;
        let proxy = Proxy::before(daemon.url()).await?;
        let mut options =
            CoordinatorOptions { poll: Duration::from_millis(50), ..CoordinatorOptions::default() };
        options.backoff.first = Duration::from_millis(20);
        options.backoff.most = Duration::from_millis(100);
        let coordinator = Coordinator::start(Client::new(proxy.url())?, options);
        let scene = Self { site, daemon, proxy, coordinator, lives: JoinSet::new() };
        scene.reaches(Phase::Live).await?;
        Ok(scene)
    }

    /// Waits until the coordinator stands so.
    async fn reaches(&self, phase: Phase) -> Result<()> {
        let reached = timeout(PATIENCE, self.coordinator.wait_for(phase)).await;
        reached.with_context(|| format!("{phase:?} expected: {:?}", self.coordinator.link()))?;
        Ok(())
    }

    /// Hands orders in, and has each of them followed to its end.
    async fn hand_in(&mut self) -> Result<()> {
        for _ in 0..ORDERS {
            let accepted = self.coordinator.submit(ExecuteRequest::market("SOL", "USDC", "1"), None).await?;
            let follower = self.coordinator.follow(&accepted.order_id).await?;
            self.lives.spawn(live(follower));
        }
        Ok(())
    }

    /// The daemon dies in the middle of everything, and comes back at another address.
    async fn die_and_come_back(&mut self) -> Result<()> {
        let Self { site, daemon, proxy, .. } = self;
        let pid = daemon.pid().context("it runs")?.to_string();
        tokio::process::Command::new("kill").args(["-KILL", &pid]).status().await?;
        daemon.ended().await?;
        *daemon = site.start().await?;
        proxy.moved_to(daemon.url())
    }

    /// Every event of every order that was followed, in the order in which they came.
    async fn told(&mut self) -> Result<BTreeMap<String, Vec<u64>>> {
        let mut told = BTreeMap::new();
        while let Some(life) = timeout(PATIENCE, self.lives.join_next()).await.context("no end")? {
            let (id, seqs) = life??;
            told.insert(id, seqs);
        }
        Ok(told)
    }

    /// Waits until the cache holds exactly what the daemon has.
    async fn agrees(&self) -> Result<()> {
        let mut expected = self.daemon.http().orders().await?;
        expected.sort_by(|a, b| a.id.cmp(&b.id));
        let cache = self.coordinator.cache();
        let mut changes = cache.changes();
        while !cache.orders().iter().map(|held| &*held.order).eq(&expected) {
            timeout(PATIENCE, changes.next()).await.context("the cache is not what the daemon has")?;
        }
        Ok(())
    }
}

/// Follows an order to its end.
async fn live(mut follower: Follower) -> Result<(String, Vec<u64>)> {
    let mut seqs = Vec::new();
    loop {
        let event = timeout(PATIENCE, follower.next()).await;
        let event = event.with_context(|| format!("{} after {seqs:?}", follower.order_id()))?;
        let event = event.context("the coordinator has ended")??;
        seqs.push(event.seq);
        if matches!(event.kind, OrderStatus::Finalized | OrderStatus::Failed) {
            return Ok((follower.order_id().to_owned(), seqs));
        }
    }
}

#[tokio::test]
async fn whatever_breaks_the_cache_is_what_the_daemon_has_and_no_event_is_missed() -> Result<()> {
    let mut scene = Scene::begin().await?;
    scene.hand_in().await?;
    scene.proxy.cut();
    scene.hand_in().await?;

    scene.proxy.set(Weather::Foul);
    scene.hand_in().await?;
    scene.reaches(Phase::Polling).await?;
    scene.hand_in().await?;
    scene.proxy.set(Weather::Fair);
    scene.reaches(Phase::Live).await?;

    scene.proxy.set(Weather::Still);
    scene.hand_in().await?;
    scene.reaches(Phase::Stale).await?;
    scene.proxy.set(Weather::Fair);

    scene.hand_in().await?;
    scene.die_and_come_back().await?;
    scene.hand_in().await?;

    let told = scene.told().await?;
    scene.reaches(Phase::Live).await?;
    scene.agrees().await?;
    ensure!(told.len() == 7 * ORDERS, "{} orders were followed", told.len());
    for (id, seqs) in told {
        let last = scene.coordinator.cache().get(&id).context("the order is in the cache")?.seq;
        ensure!(seqs.iter().copied().eq(1..=last), "{id}: {seqs:?} of {last}");
    }
    let counts = scene.coordinator.counts();
    ensure!(counts.holes == 0 && counts.polls > 0 && counts.reconnects >= 3, "{counts:?}");
    scene.coordinator.shut_down().await;
    Ok(())
}

/// Waits for what has to come.
async fn soon<T>(comes: impl Future<Output = Option<T>>) -> Result<T> {
    timeout(PATIENCE, comes).await.context("nothing comes")?.context("the coordinator has ended")
}

#[tokio::test]
async fn what_the_daemon_tells_of_itself_comes_over_the_socket_and_without_it() -> Result<()> {
    let mut scene = Scene::begin().await?;
    let mut queue = scene.coordinator.topic::<Queue>();
    let (mut venues, mut clients) =
        (scene.coordinator.topic::<Venues>(), scene.coordinator.topic::<Clients>());
    let mut status = scene.coordinator.topic::<Status>();
    let mut log = scene.coordinator.logs(LogFilter::default(), 10).await?;
    soon(queue.next()).await?;
    ensure!(soon(venues.next()).await?.venues.len() == 2);
    ensure!(soon(clients.next()).await?.total == 1);
    ensure!(soon(status.next()).await?.phase == "running");
    let LogNews::Lines(lines) = soon(log.next()).await? else { bail!("lines are missing at the start") };

    scene.proxy.set(Weather::Foul);
    scene.reaches(Phase::Polling).await?;
    while soon(clients.next()).await?.total > 0 {}
    scene.hand_in().await?;
    while soon(venues.next()).await?.venues.iter().all(|venue| venue.asked == 0) {}
    scene.told().await?;
    let mut last = lines.last().context("there are lines")?.n;
    scene.proxy.set(Weather::Fair);
    while soon(clients.next()).await?.total == 0 {}
    scene.die_and_come_back().await?;
    // Lines are counted anew by each process, and told once.
    loop {
        let LogNews::Lines(lines) = soon(log.next()).await? else { bail!("lines are missing") };
        let is_new = lines[0].n == 1;
        ensure!(is_new || lines[0].n > last, "{last} and then {}", lines[0].n);
        last = lines.last().context("there are lines")?.n;
        if is_new {
            return Ok(());
        }
    }
}
