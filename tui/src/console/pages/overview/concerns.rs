//! What needs attention: computed of what the daemon has told, the most urgent first.

mod venues;

use crate::console::{model::Told, pages::PageId, widgets::text};
use orderd_sdk::{
    client::Phase,
    timestamp::Timestamp,
    wire::{ClientReport, LaneReport, OrderStatus, Status},
};
use std::{fmt, sync::Arc};

/// Unknown orders, and clients that are behind, that are named one by one.
const NAMED: usize = 3;
/// A client that is so many events behind does not keep up.
const LAGGING: u64 = 1_000;

/// Something that needs attention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concern {
    /// How much.
    pub urgency: Urgency,
    /// What it is about: stays the same while the words change.
    pub key: String,
    /// What is the matter.
    pub text: String,
    /// Where to look further.
    pub lead: Lead,
}

/// How much something needs attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// It does not get well by itself.
    Act,
    /// It may get worse.
    Look,
    /// For the record.
    Know,
}

/// Where Enter leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lead {
    /// To a page.
    Page(PageId),
    /// To the orders that match this.
    Orders(String),
    /// To an order.
    Order(Arc<str>),
    /// To another attempt to connect.
    Reconnect,
}

/// For people: what Enter does.
impl fmt::Display for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Page(page) => page.title(),
            Self::Orders(_) => PageId::Orders.title(),
            Self::Order(_) => PageId::Order.title(),
            Self::Reconnect => "Reconnect",
        })
    }
}

impl Concern {
    fn new(urgency: Urgency, key: impl Into<String>, text: String, lead: Lead) -> Self {
        Self { urgency, key: key.into(), text, lead }
    }
}

/// All that needs attention now.
#[must_use]
pub fn concerns(told: &Told, now: Timestamp) -> Vec<Concern> {
    let mut all = Vec::new();
    all.extend(link(told, now));
    all.extend(unknown(told, now));
    if let Some(status) = &told.status {
        all.extend(status.lanes.iter().filter_map(lane));
        all.extend(starting_or_ending(status));
    }
    all.extend(paused(told, now));
    all.extend(venues::concerns(told, now));
    all.extend(lagging(told));
    all.extend(failed(told));
    all.sort_by_key(|concern| concern.urgency);
    all
}

/// What concerns are known by.
pub(super) fn keys(concerns: &[Concern]) -> Vec<&str> {
    concerns.iter().map(|concern| concern.key.as_str()).collect()
}

fn link(told: &Told, now: Timestamp) -> Option<Concern> {
    let link = told.link.as_ref()?;
    let (urgency, what) = match link.phase {
        Phase::Live | Phase::Connecting => return None,
        Phase::Down => (Urgency::Act, "the daemon is out of reach"),
        Phase::Polling => (Urgency::Look, "the stream is down, what is shown is polled"),
        Phase::Stale => (Urgency::Look, "the stream is behind, what is shown is old"),
    };
    let since = text::span(now.millis_since(told.link_since));
    let why = link.why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    Some(Concern::new(urgency, "link", format!("{what} for {since}{why}"), Lead::Reconnect))
}

fn unknown(told: &Told, now: Timestamp) -> Vec<Concern> {
    let seen = told.feed.seen().unknown();
    let counted = told.depth(OrderStatus::Unknown).unwrap_or_default();
    let all = counted.max(seen.len() as u64);
    let mut concerns: Vec<_> = seen
        .iter()
        .take(NAMED)
        .map(|(id, since)| {
            let (short, age) = (text::short_id(id), text::span(now.millis_since(*since)));
            let text = format!("order {short}: outcome unknown for {age}");
            Concern::new(Urgency::Act, format!("unknown {id}"), text, Lead::Order(Arc::clone(id)))
        })
        .collect();
    if all > concerns.len() as u64 {
        let text = format!("{} orders in all whose outcome is unknown", text::count(all));
        let lead = Lead::Orders("state:unknown".into());
        concerns.push(Concern::new(Urgency::Act, "unknown", text, lead));
    }
    concerns
}

fn lane(lane: &LaneReport) -> Option<Concern> {
    let urgency = match lane.standing.as_str() {
        "open" => return None,
        "held" => Urgency::Act,
        _ => Urgency::Look,
    };
    let why = lane.detail.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    let text = format!("account {} on {} cannot sign, {}{why}", lane.account, lane.chain, lane.standing);
    let key = format!("lane {}/{}", lane.chain, lane.account);
    let filter = format!("state:open {} {}", term("chain", &lane.chain), term("account", &lane.account));
    Some(Concern::new(urgency, key, text, Lead::Orders(filter)))
}

