//! The rules: which requests are lied to, and how.

use super::{fault::Fault, message::Call};
use crate::dice::Dice;

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    /// Every call.
    Any,
    /// The calls of a method.
    Of(&'static str),
}

impl Calls {
    /// Signed transactions being sent.
    pub const SEND: Self = Self::Of(super::message::SEND_RAW);
    /// Receipts being asked for.
    pub const RECEIPT: Self = Self::Of("eth_getTransactionReceipt");
    /// Transactions being asked for.
    pub const TRANSACTION: Self = Self::Of("eth_getTransactionByHash");
    /// Sequences of accounts being asked for.
    pub const SEQUENCE: Self = Self::Of("eth_getTransactionCount");

    fn include(self, call: &Call) -> bool {
        match self {
            Self::Any => true,
            Self::Of(method) => call.method == method,
        }
    }
}

/// At which of its requests a rule acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// At the first so many.
    First(u64),
    /// At this one alone, counted from 1.
    Nth(u64),
    /// At the first, the third, the fifth, …
    EveryOther,
    /// At all of them.
    Always,
    /// At so many of a thousand, decided by the seed and the number of the request alone.
    Chance {
        /// Where chance begins.
        seed: u64,
        /// How many of a thousand.
        per_mille: u64,
    },
}

impl Times {
    fn include(self, number: u64) -> bool {
        match self {
            Self::First(most) => number <= most,
            Self::Nth(only) => number == only,
            Self::EveryOther => number % 2 == 1,
            Self::Always => true,
            Self::Chance { seed, per_mille } => Dice::new(seed ^ (number << 32)).roll(1_000) < per_mille,
        }
    }
}

/// Names a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleId(u64);

#[derive(Debug)]
struct Rule {
    id: RuleId,
    calls: Calls,
    times: Times,
    fault: Fault,
    seen: u64,
}

/// A rule that acts on a request.
#[derive(Debug, Clone)]
pub(super) struct Acting {
    pub(super) id: RuleId,
    pub(super) fault: Fault,
    pub(super) calls: Calls,
}

impl Acting {
    pub(super) fn is_about(&self, call: &Call) -> bool {
        self.calls.include(call)
    }
}

/// All rules.
#[derive(Debug, Default)]
pub(super) struct Script {
    rules: Vec<Rule>,
    added: u64,
}

impl Script {
    pub(super) fn add(&mut self, calls: Calls, times: Times, fault: Fault) -> RuleId {
        self.added += 1;
        let id = RuleId(self.added);
        self.rules.push(Rule { id, calls, times, fault, seen: 0 });
        id
    }

    pub(super) fn remove(&mut self, id: RuleId) {
        self.rules.retain(|rule| rule.id != id);
    }

    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(super) fn holds(&self, id: RuleId) -> bool {
        self.rules.iter().any(|rule| rule.id == id)
    }

    /// Counts a request, and tells which rules act on it.
    pub(super) fn act(&mut self, calls: &[Call]) -> Vec<Acting> {
        let mut acting = Vec::new();
        for rule in &mut self.rules {
            if calls.iter().any(|call| rule.calls.include(call)) {
                rule.seen += 1;
                if rule.times.include(rule.seen) {
                    acting.push(Acting { id: rule.id, fault: rule.fault.clone(), calls: rule.calls });
                }
            }
        }
        acting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acts(times: Times) -> Vec<u64> {
        (1..=6).filter(|number| times.include(*number)).collect()
    }

    #[test]
    fn times_count_from_one() {
        assert_eq!(acts(Times::First(2)), [1, 2]);
        assert_eq!(acts(Times::Nth(3)), [3]);
        assert_eq!(acts(Times::EveryOther), [1, 3, 5]);
        assert_eq!(acts(Times::Always), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn chance_follows_from_the_seed_and_keeps_its_rate() {
        let hits = |seed| (1..=10_000).filter(move |n| Times::Chance { seed, per_mille: 100 }.include(*n));
        assert!(hits(7).eq(hits(7)));
        assert!(!hits(7).eq(hits(8)));
        assert!((900..1_100).contains(&hits(7).count()), "{}", hits(7).count());
    }

    #[test]
    fn a_rule_counts_only_requests_with_its_calls() {
        let call = |method: &str| Call { id: 1.into(), method: method.to_owned(), params: Vec::new() };
        let mut script = Script::default();
        script.add(Calls::Of("a"), Times::Nth(2), Fault::Null);
        for (method, acting) in [("a", 0), ("b", 0), ("a", 1), ("a", 0)] {
            assert_eq!(script.act(&[call(method)]).len(), acting);
        }
    }
}
