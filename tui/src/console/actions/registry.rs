//! The registry: one line for each thing that can be done.

use crate::console::{input::Key, pages::PageId};

/// Something that can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the registry has the words for each")]
pub enum Action {
    Overview,
    Orders,
    Queue,
    Venues,
    Clients,
    Logs,
    Actions,
    Open,
    Back,
    Quit,
    Palette,
    Help,
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
    Left,
    Right,
    NextPane,
    PreviousPane,
    Filter,
    NextHit,
    PreviousHit,
    Narrow,
    Freeze,
    Sort,
    ReverseSort,
    Mark,
    MarkAll,
    Unmark,
    Zoom,
    Clock,
    Diff,
    Raw,
    OrderLogs,
    Level,
    Target,
    Wrap,
    Save,
    Copy,
    CopyJson,
    Export,
    Theme,
    Mouse,
    Redraw,
    Reconnect,
    LookOnly,
    Retry,
    Cancel,
    Requeue,
    Pause,
    Resume,
    EnableVenue,
    DisableVenue,
    ReloadVenue,
    Disconnect,
    Undo,
}

/// What there is to know of an action.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// The action.
    pub action: Action,
    /// Its name in the palette.
    pub command: &'static str,
    /// What it does, in a few words.
    pub title: &'static str,
    /// The keys that do it.
    pub keys: &'static [Key],
    /// Where it can be done.
    pub on: On,
    /// Where help lists it.
    pub group: Group,
    /// Whether it changes anything at the daemon.
    pub changes: Changes,
    /// What is asked before.
    pub asks: Asks,
}

/// Pages on which something can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// On every page.
    Every,
    /// On these.
    Pages(&'static [PageId]),
}

/// Headings of the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// From page to page.
    Go,
    /// Within a page.
    Move,
    /// What is shown, and how.
    View,
    /// What is done to orders, venues, clients and the queue.
    Act,
}

impl Group {
    /// In the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Go, Self::Move, Self::View, Self::Act];

    /// For people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Go => "GO",
            Self::Move => "MOVE",
            Self::View => "VIEW",
            Self::Act => "ACT",
        }
    }
}

/// What an action changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changes {
    /// Only what this console shows.
    Nothing,
    /// The daemon, or its orders.
    Daemon,
}

/// What is asked before something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Nothing.
    Nothing,
    /// Whether it shall be.
    Yes,
    /// The same, and the number of orders where there are many.
    Count,
}

impl Spec {
    /// Whether it can be done on this page.
    #[must_use]
    pub fn is_on(&self, page: PageId) -> bool {
        match self.on {
            On::Every => true,
            On::Pages(pages) => pages.contains(&page),
        }
    }
}

/// The line of an action.
#[must_use]
pub fn spec(action: Action) -> &'static Spec {
    REGISTRY.iter().find(|spec| spec.action == action).expect("every action has a line, a test sees to it")
}

/// What a key does on a page.
#[must_use]
pub fn by_key(page: PageId, key: Key) -> Option<&'static Spec> {
    on_page(page).find(|spec| spec.keys.contains(&key))
}

/// What a command means. Commands are the same on every page.
#[must_use]
pub fn by_command(command: &str) -> Option<&'static Spec> {
    REGISTRY.iter().find(|spec| spec.command == command)
}

/// What can be done on a page.
pub fn on_page(page: PageId) -> impl Iterator<Item = &'static Spec> {
    REGISTRY.iter().filter(move |spec| spec.is_on(page))
}

