//! How the queue is shown.

use crate::{
    report::{Report, counted, fact, json_line, part},
    table::Table,
    verbs::{span::span, status::open_orders},
};
use orderd_sdk::wire::{DelayedRetry, Pause, Queue, Rate, StageLatency};
use std::io::{self, Write};

impl Report for Queue {
    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        facts(self).write(out)?;
        for table in [rates(&self.rates), stages(&self.stages), delayed(&self.delayed)] {
            if table.has_rows() {
                writeln!(out)?;
                table.write(out)?;
            }
        }
        Ok(())
    }

    fn words(&self) -> Vec<String> {
        let mut lines = vec![
            standing_in_words(self.paused.as_ref()),
            fact([format!("{} of {} workers busy", self.workers.busy, self.workers.max)]),
            open_orders(&self.depth),
            fact([format!("{} delayed until another attempt", counted(self.delayed_total, "order"))]),
        ];
        if let Some(oldest) = &self.oldest {
            let waits = format!("{} since {}", oldest.status, oldest.since);
            lines.push(fact([format!("longest waits order {}", oldest.order_id), waits]));
        }
        lines.extend(self.rates.iter().map(rate_in_words));
        lines.extend(self.stages.iter().map(stage_in_words));
        lines.extend(self.delayed.iter().map(delayed_in_words));
        lines.extend(
            self.errors.iter().map(|error| {
                fact([format!("attempts failed of {}", error.code), counted(error.count, "time")])
            }),
        );
        lines
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        json_line(self, out)
    }
}

/// Whether it runs, as a fact.
pub(crate) fn standing_in_words(paused: Option<&Pause>) -> String {
    match paused {
        None => "queue runs".to_owned(),
        Some(pause) => fact([
            "queue paused".to_owned(),
            format!("since {}", pause.since),
            format!("by {}", pause.by),
            part("because", pause.reason.as_ref()),
        ]),
    }
}

fn facts(queue: &Queue) -> Table {
    let mut table = Table::default();
    table.row(["queue", &queue.paused.as_ref().map_or("runs".to_owned(), standing)]);
    table.row(["workers", &format!("{} of {} busy", queue.workers.busy, queue.workers.max)]);
    if let Some(oldest) = &queue.oldest {
        let oldest = format!("{}, {} for {}", oldest.order_id, oldest.status, span(oldest.age_ms));
        table.row(["waits longest", &oldest]);
    }
    for error in &queue.errors {
        table.row(["failed attempts", &format!("{} of {}", error.count, error.code)]);
    }
    table.row(["delayed", &counted(queue.delayed_total, "order")]);
    table.row(["open orders", &queue.depth.values().sum::<u64>().to_string()]);
    for (status, count) in &queue.depth {
        table.row([&format!("  {status}"), &count.to_string()]);
    }
    table
}

/// How long it has been paused, by whom and why, in a cell.
pub(crate) fn standing(Pause { since, by, reason }: &Pause) -> String {
    let reason = reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
    format!("paused since {since} by {by}{reason}")
}

fn rates(rates: &[Rate]) -> Table {
    let mut table = Table::titled(&["WITHIN", "ACCEPTED", "CONFIRMED", "FAILED", "RETRIED"]);
    for rate in rates {
        table.row([
            &format!("{} s", rate.seconds),
            &rate.accepted.to_string(),
            &rate.confirmed.to_string(),
            &rate.failed.to_string(),
            &rate.retried.to_string(),
        ]);
    }
    table
}

fn stages(stages: &[StageLatency]) -> Table {
    let mut table = Table::titled(&["STAGE", "LEFT", "P50", "P99"]);
    for stage in stages {
        table.row([
            stage.status.as_str(),
            &stage.count.to_string(),
            &format!("{} ms", stage.p50_ms),
            &format!("{} ms", stage.p99_ms),
        ]);
    }
    table
}

fn delayed(delayed: &[DelayedRetry]) -> Table {
    let mut table = Table::titled(&["TRIED AGAIN", "AT", "ATTEMPT", "DEX", "BECAUSE"]);
    for retry in delayed {
        table.row([
            &retry.order_id,
            &retry.due_at.to_string(),
            &format!("{}/{}", retry.attempt, retry.max_attempts),
            retry.dex.as_deref().unwrap_or("-"),
            &retry.last_error_code.map_or("-".to_owned(), |code| code.to_string()),
        ]);
    }
    table
}

fn rate_in_words(rate: &Rate) -> String {
    fact([
        format!("within {} seconds", rate.seconds),
        format!("{} accepted", rate.accepted),
        format!("{} confirmed", rate.confirmed),
        format!("{} failed", rate.failed),
        format!("{} retried", rate.retried),
    ])
}

fn stage_in_words(stage: &StageLatency) -> String {
    fact([
        format!("stage {}", stage.status),
        format!("{} left", stage.count),
        format!("half within {} ms", stage.p50_ms),
        format!("99 of 100 within {} ms", stage.p99_ms),
    ])
}

fn delayed_in_words(retry: &DelayedRetry) -> String {
    fact([
        format!("order {} is tried again at {}", retry.order_id, retry.due_at),
        format!("attempt {} of {}", retry.attempt, retry.max_attempts),
        part("venue", retry.dex.as_ref()),
        part("because", retry.last_error_code),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::samples::{queue, shown};
    use orderd_sdk::timestamp::Timestamp;

    #[test]
    fn a_paused_queue_says_so_first_with_who_and_why() {
        let pause = Pause {
            since: Timestamp(1_790_000_000_000),
            by: "ops".into(),
            reason: Some("node is down".into()),
        };
        let queue = Queue { paused: Some(pause), ..queue() };
        let table = "\
queue            paused since 2026-09-21T14:13:20.000Z by ops: node is down
workers          2 of 16 busy
waits longest    0199, retry-pending for 1m 5s
failed attempts  2 of reverted
delayed          1 order
open orders      2
  retry-pending  2

WITHIN  ACCEPTED  CONFIRMED  FAILED  RETRIED
10 s    4         3          2       1

STAGE    LEFT  P50   P99
pending  3     4 ms  5 ms

TRIED AGAIN  AT                        ATTEMPT  DEX    BECAUSE
0199         2026-09-21T14:13:20.500Z  2/3      alpha  reverted
";
        let words = "\
queue paused, since 2026-09-21T14:13:20.000Z, by ops, because node is down
2 of 16 workers busy
2 orders open, 2 retry-pending
1 order delayed until another attempt
longest waits order 0199, retry-pending since 2026-09-21T14:13:20.000Z
within 10 seconds, 4 accepted, 3 confirmed, 2 failed, 1 retried
stage pending, 3 left, half within 4 ms, 99 of 100 within 5 ms
order 0199 is tried again at 2026-09-21T14:13:20.500Z, attempt 2 of 3, venue alpha, because reverted
attempts failed of reverted, 2 times
";
        let [is_table, is_words, json] = shown(&queue);
        assert_eq!((is_table.as_str(), is_words.as_str()), (table, words));
        assert_eq!(serde_json::from_str::<Queue>(&json).unwrap(), queue);
    }

    #[test]
    fn a_queue_that_runs_shows_no_empty_tables() {
        let [table, words, _] = shown(&Queue::default());
        assert!(table.starts_with("queue        runs\n") && !table.contains("\n\n"), "{table}");
        assert!(words.starts_with("queue runs\n"), "{words}");
    }
}
