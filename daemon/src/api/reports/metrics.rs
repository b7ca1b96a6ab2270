//! The daemon's figures, in the text format of Prometheus.
//!
//! Names begin with `orderd_`; what plugins count begins with `plugin_`. Counts begin at zero with the daemon.

use super::{ready, venues as venue_reports, websocket_load};
use crate::{
    api::ApiState,
    stats::Figures,
    telemetry::metrics::{Exposition, Kind, Unit},
};
use orderd_sdk::wire::{LaneReport, OrderStatus, PluginReport, Ready, VenueGuard};
use std::collections::BTreeMap;

/// Every standing that a lane can have.
const STANDINGS: [&str; 5] = ["opening", "recovering", "open", "full", "held"];
/// Every state of a circuit breaker.
const BREAKERS: [&str; 3] = ["closed", "open", "half-open"];
/// How orders end.
const ENDS: [OrderStatus; 4] =
    [OrderStatus::Finalized, OrderStatus::Failed, OrderStatus::Cancelled, OrderStatus::Expired];

/// As of now.
pub(in crate::api) fn metrics(state: &ApiState) -> String {
    let mut out = Exposition::default();
    daemon(state, &mut out);
    clients(state, &mut out);
    let figures = state.stats.figures();
    orders(state, &figures, &mut out);
    stages(&figures, &mut out);
    venues(&figures, &mut out);
    guards(state, &mut out);
    state.sources.iter().for_each(|source| source.expose(&mut out));
    out.into_text()
}

fn daemon(state: &ApiState, out: &mut Exposition) {
    out.family("orderd_build_info", Kind::Gauge, "Always 1, with the version of the daemon.")
        .sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    let started = state.started_at().unix_seconds();
    out.family("orderd_start_time_seconds", Kind::Gauge, "When the daemon was ready, in Unix time.")
        .sample(&[], started);
    let Ready { ready, lanes, .. } = ready(state);
    out.family("orderd_ready", Kind::Gauge, "Whether the daemon is fit to be given work.")
        .sample(&[], u8::from(ready));
    let (_, cursor) = state.desk.position();
    out.family("orderd_events_total", Kind::Counter, "Events that are on stable storage, of all starts.")
        .sample(&[], cursor);
    let mut family =
        out.family("orderd_lane_standing", Kind::Gauge, "1 for how each account stands, 0 for all else.");
    for LaneReport { chain, account, standing, .. } in &lanes {
        for name in STANDINGS {
            let labels = [("chain", chain.as_str()), ("account", account), ("standing", name)];
            family.sample(&labels, u8::from(standing == name));
        }
    }
}

fn clients(state: &ApiState, out: &mut Exposition) {
    let load = websocket_load(state);
    out.family("orderd_websocket_clients", Kind::Gauge, "Clients with a WebSocket.")
        .sample(&[], load.total_clients);
    out.family("orderd_websocket_orders", Kind::Gauge, "Orders that somebody follows one by one.")
        .sample(&[], load.connected_orders);
}

fn orders(state: &ApiState, figures: &Figures, out: &mut Exposition) {
    let live = state.desk.live_counts();
    let mut family = out.family("orderd_orders", Kind::Gauge, "Orders that are not over, by status.");
    for status in OrderStatus::ALL.into_iter().filter(|status| !ENDS.contains(status)) {
        family.sample(&[("status", status.as_str())], live.get(&status).copied().unwrap_or_default());
    }
    let oldest = figures.oldest_ms.unwrap_or_default() / 1_000;
    out.family(
        "orderd_oldest_waiting_seconds",
        Kind::Gauge,
        "How long the order has waited that waits longest.",
    )
    .sample(&[], oldest);
    let counts = [
        ("orderd_orders_accepted_total", "Orders that were accepted.", figures.accepted),
        ("orderd_orders_confirmed_total", "Orders whose swap was included.", figures.confirmed),
        (
            "orderd_attempts_retried_total",
            "Attempts that failed and were followed by another.",
            figures.retried,
        ),
    ];
    for (name, help, count) in counts {
        out.family(name, Kind::Counter, help).sample(&[], count);
    }
    let help = "How often orders ended, by how. One that is retried by hand ends more than once.";
    let mut ended = out.family("orderd_orders_ended_total", Kind::Counter, help);
    for status in ENDS {
        let count = figures.ended.get(&status).copied().unwrap_or_default();
        ended.sample(&[("status", status.as_str())], count);
    }
}

