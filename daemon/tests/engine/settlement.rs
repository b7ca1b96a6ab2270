//! A settlement service without sequences: it takes signed orders one by one, and settles, forgets, or refuses each for
//! good as a test tells it. It enforces what it says: what is dead or revoked settles no more.

use crate::{
    script::{Answer, Script},
    world::{Life, World, sell, submit},
};
use orderd::app::Daemon;
use orderd_sdk::{
    amount::Amount,
    plugin::{BlockRef, LaneStatus, SendOutcome, SendRequest, TxStatus},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

/// A place in a lane, which the names of its transactions begin with.
type Place = String;

#[derive(Default)]
pub(crate) struct Settlement(Mutex<Books>);

#[derive(Default)]
pub(crate) struct Books {
    /// Every swap that ever came in, and so could be settled by somebody.
    orders: BTreeMap<Place, u64>,
    /// Those that the service does not remember.
    forgotten: BTreeSet<Place>,
    settled: BTreeSet<Place>,
    revoked: BTreeSet<Place>,
    dead: BTreeSet<Place>,
    /// Cancellations that came in.
    asked: BTreeSet<Place>,
}

impl Settlement {
    /// Has a script's chain do as this service does.
    pub(crate) fn serve(script: &Arc<Script>) -> Arc<Self> {
        let settlement = Arc::new(Self::default());
        script.lane.answers(|_, _| Answer::Now(Ok(LaneStatus::unnumbered())));
        let books = settlement.clone();
        script.send.answers(move |_, request| Answer::Now(books.books().take(request)));
        settlement.answers(script);
        settlement
    }

    /// Has the chain tell what is in the books.
    pub(crate) fn answers(self: &Arc<Self>, script: &Arc<Script>) {
        let books = self.clone();
        script.status.answers(move |_, request| {
            let books = books.books();
            Answer::Now(Ok(request.queries.iter().map(|query| books.look(&query.hash)).collect()))
        });
    }

    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap()
    }
}

impl Books {
    pub(crate) fn take(&mut self, request: &SendRequest) -> SendOutcome {
        let place = place(&request.hash);
        let signed: Value = serde_json::from_slice(&request.raw.0).unwrap();
        if self.dead.contains(&place) {
            return SendOutcome::NotSent { reason: "expired".to_owned() };
        }
        match signed["payload"]["swap"].as_str() {
            Some(amount) => {
                self.forgotten.remove(&place);
                self.orders.insert(place, amount.parse().unwrap());
            }
            None => drop(self.asked.insert(place)),
        }
        SendOutcome::Accepted
    }

    /// Settles everything that came in and still can be.
    pub(crate) fn settle_all(&mut self) {
        let places: Vec<_> = self.orders.keys().cloned().collect();
        places.iter().for_each(|place| self.settle(place));
    }

    /// Settles what came in under this name, if it still can be.
    pub(crate) fn settle(&mut self, hash: &str) {
        let place = place(hash);
        if !self.dead.contains(&place) && !self.revoked.contains(&place) {
            self.settled.insert(place);
        }
    }

    /// The service does not know any order any more; whoever had seen one may still settle it.
    pub(crate) fn forget_all(&mut self) {
        self.forgotten.extend(self.orders.keys().cloned());
    }

    /// The time of everything that came in is over.
    pub(crate) fn expire_all(&mut self) {
        let places: Vec<_> = self.orders.keys().cloned().collect();
        places.iter().for_each(|place| self.expire(place));
    }

    /// The time of what has this name is over.
    pub(crate) fn expire(&mut self, hash: &str) {
        let place = place(hash);
        if !self.settled.contains(&place) {
            self.dead.insert(place);
        }
    }

    /// Heeds every cancellation that came in for what is not settled.
    pub(crate) fn revoke_all(&mut self) {
        self.revoked.extend(self.asked.difference(&self.settled).cloned());
    }

    /// What was swapped with effect, smallest amount first.
    pub(crate) fn swaps(&self) -> Vec<u64> {
        let mut swaps: Vec<_> = self.settled.iter().map(|place| self.orders[place]).collect();
        swaps.sort_unstable();
        swaps
    }

    fn look(&self, hash: &str) -> TxStatus {
        let (place, voids) = (place(hash), hash.ends_with(":void"));
        let block = BlockRef { number: 1, hash: "batch-1".to_owned() };
        let succeeded = |received| TxStatus::Succeeded { block, received, finalized: true };
        let dead = || TxStatus::Dead { reason: "it expired".to_owned() };
        if self.settled.contains(&place) {
            let received = Amount::from(self.orders[&place] * 1_000);
            return if voids { TxStatus::NotFound } else { succeeded(Some(received)) };
        }
        if self.revoked.contains(&place) {
            return if voids { succeeded(None) } else { dead() };
        }
        let known = match voids {
            true => self.asked.contains(&place),
            false => self.orders.contains_key(&place) && !self.forgotten.contains(&place),
        };
        match (self.dead.contains(&place), known) {
            (true, _) => dead(),
            (false, true) => TxStatus::Pending,
            (false, false) => TxStatus::NotFound,
        }
    }
}

pub(crate) struct Scene {
    pub(crate) daemon: Daemon,
    pub(crate) script: Arc<Script>,
    pub(crate) settlement: Arc<Settlement>,
    pub(crate) life: Life,
}

/// An order that the service has.
pub(crate) async fn submitted(world: &World) -> Scene {
    let (script, settlement) = (world.script(), Settlement::serve(&world.script()));
    let daemon = world.start().await;
    let mut life = submit(&daemon, sell(7)).await;
    life.until("submitted").await;
    Scene { daemon, script, settlement, life }
}

/// An order of which nobody can say whether the service has it.
pub(crate) async fn doubted(world: &World, taken: bool) -> Scene {
    let (script, settlement) = (world.script(), Settlement::serve(&world.script()));
    let books = settlement.clone();
    script.send.answers(move |_, request| {
        if taken {
            books.books().take(request);
            books.books().forget_all();
        }
        Answer::Now(SendOutcome::Unknown { reason: "no reply".to_owned() })
    });
    let daemon = world.start().await;
    let mut life = submit(&daemon, sell(7)).await;
    life.until("unknown").await;
    Scene { daemon, script, settlement, life }
}

/// From now on the service takes what it is sent and settles it at once.
pub(crate) fn settles(Scene { script, settlement, .. }: &Scene) {
    let books = settlement.clone();
    script.send.answers(move |_, request| {
        let outcome = books.books().take(request);
        books.books().settle_all();
        Answer::Now(outcome)
    });
}

/// `at-main:3:7:act` is of the place `at-main:3`.
fn place(hash: &str) -> Place {
    hash.splitn(3, ':').take(2).collect::<Vec<_>>().join(":")
}
