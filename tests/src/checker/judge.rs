//! Holds what one client heard against the history.

use super::{
    log::{Entry, Log, Target},
    message::Heard,
    truth::Truth,
    violation::{Named, Violation, Wrong},
    walk::{Stage, Walk},
    wish::{Lines, Wish},
};
use orderd_sdk::wire::{ClientMessage, GapReason, OrderMessage, Signal, Since, Subscribe, Topic};
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// Violations of one client that are told at the most: after the first, others follow from it.
const MOST: usize = 20;
/// Ways to understand a connection at the most.
const MOST_READINGS: usize = 256;

/// What a client's record has shown.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Promises that were broken.
    pub violations: Vec<Violation>,
    /// Connections that were greeted.
    pub connections: u64,
    /// Events that were heard.
    pub events: u64,
    /// Subscriptions that were continued where the client had left off.
    pub recovered: u64,
    /// Snapshots that were complete.
    pub snapshots: u64,
    /// Gaps, by reason.
    pub gaps: BTreeMap<String, u64>,
    /// Codes of errors.
    pub errors: BTreeMap<String, u64>,
    /// Times that the daemon announced its restart.
    pub reconnects: u64,
    /// Codes with which the daemon closed connections.
    pub closes: BTreeMap<u16, u64>,
    /// Answers of `GET /api/orders?since=`.
    pub polls: u64,
}

/// One way to understand a connection: events do not name the subscription that they are of, so that there can be
/// several where subscriptions overlap.
type Understanding<'t> = Vec<Walk<'t>>;

/// The state of reading one client's record.
pub(super) struct Judge<'t> {
    truth: &'t Truth,
    client: String,
    report: Report,
    lines: Lines<'t>,
    message: usize,
    connection: usize,
    is_greeted: bool,
    /// Subscriptions of this connection that are of no orders.
    others: BTreeSet<String>,
    readings: Vec<Understanding<'t>>,
    /// How each subscription stood at the end of earlier connections.
    lives: BTreeMap<String, Vec<Walk<'t>>>,
}

impl<'t> Judge<'t> {
    /// Reads the whole record. In the end every subscription must have been told that it has everything.
    pub(super) fn judge(log: &Log, truth: &'t Truth) -> Report {
        let mut judge = Self {
            truth,
            client: log.name().to_owned(),
            report: Report::default(),
            lines: Lines::default(),
            message: 0,
            connection: 0,
            is_greeted: false,
            others: BTreeSet::new(),
            readings: vec![Vec::new()],
            lives: BTreeMap::new(),
        };
        for entry in &log.entries {
            let seen = judge.see(entry);
            judge.note(seen);
        }
        judge.finish();
        judge.report
    }

    fn note(&mut self, seen: Result<(), Wrong>) {
        if let Err(wrong) = seen
            && self.report.violations.len() < MOST
        {
            let (client, connection, message) = (self.client.clone(), self.connection, self.message);
            self.report.violations.push(Violation { client, connection, message, wrong });
        }
    }

    fn see(&mut self, entry: &Entry) -> Result<(), Wrong> {
        match entry {
            Entry::Connected(target) => self.connected(target),
            Entry::Said(ClientMessage::Subscribe(subscribe)) => self.asked(subscribe),
            Entry::Said(_) => Ok(()),
            Entry::Closed(code) => {
                *self.report.closes.entry(*code).or_default() += 1;
                Ok(())
            }
            Entry::Heard(heard) => {
                self.message += 1;
                self.heard(heard)
            }
            Entry::Polled { since, page } => {
                self.report.polls += 1;
                self.leave();
                super::changes::check(self.truth, *since, page)?;
                let lost = self.lives.values().find_map(|walks| lost(walks, &at(self.truth, *since)));
                for walks in self.lives.values_mut() {
                    let wish = walks[0].wish.clone();
                    walks.push(Walk::at(wish, page.cursor));
                }
                lost.map_or(Ok(()), Err)
            }
        }
    }

