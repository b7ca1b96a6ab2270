//! Changes of many orders: the daemon says first what would come of it, and nothing is done before that is confirmed.

use super::{Licence, Mutation, Verb, Which};
use crate::console::{
    effect::Effect,
    model::{Guarded, Model, Note},
    overlay::{Confirm, Overlay, Waiting},
    widgets::text,
};
use orderd_sdk::{
    client::ClientError,
    wire::{BulkAction, BulkPreview},
};
use std::sync::Arc;

/// More orders than these need their number.
const MANY: u64 = 100;

/// Asks the daemon what would come of it.
pub(in crate::console) fn preview(
    model: &mut Model,
    action: BulkAction,
    which: Which,
    licence: Licence,
) -> Vec<Effect> {
    let words = match &which {
        Which::Ids(ids) => format!("{} {} orders: asking what that would do", action.as_str(), ids.len()),
        Which::Matching(filter) if filter.is_empty() => {
            format!("{} every order: asking what that would do", action.as_str())
        }
        Which::Matching(filter) => format!("{} {filter}: asking what that would do", action.as_str()),
    };
    model.overlay = Some(Overlay::Waiting(Waiting { words }));
    vec![Effect::Mutate(Mutation::new(licence, Verb::Preview { action, which }))]
}

/// The daemon has said what would come of it: asks whether it shall be.
pub(in crate::console) fn previewed(model: &mut Model, outcome: Result<BulkPreview, Arc<ClientError>>) {
    // Whoever has left meanwhile does not want it any more, and a question must not come between keys.
    if !matches!(model.overlay, Some(Overlay::Waiting(_))) {
        return;
    }
    model.overlay = None;
    match outcome {
        Ok(preview) if preview.eligible == 0 => model.notes.tell(nothing(&preview), model.now),
        Ok(preview) => model.overlay = Some(Overlay::Confirm(question(&preview, model.session.guarded))),
        Err(error) => model.notes.tell(Note::bad(error.to_string()), model.now),
    }
}

fn nothing(preview: &BulkPreview) -> Note {
    let why: Vec<_> =
        preview.blocked.iter().map(|blocked| format!("{} {}", blocked.count, blocked.code)).collect();
    let matched = text::count(preview.matched);
    Note::bad(format!("none of {matched} orders: {}", why.join(", ")))
}

fn question(preview: &BulkPreview, guarded: Guarded) -> Confirm {
    let (action, expected) = (preview.action, preview.eligible);
    let verb = Verb::Bulk { action, token: preview.token.clone(), expected };
    let mut facts = vec![format!("of {} orders that are meant", text::count(preview.matched))];
    facts.extend(preview.blocked.iter().map(|blocked| {
        let examples: Vec<_> = blocked.examples.iter().map(|id| text::short_id(id)).collect();
        format!("not {}: {} ({})", text::count(blocked.count), blocked.detail, examples.join(" "))
    }));
    if preview.truncated {
        facts.push("there may be more: not every order was looked at".to_owned());
    }
    facts.push(format!("until {}Z", text::clock(preview.expires_at)));
    match guarded == Guarded::Yes || expected > MANY {
        true => Confirm::number(verb, facts, expected),
        false => Confirm::yes(verb, facts),
    }
}
