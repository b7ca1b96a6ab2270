//! Everything around the engine, and what is known about it: the chain, the disk, the clients, the witness.

use crate::{
    chain::{Truth, address_of},
    chance::Chance,
    client::Client,
    disk::Disk,
    faults::{Fault, Weather},
    laws::{Broken, Law},
    operator::Pauses,
    plan::Plan,
    time::Time,
    trace::{Trace, Wanted},
    witness::Witness,
};
use orderd::order::OrderId;
use orderd_sdk::plugin::{Numbering, SendRequest};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// The world of one simulation. It outlives every life of the engine.
pub(crate) struct World {
    pub(crate) time: Arc<Time>,
    state: Mutex<State>,
    /// Told when the present life is over, or a law is broken.
    pub(crate) over: Notify,
    /// Errors that the engine logged and nobody has looked at yet.
    heard: Mutex<Vec<String>>,
}

pub(crate) struct State {
    pub(crate) plan: Plan,
    /// Milliseconds since the simulation began.
    pub(crate) now: u64,
    pub(crate) weather: Weather,
    pub(crate) chain: Truth,
    pub(crate) disk: Disk,
    pub(crate) witness: Witness,
    pub(crate) clients: Vec<Client>,
    pub(crate) pauses: Pauses,
    pub(crate) trace: Trace,
    /// The first law that was broken, and how.
    pub(crate) broken: Option<Broken>,
    /// The life that is going on; 0 between two.
    pub(crate) life: u64,
    /// So many calls until it ends.
    pub(crate) calls_left: Option<u64>,
    /// Signed orders, with their accounts, that this life has not looked up yet.
    unsettled: BTreeSet<(String, OrderId)>,
}

impl World {
    pub(crate) fn new(plan: Plan, wanted: Wanted) -> Self {
        let mut chance = Chance::of(plan.seed, 2);
        let mut allowances = BTreeMap::new();
        for account in plan.account_names() {
            // Whoever signs orders has allowed their settlement once and for all.
            let some = match plan.chain.numbering {
                Numbering::Chain => [0, 0, 1_000_000],
                Numbering::Lane => [1_000_000; 3],
            };
            let of_account = plan.venue_names().map(|venue| (venue, chance.pick(&some)));
            allowances.insert(address_of(&account), of_account.collect());
        }
        let state = State {
            now: 0,
            chain: Truth::new(plan.chain, allowances),
            disk: Disk::new(),
            witness: Witness::new(plan.engine.max_pending),
            clients: Client::all_of(&plan, &mut chance),
            pauses: Pauses::default(),
            weather: Weather::new(chance, plan.faults.clone()),
            trace: Trace::new(wanted),
            broken: None,
            life: 0,
            calls_left: None,
            unsettled: BTreeSet::new(),
            plan,
        };
        Self { time: Arc::default(), state: Mutex::new(state), over: Notify::new(), heard: Mutex::default() }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world as of now.
    pub(crate) fn now(&self) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        let heard = std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner));
        // What tasks of a life that is over have to say is not heard in a process that is gone.
        if state.life != 0 {
            heard.iter().for_each(|error| state.logged_an_error(error));
        }
        state.advance(self.time.now());
        state
    }

    /// The engine logged an error. It may be in the middle of something: that is looked at later.
    pub(crate) fn hear(&self, error: String) {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(error);
    }
}

impl State {
    /// Lets happen what happens without the engine until now.
    fn advance(&mut self, now: u64) {
        self.now = now;
        self.trace.at(now);
        self.chain.advance(now, &mut self.weather, &mut self.trace);
        self.weather.advance(now, self.plan.calm_at);
    }

    /// Begins the story.
    pub(crate) fn describe(&mut self) {
        self.trace.note(|| format!("{:#?}\n{:#?}", self.plan, self.clients));
    }

    pub(crate) fn hold(&mut self, held: Result<(), Broken>) {
        if let Err(broken) = held {
            self.trace.note(|| format!("BROKEN: {broken}"));
            self.broken.get_or_insert(broken);
        }
    }

    /// A life begins: what is signed has to be looked up before its lane signs anything.
    pub(crate) fn begin_life(&mut self, number: u64) {
        self.life = number;
        let signed = self.witness.orders().filter(|order| order.open_slot().is_some());
        self.unsettled = signed.map(|order| (order.intent.account.clone(), order.id)).collect();
    }

    /// The present life is over: what happens in its tasks from now on happens no more.
    pub(crate) fn end_life(&mut self) {
        self.life = 0;
        self.trace.note(|| "the life ends".to_owned());
        let survivors = self.disk.crash(&mut self.weather);
        self.became_durable(survivors);
    }

    /// These transactions have been looked up.
    pub(crate) fn looked_up(&mut self, hashes: &[&str]) {
        for hash in hashes {
            if let Some(signed) = self.witness.signed(hash) {
                self.unsettled.remove(&(signed.lane.account.clone(), signed.order));
            }
        }
    }

    /// A lane is about to sign.
    pub(crate) fn check_recovery(&mut self, account: &str) {
        let unsettled = self.unsettled.iter().find(|(of, _)| of == account);
        let held = match unsettled {
            None => Ok(()),
            Some((_, order)) => Err(Law::RecoveryFirst.broken(format!(
                "account {account} signs, and what {order} signed before the start was not looked up"
            ))),
        };
        self.hold(held);
    }

    /// Bytes are about to leave.
    pub(crate) fn check_write_ahead(&mut self, request: &SendRequest) {
        let held = self.witness.check_send(request);
        self.hold(held);
    }

    /// How long a call takes, before and after it is answered in truth.
    pub(crate) fn delays(&mut self) -> (u64, u64) {
        let longest = if self.weather.strikes(Fault::Slow) { 600 } else { 12 };
        let chance = &mut self.weather.chance;
        (chance.below(longest), chance.below(longest))
    }
}
