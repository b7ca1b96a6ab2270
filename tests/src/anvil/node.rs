//! The running node: started, waited for until it answers, frozen, stopped.

use std::{io, net::SocketAddr, time::Duration};

use alloy_primitives::U64;
use tempfile::TempDir;
use tokio::time::timeout;

use super::{AnvilOptions, BinaryMissing, binary, process::Process};
use crate::rpc::{Rpc, RpcError};

/// How long a node may take to listen. Loading a state takes a fraction of a second.
const START_DEADLINE: Duration = Duration::from_secs(30);
/// How long a node may take to write its state and end.
const STOP_DEADLINE: Duration = Duration::from_secs(30);

/// A node could not be started, signalled or stopped.
#[derive(Debug, thiserror::Error)]
pub enum AnvilError {
    /// There is no `anvil` program.
    #[error(transparent)]
    Missing(#[from] BinaryMissing),
    /// The operating system refused to run or signal it.
    #[error("cannot run anvil or a tool around it")]
    Run(#[from] io::Error),
    /// It ended before it listened, for example because its port is taken.
    #[error("anvil ended before it listened; its last output:\n{log}")]
    Ended {
        /// The last lines it wrote.
        log: String,
    },
    /// It did not start or stop within the bound.
    #[error("anvil took too long to {action}; its last output:\n{log}")]
    TooSlow {
        /// What it should have done.
        action: &'static str,
        /// The last lines it wrote.
        log: String,
    },
    /// It listens and does not answer as a node.
    #[error("anvil does not answer")]
    Answer(#[from] RpcError),
    /// It runs another chain than it was asked for.
    #[error("anvil runs chain {found} in place of {asked}")]
    WrongChain {
        /// The chain asked for.
        asked: u64,
        /// The chain it says it runs.
        found: u64,
    },
}

/// A running node. Dropping it kills the process and waits for its end.
#[derive(Debug)]
pub struct Anvil {
    process: Process,
    address: SocketAddr,
    rpc: Rpc,
    /// Old states that the node moves out of its memory; a killed node leaves them, by default in the user's home.
    /// Last, so that it is removed after the process has ended.
    _scratch: TempDir,
}

impl Anvil {
    /// Starts a node and waits until it answers.
    ///
    /// # Errors
    /// When there is no program, it ends early (a taken port), or does not answer in time.
    pub async fn start(options: &AnvilOptions) -> Result<Self, AnvilError> {
        let scratch = tempfile::Builder::new().prefix("anvil-").tempdir()?;
        let mut arguments = options.arguments();
        arguments.push(format!("--cache-path={}", scratch.path().display()));
        let mut process = Process::spawn(&binary()?, &arguments)?;
        let address = listening(&mut process).await?;
        let rpc = Rpc::new(&format!("http://{address}"))?;
        let found = rpc.call::<U64>("eth_chainId", ()).await?.to();
        let asked = options.chain_id;
        if found != asked {
            return Err(AnvilError::WrongChain { asked, found });
        }
        Ok(Self { process, address, rpc, _scratch: scratch })
    }

    /// The node's JSON-RPC address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The node's WebSocket address; it is the same port.
    #[must_use]
    pub fn ws_url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// A client of this node. All of them share connections.
    #[must_use]
    pub fn rpc(&self) -> Rpc {
        self.rpc.clone()
    }

    /// The last lines the node wrote.
    #[must_use]
    pub fn log_tail(&self) -> String {
        self.process.log.tail()
    }

    /// Freezes the process: connections are accepted and nothing is answered from now on, until [`Anvil::resume`].
    ///
    /// # Errors
    /// When the signal cannot be sent, or the process does not stop.
    pub fn freeze(&self) -> Result<(), AnvilError> {
        Ok(self.process.freeze()?)
    }

    /// Lets a frozen process run on.
    ///
    /// # Errors
    /// When the signal cannot be sent.
    pub fn resume(&self) -> Result<(), AnvilError> {
        Ok(self.process.signal("CONT")?)
    }

    /// Ends the node in good order, so that it writes the state file it was asked for.
    ///
    /// # Errors
    /// When it does not end in time; it is then killed.
    pub async fn stop(mut self) -> Result<(), AnvilError> {
        self.process.signal("INT")?;
        match timeout(STOP_DEADLINE, &mut self.process.log.ended).await {
            Ok(_ended) => Ok(()),
            Err(_elapsed) => Err(AnvilError::TooSlow { action: "stop", log: self.log_tail() }),
        }
    }
}

async fn listening(process: &mut Process) -> Result<SocketAddr, AnvilError> {
    match timeout(START_DEADLINE, &mut process.log.listening).await {
        Ok(Ok(address)) => Ok(address),
        Ok(Err(_ended)) => Err(AnvilError::Ended { log: process.log.tail() }),
        Err(_elapsed) => Err(AnvilError::TooSlow { action: "start", log: process.log.tail() }),
    }
}
