//! What the daemon tells of its work: one function for each thing worth telling, and all wording in this place.
//!
//! A name or a reason may come from a client or a plugin; keys, signed bytes and plugins' settings never get here.

use super::Fault;
use crate::order::{Event, EventKind, Intent, Lane, Order, OrderId};
use orderd_sdk::{
    plugin::{Health, HttpError, LaneStatus, PluginError, SendOutcome},
    wire::{Action, BulkReport, OrderStatus, Pause},
};
use std::{
    backtrace::{Backtrace, BacktraceStatus},
    cell::OnceCell,
    error::Error,
    fmt,
    net::SocketAddr,
    panic::PanicHookInfo,
    path::Path,
    time::Duration,
};
use tracing::{debug, error, info, warn};

/// What a line is about, for filters: the room that it comes from.
const APP: &str = "orderd::app";
const API: &str = "orderd::api";
const ENGINE: &str = "orderd::engine";
const PLUGIN: &str = "orderd::plugin";

/// The daemon takes requests.
pub fn daemon_started(listen: SocketAddr) {
    info!(target: APP, version = env!("CARGO_PKG_VERSION"), "listening on http://{listen}");
}

/// The system allows fewer open files than there may be connections; further ones will wait.
pub fn files_limited(allowed: u64, connections: usize) {
    warn!(target: APP, allowed, connections, "the system allows too few open files for all connections (see `ulimit -n`)");
}

/// The daemon takes nothing new and finishes what is in hand.
pub fn daemon_stopping(grace: Duration) {
    info!(target: APP, grace_ms = millis(grace), "stopping: finishing work in hand");
}

/// The daemon has ended. `unfinished` orders go on at the next start.
pub fn daemon_stopped(unfinished: u64) {
    info!(target: APP, unfinished, "stopped");
}

/// HTTP is closed; so many connections had to be cut off.
pub fn http_closed(cut_off: usize) {
    debug!(target: API, cut_off, "http closed");
}

/// A part broke that the daemon cannot work without.
pub fn daemon_broken(fault: &Fault) {
    error!(target: APP, "{fault}; the daemon comes down");
}

/// A task panicked that the daemon can work without.
pub(super) fn task_panicked(task: &'static str, message: &str) {
    error!(target: APP, "task {task} panicked: {message}");
}

/// Something panicked: says where, for whoever mends it.
pub(super) fn panicked(panic: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("without a name");
    let backtrace = Backtrace::capture();
    match backtrace.status() == BacktraceStatus::Captured {
        true => error!(target: APP, thread, "{panic}\n{backtrace}"),
        false => error!(target: APP, thread, "{panic}"),
    }
}

/// One verb was carried out on many orders, for this caller.
pub fn bulk_ended(caller: &str, reason: &str, report: &BulkReport) {
    let (action, done) = (report.action.as_str(), report.done);
    let refused = report.expected - done;
    info!(target: API, caller, reason, action, done, refused, "{action} of {} orders has ended", report.expected);
}

/// An order was accepted: it is on stable storage.
pub fn order_accepted(order: &Order) {
    let (id, intent) = (order.id, &order.intent);
    let amount = Units(intent);
    debug!(target: ENGINE,
        order = %id, chain = intent.chain, account = intent.account,
        "accepted: {amount} {} for {}", intent.token_in.symbol, intent.token_out.symbol
    );
}

/// The sold amount of an intent, put together only when somebody logs it.
struct Units<'a>(&'a Intent);

impl fmt::Display for Units<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.amount_in.format_units(self.0.token_in.decimals))
    }
}

/// An event of an order became durable.
pub fn order_step(order: &Order, event: &Event) {
    let (id, seq) = (order.id, event.seq);
    let status =
        event.kind.status().map_or_else(|| event.kind.stage().unwrap_or_default(), OrderStatus::as_str);
    let hash = event.kind.hash();
    let told = Told { order, event, text: OnceCell::new() };
    match weight(&event.kind) {
        Weight::Routine => debug!(target: ENGINE, order = %id, seq, hash, "{status}: {told}"),
        Weight::Result => info!(target: ENGINE, order = %id, seq, hash, "{status}: {told}"),
        Weight::Alarm => warn!(target: ENGINE, order = %id, seq, hash, "{status}: {told}"),
    }
}

/// A worker could not bring an order any further, and not for a reason that the order's own life tells.
pub fn order_stuck(order: OrderId, error: &dyn Error) {
    error!(target: ENGINE, %order, "cannot go on: {}", chain(error));
}

