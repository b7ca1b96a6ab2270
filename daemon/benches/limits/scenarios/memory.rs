//! What a client costs that is connected and hears nothing. Buffers of the kernel are not counted.

use super::session::{Session, Way};
use crate::{
    plan::Plan,
    report::{Figure, Row, Target},
};
use std::{rc::Rc, time::Duration};

const KIBIBYTE: f64 = 1024.0;
/// Clients before those that are counted: the code is in memory then.
const EARLIER: usize = 100;
/// What a connection has needed for its beginning is given back by then.
const SETTLE: Duration = Duration::from_secs(1);

/// Whose events the clients follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Orders {
    Same,
    OneEach,
}

const CASES: [(&str, Way, Orders); 4] = [
    ("all follow one order", Way::Order, Orders::Same),
    ("each follows its own", Way::Order, Orders::OneEach),
    ("all follow all orders", Way::Stream, Orders::Same),
    ("each follows its own", Way::StreamOfOne, Orders::OneEach),
];

pub(super) fn run(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let clients = plan.idle;
    let bare = Figure::of(vec![kibibytes(Way::Bare, Orders::Same, clients)?]);
    let row = |(case, way, orders): (&str, Way, Orders)| {
        let ours = Figure::of(vec![kibibytes(way, orders, clients)?]);
        let what = format!("{}: memory of an idle client of {clients}, {case}", way.name());
        Ok(Row::new(what, "KiB", ours, Some(bare.clone()), Target::AtMost(16.0)))
    };
    CASES.into_iter().map(row).collect()
}

/// What each further client adds to the memory of the server.
fn kibibytes(way: Way, orders: Orders, clients: usize) -> anyhow::Result<f64> {
    let mut launch = way.launch();
    if orders == Orders::OneEach {
        launch.orders = EARLIER + clients;
    }
    let mut session = Session::start(&launch)?;
    let order = |number| match orders {
        Orders::Same => 0,
        Orders::OneEach => number,
    };
    let aim = |number| Rc::new(way.aim(&session.server, order(number)));
    let aims: Vec<_> = (0..EARLIER + clients).map(aim).collect();
    session.join(&aims[..EARLIER])?;
    session.fleet.run_for(SETTLE)?;
    let before = session.server.memory()?;
    session.join(&aims[EARLIER..])?;
    session.fleet.run_for(SETTLE)?;
    let grown = session.server.memory()?.saturating_sub(before);
    Ok(grown as f64 / clients as f64 / KIBIBYTE)
}
