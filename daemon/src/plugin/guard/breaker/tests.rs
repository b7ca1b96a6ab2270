//! The breaker in tables, and against a model of what it may never do.

use super::*;
use proptest::prelude::*;
use tokio::time::Instant;

fn settings() -> BreakerSettings {
    BreakerSettings {
        failures: 3,
        failure_percent: 50,
        min_calls: 10,
        window: Duration::from_secs(10),
        open: Duration::from_millis(1_000),
        open_max: Duration::from_millis(8_000),
        probes: 2,
    }
}

/// A breaker, and its own time.
struct Bench {
    breaker: Breaker,
    begin: Instant,
    millis: u64,
}

impl Bench {
    fn new(settings: BreakerSettings) -> Self {
        let begin = Instant::now();
        Self { breaker: Breaker::new(settings, Moment::of(begin, 0)), begin, millis: 0 }
    }

    fn now(&self) -> Moment {
        Moment::of(self.begin, self.millis)
    }

    fn enter(&mut self) -> Result<Leave, Refusal> {
        let now = self.now();
        self.breaker.admit(now)
    }

    /// The upper end of every pause.
    fn leave(&mut self, leave: Leave, purpose: Purpose, verdict: Verdict) -> bool {
        let (now, latest) = (self.now(), u64::MAX);
        self.breaker.note(leave, purpose, verdict, now, latest - latest % 8_000 - 1)
    }

    fn call(&mut self, is_well: bool) -> bool {
        let leave = self.enter().unwrap();
        self.leave(leave, Purpose::Work, verdict(is_well))
    }

    /// As often in a row as opens it.
    fn fail(&mut self) {
        let opened = (0..3).filter(|_| self.call(false)).count();
        assert_eq!(opened, 1);
    }

    fn state(&self) -> &'static str {
        self.breaker.standing().name
    }

    /// Passes the time until an open breaker lets somebody in.
    fn sit_out(&mut self) -> u64 {
        let rest = self.breaker.rest(self.now().at).expect("it is open").as_millis();
        let rest = u64::try_from(rest).unwrap();
        self.millis += rest;
        rest
    }
}

fn verdict(is_well: bool) -> Verdict {
    match is_well {
        true => Verdict::Well,
        false => Verdict::Unwell("no answer".to_owned()),
    }
}

#[test]
fn failures_in_a_row_open_it_and_one_answer_breaks_the_row() {
    let mut bench = Bench::new(settings());
    let told: Vec<_> = [false, false, true, false, false, false].map(|is_well| bench.call(is_well)).into();
    assert_eq!(told, [false, false, false, false, false, true]);
    let standing = bench.breaker.standing();
    assert_eq!((standing.name, standing.since), ("open", bench.now()));
    assert_eq!(standing.reason.as_deref(), Some("3 failures in a row, the last: no answer"));
    let refusal = bench.enter().unwrap_err();
    assert_eq!(refusal.reason, "its breaker is open: 3 failures in a row, the last: no answer");
}

#[test]
fn a_rate_of_failures_opens_it_once_there_are_enough_calls_within_the_window() {
    let mut bench = Bench::new(settings());
    let mut opened = Vec::new();
    for call in 0..10 {
        opened.push(bench.call(call % 2 == 0));
    }
    assert_eq!(opened, [vec![false; 9], vec![true]].concat());
    assert_eq!(bench.breaker.standing().reason.as_deref(), Some("5 of 10 calls failed, the last: no answer"));

    let mut bench = Bench::new(settings());
    for call in 0..40 {
        bench.call(call % 2 == 0);
        bench.millis += 1_200;
    }
    assert_eq!(bench.state(), "closed", "never ten within ten seconds");
}

#[test]
fn a_check_that_passes_does_not_make_up_for_calls_that_fail() {
    let mut bench = Bench::new(settings());
    for _ in 0..2 {
        bench.call(false);
        let leave = bench.enter().unwrap();
        bench.leave(leave, Purpose::Check, Verdict::Well);
    }
    assert!(bench.call(false));
    let mut bench = Bench::new(settings());
    for _ in 0..2 {
        let leave = bench.enter().unwrap();
        bench.leave(leave, Purpose::Check, verdict(false));
        bench.call(true);
    }
    let leave = bench.enter().unwrap();
    assert!(bench.leave(leave, Purpose::Check, verdict(false)), "nor the other way round");
}

#[test]
fn half_open_lets_so_many_probes_in_and_closes_when_all_of_them_did_well() {
    let mut bench = Bench::new(settings());
    bench.fail();
    bench.sit_out();
    let probes = [bench.enter().unwrap(), bench.enter().unwrap()];
    assert_eq!((bench.state(), bench.enter().is_err()), ("half-open", true));
    assert!(!bench.leave(probes[0], Purpose::Work, Verdict::Well));
    assert!(bench.enter().is_err(), "the other one is still under way");
    assert!(!bench.leave(probes[1], Purpose::Work, Verdict::Silent));
    let third = bench.enter().expect("one was given up, and said nothing");
    assert!(bench.leave(third, Purpose::Check, Verdict::Well));
    assert_eq!(bench.state(), "closed");
}

