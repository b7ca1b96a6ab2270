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

pub(super) fn run(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let clients = plan.idle;
    let bare = one(per_client(Way::Bare, Orders::Same, clients)?);
    let same = one(per_client(Way::Order, Orders::Same, clients)?);
    let each = one(per_client(Way::Order, Orders::OneEach, clients)?);
    let row = |what: &str, ours| {
        let what = format!("{what}: memory of an idle client, of {clients}");
        Row::new(what, "KiB", ours, Some(bare.clone()), Target::AtMost(16.0))
    };
    Ok(vec![row("order, all the same", same), row("order, one each", each)])
}

fn one(value: f64) -> Figure {
    Figure::of(vec![value])
}

fn per_client(way: Way, orders: Orders, clients: usize) -> anyhow::Result<f64> {
    let mut launch = way.launch();
    if orders == Orders::OneEach {
        launch.orders = EARLIER + clients;
    }
    let mut session = Session::start(way, &launch)?;
    let order = |number: usize| if orders == Orders::OneEach { number } else { 0 };
    let aims: Vec<_> =
        (0..EARLIER + clients).map(|number| Rc::new(way.aim(&session.server, order(number)))).collect();
    session.join(&aims[..EARLIER])?;
    session.fleet.run_for(SETTLE)?;
    let before = session.server.memory()?;
    session.join(&aims[EARLIER..])?;
    session.fleet.run_for(SETTLE)?;
    let after = session.server.memory()?;
    Ok(after.saturating_sub(before) as f64 / clients as f64 / KIBIBYTE)
}
