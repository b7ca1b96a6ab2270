//! The page as it is used and drawn.

use super::*;
use crate::console::{
    samples::{self, START, drawn},
    theme::{ASCII, UNICODE},
};
use orderd_sdk::{
    client::{CoordinatorOptions, Feed},
    wire::{ErrorCode, OrderDto, OrderStatus},
};
use proptest::prelude::*;

/// A page beside a cache that the test fills.
struct Desk {
    page: Orders,
    told: Told,
    feed: Feed,
}

impl Desk {
    fn new(orders: impl IntoIterator<Item = OrderDto>) -> Self {
        let (feed, cache) = Feed::new(&CoordinatorOptions::default());
        let mut desk = Self { page: Orders::default(), told: Told::new(cache), feed };
        desk.page.resize(21);
        desk.put(orders);
        desk
    }

    fn put(&mut self, orders: impl IntoIterator<Item = OrderDto>) {
        orders.into_iter().for_each(|order| self.feed.put(order));
        self.feed.flush();
        self.page.refresh(&Changed::All, &self.told.cache, START);
    }

    fn act(&mut self, action: Action, argument: Option<&str>) -> Outcome {
        self.page.act(action, argument, &mut self.told, START)
    }

    fn target(&self) -> Vec<u64> {
        let Target::Orders(ids) = self.page.target(&self.told) else { return Vec::new() };
        ids.iter().map(|id| u64::from_str_radix(&id[id.len() - 12..], 16).unwrap()).collect()
    }
}

fn failed(number: u64) -> OrderDto {
    OrderDto {
        status: OrderStatus::Failed,
        dex: Some("paper-alpha".into()),
        attempts: 3,
        last_error: Some("received 1178.3, less than the minimum".into()),
        last_error_code: Some(ErrorCode::Reverted),
        ..samples::order(number)
    }
}

fn mixed() -> Vec<OrderDto> {
    (1..=40).map(|number| if number % 4 == 0 { failed(number) } else { samples::order(number) }).collect()
}

#[test]
fn a_filter_is_typed_judged_and_kept_in_its_normal_form() {
    let mut desk = Desk::new(mixed());
    assert!(matches!(desk.act(Action::Filter, None).overlay, Some(Overlay::Prompt(_))));
    desk.act(Action::Filter, Some("state:failed   alpha"));
    assert_eq!(desk.page.listing.matched(), 10);
    assert_eq!(desk.page.matching().as_deref(), Some("state:failed alpha"));
    let refused = desk.act(Action::Filter, Some("stat:failed"));
    let Some(Overlay::Prompt(prompt)) = refused.overlay else { panic!("{refused:?}") };
    assert_eq!(prompt.line.text(), "stat:failed");
    assert!(prompt.hint.contains("state"), "{}", prompt.hint);
    assert_eq!(desk.page.listing.matched(), 10, "a filter that cannot be read changes nothing");
}

#[test]
fn verbs_are_about_the_order_under_the_cursor_or_those_that_are_marked() {
    let mut desk = Desk::new(mixed());
    assert_eq!(desk.target(), [40]);
    desk.act(Action::Down, None);
    assert_eq!(desk.target(), [39]);
    desk.act(Action::Mark, None);
    desk.act(Action::Down, None);
    desk.act(Action::Mark, None);
    assert_eq!(desk.target(), [37, 39]);
    desk.act(Action::Filter, Some("state:failed"));
    assert_eq!(desk.target(), [37, 39], "marks outlive the filter");
    desk.act(Action::Unmark, None);
    desk.act(Action::MarkAll, None);
    assert_eq!(desk.target(), (1..=10).map(|number| number * 4).collect::<Vec<_>>());
}

