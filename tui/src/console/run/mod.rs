//! The loop, and what it works with: the terminal, and whatever things come from.

mod keyboard;
mod pace;
mod perform;
mod recall;
mod signals;
mod sources;
mod terminal;

pub use terminal::Screen;

use super::{
    Model, Msg,
    effect::{Effect, Watch},
    model::Session,
    theme::Theme,
    update::{begin, update},
    view,
};
use crate::clock;
use orderd_sdk::client::{Client, Coordinator, CoordinatorOptions};
use pace::{Pace, Urgency};
use perform::Hands;
use sources::Sources;
use std::{io, ops::ControlFlow, time::Duration};
use tokio::time::Instant;

/// What has come meanwhile is taken in before a frame is drawn, but for no longer than this: whoever has pressed a key waits.
const BURST: Duration = Duration::from_millis(8);

/// Shows the console of a daemon until its user has had enough.
///
/// # Errors
/// When the terminal cannot be read or written.
pub async fn run(client: Client, session: Session, theme: Theme, mouse: Watch) -> io::Result<()> {
    let coordinator = Coordinator::start(client.clone(), CoordinatorOptions::default());
    let screen = Screen::take()?;
    let sources = Sources::new(coordinator.clone())?;
    let cache = coordinator.cache().clone();
    let mut model = Model::new(session, theme, screen.size()?, cache, clock::now());
    model.mouse = mouse;
    let hands = Hands { client, coordinator: coordinator.clone() };
    // The terminal is given back first: whoever has quit does not wait for the daemon.
    let ended = Console { model, screen, sources, hands }.watch().await;
    coordinator.shut_down().await;
    ended
}

struct Console {
    model: Model,
    screen: Screen,
    sources: Sources,
    hands: Hands,
}

impl Console {
    async fn watch(mut self) -> io::Result<()> {
        let mut pace = Pace::begin(Instant::now());
        let first = begin(&mut self.model);
        if self.perform(first).await? == ControlFlow::Break(()) {
            return Ok(());
        }
        loop {
            let msg = tokio::select! {
                biased;
                () = terminal::panicked() => return Err(io::Error::other("a part of the console has panicked")),
                () = pace.due() => {
                    self.screen.draw(|frame| view::draw(frame, &self.model))?;
                    self.model.is_stale = false;
                    pace.drew(Instant::now());
                    continue;
                }
                msg = self.sources.next() => msg?,
            };
            let (ended, urgency) = self.take_in(msg).await?;
            if ended == ControlFlow::Break(()) {
                return Ok(());
            }
            if self.model.is_stale {
                pace.want(urgency, Instant::now());
            }
        }
    }

    /// Takes something in, and what is there already besides. Says whether that was the end, and how soon to draw.
    async fn take_in(&mut self, first: Msg) -> io::Result<(ControlFlow<()>, Urgency)> {
        let mut urgency = Urgency::Frame;
        let mut next = Some(first);
        let over = Instant::now() + BURST;
        while let Some(msg) = next.take() {
            if msg.is_input() {
                urgency = Urgency::Now;
            }
            let effects = update(&mut self.model, msg, clock::now());
            if self.perform(effects).await? == ControlFlow::Break(()) {
                return Ok((ControlFlow::Break(()), urgency));
            }
            if Instant::now() < over {
                next = tokio::select! {
                    biased;
                    msg = self.sources.next() => Some(msg?),
                    () = std::future::ready(()) => None,
                };
            }
        }
        Ok((ControlFlow::Continue(()), urgency))
    }

    async fn perform(&mut self, effects: Vec<Effect>) -> io::Result<ControlFlow<()>> {
        for effect in effects {
            if self.hands.perform(effect, &mut self.screen, &mut self.sources).await?
                == ControlFlow::Break(())
            {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}
