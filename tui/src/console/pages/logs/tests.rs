//! The page as it is used and drawn.

use super::*;
use crate::console::{
    samples::{START, drawn},
    theme::UNICODE,
};

fn line(n: u64, level: &str, message: &str) -> LogLine {
    LogLine {
        n,
        timestamp: START.plus_millis(n),
        level: level.into(),
        target: "orderd::engine".into(),
        message: message.into(),
        fields: [("order".to_owned(), format!("01a0-{n}"))].into(),
    }
}

fn page(lines: std::ops::RangeInclusive<u64>) -> LogsPage {
    let mut page = LogsPage::default();
    let message = |n: u64| if n.is_multiple_of(3) { "the node is slow" } else { "order confirmed" };
    page.tell(LogNews::Lines(lines.map(|n| line(n, "INFO", message(n))).collect()));
    page
}

fn act(page: &mut LogsPage, action: Action, argument: Option<&str>) -> Outcome {
    page.act(action, argument, &mut Told::default(), START)
}

fn chosen(page: &LogsPage) -> u64 {
    page.chosen().unwrap().n
}

#[test]
fn the_newest_line_is_followed_until_the_cursor_leaves_it() {
    let mut page = page(1..=9);
    assert_eq!(chosen(&page), 9);
    page.tell(LogNews::Lines(vec![line(10, "INFO", "")]));
    assert_eq!(chosen(&page), 10);
    act(&mut page, Action::Up, None);
    page.tell(LogNews::Lines(vec![line(11, "INFO", "")]));
    assert_eq!(chosen(&page), 9);
    act(&mut page, Action::Bottom, None);
    assert_eq!(chosen(&page), 11);
    act(&mut page, Action::Freeze, None);
    page.tell(LogNews::Lines(vec![line(12, "INFO", "")]));
    assert_eq!(chosen(&page), 11);
}

#[test]
fn the_cursor_stays_on_its_line_while_older_ones_are_let_go() {
    let mut page = page(1..=5_000);
    act(&mut page, Action::PageUp, None);
    let before = chosen(&page);
    page.tell(LogNews::Lines((5_001..=6_000).map(|n| line(n, "INFO", "")).collect()));
    assert_eq!(chosen(&page), before);
    page.tell(LogNews::Lines((6_001..=20_000).map(|n| line(n, "INFO", "")).collect()));
    assert_eq!(chosen(&page), 15_001, "its line is gone: the oldest that is left");
}

#[test]
fn a_search_leads_from_hit_to_hit_and_narrows() {
    let mut page = page(1..=9);
    act(&mut page, Action::Filter, Some("NODE"));
    assert_eq!(chosen(&page), 6);
    act(&mut page, Action::PreviousHit, None);
    assert_eq!(chosen(&page), 3);
    assert!(act(&mut page, Action::PreviousHit, None).note.is_some());
    act(&mut page, Action::NextHit, None);
    assert_eq!(chosen(&page), 6);
    act(&mut page, Action::Narrow, None);
    assert_eq!((page.shown().len(), chosen(&page)), (3, 6));
    act(&mut page, Action::Filter, Some(""));
    assert_eq!(page.shown().len(), 9);
}

#[test]
fn another_level_or_target_is_another_log() {
    let mut page = page(1..=9);
    let outcome = act(&mut page, Action::Level, None);
    let filter = LogFilter { level: Some("debug".into()), target: None };
    assert_eq!(outcome.effects, [Effect::FollowLogs(Some(filter))]);
    assert!(page.shown().is_empty());
    let outcome = act(&mut page, Action::Target, Some("orderd::api"));
    let filter = LogFilter { level: Some("debug".into()), target: Some("orderd::api".into()) };
    assert_eq!(outcome.effects, [Effect::FollowLogs(Some(filter))]);
    assert!(act(&mut page, Action::Level, Some("loud")).note.is_some());
    assert!(matches!(act(&mut page, Action::Target, None).overlay, Some(Overlay::Prompt(_))));
}

#[test]
fn a_line_leads_to_its_order_and_is_saved_with_the_others_that_are_shown() {
    let mut page = page(1..=3);
    assert_eq!(act(&mut page, Action::Open, None).open.as_deref(), Some("01a0-3"));
    act(&mut page, Action::Narrow, Some("slow"));
    let saved = act(&mut page, Action::Save, Some("out.log")).effects;
    let text = "2026-09-21T14:13:20.003Z INFO  orderd::engine the node is slow order=01a0-3\n";
    assert_eq!(saved, [Effect::Write { file: "out.log".into(), text: text.into() }]);
}

#[test]
fn lines_holes_and_hits_are_drawn() {
    let mut page = page(1..=30);
    page.tell(LogNews::Missed(214));
    page.tell(LogNews::Lines(vec![
        line(300, "ERROR", "cannot \u{1b}[2J write"),
        line(301, "WARN", "the node is slow"),
    ]));
    act(&mut page, Action::Filter, Some("slow"));
    for (columns, rows) in [(80, 21), (120, 33), (200, 47)] {
        let drawn = drawn(&page, &Told::default(), (columns, rows), &UNICODE);
        insta::assert_snapshot!(format!("logs_{columns}"), drawn);
    }
}
