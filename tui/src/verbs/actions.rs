//! `orderctl actions`: what operators had done, newest first.

use crate::{
    args::Watching,
    failure::Failure,
    report::{Report, fact, json_line, part},
    session::Session,
    table::Table,
    watch,
};
use orderd_sdk::wire::{Action, Actions};
use std::io::{self, Write};

/// Shows what was done.
pub(crate) async fn actions(session: &mut Session<'_>, watching: Watching) -> Result<(), Failure> {
    let actions = session.client.actions(None, None).await?;
    match watching.watch {
        true => watch::topic::<Actions>(session).await,
        false => Ok(session.show(&actions)?),
    }
}

impl Report for Actions {
    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut table = Table::titled(&["N", "AT", "BY", "WHAT", "TARGET", "OUTCOME", "DETAIL"]);
        for action in &self.actions {
            table.row([
                &action.n.to_string(),
                &action.at.to_string(),
                &action.by,
                &action.verb,
                action.target.as_deref().unwrap_or("-"),
                &outcome(action),
                &detail(action),
            ]);
        }
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

fn words(action: &Action) -> String {
    fact([
        format!("action {}", action.n),
        action.verb.clone(),
        action.target.clone().unwrap_or_default(),
        format!("by {}", action.by),
        part("from", action.address.as_ref()),
        part("because", action.reason.as_ref()),
        outcome(action),
        action.detail.clone(),
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

/// Why it was asked for, and what came of it.
fn detail(action: &Action) -> String {
    match &action.reason {
        Some(reason) => format!("{reason}; {}", action.detail),
        None => action.detail.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::samples::shown;
    use orderd_sdk::{timestamp::Timestamp, wire::ActionOutcome};

    #[test]
    fn an_action_is_shown_with_who_why_and_what_came_of_it() {
        let action = Action {
            n: 7,
            at: Timestamp(1_790_000_000_000),
            by: "ops".into(),
            address: Some("127.0.0.1:51414".into()),
            verb: "retry".into(),
            target: Some("0199".into()),
            reason: Some("node is back".into()),
            outcome: ActionOutcome::Refused,
            code: Some("may-still-land".into()),
            detail: "something may still be included".into(),
        };
        let actions = Actions { actions: vec![action.clone()], more: false, unsaved: 0 };
        let table = "\
N  AT                        BY   WHAT   TARGET  OUTCOME                   DETAIL
7  2026-09-21T14:13:20.000Z  ops  retry  0199    refused (may-still-land)  node is back; something may still be included
";
        let words = "\
action 7, retry, 0199, by ops, from 127.0.0.1:51414, because node is back, refused (may-still-land), \
something may still be included, at 2026-09-21T14:13:20.000Z
";
        let [is_table, is_words, json] = shown(&actions);
        assert_eq!((is_table.as_str(), is_words.as_str()), (table, words));
        assert_eq!(serde_json::from_str::<Action>(&json).unwrap(), action);
        assert_eq!(shown(&Actions::default()), ["", "", ""]);
    }
}
