//! What a terminal may bring besides keys: pastes, a mouse, other sizes, a stop, a leap of the clock.

use super::{
    tests::{console, press},
    *,
};
use crate::console::{model::Access, pages::PageId, samples};
use orderd_sdk::client::Phase;

#[test]
fn a_paste_that_nobody_asked_for_does_nothing_at_all() {
    let mut model = console(Access::Change);
    model.is_stale = false;
    assert_eq!(update(&mut model, Msg::Paste("p\ny:quit\n".repeat(100_000)), Timestamp(0)), []);
    assert!(!model.is_stale && model.overlay.is_none());
    press(&mut model, &[Key::Char(':')]);
    update(&mut model, Msg::Paste("venues".into()), Timestamp(0));
    press(&mut model, &[Key::Enter]);
    assert_eq!(model.page, PageId::Venues);
}

#[test]
fn a_clock_that_leaps_forth_and_back_does_no_harm() {
    let mut model = console(Access::Change);
    model.told = samples::told();
    let link = samples::link(Phase::Live);
    let day = 24 * 3_600_000;
    for now in [samples::NOW.plus_millis(day), Timestamp(0), samples::NOW] {
        assert_eq!(update(&mut model, Msg::Tick(link.clone()), now), []);
    }
}

#[test]
fn whoever_stops_the_console_has_the_terminal_and_gives_it_back_as_it_is_then() {
    let mut model = console(Access::Change);
    press(&mut model, &[Key::Char('M'), Key::Char(':')]);
    assert_eq!(press(&mut model, &[Key::Ctrl('z')]), [Effect::Stop, Effect::Mouse(Watch::On)]);
    let effects = update(&mut model, Msg::Continued { width: 90, height: 30 }, Timestamp(0));
    assert_eq!(effects, [Effect::Retake, Effect::Mouse(Watch::On)]);
    assert_eq!(model.size, (90, 30));
    assert!(model.overlay.is_some());
}

#[test]
fn a_question_that_there_is_no_room_for_is_not_answered() {
    let mut model = console(Access::Change);
    press(&mut model, &[Key::Char('p'), Key::Enter]);
    let resize = |model: &mut Model, (width, height)| {
        update(model, Msg::Resized { width, height }, Timestamp(0));
    };
    resize(&mut model, (30, 36));
    assert_eq!(press(&mut model, &[Key::Char('y')]), []);
    assert_eq!(press(&mut model, &[Key::Ctrl('c')]), [Effect::Quit]);
    resize(&mut model, (120, 36));
    assert!(matches!(press(&mut model, &[Key::Char('y')])[..], [Effect::Mutate(_)]));
}

#[test]
fn the_wheel_moves_about_and_a_click_on_a_tab_leads_to_its_page() {
    let mut model = console(Access::Change);
    for event in [
        Mouse::Click { x: 35, y: 1 },
        Mouse::Click { x: 119, y: 1 },
        Mouse::Click { x: 0, y: 0 },
        Mouse::Click { x: 0, y: 35 },
        Mouse::ScrollDown,
        Mouse::ScrollUp,
    ] {
        update(&mut model, Msg::Mouse(event), Timestamp(0));
        assert_eq!(model.page, PageId::Venues, "{event:?}");
    }
    press(&mut model, &[Key::Char(':')]);
    update(&mut model, Msg::Mouse(Mouse::Click { x: 0, y: 1 }), Timestamp(0));
    assert_eq!((model.page, model.overlay.is_some()), (PageId::Venues, true));
}
