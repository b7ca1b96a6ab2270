//! Which orders to show, and how.

use clap::ValueEnum;
use orderd_sdk::wire::OrderStatus;
use std::path::PathBuf;

/// Which orders to show.
#[derive(Debug, clap::Args)]
pub(crate) struct OrdersArgs {
    /// Only orders that match, such as 'state:failed,unknown venue:alpha since:15m'
    #[arg(long)]
    pub(crate) filter: Option<String>,

    /// Only orders in these statuses, separated by commas, such as pending,unknown,failed
    #[arg(long, value_delimiter = ',')]
    pub(crate) status: Vec<OrderStatus>,

    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,

    /// Every order, however many there are
    #[arg(long, conflicts_with = "limit")]
    pub(crate) all: bool,

    /// Then print each order anew whenever it changes, until interrupted
    #[arg(long)]
    pub(crate) watch: bool,
}

/// Which order to show.
#[derive(Debug, clap::Args)]
pub(crate) struct OrderArgs {
    /// The order's id
    pub(crate) id: String,

    /// Print its events as they come, until it is over
    #[arg(long)]
    pub(crate) watch: bool,
}
/// Which orders to write, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct ExportArgs {
    /// Only orders that match, such as 'state:failed since:24h'
    #[arg(long)]
    pub(crate) filter: Option<String>,

    /// As what
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    pub(crate) format: Format,

    /// Into this file, which appears when all of it is written [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// What orders are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// JSON Lines: every order whole, as the daemon tells it
    Jsonl,
    /// Comma-separated values, for spreadsheets
    Csv,
}
