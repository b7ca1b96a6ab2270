//! The page as it is used and drawn.

use super::*;
use crate::console::{
    samples::{START, drawn, told},
    theme::UNICODE,
};

fn act(page: &mut ActionsPage, told: &mut Told, action: Action, argument: Option<&str>) -> Outcome {
    page.act(action, argument, told, START)
}

#[test]
fn an_action_about_an_order_leads_to_it_and_no_other_does() {
    let (mut page, mut told) = (ActionsPage::default(), told());
    assert!(act(&mut page, &mut told, Action::Open, None).open.is_none());
    act(&mut page, &mut told, Action::Down, None);
    let opened = act(&mut page, &mut told, Action::Open, None).open;
    assert_eq!(opened.as_deref(), Some("01a0c1e2-8a10-7000-8000-000000000001"));
}

#[test]
fn a_filter_finds_who_what_and_how_it_came_out() {
    let (mut page, mut told) = (ActionsPage::default(), told());
    for (wanted, expected) in
        [("ops", 2), ("may-still", 1), ("REFUSED", 1), ("outage", 1), ("", 3), ("nobody", 0)]
    {
        act(&mut page, &mut told, Action::Filter, Some(wanted));
        assert_eq!(page.rows(&told).len(), expected, "{wanted}");
    }
}

#[test]
fn actions_are_drawn_at_three_sizes() {
    let (page, told) = (ActionsPage::default(), told());
    for (columns, rows) in [(80, 21), (120, 33), (200, 47)] {
        insta::assert_snapshot!(format!("actions_{columns}"), drawn(&page, &told, (columns, rows), &UNICODE));
    }
}
