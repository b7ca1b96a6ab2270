//! The dispatcher: from a wish to what comes of it. It alone asks for leave to change anything.

use super::{Action, Asks, Changes, Licence, Mutation, Spec, Verb, Which, bulk, spec};
use crate::console::{
    effect::{Effect, Watch},
    model::{Access, Model, Note},
    overlay::{Confirm, Heard, Help, Line, Overlay, Palette, Prompt},
    pages::{Outcome, PageId, Target},
};
use orderd_sdk::wire::BulkAction;
use std::sync::Arc;

/// Does an action, whether a key, the palette or a click has asked for it.
pub fn dispatch(model: &mut Model, action: Action, argument: Option<&str>) -> Vec<Effect> {
    let spec = spec(action);
    if !spec.is_on(model.page) {
        return tell(model, Note::plain(format!(":{} means nothing on this page", spec.command)));
    }
    match spec.changes {
        Changes::Nothing => show(model, action, argument),
        Changes::Daemon => match Licence::of(&model.session) {
            Ok(licence) => change(model, spec, argument, licence),
            Err(refused) => tell(model, Note::bad(refused.to_string())),
        },
    }
}

/// What comes of a key that an overlay has heard.
pub(in crate::console) fn heard(model: &mut Model, heard: Heard) -> Vec<Effect> {
    match heard {
        Heard::Stay => return Vec::new(),
        Heard::Close => model.overlay = None,
        Heard::Act { action, argument } => {
            model.overlay = None;
            return dispatch(model, action, argument.as_deref());
        }
        Heard::Confirmed(verb) => {
            model.overlay = None;
            // Asked again: what was asked may have waited for long.
            return match Licence::of(&model.session) {
                Ok(licence) => {
                    model.notes.tell(Note::plain(format!("{verb}: asked")), model.now);
                    vec![Effect::Mutate(Mutation::new(licence, verb))]
                }
                Err(refused) => tell(model, Note::bad(refused.to_string())),
            };
        }
    }
    Vec::new()
}

/// What changes only what is shown.
fn show(model: &mut Model, action: Action, argument: Option<&str>) -> Vec<Effect> {
    match action {
        Action::Overview => go(model, PageId::Overview),
        Action::Orders => go(model, PageId::Orders),
        Action::Queue => go(model, PageId::Queue),
        Action::Venues => go(model, PageId::Venues),
        Action::Clients => go(model, PageId::Clients),
        Action::Logs => go(model, PageId::Logs),
        Action::Actions => go(model, PageId::Actions),
        Action::Back => back(model),
        Action::Quit => vec![Effect::Quit],
        Action::Palette => overlay(model, Overlay::Palette(Palette::default())),
        Action::Help => overlay(model, Overlay::Help(Help::default())),
        Action::Theme => {
            model.theme = model.theme.inverted();
            Vec::new()
        }
        Action::Mouse => {
            model.mouse = match model.mouse {
                Watch::On => Watch::Off,
                Watch::Off => Watch::On,
            };
            vec![Effect::Mouse(model.mouse)]
        }
        Action::Reconnect => vec![Effect::Reconnect],
        Action::Redraw => vec![Effect::Redraw],
        Action::LookOnly => {
            model.session.access = Access::Look;
            tell(model, Note::plain("read-only from now on"))
        }
        other => {
            let outcome = model.pages.get_mut(model.page).act(other, argument, &mut model.told, model.now);
            carry_out(model, outcome)
        }
    }
}

/// What changes something at the daemon: asks first.
fn change(model: &mut Model, spec: &Spec, argument: Option<&str>, licence: Licence) -> Vec<Effect> {
    debug_assert_ne!(spec.asks, Asks::Nothing, "whatever changes something is asked about");
    let page = model.pages.get(model.page);
    let wish = match (spec.action, page.target(&model.told)) {
        (Action::Undo, _) => model.undo.clone().map(Wish::One),
        (Action::Requeue, _) => {
            page.matching().map(|filter| Wish::Many(BulkAction::Retry, Which::Matching(filter)))
        }
        (Action::Pause, _) if argument.is_none() => return ask_why(model),
        (action, target) => wish(action, target, argument),
    };
    match wish {
        Some(Wish::One(verb)) => overlay(model, Overlay::Confirm(Confirm::yes(verb, Vec::new()))),
        Some(Wish::Many(action, which)) => bulk::preview(model, action, which, licence),
        None if spec.action == Action::Undo => tell(model, Note::plain("nothing that can be undone")),
        None => tell(model, Note::plain("nothing is chosen")),
    }
}

