//! The page as it is drawn and used.

use super::*;
use crate::console::{
    samples::{NOW, busy, drawn, hostile, screen, styled},
    theme::{ASCII, Background, Colours, Theme, UNICODE},
};
use orderd_sdk::wire::{DepthHistory, Pause, Queue, Workers};
use proptest::prelude::*;
use std::sync::Arc;

fn with(told: Told, change: impl FnOnce(&mut Queue)) -> Told {
    let mut queue = (**told.queue.as_ref().expect("it is told")).clone();
    change(&mut queue);
    Told { queue: Some(Arc::new(queue)), ..told }
}

#[test]
fn the_queue_is_seen_at_three_sizes() {
    for size in [(80, 21), (120, 33), (200, 47)] {
        let drawn = drawn(&QueuePage::default(), &busy(), size, &UNICODE);
        insta::assert_snapshot!(format!("queue_{}", size.0), drawn);
    }
}

#[test]
fn a_paused_queue_says_so_in_every_mode_of_colours() {
    let reason = Some("RPC of the chain is down".to_owned());
    let pause = Pause { since: Timestamp(NOW.0 - 723_000), by: "ops-1".into(), reason };
    let told = with(busy(), |queue| queue.paused = Some(pause));
    for (name, theme) in [
        ("true_dark", Theme::new(Colours::True, Background::Dark, &UNICODE)),
        ("sixteen", Theme::new(Colours::Sixteen, Background::Light, &UNICODE)),
        ("none_ascii", Theme::new(Colours::None, Background::Dark, &ASCII)),
    ] {
        let buffer = screen(&QueuePage::default(), &told, &theme, (80, 21));
        insta::assert_snapshot!(format!("queue_paused_{name}"), styled(&buffer));
    }
}

#[test]
fn what_was_not_told_is_not_made_up() {
    let page = QueuePage::default();
    insta::assert_snapshot!("queue_untold", drawn(&page, &Told::default(), (80, 21), &UNICODE));
    let older = with(busy(), |queue| {
        queue.workers = Workers::default();
        (queue.delayed, queue.delayed_total) = (Vec::new(), 0);
        (queue.depth_history, queue.waits) = (DepthHistory::default(), Vec::new());
    });
    insta::assert_snapshot!("queue_older", drawn(&page, &older, (80, 21), &UNICODE));
}

#[test]
fn retries_are_counted_down_and_enter_opens_the_one_under_the_cursor() {
    let (mut page, mut told) = (QueuePage::default(), busy());
    page.act(Action::Down, None, &mut told, NOW);
    let second = told.queue.as_ref().expect("it is told").delayed[1].order_id.clone();
    assert!(drawn(&page, &told, (80, 21), &UNICODE).contains("in 1.4 s"));
    let sooner = with(busy(), |queue| queue.delayed[1].due_at = NOW.plus_millis(400));
    assert!(drawn(&page, &sooner, (80, 21), &UNICODE).contains("in 400 ms"));
    // The first has had its turn: the cursor stays on its order.
    let mut told = with(told, |queue| drop(queue.delayed.remove(0)));
    assert_eq!(page.act(Action::Open, None, &mut told, NOW).open.as_deref(), Some(second.as_str()));
    assert_eq!(page.act(Action::Copy, None, &mut told, NOW).effects, [Effect::Copy(second)]);
    let mut none = with(told, |queue| queue.delayed.clear());
    assert!(page.act(Action::Open, None, &mut none, NOW).note.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn it_is_drawn_at_any_size_with_any_text(
        columns in 0_u16..220, rows in 0_u16..60, steps in 0_usize..12,
        harm in "[\\x1b\\n\\t\u{202e}\u{200d}界éa\\[31m]{0,40}",
    ) {
        let (mut page, mut told) = (QueuePage::default(), hostile(&harm));
        for _ in 0..steps {
            page.act(Action::Down, None, &mut told, NOW);
        }
        let drawn = styled(&screen(&page, &told, &Theme::default(), (columns, rows)));
        prop_assert!(!drawn.contains(|c: char| c != '\n' && (c.is_control() || c == '\u{202e}')), "{drawn:?}");
    }
}
