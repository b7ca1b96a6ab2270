//! What needs attention among the venues.

use super::{Concern, Lead, Urgency};
use crate::console::{model::Told, pages::PageId, widgets::text};
use orderd_sdk::{
    timestamp::Timestamp,
    wire::{VenueGuard, VenueReport},
};

/// From so many rounds on, the share of those that failed says something.
const ENOUGH: u64 = 20;
/// An error that is older than this is over.
const RECENT_MS: u64 = 900_000;

/// Of every venue, the worst that is the matter with it.
pub(super) fn concerns(told: &Told, now: Timestamp) -> impl Iterator<Item = Concern> {
    let venues = told.venues.as_deref().map_or(&[][..], |venues| &venues.venues);
    venues.iter().filter_map(move |venue| {
        let (urgency, text) = held_back(venue, now).or_else(|| failing(venue, now))?;
        Some(Concern::new(urgency, format!("venue {}", venue.name), text, Lead::Page(PageId::Venues)))
    })
}

/// A venue that is not asked, or not by everybody.
fn held_back(venue: &VenueReport, now: Timestamp) -> Option<(Urgency, String)> {
    let (guard, name) = (venue.guard.as_ref()?, &venue.name);
    if let Some(quarantine) = &guard.quarantine {
        let since = text::span(now.millis_since(quarantine.since));
        let text = format!("venue {name} is quarantined for {since}: {}", quarantine.reason);
        return Some((Urgency::Act, text));
    }
    if !guard.enabled {
        let text = format!("venue {name} is disabled");
        return Some((Urgency::Know, text));
    }
    breaker(guard, now).map(|what| (Urgency::Look, format!("venue {name}: {what}")))
}

fn breaker(guard: &VenueGuard, now: Timestamp) -> Option<String> {
    let breaker = &guard.breaker;
    if breaker.state == "closed" {
        return None;
    }
    let since = text::span(now.millis_since(breaker.since));
    let retry = match breaker.retry_at {
        Some(at) if at > now => format!(", tried in {}", text::span(at.millis_since(now))),
        _ => String::new(),
    };
    let why = breaker.reason.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    Some(format!("breaker {} for {since}{retry}{why}", breaker.state))
}

/// A venue that gives no quote in more than one round of ten, since the daemon began, and did so of late.
fn failing(venue: &VenueReport, now: Timestamp) -> Option<(Urgency, String)> {
    let is_recent = venue.last_error_at.is_some_and(|at| now.millis_since(at) < RECENT_MS);
    let is_bad = venue.asked >= ENOUGH && u128::from(venue.failed) * 10 > u128::from(venue.asked);
    if !(is_recent && is_bad) {
        return None;
    }
    let percent = u128::from(venue.failed) * 100 / u128::from(venue.asked);
    let why = venue.last_error.as_ref().map_or_else(String::new, |why| format!(", last: {why}"));
    let text = format!("venue {} gave no quote in {percent} % of all rounds{why}", venue.name);
    Some((Urgency::Look, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::samples::{NOW, busy};
    use orderd_sdk::wire::Venues;
    use std::sync::Arc;

    /// The sample's venues, paper-beta among them, after a change of each.
    fn told(change: impl Fn(&mut VenueReport)) -> Told {
        let told = busy();
        let mut venues = told.venues.as_ref().unwrap().venues.clone();
        venues.iter_mut().for_each(change);
        Told { venues: Some(Arc::new(Venues { venues })), ..told }
    }

    fn texts(told: &Told, now: Timestamp) -> Vec<(Urgency, String)> {
        concerns(told, now).map(|concern| (concern.urgency, concern.text)).collect()
    }

    #[test]
    fn a_venue_that_fails_too_often_is_named_as_long_as_that_is_of_late() {
        let told = told(|venue| venue.guard = None);
        let text = "venue paper-beta gave no quote in 30 % of all rounds, last: 429 from the node, \u{1b}[31mbacking off";
        assert_eq!(texts(&told, NOW), [(Urgency::Look, text.to_owned())]);
        assert!(texts(&told, NOW.plus_millis(900_000)).is_empty());
    }

    #[test]
    fn one_round_of_ten_without_a_quote_is_not_too_often_and_a_few_rounds_say_nothing() {
        for (asked, failed, named) in [(1_000, 100, 0), (1_000, 101, 3), (19, 19, 0)] {
            let told = told(|venue| {
                (venue.guard, venue.last_error_at) = (None, Some(NOW));
                (venue.asked, venue.failed) = (asked, failed);
            });
            assert_eq!(texts(&told, NOW).len(), named, "{failed} of {asked}");
        }
    }

    #[test]
    fn an_open_breaker_says_when_it_is_tried_and_a_venue_that_is_disabled_is_only_told() {
        let told = told(|venue| {
            let is_beta = venue.name == "paper-beta";
            let guard = venue.guard.as_mut().unwrap();
            guard.quarantine = None;
            guard.enabled = is_beta;
            if is_beta {
                (guard.breaker.state, guard.breaker.retry_at) =
                    ("open".into(), Some(NOW.plus_millis(22_000)));
            }
        });
        let expected = [
            (Urgency::Know, "venue paper-gamma is disabled"),
            (Urgency::Know, "venue paper-alpha is disabled"),
            (
                Urgency::Look,
                "venue paper-beta: breaker open for 4.0 s, tried in 22.0 s: 31 % of quotes failed",
            ),
        ];
        assert_eq!(texts(&told, NOW), expected.map(|(urgency, text)| (urgency, text.to_owned())));
    }
}
