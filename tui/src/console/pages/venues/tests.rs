//! The page as it is used and drawn.

use super::*;
use crate::console::{
    samples::{START, drawn, told},
    theme::{ASCII, UNICODE},
};

fn act(page: &mut VenuesPage, told: &mut Told, action: Action) -> Outcome {
    page.act(action, None, told, START)
}

#[test]
fn verbs_are_about_the_venue_under_the_cursor_however_rows_are_sorted() {
    let (mut page, mut told) = (VenuesPage::default(), told());
    let at = |page: &VenuesPage, told: &Told| match page.target(told) {
        Target::Venue(name) => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(at(&page, &told), "paper-alpha");
    act(&mut page, &mut told, Action::Down);
    for _ in 0..4 {
        assert_eq!(at(&page, &told), "paper-beta");
        act(&mut page, &mut told, Action::Sort);
        act(&mut page, &mut told, Action::ReverseSort);
    }
    assert_eq!(page.target(&Told::default()), Target::Nothing);
}

#[test]
fn sorting_puts_the_worst_first() {
    let (mut page, mut told) = (VenuesPage::default(), told());
    act(&mut page, &mut told, Action::Sort);
    assert_eq!(names(&page.rows(&told)), ["paper-beta", "paper-gamma", "paper-alpha"]);
    act(&mut page, &mut told, Action::Sort);
    assert_eq!(names(&page.rows(&told)), ["paper-beta", "paper-alpha", "paper-gamma"]);
}

#[test]
fn a_venue_leads_to_its_orders() {
    let (mut page, mut told) = (VenuesPage::default(), told());
    let asked = act(&mut page, &mut told, Action::Open).ask;
    assert_eq!(asked, Some((PageId::Orders, Action::Filter, "venue:paper-alpha".into())));
}

#[test]
fn venues_are_drawn_at_three_sizes() {
    let (mut page, mut told) = (VenuesPage::default(), told());
    act(&mut page, &mut told, Action::Down);
    for (columns, rows) in [(80, 21), (120, 33), (200, 47)] {
        insta::assert_snapshot!(format!("venues_{columns}"), drawn(&page, &told, (columns, rows), &UNICODE));
    }
    insta::assert_snapshot!("venues_ascii", drawn(&page, &told, (120, 33), &ASCII));
}
