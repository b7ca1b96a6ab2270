//! `orderctl order ID`: one order, and its life so far.

mod show;
mod watch;

use crate::{args::OrderArgs, failure::Failure, session::Session};
use show::Life;

/// Shows an order as its events tell it, or each event as it comes.
pub(crate) async fn order(session: &mut Session<'_>, args: &OrderArgs) -> Result<(), Failure> {
    let order = session.client.order(&args.id).await?;
    if args.watch {
        return watch::watch(session, &order).await;
    }
    let events = session.client.events(&args.id, 0).await?.events;
    // The second answer may be newer: its last event carries the order as it stands then.
    let order = events.last().map_or(&order, |event| &event.order);
    Ok(session.show(&Life { order, events: &events })?)
}