/// What is to be changed.
enum Wish {
    /// One thing.
    One(Verb),
    /// Many orders.
    Many(BulkAction, Which),
}

fn wish(action: Action, target: Target, argument: Option<&str>) -> Option<Wish> {
    let reason = argument.filter(|reason| !reason.is_empty()).map(str::to_owned);
    let verb = match (action, target) {
        (Action::Pause, _) => Verb::Pause { reason },
        (Action::Resume, _) => Verb::Resume,
        (Action::Retry, Target::Orders(orders)) => return of_orders(BulkAction::Retry, &orders, reason),
        (Action::Cancel, Target::Orders(orders)) => return of_orders(BulkAction::Cancel, &orders, reason),
        (Action::Disconnect, Target::Client(id)) => Verb::Disconnect { id },
        (Action::EnableVenue, Target::Venue(name)) => Verb::EnableVenue { name },
        (Action::DisableVenue, Target::Venue(name)) => Verb::DisableVenue { name },
        (Action::ReloadVenue, Target::Venue(name)) => Verb::ReloadVenue { name },
        _ => return None,
    };
    Some(Wish::One(verb))
}

/// One order is asked about by its name; several go through the daemon's preview.
fn of_orders(action: BulkAction, orders: &[Arc<str>], reason: Option<String>) -> Option<Wish> {
    let id = match orders {
        [] => return None,
        [id] => id.to_string(),
        many => return Some(Wish::Many(action, Which::Ids(many.iter().map(ToString::to_string).collect()))),
    };
    Some(Wish::One(match action {
        BulkAction::Retry => Verb::Retry { id },
        BulkAction::Cancel => Verb::Cancel { id, reason },
    }))
}

/// A pause is a riddle to others unless it says why.
fn ask_why(model: &mut Model) -> Vec<Effect> {
    let prompt = Prompt {
        title: "Pause the queue: why?".into(),
        hint: "for whoever wonders why nothing moves; may be left empty".into(),
        line: Line::default(),
        action: Action::Pause,
    };
    overlay(model, Overlay::Prompt(prompt))
}

/// Carries out what came of an action on a page.
pub(in crate::console) fn carry_out(model: &mut Model, outcome: Outcome) -> Vec<Effect> {
    let mut effects = outcome.effects;
    if let Some(note) = outcome.note {
        model.notes.tell(note, model.now);
    }
    if let Some(on_top) = outcome.overlay {
        model.overlay = Some(on_top);
    }
    if let Some(page) = outcome.go {
        effects.extend(go(model, page));
    }
    if let Some(order) = outcome.open {
        effects.extend(model.pages.order.show(order));
        effects.extend(go(model, PageId::Order));
    }
    if let Some((page, action, argument)) = outcome.ask {
        effects.extend(go(model, page));
        effects.extend(dispatch(model, action, Some(&argument)));
    }
    effects
}

fn go(model: &mut Model, page: PageId) -> Vec<Effect> {
    let from = model.page;
    model.go(page);
    moved(model, from)
}

fn back(model: &mut Model) -> Vec<Effect> {
    let from = model.page;
    match model.go_back() {
        true => moved(model, from),
        false => tell(model, Note::plain("Ctrl-C ends the console")),
    }
}

fn moved(model: &mut Model, from: PageId) -> Vec<Effect> {
    if from == model.page {
        return Vec::new();
    }
    let mut effects = model.pages.get_mut(from).leave(&mut model.told);
    effects.extend(model.pages.get_mut(model.page).enter(&mut model.told, model.now));
    effects
}

fn overlay(model: &mut Model, overlay: Overlay) -> Vec<Effect> {
    model.overlay = Some(overlay);
    Vec::new()
}

fn tell(model: &mut Model, note: Note) -> Vec<Effect> {
    model.notes.tell(note, model.now);
    Vec::new()
}
