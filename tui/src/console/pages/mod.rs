//! The pages. Each has a folder of its own with its state, what its keys do, and how it is drawn.

pub mod actions;
pub mod clients;
pub mod logs;
pub mod order;
pub mod orders;
pub mod overview;
pub mod queue;
pub mod venues;

use super::{
    actions::Action,
    effect::Effect,
    model::{Note, Session, Told},
    overlay::Overlay,
    theme::Theme,
};
use orderd_sdk::timestamp::Timestamp;
use ratatui::{Frame, layout::Rect};
use std::sync::Arc;

/// Names a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageId {
    /// Everything at a glance.
    Overview,
    /// Many orders.
    Orders,
    /// One order's life.
    Order,
    /// What waits, and how fast it goes.
    Queue,
    /// Venues and their plugins.
    Venues,
    /// Who is connected.
    Clients,
    /// The daemon's log.
    Logs,
    /// What operators have done.
    Actions,
}

impl PageId {
    /// Every page.
    pub const ALL: [Self; 8] = [
        Self::Overview,
        Self::Orders,
        Self::Order,
        Self::Queue,
        Self::Venues,
        Self::Clients,
        Self::Logs,
        Self::Actions,
    ];

    /// The pages that have a tab, in its order. One order is shown under the tab of all.
    pub const TABS: [Self; 7] =
        [Self::Overview, Self::Orders, Self::Queue, Self::Venues, Self::Clients, Self::Logs, Self::Actions];

    /// The tab under which it is shown.
    #[must_use]
    pub fn tab(self) -> Self {
        match self {
            Self::Order => Self::Orders,
            other => other,
        }
    }

    /// For people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Orders => "Orders",
            Self::Order => "Order",
            Self::Queue => "Queue",
            Self::Venues => "Venues",
            Self::Clients => "Clients",
            Self::Logs => "Logs",
            Self::Actions => "Actions",
        }
    }
}

/// What the verbs of the registry would be done to now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// Nothing is chosen.
    #[default]
    Nothing,
    /// These orders: the one under the cursor, or those that are marked.
    Orders(Vec<Arc<str>>),
    /// This venue.
    Venue(String),
    /// This client.
    Client(String),
}

/// What comes of something that was done on a page.
#[derive(Debug, Default)]
pub struct Outcome {
    /// To be done outside.
    pub effects: Vec<Effect>,
    /// Another page to show.
    pub go: Option<PageId>,
    /// An order to show.
    pub open: Option<Arc<str>>,
    /// Another page to show, and what is done there first: such as the orders with a filter.
    pub ask: Option<(PageId, Action, String)>,
    /// Something to lie on top.
    pub overlay: Option<Overlay>,
    /// Something to tell.
    pub note: Option<Note>,
}

impl Outcome {
    /// Nothing but what the page has changed in itself.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Something to be done outside.
    #[must_use]
    pub fn effect(effect: Effect) -> Self {
        Self { effects: vec![effect], ..Self::default() }
    }

    /// Another page.
    #[must_use]
    pub fn go(page: PageId) -> Self {
        Self { go: Some(page), ..Self::default() }
    }

    /// An order.
    #[must_use]
    pub fn open(order: Arc<str>) -> Self {
        Self { open: Some(order), ..Self::default() }
    }

    /// Another page, and something done there.
    #[must_use]
    pub fn ask(page: PageId, action: Action, argument: String) -> Self {
        Self { ask: Some((page, action, argument)), ..Self::default() }
    }

    /// Something to tell.
    #[must_use]
    pub fn note(note: Note) -> Self {
        Self { note: Some(note), ..Self::default() }
    }

    /// Something to lie on top.
    #[must_use]
    pub fn overlay(overlay: Overlay) -> Self {
        Self { overlay: Some(overlay), ..Self::default() }
    }
}

/// What a page is drawn from besides its own state.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// What the daemon has told.
    pub told: &'a Told,
    /// Whose console it is.
    pub session: &'a Session,
    /// How it looks.
    pub theme: &'a Theme,
    /// The time.
    pub now: Timestamp,
}

/// A page: its own state, and nothing of another's.
pub trait Page {
    /// Does one of the registry's actions that belong to pages. `argument` is what came after the command in the palette, or
    /// what a prompt was answered with, which may be nothing; none when a key has asked for it.
    fn act(&mut self, action: Action, argument: Option<&str>, told: &mut Told, now: Timestamp) -> Outcome;

    /// It is shown from now on.
    fn enter(&mut self, _told: &mut Told, _now: Timestamp) -> Vec<Effect> {
        Vec::new()
    }

    /// It is not shown any more.
    fn leave(&mut self, _told: &mut Told) -> Vec<Effect> {
        Vec::new()
    }

    /// A click at this column and row of the page.
    fn click(&mut self, _x: u16, _y: u16) -> Outcome {
        Outcome::nothing()
    }

    /// The filter of the orders that are shown, for what is done to all of them.
    fn matching(&self) -> Option<String> {
        None
    }

    /// What the verbs would be done to now.
    fn target(&self, _told: &Told) -> Target {
        Target::Nothing
    }

    /// Draws it.
    fn draw(&self, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>);
}

/// All pages, each with its state.
#[derive(Debug, Default)]
pub struct Pages {
    /// Everything at a glance.
    pub overview: overview::Overview,
    /// Many orders.
    pub orders: orders::Orders,
    /// One order's life.
    pub order: order::OrderPage,
    /// What waits.
    pub queue: queue::QueuePage,
    /// Venues and their plugins.
    pub venues: venues::VenuesPage,
    /// Who is connected.
    pub clients: clients::ClientsPage,
    /// The daemon's log.
    pub logs: logs::LogsPage,
    /// What operators have done.
    pub actions: actions::ActionsPage,
}

/// Rows around a page: header, tabs and footer.
pub const AROUND: u16 = 3;

impl Pages {
    /// The terminal has so many columns and rows.
    pub fn resize(&mut self, (_, rows): (u16, u16)) {
        self.orders.resize(rows.saturating_sub(AROUND));
    }

    /// A page.
    #[must_use]
    pub fn get(&self, page: PageId) -> &dyn Page {
        match page {
            PageId::Overview => &self.overview,
            PageId::Orders => &self.orders,
            PageId::Order => &self.order,
            PageId::Queue => &self.queue,
            PageId::Venues => &self.venues,
            PageId::Clients => &self.clients,
            PageId::Logs => &self.logs,
            PageId::Actions => &self.actions,
        }
    }

    /// A page, to do something on.
    pub fn get_mut(&mut self, page: PageId) -> &mut dyn Page {
        match page {
            PageId::Overview => &mut self.overview,
            PageId::Orders => &mut self.orders,
            PageId::Order => &mut self.order,
            PageId::Queue => &mut self.queue,
            PageId::Venues => &mut self.venues,
            PageId::Clients => &mut self.clients,
            PageId::Logs => &mut self.logs,
            PageId::Actions => &mut self.actions,
        }
    }
}
