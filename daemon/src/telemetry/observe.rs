//! What the daemon tells of its work: one function for each thing worth telling, and all wording in this place.
//!
//! A name or a reason may come from a client or a plugin; keys, signed bytes and plugins' settings never get here.

use super::Fault;
use crate::order::{Event, EventKind, Lane, Order, OrderId};
use orderd_sdk::plugin::{LaneStatus, SendOutcome};
use std::{
    backtrace::{Backtrace, BacktraceStatus},
    error::Error,
    fmt,
    net::SocketAddr,
    panic::PanicHookInfo,
    path::Path,
    time::Duration,
};
use tracing::{debug, error, info, warn};

/// The daemon takes requests.
pub fn daemon_started(listen: SocketAddr) {
    info!(
        version = env!("CARGO_PKG_VERSION"),
        "listening on http://{listen}"
    );
}

/// The daemon takes nothing new and finishes what is in hand.
pub fn daemon_stopping(grace: Duration) {
    info!(grace_ms = millis(grace), "stopping: finishing work in hand");
}

/// The daemon has ended. `unfinished` orders go on at the next start.
pub fn daemon_stopped(unfinished: u64) {
    info!(unfinished, "stopped");
}

/// HTTP is closed; so many connections had to be cut off.
pub fn http_closed(cut_off: usize) {
    debug!(cut_off, "http closed");
}

/// A part broke that the daemon cannot work without.
pub fn daemon_broken(fault: &Fault) {
    error!("{fault}; the daemon comes down");
}

/// A task panicked that the daemon can work without.
pub(super) fn task_panicked(task: &'static str, message: &str) {
    error!("task {task} panicked: {message}");
}

/// Something panicked: says where, for whoever mends it.
pub(super) fn panicked(panic: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("without a name");
    let backtrace = Backtrace::capture();
    match backtrace.status() == BacktraceStatus::Captured {
        true => error!(thread, "{panic}\n{backtrace}"),
        false => error!(thread, "{panic}"),
    }
}

/// An order was accepted: it is on stable storage.
pub fn order_accepted(order: &Order) {
    let (id, intent) = (order.id, &order.intent);
    let amount = intent.amount_in.format_units(intent.token_in.decimals);
    info!(
        order = %id, chain = intent.chain, account = intent.account,
        "accepted: {amount} {} for {}", intent.token_in.symbol, intent.token_out.symbol
    );
}

/// An event of an order became durable.
pub fn order_step(order: &Order, event: &Event) {
    let (id, seq) = (order.id, event.seq);
    let told = Told {
        order,
        kind: &event.kind,
    };
    match weight(&event.kind) {
        Weight::Routine => debug!(order = %id, seq, "{told}"),
        Weight::Result => info!(order = %id, seq, "{told}"),
        Weight::Alarm => warn!(order = %id, seq, "{told}"),
    }
}

/// A worker could not bring an order any further, and not for a reason that the order's own life tells.
pub fn order_stuck(order: OrderId, error: &dyn Error) {
    error!(%order, "cannot go on: {}", chain(error));
}

/// A venue gave no usable answer.
pub fn venue_failed(venue: &str, order: OrderId, error: &dyn fmt::Display) {
    info!(venue, %order, "venue failed: {error}");
}

/// A chain could not be asked. Nothing is concluded from that.
pub fn chain_failed(chain: &str, doing: &'static str, error: &dyn fmt::Display) {
    warn!(chain, "chain failed to {doing}: {error}");
}

/// An account's sequence was read from its chain.
pub fn lane_synced(lane: &Lane, next: u64, status: &LaneStatus) {
    let LaneStatus { latest, finalized } = status;
    debug!(%lane, next, latest, finalized, "lane synced");
}

/// A lane takes no new transaction until its oldest one is consumed.
pub fn lane_full(lane: &Lane, pending: u64) {
    warn!(%lane, pending, "lane is full; orders wait");
}

/// The bytes of an order's open transaction went out again.
pub fn transaction_resent(order: &Order, outcome: &SendOutcome) {
    let hash = order.open_transaction().map(|open| open.hash.as_str());
    debug!(order = %order.id, hash, ?outcome, "transaction sent again");
}

/// Orders from before the start are being compared with their chains.
pub fn recovery_started(orders: usize) {
    info!(orders, "recovery: looking up what became of open orders");
}

/// Every order from before the start has found its place again.
pub fn recovery_finished(orders: usize, took: Duration) {
    info!(orders, took_ms = millis(took), "recovery finished");
}

/// A plugin is ready, with so many chains and venues.
pub fn plugin_loaded(name: &str, version: &str, file: &Path, chains: usize, venues: usize) {
    info!(plugin = name, version, chains, venues, file = %file.display(), "plugin loaded");
}

/// A plugin did what its contract forbids.
pub fn plugin_misbehaved(name: &str, what: &dyn fmt::Display) {
    warn!(plugin = name, "plugin misbehaved: {what}");
}

/// The store cannot keep anything any more.
pub fn store_failed(error: &dyn Error) {
    error!("store failed, nothing is accepted from now on: {}", chain(error));
}

