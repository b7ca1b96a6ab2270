//! How a node is started: its chain, its pace of blocks, and the state it loads or leaves behind.

use std::{path::PathBuf, time::Duration};

/// When the node makes blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mining {
    /// A block per transaction, at once.
    #[default]
    Instant,
    /// A block every so often (whole milliseconds), empty or not; transactions wait for it.
    Every(Duration),
    /// A block every so often, and one per transaction at once.
    Mixed(Duration),
    /// Only when asked to, by [`Rpc::mine`](crate::Rpc::mine).
    Manual,
}

/// Settings of one node. The default is chain 31337 on a free port with instant mining and finality two blocks deep.
#[derive(Debug, Clone)]
pub struct AnvilOptions {
    /// The EVM chain id.
    pub chain_id: u64,
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// When blocks are made.
    pub mining: Mining,
    /// Blocks per epoch: the finalized block is two epochs behind the latest, the safe one a single epoch.
    pub slots_in_an_epoch: u64,
    /// A state file to begin from.
    pub load_state: Option<PathBuf>,
    /// Where to write the state, with its whole history, when the node is stopped by [`Anvil::stop`](super::Anvil::stop).
    pub dump_state: Option<PathBuf>,
    /// More arguments, passed as they are.
    pub extra: Vec<String>,
}

impl Default for AnvilOptions {
    fn default() -> Self {
        Self {
            chain_id: 31_337,
            port: 0,
            mining: Mining::Instant,
            slots_in_an_epoch: 1,
            load_state: None,
            dump_state: None,
            extra: Vec::new(),
        }
    }
}

impl AnvilOptions {
    /// The command line of these options.
    pub(super) fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![
            pair("host", "127.0.0.1"),
            pair("port", self.port),
            pair("chain-id", self.chain_id),
            pair("slots-in-an-epoch", self.slots_in_an_epoch),
            pair("color", "never"),
        ];
        arguments.extend(self.mining.arguments());
        if let Some(file) = &self.load_state {
            arguments.push(pair("load-state", file.display()));
        }
        if let Some(file) = &self.dump_state {
            arguments.push(pair("dump-state", file.display()));
            arguments.push("--preserve-historical-states".to_owned());
        }
        arguments.extend(self.extra.iter().cloned());
        arguments
    }
}

impl Mining {
    fn arguments(self) -> Vec<String> {
        match self {
            Self::Instant => Vec::new(),
            Self::Every(pace) => vec![pair("block-time", seconds(pace))],
            Self::Mixed(pace) => vec![pair("block-time", seconds(pace)), "--mixed-mining".to_owned()],
            Self::Manual => vec!["--no-mining".to_owned()],
        }
    }
}

fn pair(name: &str, value: impl std::fmt::Display) -> String {
    format!("--{name}={value}")
}

fn seconds(pace: Duration) -> String {
    format!("{}.{:03}", pace.as_secs(), pace.subsec_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_written_in_seconds() {
        let mixed = Mining::Mixed(Duration::from_millis(1_250));
        assert_eq!(mixed.arguments(), ["--block-time=1.250", "--mixed-mining"]);
    }

    #[test]
    fn a_dump_keeps_the_history_that_finalized_needs() {
        let options = AnvilOptions { dump_state: Some("state.json".into()), ..AnvilOptions::default() };
        assert!(options.arguments().contains(&"--preserve-historical-states".to_owned()));
    }
}
