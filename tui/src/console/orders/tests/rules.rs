//! What an operator can rely on, by examples.

use super::*;
use crate::console::orders::{Column, Direction, Marking, Mode, Sort};

const OLDEST_FIRST: Sort = Sort { column: Column::Created, direction: Direction::Ascending };

#[test]
fn a_new_table_shows_the_newest_and_follows_it() {
    let mut scene = Scene::new([1, 2, 3, 4, 5].map(order), 3);
    assert_eq!((scene.screen(), scene.cursor()), (vec![5, 4, 3], Some((5, 0))));
    scene.put([order(6)]);
    assert_eq!((scene.screen(), scene.cursor()), (vec![6, 5, 4], Some((6, 0))));
}

#[test]
fn following_goes_to_the_end_where_the_newest_come_last() {
    let mut scene = Scene::new([1, 2, 3, 4, 5].map(order), 3);
    scene.table.sort_by(OLDEST_FIRST);
    assert_eq!((scene.screen(), scene.cursor()), (vec![3, 4, 5], Some((5, 2))));
    scene.put([order(6)]);
    assert_eq!((scene.screen(), scene.cursor()), (vec![4, 5, 6], Some((6, 2))));
}

#[test]
fn the_row_under_the_cursor_stays_on_its_line_while_others_come_and_go_above_it() {
    let mut scene = Scene::new([1, 2, 3, 4, 5].map(order), 3);
    scene.table.step(1);
    assert_eq!(scene.cursor(), Some((4, 1)));
    scene.put([order(6), order(7)]);
    assert_eq!((scene.screen(), scene.cursor()), (vec![5, 4, 3], Some((4, 1))));
    scene.remove(5);
    assert_eq!((scene.screen(), scene.cursor()), (vec![6, 4, 3], Some((4, 1))));
    scene.remove(6);
    scene.remove(7);
    assert_eq!(scene.cursor(), Some((4, 0)), "there is nothing above it");
    scene.remove(3);
    scene.remove(2);
    assert_eq!((scene.screen(), scene.cursor()), (vec![4, 1], Some((4, 0))), "a line may be empty below");
}

#[test]
fn the_row_stays_on_its_line_when_its_own_place_among_the_others_changes() {
    let mut scene = Scene::new([1, 2, 3, 4, 5].map(order), 3);
    scene.table.sort_by(Sort { column: Column::Updated, direction: Direction::Descending });
    scene.table.go_to(3);
    assert_eq!((scene.screen(), scene.cursor()), (vec![4, 3, 2], Some((2, 2))));
    scene.put([OrderDto { updated_at: Timestamp(9), seq: 2, ..order(2) }]);
    assert_eq!(scene.cursor(), Some((2, 0)), "it is the first by now");
    scene.put([OrderDto { updated_at: Timestamp(10), seq: 2, ..order(1) }]);
    assert_eq!((scene.screen(), scene.cursor()), (vec![2, 5, 4], Some((2, 0))));
}

#[test]
fn an_order_that_does_not_match_any_more_is_a_ghost_until_the_cursor_leaves_it() {
    let mut scene = Scene::new([1, 2, 3].map(failed), 3);
    scene.pick(Picked::State(OrderStatus::Failed));
    scene.table.step(1);
    scene.put([OrderDto { status: OrderStatus::RetryPending, seq: 3, ..order(2) }]);
    assert_eq!((scene.screen(), scene.cursor()), (vec![3, 2, 1], Some((2, 1))));
    let row = scene.table.cursor().unwrap();
    assert!(row.ghost && row.order.status == OrderStatus::RetryPending, "it shows how the order stands");
    assert_eq!((scene.table.matched(), scene.table.len()), (2, 3));
    scene.put([OrderDto { seq: 3, ..failed(3) }]);
    assert!(scene.table.cursor().unwrap().ghost, "another order's change is nothing to it");
    scene.table.step(1);
    assert_eq!((scene.screen(), scene.cursor()), (vec![3, 1], Some((1, 1))));
    assert_eq!((scene.table.matched(), scene.table.len()), (2, 2));
}

#[test]
fn a_ghost_that_matches_again_is_a_row_like_any_other() {
    let mut scene = Scene::new([1, 2, 3].map(failed), 3);
    scene.pick(Picked::State(OrderStatus::Failed));
    scene.table.step(1);
    scene.put([OrderDto { status: OrderStatus::Pending, seq: 3, ..order(2) }]);
    scene.put([OrderDto { seq: 4, ..failed(2) }]);
    assert!(!scene.table.cursor().unwrap().ghost);
    scene.table.step(1);
    assert_eq!(scene.screen(), [3, 2, 1]);
}

#[test]
fn an_order_that_is_gone_leaves_a_ghost_too() {
    let mut scene = Scene::new([1, 2, 3].map(order), 3);
    scene.table.step(1);
    scene.remove(2);
    assert_eq!((scene.screen(), scene.cursor()), (vec![3, 2, 1], Some((2, 1))));
    scene.flush(&Changed::All);
    assert!(scene.table.cursor().unwrap().ghost, "reading everything anew does not make it jump");
    assert_eq!((scene.table.matched(), scene.table.total()), (2, 2));
}

