//! The page as it is drawn and used.

use super::*;
use crate::console::{
    samples::{NOW, busy, change, drawn, filled, hostile, link, order, screen, styled},
    theme::{ASCII, Background, Colours, Theme, UNICODE},
};
use orderd_sdk::{
    client::Phase,
    filter::Filter,
    wire::{DepthHistory, OrderDto, OrderStatus, Pause, Queue, Workers},
};
use proptest::prelude::*;

const SIZES: [(u16, u16); 3] = [(80, 21), (120, 33), (200, 47)];

fn act(page: &mut Overview, told: &mut Told, actions: &[Action]) -> Outcome {
    let outcomes = actions.iter().map(|action| page.act(*action, None, told, NOW));
    outcomes.last().expect("something is done")
}

/// What an older daemon leaves out of its report.
fn older(queue: &Queue) -> Queue {
    Queue {
        workers: Workers::default(),
        delayed: Vec::new(),
        delayed_total: 0,
        depth_history: DepthHistory::default(),
        waits: Vec::new(),
        errors: Vec::new(),
        ..queue.clone()
    }
}

fn changed(number: u64, seq: u64, status: OrderStatus) -> OrderDto {
    OrderDto { seq, status, created_at: NOW, updated_at: NOW, ..order(number) }
}

#[test]
fn everything_is_seen_at_three_sizes() {
    for size in SIZES {
        insta::assert_snapshot!(
            format!("overview_{}", size.0),
            drawn(&Overview::default(), &busy(), size, &UNICODE)
        );
    }
    insta::assert_snapshot!("overview_alone", drawn(&Overview::default(), &busy(), (40, 10), &UNICODE));
}

#[test]
fn it_is_told_apart_in_every_mode_of_colours() {
    for (name, theme) in [
        ("true_dark", Theme::new(Colours::True, Background::Dark, &UNICODE)),
        ("true_light", Theme::new(Colours::True, Background::Light, &UNICODE)),
        ("sixteen", Theme::new(Colours::Sixteen, Background::Dark, &UNICODE)),
        ("none_ascii", Theme::new(Colours::None, Background::Dark, &ASCII)),
    ] {
        let buffer = screen(&Overview::default(), &busy(), &theme, (80, 21));
        insta::assert_snapshot!(format!("overview_{name}"), styled(&buffer));
    }
}

#[test]
fn what_was_not_told_is_not_made_up() {
    let page = Overview::default();
    insta::assert_snapshot!("overview_untold", drawn(&page, &Told::default(), (120, 33), &UNICODE));
    let mut told = busy();
    told.queue = told.queue.map(|queue| Arc::new(older(&queue)));
    insta::assert_snapshot!("overview_older", drawn(&page, &told, (120, 33), &UNICODE));
}

#[test]
fn each_concern_leads_where_it_can_be_seen_to() {
    let (mut page, mut told) = (Overview::default(), busy());
    let leads: Vec<_> = concerns(&told, NOW).into_iter().map(|concern| concern.lead).collect();
    assert_eq!(leads.len(), 6, "{leads:?}");
    for lead in leads {
        let outcome = act(&mut page, &mut told, &[Action::Open]);
        match lead {
            Lead::Page(page) => assert_eq!(outcome.go, Some(page)),
            Lead::Orders(filter) => assert_eq!(outcome.ask, Some((PageId::Orders, Action::Filter, filter))),
            Lead::Order(id) => assert_eq!(outcome.open, Some(id)),
            Lead::Reconnect => assert_eq!(outcome.effects, [Effect::Reconnect]),
        }
        act(&mut page, &mut told, &[Action::Down]);
    }
    told.link(link(Phase::Down), NOW);
    let outcome = act(&mut page, &mut told, &[Action::Top, Action::Open]);
    assert_eq!(outcome.effects, [Effect::Reconnect], "nothing is more urgent");
}

