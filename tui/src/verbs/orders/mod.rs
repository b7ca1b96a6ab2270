//! `orderctl orders`: many orders, newest first.

mod list;
mod show;
mod watch;

pub(super) use list::{Listing, Meant, Wanted, parse};
pub(super) use watch::Watched;

use crate::{args::OrdersArgs, failure::Failure, session::Session};
use show::{Lines, Place};

/// Shows orders, page by page; columns are aligned within a page. Then those that change, if they are watched.
pub(crate) async fn orders(session: &mut Session<'_>, args: &OrdersArgs) -> Result<(), Failure> {
    let meant = Meant::new(&args.status, args.filter.as_deref())?;
    let mut listing = Listing::new(session.client.clone(), meant, Wanted::of(args));
    if args.watch {
        return Watched::begin(session, listing).await?.follow(session).await;
    }
    while let Some(page) = listing.next().await? {
        session.show(&Lines { orders: page.iter().collect(), place: Place::Alone })?;
    }
    Ok(())
}
