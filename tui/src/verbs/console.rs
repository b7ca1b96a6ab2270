//! `orderctl` without a verb: the console; or, in words, what it would show.

use super::orders::{Listing, Meant, Wanted, Watched};
use crate::{
    args::Style,
    console::{effect::Watch, model, run},
    failure::Failure,
    profile::{Abilities, Mouse},
    session::Session,
    watch::Said,
};
use std::io::{self, IsTerminal};

/// How many orders are said at first.
const ORDERS: u32 = 50;

/// Shows the console, for as long as somebody looks.
pub(crate) async fn console(session: &mut Session<'_>, terminal: Abilities) -> Result<(), Failure> {
    if session.style == Style::Words {
        return in_words(session).await;
    }
    if session.style != Style::Table || !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(Failure::NoTerminal);
    }
    let profile = &session.profile;
    let shown = model::Session {
        profile: profile.name.clone().unwrap_or_else(|| "default".to_owned()),
        url: profile.url.clone(),
        access: profile.access,
        guarded: profile.guarded,
    };
    let mouse = match profile.looks.mouse {
        Mouse::On => Watch::On,
        Mouse::Off => Watch::Off,
    };
    Ok(run::run(session.client.clone(), shown, profile.looks.theme(terminal), mouse).await?)
}

/// Says how the daemon is and how orders stand, and then what changes, a new line for each.
async fn in_words(session: &mut Session<'_>) -> Result<(), Failure> {
    let mut said = Said::default();
    let status = session.client.status().await?;
    said.show(session, &status)?;
    let listing = Listing::new(session.client.clone(), Meant::default(), Wanted::Most(ORDERS));
    Watched::begin(session, listing).await?.follow_with_status(session, said).await
}
