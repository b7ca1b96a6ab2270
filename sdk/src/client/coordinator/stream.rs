//! What the socket brings: greetings, snapshots, events, gaps.

use super::{
    backoff::{Backoff, chance},
    interest::ORDERS,
    ledger::{News, Trust},
    line::Line,
    link::Why,
    mending::Doubt,
    message::{Event, Message},
    session::{Cursors, Orders, Said},
    socket::Heard,
    task::Task,
};
use crate::wire::{Connection, Delivery, GapReason, Snapshot, SnapshotOf};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// Messages that are read before anything else gets a turn.
const BURST: usize = 256;
/// How often a replay is asked how far it is.
const PROBE: Duration = Duration::from_secs(1);
/// The longest that a restarting daemon is waited for.
const MOST_AFTER: Duration = Duration::from_secs(60);
/// The wait before something is asked for again that the daemon could not give.
const BUSY: Backoff = Backoff { first: Duration::from_secs(2), most: Duration::from_secs(2) };

impl Task {
    /// Takes what has come, and what has come since.
    pub(super) fn hear(&mut self, first: Heard) {
        let mut next = Some(first);
        let mut left = BURST;
        while let Some(heard) = next {
            match heard {
                Heard::Text(text) => self.read(&text),
                Heard::Sign => (),
                Heard::End(why) => return self.ended(why),
            }
            let Line::Up(session) = &mut self.line else { return };
            session.heard();
            left -= 1;
            next = if left > 0 { session.socket.ready() } else { None };
        }
    }

    fn read(&mut self, text: &str) {
        self.counters.messages.one_more();
        self.counters.bytes.add(text.len() as u64);
        match Message::read(text) {
            Ok(message) => self.take(message),
            Err(_) => self.counters.malformed.one_more(),
        }
    }

    fn take(&mut self, message: Message<'_>) {
        match message {
            Message::Event(event) => self.event(&event),
            Message::Connection(connection) => self.greeted(&connection),
            Message::Subscribed { id, recovered, cursor } if id == ORDERS => {
                self.subscribed(recovered, cursor)
            }
            Message::Snapshot(page) => self.page(page),
            Message::Gap { id, reason, cursor, .. } if id == ORDERS => self.gap(reason, cursor),
            Message::Gap { id, reason, missed, .. } => self.other_gap(&id, reason, missed.unwrap_or(1)),
            Message::Topic(topic, object) => {
                if self.topics.tell(topic, object).is_err() {
                    self.counters.malformed.one_more();
                }
            }
            Message::Logs { id, lines } => self.tell_log(&id, lines),
            Message::Sign { cursor, top } => self.sign(cursor, top),
            Message::Error { code, detail, id } => self.refused(&code, &detail, id.as_deref()),
            Message::Reconnect { after_ms } => {
                self.come_back = Some(Duration::from_millis(after_ms).min(MOST_AFTER));
            }
            Message::Subscribed { .. } | Message::Other => (),
        }
    }

    /// The daemon says who it is; now it can be told what to send.
    fn greeted(&mut self, connection: &Connection) {
        let Line::Up(session) = &mut self.line else { return };
        session.greeted(connection);
        let is_other = self.position.epoch.as_deref().is_some_and(|epoch| epoch != connection.epoch);
        if self.position.cursor.is_none() {
            if is_other {
                self.lose_trust();
            }
            self.position.epoch = Some(connection.epoch.as_str().into());
        }
        if !is_other {
            self.position.top = self.position.top.max(connection.cursor);
        }
        self.settle();
    }

    fn subscribed(&mut self, recovered: bool, cursor: u64) {
        if recovered {
            self.set_orders(Orders::Replaying);
            self.probe();
            self.begin_mending();
            self.check_caught_up();
            return;
        }
        if self.position.cursor.is_none() {
            // Nothing is resumed, so no gap is announced; yet whatever is held may be old.
            self.doubt(Trust::Kept, Doubt::Everything);
            self.begin_after_snapshot(cursor);
        }
        // Otherwise a gap follows, and tells how to go on.
    }

    /// Something was missed: a snapshot follows, and what it does not hold is in doubt.
    fn gap(&mut self, reason: GapReason, cursor: u64) {
        self.counters.gap(reason);
        self.gap = Some(reason);
        match reason {
            GapReason::Epoch | GapReason::Ahead => self.lose_trust(),
            GapReason::TooOld => self.doubt(Trust::Kept, Doubt::Everything),
            GapReason::Slow | GapReason::Unreadable => {
                let doubt = Doubt::since(&self.position);
                self.doubt(Trust::Kept, doubt);
            }
        }
        self.begin_after_snapshot(cursor);
    }

