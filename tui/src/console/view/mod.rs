//! Draws the model. It changes nothing.

mod footer;
mod header;
#[cfg(test)]
mod screens;
mod tabs;

use super::{
    Model,
    pages::{PageId, Scene},
    theme::ASCII,
    widgets::text,
};
use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Constraint, Layout},
    text::Line,
};

/// Fewer columns and rows show nothing that anybody could act on.
const LEAST: (u16, u16) = (40, 10);
/// Rows above a page.
const ABOVE: u16 = 2;

/// Whether a terminal of so many columns and rows is too small to show anything but that.
#[must_use]
pub fn is_too_small((columns, rows): (u16, u16)) -> bool {
    columns < LEAST.0 || rows < LEAST.1
}

/// What a cell of the screen belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// The tab of a page.
    Tab(PageId),
    /// The page that is shown, at this column and row of it.
    Page(u16, u16),
    /// Neither.
    Nothing,
}

/// What is at this column and row.
#[must_use]
pub fn spot((_, rows): (u16, u16), x: u16, y: u16) -> Spot {
    match y {
        1 => tabs::at(x).map_or(Spot::Nothing, Spot::Tab),
        y if y >= ABOVE && y + 1 < rows => Spot::Page(x, y - ABOVE),
        _ => Spot::Nothing,
    }
}

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, model: &Model) {
    let area = frame.area();
    if is_too_small((area.width, area.height)) {
        let (columns, rows) = LEAST;
        let words = format!("too small: {columns}x{rows} at least, 80x24 is better");
        frame.render_widget(Line::from(text::fit(&words, area.width.into(), "~")), area);
        return;
    }
    let rows = [Constraint::Length(1), Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)];
    let [header, tabs, page, footer] = Layout::vertical(rows).areas(area);
    let scene = Scene { told: &model.told, session: &model.session, theme: &model.theme, now: model.now };
    header::draw(frame, header, &scene);
    tabs::draw(frame, tabs, model.page, &scene);
    model.pages.get(model.page).draw(frame, page, &scene);
    footer::draw(frame, footer, model, &scene);
    if let Some(overlay) = &model.overlay {
        overlay.draw(frame, frame.area(), model.page, &scene);
    }
    if model.theme.is_ascii() {
        to_ascii(frame.buffer_mut());
    }
}

/// Replaces what a terminal without more than ASCII would garble, wherever it came from.
fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        match cell.symbol() {
            symbol if symbol.is_ascii() => {}
            "…" => drop(cell.set_symbol(ASCII.ellipsis)),
            _ => drop(cell.set_symbol("?")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{model::Told, samples, theme::Theme};
    use orderd_sdk::timestamp::Timestamp;
    use ratatui::{Terminal, backend::TestBackend};

    fn drawn(page: PageId, size: (u16, u16)) -> String {
        let mut model =
            Model::new(samples::session(), Theme::default(), size, Told::default().cache, Timestamp(0));
        model.told = samples::told();
        model.page = page;
        let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        terminal.draw(|frame| draw(frame, &model)).unwrap();
        // A backend without columns cannot tell what it shows.
        if size.0 == 0 { String::new() } else { terminal.backend().to_string() }
    }

    #[test]
    fn every_page_is_drawn_at_every_size_and_where_there_is_no_room_that_is_told() {
        for page in PageId::ALL {
            for columns in [0, 1, 2, 10, 39, 40, 41, 60, 80, 300] {
                for rows in [0, 1, 2, 5, 9, 10, 11, 24, 100] {
                    let size = (columns, rows);
                    let is_told = drawn(page, size).contains("too small");
                    let has_room_to_tell = columns >= 10 && rows > 0;
                    assert_eq!(is_told, is_too_small(size) && has_room_to_tell, "{page:?} at {size:?}");
                }
            }
        }
    }

    #[test]
    fn a_tab_is_where_it_is_drawn() {
        let screen = drawn(PageId::Logs, (120, 36));
        let tabs = screen.lines().nth(1).unwrap().trim_matches('"').to_owned();
        for page in PageId::TABS {
            let x = u16::try_from(tabs.find(page.title()).unwrap()).unwrap();
            assert_eq!(spot((120, 36), x, 1), Spot::Tab(page));
        }
        assert_eq!(spot((120, 36), 0, 2), Spot::Page(0, 0));
        assert_eq!(spot((120, 36), 0, 34), Spot::Page(0, 32));
        assert_eq!(spot((120, 36), 0, 35), Spot::Nothing);
    }
}
