//! The table of orders: filtered, sorted, changed, and looked at.

use crate::{ORDERS, life, memory::Scene, report::Report};
use orderctl::console::orders::{Column, Direction, Sort};
use orderd_sdk::{client::Changed, filter::Filter};
use std::{hint::black_box, sync::Arc, time::Duration};

const FILTER: Duration = Duration::from_millis(10);
const SORT: Duration = Duration::from_millis(20);
/// A frame of 30 in a second.
const FRAME: Duration = Duration::from_millis(33);
/// 20,000 changes in a second are so many in a frame.
const CHANGES: u64 = 660;
const LOOK: Duration = Duration::from_millis(1);

pub(crate) fn measure(scene: &mut Scene, report: &mut Report) -> anyhow::Result<()> {
    filter(scene, report)?;
    sort(scene, report);
    change(scene, report);
    look(scene, report);
    Ok(())
}

/// What operators ask for, from much to little, each after all orders were shown.
const FILTERS: [&str; 5] = [
    "",
    "state:finalized",
    "state:failed venue:paper-beta since:15m",
    "-state:finalized age:>1m",
    "desk-7 5f",
];

fn filter(scene: &mut Scene, report: &mut Report) -> anyhow::Result<()> {
    for text in FILTERS {
        let filter = Filter::parse(text)?;
        report.time(
            &format!("filter: {text:?}"),
            FILTER,
            scene,
            |scene, _| scene.table.pick(Box::<Filter>::default(), &scene.cache, scene.now),
            |scene, _| scene.table.pick(Box::new(filter.clone()), &scene.cache, scene.now),
        );
    }
    scene.table.pick(Box::<Filter>::default(), &scene.cache, scene.now);
    Ok(())
}

/// From the order of ids to that of each column.
fn sort(scene: &mut Scene, report: &mut Report) {
    let ascending = |column| Sort { column, direction: Direction::Ascending };
    for column in Column::ALL {
        let before = if column == Column::Created { Column::Amount } else { Column::Created };
        let name = format!("sort: {column:?}").to_lowercase();
        report.time(
            &name,
            SORT,
            scene,
            |scene, _| scene.table.sort_by(ascending(before)),
            |scene, _| scene.table.sort_by(ascending(column)),
        );
    }
}

/// Orders anywhere in the table change, and move to its front.
fn change(scene: &mut Scene, report: &mut Report) {
    scene.table.sort_by(Sort { column: Column::Updated, direction: Direction::Descending });
    for changes in [1, CHANGES] {
        let numbers = |round| (0..changes).map(move |place| life::shuffled(round << 32 | place) % ORDERS);
        report.time(
            &format!("changes at once: {changes}"),
            FRAME,
            scene,
            |scene, round| {
                numbers(round).for_each(|number| scene.feed.put(life::order(number, 1 + round)));
                scene.feed.flush();
            },
            |scene, round| {
                let ids = numbers(round).map(|number| Arc::from(life::order(number, 0).id));
                let changed = Changed::Ids(ids.collect());
                scene.table.refresh(&changed, &scene.cache, scene.now);
            },
        );
    }
}

fn look(scene: &mut Scene, report: &mut Report) {
    report.time(
        "a screen of 40 rows, in full",
        LOOK,
        scene,
        |scene, round| scene.table.go_to(life::shuffled(round) as usize % scene.table.len()),
        |scene, _| scene.table.window().for_each(|row| drop(black_box(row.order.order()))),
    );
}
