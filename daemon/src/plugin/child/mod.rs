//! What runs in a plugin's own process: a thin bridge between its socket and the library, without a runtime.
//!
//! One thread reads frames and calls the plugin; whichever thread the plugin answers on writes the frame itself. Before the
//! library is loaded, the process has given up whatever the plugin does not need: see `confine`.

mod bridge;
mod confine;
mod voice;

use super::process::{
    frame::{FrameError, PROTOCOL},
    inbox::Inbox,
    opening::{Opened, Opening},
    words::{Instruction, Notice},
};
use bridge::Bridge;
use orderd_sdk::abi::{
    Status,
    host::{Guest, Library, Started},
    table::Level,
};
use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    process::ExitCode,
    sync::Arc,
};
use voice::Voice;

/// The daemon speaks another protocol, or none (EX_PROTOCOL).
const EXIT_PROTOCOL: u8 = 76;
/// Somebody else than the daemon has started this (EX_USAGE).
const EXIT_USAGE: u8 = 64;

/// Why a host ends early.
#[derive(Debug, thiserror::Error)]
enum HostError {
    #[error("standard input is no socket of the daemon: {0}")]
    NoSocket(io::Error),
    #[error("cannot give up what the plugin does not need: {0}")]
    Confine(io::Error),
    #[error("the daemon's first words make no sense")]
    FirstWords,
    #[error("the daemon sent {0}")]
    Frame(#[from] FrameError),
    #[error("the daemon sent a frame out of place")]
    Misplaced,
    #[error("the socket broke: {0}")]
    Socket(#[from] io::Error),
}

/// Hosts one plugin for the daemon that has started this process: its first argument is `venue-host` then, and its standard
/// input a socket. Returns when the plugin has ended.
#[must_use]
pub fn venue_host() -> ExitCode {
    let error = match serve() {
        Ok(()) => return ExitCode::SUCCESS,
        Err(error) => error,
    };
    // The daemon reads this; where nobody does, the exit code remains.
    writeln!(io::stderr(), "venue-host: {error}").ok();
    ExitCode::from(match error {
        HostError::NoSocket(_) | HostError::Confine(_) => EXIT_USAGE,
        HostError::FirstWords | HostError::Frame(_) | HostError::Misplaced | HostError::Socket(_) => {
            EXIT_PROTOCOL
        }
    })
}

fn serve() -> Result<(), HostError> {
    let socket = confine::take_socket().map_err(HostError::NoSocket)?;
    confine::give_up_inheritance(&socket).map_err(HostError::Confine)?;
    let voice = Arc::new(Voice::new(socket.try_clone()?));
    let mut ear = Ear { socket, inbox: Inbox::default() };
    let opening = ear.next(|instruction| {
        let Instruction::Open(opening) = instruction else {
            return Err(HostError::FirstWords);
        };
        serde_json::from_slice(opening).map_err(|_| HostError::FirstWords)
    })?;
    let Some(opening) = opening else {
        return Ok(());
    };
    match open(&opening, &voice)? {
        Some(library) => host(&library, Level(opening.log_level), &voice, &mut ear),
        None => Ok(()),
    }
}

/// Loads the library, or says why not.
fn open(opening: &Opening, voice: &Voice) -> Result<Option<Library>, HostError> {
    if let Some(refusal) = opening.refusal() {
        voice.say(&Notice::Failed { stage: "create", reason: refusal.as_bytes() });
        return Ok(None);
    }
    let confinement = confine::confine(opening).map_err(HostError::Confine)?;
    match Library::open(&opening.library) {
        Ok(library) => {
            let opened = Opened { protocol: PROTOCOL, manifest: library.manifest().clone(), confinement };
            voice.say(&Notice::Loaded(&serde_json::to_vec(&opened).map_err(io::Error::from)?));
            Ok(Some(library))
        }
        Err(error) => {
            voice.say(&Notice::Failed { stage: "file", reason: error.to_string().as_bytes() });
            Ok(None)
        }
    }
}

/// Makes the instance, and serves it to its end.
fn host(library: &Library, log_level: Level, voice: &Arc<Voice>, ear: &mut Ear) -> Result<(), HostError> {
    let bridge = Arc::new(Bridge::new(voice.clone(), log_level));
    let created = ear.next(|instruction| {
        let Instruction::Create(config) = instruction else {
            return Err(HostError::Misplaced);
        };
        Ok(Guest::create(library, bridge, config))
    })?;
    let guest = match created {
        Some(Ok(guest)) => guest,
        Some(Err(reason)) => {
            voice.say(&Notice::Failed { stage: "create", reason: reason.as_bytes() });
            return Ok(());
        }
        None => return Ok(()),
    };
    voice.say(&Notice::Created);
    while let Some(Next::Goes) = ear.next(|instruction| obey(&guest, voice, instruction))? {}
    Ok(())
}

/// Whether there is more to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Goes,
    Ended,
}

fn obey(guest: &Guest, voice: &Voice, instruction: Instruction<'_>) -> Result<Next, HostError> {
    match instruction {
        Instruction::Start { op, budget_ns, method, target, request } => {
            match guest.start(op, method, target, budget_ns, request) {
                Started::Answered(Status::OK) => {}
                Started::Answered(status) => voice.say(&Notice::Refused { op, status }),
                Started::Ended => voice.say(&Notice::Refused { op, status: Status::CANCELLED }),
            }
        }
        Instruction::Cancel { op } => guest.cancel(op),
        Instruction::Deliver { op, status, reply } => guest.deliver(op, status, reply),
        Instruction::Ping(number) => voice.say(&Notice::Pong(number)),
        Instruction::Destroy => {
            guest.destroy();
            voice.say(&Notice::Destroyed);
            return Ok(Next::Ended);
        }
        Instruction::Open(_) | Instruction::Create(_) => return Err(HostError::Misplaced),
    }
    Ok(Next::Goes)
}

/// Reads frames from the daemon.
struct Ear {
    socket: UnixStream,
    inbox: Inbox,
}

impl Ear {
    /// Waits for the next instruction. `None` when the daemon is gone.
    fn next<T>(
        &mut self,
        take: impl FnOnce(Instruction<'_>) -> Result<T, HostError>,
    ) -> Result<Option<T>, HostError> {
        while !self.inbox.has_frame() {
            let count = match self.socket.read(self.inbox.room()) {
                Ok(0) => return Ok(None),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            self.inbox.arrived(count);
        }
        match self.inbox.next()? {
            Some(instruction) => take(instruction).map(Some),
            None => Ok(None),
        }
    }
}
