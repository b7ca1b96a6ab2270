//! Whole screens: every page at three sizes and in four modes of colour, and what lies on top.

use super::draw;
use crate::console::{
    Model, Msg,
    input::Key,
    model::Access,
    pages::PageId,
    samples::{self, NOW, failed_and_retried, styled},
    theme::{ASCII, Background, Colours, Theme, UNICODE},
    update::update,
};
use orderd_sdk::client::{Changed, LogNews};
use orderd_sdk::wire::LogLine;
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};

/// A console that has been told much, on this page.
fn console(page: PageId, size: (u16, u16), theme: Theme) -> Model {
    let (told, _) = samples::filled();
    let mut model = Model::new(samples::session(), theme, size, told.cache.clone(), NOW);
    model.told = told;
    model.page = page;
    model.pages.orders.refresh(&Changed::All, &model.told.cache, NOW);
    let events = failed_and_retried();
    model.pages.order.show(events[0].order_id.as_str().into());
    events.into_iter().for_each(|event| model.pages.order.tell(event));
    model.pages.logs.tell(LogNews::Lines(["INFO", "WARN", "ERROR"].map(line).into()));
    model
}

fn line(level: &str) -> LogLine {
    LogLine {
        n: 1,
        timestamp: NOW,
        level: level.into(),
        target: "orderd::engine".into(),
        message: "the node is slow".into(),
        fields: [("chain".to_owned(), "paper".to_owned())].into(),
    }
}

fn screen(model: &Model) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(model.size.0, model.size.1)).unwrap();
    terminal.draw(|frame| draw(frame, model)).unwrap().buffer.clone()
}

/// What is on the screen, without its looks.
fn text(model: &Model) -> String {
    let buffer = screen(model);
    let rows = buffer.content.chunks(usize::from(buffer.area.width));
    rows.map(|row| format!("{}\n", row.iter().map(|cell| cell.symbol()).collect::<String>().trim_end()))
        .collect()
}

fn name(page: PageId) -> String {
    page.title().to_lowercase()
}

#[test]
fn every_page_at_three_sizes() {
    for page in PageId::ALL {
        for size in [(80, 24), (120, 36), (200, 50)] {
            let shown = text(&console(page, size, Theme::default()));
            insta::assert_snapshot!(format!("{}_{}", name(page), size.0), shown);
        }
    }
}

#[test]
fn every_page_in_four_modes_of_colour() {
    let modes = [
        ("true", Theme::new(Colours::True, Background::Dark, &UNICODE)),
        ("sixteen", Theme::new(Colours::Sixteen, Background::Dark, &UNICODE)),
        ("none", Theme::new(Colours::None, Background::Dark, &UNICODE)),
        ("ascii", Theme::new(Colours::None, Background::Dark, &ASCII)),
    ];
    for page in PageId::ALL {
        for (mode, theme) in modes {
            let shown = styled(&screen(&console(page, (80, 24), theme)));
            assert_eq!(mode == "ascii", shown.is_ascii(), "{page:?} {mode}");
            insta::assert_snapshot!(format!("{}_{mode}", name(page)), shown);
        }
    }
}

#[test]
fn help_palette_question_and_line_lie_on_top() {
    for (name, page, access, keys) in [
        ("help", PageId::Orders, Access::Change, "?"),
        ("help_read_only", PageId::Venues, Access::Look, "?"),
        ("palette", PageId::Orders, Access::Change, ":ret"),
        ("question", PageId::Order, Access::Change, "r"),
        ("line", PageId::Orders, Access::Change, "/"),
        ("refused", PageId::Order, Access::Look, "r"),
    ] {
        let mut model = console(page, (100, 30), Theme::default());
        model.session.access = access;
        keys.chars().for_each(|key| drop(update(&mut model, Msg::Key(Key::Char(key)), NOW)));
        insta::assert_snapshot!(name, text(&model));
    }
}
