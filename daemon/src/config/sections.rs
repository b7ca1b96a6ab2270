//! The tables `[server]`, `[stream]`, `[storage]` and `[engine]`: their keys, defaults and bounds.

use super::{
    GuardSettings,
    guard::read_guard,
    policy::SpendWindow,
    source::Section,
    suggest::hint,
    value::Found,
    {Backend, EngineSettings, ServerSettings, StorageSettings, StreamSettings},
};
use crate::order::Ppm;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    time::Duration,
};

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);
const DEFAULT_SLIPPAGE: Ppm = Ppm(5_000);
const MAX_SLIPPAGE: Ppm = Ppm(500_000);
const BACKENDS: [&str; 2] = ["sled", "memory"];
const KIB: usize = 1024;
const MIB: u64 = 1024 * 1024;

pub(super) fn read_server(section: &mut Section<'_>) -> ServerSettings {
    ServerSettings {
        listen: section.optional("listen", read_listen).unwrap_or(DEFAULT_LISTEN),
        max_bulk_orders: section.integer("max_bulk_orders", 1..=100_000, 10_000),
        max_body_bytes: section.integer("max_body_bytes", 1_024..=16_777_216, 65_536),
        max_connections: section.integer("max_connections", 1..=1_000_000, 10_000),
        heartbeat: section.millis("heartbeat_ms", 1_000..=300_000, 15_000),
        drain: section.millis("drain_ms", 0..=600_000, 10_000),
    }
}

pub(super) fn read_stream(section: &mut Section<'_>) -> StreamSettings {
    StreamSettings {
        history_events: section.integer("history_events", 1_024..=16_777_216, 262_144),
        buffer_messages: section.integer("buffer_messages", 16..=1_000_000, 8_192),
        buffer_bytes: section.integer("buffer_kib", 64..=1_048_576, 16_384) * KIB,
        max_subscriptions: section.integer("max_subscriptions", 1..=60, 32),
    }
}

pub(super) fn read_storage(
    section: &mut Section<'_>,
    data_dir: &Path,
    longest_window: Option<SpendWindow>,
) -> StorageSettings {
    let ttl_hours = section.integer("idempotency_ttl_hours", 1..=8_760, 24);
    let retention_hours = section.integer("retention_hours", 0..=876_000, 0);
    let settings = StorageSettings {
        backend: section.optional("backend", read_backend).unwrap_or(Backend::Sled),
        dir: data_dir.join("store"),
        cache_bytes: section.integer("cache_mib", 1..=65_536, 64) * MIB,
        commit_queue: section.integer("commit_queue", 1..=1_000_000, 4_096),
        idempotency_ttl: Duration::from_hours(ttl_hours),
        retention: (retention_hours > 0).then(|| Duration::from_hours(retention_hours)),
    };
    if let Some(retention) = settings.retention {
        check_retention(section, retention, settings.idempotency_ttl, longest_window);
    }
    settings
}

/// An order is there as long as its idempotency key leads to it, and as long as it counts against a cap.
fn check_retention(
    section: &Section<'_>,
    retention: Duration,
    ttl: Duration,
    longest_window: Option<SpendWindow>,
) {
    let (key, hours) = ("retention_hours", retention.as_secs() / 3_600);
    if retention < ttl {
        let ttl = ttl.as_secs() / 3_600;
        let bound = format!("must be 0, or at least idempotency_ttl_hours, which is {ttl}, got {hours}");
        section.report(key, bound);
    }
    if let Some(SpendWindow { cap, window }) = longest_window.filter(|longest| retention < longest.window) {
        let minutes = window.as_secs() / 60;
        let bound =
            format!("must be 0, or at least {cap}.window_minutes, which is {minutes}, got {hours} hours");
        section.report(key, bound);
    }
}

/// What `[engine]` says of the engine, and of the orders themselves.
pub(super) struct Engine {
    pub(super) settings: EngineSettings,
    pub(super) guard: GuardSettings,
    pub(super) max_attempts: u32,
    pub(super) default_slippage: Ppm,
}

pub(super) fn read_engine(section: &mut Section<'_>) -> Engine {
    let settings = EngineSettings {
        workers: section.integer("workers", 1..=10_000, 64),
        max_open_orders: section.integer("max_open_orders", 1..=10_000_000, 100_000),
        quote_timeout: section.millis("quote_timeout_ms", 10..=60_000, 1_500),
        build_timeout: section.millis("build_timeout_ms", 10..=120_000, 5_000),
        send_timeout: section.millis("send_timeout_ms", 10..=120_000, 10_000),
        transaction_ttl: section.millis("transaction_ttl_ms", 1_000..=3_600_000, 120_000),
        retry_initial: section.millis("retry_initial_ms", 1..=600_000, 500),
        retry_max: section.millis("retry_max_ms", 1..=3_600_000, 30_000),
        resend: section.millis("resend_ms", 100..=3_600_000, 15_000),
        health_penalty_bps: section.integer("health_penalty_bps", 0..=10_000, 50),
    };
    check_pauses(section, settings.retry_initial, settings.retry_max);
    Engine {
        settings,
        guard: read_guard(section),
        max_attempts: section.integer("max_attempts", 1..=20, 3),
        default_slippage: (section.optional("default_slippage", read_slippage)).unwrap_or(DEFAULT_SLIPPAGE),
    }
}

fn check_pauses(section: &Section<'_>, initial: Duration, max: Duration) {
    if initial > max {
        let (initial, max) = (initial.as_millis(), max.as_millis());
        section.report(
            "retry_initial_ms",
            format!("must not be more than retry_max_ms, which is {max}, got {initial}"),
        );
    }
}

fn read_listen(found: Found) -> Result<SocketAddr, String> {
    let text = found.text()?;
    let address: SocketAddr = (text.parse())
        .map_err(|_| format!("must be an address and a port, such as {DEFAULT_LISTEN}, got {text:?}"))?;
    match address.ip().to_canonical().is_loopback() {
        true => Ok(address),
        false => {
            Err("only loopback addresses may be bound, such as 127.0.0.1: the daemon speaks no TLS yet; put \
                      a proxy in front of it on the same machine"
                .to_owned())
        }
    }
}

fn read_backend(found: Found) -> Result<Backend, String> {
    match found.text()?.as_str() {
        "sled" => Ok(Backend::Sled),
        "memory" => Ok(Backend::Memory),
        other => Err(format!("must be {}, got {other:?}{}", BACKENDS.join(" or "), hint(other, BACKENDS))),
    }
}

fn read_slippage(found: Found) -> Result<Ppm, String> {
    let text = found.text()?;
    Ppm::parse_percent(&text, MAX_SLIPPAGE)
        .map_err(|error| format!("must be a percentage from 0 to {MAX_SLIPPAGE}, got {text:?}: {error}"))
}
