//! Whether venues are asked: what is told of it, and the verbs of operators.

use crate::{
    desk::catalog,
    subscriptions::{connect, subscribe},
    wire::soon,
    world::World,
};
use async_trait::async_trait;
use orderd::{
    api::ApiSettings,
    engine::{ReloadRefusal, Switch, SwitchError, VenueDesk},
    stats::Stats,
    telemetry::SystemClock,
};
use orderd_sdk::{
    timestamp::Timestamp,
    wire::{
        BreakerReport, GuardChange, LibraryReport, PluginReport, QuarantineReport, VenueGuard, VenueReloaded,
    },
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

const AT: Timestamp = Timestamp(1_790_000_000_000);

/// One venue, `alpha`, in whatever state a test puts it.
struct Alpha(Mutex<(VenueGuard, u64)>);

impl Alpha {
    fn new() -> Arc<Self> {
        let plugin = PluginReport {
            name: "paper".to_owned(),
            version: Some("0.1.0".to_owned()),
            sha256: Some("aa".repeat(32)),
            isolation: "in-process".to_owned(),
            in_flight: 1,
            max_in_flight: 256,
            panics: 0,
            restarts: 0,
        };
        let breaker = BreakerReport { state: "closed".to_owned(), since: AT, reason: None, retry_at: None };
        let guard = VenueGuard {
            enabled: true,
            breaker,
            quarantine: None,
            score: 1_000_000,
            in_flight: 0,
            panics: 0,
            changes: Vec::new(),
            plugin,
        };
        Arc::new(Self(Mutex::new((guard, 0))))
    }

    fn change(&self, what: &str, act: impl FnOnce(&mut VenueGuard)) {
        let (guard, changes) = &mut *self.0.lock().unwrap();
        guard.changes.push(GuardChange { at: AT, what: what.to_owned(), reason: None });
        act(guard);
        *changes += 1;
    }
}

#[async_trait]
impl VenueDesk for Alpha {
    fn guards(&self) -> BTreeMap<String, VenueGuard> {
        BTreeMap::from([("alpha".to_owned(), self.0.lock().unwrap().0.clone())])
    }

    fn changes(&self) -> u64 {
        self.0.lock().unwrap().1
    }

    async fn switch(&self, venue: &str, switch: Switch) -> Result<(), SwitchError> {
        match venue {
            "alpha" => {
                self.change("switched", |guard| guard.enabled = switch == Switch::On);
                Ok(())
            }
            "beta" => Err(SwitchError::NotKept(io::Error::other("the disk is full"))),
            _ => Err(SwitchError::NoSuchVenue),
        }
    }

    async fn reload(&self, venue: &str) -> Result<VenueReloaded, ReloadRefusal> {
        let (before, after) = (library("0.1.0", "aa"), library("0.2.0", "bb"));
        let (name, plugin) = (venue.to_owned(), "dex".to_owned());
        match venue {
            "alpha" => Ok(VenueReloaded { success: true, name, plugin, before, after }),
            "beta" => Err(ReloadRefusal::Refused("it refused to start: no pools".to_owned())),
            "gamma" => Err(ReloadRefusal::Busy),
            "delta" => Err(ReloadRefusal::Lost("both are broken".to_owned())),
            _ => Err(ReloadRefusal::NoSuchVenue),
        }
    }
}

fn library(version: &str, digits: &str) -> LibraryReport {
    LibraryReport { version: version.to_owned(), sha256: digits.repeat(32) }
}

async fn world(alpha: &Arc<Alpha>) -> World {
    let stats = Arc::new(Stats::new(Arc::new(SystemClock), &catalog()));
    let desk = alpha.clone();
    World::serving(ApiSettings::default(), |state| state.with_stats(stats).with_venues(desk)).await
}

#[tokio::test]
async fn the_report_tells_whether_a_venue_is_asked_and_what_is_held_against_it() {
    let alpha = Alpha::new();
    let world = world(&alpha).await;
    alpha.change("open", |guard| {
        let reason = Some("7 failures in a row, the last: no answer in time".to_owned());
        let retry_at = Some(AT.plus_millis(830));
        guard.breaker = BreakerReport { state: "open".to_owned(), since: AT, reason, retry_at };
        guard.quarantine = Some(QuarantineReport { since: AT, reason: "10 panics".to_owned() });
    });
    let guard = &world.get("/api/venues").await.json()["venues"][0]["guard"];
    let expected = json!({
        "state": "open", "since": AT.to_string(), "reason": "7 failures in a row, the last: no answer in time",
        "retryAt": AT.plus_millis(830).to_string(),
    });
    assert_eq!((&guard["breaker"], &guard["enabled"]), (&expected, &json!(true)));
    assert_eq!(guard["quarantine"], json!({"since": AT.to_string(), "reason": "10 panics"}));
    assert_eq!(guard["changes"][0]["what"], "open");
    let plugin = &guard["plugin"];
    assert_eq!((&plugin["isolation"], &plugin["maxInFlight"]), (&json!("in-process"), &json!(256)));
}

#[tokio::test]
async fn operators_switch_venues_and_each_refusal_has_its_code() {
    let alpha = Alpha::new();
    let world = world(&alpha).await;
    for (verb, enabled) in [("disable", false), ("disable", false), ("enable", true)] {
        let reply = world.send_post(&format!("/api/venues/alpha/{verb}")).await;
        let expected = json!({"success": true, "name": "alpha", "enabled": enabled});
        assert_eq!((reply.status, reply.json()), (200, expected));
        assert_eq!(alpha.guards()["alpha"].enabled, enabled);
    }
    let refusal = async |path: &str| world.send_post(path).await.problem();
    assert_eq!(refusal("/api/venues/nobody/disable").await, (404, "venue-not-found".into()));
    assert_eq!(refusal("/api/venues/beta/disable").await, (503, "switch-not-kept".into()));
    assert_eq!(refusal("/api/venues/alpha/explode").await, (404, "not-found".into()));
    assert_eq!(refusal("/api/venues/alpha/enable?force=1").await, (400, "invalid-parameter".into()));
    assert_eq!(world.get("/api/venues/alpha/enable").await.problem(), (405, "method-not-allowed".into()));
}

#[tokio::test]
async fn a_reload_tells_both_libraries_and_each_refusal_has_its_code() {
    let world = world(&Alpha::new()).await;
    let reply = world.send_post("/api/venues/alpha/reload").await;
    let library = |version: &str, digits: &str| json!({"version": version, "sha256": digits.repeat(32)});
    let expected = json!({
        "success": true, "name": "alpha", "plugin": "dex",
        "before": library("0.1.0", "aa"), "after": library("0.2.0", "bb"),
    });
    assert_eq!((reply.status, reply.json()), (200, expected));
    let refusal = async |venue: &str| world.send_post(&format!("/api/venues/{venue}/reload")).await;
    let refused = refusal("beta").await;
    assert_eq!(refused.json()["detail"], "the version before works on: it refused to start: no pools");
    assert_eq!(refused.problem(), (409, "reload-refused".into()));
    assert_eq!(refusal("gamma").await.problem(), (409, "reload-busy".into()));
    assert_eq!(refusal("delta").await.problem(), (503, "plugin-lost".into()));
    assert_eq!(refusal("nobody").await.problem(), (404, "venue-not-found".into()));
}

#[tokio::test]
async fn a_change_does_not_wait_for_the_second_in_which_a_topic_stays_as_it_is() {
    let alpha = Alpha::new();
    let world = world(&alpha).await;
    let mut ws = connect(&world).await;
    let confirmed = subscribe(&mut ws, json!({ "id": "v", "topic": "venues" })).await;
    assert_eq!(confirmed["type"], "subscribed");
    let state = |message: &serde_json::Value| message["venues"][0]["guard"]["breaker"]["state"].clone();
    assert_eq!(state(&soon(ws.json()).await), "closed");
    let begin = Instant::now();
    for expected in ["open", "half-open", "closed"] {
        alpha.change(expected, |guard| expected.clone_into(&mut guard.breaker.state));
        assert_eq!(state(&soon(ws.json()).await), expected);
    }
    assert!(begin.elapsed() < Duration::from_millis(2_500), "a second each: {:?}", begin.elapsed());
}
