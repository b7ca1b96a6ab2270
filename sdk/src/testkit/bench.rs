//! Where a library is tried: it makes instances, each with a data folder of its own, and what they need around them.

use super::{
    key::{Key, KeyOne},
    plan::{Market, Plan, ServedBy},
    record::Records,
    report::{Checked, Stop},
    services::Services,
    subject::{Age, Subject},
};
use crate::{
    abi::{Method, host::Library},
    amount::Amount,
    plugin::{AddressRequest, BuildRequest, Payload, PluginConfig, QuoteRequest},
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// A deadline of builds that no clock will reach: the first second of the year 2100.
pub(super) const FAR_AWAY: u64 = 4_102_444_800;

/// A library on trial.
pub struct Bench {
    file: PathBuf,
    scratch: PathBuf,
    pub(super) plan: Arc<Plan>,
    pub(super) key: Arc<dyn Key>,
    pub(super) records: Arc<Records>,
    library: OnceLock<Result<Library, String>>,
    companions: OnceLock<Result<Arc<BTreeMap<PathBuf, Subject>>, String>>,
    folders: AtomicU32,
}

/// A call that a well-made plugin answers.
pub(super) struct Probe {
    pub(super) method: Method,
    pub(super) target: String,
    pub(super) request: Vec<u8>,
}

impl Bench {
    /// For this library. `scratch` is an empty folder for the data of its instances; whoever made it removes it.
    #[must_use]
    pub fn new(library: &Path, plan: Plan, scratch: &Path) -> Self {
        Self {
            file: library.to_owned(),
            scratch: scratch.to_owned(),
            plan: Arc::new(plan),
            key: Arc::new(KeyOne),
            records: Arc::default(),
            library: OnceLock::new(),
            companions: OnceLock::new(),
            folders: AtomicU32::new(0),
        }
    }

    /// With another key for the account.
    #[must_use]
    pub fn with_key(self, key: Arc<dyn Key>) -> Self {
        Self { key, ..self }
    }

    pub(super) fn library(&self) -> Checked<&Library> {
        let opened =
            self.library.get_or_init(|| Library::open(&self.file).map_err(|error| error.to_string()));
        opened.as_ref().map_err(|error| {
            Stop::failed(
                error,
                "a library that exports orderd_plugin_entry_v1 with a full table",
                "crate-type = [\"cdylib\"] and export_plugin! in Rust; in C the exported symbol and every field",
            )
        })
    }

    /// An instance of what the plan asks for.
    pub(super) fn subject(&self) -> Checked<Subject> {
        let config = self.plan.config(self.folder()?);
        self.create(&config, Age::Present)?.map_err(|message| {
            Stop::failed(
                format!("create refused the plan's configuration: {message}"),
                "an instance",
                "the [chains] and [venues] of the plan, then create",
            )
        })
    }

    /// An instance of this configuration, by a host of this age; the inner error is the plugin's message.
    pub(super) fn create(&self, config: &PluginConfig, age: Age) -> Checked<Result<Subject, String>> {
        let config = serde_json::to_vec(config).expect("a configuration is always JSON");
        self.create_from(&config, age)
    }

    /// As [`Bench::create`], from bytes.
    pub(super) fn create_from(&self, config: &[u8], age: Age) -> Checked<Result<Subject, String>> {
        let (library, services) = (self.library()?, self.services()?);
        Ok(Subject::create(library, config, age, services, self.records.clone()))
    }

    /// A new folder for the data of one instance.
    pub(super) fn folder(&self) -> Checked<PathBuf> {
        let number = self.folders.fetch_add(1, Ordering::Relaxed);
        let folder = self.scratch.join(format!("data-{number}"));
        match fs::create_dir_all(&folder) {
            Ok(()) => Ok(folder),
            Err(error) => Err(Stop::skipped(format!("no folder for the plugin's data: {error}"))),
        }
    }

    fn services(&self) -> Checked<Services> {
        Ok(self.serve(self.companions()?.clone()))
    }

    /// Services for one instance.
    fn serve(&self, companions: Arc<BTreeMap<PathBuf, Subject>>) -> Services {
        let (plan, key) = (self.plan.clone(), self.key.clone());
        Services { plan, key, companions, memory: Mutex::default() }
    }

    fn companions(&self) -> Checked<&Arc<BTreeMap<PathBuf, Subject>>> {
        let companions = self.companions.get_or_init(|| self.open_companions());
        companions.as_ref().map_err(|error| {
            Stop::failed(
                error,
                "the chains that the plan takes from other libraries",
                "`plugin` of the plan's [chains]",
            )
        })
    }

    fn open_companions(&self) -> Result<Arc<BTreeMap<PathBuf, Subject>>, String> {
        let mut companions = BTreeMap::new();
        for file in self.plan.companions() {
            let told = |error: String| format!("{}: {error}", file.display());
            let library = Library::open(&file).map_err(|error| told(error.to_string()))?;
            let data_dir = self.scratch.join(format!("companion-{}", companions.len()));
            fs::create_dir_all(&data_dir).map_err(|error| told(error.to_string()))?;
            let config = PluginConfig {
                chains: self.plan.chains_of(&ServedBy::Companion(file.clone())),
                venues: BTreeMap::new(),
                data_dir,
            };
            let config = serde_json::to_vec(&config).expect("a configuration is always JSON");
            let services = self.serve(Arc::default());
            let subject = Subject::create(&library, &config, Age::Present, services, self.records.clone());
            companions.insert(file.clone(), subject.map_err(told)?);
        }
        Ok(Arc::new(companions))
    }

    /// The instance that serves a chain: `own`, or another library's.
    pub(super) fn server<'a>(&'a self, own: &'a Subject, chain: &str) -> Checked<&'a Subject> {
        match self.plan.chains.get(chain).map(|chain| &chain.served_by) {
            Some(ServedBy::Subject) => Ok(own),
            Some(ServedBy::Companion(library)) => {
                let companion = self.companions()?.get(library);
                companion.ok_or_else(|| Stop::skipped("the chain's plugin is not there"))
            }
            Some(ServedBy::Nobody) | None => Err(Stop::skipped(format!("nobody serves the chain {chain:?}"))),
        }
    }

    /// The account's address on a chain: its own word, else the plan's.
    pub(super) fn address(&self, own: &Subject, chain: &str) -> Checked<String> {
        let account = &self.plan.account;
        if let Some(address) = &account.address {
            return Ok(address.clone());
        }
        let request = AddressRequest { account: account.name.clone(), public_key: self.key.public_key() };
        self.server(own, chain)?.core().must(Method::ChainAddress, chain, &request)
    }

    /// The first market, or why there is nothing to ask.
    pub(super) fn markets(&self) -> Checked<&[Market]> {
        match self.plan.markets.is_empty() {
            true => Err(Stop::skipped("the plan names no [[markets]]")),
            false => Ok(&self.plan.markets),
        }
    }

    /// The question for a market's price.
    pub(super) fn quote(&self, own: &Subject, market: &Market, amount_in: Amount) -> Checked<QuoteRequest> {
        let trader = self.trader(own, market)?;
        let (token_in, token_out) = (market.sell.clone(), market.buy.clone());
        Ok(QuoteRequest { trader, token_in, token_out, amount_in })
    }

    /// The question for a market's transaction.
    pub(super) fn build(
        &self,
        own: &Subject,
        market: &Market,
        min_out: Amount,
        route: Payload,
    ) -> Checked<BuildRequest> {
        let QuoteRequest { trader, token_in, token_out, amount_in } =
            self.quote(own, market, market.amount)?;
        let deadline = FAR_AWAY;
        Ok(BuildRequest { trader, token_in, token_out, amount_in, min_out, deadline, route })
    }

    fn trader(&self, own: &Subject, market: &Market) -> Checked<String> {
        let chain = &self.plan.venues[&market.venue].chain;
        match self.address(own, chain) {
            Err(Stop::Skipped(_)) => Err(Stop::skipped(
                "no chain tells the account's address, and neither does [account] of the plan",
            )),
            told => told,
        }
    }

    /// What the plugin is asked where it does not matter what.
    pub(super) fn probe(&self, own: &Subject) -> Checked<Probe> {
        if let Some(market) = self.plan.markets.first() {
            let request = json!(self.quote(own, market, market.amount)?).to_string().into_bytes();
            return Ok(Probe { method: Method::VenueQuote, target: market.venue.clone(), request });
        }
        Ok(Probe { method: Method::Describe, target: String::new(), request: b"{}".to_vec() })
    }
}
