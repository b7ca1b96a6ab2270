//! The first words: what a venue host is to load and how far it is trusted, and what came of that.

use super::frame::PROTOCOL;
use orderd_sdk::abi::Manifest;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a host is told first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Opening {
    /// Of the daemon.
    pub(crate) protocol: u32,
    /// The library.
    pub(crate) library: PathBuf,
    /// The one folder it may write to.
    pub(crate) data_dir: PathBuf,
    /// Private memory that it may have.
    pub(crate) memory_bytes: u64,
    /// Files and sockets that it may have open.
    pub(crate) open_files: u64,
    /// Whether it may open connections.
    pub(crate) network: Network,
    /// What the log takes at most.
    pub(crate) log_level: u32,
}

/// Whether a plugin may use the network by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// Not at all: it asks the daemon.
    Denied,
    /// It opens its own connections.
    Allowed,
}

/// What a host says when the library is loaded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Opened {
    /// Of the host.
    pub(crate) protocol: u32,
    /// What the plugin says of itself.
    pub(crate) manifest: Manifest,
    /// What keeps it in its place, for people.
    pub(crate) confinement: String,
}

impl Opening {
    /// Why a host cannot serve this.
    pub(crate) fn refusal(&self) -> Option<String> {
        let Self { protocol, .. } = self;
        (*protocol != PROTOCOL)
            .then(|| format!("the daemon speaks version {protocol} of the protocol, the host {PROTOCOL}"))
    }
}
