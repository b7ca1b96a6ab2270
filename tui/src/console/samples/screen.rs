//! What a page looks like: as text, and with its styles.

use super::NOW;
use crate::console::{
    model::{Access, Guarded, Session, Told},
    pages::{Page, Scene},
    theme::{Background, Colours, Glyphs, Theme},
};
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer, style::Style};
use std::fmt::Write;

/// Whoever may change things.
pub(crate) fn session() -> Session {
    let url = "http://127.0.0.1:3000".to_owned();
    Session { profile: "test".into(), url, access: Access::Change, guarded: Guarded::No }
}

/// A page as it is drawn in so many columns and rows, as of [`NOW`].
pub(crate) fn drawn(page: &dyn Page, told: &Told, size: (u16, u16), glyphs: &'static Glyphs) -> String {
    let theme = Theme::new(Colours::True, Background::Dark, glyphs);
    let session = session();
    let scene = Scene { told, session: &session, theme: &theme, now: NOW };
    let mut terminal =
        Terminal::new(TestBackend::new(size.0, size.1)).expect("a test's terminal never fails");
    terminal.draw(|frame| page.draw(frame, frame.area(), &scene)).expect("a test's terminal never fails");
    terminal.backend().to_string()
}

/// A page on a screen of this size, as of [`NOW`].
pub(crate) fn screen(page: &dyn Page, told: &Told, theme: &Theme, (columns, rows): (u16, u16)) -> Buffer {
    let session = session();
    let scene = Scene { told, session: &session, theme, now: NOW };
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("it draws into memory");
    let drawn = terminal.draw(|frame| page.draw(frame, frame.area(), &scene));
    drawn.expect("it draws into memory").buffer.clone()
}

/// Its text with the style of each part before it, where that is not the plain one.
pub(crate) fn styled(buffer: &Buffer) -> String {
    let (mut drawn, mut last) = (String::new(), Style::reset());
    for row in buffer.area.rows() {
        for cell in row.columns().map(|cell| &buffer[cell.as_position()]) {
            let style = cell.style();
            if style != last {
                write!(drawn, "<{}>", named(style)).expect("it writes into memory");
                last = style;
            }
            drawn.push_str(cell.symbol());
        }
        drawn.push('\n');
    }
    drawn
}

fn named(style: Style) -> String {
    let colours =
        [style.fg, style.bg].map(|colour| colour.map_or_else(String::new, |colour| colour.to_string()));
    let [front, back] = colours.map(|colour| if colour == "Reset" { String::new() } else { colour });
    let back = if back.is_empty() { back } else { format!(" on {back}") };
    let weight = match style.add_modifier.is_empty() {
        true => String::new(),
        false => format!(" {:?}", style.add_modifier),
    };
    format!("{front}{back}{weight}").trim().to_owned()
}
