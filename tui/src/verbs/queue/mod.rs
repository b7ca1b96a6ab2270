//! `orderctl queue`: what waits, and how fast it goes; to pause it, and to resume.

mod show;

pub(crate) use show::{standing, standing_in_words};

use super::change::{Deed, Forecast};
use crate::{
    args::{QueueVerb, Watching},
    failure::Failure,
    report::counted,
    session::Session,
    watch,
};
use orderd_sdk::wire::{PauseRequest, Queue};

/// Shows the queue, or holds it up.
pub(crate) async fn queue(
    session: &mut Session<'_>,
    watching: Watching,
    verb: Option<&QueueVerb>,
) -> Result<(), Failure> {
    if let Some(verb) = verb {
        return switch(session, verb).await;
    }
    let queue = session.client.queue().await?;
    match watching.watch {
        true => watch::topic::<Queue>(session).await,
        false => Ok(session.show(&queue)?),
    }
}

/// Pauses or resumes it, or says what would come of that.
async fn switch(session: &mut Session<'_>, verb: &QueueVerb) -> Result<(), Failure> {
    let (deed, change) = match verb {
        QueueVerb::Pause { change, .. } => (deed("pause"), change),
        QueueVerb::Resume { change } => (deed("resume"), change),
    };
    if change.dry_run {
        let queue = session.client.queue().await?;
        return deed.forecast(session, &forecast(&queue));
    }
    deed.confirm(session, *change).await?;
    let switched = match verb {
        QueueVerb::Pause { reason, .. } => {
            session.client.pause(&PauseRequest { reason: Some(reason.clone()) }).await?
        }
        QueueVerb::Resume { .. } => session.client.resume().await?,
    };
    deed.done(session, standing_in_words(switched.paused.as_ref()), &switched)
}

fn deed(action: &'static str) -> Deed {
    Deed { action, target: None, words: format!("{action} the queue") }
}

fn forecast(queue: &Queue) -> Forecast {
    let busy = format!("{} under way", counted(queue.workers.busy, "attempt"));
    Forecast::Done(format!("at present: {}, {busy}", standing_in_words(queue.paused.as_ref())))
}