    fn connected(&mut self, target: &Target) -> Result<(), Wrong> {
        self.leave();
        (self.connection, self.message, self.is_greeted) = (self.connection + 1, 0, false);
        match Wish::of_target(self.truth, &mut self.lines, target) {
            Some(wish) => self.begin(wish),
            None => Ok(()),
        }
    }

    /// The connection has ended; its subscriptions are remembered for those that continue them.
    fn leave(&mut self) {
        for walk in std::mem::replace(&mut self.readings, vec![Vec::new()]).into_iter().flatten() {
            self.lives.entry(walk.wish.id.clone()).or_default().push(walk);
        }
        self.others.clear();
    }

    fn asked(&mut self, subscribe: &Subscribe) -> Result<(), Wrong> {
        if subscribe.topic != Topic::Orders {
            self.others.insert(subscribe.id.clone());
            return Ok(());
        }
        let wish = Wish::of(self.truth, &mut self.lines, subscribe.clone())?;
        self.begin(wish)
    }

    fn begin(&mut self, wish: Wish<'t>) -> Result<(), Wrong> {
        let left_off = match (self.lives.get(&wish.id), &wish.since) {
            (Some(walks), Some(since)) => lost(walks, since),
            (None, _) | (_, None) => None,
        };
        let wish = Rc::new(wish);
        self.readings.iter_mut().for_each(|walks| walks.push(Walk::new(wish.clone())));
        left_off.map_or(Ok(()), Err)
    }

    fn heard(&mut self, heard: &Heard) -> Result<(), Wrong> {
        if self.is_greeted == matches!(heard, Heard::Connection(_)) {
            return Err(Wrong::Greeting);
        }
        match heard {
            Heard::Connection(connection) => {
                self.is_greeted = true;
                self.report.connections += 1;
                match connection.epoch == self.truth.epoch {
                    true => Ok(()),
                    false => Err(Wrong::Epoch(connection.epoch.clone())),
                }
            }
            Heard::Subscribed(said) if said.topic != Topic::Orders => Ok(()),
            Heard::Subscribed(said) => {
                self.report.recovered += u64::from(said.recovered);
                self.of(&said.id, "subscribed", |walk| walk.subscribed(said))
            }
            Heard::Snapshot(page) => {
                self.report.snapshots += u64::from(page.last);
                self.of(&page.id, "snapshot", |walk| walk.snapshot(page))
            }
            Heard::Event(event) => {
                self.report.events += 1;
                self.event(event)
            }
            Heard::Signal(signal) => self.signal(signal),
            Heard::Other(_) => Ok(()),
            Heard::Unreadable(text) => Err(Wrong::Unreadable(text.clone())),
        }
    }

    fn signal(&mut self, signal: &Signal) -> Result<(), Wrong> {
        match signal {
            Signal::Ping { cursor, .. } | Signal::Pong { cursor, .. } => {
                self.each(|walks| walks.iter_mut().try_for_each(|walk| walk.claim(*cursor)))
            }
            Signal::Gap { id, reason, cursor, .. } => {
                *self.report.gaps.entry(name(*reason)).or_default() += 1;
                self.of(id, "gap", |walk| walk.gap(*reason, *cursor))
            }
            Signal::Unsubscribed { id } => self.of(id, "unsubscribed", |walk| {
                walk.stage = Stage::Over;
                Ok(())
            }),
            Signal::Error { code, id, .. } => {
                *self.report.errors.entry(code.clone()).or_default() += 1;
                match id {
                    Some(id) if code != "order-not-found" => self.of(id, "error", |walk| {
                        if walk.stage == Stage::Asked {
                            walk.stage = Stage::Over;
                        }
                        Ok(())
                    }),
                    Some(_) | None => Ok(()),
                }
            }
            Signal::Reconnect { .. } => {
                self.report.reconnects += 1;
                Ok(())
            }
            Signal::Authenticated { .. } => Ok(()),
        }
    }

    /// Something happens to the newest subscription of this name.
    fn of(
        &mut self,
        id: &str,
        what: &'static str,
        happen: impl Fn(&mut Walk<'t>) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        if self.others.contains(id) {
            return Ok(());
        }
        self.each(|walks| match walks.iter_mut().rfind(|walk| walk.wish.id == id) {
            Some(walk) => walk.require(walk.stage != Stage::Over, what).and_then(|()| happen(walk)),
            None => Err(Wrong::OutOfTurn { what, id: id.to_owned(), stage: "unknown".to_owned() }),
        })
    }