#[test]
fn the_order_under_the_cursor_stays_while_others_come_until_it_follows_again() {
    let mut desk = Desk::new(mixed());
    desk.put([samples::order(41)]);
    assert_eq!(desk.target(), [41], "at first the newest is followed");
    desk.act(Action::Down, None);
    desk.put((50..60).map(samples::order));
    assert_eq!(desk.target(), [40]);
    desk.act(Action::Top, None);
    desk.put([samples::order(70)]);
    assert_eq!(desk.target(), [70]);
    desk.act(Action::Freeze, None);
    desk.put([samples::order(80)]);
    assert_eq!((desk.target(), desk.page.listing.total()), (vec![70], 52));
    desk.act(Action::Freeze, None);
    assert_eq!(desk.target(), [80]);
}

#[test]
fn an_order_is_opened_its_log_is_asked_for_and_its_id_is_copied() {
    let mut desk = Desk::new([samples::order(7)]);
    let id = samples::order(7).id;
    assert_eq!(desk.act(Action::Open, None).open.as_deref(), Some(id.as_str()));
    assert_eq!(desk.act(Action::OrderLogs, None).ask, Some((PageId::Logs, Action::Narrow, id.clone())));
    assert_eq!(desk.act(Action::Copy, None).effects, [Effect::Copy(id)]);
    let json = serde_json::to_string(&samples::order(7)).unwrap();
    assert_eq!(desk.act(Action::CopyJson, None).effects, [Effect::Copy(json)]);
    assert!(Desk::new([]).act(Action::Open, None).open.is_none());
}

#[test]
fn orders_are_drawn_at_three_sizes() {
    let mut desk = Desk::new(mixed());
    desk.act(Action::Filter, Some("state:failed,pending"));
    desk.act(Action::Down, None);
    desk.act(Action::Mark, None);
    for (columns, rows) in [(80, 21), (120, 33), (200, 47)] {
        desk.page.resize(rows);
        let drawn = drawn(&desk.page, &desk.told, (columns, rows), &UNICODE);
        insta::assert_snapshot!(format!("orders_{columns}"), drawn);
    }
    insta::assert_snapshot!("orders_ascii", drawn(&desk.page, &desk.told, (120, 33), &ASCII));
    insta::assert_snapshot!("orders_none", drawn(&Orders::default(), &Told::default(), (80, 8), &UNICODE));
}

#[test]
fn a_click_puts_the_cursor_on_its_row_and_beside_the_rows_nowhere() {
    let mut desk = Desk::new((1..=3).map(samples::order));
    desk.page.click(10, 4);
    assert_eq!(desk.target(), [1]);
    for beside in [0, 1, 5, u16::MAX] {
        desk.page.click(10, beside);
        assert_eq!(desk.target(), [1], "{beside}");
    }
    desk.page.click(0, 2);
    assert_eq!(desk.target(), [3]);
}

#[test]
fn older_orders_are_asked_for_with_each_filter_and_a_late_answer_is_not_taken_for_another() {
    let mut desk = Desk::new(mixed());
    assert_eq!(desk.page.enter(&mut desk.told, START), [Effect::Recall(Filter::default())]);
    let failed = Filter::parse("state:failed").unwrap();
    assert_eq!(desk.act(Action::Filter, Some("state:failed")).effects, [Effect::Recall(failed.clone())]);
    desk.page.recalled(&Filter::default(), Ok(Reach::All));
    assert!(matches!(desk.page.older, Older::Asked));
    desk.page.recalled(&failed, Ok(Reach::Newest(2_000)));
    assert!(matches!(desk.page.older, Older::There(Reach::Newest(2_000))));
    desk.page.recalled(&failed, Err(Arc::new(RecallError::Gap)));
    assert!(matches!(desk.page.older, Older::Missing(_)));
}

proptest! {
    #[test]
    fn it_can_be_drawn_at_any_size(columns in 1u16..220, rows in 0u16..60) {
        let mut desk = Desk::new(mixed());
        desk.page.resize(rows);
        drawn(&desk.page, &desk.told, (columns, rows), &UNICODE);
    }
}
