//! What a host says, frame by frame. Nothing of it is trusted: what makes no sense ends the host, never the daemon.

use super::{
    chatter::Chatter,
    exit::{Cause, Fault},
    frame::PROTOCOL,
    inbox::Inbox,
    link::{Answer, Link},
    opening::Opened,
    words::Notice,
};
use crate::plugin::{LoadFailure, host::note_completion, operations::Completed, services::Deliver};
use orderd_sdk::abi::{Outcome, Status};
use std::{io, sync::Arc};
use tokio::sync::oneshot;

/// How a start came out.
pub(super) type Started = Result<Opened, LoadFailure>;

/// Listens to one host.
pub(super) struct Hearing {
    link: Arc<Link>,
    chatter: Arc<Chatter>,
    opened: Option<Opened>,
    /// Who waits for the start, until it is over.
    started: Option<oneshot::Sender<Started>>,
}

impl Hearing {
    pub(super) fn new(link: Arc<Link>, chatter: Arc<Chatter>, started: oneshot::Sender<Started>) -> Self {
        Self { link, chatter, opened: None, started: Some(started) }
    }

    /// Listens until the host is gone or says what it must not say.
    pub(super) async fn listen(mut self) -> Cause {
        let socket = self.link.socket.clone();
        let mut inbox = Inbox::default();
        loop {
            if socket.readable().await.is_err() {
                return Cause::Gone;
            }
            match socket.try_read(inbox.room()) {
                Ok(0) => return Cause::Gone,
                Ok(count) => inbox.arrived(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(_) => return Cause::Gone,
            }
            self.link.note_sign_of_life();
            if let Err(fault) = self.take_all(&mut inbox) {
                return Cause::Broken(fault);
            }
        }
    }

    fn take_all(&mut self, inbox: &mut Inbox) -> Result<(), Fault> {
        while let Some(frame) = inbox.next()? {
            self.take(frame)?;
        }
        Ok(())
    }

    fn take(&mut self, frame: Notice<'_>) -> Result<(), Fault> {
        match frame {
            Notice::Complete { op, status, reply } => {
                let answer = Answer::Completed(Outcome { status, reply: reply.to_vec() });
                self.completed(op, status, answer)
            }
            Notice::Refused { op, status } => self.completed(op, status, Answer::Refused(status)),
            Notice::Request { op, budget_ns, service, payload } => {
                let status = self.link.services.request(op, service, budget_ns, payload);
                if status != Status::OK {
                    self.link.deliver(op, status, &[]);
                }
                Ok(())
            }
            Notice::Log { level, target, message } => {
                self.chatter.say(level, target, message);
                Ok(())
            }
            Notice::Pong(_) | Notice::Destroyed => Ok(()),
            Notice::Loaded(opened) => self.loaded(opened),
            Notice::Created => match self.opened.take() {
                Some(opened) => self.started(Ok(opened)),
                None => Err(Fault::Misplaced),
            },
            Notice::Failed { stage, reason } => {
                let reason = String::from_utf8_lossy(reason).into_owned();
                self.started(Err(match stage {
                    "file" => LoadFailure::Unloadable(reason),
                    _ => LoadFailure::Create(reason),
                }))
            }
        }
    }

    fn completed(&self, op: u64, status: Status, answer: Answer) -> Result<(), Fault> {
        let completed = self.link.operations.complete(op, answer);
        match completed {
            Completed::Answered => return Ok(()),
            Completed::Forged => return Err(Fault::Forged(op)),
            Completed::Abandoned | Completed::Twice => {}
        }
        if self.chatter.may_speak() {
            note_completion(self.chatter.name(), op, status, completed);
        }
        Ok(())
    }

    fn loaded(&mut self, opened: &[u8]) -> Result<(), Fault> {
        let opened: Opened =
            serde_json::from_slice(opened).map_err(|error| Fault::Opening(error.to_string()))?;
        if opened.protocol != PROTOCOL {
            return Err(Fault::Opening(format!("version {} of the protocol", opened.protocol)));
        }
        if self.started.is_none() || self.opened.replace(opened).is_some() {
            return Err(Fault::Misplaced);
        }
        Ok(())
    }

    fn started(&mut self, started: Started) -> Result<(), Fault> {
        let waiting = self.started.take().ok_or(Fault::Misplaced)?;
        let _ = waiting.send(started);
        Ok(())
    }
}