fn starting_or_ending(status: &Status) -> Vec<Concern> {
    let mut concerns = Vec::new();
    if status.phase == "draining" {
        let text = "the daemon is about to end and takes no orders".to_owned();
        concerns.push(Concern::new(Urgency::Look, "phase", text, Lead::Page(PageId::Logs)));
    }
    if !status.recovery.complete {
        let text = format!("recovery waits for {}", status.recovery.waits_for.join(", "));
        concerns.push(Concern::new(Urgency::Look, "recovery", text, Lead::Page(PageId::Logs)));
    }
    concerns
}

fn paused(told: &Told, now: Timestamp) -> Option<Concern> {
    let pause = told.paused()?;
    let since = text::span(now.millis_since(pause.since));
    let why = pause.reason.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    let text = format!("the queue is paused by {} for {since}{why}", pause.by);
    Some(Concern::new(Urgency::Look, "paused", text, Lead::Page(PageId::Queue)))
}

fn lagging(told: &Told) -> Vec<Concern> {
    let clients = told.clients.as_deref().map_or(&[][..], |clients| &clients.clients);
    let behind: Vec<_> = clients.iter().filter(|client| client.lag >= LAGGING).collect();
    let mut concerns: Vec<_> = behind.iter().take(NAMED).map(|client| slow(client)).collect();
    if behind.len() > NAMED {
        let text = format!("{} clients in all do not keep up", behind.len());
        concerns.push(Concern::new(Urgency::Look, "clients", text, Lead::Page(PageId::Clients)));
    }
    concerns
}

fn slow(client: &ClientReport) -> Concern {
    let name = client.name.as_ref().unwrap_or(&client.id);
    let (lag, waiting) = (text::count(client.lag), text::count(client.buffered_messages));
    let text = format!("client {name} is {lag} events behind, {waiting} wait to be sent");
    Concern::new(Urgency::Look, format!("client {}", client.id), text, Lead::Page(PageId::Clients))
}

fn failed(told: &Told) -> Option<Concern> {
    let failed = told.feed.seen().failed();
    let text = match failed {
        0 => return None,
        1 => "1 order has failed and could be retried".to_owned(),
        _ => format!("{} orders have failed and could be retried", text::count(failed)),
    };
    Some(Concern::new(Urgency::Know, "failed", text, Lead::Orders("state:failed".into())))
}

/// A term of the filter, its value in quotes where it needs them. Names of the configuration hold none themselves.
pub(super) fn term(name: &str, value: &str) -> String {
    let is_plain = value.chars().all(|c| c.is_alphanumeric() || "-_./".contains(c)) && !value.is_empty();
    match is_plain {
        true => format!("{name}:{value}"),
        false => format!("{name}:\"{}\"", value.replace(['"', '\\'], "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::samples::{NOW, busy, link};
    use orderd_sdk::wire::{Pause, Queue};

    fn texts(told: &Told) -> Vec<(Urgency, String)> {
        concerns(told, NOW).into_iter().map(|concern| (concern.urgency, concern.text)).collect()
    }

    #[test]
    fn the_most_urgent_comes_first_and_each_says_what_is_the_matter() {
        let expected = [
            (Urgency::Act, "order 00000001: outcome unknown for 1m32s"),
            (
                Urgency::Act,
                "account desk-7 on paper cannot sign, held: a transaction of another program took sequence 41",
            ),
            (Urgency::Act, "venue paper-gamma is quarantined for 4.0 s: panicked 3 times"),
            (Urgency::Look, "venue paper-beta: breaker half-open for 4.0 s: 31 % of quotes failed"),
            (Urgency::Look, "client desk-7 is 4 213 events behind, 4 213 wait to be sent"),
            (Urgency::Know, "1 order has failed and could be retried"),
        ];
        assert_eq!(texts(&busy()), expected.map(|(urgency, text)| (urgency, text.to_owned())));
        assert!(texts(&Told::default()).is_empty(), "nothing was told");
    }

    #[test]
    fn a_daemon_that_is_not_heard_and_a_paused_queue_are_named() {
        let mut told = busy();
        told.link(link(Phase::Down), Timestamp(NOW.0 - 12_000));
        let pause = Pause { since: NOW, by: "ops-1".into(), reason: Some("drill".into()) };
        told.queue = Some(Arc::new(Queue { paused: Some(pause), ..Queue::default() }));
        let texts = texts(&told);
        assert_eq!(texts[0].1, "the daemon is out of reach for 12.0 s");
        assert!(texts.iter().any(|(_, text)| text == "the queue is paused by ops-1 for 0 ms: drill"));
        assert!(texts.is_sorted_by_key(|(urgency, _)| *urgency), "{texts:?}");
    }

    #[test]
    fn a_value_that_is_more_than_a_name_is_quoted() {
        assert_eq!(term("account", "desk-7"), "account:desk-7");
        assert_eq!(term("account", "a b\""), "account:\"a b\"");
        assert_eq!(term("account", ""), "account:\"\"");
    }
}
