//! From what happens to a changed model, and what is to be done about it. Pure: no terminal, no network, no clock.

use super::{
    Effect, Model, Msg,
    actions::{self, Verb},
    effect::Answer,
    input::Key,
    model::Note,
};
use orderd_sdk::{client::ClientError, timestamp::Timestamp};
use std::sync::Arc;

/// The console begins, with the page that is shown first.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    model.pages.get_mut(model.page).enter(&mut model.told, model.now)
}

/// Takes in what has happened at this time.
pub fn update(model: &mut Model, msg: Msg, now: Timestamp) -> Vec<Effect> {
    model.now = now;
    model.is_stale = true;
    match msg {
        Msg::Key(key) => key_pressed(model, key),
        Msg::Paste(text) => {
            if let Some(overlay) = &mut model.overlay {
                overlay.paste(&text);
            }
            Vec::new()
        }
        Msg::Mouse(_) => Vec::new(),
        Msg::Resized { width, height } => {
            model.size = (width, height);
            Vec::new()
        }
        Msg::Tick(link) => {
            model.told.link(link, now);
            model.notes.pass(now);
            Vec::new()
        }
        Msg::Link(link) => {
            model.told.link(link, now);
            Vec::new()
        }
        Msg::Event(event) => {
            model.pages.order.tell(event);
            Vec::new()
        }
        Msg::Logs(news) => {
            model.pages.logs.tell(news);
            Vec::new()
        }
        Msg::Orders(news) => {
            model.told.orders(&news, now);
            Vec::new()
        }
        Msg::Report(report) => {
            model.told.take(report);
            Vec::new()
        }
        Msg::Answer(answer) => {
            answered(model, answer);
            Vec::new()
        }
        Msg::Quit => vec![Effect::Quit],
    }
}

fn key_pressed(model: &mut Model, key: Key) -> Vec<Effect> {
    if key == Key::Ctrl('c') {
        return vec![Effect::Quit];
    }
    let heard = model.overlay.as_mut().map(|overlay| overlay.key(key, model.page));
    match heard {
        Some(heard) => actions::heard(model, heard),
        None => match actions::by_key(model.page, key) {
            Some(spec) => actions::dispatch(model, spec.action, None),
            None => Vec::new(),
        },
    }
}

fn answered(model: &mut Model, answer: Answer) {
    let note = match answer {
        Answer::Mutated(mutation, outcome) => mutated(model, mutation.verb(), outcome),
        Answer::Written(file, Ok(())) => Note::good(format!("written: {}", file.display())),
        Answer::Written(file, Err(why)) => Note::bad(format!("{}: {why}", file.display())),
    };
    model.notes.tell(note, model.now);
}

fn mutated(model: &mut Model, verb: &Verb, outcome: Result<String, Arc<ClientError>>) -> Note {
    match outcome {
        Ok(said) => {
            model.undo = verb.reverse();
            Note::good(said)
        }
        Err(error) => Note::bad(format!("{verb}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{
        actions::REGISTRY,
        model::{Access, Guarded, Session},
        overlay::Overlay,
        pages::PageId,
        theme::Theme,
    };
    use proptest::prelude::*;

    fn console(access: Access) -> Model {
        let session = Session {
            profile: "test".into(),
            url: "http://127.0.0.1:1".into(),
            access,
            guarded: Guarded::No,
        };
        Model::new(session, Theme::default(), (120, 36), Timestamp(0))
    }

    fn press(model: &mut Model, keys: &[Key]) -> Vec<Effect> {
        keys.iter().flat_map(|key| update(model, Msg::Key(*key), Timestamp(0))).collect()
    }

    #[test]
    fn pages_are_one_key_away_and_back_leads_where_one_came_from() {
        let mut model = console(Access::Change);
        press(&mut model, &[Key::Char('4'), Key::Char('6'), Key::Char('4')]);
        assert_eq!(model.page, PageId::Venues);
        press(&mut model, &[Key::Esc]);
        assert_eq!(model.page, PageId::Logs);
        assert_eq!(press(&mut model, &[Key::Esc, Key::Esc, Key::Ctrl('c')]).last(), Some(&Effect::Quit));
        assert_eq!(model.page, PageId::Overview);
    }

    #[test]
    fn the_palette_does_what_its_command_says_and_help_lies_on_top() {
        let mut model = console(Access::Change);
        let typed: Vec<_> = ":venues".chars().map(Key::Char).chain([Key::Enter]).collect();
        press(&mut model, &typed);
        assert_eq!((model.page, model.overlay.is_none()), (PageId::Venues, true));
        press(&mut model, &[Key::Char('?')]);
        assert!(matches!(model.overlay, Some(Overlay::Help(_))));
        press(&mut model, &[Key::Esc]);
        assert_eq!((model.page, model.overlay.is_none()), (PageId::Venues, true));
    }

    fn any_key() -> impl Strategy<Value = Key> {
        let known: Vec<Key> = REGISTRY.iter().flat_map(|spec| spec.keys.iter().copied()).collect();
        prop_oneof![
            8 => proptest::sample::select(known),
            2 => any::<char>().prop_map(Key::Char),
            1 => Just(Key::Char('y')),
        ]
    }

    proptest! {
        #[test]
        fn a_session_that_may_only_look_changes_nothing_whatever_is_pressed(
            keys in proptest::collection::vec(any_key(), 1..200)
        ) {
            let mut model = console(Access::Look);
            for effect in press(&mut model, &keys) {
                prop_assert!(!matches!(effect, Effect::Mutate(_)), "{effect:?}");
            }
        }
    }
}
