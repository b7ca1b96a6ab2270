//! The page as it is drawn and used.

use super::*;
use crate::console::{
    samples::{self, START, event, failed_and_retried},
    theme::{ASCII, Glyphs, UNICODE},
};
use orderd_sdk::wire::OrderStatus;
use proptest::prelude::*;

fn page(events: Vec<Arc<OrderMessage>>) -> OrderPage {
    let mut page = OrderPage::default();
    page.show(events[0].order_id.as_str().into());
    events.into_iter().for_each(|event| page.tell(event));
    page
}

fn act(page: &mut OrderPage, actions: &[Action]) {
    for action in actions {
        page.act(*action, None, &mut Told::default(), START);
    }
}

fn drawn(page: &OrderPage, size: (u16, u16), glyphs: &'static Glyphs) -> String {
    samples::drawn(page, &Told::default(), size, glyphs)
}

#[test]
fn a_life_is_drawn_at_three_sizes() {
    let page = page(failed_and_retried());
    for (columns, rows) in [(80, 21), (120, 33), (200, 47)] {
        insta::assert_snapshot!(format!("life_{columns}"), drawn(&page, (columns, rows), &UNICODE));
    }
    insta::assert_snapshot!("life_ascii", drawn(&page, (120, 33), &ASCII));
}

#[test]
fn attempts_are_compared_and_the_object_is_shown_as_it_is() {
    let mut page = page(failed_and_retried());
    act(&mut page, &[Action::Diff, Action::Clock, Action::Zoom]);
    insta::assert_snapshot!("compared", drawn(&page, (120, 33), &UNICODE));
    act(&mut page, &[Action::Raw, Action::Down]);
    insta::assert_snapshot!("raw", drawn(&page, (80, 21), &UNICODE));
}

#[test]
fn the_cursor_stays_on_its_event_until_it_is_at_the_end_and_then_follows() {
    let events = failed_and_retried();
    let mut page = page(events[..5].to_vec());
    assert_eq!(page.selected(), 4);
    act(&mut page, &[Action::Up, Action::Up]);
    events[5..].iter().for_each(|event| page.tell(event.clone()));
    assert_eq!(page.selected(), 2);
    act(&mut page, &[Action::Bottom]);
    page.tell(event(99, OrderStatus::Confirmed, START.plus_millis(9_000)));
    assert_eq!(page.selected(), events.len());
}

#[test]
fn what_is_told_twice_or_of_another_order_is_left_out() {
    let events = failed_and_retried();
    let mut page = page(events.clone());
    page.tell(events[3].clone());
    let mut other = (*events[0]).clone();
    (other.order_id, other.seq) = ("another".into(), 100);
    page.tell(Arc::new(other));
    assert_eq!(page.events.len(), events.len());
}

proptest! {
    #[test]
    fn it_can_be_drawn_at_any_size(columns in 1u16..220, rows in 0u16..60, presses in 0usize..5) {
        let mut page = page(failed_and_retried());
        act(&mut page, &[Action::Diff, Action::Raw, Action::Zoom, Action::Up, Action::Raw][..presses]);
        drawn(&page, (columns, rows), &UNICODE);
        drawn(&OrderPage::default(), (columns, rows), &ASCII);
    }
}