    /// What was missed of a topic comes whole again. A reader of the log is told.
    fn other_gap(&mut self, id: &str, reason: GapReason, missed: u64) {
        self.counters.gap(reason);
        if let Some(slot) = self.logs.iter_mut().find(|slot| slot.name == id) {
            slot.miss(missed);
        }
    }

    /// The stream goes on after this cursor, and after a snapshot if there is to be one.
    fn begin_after_snapshot(&mut self, cursor: u64) {
        match self.options.snapshot {
            SnapshotOf::Live => self.set_orders(Orders::Snapshot),
            SnapshotOf::None => self.begin_at(cursor),
        }
    }

    fn begin_at(&mut self, cursor: u64) {
        let Line::Up(session) = &mut self.line else { return };
        let Some(greeting) = &session.greeting else { return };
        self.position.begin(&greeting.epoch, cursor);
        self.set_orders(Orders::Current);
        self.begin_mending();
    }

    fn page(&mut self, page: Snapshot) {
        for order in page.orders {
            self.absorb(order, page.cursor);
        }
        if page.last {
            self.counters.snapshots.one_more();
            if page.id == ORDERS {
                self.begin_at(page.cursor);
            }
        }
    }

    fn event(&mut self, event: &Event<'_>) {
        if self.followers.has(&event.order_id) {
            match event.message() {
                Ok(message) => self.followers.tell(&Arc::new(message)),
                Err(_) => self.counters.malformed.one_more(),
            }
        }
        match self.ledger.judge(&event.order_id, event.seq) {
            News::Old => {
                self.counters.duplicates.one_more();
                self.ledger.confirm(&event.order_id);
            }
            News::Hole if self.tells_every_event() => {
                self.counters.holes.one_more();
                self.take_order(event);
            }
            News::Hole | News::Next => self.take_order(event),
        }
        self.reach(event.cursor);
    }

    fn take_order(&mut self, event: &Event<'_>) {
        match event.order() {
            Ok(order) => self.absorb(order, event.cursor),
            Err(_) => {
                self.counters.malformed.one_more();
                self.lookups.add(event.order_id.as_ref().into());
            }
        }
    }

    /// Whether the daemon has to send each event of every order in the cache, or announce a gap.
    fn tells_every_event(&self) -> bool {
        self.options.delivery == Delivery::All && self.options.filter.is_lasting()
    }

    /// An event has come. Where orders that somebody follows have a subscription of their own, it may be one of those, and
    /// says nothing about the others: then only heartbeats tell how far the stream is.
    fn reach(&mut self, cursor: u64) {
        self.position.top = self.position.top.max(cursor);
        let Line::Up(session) = &self.line else { return };
        if session.cursors == Cursors::OfEvents {
            self.position.reach(cursor);
            self.check_caught_up();
        }
    }

    /// A heartbeat: everything up to `cursor` has been sent.
    fn sign(&mut self, cursor: u64, top: u64) {
        self.position.top = self.position.top.max(top);
        let Line::Up(session) = &self.line else { return };
        if matches!(session.orders, Orders::Replaying | Orders::Current) {
            self.position.reach(cursor);
            self.check_caught_up();
        }
    }

    /// A replay is over when it has come to where the daemon was when it began.
    fn check_caught_up(&mut self) {
        let Line::Up(session) = &mut self.line else { return };
        let target = session.greeting.as_ref().map(|greeting| greeting.cursor);
        if session.orders == Orders::Replaying && self.position.cursor >= target {
            self.set_orders(Orders::Current);
        }
    }

    /// Asks how far a replay is: its last event may be of an order that is none of ours.
    pub(super) fn probe(&mut self) {
        let Line::Up(session) = &mut self.line else { return };
        session.probe_at = match session.orders {
            Orders::Replaying => {
                // Where too much was said already, the next heartbeat tells.
                let _: Said = session.probe();
                Some(Instant::now() + PROBE)
            }
            Orders::Asked | Orders::Snapshot | Orders::Current => None,
        };
    }

    fn set_orders(&mut self, orders: Orders) {
        if let Line::Up(session) = &mut self.line {
            session.orders = orders;
        }
        if orders == Orders::Current {
            self.failures = 0;
            self.why = None;
        }
    }

    fn refused(&mut self, code: &str, detail: &str, id: Option<&str>) {
        let Line::Up(session) = &mut self.line else { return };
        match (code, id) {
            ("busy" | "storage-unavailable", Some(id)) => {
                session.names.remove(id);
                self.settle_at = Some(Instant::now() + BUSY.delay(0, chance()));
            }
            // An order that somebody follows is not there: its reader is told when it asks.
            ("order-not-found", _) => (),
            (_, Some(ORDERS)) => self.park(Why::Refused { code: code.into(), detail: detail.into() }),
            // Another topic: its reader is told nothing on this connection.
            _ => (),
        }
    }
}
