//! `orderctl retry` and `orderctl cancel`: one order by itself; several, or all that match a filter, by the daemon's preview.

mod bulk;
mod gate;
mod one;
mod show;

use crate::{args::BulkArgs, failure::Failure, session::Session};
use orderd_sdk::wire::BulkAction;

/// What is to be done to orders.
pub(crate) struct Wish<'a> {
    pub(crate) action: BulkAction,
    pub(crate) orders: &'a BulkArgs,
    pub(crate) reason: Option<&'a str>,
}

/// Does it, or says what would come of it.
pub(crate) async fn change(session: &mut Session<'_>, wish: &Wish<'_>) -> Result<(), Failure> {
    match &wish.orders.ids[..] {
        [id] if !wish.orders.change.dry_run => one::change(session, wish, id).await,
        _ => bulk::change(session, wish).await,
    }
}
