//! `orderctl plugin …`.

use clap::Subcommand;
use std::{num::NonZeroU64, path::PathBuf};

const CHECK_EXIT_CODES: &str = "\
Each check runs in a process of its own, so that a crash fails one check and not the others.

Exit codes:
  0   every check that applies has passed
  1   a check has failed
  2   nothing was tried: no such library or check, or a plan that makes no sense";

/// What to do with a plugin.
#[derive(Debug, Subcommand)]
pub(crate) enum PluginVerb {
    /// Try a plugin's library against what the interface promises
    #[command(after_help = CHECK_EXIT_CODES)]
    Check(CheckArgs),
    /// Begin a plugin: a project that builds, passes its tests, and trades
    New(NewArgs),
    /// Make one check in this process: what `check` starts for each
    #[command(hide = true)]
    RunCheck {
        /// The library
        library: PathBuf,
        /// Which check
        #[arg(long)]
        name: String,
        /// The plan
        #[arg(long)]
        config: Option<PathBuf>,
        /// A folder of its own
        #[arg(long)]
        scratch: PathBuf,
    },
}

/// Which library to try, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// The library, such as target/debug/libmy_dex.so
    pub(crate) library: PathBuf,

    /// What to ask it [default: orderd-plugin.toml, where it is there]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Only these checks, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub(crate) only: Vec<String>,

    /// What one check may take, in seconds
    #[arg(long, default_value = "60", value_name = "SECONDS")]
    pub(crate) timeout: NonZeroU64,
}

/// Which project to write.
#[derive(Debug, clap::Args)]
pub(crate) struct NewArgs {
    /// What to call it, such as my-dex; it is written into a new folder of this name
    pub(crate) name: String,

    /// On which chain it trades at first
    #[arg(long, value_enum, default_value = "paper")]
    pub(crate) chain: ChainKind,

    /// Where the SDK is [default: where this program was built, if it is there, else its version]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) sdk: Option<PathBuf>,
}

/// A kind of chain to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ChainKind {
    /// The chain that needs no network
    Paper,
    /// Any EVM chain
    Evm,
}

impl ChainKind {
    /// For people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Paper => "the paper chain",
            Self::Evm => "an EVM chain",
        }
    }
}
