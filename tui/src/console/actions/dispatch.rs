//! The dispatcher: from a wish to what comes of it. It alone asks for leave to change anything.

use super::{Action, Asks, Changes, Licence, Mutation, Spec, Verb, spec};
use crate::console::{
    effect::{Effect, Watch},
    model::{Access, Model, Note},
    overlay::{Confirm, Heard, Help, Overlay, Palette},
    pages::{Outcome, PageId, Target},
};

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
fn change(model: &mut Model, spec: &Spec, argument: Option<&str>, _leave: Licence) -> Vec<Effect> {
    debug_assert_ne!(spec.asks, Asks::Nothing, "whatever changes something is asked about");
    if spec.action == Action::Undo {
        return match model.undo.clone() {
            Some(verb) => overlay(model, Overlay::Confirm(Confirm::yes(verb, Vec::new()))),
            None => tell(model, Note::plain("nothing that can be undone")),
        };
    }
    let target = model.pages.get(model.page).target(&model.told);
    match verb(spec.action, target, argument) {
        Some(verb) => overlay(model, Overlay::Confirm(Confirm::yes(verb, Vec::new()))),
        None => tell(model, Note::plain("nothing is chosen")),
    }
}

fn verb(action: Action, target: Target, argument: Option<&str>) -> Option<Verb> {
    let one = |orders: &[std::sync::Arc<str>]| match orders {
        [id] => Some(id.to_string()),
        _ => None,
    };
    let reason = || argument.filter(|reason| !reason.is_empty()).map(str::to_owned);
    match (action, target) {
        (Action::Pause, _) => Some(Verb::Pause { reason: reason() }),
        (Action::Resume, _) => Some(Verb::Resume),
        (Action::Disconnect, Target::Client(id)) => Some(Verb::Disconnect { id }),
        (Action::Retry, Target::Orders(orders)) => one(&orders).map(|id| Verb::Retry { id }),
        (Action::Cancel, Target::Orders(orders)) => {
            one(&orders).map(|id| Verb::Cancel { id, reason: reason() })
        }
        (Action::EnableVenue, Target::Venue(name)) => Some(Verb::EnableVenue { name }),
        (Action::DisableVenue, Target::Venue(name)) => Some(Verb::DisableVenue { name }),
        (Action::ReloadVenue, Target::Venue(name)) => Some(Verb::ReloadVenue { name }),
        _ => None,
    }
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
