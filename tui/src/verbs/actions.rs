//! `orderctl actions`: what operators had done, newest first.

use crate::{
    args::Watching,
    failure::Failure,
    report::{Report, counted, fact, json_line, part},
    session::Session,
    table::Table,
    watch::Watch,
};
use orderd_sdk::wire::{Action, Actions};
use std::io::{self, Write};

/// So that what comes later stands in the same columns, but for the longest texts.
const LEAST: [usize; 6] = [3, 24, 10, 17, 14, 9];

/// Shows what was done.
pub(crate) async fn actions(session: &mut Session<'_>, watching: Watching) -> Result<(), Failure> {
    let actions = session.client.actions(None, None).await?;
    session.show(&actions)?;
    match watching.watch {
        true => watch(session, newest(&actions)).await,
        false => Ok(()),
    }
}

/// Shows what is done from then on, each action once.
async fn watch(session: &mut Session<'_>, mut last: u64) -> Result<(), Failure> {
    let mut watch = Watch::no_orders(&session.client);
    let mut reader = watch.coordinator.topic::<Actions>();
    loop {
        let told = watch.next(session, reader.next()).await?;
        if newest(&told) < last {
            // Another store counts anew.
            last = 0;
        }
        let (news, missing) = since(&told, last);
        if missing > 0 {
            session.note(&format!(
                "gap: {} missing here; orderctl actions has more",
                counted(missing, "action")
            ));
        }
        if !news.is_empty() {
            session.show(&Further(news))?;
        }
        last = newest(&told);
    }
}

fn newest(actions: &Actions) -> u64 {
    actions.actions.iter().map(|action| action.n).max().unwrap_or_default()
}

/// What was done after the action of this number, oldest first, and how many before that are not told any more.
fn since(actions: &Actions, last: u64) -> (Vec<&Action>, u64) {
    let news: Vec<_> = actions.actions.iter().rev().filter(|action| action.n > last).collect();
    let missing = news.first().map_or(0, |first| first.n - last - 1);
    (news, if last == 0 { 0 } else { missing })
}

/// What was done after what is shown already.
struct Further<'a>(Vec<&'a Action>);

impl Report for Further<'_> {
    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut table = Table::default().at_least(&LEAST);
        self.0.iter().for_each(|action| row(&mut table, action));
        table.write(out)
    }

    fn words(&self) -> Vec<String> {
        self.0.iter().map(|action| words(action)).collect()
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        self.0.iter().try_for_each(|action| json_line(action, out))
    }
}

impl Report for Actions {
    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let titles = ["N", "AT", "BY", "WHAT", "TARGET", "OUTCOME", "DETAIL"];
        let mut table = Table::titled(&titles).at_least(&LEAST);
        self.actions.iter().for_each(|action| row(&mut table, action));
        match table.has_rows() {
            true => table.write(out),
            false => Ok(()),
        }
    }

    fn words(&self) -> Vec<String> {
        self.actions.iter().map(words).collect()
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        self.actions.iter().try_for_each(|action| json_line(action, out))
    }
}

fn row(table: &mut Table, action: &Action) {
    let detail = [action.reason.as_deref(), detail(action)].into_iter().flatten().collect::<Vec<_>>();
    table.row([
        &action.n.to_string(),
        &action.at.to_string(),
        &action.by,
        &action.verb,
        action.target.as_deref().unwrap_or("-"),
        &outcome(action),
        &detail.join("; "),
    ]);
}

/// What came of it, where that is more than the outcome says.
fn detail(action: &Action) -> Option<&str> {
    Some(action.detail.as_str()).filter(|detail| *detail != action.outcome.as_str())
}

fn words(action: &Action) -> String {
    fact([
        format!("action {}", action.n),
        action.verb.clone(),
        action.target.clone().unwrap_or_default(),
        format!("by {}", action.by),
        part("from", action.address.as_ref()),
        part("because", action.reason.as_ref()),
        outcome(action),
        detail(action).unwrap_or_default().to_owned(),
        format!("at {}", action.at),
    ])
}

fn outcome(action: &Action) -> String {
    let outcome = action.outcome.as_str();
    match &action.code {
        Some(code) => format!("{outcome} ({code})"),
        None => outcome.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::samples::shown;
    use orderd_sdk::{timestamp::Timestamp, wire::ActionOutcome};

    fn action(n: u64) -> Action {
        Action {
            n,
            at: Timestamp(1_790_000_000_000),
            by: "ops".into(),
            address: Some("127.0.0.1:51414".into()),
            verb: "retry".into(),
            target: Some("0199".into()),
            reason: Some("node is back".into()),
            outcome: ActionOutcome::Refused,
            code: Some("may-still-land".into()),
            detail: "something may still be included".into(),
        }
    }

    fn told(numbers: &[u64]) -> Actions {
        let actions = numbers.iter().map(|n| action(*n)).collect();
        Actions { actions, more: false, unsaved: 0 }
    }

    #[test]
    fn an_action_is_shown_with_who_why_and_what_came_of_it() {
        let done = Action { outcome: ActionOutcome::Done, code: None, detail: "done".into(), ..action(6) };
        let actions = Actions { actions: vec![action(7), done], more: false, unsaved: 0 };
        let table = "\
N    AT                        BY          WHAT               TARGET          OUTCOME                   DETAIL
7    2026-09-21T14:13:20.000Z  ops         retry              0199            refused (may-still-land)  node is back; something may still be included
6    2026-09-21T14:13:20.000Z  ops         retry              0199            done                      node is back
";
        let words = "\
action 7, retry, 0199, by ops, from 127.0.0.1:51414, because node is back, refused (may-still-land), \
something may still be included, at 2026-09-21T14:13:20.000Z
action 6, retry, 0199, by ops, from 127.0.0.1:51414, because node is back, done, at 2026-09-21T14:13:20.000Z
";
        let [is_table, is_words, json] = shown(&actions);
        assert_eq!((is_table.as_str(), is_words.as_str()), (table, words));
        let read: Vec<Action> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read, actions.actions);
        assert_eq!(shown(&Actions::default()), ["", "", ""]);
    }

    #[test]
    fn what_is_watched_is_shown_once_in_order_and_what_is_missing_is_counted() {
        let numbers = |told: &Actions, last| {
            let (news, missing) = since(told, last);
            (news.iter().map(|action| action.n).collect::<Vec<_>>(), missing)
        };
        let told = told(&[9, 8, 7]);
        assert_eq!(numbers(&told, 8), (vec![9], 0));
        assert_eq!(numbers(&told, 9), (vec![], 0));
        assert_eq!(numbers(&told, 4), (vec![7, 8, 9], 2));
        assert_eq!(numbers(&told, 0), (vec![7, 8, 9], 0), "nothing was shown before");
    }
}