fn stages(figures: &Figures, out: &mut Exposition) {
    let help = "How long orders stayed in each status that they left.";
    let mut family = out.family("orderd_stage_duration_seconds", Kind::Histogram, help);
    for (status, histogram) in &figures.stages {
        family.histogram(&[("status", status.as_str())], histogram, Unit::Millis);
    }
}

fn venues(figures: &Figures, out: &mut Exposition) {
    let help = "Answers of venues to requests for a quote: quoted, or failed.";
    let mut quotes = out.family("orderd_venue_quotes_total", Kind::Counter, help);
    for venue in &figures.venues {
        for (outcome, count) in [("quoted", venue.quoted), ("failed", venue.failed)] {
            let labels = [("venue", venue.name.as_str()), ("chain", &venue.chain), ("outcome", outcome)];
            quotes.sample(&labels, count);
        }
    }
    let mut won = out.family("orderd_venue_won_total", Kind::Counter, "Rounds of quotes that a venue won.");
    for venue in &figures.venues {
        won.sample(&[("venue", &venue.name), ("chain", &venue.chain)], venue.won);
    }
    let help = "Swaps through a venue that were included.";
    let mut executed = out.family("orderd_venue_executed_total", Kind::Counter, help);
    for venue in &figures.venues {
        executed.sample(&[("venue", &venue.name), ("chain", &venue.chain)], venue.executed);
    }
    let help = "How long a venue took for its quotes.";
    let mut latency = out.family("orderd_venue_quote_duration_seconds", Kind::Histogram, help);
    for (venue, histogram) in &figures.quotes {
        latency.histogram(&[("venue", venue)], histogram, Unit::Millis);
    }
}

/// Whether venues are asked, and how their plugins do.
fn guards(state: &ApiState, out: &mut Exposition) {
    let reports = venue_reports(state).venues;
    let guards: BTreeMap<_, _> =
        reports.iter().filter_map(|venue| Some((venue.name.as_str(), venue.guard.as_ref()?))).collect();
    let mut breakers = out.family(
        "orderd_venue_breaker",
        Kind::Gauge,
        "1 for how each circuit breaker stands, 0 for all else.",
    );
    for (venue, guard) in &guards {
        for name in BREAKERS {
            breakers.sample(&[("venue", venue), ("state", name)], u8::from(guard.breaker.state == name));
        }
    }
    type Figure = fn(&VenueGuard) -> u64;
    let of_venues: [(&str, &str, Figure); 3] = [
        ("orderd_venue_enabled", "Whether operators want the venue asked.", |guard| guard.enabled.into()),
        (
            "orderd_venue_quarantined",
            "Whether the venue is not asked because it panicked too often.",
            |guard| guard.quarantine.is_some().into(),
        ),
        ("orderd_venue_score_ppm", "How well the venue does of late, from 0 to 1000000.", |guard| {
            guard.score.into()
        }),
    ];
    for (name, help, figure) in of_venues {
        let mut family = out.family(name, Kind::Gauge, help);
        guards.iter().for_each(|(venue, guard)| {
            family.sample(&[("venue", venue)], figure(guard));
        });
    }
    plugins(guards.values().map(|guard| &guard.plugin), out);
}

fn plugins<'a>(reports: impl Iterator<Item = &'a PluginReport>, out: &mut Exposition) {
    let plugins: BTreeMap<_, _> = reports.map(|plugin| (plugin.name.as_str(), plugin)).collect();
    type Figure = fn(&PluginReport) -> u64;
    let of_plugins: [(&str, Kind, &str, Figure); 3] = [
        ("orderd_plugin_calls_in_flight", Kind::Gauge, "Calls to the plugin that are under way.", |of| {
            of.in_flight
        }),
        ("orderd_plugin_panics_total", Kind::Counter, "How often the plugin panicked or crashed.", |of| {
            of.panics
        }),
        ("orderd_plugin_restarts_total", Kind::Counter, "How often its process was started again.", |of| {
            of.restarts
        }),
    ];
    for (name, kind, help, figure) in of_plugins {
        let mut family = out.family(name, kind, help);
        plugins.iter().for_each(|(name, plugin)| {
            family.sample(&[("plugin", name)], figure(plugin));
        });
    }
}