/// A chain could not be asked. Nothing is concluded from that.
pub fn chain_failed(chain: &str, doing: &'static str, error: &dyn fmt::Display) {
    warn!(target: ENGINE, chain, "chain failed to {doing}: {error}");
}

/// An account's sequence was read from its chain.
pub fn lane_synced(lane: &Lane, next: u64, status: &LaneStatus) {
    let LaneStatus { latest, finalized, numbering } = status;
    debug!(target: ENGINE, %lane, next, latest, finalized, ?numbering, "lane synced");
}

/// A lane signs again, or for the first time.
pub fn lane_open(lane: &Lane) {
    debug!(target: ENGINE, %lane, "lane signs");
}

/// A lane takes no new transaction until its oldest one is consumed.
pub fn lane_full(lane: &Lane, pending: usize) {
    info!(target: ENGINE, %lane, pending, "lane is full; orders wait for a transaction to be included");
}

/// A lane takes no new transaction, because this sequence of its account is in question.
pub fn lane_held(lane: &Lane, sequence: u64) {
    warn!(target: ENGINE,
        %lane, sequence,
        "lane is held: somebody else uses the account; it goes on when that is final and accounted for"
    );
}

/// A chain said that a swap had effect and not what it brought in: its plugin is at fault. The order stays open.
pub fn amount_missing(chain: &str, order: &Order) {
    error!(target: ENGINE, chain, order = %order.id, "the chain does not say what the swap brought in; the order stays open");
}

/// No other transaction could be signed for a waiting one's place.
pub fn replacement_refused(order: &Order, error: &PluginError) {
    let sequence = order.open_slot().map(|slot| slot.sequence);
    warn!(target: ENGINE, order = %order.id, sequence, "a waiting transaction cannot be replaced: {error}");
}

/// An account may not sell so much now.
pub fn spend_refused(order: &Order, excess: &dyn fmt::Display) {
    warn!(target: ENGINE, order = %order.id, lane = %order.lane(), "not signed: {excess}");
}

/// A plugin was not given the signature that it asked for.
pub fn signature_refused(plugin: &str, chain: &str, account: &str, refusal: &str) {
    warn!(target: APP, plugin, chain, account, "a signature was refused: {refusal}");
}

/// The bytes of an order's open transaction went out again.
pub fn transaction_resent(order: &Order, outcome: &SendOutcome) {
    let hash = order.open_slot().map(|slot| slot.newest().hash.as_str());
    debug!(target: ENGINE, order = %order.id, hash, ?outcome, "transaction sent again");
}

/// What was past its time is not in the store any more.
pub fn store_swept(orders: usize, keys: usize) {
    match orders {
        0 => debug!(target: APP, keys, "the store was swept"),
        _ => info!(target: APP, orders, keys, "orders were removed: their retention time is over"),
    }
}

/// What is past its time could not be looked for, or not be removed.
pub fn sweep_failed(error: &dyn Error) {
    error!(target: APP, "nothing is removed for now: {}", chain(error));
}

/// Orders from before the start are being compared with their chains.
pub fn recovery_started(orders: usize, signed: usize) {
    info!(target: ENGINE, orders, signed, "recovery: looking up what became of open orders");
}

/// Every order from before the start has found its place again; the signed ones were looked up.
pub fn recovery_finished(orders: usize, signed: usize, took: Duration) {
    info!(target: ENGINE, orders, signed, took_ms = millis(took), "recovery finished");
}

/// A plugin is ready, with so many chains and venues.
pub fn plugin_loaded(name: &str, version: &str, file: &Path, chains: usize, venues: usize) {
    info!(target: PLUGIN, plugin = name, version, chains, venues, file = %file.display(), "plugin loaded");
}

/// A plugin's HTTP request has ended, with this status or without an answer. Only the server is told of its URL.
pub fn plugin_http(plugin: &str, origin: &dyn fmt::Display, status: Result<u16, &HttpError>) {
    match status {
        Ok(status) => debug!(target: PLUGIN, plugin, %origin, status, "http request answered"),
        Err(error) => debug!(target: PLUGIN, plugin, %origin, "http request failed: {error}"),
    }
}

/// What a plugin has stored cannot be used. It is left as it is.
pub fn plugin_memory_unusable(plugin: &str, error: &dyn Error) {
    error!(target: PLUGIN, plugin, "the plugin has no memory: {}", chain(error));
}

/// Another copy of a plugin has taken the place of the one before.
pub fn plugin_replaced(name: &str, before: &str, after: &str, sha256: impl fmt::Display) {
    info!(target: PLUGIN, plugin = name, before, after, %sha256, "plugin reloaded");
}

