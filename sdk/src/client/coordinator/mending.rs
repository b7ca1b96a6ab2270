//! What becomes of the orders in the cache after a gap: none is shown as if it were known when it is not. Where the
//! daemon still knows what has changed since, it is asked for that; otherwise every order that can have changed, and that
//! the snapshot did not hold, is looked up by itself.

use super::{
    jobs::{self, Done, may_pass},
    ledger::Trust,
    line::Line,
    position::Position,
    task::Task,
};
use crate::{
    client::ClientError,
    wire::{OrderChanges, OrderDto},
};
use std::{
    collections::{HashSet, VecDeque},
    mem,
    sync::Arc,
};
use tokio::time::Instant;

/// How often an order is looked up that the daemon cannot show. Then it is forgotten, rather than shown as it was.
const LOOKUP_TRIES: u32 = 3;

/// Whether what the cache holds is known to be so.
#[derive(Debug)]
pub(super) enum Mending {
    /// It is.
    Whole,
    /// This is in doubt; what is about to come may clear most of it.
    Waiting(Doubt),
    /// What has changed after this event is being asked for.
    Paging(Doubt),
    /// Orders are being looked up.
    LookingUp,
}

/// What is in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// What has changed after this event.
    Since { epoch: Arc<str>, cursor: u64 },
    /// Every order that can change.
    Everything,
}

/// Orders to be looked up by themselves.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    queue: VecDeque<Lookup>,
    /// Those in the queue and those under way.
    known: HashSet<Arc<str>>,
    under_way: usize,
    /// Whether what has changed is being asked for.
    paging: usize,
    /// The daemon is out of reach: goes on then.
    pub(super) paused_until: Option<Instant>,
}

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Lookup {
    id: Arc<str>,
    tries: u32,
    /// The round of the ledger in which the daemon was asked.
    round: u32,
}

impl Mending {
    pub(super) fn is_whole(&self) -> bool {
        matches!(self, Self::Whole)
    }
}

impl Doubt {
    /// What has changed since the cache was right.
    pub(super) fn since(position: &Position) -> Self {
        match (&position.epoch, position.cursor) {
            (Some(epoch), Some(cursor)) => Self::Since { epoch: epoch.clone(), cursor },
            _ => Self::Everything,
        }
    }
}

impl Lookups {
    pub(super) fn add(&mut self, id: Arc<str>) {
        if self.known.insert(id.clone()) {
            self.queue.push_back(Lookup { id, tries: 0, round: 0 });
        }
    }

    fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.under_way == 0
    }
}

impl Task {
    /// Something was missed. An earlier doubt that is not cleared yet reaches further back, and stays.
    pub(super) fn doubt(&mut self, trust: Trust, doubt: Doubt) {
        self.ledger.open_round(trust);
        let doubt = match (mem::replace(&mut self.mending, Mending::Whole), doubt) {
            (Mending::LookingUp, _) | (_, Doubt::Everything) => Doubt::Everything,
            (Mending::Waiting(earlier) | Mending::Paging(earlier), Doubt::Since { .. }) => earlier,
            (Mending::Whole, doubt) => doubt,
        };
        self.mending = Mending::Waiting(doubt);
    }

    /// The daemon has another store, or an older one: cursors and `seq` count other events there.
    pub(super) fn lose_trust(&mut self) {
        self.position.lose();
        self.followers.reset();
        self.doubt(Trust::Lost, Doubt::Everything);
    }

    /// What was to come first has come: now clears what is still in doubt.
    pub(super) fn begin_mending(&mut self) {
        match mem::replace(&mut self.mending, Mending::Whole) {
            Mending::Waiting(Doubt::Everything) => self.look_up_doubtful(),
            Mending::Waiting(doubt @ Doubt::Since { .. }) => {
                self.mending = Mending::Paging(doubt);
                self.ask_for_changes();
            }
            other @ (Mending::Whole | Mending::Paging(_) | Mending::LookingUp) => self.mending = other,
        }
    }