#[test]
fn another_filter_takes_the_cursor_to_the_row_that_has_its_place() {
    let mut scene = Scene::new([failed(1), order(2), order(3), failed(4), order(5)], 3);
    scene.table.go_to(2);
    assert_eq!(scene.cursor(), Some((3, 2)));
    scene.pick(Picked::State(OrderStatus::Failed));
    assert_eq!((scene.screen(), scene.cursor()), (vec![4, 1], Some((1, 1))));
    scene.pick(Picked::All);
    assert_eq!(scene.cursor(), Some((1, 1)), "it matches the next filter too");
    scene.pick(Picked::State(OrderStatus::Unknown));
    assert_eq!((scene.screen(), scene.cursor()), (vec![], None));
    scene.pick(Picked::All);
    assert_eq!(scene.cursor(), Some((5, 0)));
}

#[test]
fn another_order_of_rows_leaves_the_cursor_on_its_order() {
    let mut scene = Scene::new([1, 2, 3, 4, 5].map(order), 3);
    scene.table.step(1);
    scene.table.sort_by(OLDEST_FIRST);
    assert_eq!((scene.screen(), scene.cursor()), (vec![3, 4, 5], Some((4, 1))));
}

#[test]
fn a_frozen_table_shows_what_was_and_counts_what_is_behind_it() {
    let mut scene = Scene::new([1, 2, 3].map(order), 3);
    scene.table.freeze();
    scene.put([failed(2), order(4)]);
    scene.put([OrderDto { seq: 3, ..failed(2) }]);
    assert_eq!(scene.screen(), [3, 2, 1]);
    assert!(scene.table.window().all(|row| row.order.status == OrderStatus::Pending));
    let Mode::Frozen(behind) = scene.table.mode() else { panic!("it is frozen") };
    assert_eq!(behind.count(), Some(2), "each order counts once");
    scene.thaw();
    assert_eq!((scene.screen(), scene.cursor()), (vec![3, 2, 1], Some((3, 0))));
    assert_eq!(scene.table.window().nth(1).unwrap().order.status, OrderStatus::Failed);
    scene.table.follow();
    assert_eq!(scene.cursor(), Some((4, 0)));
}

#[test]
fn what_is_behind_a_frozen_table_has_a_bound() {
    let mut scene = Scene::new([order(1)], 3);
    scene.table.freeze();
    scene.put((0..10_001).map(order));
    let Mode::Frozen(behind) = scene.table.mode() else { panic!("it is frozen") };
    assert_eq!(behind.count(), None);
    scene.thaw();
    assert_eq!(scene.table.matched(), 10_001);
}

#[test]
fn time_takes_rows_away_and_brings_others() {
    let mut scene = Scene::new([100, 200, 300].map(order), 9);
    scene.now = Timestamp(300);
    scene.pick(Picked::Within(150));
    assert_eq!((scene.screen(), scene.table.next_due()), (vec![300, 200], Some(Timestamp(351))));
    scene.pass(50);
    assert_eq!(scene.screen(), [300, 200]);
    scene.pass(1);
    assert_eq!((scene.screen(), scene.table.next_due()), (vec![300], Some(Timestamp(451))));
    scene.pick(Picked::Before(150));
    assert_eq!(scene.screen(), [200, 100], "the cursor's order does not match what was asked for");
    scene.pass(100);
    assert_eq!((scene.screen(), scene.table.next_due()), (vec![300, 200, 100], None));
}

#[test]
fn marks_outlive_everything_and_tell_which_of_them_are_hidden() {
    let mut scene = Scene::new([failed(1), order(2), failed(3)], 3);
    scene.pick(Picked::State(OrderStatus::Failed));
    assert_eq!(scene.table.mark_all(), Marking::Done);
    scene.pick(Picked::All);
    scene.table.sort_by(OLDEST_FIRST);
    assert_eq!(
        (scene.table.marks().ids(), scene.table.marks().hidden()),
        (vec![id(3).into(), id(1).into()], 0)
    );
    scene.pick(Picked::State(OrderStatus::Pending));
    assert_eq!((scene.table.marks().len(), scene.table.marks().hidden()), (2, 2));
    scene.put([OrderDto { status: OrderStatus::Pending, seq: 3, ..order(1) }]);
    assert_eq!((scene.table.marks().len(), scene.table.marks().hidden()), (2, 1));
    scene.remove(3);
    assert!(scene.table.marks().has(&id(3)), "the daemon may still have it");
    scene.table.clear_marks();
    assert_eq!((scene.table.marks().is_empty(), scene.table.marks().hidden()), (true, 0));
}

#[test]
fn a_mark_goes_with_its_order_and_not_with_the_line() {
    let mut scene = Scene::new([1, 2, 3].map(order), 3);
    scene.table.step(1);
    scene.table.toggle_mark();
    scene.put([order(4)]);
    let marked: Vec<_> = scene.table.visible(0, 9).map(|row| row.marked).collect();
    assert_eq!(marked, [false, false, true, false]);
    scene.table.toggle_mark();
    assert!(scene.table.marks().is_empty());
}

#[test]
fn the_cursor_goes_to_an_order_only_if_that_has_a_row() {
    let mut scene = Scene::new([failed(1), order(2), failed(3)], 1);
    scene.pick(Picked::State(OrderStatus::Failed));
    assert!(scene.table.go_to_order(&id(1)));
    assert_eq!((scene.screen(), scene.cursor()), (vec![1], Some((1, 0))));
    assert!(!scene.table.go_to_order(&id(2)));
    assert_eq!(scene.cursor(), Some((1, 0)));
}
