//! `orderctl venues enable|disable|reload NAME`.

use super::show::state;
use crate::{
    args::{Venue, VenuesVerb},
    failure::Failure,
    report::counted,
    session::Session,
    verbs::change::{Deed, Forecast},
};
use orderd_sdk::wire::{LibraryReport, Venues};

/// What is done to a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Switch {
    Enable,
    Disable,
    Reload,
}

/// Acts on a venue, or says what would come of that.
pub(super) async fn switch(session: &mut Session<'_>, verb: &VenuesVerb) -> Result<(), Failure> {
    let (switch, Venue { name, change }) = match verb {
        VenuesVerb::Enable(venue) => (Switch::Enable, venue),
        VenuesVerb::Disable(venue) => (Switch::Disable, venue),
        VenuesVerb::Reload(venue) => (Switch::Reload, venue),
    };
    let deed = switch.deed(name);
    if change.dry_run {
        let venues = session.client.venues().await?;
        return deed.forecast(session, &forecast(&venues, name));
    }
    deed.confirm(session, *change).await?;
    switch.carry_out(session, &deed, name).await
}

impl Switch {
    fn deed(self, name: &str) -> Deed {
        let (action, word) = match self {
            Self::Enable => ("enable-venue", "enable"),
            Self::Disable => ("disable-venue", "disable"),
            Self::Reload => ("reload-venue", "reload the plugin of"),
        };
        Deed { action, target: Some(name.to_owned()), words: format!("{word} venue {name}") }
    }

    async fn carry_out(self, session: &mut Session<'_>, deed: &Deed, name: &str) -> Result<(), Failure> {
        let client = session.client.clone();
        match self {
            Self::Enable => {
                deed.done(session, format!("venue {name} is enabled"), &client.enable_venue(name).await?)
            }
            Self::Disable => {
                deed.done(session, format!("venue {name} is disabled"), &client.disable_venue(name).await?)
            }
            Self::Reload => {
                let reloaded = client.reload_venue(name).await?;
                let (before, after) = (library(&reloaded.before), library(&reloaded.after));
                let words = format!("plugin {} of venue {name} is {after}, was {before}", reloaded.plugin);
                deed.done(session, words, &reloaded)
            }
        }
    }
}

fn forecast(venues: &Venues, name: &str) -> Forecast {
    match venues.venues.iter().find(|venue| venue.name == name) {
        None => Forecast::Refused("there is no such venue".to_owned()),
        Some(venue) => {
            let in_flight = venue.guard.as_ref().map_or(0, |guard| guard.in_flight);
            Forecast::Done(format!("now {}, {} under way", state(venue), counted(in_flight, "call")))
        }
    }
}

/// A library in short.
fn library(library: &LibraryReport) -> String {
    let hash: String = library.sha256.chars().take(12).collect();
    format!("{} ({hash})", library.version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::samples::venue;

    #[test]
    fn what_would_come_of_it_is_told_by_how_the_venue_is() {
        let venues = Venues { venues: vec![venue("alpha")] };
        let now = "now asked, 3 calls under way".to_owned();
        assert_eq!(forecast(&venues, "alpha"), Forecast::Done(now));
        assert_eq!(forecast(&venues, "moon"), Forecast::Refused("there is no such venue".to_owned()));
    }
}
