//! What the Autobahn test suite says about each case, and whether that will do.

use serde::Deserialize;
use std::collections::BTreeMap;

/// Every case but those of compression, which this endpoint never agrees to.
const CASES: usize = 301;

/// Cases that are served as the protocol allows, but not as early as it would like, and why.
const LATE: &[(&str, &str)] = &[
    ("6.4.3", "text is checked when its frame is there, not while it comes in"),
    ("6.4.4", "text is checked when its frame is there, not while it comes in"),
];

const GROUPS: &[(&str, &str)] = &[
    ("1", "framing"),
    ("2", "pings and pongs"),
    ("3", "reserved bits"),
    ("4", "opcodes"),
    ("5", "fragmentation"),
    ("6", "UTF-8"),
    ("7", "closing"),
    ("9", "limits and speed"),
    ("10", "segments"),
];

/// A case's outcome. The report's other members are for people.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outcome {
    behavior: String,
    behavior_close: String,
}

/// Outcomes by the name of the case.
pub(super) type Outcomes = BTreeMap<String, Outcome>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Good,
    Late,
    /// There is no right or wrong.
    Informational,
    Bad,
}

impl Outcome {
    fn verdict(&self, case: &str) -> Verdict {
        let is_listed = LATE.iter().any(|(listed, _)| *listed == case);
        match (self.behavior.as_str(), self.behavior_close.as_str()) {
            // A case of the list that does better now is to be struck from it.
            ("OK", "OK") if !is_listed => Verdict::Good,
            ("NON-STRICT", "OK") if is_listed => Verdict::Late,
            ("INFORMATIONAL", "OK" | "INFORMATIONAL") => Verdict::Informational,
            _ => Verdict::Bad,
        }
    }
}

/// The outcomes as a table, group by group.
pub(super) fn table(outcomes: &Outcomes) -> String {
    let mut table =
        format!("{:20} {:>6} {:>6} {:>6} {:>6} {:>6}\n", "", "cases", "good", "late", "info", "bad");
    for (group, name) in GROUPS {
        let verdicts: Vec<_> = outcomes
            .iter()
            .filter(|(case, _)| case.split('.').next() == Some(*group))
            .map(|(case, outcome)| outcome.verdict(case))
            .collect();
        let count = |wanted| verdicts.iter().filter(|verdict| **verdict == wanted).count();
        table += &format!(
            "{group:>2} {name:17} {:6} {:6} {:6} {:6} {:6}\n",
            verdicts.len(),
            count(Verdict::Good),
            count(Verdict::Late),
            count(Verdict::Informational),
            count(Verdict::Bad)
        );
    }
    for (case, reason) in LATE {
        table += &format!("late: {case}, {reason}\n");
    }
    table
}

/// What will not do.
pub(super) fn complaints(outcomes: &Outcomes) -> Vec<String> {
    let mut complaints: Vec<String> = outcomes
        .iter()
        .filter(|(case, outcome)| outcome.verdict(case) == Verdict::Bad)
        .map(|(case, outcome)| format!("{case}: {}, on closing {}", outcome.behavior, outcome.behavior_close))
        .collect();
    if outcomes.len() != CASES {
        complaints.push(format!("{} cases were run, not {CASES}", outcomes.len()));
    }
    complaints
}

#[test]
fn only_what_is_right_or_listed_will_do() {
    let outcome = |behavior: &str, behavior_close: &str| Outcome {
        behavior: behavior.into(),
        behavior_close: behavior_close.into(),
    };
    for (case, behavior, on_closing, expected) in [
        ("1.1.1", "OK", "OK", Verdict::Good),
        ("6.4.3", "NON-STRICT", "OK", Verdict::Late),
        ("6.4.3", "OK", "OK", Verdict::Bad),
        ("1.1.1", "NON-STRICT", "OK", Verdict::Bad),
        ("7.1.6", "INFORMATIONAL", "INFORMATIONAL", Verdict::Informational),
        ("1.1.1", "OK", "WRONG CODE", Verdict::Bad),
        ("1.1.1", "OK", "UNCLEAN", Verdict::Bad),
        ("1.1.1", "FAILED", "OK", Verdict::Bad),
        ("12.1.1", "UNIMPLEMENTED", "OK", Verdict::Bad),
    ] {
        assert_eq!(outcome(behavior, on_closing).verdict(case), expected, "{case} {behavior} {on_closing}");
    }
    let few = BTreeMap::from([("1.1.1".to_owned(), outcome("OK", "OK"))]);
    assert_eq!(complaints(&few).len(), 1, "a case that was not run is no success");
}
