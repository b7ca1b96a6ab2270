//! `orderctl status`: how the daemon is, and what it has in hand.

use super::{
    queue::{standing, standing_in_words},
    span::span,
};
use crate::{
    args::Watching,
    failure::Failure,
    report::{Report, counted, fact, json_line, part},
    session::Session,
    table::Table,
    watch,
};
use orderd_sdk::wire::{OrderStatus, Status};
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// Shows how the daemon is.
pub(crate) async fn status(session: &mut Session<'_>, watching: Watching) -> Result<(), Failure> {
    let status = session.client.status().await?;
    match watching.watch {
        true => watch::topic::<Status>(session).await,
        false => Ok(session.show(&status)?),
    }
}

impl Report for Status {
    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let load = self.websocket;
        let mut table = Table::default();
        table.row(["phase", &self.phase]);
        table.row(["version", &self.version]);
        table.row(["up", &span(self.uptime_ms)]);
        if let Some(pause) = &self.paused {
            table.row(["queue", &standing(pause)]);
        }
        table.row(["recovery", &recovery(self)]);
        let clients = counted(load.total_clients, "client");
        table.row(["streams", &format!("{clients} on {}", counted(load.connected_orders, "order"))]);
        for lane in &self.lanes {
            let standing = [Some(lane.standing.as_str()), lane.detail.as_deref()];
            let standing: Vec<_> = standing.into_iter().flatten().collect();
            table.row(["account", &format!("{} on {}: {}", lane.account, lane.chain, standing.join(", "))]);
        }
        table.row(["open orders", &self.orders.values().sum::<u64>().to_string()]);
        for (status, count) in &self.orders {
            table.row([&format!("  {status}"), &count.to_string()]);
        }
        table.write(out)
    }

    fn words(&self) -> Vec<String> {
        let load = self.websocket;
        let mut lines = vec![
            fact([
                format!("daemon {}", self.phase),
                format!("version {}", self.version),
                format!("started {}", self.started_at),
            ]),
            fact([format!("recovery {}", recovery(self))]),
            fact([
                format!("{} connected", counted(load.total_clients, "client")),
                format!("{} followed one by one", counted(load.connected_orders, "order")),
            ]),
        ];
        lines.extend(self.paused.as_ref().map(|pause| standing_in_words(Some(pause))));
        lines.extend(self.lanes.iter().map(|lane| {
            fact([
                format!("account {} on {}", lane.account, lane.chain),
                lane.standing.clone(),
                part("because", lane.detail.as_ref()),
            ])
        }));
        lines.push(open_orders(&self.orders));
        lines
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        json_line(self, out)
    }
}

/// What is open, as a fact.
pub(super) fn open_orders(orders: &BTreeMap<OrderStatus, u64>) -> String {
    let by_status: Vec<_> = orders.iter().map(|(status, count)| format!("{count} {status}")).collect();
    fact([format!("{} open", counted(orders.values().sum(), "order")), by_status.join(", ")])
}

fn recovery(status: &Status) -> String {
    let recovery = &status.recovery;
    match recovery.complete {
        true => format!("complete, {} in {} ms", counted(recovery.orders, "order"), recovery.took_ms),
        false => format!("waits for {}", recovery.waits_for.join(" and ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::samples::shown;
    use orderd_sdk::{
        timestamp::Timestamp,
        wire::{LaneReport, Pause, RecoveryReport, WebsocketLoad},
    };

    fn status() -> Status {
        Status {
            phase: "running".into(),
            version: "0.1.0".into(),
            started_at: Timestamp(1_790_000_000_000),
            uptime_ms: 3_725_000,
            epoch: "5b0c".into(),
            cursor: 7,
            orders: [(OrderStatus::Pending, 1), (OrderStatus::RetryPending, 2)].into(),
            websocket: WebsocketLoad { connected_orders: 2, total_clients: 5 },
            recovery: RecoveryReport {
                complete: true,
                orders: 4,
                signed: 1,
                waits_for: Vec::new(),
                took_ms: 41,
            },
            lanes: vec![LaneReport {
                chain: "paper".into(),
                account: "main".into(),
                standing: "held".into(),
                detail: Some("somebody else uses it".into()),
            }],
            paused: Some(Pause { since: Timestamp(1_790_000_000_000), by: "ops".into(), reason: None }),
            store_bytes: None,
        }
    }

    #[test]
    fn a_daemon_is_shown_with_its_accounts_and_its_orders() {
        let table = "\
phase            running
version          0.1.0
up               1h 2m
queue            paused since 2026-09-21T14:13:20.000Z by ops
recovery         complete, 4 orders in 41 ms
streams          5 clients on 2 orders
account          main on paper: held, somebody else uses it
open orders      3
  pending        1
  retry-pending  2
";
        let words = "\
daemon running, version 0.1.0, started 2026-09-21T14:13:20.000Z
recovery complete, 4 orders in 41 ms
5 clients connected, 2 orders followed one by one
queue paused, since 2026-09-21T14:13:20.000Z, by ops
account main on paper, held, because somebody else uses it
3 orders open, 1 pending, 2 retry-pending
";
        let [is_table, is_words, is_json] = shown(&status());
        assert_eq!((is_table.as_str(), is_words.as_str()), (table, words));
        assert_eq!(serde_json::from_str::<Status>(&is_json).unwrap(), status());
    }
}