/// A client opened a WebSocket.
pub fn client_connected(connection: &str, peer: SocketAddr) {
    debug!(connection, %peer, "client connected");
}

/// A WebSocket is closed.
pub fn client_gone(connection: &str, reason: &dyn fmt::Display) {
    debug!(connection, "client gone: {reason}");
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
        | E::Approving { .. }
        | E::Approved { .. }
        | E::Signed { .. }
        | E::Submitted { .. }
        | E::RetryPending { .. } => Weight::Routine,
        E::ExecutionFailed { .. }
        | E::Confirmed { .. }
        | E::Finalized { .. }
        | E::Failed { .. }
        | E::Cancelled { .. }
        | E::Expired { .. } => Weight::Result,
        E::Unknown { .. } | E::Reorged { .. } => Weight::Alarm,
    }
}

/// An event in words. They are put together only when somebody logs them.
struct Told<'a> {
    order: &'a Order,
    kind: &'a EventKind,
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use EventKind as E;
        match self.kind {
            E::Pending { queue_position } => write!(f, "pending behind {queue_position}"),
            E::QuotesRequested { venues, attempt } => write!(f, "attempt {attempt}: asking {venues} venues"),
            E::QuotesReceived { quotes } => write!(f, "{} venues answered", quotes.len()),
            E::BuildStarted { quote } => write!(f, "building with {}", quote.dex),
            E::Approving {
                token, spender, hash, ..
            } => {
                write!(f, "approving {token} for {spender}: {hash}")
            }
            E::Approved { hash, block } => write!(f, "approved in block {block}: {hash}"),
            E::Signed { hash, sequence } => write!(f, "signed at sequence {sequence}: {hash}"),
            E::Submitted { attempt, hash, .. } => write!(f, "attempt {attempt} submitted: {hash}"),
            E::ExecutionFailed {
                error,
                retries_remaining,
                ..
            } => write!(f, "attempt failed, {retries_remaining} left: {error}"),
            E::RetryPending { delay_ms, .. } => write!(f, "trying again in {delay_ms} ms"),
            E::Unknown { reason } => write!(f, "outcome unknown: {reason}"),
            E::Confirmed {
                hash,
                dex,
                block,
                amount_out,
            } => {
                let token = &self.order.intent.token_out;
                let amount = amount_out.format_units(token.decimals);
                write!(
                    f,
                    "confirmed on {dex} in block {block}, {amount} {} received: {hash}",
                    token.symbol
                )
            }
            E::Finalized { block } => write!(f, "finalized in block {block}"),
            E::Reorged { block } => write!(f, "block {block} was undone"),
            E::Failed {
                error,
                total_attempts,
            } => write!(f, "failed after {total_attempts} attempts: {error}"),
            E::Cancelled { reason } => write!(f, "cancelled: {reason}"),
            E::Expired { reason } => write!(f, "expired: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::logging::tests::logged;
    use crate::{
        order::{Intent, Ppm},
        telemetry::logging::LogFormat,
    };
    use orderd_sdk::{amount::Amount, plugin::Token, timestamp::Timestamp};
    use std::io;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn order() -> Order {
        let token = |symbol: &str, decimals| Token {
            symbol: symbol.into(),
            address: symbol.into(),
            decimals,
        };
        let intent = Intent {
            chain: "paper".into(),
            account: "main".into(),
            token_in: token("SOL", 9),
            token_out: token("USDC", 6),
            amount_in: Amount::from(1_500_000_000_u64),
            slippage: Ppm(5_000),
            venues: Vec::new(),
            deadline: None,
            priority: 5,
            max_price_impact: None,
            labels: [("secret".to_owned(), "label".to_owned())].into(),
            max_attempts: 3,
        };
        Order::accept(OrderId::generate(NOW), intent, 0, NOW)
    }

    fn told(filter: &str, kind: EventKind) -> String {
        let (seq, at, cursor) = (2, NOW, Default::default());
        let event = Event {
            seq,
            cursor,
            at,
            kind,
        };
        logged(LogFormat::Text, filter, || order_step(&order(), &event))
    }

    #[test]
    fn an_accepted_order_is_told_with_its_exact_amount_and_without_its_labels() {
        let line = logged(LogFormat::Text, "info", || order_accepted(&order()));
        assert!(line.contains("accepted: 1.5 SOL for USDC"), "{line}");
        assert!(
            line.contains(r#"account="main""#) && !line.contains("label"),
            "{line}"
        );
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
            line.contains("confirmed on paper-alpha in block 7, 225 USDC received: 0xab"),
            "{line}"
        );
        assert!(line.contains("seq=2"), "{line}");

        let signed = || EventKind::Signed {
            hash: "0xab".into(),
            sequence: 4,
        };
        assert_eq!(told("info", signed()), "");
        assert!(told("debug", signed()).contains("signed at sequence 4: 0xab"));

        let reason = "time-out".into();
        assert!(told("warn", EventKind::Unknown { reason }).contains("outcome unknown: time-out"));
    }

    #[test]
    fn an_error_is_told_with_what_is_behind_it() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot write")]
        struct Outer(#[source] io::Error);
        assert_eq!(
            chain(&Outer(io::Error::other("no space"))),
            "cannot write: no space"
        );
    }
}
