//! Which orders to show, and how.

use orderd_sdk::wire::OrderStatus;

/// Which orders to show.
#[derive(Debug, clap::Args)]
pub(crate) struct OrdersArgs {
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