    fn ask_for_changes(&mut self) {
        let Mending::Paging(Doubt::Since { epoch, cursor }) = &self.mending else { return };
        if self.lookups.paging == 0 {
            self.lookups.paging += 1;
            let changes = jobs::changes(self.client.clone(), epoch.clone(), *cursor);
            self.jobs.spawn(async move { Done::Mended(changes.await) });
        }
    }

    /// Takes a page of what has changed since the gap.
    pub(super) fn mended(&mut self, outcome: Result<OrderChanges, ClientError>) {
        self.lookups.paging -= 1;
        let Mending::Paging(Doubt::Since { epoch, cursor }) = &self.mending else { return };
        match outcome {
            Ok(page) if *page.epoch == **epoch => {
                let doubt = Doubt::Since { epoch: epoch.clone(), cursor: page.cursor };
                let goes_on = page.more && page.cursor > *cursor;
                for order in page.orders {
                    self.absorb(order, page.cursor);
                }
                match goes_on {
                    true => {
                        self.mending = Mending::Paging(doubt);
                        self.ask_for_changes();
                    }
                    false => self.healed(),
                }
            }
            Err(error) if may_pass(&error) => self.pause(),
            Ok(_) | Err(_) => self.look_up_doubtful(),
        }
    }

    fn look_up_doubtful(&mut self) {
        self.mending = Mending::LookingUp;
        let unseen = |id: &&Arc<str>| !self.ledger.holds(id);
        let followed: Vec<_> = self.followers.ids().filter(unseen).cloned().collect();
        for id in self.ledger.unconfirmed().into_iter().chain(followed) {
            self.lookups.add(id);
        }
        self.check_healed();
    }

    /// Keeps as many lookups under way as there may be.
    pub(super) fn start_lookups(&mut self) {
        if matches!(self.line, Line::Parked) || self.lookups.paused_until.is_some() {
            return;
        }
        while self.lookups.under_way < self.options.max_fetches.max(1)
            && let Some(mut lookup) = self.lookups.queue.pop_front()
        {
            self.counters.lookups.one_more();
            self.lookups.under_way += 1;
            lookup.round = self.ledger.round();
            let client = self.client.clone();
            self.jobs.spawn(async move {
                let order = client.order(&lookup.id).await.map(Box::new);
                Done::LookedUp(lookup, order)
            });
        }
    }

    pub(super) fn looked_up(&mut self, mut lookup: Lookup, outcome: Result<Box<OrderDto>, ClientError>) {
        self.lookups.under_way -= 1;
        match outcome {
            // The answer may be of the store that was before.
            Ok(_) if lookup.round != self.ledger.round() => self.lookups.queue.push_back(lookup),
            Ok(order) => {
                self.lookups.known.remove(&lookup.id);
                self.absorb(*order, self.position.cursor.unwrap_or(0));
                if !self.ledger.holds(&lookup.id) {
                    // None of those to keep. Who waits to see it need not wait any longer.
                    self.ledger.forget(&lookup.id);
                }
            }
            Err(error) if may_pass(&error) => {
                self.lookups.queue.push_front(lookup);
                self.pause();
            }
            Err(error) => {
                lookup.tries += 1;
                if is_unknown(&error) || lookup.tries >= LOOKUP_TRIES {
                    self.lookups.known.remove(&lookup.id);
                    self.ledger.forget(&lookup.id);
                } else {
                    self.lookups.queue.push_back(lookup);
                }
            }
        }
        self.check_healed();
    }

    fn pause(&mut self) {
        self.lookups.paused_until = Some(Instant::now() + self.options.poll);
    }

    /// Tries again what the daemon could not be asked for.
    pub(super) fn resume_mending(&mut self) {
        self.lookups.paused_until = None;
        self.ask_for_changes();
    }

    fn check_healed(&mut self) {
        if matches!(self.mending, Mending::LookingUp) && self.lookups.is_idle() {
            self.healed();
        }
    }

    fn healed(&mut self) {
        self.ledger.confirm_all();
        self.mending = Mending::Whole;
        self.gap = None;
    }
}

/// Whether the daemon has no such order.
fn is_unknown(error: &ClientError) -> bool {
    matches!(error, ClientError::Problem(problem) if matches!(problem.status, 400 | 404))
}
