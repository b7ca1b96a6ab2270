//! A server under test, seen from the benchmark.

use super::{
    Launch,
    command::{Command, Ready, Reply},
    usage,
};
use crate::clock::Nanos;
use anyhow::Context;
use serde::de::DeserializeOwned;
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    process::{self, ChildStdin, ChildStdout, Stdio},
};

/// A running server. Dropping it ends it.
pub(crate) struct Child {
    pub(crate) address: SocketAddr,
    /// Ids of the orders that take turns in having events.
    pub(crate) orders: Vec<String>,
    /// Of the last event that was published.
    pub(crate) cursor: u64,
    /// Of its cursors.
    pub(crate) epoch: String,
    process: process::Child,
    commands: ChildStdin,
    replies: BufReader<ChildStdout>,
}

impl Child {
    pub(crate) fn start(launch: &Launch) -> anyhow::Result<Self> {
        let mut process = process::Command::new(std::env::current_exe()?)
            .args(launch.to_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let commands = process.stdin.take().context("standard input is piped")?;
        let mut replies = BufReader::new(process.stdout.take().context("standard output is piped")?);
        let Ready { address, orders, cursor, epoch } = read(&mut replies)?;
        Ok(Self { address, orders, cursor, epoch, process, commands, replies })
    }

    /// Has so many events ready to be published.
    pub(crate) fn prepare(&mut self, events: usize) -> anyhow::Result<()> {
        self.tell(&Command::Prepare { events })?;
        self.published_at().map(drop)
    }

    /// Has so many prepared events published, and does not wait for it: the cursor of the last one.
    pub(crate) fn publish(&mut self, events: usize) -> anyhow::Result<u64> {
        self.tell(&Command::Publish { events })?;
        self.cursor += events as u64;
        Ok(self.cursor)
    }

    /// When the last [`publish`](Self::publish) began.
    pub(crate) fn published_at(&mut self) -> anyhow::Result<Nanos> {
        read(&mut self.replies).map(|Reply { at }| at)
    }

    fn tell(&mut self, command: &Command) -> anyhow::Result<()> {
        let line = serde_json::to_string(command)? + "\n";
        Ok(self.commands.write_all(line.as_bytes())?)
    }

    /// Bytes of memory that it has.
    pub(crate) fn memory(&self) -> anyhow::Result<u64> {
        Ok(usage::memory(self.id())?.resident)
    }

    /// Clients for which the kernel holds at least so many bytes that they have not taken.
    pub(crate) fn clients_behind(&self, bytes: u64) -> anyhow::Result<usize> {
        let table = fs::read_to_string("/proc/net/tcp")?;
        let port = format!(":{:04X}", self.address.port());
        let is_behind = |line: &str| {
            // Number, local address, remote address, state, bytes to be sent and to be read.
            let mut fields = line.split_whitespace().skip(1);
            let is_ours = fields.next().is_some_and(|local| local.ends_with(&port));
            let queues = fields.nth(2).and_then(|queues| queues.split(':').next());
            let held = queues.and_then(|held| u64::from_str_radix(held, 16).ok());
            is_ours && held.is_some_and(|held| held >= bytes)
        };
        Ok(table.lines().filter(|line| is_behind(line)).count())
    }

    /// Processor time that its threads have had.
    pub(crate) fn cpu(&self) -> anyhow::Result<Nanos> {
        usage::cpu_of_threads(self.id())
    }

    fn id(&self) -> u32 {
        self.process.id()
    }
}

fn read<T: DeserializeOwned>(replies: &mut BufReader<ChildStdout>) -> anyhow::Result<T> {
    let mut line = String::new();
    replies.read_line(&mut line)?;
    serde_json::from_str(&line).with_context(|| format!("the server answered {line:?}"))
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
