//! What a checked configuration says: one struct for each room that needs it.

use super::{Address, GuardSettings, ServiceSettings};
use crate::order::Catalog;
use orderd_sdk::{
    amount::Amount,
    plugin::{PluginConfig, Token},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    net::SocketAddr,
    path::PathBuf,
    time::Duration,
};

/// The whole configuration. It holds no key and no token, and its `Debug` text shows nothing of the plugins' own settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the daemon keeps everything it writes. It may not exist yet.
    pub data_dir: PathBuf,
    /// The HTTP server.
    pub server: ServerSettings,
    /// The streams.
    pub stream: StreamSettings,
    /// The store.
    pub storage: StorageSettings,
    /// The engine.
    pub engine: EngineSettings,
    /// The guard around plugins.
    pub guard: GuardSettings,
    /// The plugins to load, by name.
    pub plugins: Vec<PluginSettings>,
    /// The chains, by name.
    pub chains: BTreeMap<String, ChainSettings>,
    /// The accounts, by name.
    pub accounts: BTreeMap<String, AccountSettings>,
    /// Who may call, by the names of their tokens; everybody when it is empty.
    pub tokens: BTreeMap<String, TokenSettings>,
    /// The names that orders may use, and the defaults of an order.
    pub catalog: Catalog,
}

/// How the HTTP server behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSettings {
    /// A loopback address; port 0 takes any free port.
    pub listen: SocketAddr,
    /// The largest body of a request.
    pub max_body_bytes: usize,
    /// Orders that one bulk call acts on.
    pub max_bulk_orders: usize,
    /// Connections at one time.
    pub max_connections: usize,
    /// How often a WebSocket is pinged.
    pub heartbeat: Duration,
    /// How long a shutdown waits for work in hand.
    pub drain: Duration,
}

/// What is remembered for clients that are behind or come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamSettings {
    /// Of how many events it is remembered whose they are: so far back a client can resume.
    pub history_events: usize,
    /// Events that a subscription may be behind.
    pub buffer_messages: usize,
    /// Bytes that a subscription may be behind.
    pub buffer_bytes: usize,
    /// Subscriptions of one connection.
    pub max_subscriptions: usize,
}

/// Where orders are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageSettings {
    /// What keeps them.
    pub backend: Backend,
    /// The store's own folder within the data directory. It may not exist yet.
    pub dir: PathBuf,
    /// Memory for pages of the store.
    pub cache_bytes: u64,
    /// Changes that may wait to be written.
    pub commit_queue: usize,
    /// How long an idempotency key is kept whose order is over.
    pub idempotency_ttl: Duration,
    /// How long an order is kept after its last event, once nothing of it can change; for good, when not said.
    pub retention: Option<Duration>,
}

/// A kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// On the disk, in this process.
    Sled,
    /// In memory: everything is lost at the end. For tests.
    Memory,
}

/// How orders are executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineSettings {
    /// Orders being executed at one time.
    pub workers: usize,
    /// Orders that are accepted and not over.
    pub max_open_orders: usize,
    /// How long venues may take to quote.
    pub quote_timeout: Duration,
    /// How long a venue may take to build, and a chain to estimate and to sign.
    pub build_timeout: Duration,
    /// How long a chain may take to answer a send or a look-up.
    pub send_timeout: Duration,
    /// How long after it was built the chain still lets a swap take effect.
    pub transaction_ttl: Duration,
    /// Pause before the second attempt; it grows with each further one.
    pub retry_initial: Duration,
    /// The longest such pause.
    pub retry_max: Duration,
    /// How often the bytes of an unconfirmed transaction are sent again.
    pub resend: Duration,
    /// So much of its output, in hundredths of a percent, counts for nothing with a venue of health 0 when venues are
    /// compared.
    pub health_penalty_bps: u32,
}

