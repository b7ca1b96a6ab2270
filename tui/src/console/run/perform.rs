//! Carries out what the console wants done.

use super::{
    recall::recall,
    signals::{self, Stopped},
    sources::Sources,
    terminal::Screen,
};
use crate::console::{
    actions::{Mutation, Verb, Which},
    effect::{Answer, Effect, Watch},
};
use crate::verbs::export_matching;
use orderd_sdk::{
    client::{Client, ClientError, Coordinator},
    filter::Filter,
    wire::{BulkAction, BulkExecuteRequest, BulkPreviewRequest, CancelRequest, PauseRequest},
};
use std::{
    fs::File,
    io,
    io::Write,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// How long to wait before asking how far a change of many orders is, and how often.
const TURN: Duration = Duration::from_secs(1);
const MOST_TURNS: u32 = 120;

/// Who works for the console.
pub(super) struct Hands {
    pub(super) client: Client,
    pub(super) coordinator: Coordinator,
}

impl Hands {
    /// Does what is to be done; says when that is to end.
    pub(super) async fn perform(
        &self,
        effect: Effect,
        screen: &mut Screen,
        sources: &mut Sources,
    ) -> io::Result<ControlFlow<()>> {
        match effect {
            Effect::Quit => return Ok(ControlFlow::Break(())),
            Effect::Mutate(mutation) => self.mutate(mutation, sources),
            Effect::Recall(filter) => self.recall(filter, sources),
            Effect::Follow(order) => sources.follow(order).await,
            Effect::FollowLogs(filter) => sources.follow_logs(filter).await,
            Effect::WatchClients(watch) => sources.watch_clients(watch),
            Effect::Copy(text) => screen.copy(&text)?,
            Effect::Write { file, text } => {
                let answers = sources.answers();
                spawn(async move {
                    let written = tokio::task::spawn_blocking(move || (write(&file, &text), file)).await;
                    if let Ok((written, file)) = written {
                        let written = written.map_err(|error| error.to_string());
                        // Nobody waits for it when the console has ended.
                        let _ = answers.send(Answer::Written(file, written)).await;
                    }
                });
            }
            Effect::Export { filter, file } => self.export(filter, file, sources),
            Effect::Mouse(Watch::On) => screen.capture_mouse()?,
            Effect::Mouse(Watch::Off) => screen.release_mouse()?,
            Effect::Redraw => screen.forget(),
            Effect::Stop => {
                screen.give_back();
                // Else the signal that lets it go on has it taken again.
                if signals::stop().await? == Stopped::Refused {
                    screen.retake()?;
                }
            }
            Effect::Retake => screen.retake()?,
            Effect::Reconnect => self.coordinator.reconnect().await,
        }
        Ok(ControlFlow::Continue(()))
    }

    fn export(&self, filter: Filter, file: PathBuf, sources: &Sources) {
        let (client, answers) = (self.client.clone(), sources.answers());
        spawn(async move {
            let written =
                export_matching(client, &filter, &file).await.map_err(|failure| failure.to_string());
            let _ = answers.send(Answer::Exported(file, written)).await;
        });
    }

    fn recall(&self, filter: Filter, sources: &Sources) {
        let (coordinator, answers) = (self.coordinator.clone(), sources.answers());
        spawn(async move {
            let outcome = recall(&coordinator, filter.clone()).await.map_err(Arc::new);
            let _ = answers.send(Answer::Recalled(filter, outcome)).await;
        });
    }

    fn mutate(&self, mutation: Mutation, sources: &Sources) {
        let (client, answers) = (self.client.clone(), sources.answers());
        spawn(async move {
            let answer = match mutation.verb() {
                Verb::Preview { action, which } => {
                    let request = preview_request(*action, which.clone());
                    Answer::Previewed(client.bulk_preview(&request).await.map_err(Arc::new))
                }
                verb => {
                    let outcome = call(&client, verb).await.map_err(Arc::new);
                    Answer::Mutated(mutation, outcome)
                }
            };
            let _ = answers.send(answer).await;
        });
    }
}

fn preview_request(action: BulkAction, which: Which) -> BulkPreviewRequest {
    let (filter, ids) = match which {
        Which::Ids(ids) => (None, Some(ids)),
        Which::Matching(filter) => (Some(filter), None),
    };
    BulkPreviewRequest { action, filter, ids }
}

/// Has what was previewed done, and waits until all of it is.
async fn bulk(client: &Client, token: &str, expected: u64) -> Result<String, ClientError> {
    let request = BulkExecuteRequest { token: token.to_owned(), expected, reason: None };
    let mut report = client.bulk_execute(&request).await?;
    let mut turns = MOST_TURNS;
    while !report.finished && turns > 0 {
        // The same call does nothing again: it tells how far it is.
        tokio::time::sleep(TURN).await;
        report = client.bulk_execute(&request).await?;
        turns -= 1;
    }
    let refused: Vec<_> =
        report.refused.iter().map(|refused| format!("{} {}", refused.count, refused.code)).collect();
    let mut said = format!("{}: {} of {} orders", report.action.as_str(), report.done, report.expected);
    if !refused.is_empty() {
        said.push_str(&format!("; refused: {}", refused.join(", ")));
    }
    if !report.finished {
        said.push_str("; the rest is under way");
    }
    Ok(said)
}

/// Has the daemon do it, and tells what it said.
async fn call(client: &Client, verb: &Verb) -> Result<String, ClientError> {
    match verb {
        Verb::Retry { id } => client.retry(id).await.map(|order| format!("order {id} is {}", order.status)),
        Verb::Cancel { id, reason } => {
            let request = CancelRequest { reason: reason.clone() };
            let order = client.cancel(id, &request).await?;
            Ok(match order.cancel_requested {
                true => format!("order {id}: its end was asked for, the chain decides"),
                false => format!("order {id} is {}", order.status),
            })
        }
        Verb::Preview { .. } => unreachable!("a preview has an answer of its own"),
        Verb::Bulk { token, expected, .. } => bulk(client, token, *expected).await,
        Verb::Pause { reason } => {
            client.pause(&PauseRequest { reason: reason.clone() }).await?;
            Ok("the queue is paused: nothing new is begun".to_owned())
        }
        Verb::Resume => client.resume().await.map(|_| "the queue runs again".to_owned()),
        Verb::Disconnect { id } => {
            client.disconnect_client(id).await.map(|_| format!("client {id} was told to leave"))
        }
        Verb::EnableVenue { name } => {
            client.enable_venue(name).await.map(|_| format!("venue {name} is asked again"))
        }
        Verb::DisableVenue { name } => {
            client.disable_venue(name).await.map(|_| format!("venue {name} is not asked any more"))
        }
        Verb::ReloadVenue { name } => {
            let reloaded = client.reload_venue(name).await?;
            Ok(format!("plugin {} is now {}", reloaded.plugin, reloaded.after.version))
        }
    }
}

/// Writes a new file; one that is there is left alone.
fn write(file: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the console spawns; whoever is spawned answers"
    )]
    tokio::spawn(work);
}