/// A plugin was not reloaded.
pub fn plugin_kept(name: &str, error: &dyn Error) {
    error!(target: PLUGIN, plugin = name, "plugin not reloaded: {}", chain(error));
}

/// The configuration was read again, and this waits for a restart.
pub fn config_reread(file: &Path, restart: &[String]) {
    match restart {
        [] => info!(target: APP, file = %file.display(), "configuration read again"),
        waiting => {
            let waiting = waiting.join(", ");
            warn!(target: APP, file = %file.display(), "configuration read again; a restart is needed for: {waiting}");
        }
    }
}

/// The configuration was read again and cannot be used.
pub fn config_refused(error: &dyn Error) {
    error!(target: APP, "the configuration cannot be used, the one before stays: {}", chain(error));
}

/// A plugin runs in a process of its own, kept in its place by this.
pub fn plugin_confined(name: &str, pid: u32, confinement: &str) {
    info!(target: PLUGIN, plugin = name, pid, "plugin has a process of its own: {confinement}");
}

/// The process of a plugin ended, or had to be ended; it will be started again.
pub fn plugin_died(name: &str, pid: u32, exit: &str, lived: Duration) {
    error!(target: PLUGIN, plugin = name, pid, lived_ms = millis(lived), "the plugin's process ended: {exit}");
}

/// The process of a plugin runs again.
pub fn plugin_restarted(name: &str, pid: u32, took: Duration) {
    warn!(target: PLUGIN, plugin = name, pid, took_ms = millis(took), "the plugin's process was started again");
}

/// The process of a plugin could not be started again; that will be tried anew.
pub fn plugin_not_restarted(name: &str, error: &dyn Error) {
    error!(target: PLUGIN, plugin = name, "the plugin's process cannot be started: {}", chain(error));
}

/// A chain or venue said at the start how it is.
pub fn checked_up(kind: &'static str, name: &str, health: Result<Health, PluginError>) {
    match health {
        Ok(health) => info!(target: PLUGIN, "{kind} {name} is well: {}", health.detail),
        Err(error) => warn!(target: PLUGIN, "{kind} {name} is not well: {error}"),
    }
}

/// A venue is asked again, or not any more, or by a few calls only.
pub fn venue_changed(venue: &str, what: &str, reason: Option<&str>) {
    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    match what {
        "quarantined" => error!(target: PLUGIN, venue, "venue {venue} is quarantined{reason}"),
        "open" => warn!(target: PLUGIN, venue, "venue {venue} is not asked for a while{reason}"),
        "half-open" => info!(target: PLUGIN, venue, "venue {venue} is tried again"),
        "closed" => info!(target: PLUGIN, venue, "venue {venue} is asked again"),
        what => info!(target: PLUGIN, venue, "venue {venue} was {what}{reason}"),
    }
}

/// A plugin panicked or crashed too often: its venues are asked no more, its chains go on.
pub fn plugin_quarantined(plugin: &str, reason: &str) {
    error!(target: PLUGIN, plugin, "quarantined: {reason}; its venues are not asked until they are enabled by hand or the plugin is reloaded");
}

/// The state of a venue that an operator asked for could not be written down.
pub fn switch_lost(venue: &str, error: &dyn Error) {
    error!(target: PLUGIN, venue, "cannot be remembered beyond the next start: {}", chain(error));
}

/// No attempt is begun any more.
pub fn queue_paused(Pause { by, reason, .. }: &Pause) {
    let reason = reason.as_deref().unwrap_or_default();
    warn!(target: ENGINE, by, reason, "the queue is paused: no attempt is begun until it is resumed");
}

/// The daemon starts with a queue that was paused before.
pub fn queue_still_paused(Pause { by, since, .. }: &Pause) {
    warn!(target: ENGINE, by, %since, "the queue is paused since before the start");
}

/// Attempts are begun again.
pub fn queue_resumed(by: &str) {
    info!(target: ENGINE, by, "the queue is resumed");
}

/// Whether the queue is paused could not be written down.
pub fn pause_lost(error: &dyn Error) {
    error!(target: ENGINE, "whether the queue is paused cannot be remembered beyond the next start: {}", chain(error));
}

/// Somebody had something done, or was refused.
pub fn acted(action: &Action) {
    let Action { by, verb, outcome, detail, .. } = action;
    let (target, code) =
        (action.target.as_deref().unwrap_or_default(), action.code.as_deref().unwrap_or_default());
    info!(target: API, by, verb, on = target, outcome = outcome.as_str(), code, "{detail}");
}

