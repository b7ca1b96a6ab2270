//! How the engine is set up in a life: with everything of the simulated world.

use crate::{
    chain::{SimChain, SimVenue, address_of},
    chance::SeededEntropy,
    faults::Fault,
    life::Life,
    plan::Plan,
    store::SimStore,
    time::SkewedClock,
    world::State,
};
use orderd::{
    config::EngineSettings,
    engine::{BumpPolicy, ChainPost, EngineSetup, Unwatched, VenuePost},
    order::{Catalog, ChainEntry, Lane, Ppm},
    telemetry::{Clock as _, Shutdown},
};
use orderd_sdk::plugin::{Signer, Token};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// The chain of every simulation.
const CHAIN: &str = "main";
/// How often a transaction is bumped at the most: a tenth more each time has to pass every fee.
const MOST_BUMPS: u32 = 30;

impl Life {
    /// The clock of this life.
    pub(crate) async fn clock(&self) -> SkewedClock {
        let late = self.with(State::clock_is_late).await;
        SkewedClock { time: self.world.time.clone(), late }
    }

    pub(crate) async fn setup(&self, shutdown: Shutdown, clock: &SkewedClock) -> EngineSetup {
        let plan = self.with(|state| state.plan.clone()).await;
        let durable = self.with(|state| state.disk.durable.clone()).await;
        let venue = |name: String| {
            let venue = Arc::new(SimVenue { name: name.clone(), life: self.clone() });
            (name, VenuePost { venue, chain: CHAIN.to_owned(), health: Arc::new(Unwatched) })
        };
        let signer = |account: String| {
            let lane = Lane { chain: CHAIN.to_owned(), account: account.clone() };
            (lane, Signer { address: address_of(&account), account })
        };
        let post = self.post(&plan);
        EngineSetup {
            settings: settings(&plan),
            catalog: catalog(&plan),
            store: Arc::new(SimStore { life: self.clone(), durable }),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SeededEntropy::of(plan.seed, 1_000 + self.number)),
            chains: BTreeMap::from([(CHAIN.to_owned(), post)]),
            venues: plan.venue_names().map(venue).collect(),
            signers: plan.account_names().map(signer).collect(),
            caps: BTreeMap::new(),
            gate: self.with(|state| state.gate_at_start(clock.now())).await,
            shutdown,
        }
    }

    fn post(&self, plan: &Plan) -> ChainPost {
        // Where fees stay high, nothing else helps.
        let bumps = plan.faults.rate(Fault::Bumps) + plan.faults.rate(Fault::FeesStay) > 0;
        let after = bumps.then(|| Duration::from_millis(plan.engine.bump_after));
        ChainPost {
            chain: Arc::new(SimChain(self.clone())),
            poll: Duration::from_millis(plan.engine.poll),
            max_pending: small(plan.engine.max_pending),
            bumps: BumpPolicy { after, most: MOST_BUMPS },
        }
    }
}

fn settings(plan: &Plan) -> EngineSettings {
    let timeout = Duration::from_millis(plan.engine.timeout);
    EngineSettings {
        workers: small(plan.engine.workers),
        max_open_orders: small(plan.engine.max_open_orders),
        quote_timeout: timeout,
        build_timeout: timeout,
        send_timeout: timeout,
        transaction_ttl: Duration::from_millis(plan.engine.transaction_ttl),
        retry_initial: Duration::from_millis(50),
        retry_max: Duration::from_millis(1_000),
        resend: Duration::from_millis(plan.engine.resend),
        health_penalty_bps: 50,
    }
}

fn catalog(plan: &Plan) -> Catalog {
    let token = |symbol: &str| {
        let token = Token { symbol: symbol.to_owned(), address: symbol.to_lowercase(), decimals: 0 };
        (symbol.to_owned(), token)
    };
    let entry = ChainEntry {
        tokens: ["SOL", "USDC"].into_iter().map(token).collect(),
        accounts: plan.account_names().collect(),
        venues: plan.venue_names().collect(),
    };
    Catalog {
        chains: BTreeMap::from([(CHAIN.to_owned(), entry)]),
        default_slippage: Ppm(5_000),
        max_attempts: u32::try_from(plan.engine.max_attempts).expect("a few attempts"),
    }
}

fn small(number: u64) -> usize {
    usize::try_from(number).expect("simulations are small")
}
