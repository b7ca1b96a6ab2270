//! The pictures of the README: frames as this code draws them. `make frames` draws them anew.

use super::{
    Model,
    pages::PageId,
    samples::{self, NOW, failed_and_retried},
    svg::svg,
    theme::Theme,
    view,
};
use ratatui::{Terminal, backend::TestBackend};
use std::{fs, path::Path};

const SIZE: (u16, u16) = (120, 36);

fn model(page: PageId) -> Model {
    let (told, _) = samples::filled();
    let mut model = Model::new(samples::session(), Theme::default(), SIZE, told.cache.clone(), NOW);
    model.told = told;
    model.page = page;
    model
}

/// The picture of this name is what this model looks like; with `UPDATE` set it becomes so.
#[expect(clippy::disallowed_methods, reason = "a test that can renew what it compares with")]
fn is_pictured(name: &str, title: &str, model: &Model) {
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap();
    let drawn = svg(terminal.draw(|frame| view::draw(frame, model)).unwrap().buffer, title);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/images").join(name);
    if std::env::var("UPDATE").is_ok() {
        fs::write(&file, &drawn).unwrap();
    }
    let pictured = fs::read_to_string(&file).unwrap_or_default();
    assert!(pictured == drawn, "docs/images/{name} is not what the console looks like: make frames");
}

#[test]
fn the_picture_of_the_overview_is_what_it_looks_like() {
    is_pictured("console-overview.svg", "orderctl: the overview", &model(PageId::Overview));
}

#[test]
fn the_picture_of_an_order_is_what_it_looks_like() {
    let mut model = model(PageId::Order);
    let events = failed_and_retried();
    model.pages.order.show(events[0].order_id.as_str().into());
    events.into_iter().for_each(|event| model.pages.order.tell(event));
    is_pictured("console-order.svg", "orderctl: one order's life", &model);
}
