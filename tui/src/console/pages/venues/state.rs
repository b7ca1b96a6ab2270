//! How a venue stands, in one word.

use crate::console::theme::Role;
use orderd_sdk::wire::VenueReport;
use std::borrow::Cow;

/// The word, and how it is meant.
pub(super) fn state(venue: &VenueReport) -> (Cow<'static, str>, Role) {
    let Some(guard) = &venue.guard else {
        return (Cow::Borrowed("asked"), Role::Text);
    };
    let (word, role) = match guard.breaker.state.as_str() {
        _ if !guard.enabled => ("disabled", Role::Dim),
        _ if guard.quarantine.is_some() => ("quarantine", Role::Bad),
        "open" => ("not asked", Role::Bad),
        "half-open" => ("on trial", Role::Warn),
        _ => ("asked", Role::Good),
    };
    (Cow::Borrowed(word), role)
}
