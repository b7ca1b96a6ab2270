//! From the configuration file, the environment and the command line to checked [`Settings`].
//!
//! Whatever is wrong is found in one pass and told at once, each problem by its key. The later rooms get a
//! struct of their own each and check nothing again. `docs/configuration.md` describes every key and its bounds.

mod address;
mod assemble;
mod auth;
mod difference;
mod egress;
mod environment;
mod foreign;
mod guard;
mod key_path;
mod load;
mod names;
mod policy;
mod problem;
mod sections;
mod services;
mod settings;
mod source;
mod suggest;
#[cfg(test)]
mod tests;
mod value;
mod world;

pub use address::Address;
pub use difference::{Difference, difference};
pub use egress::{Egress, Origin};
pub use environment::{Environment, Overrides, environment};
pub use guard::{BreakerSettings, GuardSettings};
pub use load::{load, parse};
pub use problem::{ConfigError, Problem};
pub use services::ServiceSettings;
pub use settings::{
    AccountPolicy, AccountSettings, Backend, ChainSettings, ContractPolicy, EngineSettings, KeySource,
    PluginProcess, PluginSettings, Scope, ServerSettings, Settings, SpendCap, StorageSettings,
    StreamSettings, TokenSettings,
};
