//! A daemon with scripted chains and venues, and how a test watches its orders.

use crate::script::{Script, Scripted};
use orderd::{
    app::{Builder, Daemon, Follower, StartError},
    config::{self, Environment},
    order::OrderId,
    store::StoreError,
    telemetry::{Clock, SystemClock},
};
use orderd_sdk::wire::{ExecuteRequest, OrderDto, OrderMessage, OrderStatus};
use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::time::timeout;

/// How long a test waits for what should take no time, before it has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The life of an order that meets no difficulty.
pub(crate) const SMOOTH: &str = "pending routing quoted started signed submitted confirmed finalized";

/// What a daemon is started with, any number of times.
pub(crate) struct World {
    backend: &'static str,
    engine: BTreeMap<&'static str, u64>,
    chain: BTreeMap<&'static str, u64>,
    drain_ms: u64,
    /// Account and chain.
    accounts: Vec<(&'static str, &'static str)>,
    /// Venue and chain.
    venues: Vec<(&'static str, &'static str)>,
    scripts: BTreeMap<&'static str, (String, Arc<Script>)>,
    /// Lines about the account `main`.
    policy: &'static str,
    clock: Arc<dyn Clock>,
    folder: TempDir,
}

impl World {
    /// One chain `main` with one account `main` and one venue `pool`, all kept in memory.
    pub(crate) fn new() -> Self {
        let engine = [
            ("workers", 8),
            ("quote_timeout_ms", 10_000),
            ("build_timeout_ms", 10_000),
            ("send_timeout_ms", 10_000),
            ("retry_initial_ms", 1),
            ("retry_max_ms", 4),
            ("resend_ms", 100),
        ];
        Self {
            backend: "memory",
            engine: engine.into(),
            chain: [("poll_ms", 5)].into(),
            drain_ms: 10_000,
            accounts: Vec::new(),
            venues: Vec::new(),
            scripts: BTreeMap::new(),
            policy: "",
            clock: Arc::new(SystemClock),
            folder: tempfile::tempdir().unwrap(),
        }
        .account("main", "main")
        .venue("pool", "main")
    }

    /// The same, kept on the disk.
    pub(crate) fn on_disk() -> Self {
        Self { backend: "sled", ..Self::new() }
    }

    pub(crate) fn engine(mut self, key: &'static str, value: u64) -> Self {
        self.engine.insert(key, value);
        self
    }

    pub(crate) fn chain(mut self, key: &'static str, value: u64) -> Self {
        self.chain.insert(key, value);
        self
    }

    /// Gives the account `main` a key, and keeps it to this policy.
    pub(crate) fn policy(mut self, policy: &'static str) -> Self {
        self.policy = policy;
        self
    }

    pub(crate) fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    pub(crate) fn drain(mut self, millis: u64) -> Self {
        self.drain_ms = millis;
        self
    }

    pub(crate) fn account(mut self, name: &'static str, chain: &'static str) -> Self {
        self.accounts.push((name, chain));
        self.scripts.entry(chain).or_insert_with(Script::register);
        self
    }

