//! From what happens to a changed model, and what is to be done about it. Pure: no terminal, no network, no clock.

use super::{
    Effect, Model, Msg,
    actions::{self, Verb},
    effect::{Answer, Watch},
    input::Key,
    model::Note,
    mouse,
    msg::Mouse,
    view,
};
use orderd_sdk::{client::ClientError, timestamp::Timestamp};
use std::sync::Arc;

/// The console begins, with the page that is shown first.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    let mut effects = model.pages.get_mut(model.page).enter(&mut model.told, model.now);
    effects.extend(mouse_again(model));
    effects
}

/// Takes in what has happened at this time.
pub fn update(model: &mut Model, msg: Msg, now: Timestamp) -> Vec<Effect> {
    let was_stale = std::mem::replace(&mut model.is_stale, true);
    model.now = now;
    match msg {
        Msg::Key(key) => key_pressed(model, key),
        Msg::Paste(text) => {
            match &mut model.overlay {
                Some(overlay) => overlay.paste(&text),
                // What somebody meant for another window is no row of commands.
                None => model.is_stale = was_stale,
            }
            Vec::new()
        }
        Msg::Mouse(Mouse::ScrollUp) => key_pressed(model, Key::Up),
        Msg::Mouse(Mouse::ScrollDown) => key_pressed(model, Key::Down),
        Msg::Mouse(Mouse::Click { x, y }) => mouse::clicked(model, x, y),
        Msg::Resized { width, height } => {
            resized(model, width, height);
            // It may have been smaller for a moment, and have lost what it showed.
            vec![Effect::Redraw]
        }
        Msg::Continued { width, height } => {
            resized(model, width, height);
            let mut effects = vec![Effect::Retake];
            effects.extend(mouse_again(model));
            effects
        }
        Msg::Tick(link) => {
            model.told.link(link, now);
            model.notes.pass(now);
            model.pages.orders.advance(&model.told.cache, now);
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
        Msg::Orders(changed) => {
            model.told.orders(&changed, now);
            model.pages.orders.refresh(&changed, &model.told.cache, now);
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

fn resized(model: &mut Model, width: u16, height: u16) {
    model.size = (width, height);
    model.pages.resize(model.size);
}

/// Has the mouse reported, where that is wanted: the terminal does not know of it.
fn mouse_again(model: &Model) -> Option<Effect> {
    (model.mouse == Watch::On).then_some(Effect::Mouse(Watch::On))
}

fn key_pressed(model: &mut Model, key: Key) -> Vec<Effect> {
    match key {
        // What the terminal makes of these keys elsewhere. They are the way out of anything, so that no overlay hears them.
        Key::Ctrl('c') => return vec![Effect::Quit],
        Key::Ctrl('z') => return [Effect::Stop].into_iter().chain(mouse_again(model)).collect(),
        // Nobody answers a question that there is no room to show.
        _ if view::is_too_small(model.size) => return Vec::new(),
        _ => {}
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
        Answer::Recalled(filter, outcome) => return model.pages.orders.recalled(&filter, outcome),
        Answer::Previewed(outcome) => return actions::previewed(model, outcome),
        Answer::Mutated(mutation, outcome) => mutated(model, mutation.verb(), outcome),
        Answer::Exported(file, Ok(orders)) => {
            Note::good(format!("{orders} orders written: {}", file.display()))
        }
        Answer::Exported(file, Err(why)) => Note::bad(format!("{}: {why}", file.display())),
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
mod manners;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{
        actions::{Licence, REGISTRY, Which},
        model::{Access, Guarded, Session, Told},
        overlay::Overlay,
        pages::PageId,
        samples,
        theme::Theme,
    };
    use orderd_sdk::wire::{BulkAction, BulkBlocked, BulkPreview};
    use proptest::prelude::*;

    pub(super) fn console(access: Access) -> Model {
        let session = Session {
            profile: "test".into(),
            url: "http://127.0.0.1:1".into(),
            access,
            guarded: Guarded::No,
        };
        Model::new(session, Theme::default(), (120, 36), Told::default().cache, Timestamp(0))
    }

    pub(super) fn press(model: &mut Model, keys: &[Key]) -> Vec<Effect> {
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

    fn preview(eligible: u64) -> BulkPreview {
        BulkPreview {
            success: true,
            token: "t".into(),
            expires_at: Timestamp(60_000),
            action: BulkAction::Retry,
            matched: eligible + 3,
            eligible,
            truncated: false,
            blocked: vec![BulkBlocked {
                code: "may-still-land".into(),
                detail: "an earlier transaction may still be included".into(),
                count: 3,
                examples: vec!["01a0".into()],
            }],
        }
    }

    fn asked(eligible: u64, guarded: Guarded) -> Model {
        let mut model = console(Access::Change);
        model.session.guarded = guarded;
        let licence = Licence::of(&model.session).unwrap();
        let which = Which::Matching("state:failed".into());
        let effects = actions::preview(&mut model, BulkAction::Retry, which, licence);
        assert!(matches!(effects[..], [Effect::Mutate(_)]));
        update(&mut model, Msg::Answer(Answer::Previewed(Ok(preview(eligible)))), Timestamp(0));
        model
    }

    #[test]
    fn many_orders_are_changed_only_after_the_preview_was_confirmed() {
        for (eligible, guarded, keys) in [
            (100, Guarded::No, vec![Key::Char('y')]),
            (101, Guarded::No, "101".chars().map(Key::Char).chain([Key::Enter]).collect()),
            (2, Guarded::Yes, vec![Key::Char('2'), Key::Enter]),
        ] {
            assert_eq!(press(&mut asked(eligible, guarded), &[Key::Enter]), []);
            let effects = press(&mut asked(eligible, guarded), &keys);
            let verb = Verb::Bulk { action: BulkAction::Retry, token: "t".into(), expected: eligible };
            let done: Vec<_> = effects
                .iter()
                .map(|effect| match effect {
                    Effect::Mutate(mutation) => mutation.verb(),
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(done, [&verb]);
        }
        assert_eq!(press(&mut asked(101, Guarded::No), &[Key::Char('y')]), []);
        assert!(asked(0, Guarded::No).overlay.is_none());
    }

    #[test]
    fn whoever_has_left_the_wait_is_not_asked() {
        let mut model = console(Access::Change);
        let licence = Licence::of(&model.session).unwrap();
        actions::preview(&mut model, BulkAction::Cancel, Which::Ids(vec!["a".into(), "b".into()]), licence);
        press(&mut model, &[Key::Esc]);
        update(&mut model, Msg::Answer(Answer::Previewed(Ok(preview(5)))), Timestamp(0));
        assert!(model.overlay.is_none());
    }

    #[test]
    fn a_pause_asks_why_and_then_whether_and_can_be_undone() {
        let mut model = console(Access::Change);
        press(&mut model, &[Key::Char('p'), Key::Char('x'), Key::Enter]);
        let effects = press(&mut model, &[Key::Char('y')]);
        let pause = Verb::Pause { reason: Some("x".into()) };
        let [Effect::Mutate(mutation)] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(mutation.verb(), &pause);
        update(&mut model, Msg::Answer(Answer::Mutated(mutation.clone(), Ok("paused".into()))), Timestamp(0));
        let effects = press(&mut model, &[Key::Char('u'), Key::Char('y')]);
        let [Effect::Mutate(mutation)] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(mutation.verb(), &Verb::Resume);
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
            model.told = samples::told();
            for effect in press(&mut model, &keys) {
                prop_assert!(!matches!(effect, Effect::Mutate(_)), "{effect:?}");
            }
        }
    }
}
