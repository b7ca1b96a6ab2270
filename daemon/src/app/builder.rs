//! Puts a daemon together.

use super::{
    checkup,
    daemon::{Daemon, budget},
    durable::on_a_thread,
    error::StartError,
    guarding::Guarding,
    pausing::{PauseFile, Pausing, gate},
    plugins::{Hosts, Link, Plugins},
    reloading::{Addresses, Reloading},
    remembering::last_events,
    sweeping,
    venue_desk::Venues,
};
use crate::{
    account::{Signatory, Token, load_tokens},
    actions::ActionLog,
    api::{Auth, Identity},
    config::{AccountSettings, Backend, Environment, Settings, SpendCap},
    engine::{BumpPolicy, ChainPost, Engine, EngineSetup, VenuePost},
    order::Lane,
    stats::Stats,
    store::{CommitSink, Committed, MemorySettings, MemoryStore, SledSettings, SledStore, Store, StoreError},
    stream::Hub,
    telemetry::{Clock, LogTail, Shutdown, SystemClock, SystemEntropy, observe},
};
use orderd_sdk::{
    plugin::{AddressRequest, Chain, Context, HexBytes, Plugin, Signer},
    wire::Pause,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// How long a chain may take to derive an address, which needs no network.
const ADDRESS_TIMEOUT: Duration = Duration::from_secs(5);

/// Events that are kept in memory, whoever reads them: more than the store makes durable at once.
const KEPT: usize = 16_384;

/// Puts a [`Daemon`] together from its settings.
pub struct Builder {
    settings: Settings,
    environment: Environment,
    links: BTreeMap<String, Link>,
    venue_host: Option<PathBuf>,
    clock: Arc<dyn Clock>,
    logs: LogTail,
}

impl Builder {
    /// A daemon with these settings. Every plugin is loaded from its file, unless it is [linked](Self::link).
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            environment: Environment::default(),
            links: BTreeMap::new(),
            venue_host: None,
            clock: Arc::new(SystemClock),
            logs: LogTail::default(),
        }
    }

    /// Where keys and tokens are found that the settings look for in the environment.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Uses this program's own code for the plugin that the settings call `name`; no file is loaded for it.
    #[must_use]
    pub fn link<P: Plugin>(mut self, name: &str) -> Self {
        self.links.insert(name.to_owned(), Box::new(P::create));
        self
    }

    /// Tells the time of day by this clock, instead of the system's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Which program hosts the plugins that have processes of their own: `orderd`, or [this
    /// one](crate::plugin::this_program) when its `main` begins with [`orderd::venue_host`](crate::venue_host).
    #[must_use]
    pub fn venue_host(mut self, program: PathBuf) -> Self {
        self.venue_host = Some(program);
        self
    }

    /// Shows these lines of the log over HTTP: those of [`logging::init`](crate::telemetry::logging::init). A program
    /// that logs by other means has none to show, unless it adds [`LogTail::layer`] to its subscriber.
    #[must_use]
    pub fn logs(mut self, tail: LogTail) -> Self {
        self.logs = tail;
        self
    }

    /// Opens the store, makes the plugins, takes up every order that is not over, and begins to work.
    ///
    /// # Errors
    /// When any of that fails; nothing is running then.
    pub async fn start(self) -> Result<Daemon, StartError> {
        let Self { settings, environment, links, venue_host, clock, logs } = self;
        let signatory = Arc::new(Signatory::load(&settings.accounts, &environment)?);
        let auth = auth(load_tokens(&settings.tokens, &environment)?);
        let hub = Hub::new(budget(&settings.stream), KEPT);
        let stats = Arc::new(Stats::new(clock.clone(), &settings.catalog));
        // First of all the store: its lock keeps a second daemon out of the data directory, plugins' folders included.
        let store = open_store(&settings, sink(hub.clone(), stats.clone())).await?;
        #[cfg(feature = "crash-points")]
        let store = super::crash::watch_store(store);
        hub.begin(store.cursor(), last_events(&*store).await);
        let hosts = Hosts::new(signatory.clone(), clock.clone(), venue_host);
        let guarding = Guarding::open(&settings, clock.clone()).await?;
        let plugins = Plugins::open(&settings.plugins, links, &hosts, &guarding).await?;
        let venues = guarding.desk(plugins.guards.values());
        let addresses = addresses(&settings, &plugins.chains, &signatory).await?;
        let (actions, pause_file, pause) = operated(&settings.data_dir, &*clock).await?;
        // Nothing happens to orders before the engine starts.
        stats.take_up(&store.live().await?);
        let shutdown = Shutdown::new();
        let engine = Engine::start(EngineSetup {
            settings: settings.engine.clone(),
            catalog: settings.catalog.clone(),
            store: store.clone(),
            clock: clock.clone(),
            entropy: Arc::new(SystemEntropy),
            chains: chain_posts(&settings, &plugins.chains),
            venues: venue_posts(&plugins, &venues),
            signers: signers(&addresses),
            caps: caps(&settings),
            gate: gate(pause.as_ref()),
            shutdown: shutdown.clone(),
        })
        .await?;
        checkup::begin(&plugins, &venues, &settings.guard, &shutdown);
        // Only now: what counts against a cap was read.
        let upkeep = sweeping::begin(store, settings.storage.dir.clone(), clock.clone(), &shutdown);
        let store_bytes = upkeep.bytes();
        let queue = Arc::new(Pausing::new(engine.clone(), pause_file, pause, clock));
        let mut sources = hosts.sources();
        sources.push(upkeep);
        let reloading = Reloading::new(plugins.loaded, plugins.guards, hosts, addresses, settings.clone());
        venues.reload_with(reloading.clone());
        let daemon = Daemon::new(engine, hub, stats, settings, shutdown, reloading, Arc::new(venues));
        Ok(daemon.showing(logs).admitting(auth).measuring(sources, store_bytes).operated(queue, actions))
    }
}

