//! Where a client left off, as far as `docs/streaming.md` lets it know.

use crate::checker::Heard;
use orderd_sdk::wire::{OrderFilter, Signal, Since, Subscribe};
use std::collections::BTreeMap;

/// How a subscription is continued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resume {
    /// After a cursor.
    Cursor,
    /// Each order of its filter after its `seq`.
    Seq,
    /// It begins afresh.
    Never,
}

/// One subscription of a client over all its connections.
#[derive(Clone, Debug)]
pub struct Followed {
    wish: Subscribe,
    resume: Resume,
    filter: OrderFilter,
    cursor: Option<u64>,
    seqs: BTreeMap<String, u64>,
    is_subscribed: bool,
}

impl Followed {
    /// A subscription that is first asked for like this.
    #[must_use]
    pub fn new(wish: Subscribe, resume: Resume) -> Self {
        let filter = wish.filter.clone().map(serde_json::from_value).and_then(Result::ok);
        let (filter, seqs) = (filter.unwrap_or_default(), BTreeMap::new());
        Self { wish, resume, filter, cursor: None, seqs, is_subscribed: false }
    }

    /// What to say on a new connection.
    pub(super) fn ask(&mut self, epoch: &str) -> Subscribe {
        self.is_subscribed = false;
        let since = match self.resume {
            Resume::Cursor => self.cursor.map(|cursor| Since::Cursor { epoch: epoch.to_owned(), cursor }),
            Resume::Seq => (!self.seqs.is_empty()).then(|| Since::Seq { seq: self.seqs.clone() }),
            Resume::Never => None,
        };
        Subscribe { since, ..self.wish.clone() }
    }

    pub(super) fn cursor(&self) -> Option<u64> {
        self.cursor
    }

    /// Everything up to there was had in another way.
    pub(super) fn go_on_after(&mut self, cursor: u64) {
        self.cursor = Some(cursor);
    }

    /// Whether the daemon has begun to serve it on this connection.
    pub(super) fn is_subscribed(&self) -> bool {
        self.is_subscribed
    }

    /// Takes note of what this says about how far it has come.
    pub(super) fn has_heard(&mut self, heard: &Heard, is_alone: bool) {
        match heard {
            Heard::Subscribed(said) if said.id == self.wish.id => self.is_subscribed = true,
            Heard::Snapshot(page) if page.id == self.wish.id => {
                if page.last {
                    self.reach(page.cursor);
                }
                for order in &page.orders {
                    self.seqs.insert(order.id.clone(), order.seq);
                }
            }
            Heard::Event(event) => {
                // Events do not name their subscription, and each subscription is told at its own pace.
                if is_alone && self.resume == Resume::Cursor {
                    self.reach(event.cursor);
                }
                if self.filter.ids.contains(&event.order_id) {
                    let seq = self.seqs.entry(event.order_id.clone()).or_default();
                    *seq = event.seq.max(*seq);
                }
            }
            // What a ping says before `subscribed` is not about this subscription.
            Heard::Signal(Signal::Ping { cursor, .. } | Signal::Pong { cursor, .. })
                if self.is_subscribed =>
            {
                self.reach(*cursor);
            }
            Heard::Connection(_)
            | Heard::Subscribed(_)
            | Heard::Snapshot(_)
            | Heard::Signal(_)
            | Heard::Other(_)
            | Heard::Unreadable(_) => {}
        }
    }

    fn reach(&mut self, cursor: u64) {
        self.cursor = self.cursor.max(Some(cursor));
    }
}