    pub(crate) fn venue(mut self, name: &'static str, chain: &'static str) -> Self {
        self.venues.push((name, chain));
        self
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The script of the chain `main`.
    pub(crate) fn script(&self) -> Arc<Script> {
        self.script_of("main")
    }

    pub(crate) fn script_of(&self, chain: &str) -> Arc<Script> {
        self.scripts[chain].1.clone()
    }

    pub(crate) async fn start(&self) -> Daemon {
        let starting = async {
            loop {
                match self.try_start().await {
                    // A thread of sled lets go of its file a moment after sled was dropped.
                    Err(StartError::Store(StoreError::Open { reason, .. }))
                        if reason.contains("acquire lock") =>
                    {
                        tokio::task::yield_now().await;
                    }
                    started => return started.unwrap(),
                }
            }
        };
        timeout(PATIENCE, starting).await.expect("sled lets go of its file")
    }

    async fn try_start(&self) -> Result<Daemon, StartError> {
        let key = "01".repeat(32);
        let environment = Environment::from([("MAIN_KEY", key.as_str())]);
        let settings = config::parse(&self.text(), self.folder.path(), &environment).unwrap();
        let builder = Builder::new(settings).environment(environment).clock(self.clock.clone());
        builder.link::<Scripted>("script").start().await
    }

    fn text(&self) -> String {
        let mut text = format!(
            "data_dir = \"data\"\n[server]\ndrain_ms = {}\n[storage]\nbackend = \"{}\"\n[engine]\n",
            self.drain_ms, self.backend
        );
        self.engine.iter().for_each(|(key, value)| writeln!(text, "{key} = {value}").unwrap());
        text.push_str("[plugins.script]\n");
        for (chain, (script, _)) in &self.scripts {
            writeln!(text, "[chains.{chain}]\nplugin = \"script\"\nconfig = {{ script = \"{script}\" }}")
                .unwrap();
            text.push_str("tokens.SOL = { address = \"sol\", decimals = 0 }\n");
            text.push_str("tokens.USDC = { address = \"usdc\", decimals = 6 }\n");
            self.chain.iter().for_each(|(key, value)| writeln!(text, "{key} = {value}").unwrap());
        }
        for (venue, chain) in &self.venues {
            let script = &self.scripts[chain].0;
            writeln!(text, "[venues.{venue}]\nplugin = \"script\"\nchain = \"{chain}\"").unwrap();
            writeln!(text, "config = {{ script = \"{script}\" }}").unwrap();
        }
        for (account, chain) in &self.accounts {
            writeln!(text, "[accounts.{account}]\nchain = \"{chain}\"").unwrap();
        }
        if !self.policy.is_empty() {
            let key = "key = { env = \"MAIN_KEY\" }";
            text = text.replace("[accounts.main]\n", &format!("[accounts.main]\n{key}\n{}\n", self.policy));
        }
        text
    }
}

/// An order to sell so much. Orders of one test are told apart by it.
pub(crate) fn sell(amount: u64) -> ExecuteRequest {
    ExecuteRequest::market("SOL", "USDC", amount.to_string())
}

/// The same, for an account.
pub(crate) fn sell_for(account: &str, amount: u64) -> ExecuteRequest {
    ExecuteRequest { account: Some(account.to_owned()), ..sell(amount) }
}

pub(crate) async fn submit(daemon: &Daemon, request: ExecuteRequest) -> Life {
    let order = daemon.submit(request).await.unwrap();
    Life::of(daemon, order.id.parse().unwrap()).await
}

/// Submits orders to sell 1, 2, 3, ….
pub(crate) async fn submit_many(daemon: &Daemon, count: u64) -> Vec<Life> {
    let mut lives = Vec::new();
    for amount in 1..=count {
        lives.push(submit(daemon, sell(amount)).await);
    }
    lives
}

/// An order's events, checked to have no hole.
pub(crate) struct Life {
    pub(crate) id: OrderId,
    follower: Follower,
    told: Vec<OrderMessage>,
}

impl Life {
    pub(crate) async fn of(daemon: &Daemon, id: OrderId) -> Self {
        let follower = daemon.follow(id).await.unwrap().expect("the order is there");
        Self { id, follower, told: Vec::new() }
    }

    pub(crate) async fn next(&mut self) -> OrderMessage {
        let next = timeout(PATIENCE, self.follower.next()).await;
        let message = next.unwrap_or_else(|_| panic!("the order stands still after: {}", self.story()));
        assert_eq!(message.seq, self.told.len() as u64 + 1, "events have no hole");
        self.told.push(message.clone());
        message
    }

    /// Reads on until this happens.
    pub(crate) async fn until(&mut self, what: &str) -> OrderMessage {
        loop {
            let message = self.next().await;
            if step(&message) == what {
                return message;
            }
            assert!(!is_end(&message), "{what} was expected: {}", self.story());
        }
    }

    /// Reads to the end. Tells the whole story.
    pub(crate) async fn end(&mut self) -> String {
        while !self.told.last().is_some_and(is_end) {
            self.next().await;
        }
        self.story()
    }

    /// What has been read, in single words.
    pub(crate) fn story(&self) -> String {
        self.told.iter().map(step).collect::<Vec<_>>().join(" ")
    }

    /// The events of this name that have been read.
    pub(crate) fn all(&self, what: &str) -> Vec<&OrderMessage> {
        self.told.iter().filter(|message| step(message) == what).collect()
    }
}

/// An event in a single word: its type, or the stage that it stands for.
fn step(message: &OrderMessage) -> String {
    match &message.fields.stage {
        Some(stage) => stage.clone(),
        None if message.fields.quotes.is_some() => "quoted".to_owned(),
        None => message.kind.to_string(),
    }
}

fn is_end(message: &OrderMessage) -> bool {
    matches!(
        message.kind,
        OrderStatus::Finalized | OrderStatus::Failed | OrderStatus::Cancelled | OrderStatus::Expired
    )
}

pub(crate) async fn load(daemon: &Daemon, id: OrderId) -> OrderDto {
    daemon.order(id).await.unwrap().expect("the order is there")
}
