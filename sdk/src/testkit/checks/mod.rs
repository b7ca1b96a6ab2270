//! What is tried. Each check has a name, says what it shows, and stands in a file with its likes.

mod build;
mod calls;
mod chain;
mod config;
mod ending;
mod garbage;
mod host;
mod library;
mod quote;
mod remains;

use super::{Bench, Report, Verdict, report::Checked};
use std::time::Instant;

/// One thing to try.
#[derive(Debug)]
pub struct Check {
    /// Its name, in lower case and hyphens.
    pub name: &'static str,
    /// What it shows when it passes.
    pub shows: &'static str,
    run: fn(&Bench) -> Checked,
}

impl Check {
    const fn new(name: &'static str, shows: &'static str, run: fn(&Bench) -> Checked) -> Self {
        Self { name, shows, run }
    }

    /// Tries it.
    #[must_use]
    pub fn run(&self, bench: &Bench) -> Report {
        let began = Instant::now();
        let verdict = Verdict::from((self.run)(bench));
        let log = match &verdict {
            Verdict::Failed(_) => bench.records.all(),
            Verdict::Passed | Verdict::Skipped { .. } => Vec::new(),
        };
        Report {
            name: self.name.to_owned(),
            shows: self.shows.to_owned(),
            verdict,
            log,
            millis: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// The check of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        CHECKS.iter().find(|check| check.name == name)
    }
}

/// Every check, in the order in which its reader would mend what it finds.
pub static CHECKS: &[Check] = &[
    Check::new("manifest", "the library says who it is", library::manifest),
    Check::new("describe", "create makes exactly what is configured", library::describe),
    Check::new("older-host", "it works with a host of minor version 0", library::older_host),
    Check::new("newer-host", "it works with a host that knows more than it does", library::newer_host),
    Check::new("config-mistakes", "a wrong configuration gives a message and no instance", config::mistakes),
    Check::new("start-returns", "start returns at once, whatever the call will take", calls::start_returns),
    Check::new("completes-once", "1000 calls at one time are completed once each", calls::completes_once),
    Check::new("deadline", "a call with no time left is completed soon", calls::deadline),
    Check::new("cancel", "a cancelled call is completed once", calls::cancel),
    Check::new("unknown-method", "a method of a later version is unsupported", garbage::unknown_method),
    Check::new(
        "unknown-target",
        "a venue or chain that is not configured is refused",
        garbage::unknown_target,
    ),
    Check::new("malformed-requests", "what is not the method's JSON is refused", garbage::malformed),
    Check::new("large-requests", "requests of any size are answered or refused", garbage::large),
    Check::new("panic", "a panic ends its call and nothing else", garbage::panic),
    Check::new(
        "host-answers",
        "whatever the host answers, a call ends with an answer or an error",
        host::answers,
    ),
    Check::new(
        "host-silence",
        "a host that is busy or silent costs a call its time and no more",
        host::silence,
    ),
    Check::new(
        "destroy",
        "destroy completes what is in flight, and nothing is said after it",
        ending::destroy,
    ),
    Check::new("instances", "instances of one library do not touch each other", ending::instances),
    Check::new("leaves-no-threads", "50 instances leave no thread behind", remains::threads),
    Check::new("leaves-no-files", "50 instances leave no file or socket open", remains::files),
    Check::new("leaves-no-memory", "50 instances leave no memory behind", remains::memory),
    Check::new("health", "health answers within its time", library::health),
    Check::new("quote", "a market has a price", quote::price),
    Check::new("quote-amounts", "amounts are whole numbers of base units, as text", quote::amounts),
    Check::new("quote-rises", "who sells more does not receive less", quote::rises),
    Check::new("quote-repeats", "the same question has the same answer", quote::repeats),
    Check::new("quote-extremes", "nothing and far too much are errors", quote::extremes),
    Check::new("quote-pairs", "a token for itself, and an unknown token, are errors", quote::pairs),
    Check::new("build", "a quote leads to a transaction", build::builds),
    Check::new("build-terms", "amount, least output and deadline are in the transaction", build::terms),
    Check::new("build-routes", "a route that is not its own is refused or has no effect", build::routes),
    Check::new("build-limits", "the chain refuses what gives too little or comes too late", build::limits),
    Check::new("address", "an account has one address", chain::address),
    Check::new("lane", "sequences are finalized no sooner than they are consumed", chain::lane),
    Check::new("balance", "balances are read", chain::balance),
    Check::new("unknown-hash", "a transaction that was never sent is not found", chain::unknown_hash),
    Check::new("prepare", "the same transaction at the same sequence is the same bytes", chain::prepare),
    Check::new("prepare-offline", "signing asks the host for nothing but signatures", chain::prepare_offline),
    Check::new("send-again", "the same bytes sent twice take effect once", chain::send_again),
    Check::new(
        "status-forward",
        "a transaction never goes back while it becomes final",
        chain::status_forward,
    ),
    Check::new("consumer", "the chain tells which transaction took a sequence for good", chain::consumer),
    Check::new("replace", "bump and cancel take the same sequence", chain::replace),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_checks_have_one_name() {
        let names: BTreeSet<_> = CHECKS.iter().map(|check| check.name).collect();
        assert_eq!(names.len(), CHECKS.len());
        assert!(Check::named("quote").is_some() && Check::named("quotes").is_none());
    }
}