#[test]
fn the_cursor_stays_on_its_concern_when_a_more_urgent_one_comes() {
    let (mut page, (mut told, mut feed)) = (Overview::default(), filled());
    let pause = Pause { since: NOW, by: "ops-1".into(), reason: None };
    told.queue = told.queue.map(|queue| Arc::new(Queue { paused: Some(pause), ..(*queue).clone() }));
    let at = concerns(&told, NOW).iter().position(|concern| concern.key == "paused");
    act(&mut page, &mut told, &vec![Action::Down; at.expect("it is one")]);
    change(&mut told, &mut feed, changed(77, 4, OrderStatus::Unknown), NOW);
    assert_eq!(act(&mut page, &mut told, &[Action::Open]).go, Some(PageId::Queue));
}

#[test]
fn states_and_errors_lead_to_the_orders_that_have_them() {
    let (mut page, mut told) = (Overview::default(), busy());
    let mut filter = |actions: &[Action]| act(&mut page, &mut told, actions).ask.expect("it leads there").2;
    assert_eq!(filter(&[Action::NextPane, Action::Down, Action::Open]), "state:routing");
    assert_eq!(filter(&[Action::NextPane, Action::Down, Action::Open]), "err:not-included since:15m");
}

#[test]
fn every_filter_that_is_led_to_is_one_that_orders_understand() {
    let told = hostile("a \"b\\, \u{1b}c");
    let leads = concerns(&told, NOW).into_iter().chain(concerns(&busy(), NOW)).map(|concern| concern.lead);
    let mut filters: Vec<_> = leads
        .filter_map(|lead| match lead {
            Lead::Orders(filter) => Some(filter),
            Lead::Page(_) | Lead::Order(_) | Lead::Reconnect => None,
        })
        .collect();
    assert!(filters.iter().any(|filter| filter.contains("account:")), "{filters:?}");
    filters.extend(funnel::KEYS.iter().map(|state| format!("state:{state}")));
    filters.extend(errors::keys(&told).iter().map(|code| format!("err:{code} since:15m")));
    for filter in filters {
        assert!(Filter::parse(&filter).is_ok(), "{filter}");
    }
}

#[test]
fn the_frozen_lifecycle_stays_and_counts_what_comes_meanwhile() {
    let (mut page, (mut told, mut feed)) = (Overview::default(), filled());
    assert_eq!(page.target(&told), Target::Nothing);
    act(&mut page, &mut told, &[Action::PreviousPane]);
    // What follows has no row that could be meant: the first key freezes.
    assert!(act(&mut page, &mut told, &[Action::Open]).open.is_none());
    act(&mut page, &mut told, &[Action::Down]);
    let before = page.target(&told);
    change(&mut told, &mut feed, changed(50, 1, OrderStatus::Pending), NOW);
    change(&mut told, &mut feed, changed(50, 2, OrderStatus::Routing), NOW);
    assert_eq!(page.target(&told), before);
    assert!(matches!(before, Target::Orders(ref orders) if orders.len() == 1), "{before:?}");
    insta::assert_snapshot!("overview_frozen", drawn(&page, &told, (120, 33), &UNICODE));
    act(&mut page, &mut told, &[Action::Freeze]);
    assert!(drawn(&page, &told, (120, 33), &UNICODE).contains("following"));
}

#[test]
fn who_is_connected_is_read_only_while_the_page_is_shown() {
    let (mut page, mut told) = (Overview::default(), busy());
    assert_eq!(page.enter(&mut told, NOW), [Effect::WatchClients(Watch::On)]);
    assert_eq!(page.leave(&mut told), [Effect::WatchClients(Watch::Off)]);
}

fn any_action() -> impl Strategy<Value = Action> {
    proptest::sample::select(vec![
        Action::NextPane,
        Action::Up,
        Action::Down,
        Action::PageDown,
        Action::Bottom,
        Action::Freeze,
        Action::Open,
        Action::Copy,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn it_is_drawn_at_any_size_with_any_text(
        columns in 0_u16..220, rows in 0_u16..60,
        actions in proptest::collection::vec(any_action(), 1..12),
        harm in "[\\x1b\\n\\t\u{202e}\u{200d}界éa\\[31m]{0,40}",
    ) {
        let (mut page, mut told) = (Overview::default(), hostile(&harm));
        act(&mut page, &mut told, &actions);
        let drawn = styled(&screen(&page, &told, &Theme::default(), (columns, rows)));
        prop_assert!(!drawn.contains(|c: char| c != '\n' && (c.is_control() || c == '\u{202e}')), "{drawn:?}");
    }
}
