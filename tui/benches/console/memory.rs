//! Memory that is resident with all orders in the cache and all of them in the table.

use crate::{ORDERS, life, report::Report, screen::Screen};
use anyhow::Context;
use orderctl::console::orders::Listing;
use orderd_sdk::{
    client::{Cache, Changed, CoordinatorOptions, Feed},
    timestamp::Timestamp,
};

/// All orders, and a table that shows them.
pub(crate) struct Scene {
    pub(crate) feed: Feed,
    pub(crate) cache: Cache,
    pub(crate) table: Listing,
    pub(crate) now: Timestamp,
}

const MOST: u64 = 64 << 20;

pub(crate) fn measure(report: &mut Report) -> anyhow::Result<Scene> {
    let empty = resident()?;
    report.bytes("resident, before there is an order", MOST, empty);
    let (mut feed, cache) = Feed::new(&CoordinatorOptions::default());
    for number in 0..ORDERS {
        feed.put(as_it_comes(number)?);
        if number % 660 == 0 {
            feed.flush();
        }
    }
    feed.flush();
    let filled = resident()?;
    let now = life::BEGAN.plus_millis(ORDERS * life::APART);
    let mut table = Listing::new();
    table.resize(40);
    table.refresh(&Changed::All, &cache, now);
    let shown = resident()?;
    report.bytes("resident with all orders, in cache and table", MOST, shown);
    report.bytes("of it per order: the cache", MOST / ORDERS, (filled - empty) / ORDERS);
    report.bytes("of it per order: the table", MOST / ORDERS, (shown - filled) / ORDERS);
    Ok(Scene { feed, cache, table, now })
}

/// A whole console has a table of its own; so the other goes meanwhile.
pub(crate) fn measure_whole(scene: &mut Scene, report: &mut Report) -> anyhow::Result<()> {
    scene.table = Listing::new();
    let screen = Screen::new(scene, (200, 50))?;
    report.bytes("resident with a whole console", MOST, resident()?);
    drop(screen);
    scene.table.refresh(&Changed::All, &scene.cache, scene.now);
    Ok(())
}

/// And after the table was filtered, sorted and changed.
pub(crate) fn measure_again(report: &mut Report) -> anyhow::Result<()> {
    report.bytes("resident after all of it", MOST, resident()?);
    Ok(())
}

/// An order is read from JSON, as it would be from a socket: that decides how its texts lie in memory.
fn as_it_comes(number: u64) -> anyhow::Result<orderd_sdk::wire::OrderDto> {
    let text = serde_json::to_string(&life::order(number, 0))?;
    Ok(serde_json::from_str(&text)?)
}

/// What Linux says of this process.
fn resident() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes << 10)
}