/// Everything that can be done, in the order in which help lists it.
#[rustfmt::skip]
pub const REGISTRY: &[Spec] = &[
    Spec { action: Action::Overview, command: "overview", title: "Overview", keys: &[Key::Char('1')], on: On::Every, group: Group::Go, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Orders, command: "orders", title: "Orders", keys: &[Key::Char('2')], on: On::Every, group: Group::Go, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Queue, command: "queue", title: "Queue", keys: &[Key::Char('3')], on: On::Every, group: Group::Go, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Venues, command: "venues", title: "Venues", keys: &[Key::Char('4')], on: On::Every, group: Group::Go, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Clients, command: "clients", title: "Clients", keys: &[Key::Char('5')], on: On::Every, group: Group::Go, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Logs, command: "logs", title: "Logs", keys: &[Key::Char('6')], on: On::Every, group: Group::Go, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Actions, command: "actions", title: "Actions", keys: &[Key::Char('7')], on: On::Every, group: Group::Go, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Open, command: "open", title: "Open", keys: &[Key::Enter], on: On::Pages(&[PageId::Overview, PageId::Orders, PageId::Queue, PageId::Venues, PageId::Clients, PageId::Logs, PageId::Actions]), group: Group::Go, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Back, command: "back", title: "Back", keys: &[Key::Esc, Key::Char('q')], on: On::Every, group: Group::Go, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Quit, command: "quit", title: "Quit", keys: &[Key::Ctrl('c')], on: On::Every, group: Group::Go, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Palette, command: "palette", title: "Command", keys: &[Key::Char(':')], on: On::Every, group: Group::Go, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Help, command: "help", title: "Help", keys: &[Key::Char('?')], on: On::Every, group: Group::Go, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Up, command: "up", title: "Row up", keys: &[Key::Up, Key::Char('k')], on: On::Every, group: Group::Move, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Down, command: "down", title: "Row down", keys: &[Key::Down, Key::Char('j')], on: On::Every, group: Group::Move, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::PageUp, command: "page-up", title: "Page up", keys: &[Key::PageUp, Key::Ctrl('u')], on: On::Every, group: Group::Move, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::PageDown, command: "page-down", title: "Page down", keys: &[Key::PageDown, Key::Ctrl('d')], on: On::Every, group: Group::Move, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Top, command: "top", title: "To the top", keys: &[Key::Home, Key::Char('g')], on: On::Every, group: Group::Move, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Bottom, command: "bottom", title: "To the bottom", keys: &[Key::End, Key::Char('G')], on: On::Every, group: Group::Move, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Left, command: "left", title: "To the left", keys: &[Key::Left, Key::Char('h')], on: On::Every, group: Group::Move, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Right, command: "right", title: "To the right", keys: &[Key::Right, Key::Char('l')], on: On::Every, group: Group::Move, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::NextPane, command: "next-pane", title: "Next pane", keys: &[Key::Tab], on: On::Every, group: Group::Move, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::PreviousPane, command: "previous-pane", title: "Previous pane", keys: &[Key::BackTab], on: On::Every, group: Group::Move, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Filter, command: "filter", title: "Filter", keys: &[Key::Char('/')], on: On::Pages(&[PageId::Orders, PageId::Clients, PageId::Logs, PageId::Actions]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::NextHit, command: "next", title: "Next hit", keys: &[Key::Char('n')], on: On::Pages(&[PageId::Logs]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::PreviousHit, command: "previous", title: "Previous hit", keys: &[Key::Char('N')], on: On::Pages(&[PageId::Logs]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Narrow, command: "narrow", title: "Only lines with hits", keys: &[Key::Char('f')], on: On::Pages(&[PageId::Logs]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Freeze, command: "freeze", title: "Freeze or follow", keys: &[Key::Char('F')], on: On::Pages(&[PageId::Overview, PageId::Orders, PageId::Logs]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Sort, command: "sort", title: "Sort by the next column", keys: &[Key::Char('o')], on: On::Pages(&[PageId::Orders, PageId::Venues, PageId::Clients]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::ReverseSort, command: "reverse", title: "Sort the other way", keys: &[Key::Char('O')], on: On::Pages(&[PageId::Orders, PageId::Venues, PageId::Clients]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Mark, command: "mark", title: "Mark or unmark", keys: &[Key::Char(' ')], on: On::Pages(&[PageId::Orders]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::MarkAll, command: "mark-all", title: "Mark all that match", keys: &[Key::Char('*')], on: On::Pages(&[PageId::Orders]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Unmark, command: "unmark", title: "Unmark all", keys: &[Key::Char('U')], on: On::Pages(&[PageId::Orders]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Zoom, command: "zoom", title: "Zoom the time line", keys: &[Key::Char('z')], on: On::Pages(&[PageId::Order]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Clock, command: "clock", title: "Clock or time since the start", keys: &[Key::Char('t')], on: On::Pages(&[PageId::Order]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Diff, command: "diff", title: "Compare attempts", keys: &[Key::Char('d')], on: On::Pages(&[PageId::Order]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Raw, command: "raw", title: "Raw JSON", keys: &[Key::Char('J')], on: On::Pages(&[PageId::Order]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::OrderLogs, command: "order-logs", title: "Log of this order", keys: &[Key::Char('L')], on: On::Pages(&[PageId::Orders, PageId::Order]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Level, command: "level", title: "Level of the log", keys: &[Key::Char('v')], on: On::Pages(&[PageId::Logs]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Target, command: "target", title: "Target of the log", keys: &[Key::Char('t')], on: On::Pages(&[PageId::Logs]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Wrap, command: "wrap", title: "Wrap lines", keys: &[Key::Char('w')], on: On::Pages(&[PageId::Logs]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Save, command: "save", title: "Save the lines", keys: &[Key::Char('S')], on: On::Pages(&[PageId::Logs]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Copy, command: "copy", title: "Copy the id", keys: &[Key::Char('y')], on: On::Pages(&[PageId::Overview, PageId::Orders, PageId::Order, PageId::Queue, PageId::Venues, PageId::Clients, PageId::Logs, PageId::Actions]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::CopyJson, command: "copy-json", title: "Copy as JSON", keys: &[Key::Char('Y')], on: On::Pages(&[PageId::Orders, PageId::Order, PageId::Venues, PageId::Clients, PageId::Logs, PageId::Actions]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Export, command: "export", title: "Export", keys: &[Key::Char('e')], on: On::Pages(&[PageId::Orders]), group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Theme, command: "theme", title: "Dark or light", keys: &[], on: On::Every, group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Mouse, command: "mouse", title: "Mouse on or off", keys: &[Key::Char('M')], on: On::Every, group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Redraw, command: "redraw", title: "Draw anew", keys: &[Key::Ctrl('l')], on: On::Every, group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Reconnect, command: "reconnect", title: "Connect anew", keys: &[], on: On::Every, group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::LookOnly, command: "read-only", title: "Change nothing from now on", keys: &[], on: On::Every, group: Group::View, changes: Changes::Nothing, asks: Asks::Nothing },
    Spec { action: Action::Retry, command: "retry", title: "Retry", keys: &[Key::Char('r')], on: On::Pages(&[PageId::Overview, PageId::Orders, PageId::Order]), group: Group::Act, changes: Changes::Daemon, asks: Asks::Count },
    Spec { action: Action::Cancel, command: "cancel", title: "Cancel", keys: &[Key::Char('c')], on: On::Pages(&[PageId::Overview, PageId::Orders, PageId::Order]), group: Group::Act, changes: Changes::Daemon, asks: Asks::Count },
    Spec { action: Action::Requeue, command: "requeue", title: "Retry all that match", keys: &[Key::Char('X')], on: On::Pages(&[PageId::Orders]), group: Group::Act, changes: Changes::Daemon, asks: Asks::Count },
    Spec { action: Action::Pause, command: "pause", title: "Pause the queue", keys: &[Key::Char('p')], on: On::Pages(&[PageId::Overview, PageId::Queue]), group: Group::Act, changes: Changes::Daemon, asks: Asks::Yes },
    Spec { action: Action::Resume, command: "resume", title: "Resume the queue", keys: &[Key::Char('P')], on: On::Pages(&[PageId::Overview, PageId::Queue]), group: Group::Act, changes: Changes::Daemon, asks: Asks::Yes },
    Spec { action: Action::EnableVenue, command: "enable", title: "Enable the venue", keys: &[Key::Char('e')], on: On::Pages(&[PageId::Venues]), group: Group::Act, changes: Changes::Daemon, asks: Asks::Yes },
    Spec { action: Action::DisableVenue, command: "disable", title: "Disable the venue", keys: &[Key::Char('x')], on: On::Pages(&[PageId::Venues]), group: Group::Act, changes: Changes::Daemon, asks: Asks::Yes },
    Spec { action: Action::ReloadVenue, command: "reload", title: "Reload the plugin", keys: &[Key::Char('R')], on: On::Pages(&[PageId::Venues]), group: Group::Act, changes: Changes::Daemon, asks: Asks::Yes },
    Spec { action: Action::Disconnect, command: "disconnect", title: "Disconnect the client", keys: &[Key::Char('K')], on: On::Pages(&[PageId::Clients]), group: Group::Act, changes: Changes::Daemon, asks: Asks::Yes },
    Spec { action: Action::Undo, command: "undo", title: "Undo what can be undone", keys: &[Key::Char('u')], on: On::Every, group: Group::Act, changes: Changes::Daemon, asks: Asks::Yes },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_key_means_two_things_on_one_page_and_no_command_two_things_at_all() {
        for page in PageId::ALL {
            let mut keys = HashSet::new();
            for key in on_page(page).flat_map(|spec| spec.keys) {
                assert!(keys.insert(key), "{key} on {page:?}");
            }
        }
        let commands: HashSet<_> = REGISTRY.iter().map(|spec| spec.command).collect();
        let actions: HashSet<_> = REGISTRY.iter().map(|spec| spec.action).collect();
        assert_eq!((commands.len(), actions.len()), (REGISTRY.len(), REGISTRY.len()));
    }

    #[test]
    fn no_key_is_one_that_a_multiplexer_or_the_terminal_takes_for_itself() {
        for key in REGISTRY.iter().flat_map(|spec| spec.keys) {
            // tmux and screen; flow control; job control, which works here, too.
            for taken in ['a', 'b', 's', 'q', 'z'] {
                assert_ne!(*key, Key::Ctrl(taken));
            }
        }
    }

    #[test]
    fn whatever_changes_something_is_asked_about() {
        for spec in REGISTRY {
            assert_eq!(spec.changes == Changes::Daemon, spec.asks != Asks::Nothing, "{:?}", spec.action);
            assert_eq!(spec.changes == Changes::Daemon, spec.group == Group::Act, "{:?}", spec.action);
        }
    }
}
