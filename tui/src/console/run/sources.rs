//! Where things come from: the terminal, the daemon, calls that are answered, and time.

use super::{
    keyboard::{self, Keyboard},
    signals::{Said, Signals},
};
use crate::console::{
    effect::{Answer, Watch},
    input::Key,
    msg::{Mouse, Msg, Report},
};
use crossterm::{
    event::{Event, MouseButton, MouseEvent, MouseEventKind},
    terminal,
};
use orderd_sdk::{
    client::{Changes, Coordinator, Follower, Link, LogReader, TopicReader},
    wire::{Actions, Clients, LogFilter, Queue, Status, Venues},
};
use std::{io, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    time::{Interval, MissedTickBehavior},
};

/// Answers that wait to be read.
const ANSWERS: usize = 64;
/// Lines of the log to begin with.
const LINES: u32 = 500;

/// Whatever can bring something new.
pub(super) struct Sources {
    coordinator: Coordinator,
    keyboard: Keyboard,
    signals: Signals,
    link: watch::Receiver<Link>,
    changes: Changes,
    status: TopicReader<Status>,
    queue: TopicReader<Queue>,
    venues: TopicReader<Venues>,
    actions: TopicReader<Actions>,
    clients: Option<TopicReader<Clients>>,
    logs: Option<LogReader>,
    follower: Option<Follower>,
    answers: (mpsc::Sender<Answer>, mpsc::Receiver<Answer>),
    seconds: Interval,
}

impl Sources {
    pub(super) fn new(coordinator: Coordinator) -> io::Result<Self> {
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        seconds.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut link = coordinator.watch_link();
        link.mark_changed();
        Ok(Self {
            keyboard: keyboard::listen()?,
            signals: Signals::listen()?,
            link,
            changes: coordinator.cache().changes(),
            status: coordinator.topic(),
            queue: coordinator.topic(),
            venues: coordinator.topic(),
            actions: coordinator.topic(),
            clients: None,
            logs: None,
            follower: None,
            answers: mpsc::channel(ANSWERS),
            seconds,
            coordinator,
        })
    }

    /// Where answers to calls are to be put.
    pub(super) fn answers(&self) -> mpsc::Sender<Answer> {
        self.answers.0.clone()
    }

    pub(super) fn watch_clients(&mut self, watch: Watch) {
        self.clients = match watch {
            Watch::On => Some(self.coordinator.topic()),
            Watch::Off => None,
        };
    }

    pub(super) async fn follow_logs(&mut self, filter: Option<LogFilter>) {
        // The one before is let go first: it may have the last place.
        self.logs = None;
        if let Some(filter) = filter {
            self.logs = self.coordinator.logs(filter, LINES).await.ok();
        }
    }

    pub(super) async fn follow(&mut self, order: Option<Arc<str>>) {
        self.follower = None;
        if let Some(order) = order {
            self.follower = self.coordinator.follow(&order).await.ok();
        }
    }

    /// Waits for something new. None when nothing more can come.
    pub(super) async fn next(&mut self) -> io::Result<Msg> {
        loop {
            let msg = tokio::select! {
                biased;
                said = self.signals.next() => Some(signalled(said)?),
                event = self.keyboard.recv() => match event {
                    Some(event) => heard(event?),
                    None => Some(Msg::Quit),
                },
                Some(answer) = self.answers.1.recv() => Some(Msg::Answer(answer)),
                Ok(()) = self.link.changed() => Some(Msg::Link(self.link.borrow_and_update().clone())),
                // Its waking is not for cursor and lag, which change all the time.
                _ = self.seconds.tick() => Some(Msg::Tick(self.link.borrow().clone())),
                Some(changed) = self.changes.next() => Some(Msg::Orders(changed)),
                Some(queue) = self.queue.next() => Some(Msg::Report(Report::Queue(queue))),
                Some(status) = self.status.next() => Some(Msg::Report(Report::Status(status))),
                Some(venues) = self.venues.next() => Some(Msg::Report(Report::Venues(venues))),
                Some(actions) = self.actions.next() => Some(Msg::Report(Report::Actions(actions))),
                Some(clients) = of(&mut self.clients, TopicReader::next) => {
                    Some(Msg::Report(Report::Clients(clients)))
                }
                Some(news) = of(&mut self.logs, LogReader::next) => Some(Msg::Logs(news)),
                Some(event) = of(&mut self.follower, Follower::next) => event.ok().map(Msg::Event),
            };
            if let Some(msg) = msg {
                return Ok(msg);
            }
        }
    }
}

/// What a reader says next; nothing, for ever, while there is none.
async fn of<R, T>(reader: &mut Option<R>, next: impl AsyncFnOnce(&mut R) -> Option<T>) -> Option<T> {
    match reader {
        Some(reader) => next(reader).await,
        None => std::future::pending().await,
    }
}

fn signalled(said: Said) -> io::Result<Msg> {
    Ok(match said {
        Said::End => Msg::Quit,
        Said::Continued => {
            let (width, height) = terminal::size()?;
            Msg::Continued { width, height }
        }
    })
}

fn heard(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => Key::read(key).map(Msg::Key),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(width, height) => Some(Msg::Resized { width, height }),
        Event::Mouse(mouse) => moused(mouse).map(Msg::Mouse),
        Event::FocusGained | Event::FocusLost => None,
    }
}

fn moused(event: MouseEvent) -> Option<Mouse> {
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Mouse::Click { x: event.column, y: event.row }),
        MouseEventKind::ScrollUp => Some(Mouse::ScrollUp),
        MouseEventKind::ScrollDown => Some(Mouse::ScrollDown),
        MouseEventKind::Down(_)
        | MouseEventKind::Up(_)
        | MouseEventKind::Drag(_)
        | MouseEventKind::Moved
        | MouseEventKind::ScrollLeft
        | MouseEventKind::ScrollRight => None,
    }
}
