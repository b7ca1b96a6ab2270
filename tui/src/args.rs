//! The command line.

use clap::{Parser, Subcommand};
use orderd_sdk::wire::OrderStatus;
use std::{env::VarError, num::NonZeroU64, path::PathBuf};

const DEFAULT_URL: &str = "http://127.0.0.1:3000";
const URL_VARIABLE: &str = "ORDERD_URL";
const TOKEN_VARIABLE: &str = "ORDERCTL_TOKEN";

const EXIT_CODES: &str = "\
Exit codes:
  0   done
  1   the daemon refused; its problem is on standard error
  2   wrong usage
  69  the daemon cannot be reached, or did not answer
  74  the output cannot be written
  76  what answers is not orderd";

const CHECK_EXIT_CODES: &str = "\
Each check runs in a process of its own, so that a crash fails one check and not the others.

Exit codes:
  0   every check that applies has passed
  1   a check has failed
  2   nothing was tried: no such library or check, or a plan that makes no sense";

/// Shows what an orderd daemon has in hand, and helps authors of plugins.
#[derive(Debug, Parser)]
#[command(name = "orderctl", version, after_help = EXIT_CODES)]
pub(crate) struct Args {
    /// Where the daemon is [default: $ORDERD_URL, else http://127.0.0.1:3000]
    #[arg(long, global = true)]
    url: Option<String>,

    /// A file with the token to show [default: the token itself in $ORDERCTL_TOKEN, else none]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// Print JSON, one object per line
    #[arg(long, global = true)]
    json: bool,

    /// What to show; without it, the console
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
}

/// What to show.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// How the daemon is, and what it has in hand
    Status,
    /// Orders, newest first
    Orders(OrdersFilter),
    /// One order, and its life so far
    Order {
        /// The order's id
        id: String,
    },
    /// What authors of plugins need; no daemon is asked
    #[command(subcommand)]
    Plugin(PluginVerb),
}

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

/// Which orders to show.
#[derive(Debug, clap::Args)]
pub(crate) struct OrdersFilter {
    /// Only orders in these statuses, separated by commas, such as pending,unknown,failed
    #[arg(long, value_delimiter = ',')]
    pub(crate) status: Vec<OrderStatus>,

    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,

    /// Every order, however many there are
    #[arg(long, conflicts_with = "limit")]
    pub(crate) all: bool,
}

/// Where the token is. There is no option for the token itself: everybody on the machine can read command lines.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum TokenSource {
    /// Nowhere: none is shown.
    None,
    /// In this file.
    File(PathBuf),
    /// Here.
    Text(String),
}

/// For whom to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// For people.
    Plain,
    /// For programs.
    Json,
}

impl Args {
    /// The daemon's URL: from the command line, else from the environment.
    #[expect(clippy::disallowed_methods, reason = "the one place where orderctl reads the environment")]
    pub(crate) fn url(&self) -> String {
        let given = self.url.clone().or_else(|| std::env::var(URL_VARIABLE).ok());
        given.unwrap_or_else(|| DEFAULT_URL.to_owned())
    }

    /// Where the token is that the daemon is shown, if there is one.
    #[expect(clippy::disallowed_methods, reason = "the one place where orderctl reads the environment")]
    pub(crate) fn token(&self) -> TokenSource {
        match (&self.token_file, std::env::var(TOKEN_VARIABLE)) {
            (Some(file), _) => TokenSource::File(file.clone()),
            (None, Ok(token)) => TokenSource::Text(token),
            (None, Err(VarError::NotPresent)) => TokenSource::None,
            // What is not Unicode is no token, and is told as such where it is used.
            (None, Err(VarError::NotUnicode(_))) => TokenSource::Text(String::new()),
        }
    }

    pub(crate) fn style(&self) -> Style {
        match self.json {
            true => Style::Json,
            false => Style::Plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn orders_are_filtered_by_known_statuses() {
        let args = Args::try_parse_from(["orderctl", "orders", "--status", "pending,retry-pending"]).unwrap();
        let Some(Verb::Orders(filter)) = args.verb else {
            panic!("another verb");
        };
        assert_eq!(filter.status, [OrderStatus::Pending, OrderStatus::RetryPending]);
        for wrong in [
            &["orderctl", "orders", "--status", "done"][..],
            &["orderctl", "orders", "--limit", "0"],
            &["orderctl", "orders", "--limit", "5", "--all"],
            &["orderctl", "order"],
        ] {
            assert!(Args::try_parse_from(wrong).is_err(), "{wrong:?}");
        }
    }
}
