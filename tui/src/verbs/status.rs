//! `orderctl status`: how the daemon is.

use crate::{args::Style, failure::Failure, table::Table};
use orderd_sdk::{client::Client, wire::Health};
use std::io::{self, Write};

/// Shows the daemon's health.
pub(crate) async fn status(client: &Client, style: Style, out: &mut impl Write) -> Result<(), Failure> {
    let health = client.health().await?;
    match style {
        Style::Plain => write_plain(&health, out)?,
        Style::Json => writeln!(out, "{}", serde_json::json!(health))?,
    }
    Ok(())
}

fn write_plain(health: &Health, out: &mut impl Write) -> io::Result<()> {
    let open: u64 = health.orders.values().sum();
    let load = health.websocket;
    let streams = format!("{} clients on {} orders", load.total_clients, load.connected_orders);
    let mut table = Table::default();
    table.row(["status", &health.status]);
    table.row(["version", &health.version]);
    table.row(["up", &duration(health.uptime_ms)]);
    table.row(["streams", &streams]);
    table.row(["open orders", &open.to_string()]);
    for (status, count) in &health.orders {
        table.row([&format!("  {status}"), &count.to_string()]);
    }
    table.write(out)
}

/// The two largest units of a span of time.
fn duration(millis: u64) -> String {
    let seconds = millis / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match () {
        () if days > 0 => format!("{days}d {}h", hours % 24),
        () if hours > 0 => format!("{hours}h {}m", minutes % 60),
        () if minutes > 0 => format!("{minutes}m {}s", seconds % 60),
        () => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orderd_sdk::wire::{OrderStatus, WebsocketLoad};

    #[test]
    fn health_is_shown_with_its_orders() {
        let health = Health {
            status: "ok".into(),
            version: "0.1.0".into(),
            uptime_ms: 3_725_000,
            orders: [(OrderStatus::Pending, 1), (OrderStatus::RetryPending, 2)].into(),
            websocket: WebsocketLoad { connected_orders: 2, total_clients: 5 },
        };
        let mut out = Vec::new();
        write_plain(&health, &mut out).unwrap();
        let expected = "\
status           ok
version          0.1.0
up               1h 2m
streams          5 clients on 2 orders
open orders      3
  pending        1
  retry-pending  2
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn durations_are_short() {
        let shown = [0, 59_999, 60_000, 3_600_000, 90_000_000].map(duration);
        assert_eq!(shown, ["0s", "59s", "1m 0s", "1h 0m", "1d 1h"]);
    }
}
