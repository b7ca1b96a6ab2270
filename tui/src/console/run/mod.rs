//! The loop, and what it works with: the terminal, and whatever things come from.

mod perform;
mod recall;
mod sources;
mod terminal;

use super::{
    Model,
    model::Session,
    theme::Theme,
    update::{begin, update},
    view,
};
use crate::clock;
use orderd_sdk::client::{Client, Coordinator, CoordinatorOptions};
use perform::Hands;
use sources::Sources;
use std::{io, ops::ControlFlow, time::Duration};
use terminal::Screen;
use tokio::time::Instant;

/// What the daemon tells is drawn at most so often; what a key does, at once.
const FRAME: Duration = Duration::from_millis(33);

/// Shows the console of a daemon until its user has had enough.
///
/// # Errors
/// When the terminal cannot be read or written.
pub async fn run(client: Client, session: Session, theme: Theme) -> io::Result<()> {
    let coordinator = Coordinator::start(client.clone(), CoordinatorOptions::default());
    let mut screen = Screen::take()?;
    let mut sources = Sources::new(coordinator.clone());
    let hands = Hands { client, coordinator: coordinator.clone() };
    let cache = coordinator.cache().clone();
    let mut model = Model::new(session, theme, screen.size()?, cache, clock::now());
    let ended = watch(&mut model, &mut screen, &mut sources, &hands).await;
    drop(screen);
    coordinator.shut_down().await;
    ended
}

async fn watch(
    model: &mut Model,
    screen: &mut Screen,
    sources: &mut Sources,
    hands: &Hands,
) -> io::Result<()> {
    let mut due = Some(Instant::now());
    let mut drawn = Instant::now();
    for effect in begin(model) {
        if hands.perform(effect, screen, sources).await? == ControlFlow::Break(()) {
            return Ok(());
        }
    }
    loop {
        let msg = tokio::select! {
            biased;
            () = until(due) => {
                screen.draw(|frame| view::draw(frame, model))?;
                model.is_stale = false;
                (due, drawn) = (None, Instant::now());
                continue;
            }
            msg = sources.next() => msg?,
        };
        let is_input = msg.is_input();
        for effect in update(model, msg, clock::now()) {
            if hands.perform(effect, screen, sources).await? == ControlFlow::Break(()) {
                return Ok(());
            }
        }
        if model.is_stale {
            let next = if is_input { Instant::now() } else { drawn + FRAME };
            due = Some(due.map_or(next, |due| due.min(next)));
        }
    }
}

/// A timer goes off with the next whole millisecond; what is due by now does not wait, so that nothing comes before it.
async fn until(due: Option<Instant>) {
    match due {
        Some(due) if due <= Instant::now() => {}
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
