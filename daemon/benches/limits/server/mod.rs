//! A server under test: a process of its own, so that its memory and its processor time are its own. It does what
//! it is told on standard input, and answers each command on standard output.

mod bare;
mod child;
mod command;
mod cores;
mod daemon;
mod desk;
mod echo;
mod orderd;
mod script;
mod usage;

pub(crate) use child::Child;
pub(crate) use command::{Kind, Launch};
pub(crate) use orderd::{Orderd, Site, World, signal};
pub(crate) use usage::{Memory, own_cpu};

use crate::clock;
use ::orderd::api;
use bare::Bare;
use command::{Command, Ready, Reply};
use daemon::Daemon;
use desk::EPOCH;
use echo::Echo;
use script::Script;
use serde::Serialize;
use socket2::SockRef;
use std::io::{self, BufRead, Write};
use tokio::{net::TcpListener, runtime::Runtime};

/// Publishes events to its clients.
trait Server {
    /// Has so many events ready to be published.
    fn prepare(&mut self, events: usize) -> anyhow::Result<()>;

    /// Publishes the next of those.
    fn publish(&mut self);
}

/// Serves until standard input ends.
pub(crate) fn run(launch: &Launch) -> anyhow::Result<()> {
    let runtime = match launch.kind {
        Kind::Daemon | Kind::Bare => cores::runtime()?,
        // As the daemon has it that is measured next to it.
        Kind::Echo => Runtime::new()?,
    };
    let script = Script::new(launch.orders)?;
    let listener = {
        let _inside = runtime.enter();
        listen(launch)?
    };
    let address = listener.local_addr()?;
    let orders = script.orders().iter().map(|order| order.id.to_string()).collect();
    let ready = Ready { address, orders, cursor: script.cursor(), epoch: EPOCH.to_string() };
    let mut server: Box<dyn Server> = match launch.kind {
        Kind::Daemon => Box::new(Daemon::start(runtime.handle(), listener, script)),
        Kind::Bare => Box::new(Bare::start(runtime.handle(), listener, script)),
        Kind::Echo => Box::new(Echo::start(runtime.handle(), listener)),
    };
    say(&ready)?;
    for line in io::stdin().lock().lines() {
        say(&obey(&mut *server, serde_json::from_str(&line?)?)?)?;
    }
    Ok(())
}

fn listen(launch: &Launch) -> io::Result<TcpListener> {
    let listener = api::listen(([127, 0, 0, 1], 0).into())?;
    if let Some(bytes) = launch.send_buffer {
        // The sockets of its connections have it from the listener.
        SockRef::from(&listener).set_send_buffer_size(bytes)?;
    }
    Ok(listener)
}

fn obey(server: &mut dyn Server, command: Command) -> anyhow::Result<Reply> {
    match command {
        Command::Prepare { events } => server.prepare(events)?,
        Command::Publish { events } => {
            let at = clock::now();
            (0..events).for_each(|_| server.publish());
            return Ok(Reply { at });
        }
    }
    Ok(Reply { at: clock::now() })
}

fn say(reply: &impl Serialize) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(reply)?)?;
    Ok(out.flush()?)
}
