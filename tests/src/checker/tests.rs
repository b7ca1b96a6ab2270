//! Every way in which a daemon can break its word is planted, and has to be seen.

use super::*;
use orderd_sdk::{
    timestamp::Timestamp,
    wire::{EventFields, OrderChanges, OrderDto, OrderMessage, OrderStatus, Since},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const EPOCH: &str = "e";
/// Six events of two orders: cursors 1 to 6 are a1 b1 a2 b2 a3 b3. In the end `a` has failed, and `b` is confirmed.
const LINE: [(&str, u64, OrderStatus); 6] = [
    ("a", 1, OrderStatus::Pending),
    ("b", 1, OrderStatus::Pending),
    ("a", 2, OrderStatus::Routing),
    ("b", 2, OrderStatus::Routing),
    ("a", 3, OrderStatus::Failed),
    ("b", 3, OrderStatus::Confirmed),
];
const TOP: u64 = 6;

fn dto(id: &str, seq: u64, status: OrderStatus) -> OrderDto {
    let order = json!({
        "id": id, "jobId": id, "orderType": "market", "tokenIn": "SOL", "tokenOut": "USDC", "amount": "1",
        "slippage": 0.5, "status": status, "progress": 0, "message": "", "chain": "paper", "account": "main",
        "dex": null, "quotes": [], "amountOut": null, "txHash": null, "attempts": 0, "maxAttempts": 3,
        "lastError": null, "labels": { "desk": id }, "seq": seq, "createdAt": Timestamp(0), "updatedAt": Timestamp(0),
    });
    serde_json::from_value(order).unwrap()
}

fn event(cursor: u64) -> OrderMessage {
    let (id, seq, kind) = LINE[cursor as usize - 1];
    OrderMessage {
        kind,
        order_id: id.to_owned(),
        seq,
        cursor,
        timestamp: Timestamp(0),
        progress: 0,
        message: String::new(),
        fields: EventFields::default(),
        order: dto(id, seq, kind),
    }
}

fn truth() -> Truth {
    let life = |id| (1..=TOP).map(event).filter(|event| event.order_id == id).collect();
    Truth::of(EPOCH, ["a", "b"].map(life)).unwrap()
}

/// A client and what its daemon says.
struct Scene(Log);

impl Scene {
    fn new() -> Self {
        Self(Checker::default().client("client"))
    }

    /// A connection to `/api/stream` with these subscriptions.
    fn stream(subscriptions: &[Value]) -> Self {
        let mut scene = Self::new();
        scene.connect(Target::Stream, subscriptions);
        scene
    }

    fn connect(&mut self, target: Target, subscriptions: &[Value]) -> &mut Self {
        self.0.connected(target);
        self.hear(json!({
            "type": "connection", "connectionId": "ws-1", "heartbeatMs": 1000, "epoch": EPOCH, "cursor": 0,
            "authenticated": true, "limits": { "maxMessageBytes": 1, "maxSubscriptions": 1, "maxFilterIds": 1,
            "bufferMessages": 1, "bufferBytes": 1 },
        }));
        for subscription in subscriptions {
            let mut wish = json!({ "type": "subscribe", "id": "s", "topic": "orders" });
            let members = subscription.as_object().unwrap().clone();
            wish.as_object_mut().unwrap().extend(members);
            assert!(self.0.said(&wish.to_string()), "{wish}");
        }
        self
    }

    fn hear(&mut self, message: Value) -> &mut Self {
        let heard = self.0.heard(&message.to_string());
        assert!(!matches!(heard, Heard::Unreadable(_)), "{heard:?}");
        self
    }

    fn subscribed(&mut self, id: &str, recovered: bool, cursor: u64) -> &mut Self {
        self.hear(json!({
            "type": "subscribed", "id": id, "topic": "orders", "recovered": recovered, "cursor": cursor,
        }))
    }

    fn events(&mut self, cursors: impl IntoIterator<Item = u64>) -> &mut Self {
        for cursor in cursors {
            self.0.heard(&serde_json::to_string(&event(cursor)).unwrap());
        }
        self
    }

    /// A page that shows orders as of these events.
    fn page(&mut self, cursor: u64, events: &[u64], last: bool) -> &mut Self {
        let orders: Vec<_> = events.iter().map(|cursor| event(*cursor).order).collect();
        self.hear(json!({ "type": "snapshot", "id": "s", "orders": orders, "cursor": cursor, "last": last }))
    }

    fn gap(&mut self, reason: &str, cursor: u64) -> &mut Self {
        self.hear(json!({ "type": "gap", "id": "s", "reason": reason, "cursor": cursor }))
    }

    fn ping(&mut self, cursor: u64) -> &mut Self {
        self.hear(json!({ "type": "ping", "cursor": cursor, "top": TOP }))
    }

    fn poll(&mut self, since: u64, cursor: u64, events: &[u64]) -> &mut Self {
        let orders = events.iter().map(|cursor| event(*cursor).order).collect();
        let epoch = EPOCH.to_owned();
        self.0.polled(since, OrderChanges { success: true, epoch, cursor, more: false, orders });
        self
    }

    fn wrongs(&self) -> Vec<Wrong> {
        let violations = self.0.judge(&truth()).violations;
        violations.into_iter().map(|violation| violation.wrong).collect()
    }

    #[track_caller]
    fn is_clean(&mut self) {
        assert_eq!(self.wrongs(), []);
    }

    #[track_caller]
    fn is_wrong(&mut self, is_it: impl Fn(&Wrong) -> bool) {
        let wrongs = self.wrongs();
        assert!(wrongs.first().is_some_and(is_it), "{wrongs:?}");
    }
}

/// Everything from the beginning on.
fn from_the_beginning() -> Scene {
    let mut scene = Scene::stream(&[json!({})]);
    scene.subscribed("s", false, 0).page(0, &[], true);
    scene
}

fn since(cursor: u64) -> Value {
    json!({ "since": { "epoch": EPOCH, "cursor": cursor } })
}

fn named(named: &Named) -> (&str, u64) {
    (named.order.as_str(), named.seq)
}

#[test]
fn a_daemon_that_keeps_its_word_is_cleared() {
    from_the_beginning().events(1..=6).ping(6).is_clean();
    // Snapshot in two pages, then what is after it.
    let mut scene = Scene::stream(&[json!({})]);
    scene.subscribed("s", false, 4).ping(0).page(4, &[3], false).page(4, &[4], true);
    scene.ping(4).events([5, 6]).ping(6).is_clean();
    // Resumed, lost by being slow, and resumed again.
    let mut scene = from_the_beginning();
    scene.events(1..=2).connect(Target::Stream, &[since(2)]).subscribed("s", true, 2).events([3]);
    scene.gap("slow", 5).ping(3).page(5, &[4], true).ping(5);
    scene.connect(Target::Stream, &[since(5)]).subscribed("s", true, 5).events([6]).ping(6).is_clean();
    // Too old.
    let mut scene = Scene::stream(&[since(1)]);
    scene
        .subscribed("s", false, 4)
        .gap("too-old", 4)
        .page(4, &[3, 4], true)
        .events([5, 6])
        .ping(6)
        .is_clean();
    // From now on.
    let mut scene = Scene::stream(&[json!({ "snapshot": "none" })]);
    scene.subscribed("s", false, 3).events([4, 5]).gap("slow", 6).ping(6).is_clean();
}

#[test]
fn filters_ask_for_what_matches_before_or_after() {
    let mut scene = Scene::stream(&[json!({ "filter": { "status": "routing" }, "snapshot": "none" })]);
    scene.subscribed("s", false, 0).events([3, 4, 5, 6]).ping(6).is_clean();
    let mut scene = Scene::stream(&[json!({ "filter": { "label": { "desk": "a" } } })]);
    scene.subscribed("s", false, 4).page(4, &[3], true).events([5]).ping(6).is_clean();
    let mut scene = Scene::stream(&[json!({ "filter": { "label": { "desk": "a" } } })]);
    scene.subscribed("s", false, 0).page(0, &[], true).events([1, 2]);
    scene.is_wrong(|wrong| matches!(wrong, Wrong::Uninvited(event) if named(event) == ("b", 1)));
}

#[test]
fn a_hole_is_seen() {
    let mut scene = from_the_beginning();
    scene.events([1, 2, 4, 5, 6]).ping(6);
    scene.is_wrong(|wrong| matches!(wrong, Wrong::Missing { missing, .. } if named(missing) == ("a", 2)));
    // At the end, only the promise shows it.
    let mut scene = from_the_beginning();
    scene.events(1..=5).ping(6);
    scene.is_wrong(|wrong| matches!(wrong, Wrong::Claimed { missing, .. } if named(missing) == ("b", 3)));
    // A client that was never told that it has everything proves nothing.
    let mut scene = from_the_beginning();
    scene.events(1..=6).ping(5);
    scene.is_wrong(|wrong| matches!(wrong, Wrong::NotReached { .. }));
    // After a resumption.
    let mut scene = from_the_beginning();
    scene.events(1..=2).connect(Target::Stream, &[since(2)]).subscribed("s", true, 2).events([4]);
    scene.is_wrong(|wrong| matches!(wrong, Wrong::Missing { missing, .. } if named(missing) == ("a", 2)));
}

#[test]
fn what_comes_again_or_too_late_is_seen() {
    let mut scene = from_the_beginning();
    scene.events([1, 2, 2]).is_wrong(|wrong| matches!(wrong, Wrong::Twice(_)));
    let mut scene = from_the_beginning();
    scene.events([1, 3, 2]).is_wrong(|wrong| matches!(wrong, Wrong::Missing { .. }));
    let mut scene = from_the_beginning();
    scene.events(1..=2).connect(Target::Stream, &[since(2)]).subscribed("s", true, 2).events([2]);
    scene.is_wrong(|wrong| matches!(wrong, Wrong::Covered(event) if named(event) == ("b", 1)));
    let mut scene = Scene::stream(&[json!({})]);
    scene.subscribed("s", false, 4).page(4, &[3, 4], true).events([4]);
    scene.is_wrong(|wrong| matches!(wrong, Wrong::Covered(event) if named(event) == ("b", 2)));
}

#[test]
fn an_event_is_as_the_history_has_it() {
    let told = |change: fn(&mut OrderMessage)| {
        let mut scene = from_the_beginning();
        let mut event = event(1);
        change(&mut event);
        scene.0.heard(&serde_json::to_string(&event).unwrap());
        scene
    };
    told(|event| event.order.seq = 2).is_wrong(|wrong| matches!(wrong, Wrong::Differs(_)));
    told(|event| event.cursor = 2).is_wrong(|wrong| matches!(wrong, Wrong::Differs(_)));
    told(|event| event.seq = 4).is_wrong(|wrong| matches!(wrong, Wrong::Invented(_)));
    let mut scene = from_the_beginning();
    scene.0.heard(r#"{"type":"pending","seq":1}"#);
    scene.is_wrong(|wrong| matches!(wrong, Wrong::Unreadable(_)));
}

#[test]
fn the_protocol_is_held_to() {
    let out_of_turn = |what: &'static str| move |wrong: &Wrong| matches!(wrong, Wrong::OutOfTurn { what: found, .. } if *found == what);
    Scene::stream(&[json!({})]).events([1]).is_wrong(|wrong| matches!(wrong, Wrong::Early { .. }));
    let mut scene = Scene::stream(&[json!({})]);
    scene.subscribed("s", false, 0).events([1]).is_wrong(|wrong| matches!(wrong, Wrong::Early { .. }));
    Scene::stream(&[]).subscribed("s", false, 0).is_wrong(out_of_turn("subscribed"));
    from_the_beginning().subscribed("s", false, 0).is_wrong(out_of_turn("subscribed"));
    from_the_beginning().page(1, &[1], true).is_wrong(out_of_turn("snapshot"));
    from_the_beginning().gap("epoch", 1).is_wrong(out_of_turn("gap"));
    from_the_beginning()
        .hear(json!({ "type": "unsubscribed", "id": "t" }))
        .is_wrong(out_of_turn("unsubscribed"));
    let mut scene = from_the_beginning();
    scene.hear(json!({ "type": "unsubscribed", "id": "s" })).events([1]);
    scene.is_wrong(|wrong| matches!(wrong, Wrong::Uninvited(_)));
    let mut scene = Scene::new();
    scene.0.connected(Target::Stream);
    scene.ping(0).is_wrong(|wrong| *wrong == Wrong::Greeting);
    let mut scene = Scene::stream(&[since(9)]);
    scene.subscribed("s", false, 6).page(6, &[6], true).is_wrong(out_of_turn("snapshot"));
    for (recovered, cursor) in [(true, 3), (true, 1)] {
        let mut scene = Scene::stream(&[since(2)]);
        scene.subscribed("s", recovered, cursor);
        scene.is_wrong(|wrong| matches!(wrong, Wrong::Recovered { .. }));
    }
    let mut scene = Scene::stream(&[json!({})]);
    scene.subscribed("s", true, 0).is_wrong(|wrong| matches!(wrong, Wrong::Recovered { .. }));
    let mut scene = from_the_beginning();
    scene.events(1..=4).gap("slow", 3).is_wrong(|wrong| matches!(wrong, Wrong::GapBack { .. }));
}

#[test]
fn a_snapshot_shows_the_orders_of_its_moment() {
    let snapshot = |pages: &[(u64, &[u64], bool)]| {
        let mut scene = Scene::stream(&[json!({})]);
        scene.subscribed("s", false, 4);
        for (cursor, events, last) in pages {
            scene.page(*cursor, events, *last);
        }
        scene
    };
    snapshot(&[(4, &[3], false), (5, &[4], true)]).is_wrong(|wrong| matches!(wrong, Wrong::Pages { .. }));
    snapshot(&[(4, &[3], true)]).is_wrong(|wrong| matches!(wrong, Wrong::Lacking { .. }));
    snapshot(&[(4, &[1, 4], true)]).is_wrong(|wrong| matches!(wrong, Wrong::Shown { .. }));
    snapshot(&[(4, &[5, 4], true)]).is_wrong(|wrong| matches!(wrong, Wrong::Shown { .. }));
    snapshot(&[(4, &[3, 3, 4], true)]).is_wrong(|wrong| matches!(wrong, Wrong::Shown { .. }));
    let mut scene = from_the_beginning();
    scene.gap("slow", 4).page(5, &[4], true).is_wrong(|wrong| matches!(wrong, Wrong::Pages { .. }));
}

#[test]
fn orders_that_are_named_may_be_shown_as_of_a_later_moment() {
    let filter = json!({ "filter": { "ids": ["a", "b"] } });
    let mut scene = Scene::stream(std::slice::from_ref(&filter));
    scene.subscribed("s", false, 2).page(2, &[3, 2], true).events([4, 5, 6]).ping(6).is_clean();
    let mut scene = Scene::stream(std::slice::from_ref(&filter));
    scene.subscribed("s", false, 2).page(2, &[3, 2], true).events([3]);
    scene.is_wrong(|wrong| matches!(wrong, Wrong::Covered(_)));
    let mut scene = Scene::stream(&[filter]);
    scene
        .subscribed("s", false, 2)
        .page(2, &[3], true)
        .is_wrong(|wrong| matches!(wrong, Wrong::Lacking { .. }));
}

#[test]
fn lives_are_continued_each_from_its_seq() {
    let wish = json!({ "filter": { "ids": ["a", "b"] }, "since": { "seq": { "a": 1 } } });
    let begun = || {
        let mut scene = Scene::stream(std::slice::from_ref(&wish));
        scene.subscribed("s", false, 4);
        scene
    };
    begun().events([3]).page(4, &[4], true).events([5, 6]).ping(6).is_clean();
    begun().events([5]).is_wrong(|wrong| matches!(wrong, Wrong::Missing { .. }));
    begun().events([4]).is_wrong(|wrong| matches!(wrong, Wrong::Early { .. }));
    begun().events([3, 3]).is_wrong(|wrong| matches!(wrong, Wrong::Twice(_)));
    begun().events([3]).page(4, &[4], true).ping(6).is_wrong(|wrong| matches!(wrong, Wrong::Claimed { .. }));
    let ahead = json!({ "filter": { "ids": ["a"] }, "since": { "seq": { "a": 9 } } });
    let mut scene = Scene::stream(&[ahead]);
    scene.subscribed("s", false, 4).gap("ahead", 4).page(4, &[3], true).events([5]).ping(6).is_clean();
    // With nothing to begin with, the others begin after `subscribed`.
    let none = json!({ "filter": { "ids": ["a", "b"] }, "since": { "seq": { "a": 1 } }, "snapshot": "none" });
    let mut scene = Scene::stream(&[none]);
    scene.subscribed("s", false, 3).events([3, 5, 6]);
    scene.is_wrong(|wrong| matches!(wrong, Wrong::Missing { missing, .. } if named(missing) == ("b", 2)));
}

#[test]
fn the_path_of_one_order_has_no_gap() {
    let path = |since: Option<u64>| {
        let mut scene = Scene::new();
        scene.connect(Target::Order { id: "a".to_owned(), since }, &[]);
        let order = event(3).order;
        let recovered = since.is_some();
        scene.hear(json!({
            "type": "subscribed", "id": "a", "topic": "orders", "recovered": recovered, "order": order, "cursor": 3,
        }));
        scene
    };
    path(None).events([1, 3, 5]).ping(6).is_clean();
    path(Some(1)).events([3, 5]).ping(6).is_clean();
    path(None).events([1, 5]).is_wrong(|wrong| matches!(wrong, Wrong::Missing { .. }));
    path(Some(1)).events([1]).is_wrong(|wrong| matches!(wrong, Wrong::Twice(_)));
    let mut scene = path(None);
    scene.hear(json!({ "type": "gap", "id": "a", "reason": "slow", "cursor": 3 }));
    scene.is_wrong(|wrong| matches!(wrong, Wrong::GapOnPath(_)));
    let mut scene = path(None);
    scene.events([1]).connect(Target::Order { id: "a".to_owned(), since: Some(2) }, &[]);
    scene.is_wrong(|wrong| matches!(wrong, Wrong::LeftOff { .. }));
}

#[test]
fn newer_events_stand_for_older_ones_where_that_is_wanted() {
    let latest = || {
        let mut scene = Scene::stream(&[json!({ "delivery": "latest" })]);
        scene.subscribed("s", false, 0).page(0, &[], true);
        scene
    };
    latest().events([4, 5]).ping(5).events([6]).ping(6).is_clean();
    latest().events([1, 5, 6]).ping(6).is_clean();
    // b1 and b2 give way to b3, which is still to come: that may be said, but not that it has come.
    latest().events([5]).ping(5).ping(6).is_wrong(|wrong| matches!(wrong, Wrong::Claimed { cursor: 6, .. }));
    // a3 is left out, and nothing newer of `a` comes.
    let mut scene = latest();
    scene.events([1, 6]).ping(6);
    scene.is_wrong(|wrong| matches!(wrong, Wrong::Claimed { missing, .. } if named(missing) == ("a", 3)));
    latest().events([5, 3]).is_wrong(|wrong| matches!(wrong, Wrong::Twice(_)));
}

#[test]
fn subscriptions_that_overlap_get_each_event_each() {
    let both = || {
        let some = json!({ "id": "a", "filter": { "label": { "desk": "a" } }, "snapshot": "none" });
        let mut scene = Scene::stream(&[json!({ "snapshot": "none" }), some]);
        scene.subscribed("s", false, 0).subscribed("a", false, 0);
        scene
    };
    both().events([1, 1, 2, 3, 4, 5, 3, 6, 5]).ping(6).is_clean();
    both().events([1, 3, 1, 2, 5, 3, 4, 5, 6]).ping(6).is_clean();
    both().events([1, 1, 1]).is_wrong(|wrong| matches!(wrong, Wrong::Twice(_) | Wrong::Missing { .. }));
    both().events([1, 2, 3, 4, 5, 6, 1, 3]).ping(6).is_wrong(|wrong| matches!(wrong, Wrong::Claimed { .. }));
}

/// What a client remembers for each of its subscriptions has to be what that subscription has told.
#[test]
fn a_position_of_one_subscription_is_none_of_another() {
    let wish = |id: &str, since: Value| {
        let mut wish = json!({ "id": id, "filter": { "label": { "desk": id } }, "snapshot": "none" });
        wish.as_object_mut().unwrap().extend(since.as_object().unwrap().clone());
        wish
    };
    let mut scene = Scene::stream(&[wish("a", json!({})), wish("b", json!({}))]);
    scene.subscribed("a", false, 0).subscribed("b", false, 0).events([1, 3]);
    let mut careful = Scene(scene.0.clone());
    scene.connect(Target::Stream, &[wish("a", since(3)), wish("b", since(3))]);
    scene.is_wrong(|wrong| matches!(wrong, Wrong::LeftOff { missing, .. } if named(missing) == ("b", 1)));
    careful.connect(Target::Stream, &[wish("a", since(3)), wish("b", since(0))]);
    careful.subscribed("a", true, 3).subscribed("b", true, 0).events([2, 4, 5, 6]).ping(6).is_clean();
}

#[test]
fn whoever_polls_in_between_misses_no_order() {
    let polled = |since: u64, cursor, events: &[u64]| {
        let mut scene = from_the_beginning();
        scene.events(1..=2).poll(since, cursor, events);
        scene
    };
    let mut scene = polled(2, 5, &[4, 5]);
    scene.connect(Target::Stream, &[since(5)]).subscribed("s", true, 5).events([6]).ping(6).is_clean();
    // An order that goes on after the page comes later, or is shown as it stands by now.
    polled(2, 4, &[]).poll(4, 6, &[6, 5]).connect(Target::Stream, &[since(6)]);
    for (since, cursor, events) in [(2, 5, &[4][..]), (2, 5, &[3, 4]), (2, 1, &[]), (2, 5, &[5, 5])] {
        polled(since, cursor, events).is_wrong(|wrong| matches!(wrong, Wrong::Changes { .. }));
    }
    polled(3, 6, &[5, 6])
        .is_wrong(|wrong| matches!(wrong, Wrong::LeftOff { since: Since::Cursor { cursor: 3, .. }, .. }));
}

#[test]
fn a_history_that_contradicts_itself_is_none() {
    let lives = |change: fn(&mut Vec<OrderMessage>)| {
        let mut life: Vec<_> = [1, 3, 5].map(event).into();
        change(&mut life);
        Truth::of(EPOCH, [life]).map(|truth| truth.events())
    };
    assert_eq!(lives(|_| ()).unwrap(), 3);
    assert!(lives(|life| drop(life.remove(1))).is_err());
    assert!(lives(|life| life[1].cursor = 1).is_err());
    assert!(lives(|life| life[2].order.seq = 2).is_err());
    assert!(lives(|life| life[2].kind = OrderStatus::Expired).is_err());
    assert!(lives(Vec::clear).is_err());
}

#[test]
fn a_report_counts_what_it_has_read() {
    let mut scene = from_the_beginning();
    scene.events([1]).gap("slow", 4).page(4, &[3, 4], true);
    scene.connect(Target::Stream, &[since(4)]).subscribed("s", true, 4).events([5]);
    scene.hear(json!({ "type": "reconnect", "afterMs": 1 }));
    let report = scene.0.judge(&truth());
    assert_eq!((report.connections, report.events, report.recovered, report.snapshots), (2, 2, 1, 2));
    assert_eq!((report.gaps, report.reconnects), (BTreeMap::from([("slow".to_owned(), 1)]), 1));
}
