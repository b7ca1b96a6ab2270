//! One file per verb: what it asks, and how it shows the answer.

mod actions;
mod change;
mod clients;
mod console;
mod export;
mod logs;
mod manual;
mod many;
mod order;
mod orders;
mod queue;
#[cfg(test)]
mod samples;
mod span;
mod status;
mod venues;

pub(crate) use console::console;
pub(crate) use export::export_matching;
pub(crate) use manual::{completions, man};

use crate::{
    args::{CancelArgs, Verb},
    failure::Failure,
    session::Session,
};
use many::Wish;
use orderd_sdk::wire::BulkAction;

/// Does what a daemon is needed for.
pub(crate) async fn run(session: &mut Session<'_>, verb: &Verb) -> Result<(), Failure> {
    match verb {
        Verb::Status(watching) => status::status(session, *watching).await,
        Verb::Orders(args) => orders::orders(session, args).await,
        Verb::Order(args) => order::order(session, args).await,
        Verb::Venues { watching, verb } => venues::venues(session, *watching, verb.as_ref()).await,
        Verb::Retry(orders) => {
            many::change(session, &Wish { action: BulkAction::Retry, orders, reason: None }).await
        }
        Verb::Cancel(CancelArgs { orders, reason }) => {
            let wish = Wish { action: BulkAction::Cancel, orders, reason: reason.as_deref() };
            many::change(session, &wish).await
        }
        Verb::Export(args) => export::export(session, args).await,
        Verb::Queue { watching, verb } => queue::queue(session, *watching, verb.as_ref()).await,
        Verb::Clients { watching, verb } => clients::clients(session, *watching, verb.as_ref()).await,
        Verb::Actions(watching) => actions::actions(session, *watching).await,
        Verb::Logs(args) => logs::logs(session, args).await,
        // These need none.
        Verb::Plugin(_) | Verb::Completions { .. } | Verb::Man { .. } => Ok(()),
    }
}
