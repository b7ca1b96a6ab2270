//! `orderctl venues`: how the venues do; and to enable, disable or reload one.

mod show;
mod switch;

use crate::{
    args::{VenuesVerb, Watching},
    failure::Failure,
    session::Session,
    watch,
};
use orderd_sdk::wire::Venues;

/// Shows the venues, or acts on one.
pub(crate) async fn venues(
    session: &mut Session<'_>,
    watching: Watching,
    verb: Option<&VenuesVerb>,
) -> Result<(), Failure> {
    if let Some(verb) = verb {
        return switch::switch(session, verb).await;
    }
    let venues = session.client.venues().await?;
    match watching.watch {
        true => watch::topic::<Venues>(session).await,
        false => Ok(session.show(&venues)?),
    }
}
