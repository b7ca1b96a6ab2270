//! The page as it is used and drawn.

use super::*;
use crate::console::{
    samples::{START, drawn, told},
    theme::UNICODE,
};

fn act(page: &mut ClientsPage, told: &mut Told, action: Action, argument: Option<&str>) -> Outcome {
    page.act(action, argument, told, START)
}

#[test]
fn the_most_behind_is_first_and_verbs_are_about_the_one_under_the_cursor() {
    let (mut page, mut told) = (ClientsPage::default(), told());
    assert_eq!(ids(&page.rows(&told)), ["c-7", "c-9", "c-2"]);
    assert_eq!(page.target(&told), Target::Client("c-7".into()));
    act(&mut page, &mut told, Action::Down, None);
    act(&mut page, &mut told, Action::Sort, None);
    assert_eq!(page.target(&told), Target::Client("c-9".into()));
}

#[test]
fn a_filter_is_typed_and_taken_away() {
    let (mut page, mut told) = (ClientsPage::default(), told());
    let asked = act(&mut page, &mut told, Action::Filter, None);
    assert!(matches!(asked.overlay, Some(Overlay::Prompt(_))));
    act(&mut page, &mut told, Action::Filter, Some("DESK"));
    assert_eq!(ids(&page.rows(&told)), ["c-7", "c-2"]);
    act(&mut page, &mut told, Action::Filter, Some(""));
    assert_eq!(page.rows(&told).len(), 3);
}

#[test]
fn clients_are_read_only_while_they_are_looked_at() {
    let (mut page, mut told) = (ClientsPage::default(), told());
    assert_eq!(page.enter(&mut told, START), [Effect::WatchClients(Watch::On)]);
    assert_eq!(page.leave(&mut told), [Effect::WatchClients(Watch::Off)]);
    assert!(told.clients.is_none());
}

#[test]
fn clients_are_drawn_at_three_sizes() {
    let (page, told) = (ClientsPage::default(), told());
    for (columns, rows) in [(80, 21), (120, 33), (200, 47)] {
        insta::assert_snapshot!(format!("clients_{columns}"), drawn(&page, &told, (columns, rows), &UNICODE));
    }
}
