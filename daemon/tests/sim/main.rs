//! The whole engine in a world that is made up: virtual time, a disk that loses what was not synced, a chain that lies
//! as real nodes do, clients that ask again. Everything follows from a seed, so that whatever goes wrong can be seen
//! again; thousands of seeds run in seconds.
//!
//! A [`plan`] says what a seed stands for: how large the world is, which [`faults`] it has, how each [`life`] of the
//! engine ends. The [`world`] lives on from one to the next: the [`chain`] and its truth, the [`disk`] under the
//! [`store`], the [`client`]s, the [`operator`]. The [`witness`] sees everything that becomes durable and holds it against the [`laws`];
//! the [`ending`] is checked when everything is over. [`sabotage`] shows that broken laws are seen.

mod asked;
mod campaign;
mod chain;
mod chance;
mod client;
mod disk;
mod ending;
mod faults;
mod laws;
mod life;
mod logs;
mod operator;
mod plan;
mod run;
mod sabotage;
mod setup;
mod signatures;
mod store;
mod time;
mod trace;
mod verbs;
mod witness;
mod world;

use campaign::{Campaign, tell};
use orderd_sdk::wire::OrderStatus;
use plan::Plan;
use run::run;
use sabotage::{SABOTAGES, Sabotage};
use std::thread;
use trace::Wanted;

/// So many seeds have to find a planted bug.
const SABOTAGED: u64 = 1_000;
/// So many seeds come across everything that there is.
const ENOUGH: u64 = 1_000;

#[test]
fn no_seed_breaks_a_law() {
    let left_out = asked::left_out();
    if let Some(seed) = asked::seed() {
        let report = run(Plan::of(seed, &left_out, Sabotage::None), Wanted::Trace);
        println!("{}", report.lines.join("\n"));
        assert!(report.broken.is_none(), "{:?}", report.broken);
        return;
    }
    let seeds = asked::seeds();
    let outcome = Campaign::new(seeds.clone(), &left_out, Sabotage::None).run();
    if let Some(report) = outcome.broken {
        panic!("{}", tell(report.seed, &left_out, &asked::gaps()));
    }
    if seeds.end - seeds.start >= ENOUGH {
        let missed = faults::that_strike()
            .find(|fault| !left_out.contains(fault) && !outcome.seen.faults.contains(fault));
        assert_eq!(missed, None, "a fault that never strikes tests nothing");
        for status in
            [OrderStatus::Finalized, OrderStatus::Failed, OrderStatus::Expired, OrderStatus::Unknown]
        {
            assert!(outcome.seen.statuses.contains(&status), "no order was ever {status}");
        }
    }
}

#[test]
fn a_seed_goes_the_same_way_every_time() {
    for seed in 0..40 {
        let story = move || run(Plan::of(seed, &[], Sabotage::None), Wanted::Trace);
        let (once, again) = (story(), thread::spawn(story).join().expect("it went well before"));
        let parting = once.lines.iter().zip(&again.lines).find(|(one, other)| one != other);
        assert_eq!(once.fingerprint, again.fingerprint, "seed {seed} parts at {parting:?}");
    }
}

#[test]
fn planted_bugs_are_found() {
    for (sabotage, laws) in SABOTAGES {
        let found = Campaign::new(0..SABOTAGED, &asked::left_out(), *sabotage).run().broken;
        let found = found.and_then(|report| Some((report.seed, report.broken?)));
        let (seed, broken) = found.unwrap_or_else(|| panic!("{SABOTAGED} seeds do not find {sabotage:?}"));
        println!("{sabotage:?} is found by seed {seed}: {broken}");
        assert!(laws.contains(&broken.law), "{sabotage:?} breaks another law: {broken}");
    }
}