    /// Something happens, in every way to understand the connection. Those that it contradicts are given up, unless there
    /// is no other.
    fn each(&mut self, happen: impl Fn(&mut Understanding<'t>) -> Result<(), Wrong>) -> Result<(), Wrong> {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for mut walks in std::mem::take(&mut self.readings) {
            match happen(&mut walks) {
                Ok(()) => good.push(walks),
                Err(wrong) => bad.push((walks, wrong)),
            }
        }
        if let (true, Some((walks, wrong))) = (good.is_empty(), bad.into_iter().next()) {
            self.readings = vec![walks];
            return Err(wrong);
        }
        self.readings = good;
        Ok(())
    }

    fn event(&mut self, event: &OrderMessage) -> Result<(), Wrong> {
        match self.truth.event(&event.order_id, event.seq) {
            Some(told) if **told == *event => {}
            Some(_) => return Err(Wrong::Differs(Named::of(event))),
            None => return Err(Wrong::Invented(Named::of(event))),
        }
        // The usual case, without a copy.
        if let [walks] = &mut self.readings[..]
            && let [only] = takers(self.truth, walks, event)[..]
        {
            walks[only].take(event);
            return Ok(());
        }
        let mut next: Vec<Understanding<'t>> = Vec::new();
        for walks in &self.readings {
            for taker in takers(self.truth, walks, event) {
                let mut walks = walks.clone();
                walks[taker].take(event);
                if next.len() < MOST_READINGS && !next.iter().any(|other| are_alike(other, &walks)) {
                    next.push(walks);
                }
            }
        }
        if next.is_empty() {
            return Err(refusal(self.truth, &mut self.readings[0], event));
        }
        self.readings = next;
        Ok(())
    }

    fn finish(&mut self) {
        self.leave();
        let ends = self.lives.values().map(|walks| &walks[walks.len() - 1]);
        let behind: Vec<_> = ends.filter_map(Walk::not_reached).collect();
        behind.into_iter().for_each(|wrong| self.note(Err(wrong)));
    }
}

/// The subscriptions that this event can be of.
fn takers(truth: &Truth, walks: &[Walk<'_>], event: &OrderMessage) -> Vec<usize> {
    let takes = |walk: &Walk<'_>| truth.is_asked_for(&walk.wish.filter, event) && walk.accepts(event).is_ok();
    walks.iter().enumerate().filter(|(_, walk)| takes(walk)).map(|(index, _)| index).collect()
}

/// Why no subscription takes the event. What is left out is told once: the subscription goes on after it.
fn refusal(truth: &Truth, walks: &mut [Walk<'_>], event: &OrderMessage) -> Wrong {
    let asks =
        |walk: &&mut Walk<'_>| walk.stage != Stage::Over && truth.is_asked_for(&walk.wish.filter, event);
    let Some(walk) = walks.iter_mut().find(asks) else {
        return Wrong::Uninvited(Named::of(event));
    };
    let wrong = walk.accepts(event).err().unwrap_or(Wrong::Uninvited(Named::of(event)));
    if matches!(wrong, Wrong::Missing { .. }) {
        walk.take(event);
    }
    wrong
}

fn are_alike(one: &[Walk<'_>], other: &[Walk<'_>]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.is_like(other))
}

/// What is lost to a client that continues one of these so.
fn lost(walks: &[Walk<'_>], since: &Since) -> Option<Wrong> {
    let mut missing = walks.iter().rev().map(|walk| walk.lost(since));
    let first = missing.next()??;
    match missing.any(|missing| missing.is_none()) {
        true => None,
        false => Some(Wrong::LeftOff { since: since.clone(), missing: first }),
    }
}

fn at(truth: &Truth, cursor: u64) -> Since {
    Since::Cursor { epoch: truth.epoch.clone(), cursor }
}

fn name(reason: GapReason) -> String {
    serde_json::to_value(reason).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}
