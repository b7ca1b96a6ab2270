//! A whole console, on a terminal that nobody looks at: all is written as to any other.

use crate::{memory::Scene, told};
use orderctl::console::{
    Model, Msg,
    input::Key,
    model::{Access, Guarded, Session},
    pages::PageId,
    theme::Theme,
    update::update,
    view,
};
use orderd_sdk::{client::Changed, timestamp::Timestamp};
use ratatui::{Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};
use std::io::{self, BufWriter, Write};

/// A model and its terminal.
pub(crate) struct Screen {
    pub(crate) model: Model,
    terminal: Drawn,
}

type Drawn = Terminal<CrosstermBackend<BufWriter<Nowhere>>>;

/// Lets go of all bytes.
struct Nowhere;

impl Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(std::hint::black_box(bytes).len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Screen {
    /// The console of a busy daemon with all orders, of which one is open.
    pub(crate) fn new(scene: &Scene, (width, height): (u16, u16)) -> anyhow::Result<Self> {
        let session = Session {
            profile: "bench".into(),
            url: "http://127.0.0.1:3000".into(),
            access: Access::Change,
            guarded: Guarded::No,
        };
        let model = Model::new(session, Theme::default(), (width, height), scene.cache.clone(), scene.now);
        let mut screen = Self { model, terminal: terminal((width, height))? };
        screen.tell(Msg::Orders(Changed::All), scene.now);
        for msg in told::messages(scene.now)? {
            screen.tell(msg, scene.now);
        }
        screen.go(PageId::Order, scene.now);
        let number = crate::ORDERS - 1;
        told::events(number).for_each(|event| screen.tell(event, scene.now));
        Ok(screen)
    }

    /// Something happens; what it has done outside is left out.
    pub(crate) fn tell(&mut self, msg: Msg, now: Timestamp) {
        drop(update(&mut self.model, msg, now));
    }

    pub(crate) fn press(&mut self, key: Key, now: Timestamp) {
        self.tell(Msg::Key(key), now);
    }

    /// Shows a page, as its keys do.
    pub(crate) fn go(&mut self, page: PageId, now: Timestamp) {
        let tab = PageId::TABS.iter().position(|tab| *tab == page.tab()).unwrap_or_default();
        self.press(Key::Char(char::from(b'1' + tab as u8)), now);
        if page == PageId::Order {
            self.press(Key::Enter, now);
        }
        assert_eq!(self.model.page, page, "its keys lead there");
    }

    /// Takes another terminal, on which nothing is yet: the next frame is written as a whole.
    pub(crate) fn forget(&mut self) {
        self.terminal = terminal(self.model.size).expect("it was made before");
    }

    /// Draws a frame, and has what is different written.
    pub(crate) fn draw(&mut self) {
        let Self { model, terminal } = self;
        terminal.draw(|frame| view::draw(frame, model)).expect("nothing can fail in writing nowhere");
        model.is_stale = false;
    }
}

fn terminal((width, height): (u16, u16)) -> io::Result<Drawn> {
    let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
    let backend = CrosstermBackend::new(BufWriter::new(Nowhere));
    Terminal::with_options(backend, TerminalOptions { viewport })
}