/// What operators did before this start: the record of it, and whether the queue is paused.
async fn operated(
    data_dir: &Path,
    clock: &dyn Clock,
) -> Result<(Arc<ActionLog>, PauseFile, Option<Pause>), StartError> {
    let failed = |what| move |source| StartError::Operating { what, path: data_dir.to_owned(), source };
    let dir = data_dir.to_owned();
    let opened = on_a_thread(move || {
        fs::create_dir_all(&dir)?;
        ActionLog::open(&dir)
    });
    let actions = opened.await.map_err(failed("what operators did"))?;
    let opened = PauseFile::open(data_dir, clock).await;
    let (file, pause) = opened.map_err(failed("whether the queue is paused"))?;
    if let Some(pause) = &pause {
        observe::queue_still_paused(pause);
    }
    Ok((Arc::new(actions), file, pause))
}

fn auth(tokens: Vec<Token>) -> Auth {
    let known = |Token { name, scope, digest }| (Identity { name: name.into(), scope }, digest);
    Auth::new(tokens.into_iter().map(known))
}

/// What happens to durable events: they are logged and counted, and brought to whoever follows the order.
fn sink(hub: Arc<Hub>, stats: Arc<Stats>) -> CommitSink {
    Box::new(move |committed: &[Committed]| {
        for Committed { order, first_new } in committed {
            let new_events = &order.events[*first_new..];
            new_events.iter().for_each(|event| observe::order_step(order, event));
            stats.note(order, new_events);
            hub.publish(order, *first_new);
        }
    })
}

async fn open_store(settings: &Settings, sink: CommitSink) -> Result<Arc<dyn Store>, StoreError> {
    let storage = settings.storage.clone();
    let (idempotency_ttl, retention) = (storage.idempotency_ttl, storage.retention);
    let history_events = settings.stream.history_events;
    match storage.backend {
        Backend::Memory => {
            let memory = MemorySettings { idempotency_ttl, retention, history_events };
            Ok(Arc::new(MemoryStore::with(&memory, sink)?))
        }
        Backend::Sled => {
            let sled = SledSettings {
                cache_bytes: storage.cache_bytes,
                queue: storage.commit_queue,
                idempotency_ttl,
                retention,
                history_events,
                ..SledSettings::at(storage.dir)
            };
            let opening = tokio::task::spawn_blocking(move || SledStore::open(sled, sink));
            let store = opening.await.map_err(|_| StoreError::Closed)??;
            Ok(Arc::new(store))
        }
    }
}

/// The address of every account on its chain.
async fn addresses(
    settings: &Settings,
    chains: &BTreeMap<String, Arc<dyn Chain>>,
    signatory: &Signatory,
) -> Result<Addresses, StartError> {
    let mut addresses = Addresses::new();
    for (account, of) in &settings.accounts {
        let Some(chain) = chains.get(&of.chain) else {
            continue;
        };
        let public_key = signatory.public_key(account).map(|key| HexBytes(key.to_vec()));
        let (ctx, request) =
            (Context::within(ADDRESS_TIMEOUT), AddressRequest { account: account.clone(), public_key });
        let address = chain.address(&ctx, request.clone()).await.map_err(|source| StartError::Account {
            account: account.clone(),
            chain: of.chain.clone(),
            source,
        })?;
        let lane = Lane { chain: of.chain.clone(), account: account.clone() };
        addresses.insert(lane, (request, address));
    }
    Ok(addresses)
}

fn signers(addresses: &Addresses) -> BTreeMap<Lane, Signer> {
    let signer = |(lane, (_, address)): (&Lane, &(_, String))| {
        (lane.clone(), Signer { account: lane.account.clone(), address: address.clone() })
    };
    addresses.iter().map(signer).collect()
}

/// How much each account may sell, where that is limited.
fn caps(settings: &Settings) -> BTreeMap<Lane, Vec<SpendCap>> {
    let capped = |(account, of): (&String, &AccountSettings)| {
        let lane = Lane { chain: of.chain.clone(), account: account.clone() };
        (!of.policy.spend.is_empty()).then(|| (lane, of.policy.spend.clone()))
    };
    settings.accounts.iter().filter_map(capped).collect()
}

fn chain_posts(
    settings: &Settings,
    chains: &BTreeMap<String, Arc<dyn Chain>>,
) -> BTreeMap<String, ChainPost> {
    let post = |(name, chain): (&String, &Arc<dyn Chain>)| {
        let of = settings.chains.get(name)?;
        let max_pending = usize::try_from(of.max_pending).unwrap_or(usize::MAX);
        let bumps = BumpPolicy { after: of.bump_after, most: of.max_bumps };
        Some((name.clone(), ChainPost { chain: chain.clone(), poll: of.poll, max_pending, bumps }))
    };
    chains.iter().filter_map(post).collect()
}

fn venue_posts(plugins: &Plugins, venues: &Venues) -> BTreeMap<String, VenuePost> {
    let post = |(name, (chain, venue)): (&String, &(String, _))| {
        let health = venues.health(name);
        (name.clone(), VenuePost { venue: Arc::clone(venue), chain: chain.clone(), health })
    };
    plugins.venues.iter().map(post).collect()
}