/// What was done cannot be written down: so many actions are in memory only.
pub fn actions_unsaved(count: u64, error: &dyn Error) {
    error!(target: API, count, "actions cannot be written down, they are forgotten at the end: {}", chain(error));
}

/// The record of actions has lines that nobody can read; they are left out.
pub fn actions_damaged(path: &Path, lines: usize) {
    warn!(target: APP, path = %path.display(), lines, "damaged records of actions are left out");
}

/// A client opened a WebSocket.
pub fn client_connected(connection: &str, peer: SocketAddr) {
    debug!(target: API, connection, %peer, "client connected");
}

/// A WebSocket is closed.
pub fn client_gone(connection: &str, reason: &dyn fmt::Display) {
    debug!(target: API, connection, "client gone: {reason}");
}

/// An error with everything behind it.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// An event in the words that clients read, put together when somebody logs them, and once, however many logs there are.
struct Told<'a> {
    order: &'a Order,
    event: &'a Event,
    text: OnceCell<String>,
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text.get_or_init(|| self.event.kind.message(self.order)))
    }
}

/// How much an event matters to whoever reads the log.
enum Weight {
    /// One step of many.
    Routine,
    /// Something came out, good or bad.
    Result,
    /// Somebody should look.
    Alarm,
}

fn weight(kind: &EventKind) -> Weight {
    use EventKind as E;
    match kind {
        E::Pending { .. }
        | E::QuotesRequested { .. }
        | E::QuotesReceived { .. }
        | E::BuildStarted { .. }
        | E::Signed { .. }
        | E::Submitted { .. }
        | E::RetryPending { .. }
        | E::Requeued { .. }
        | E::CancelRequested { .. }
        | E::Finalized { .. } => Weight::Routine,
        E::Approving { .. }
        | E::Approved { .. }
        | E::ExecutionFailed { .. }
        | E::Confirmed { .. }
        | E::Failed { .. }
        | E::Cancelled { .. }
        | E::CancelRefused { .. }
        | E::Replaced { .. }
        | E::Voided { .. }
        | E::Expired { .. } => Weight::Result,
        E::Unknown { .. } | E::Reorged { .. } | E::ApprovalUndone { .. } => Weight::Alarm,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::logging::tests::logged;
    use crate::{
        order::samples::{self, NOW},
        telemetry::logging::LogFormat,
    };
    use orderd_sdk::amount::Amount;
    use std::io;

    fn order() -> Order {
        let labels = [("secret".to_owned(), "label".to_owned())].into();
        let intent = Intent { labels, ..samples::intent() };
        samples::accepted(intent)
    }

    fn told(filter: &str, kind: EventKind) -> String {
        let (seq, at, cursor) = (2, NOW, Default::default());
        let event = Event { seq, cursor, at, kind };
        logged(LogFormat::Text, filter, || order_step(&order(), &event))
    }

    #[test]
    fn an_accepted_order_is_told_with_its_exact_amount_and_without_its_labels() {
        let line = logged(LogFormat::Text, "debug", || order_accepted(&order()));
        assert!(line.contains("accepted: 1.5 SOL for USDC"), "{line}");
        assert!(line.contains(r#"account="main""#) && !line.contains("label"), "{line}");
    }

    #[test]
    fn results_are_told_at_info_steps_at_debug_and_doubts_as_warnings() {
        let confirmed = EventKind::Confirmed {
            hash: "0xab".into(),
            dex: "paper-alpha".into(),
            amount_out: Amount::from(225_000_000_u64),
            block: 7,
        };
        let line = told("info", confirmed);
        assert!(
            line.contains("confirmed: received 225 USDC through paper-alpha in block 7")
                && line.contains("0xab"),
            "{line}"
        );
        assert!(line.contains("seq=2"), "{line}");

        let signed = || EventKind::Signed { hash: "0xab".into(), sequence: 4 };
        assert_eq!(told("info", signed()), "");
        assert!(told("debug", signed()).contains("signed and stored with sequence 4"));

        let reason = "time-out".into();
        assert!(
            told("warn", EventKind::Unknown { reason }).contains("the outcome is not known yet: time-out")
        );
    }

    #[test]
    fn a_line_says_what_it_is_about() {
        let line = logged(LogFormat::Json, "orderd::engine=debug", || {
            order_accepted(&order());
            daemon_stopped(0);
        });
        assert!(line.contains(r#""target":"orderd::engine""#) && !line.contains("orderd::app"), "{line}");
    }

    #[test]
    fn an_error_is_told_with_what_is_behind_it() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot write")]
        struct Outer(#[source] io::Error);
        assert_eq!(chain(&Outer(io::Error::other("no space"))), "cannot write: no space");
    }
}
