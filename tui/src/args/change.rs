//! What is changed, and how it is confirmed.

use clap::{ArgGroup, Args};

/// How a change is confirmed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Args)]
pub(crate) struct Change {
    /// Only say what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Do it without asking
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
}
/// Which orders to act on.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").required(true).args(["ids", "filter"]))]
pub(crate) struct BulkArgs {
    /// Ids of orders
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<String>,

    /// All orders that match, such as 'state:failed venue:alpha since:15m'
    #[arg(long)]
    pub(crate) filter: Option<String>,

    /// With --yes: only if it is exactly so many orders
    #[arg(long, value_name = "NUMBER", requires = "yes")]
    pub(crate) expect: Option<u64>,

    #[command(flatten)]
    pub(crate) change: Change,
}

/// Which orders to cancel, and why.
#[derive(Debug, Args)]
pub(crate) struct CancelArgs {
    #[command(flatten)]
    pub(crate) orders: BulkArgs,

    /// Why, one line, for their history
    #[arg(long)]
    pub(crate) reason: Option<String>,
}
