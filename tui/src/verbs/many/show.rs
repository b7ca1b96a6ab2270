//! What would come of a change to many orders, and what came of it.

use super::Wish;
use crate::{
    failure::Failure,
    report::{Report, counted, fact, json_line},
};
use orderd_sdk::wire::{BulkAction, BulkBlocked, BulkOutcome, BulkPreview, BulkReport};
use serde::Serialize;
use std::io::{self, Write};

/// Nothing of what was to be done.
const REFUSED: u8 = 1;
/// Some of what was to be done.
const PARTLY: u8 = 3;

/// What would be done, and, once it was, what came of it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bulk {
    dry_run: bool,
    action: BulkAction,
    matched: u64,
    eligible: u64,
    truncated: bool,
    blocked: Vec<BulkBlocked>,
    result: Option<BulkReport>,
}

impl Bulk {
    /// Before.
    pub(super) fn preview(dry_run: bool, preview: &BulkPreview) -> Self {
        let BulkPreview { action, matched, eligible, truncated, ref blocked, .. } = *preview;
        Self { dry_run, action, matched, eligible, truncated, blocked: blocked.clone(), result: None }
    }

    /// After.
    pub(super) fn done(self, report: BulkReport) -> Self {
        Self { result: Some(report), ..self }
    }

    /// How the call ends. Orders that a filter means and that nothing can be done to are no failure, those that were named
    /// are.
    pub(super) fn end(&self, wish: &Wish<'_>) -> Result<(), Failure> {
        let named_and_blocked = wish.orders.filter.is_none() && !self.blocked.is_empty();
        let refused = self.result.as_ref().is_some_and(|report| !report.refused.is_empty());
        let none_done = match &self.result {
            Some(report) => report.done == 0,
            None => self.eligible == 0,
        };
        match (none_done, named_and_blocked || refused) {
            (true, _) if self.matched == 0 && wish.orders.filter.is_some() => Ok(()),
            (true, _) => Err(Failure::Reported(REFUSED)),
            (false, true) => Err(Failure::Reported(PARTLY)),
            (false, false) => Ok(()),
        }
    }
}

impl Report for Bulk {
    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        self.words().iter().try_for_each(|line| writeln!(out, "{line}"))
    }

    fn words(&self) -> Vec<String> {
        match &self.result {
            None => self.before(),
            Some(report) => after(report),
        }
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        json_line(self, out)
    }
}

impl Bulk {
    fn before(&self) -> Vec<String> {
        let verb = self.action.as_str();
        let mut lines = vec![fact([
            format!("would {verb} {}", orders(self.eligible)),
            format!("{} meant", orders(self.matched)),
        ])];
        lines.extend(self.blocked.iter().map(|blocked| {
            let some = blocked.examples.join(", ");
            fact([
                format!("not {}", orders(blocked.count)),
                blocked.code.clone(),
                blocked.detail.clone(),
                some,
            ])
        }));
        if self.truncated {
            lines.push("not every order was looked at, there may be more".to_owned());
        }
        lines
    }
}

fn after(report: &BulkReport) -> Vec<String> {
    let outcomes: Vec<_> =
        report.outcomes.iter().map(|(outcome, count)| format!("{count} {}", words(*outcome))).collect();
    let done = format!("{} of {} done", report.done, orders(report.expected));
    let mut lines = vec![fact([done, outcomes.join(", ")])];
    lines.extend(report.refused.iter().map(|refused| {
        let ids = refused.ids.join(", ");
        fact([
            format!("refused {}", orders(refused.count)),
            refused.code.clone(),
            refused.detail.clone(),
            ids,
        ])
    }));
    lines
}

fn orders(count: u64) -> String {
    counted(count, "order")
}

fn words(outcome: BulkOutcome) -> &'static str {
    match outcome {
        BulkOutcome::Retried => "retried",
        BulkOutcome::Hurried => "hurried",
        BulkOutcome::Cancelled => "cancelled",
        BulkOutcome::CancelRequested => "asked to end",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        args::{BulkArgs, Change},
        verbs::samples::shown,
    };
    use orderd_sdk::wire::BulkRefused;

    fn bulk() -> Bulk {
        let blocked = BulkBlocked {
            code: "may-still-land".into(),
            detail: "something may still be included".into(),
            count: 1,
            examples: vec!["0199".into()],
        };
        Bulk {
            dry_run: false,
            action: BulkAction::Retry,
            matched: 4,
            eligible: 3,
            truncated: false,
            blocked: vec![blocked],
            result: None,
        }
    }

    fn report(done: u64, refused: Vec<BulkRefused>) -> BulkReport {
        let outcomes = [(BulkOutcome::Retried, done)].into();
        let (success, finished) = (true, true);
        BulkReport { success, action: BulkAction::Retry, finished, expected: 3, done, outcomes, refused }
    }

    fn refused() -> BulkRefused {
        let (code, detail) = ("order-not-failed".to_owned(), "it has not failed".to_owned());
        BulkRefused { code, detail, count: 1, ids: vec!["0200".into()] }
    }

    fn code(bulk: &Bulk, filter: Option<&str>) -> u8 {
        let (ids, filter) = (vec!["a".into(), "b".into()], filter.map(str::to_owned));
        let orders = BulkArgs { ids, filter, expect: None, change: Change::default() };
        match bulk.end(&Wish { action: bulk.action, orders: &orders, reason: None }) {
            Ok(()) => 0,
            Err(Failure::Reported(code)) => code,
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn many_are_told_before_and_after() {
        let [table, ..] = shown(&bulk());
        let expected = "\
would retry 3 orders, 4 orders meant
not 1 order, may-still-land, something may still be included, 0199
";
        assert_eq!(table, expected);
        let [table, words, json] = shown(&bulk().done(report(2, vec![refused()])));
        let expected = "\
2 of 3 orders done, 2 retried
refused 1 order, order-not-failed, it has not failed, 0200
";
        assert_eq!((table.as_str(), words.as_str()), (expected, expected));
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            (&json["dryRun"], &json["eligible"], &json["result"]["done"]),
            (&false.into(), &3.into(), &2.into())
        );
    }

    #[test]
    fn the_exit_code_tells_whether_all_some_or_nothing_of_it_was_done() {
        let filter = Some("state:failed");
        assert_eq!(
            code(&bulk().done(report(3, Vec::new())), filter),
            0,
            "the blocked one was not meant to be named"
        );
        assert_eq!(code(&bulk().done(report(3, Vec::new())), None), 3, "one that was named is blocked");
        assert_eq!(code(&bulk().done(report(2, vec![refused()])), filter), 3);
        assert_eq!(code(&bulk().done(report(0, vec![refused()])), filter), 1);
        let none = Bulk { eligible: 0, ..bulk() };
        assert_eq!((code(&none, filter), code(&none, None)), (1, 1));
        let nothing = Bulk { eligible: 0, matched: 0, blocked: Vec::new(), ..bulk() };
        assert_eq!(code(&nothing, filter), 0, "there is nothing to do");
        assert_eq!(code(&Bulk { dry_run: true, ..bulk() }, filter), 0);
        assert_eq!(code(&Bulk { dry_run: true, ..bulk() }, None), 3);
    }
}
