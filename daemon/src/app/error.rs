//! Why a daemon cannot start.

use crate::{
    account::{KeyringError, TokensError},
    engine,
    plugin::LoadError,
    store::StoreError,
};
use orderd_sdk::plugin::PluginError;
use std::{io, path::PathBuf};

/// Why a daemon cannot start. Nothing of it is running then.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A key is missing or unusable.
    #[error(transparent)]
    Keys(#[from] KeyringError),
    /// A token is missing or unusable.
    #[error(transparent)]
    Tokens(#[from] TokensError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A plugin cannot be loaded.
    #[error(transparent)]
    Plugin(#[from] LoadError),
    /// A plugin that is linked in refuses its configuration.
    #[error("plugin {plugin} refused to start")]
    Linked {
        /// The plugin.
        plugin: String,
        /// Why.
        source: PluginError,
    },
    /// A plugin's folder cannot be made.
    #[error("cannot make the folder {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It cannot be told which venues operators have disabled.
    #[error("cannot read which venues are disabled, in {}", path.display())]
    Switches {
        /// The data directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It cannot be told what operators did before.
    #[error("cannot read {what}, in {}", path.display())]
    Operating {
        /// What they did.
        what: &'static str,
        /// The data directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A chain cannot use an account.
    #[error("account {account} cannot be used on chain {chain}")]
    Account {
        /// The account.
        account: String,
        /// Its chain.
        chain: String,
        /// Why.
        source: PluginError,
    },
    /// The engine cannot take up what is stored.
    #[error(transparent)]
    Engine(#[from] engine::StartError),
}