#[test]
fn what_comes_of_calls_from_before_is_no_news() {
    let mut bench = Bench::new(settings());
    let old: Vec<_> = (0..4).map(|_| bench.enter().unwrap()).collect();
    bench.fail();
    assert!(!bench.leave(old[0], Purpose::Work, Verdict::Well));
    bench.sit_out();
    let probe = bench.enter().unwrap();
    assert!(!bench.leave(old[1], Purpose::Work, Verdict::Well));
    assert!(!bench.leave(old[2], Purpose::Work, verdict(false)));
    assert_eq!(bench.state(), "half-open");
    assert!(bench.leave(probe, Purpose::Work, verdict(false)));
    bench.breaker.reset(bench.now());
    assert_eq!(bench.state(), "closed");
}

#[test]
fn pauses_double_up_to_the_longest_and_begin_afresh_when_it_was_well_for_long() {
    let mut bench = Bench::new(BreakerSettings { probes: 1, ..settings() });
    bench.fail();
    let mut pauses = Vec::new();
    for _ in 0..6 {
        pauses.push(bench.sit_out());
        bench.call(false);
    }
    let doubled = [1_000_u64, 2_000, 4_000, 8_000, 8_000, 8_000];
    for (pause, ceiling) in pauses.iter().zip(doubled) {
        assert!((ceiling / 2..=ceiling).contains(pause), "{pauses:?}");
    }
    bench.sit_out();
    bench.call(true);
    bench.fail();
    assert!(bench.sit_out() >= 4_000, "it failed again at once");
    bench.call(true);
    bench.millis += 8_000;
    bench.fail();
    assert!(bench.sit_out() <= 1_000);
}

#[test]
fn a_pause_stays_within_half_of_its_ceiling() {
    let settings = settings();
    for (openings, ceiling) in [(0, 1_000), (1, 1_000), (2, 2_000), (4, 8_000), (u32::MAX, 8_000)] {
        for chance in [0, 1, u64::MAX / 3, u64::MAX] {
            let pause = pause(&settings, openings, chance).as_millis();
            assert!((ceiling / 2..=ceiling).contains(&pause), "{openings}: {pause}");
        }
    }
}

/// What may happen to a breaker.
#[derive(Clone, Debug)]
enum Step {
    Enter,
    Leave { which: usize, verdict: Verdict, purpose: Purpose },
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let verdict = prop_oneof![
        Just(Verdict::Well),
        Just(Verdict::Silent),
        Just(Verdict::Unwell("no answer".to_owned()))
    ];
    let purpose = prop_oneof![Just(Purpose::Work), Just(Purpose::Check)];
    prop_oneof![
        3 => Just(Step::Enter),
        3 => (any::<usize>(), verdict, purpose)
            .prop_map(|(which, verdict, purpose)| Step::Leave { which, verdict, purpose }),
        1 => (0_u64..3_000).prop_map(Step::Pass),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_probes_are_bounded_and_it_lets_somebody_in_again(
        steps in prop::collection::vec(step(), 0..300),
    ) {
        let mut bench = Bench::new(settings());
        let (mut under_way, mut let_in): (Vec<(Leave, u64)>, u32) = (Vec::new(), 0);
        for step in steps {
            let before = bench.breaker.round;
            match step {
                Step::Enter => {
                    let rest = bench.breaker.rest(bench.now().at);
                    let entered = bench.enter();
                    let_in = if bench.breaker.round == before { let_in } else { 0 };
                    prop_assert!(rest.is_none_or(|rest| rest.is_zero()) || entered.is_err(), "open lets nobody in");
                    prop_assert!(rest.is_some() || entered.is_ok(), "closed lets everybody in");
                    if let Ok(leave) = entered {
                        under_way.push((leave, bench.breaker.round));
                        let_in += u32::from(bench.state() == "half-open");
                    }
                }
                Step::Leave { which, verdict, purpose } if !under_way.is_empty() => {
                    let (leave, round) = under_way.swap_remove(which % under_way.len());
                    let is_silent = verdict == Verdict::Silent;
                    let changed = bench.leave(leave, purpose, verdict);
                    prop_assert_eq!(changed, bench.breaker.round != before);
                    prop_assert!(!changed || round == before, "only news change it");
                    if is_silent && round == before && bench.state() == "half-open" {
                        let_in -= 1;
                    }
                    let_in = if changed { 0 } else { let_in };
                }
                Step::Leave { .. } => {}
                Step::Pass(millis) => bench.millis += millis,
            }
            prop_assert!(bench.state() != "half-open" || let_in <= settings().probes);
        }
        // Everybody comes back, and time passes: then there is a way in.
        for (leave, _) in under_way {
            bench.leave(leave, Purpose::Work, Verdict::Silent);
        }
        bench.millis += 8_000;
        prop_assert!(bench.enter().is_ok());
    }
}
