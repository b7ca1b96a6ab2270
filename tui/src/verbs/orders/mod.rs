//! `orderctl orders`: many orders, newest first.

mod list;
mod show;
mod watch;

pub(super) use list::Listing;

use crate::{args::OrdersArgs, failure::Failure, session::Session};
use show::{Lines, Place};
use watch::Watched;

/// Shows orders, page by page; columns are aligned within a page. Then those that change, if they are watched.
pub(crate) async fn orders(session: &mut Session<'_>, args: &OrdersArgs) -> Result<(), Failure> {
    let mut listing = Listing::new(session.client.clone(), args)?;
    if args.watch {
        return Watched::begin(session, listing).await?.follow(session).await;
    }
    while let Some(page) = listing.next().await? {
        session.show(&Lines { orders: page.iter().collect(), place: Place::Alone })?;
    }
    Ok(())
}