/// A plugin to load, and what it has to serve.
#[derive(Clone, PartialEq, Eq)]
pub struct PluginSettings {
    /// Its name in the configuration.
    pub name: String,
    /// The dynamic library.
    pub file: PathBuf,
    /// Calls to it that may be in flight.
    pub max_in_flight: usize,
    /// The SHA-256 that the library has to have; any, where it is not told.
    pub sha256: Option<[u8; 32]>,
    /// Where the copy of the library goes that is loaded. It may not exist yet.
    pub copies: PathBuf,
    /// What the daemon does for it.
    pub services: ServiceSettings,
    /// The file of its keys and values. It may not exist yet.
    pub memory: PathBuf,
    /// Its chains and venues. Their own settings may hold secrets, such as an endpoint with an access token.
    /// `data_dir` may not exist yet.
    pub config: PluginConfig,
    /// How long it may take to start.
    pub start: Duration,
    /// The process of its own that it has; none when it runs in the daemon's.
    pub process: Option<PluginProcess>,
}

/// What a plugin in a process of its own may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginProcess {
    /// Private memory, in bytes.
    pub memory_bytes: u64,
    /// Files and sockets that are open.
    pub open_files: u64,
    /// Whether it may open connections by itself.
    pub network: bool,
    /// How long it may give no sign of life.
    pub hang: Duration,
    /// The longest pause before it is started again.
    pub restart_max: Duration,
}

impl Default for PluginProcess {
    fn default() -> Self {
        Self {
            memory_bytes: 512 << 20,
            open_files: 256,
            network: false,
            hang: Duration::from_secs(5),
            restart_max: Duration::from_secs(10),
        }
    }
}

impl fmt::Debug for PluginSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginSettings")
            .field("name", &self.name)
            .field("file", &self.file)
            .field("process", &self.process)
            .field("max_in_flight", &self.max_in_flight)
            .field("chains", &self.config.chains.keys())
            .field("venues", &self.config.venues.keys())
            .finish_non_exhaustive()
    }
}

/// How a chain is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainSettings {
    /// The plugin that serves it.
    pub plugin: String,
    /// How often open transactions are looked up.
    pub poll: Duration,
    /// Sequences of one account that may be signed and not consumed.
    pub max_pending: u32,
    /// How long a transaction waits, with nothing of its account in front of it, until it is signed again for a higher
    /// fee; never without.
    pub bump_after: Option<Duration>,
    /// How often one is at the most.
    pub max_bumps: u32,
}

/// Who trades.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSettings {
    /// The one chain that may use its key.
    pub chain: String,
    /// Where its key is; none for chains that need no key.
    pub key: Option<KeySource>,
    /// What it may sign.
    pub policy: AccountPolicy,
}

/// What an account may sign. By default anything that its chain is asked to sign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountPolicy {
    /// The only contracts that it deals with; none where that is not limited.
    pub contracts: Option<ContractPolicy>,
    /// How much it may sell, each of another token.
    pub spend: Vec<SpendCap>,
}

/// Which contracts an account deals with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContractPolicy {
    /// Those that it may call, and that it may allow to take its tokens.
    pub contracts: BTreeSet<Address>,
    /// The tokens that they may be allowed to take: all of the chain.
    pub tokens: BTreeSet<Address>,
    /// Base units of the chain's own coin that may go along with a call.
    pub max_value: Amount,
}

/// The most that an account may sell of a token within a window that slides with the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpendCap {
    /// The token.
    pub token: Token,
    /// Base units of it.
    pub amount: Amount,
    /// The window.
    pub window: Duration,
}

/// What the bearer of a token may do, and where the token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSettings {
    /// Where it is.
    pub source: KeySource,
    /// What its bearer may do.
    pub scope: Scope,
}

/// What somebody may do. Each scope has those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// See orders, and how the daemon is.
    Read,
    /// Hand in, cancel and retry orders.
    Trade,
    /// See the log and who is connected, and operate the daemon.
    Admin,
}

impl Scope {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Read, Self::Trade, Self::Admin];

    /// Its name in the configuration and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Trade => "trade",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a private key or a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// In this variable of the environment.
    Env(String),
    /// In this file.
    File(PathBuf),
}
