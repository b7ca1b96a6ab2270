//! How venues are shown.

use crate::{
    report::{Report, counted, fact, json_line, part},
    table::Table,
};
use orderd_sdk::wire::{VenueGuard, VenueReport, Venues};
use std::io::{self, Write};

impl Report for Venues {
    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut table = Table::titled(&[
            "VENUE",
            "CHAIN",
            "STATE",
            "ASKED",
            "QUOTED",
            "WON",
            "DONE",
            "P50",
            "P99",
            "PLUGIN",
            "LAST ERROR",
        ]);
        for venue in &self.venues {
            table.row([
                &venue.name,
                &venue.chain,
                &state(venue),
                &venue.asked.to_string(),
                &venue.quoted.to_string(),
                &venue.won.to_string(),
                &venue.executed.to_string(),
                &millis(venue.p50_ms),
                &millis(venue.p99_ms),
                &plugin(venue),
                venue.last_error.as_deref().unwrap_or("-"),
            ]);
        }
        table.write(out)
    }

    fn words(&self) -> Vec<String> {
        self.venues.iter().map(words).collect()
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        self.venues.iter().try_for_each(|venue| json_line(venue, out))
    }
}

fn words(venue: &VenueReport) -> String {
    fact([
        format!("venue {} on {}", venue.name, venue.chain),
        state(venue),
        part("because", venue.guard.as_ref().and_then(why)),
        format!("asked {}", counted(venue.asked, "time")),
        counted(venue.quoted, "quote"),
        format!("{} won", venue.won),
        format!("{} included", counted(venue.executed, "swap")),
        venue.p50_ms.map_or(String::new(), |millis| format!("half within {millis} ms")),
        part("plugin", venue.guard.as_ref().map(|_| plugin(venue))),
        part("last error", venue.last_error.as_ref()),
    ])
}

/// Whether it is asked, in a word.
pub(super) fn state(venue: &VenueReport) -> String {
    match &venue.guard {
        None => "unknown".to_owned(),
        Some(guard) if !guard.enabled => "disabled".to_owned(),
        Some(VenueGuard { quarantine: Some(_), .. }) => "quarantined".to_owned(),
        Some(guard) if guard.breaker.state == "closed" => "asked".to_owned(),
        Some(guard) => format!("breaker {}", guard.breaker.state),
    }
}

fn why(guard: &VenueGuard) -> Option<&str> {
    let quarantine = guard.quarantine.as_ref().map(|quarantine| quarantine.reason.as_str());
    quarantine.or(guard.breaker.reason.as_deref())
}

fn plugin(venue: &VenueReport) -> String {
    let plugin = venue.guard.as_ref().map(|guard| &guard.plugin);
    plugin.map_or("-".to_owned(), |plugin| match &plugin.version {
        Some(version) => format!("{} {version}", plugin.name),
        None => plugin.name.clone(),
    })
}

fn millis(millis: Option<u64>) -> String {
    millis.map_or("-".to_owned(), |millis| format!("{millis} ms"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::samples::{shown, venue};

    #[test]
    fn venues_are_shown_with_what_is_held_against_them() {
        let mut open = venue("alpha");
        let guard = open.guard.as_mut().unwrap();
        guard.breaker.state = "open".into();
        guard.breaker.reason = Some("7 failures in a row".into());
        let mut disabled = venue("beta");
        disabled.guard.as_mut().unwrap().enabled = false;
        let venues = Venues { venues: vec![open, disabled] };
        let table = "\
VENUE  CHAIN  STATE         ASKED  QUOTED  WON  DONE  P50    P99    PLUGIN       LAST ERROR
alpha  paper  breaker open  40     39      25   24    12 ms  47 ms  paper 0.1.0  no answer in time
beta   paper  disabled      40     39      25   24    12 ms  47 ms  paper 0.1.0  no answer in time
";
        let words = "\
venue alpha on paper, breaker open, because 7 failures in a row, asked 40 times, 39 quotes, 25 won, \
24 swaps included, half within 12 ms, plugin paper 0.1.0, last error no answer in time
venue beta on paper, disabled, asked 40 times, 39 quotes, 25 won, 24 swaps included, half within 12 ms, \
plugin paper 0.1.0, last error no answer in time
";
        let [is_table, is_words, json] = shown(&venues);
        assert_eq!((is_table.as_str(), is_words.as_str()), (table, words));
        let read: Vec<VenueReport> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read, venues.venues);
    }
}
