//! The model: all that the console knows. `update` changes it, `view` draws it.

mod feed;
mod note;
mod seen;
mod session;
mod told;

pub use feed::{Before, Feed, Transition};
pub use note::{Note, Notes, Tone};
pub use seen::{Glimpse, Seen};
pub use session::{Access, Guarded, Session};
pub use told::Told;

use super::{
    actions::Verb,
    effect::Watch,
    overlay::Overlay,
    pages::{PageId, Pages},
    theme::Theme,
};
use orderd_sdk::{client::Cache, timestamp::Timestamp};

/// Pages that `back` leads through.
const MOST_HISTORY: usize = 32;

/// All that the console knows.
#[derive(Debug)]
pub struct Model {
    /// Whose console it is, and of which daemon.
    pub session: Session,
    /// How it looks.
    pub theme: Theme,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The time, as of the last thing that happened.
    pub now: Timestamp,
    /// What the daemon has told.
    pub told: Told,
    /// The pages and their state.
    pub pages: Pages,
    /// The page that is shown.
    pub page: PageId,
    /// Where `back` leads.
    history: Vec<PageId>,
    /// What lies on top of the page and has the keys.
    pub overlay: Option<Overlay>,
    /// What is told for a while at the bottom.
    pub notes: Notes,
    /// Whether the mouse is reported.
    pub mouse: Watch,
    /// What takes the last change back, if anything does.
    pub undo: Option<Verb>,
    /// Whether something is different from what was drawn last.
    pub is_stale: bool,
}

impl Model {
    /// A console that knows nothing yet.
    #[must_use]
    pub fn new(session: Session, theme: Theme, size: (u16, u16), cache: Cache, now: Timestamp) -> Self {
        let mut pages = Pages::default();
        pages.resize(size);
        Self {
            session,
            theme,
            size,
            now,
            told: Told::new(cache),
            pages,
            page: PageId::Overview,
            history: Vec::new(),
            overlay: None,
            notes: Notes::default(),
            mouse: Watch::Off,
            undo: None,
            is_stale: true,
        }
    }

    /// Shows another page; `back` leads to this one.
    pub fn go(&mut self, page: PageId) {
        if page == self.page {
            return;
        }
        self.history.retain(|passed| *passed != page);
        self.history.push(self.page);
        if self.history.len() > MOST_HISTORY {
            self.history.remove(0);
        }
        self.page = page;
    }

    /// Shows the page before; false when there is none.
    pub fn go_back(&mut self) -> bool {
        match self.history.pop() {
            Some(page) => self.page = page,
            None => return false,
        }
        true
    }
}
