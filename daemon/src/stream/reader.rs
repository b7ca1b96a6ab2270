//! One subscription's way through the events of its filter.

use super::{Filter, Hub, Published, Seat, feed::Reading};
use orderd_sdk::wire::Delivery;
use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

/// Events that are taken from the feed at once.
const BATCH: usize = 64;

/// Reads the events of a filter, each once, in the order of their cursors. Dropping it ends the subscription.
#[derive(Debug)]
pub struct Reader {
    hub: Arc<Hub>,
    seat: Arc<Seat>,
    delivery: Delivery,
    taken: VecDeque<Arc<Published>>,
}

/// What a reader finds.
#[derive(Clone, Debug)]
pub enum Pulled {
    /// The next event.
    Event(Arc<Published>),
    /// There is none for now.
    Nothing,
    /// The reader is too far behind: events were forgotten that it has not read. It reads nothing before it
    /// [skips](Reader::skip) them.
    Lost,
    /// Events are missing that were published faster than the hub could tell them; the reader is not to blame. It reads
    /// nothing before it skips them.
    Torn,
}

impl Reader {
    pub(super) fn new(hub: Arc<Hub>, seat: Arc<Seat>, delivery: Delivery) -> Self {
        Self { hub, seat, delivery, taken: VecDeque::new() }
    }

    /// The next event. With [`Delivery::Latest`], a reader that is more than half of what is allowed behind is only told
    /// the newest of each order.
    pub fn pull(&mut self) -> Pulled {
        if self.taken.is_empty() {
            let is_late = self.delivery == Delivery::Latest && self.seat.is_half_behind();
            let most = if is_late { usize::MAX } else { BATCH };
            match self.seat.read(most, &mut self.taken) {
                Reading::Kept => {}
                Reading::Lost => return Pulled::Lost,
                Reading::Torn => return Pulled::Torn,
            }
            if is_late {
                self.taken = newest_of_each(std::mem::take(&mut self.taken));
            }
        }
        match self.taken.pop_front() {
            Some(event) => Pulled::Event(event),
            None => {
                // An idle reader holds no memory.
                self.taken = VecDeque::new();
                Pulled::Nothing
            }
        }
    }

    /// Leaves out everything that is not read yet; returns the cursor after which the reader goes on.
    pub fn skip(&mut self) -> u64 {
        self.taken = VecDeque::new();
        self.hub.skip(&self.seat)
    }

    /// What it reads.
    #[must_use]
    pub fn filter(&self) -> &Arc<Filter> {
        &self.seat.feed().filter
    }

    /// Its place, for whoever wants to know how far behind it is.
    #[must_use]
    pub fn seat(&self) -> &Arc<Seat> {
        &self.seat
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.hub.quit(&self.seat);
    }
}

fn newest_of_each(events: VecDeque<Arc<Published>>) -> VecDeque<Arc<Published>> {
    let (mut seen, mut newest) = (HashSet::new(), VecDeque::new());
    for event in events.into_iter().rev() {
        if seen.insert(event.order().id) {
            newest.push_front(event);
        }
    }
    newest
}
