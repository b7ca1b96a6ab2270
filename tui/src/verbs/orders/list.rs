//! Orders, a page after the other.

use crate::{args::OrdersArgs, failure::Failure};
use orderd_sdk::{
    client::{Client, OrdersQuery},
    wire::{OrderDto, OrderStatus},
};

/// The most that one page holds.
const PAGE: u32 = 500;

/// Which orders are meant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meant {
    statuses: Vec<OrderStatus>,
}

impl Meant {
    #[cfg(test)]
    pub(super) fn statuses(statuses: &[OrderStatus]) -> Self {
        Self { statuses: statuses.to_vec() }
    }

    /// Whether an order is meant as it stands now.
    pub(super) fn matches(&self, order: &OrderDto) -> bool {
        self.statuses.is_empty() || self.statuses.contains(&order.status)
    }
}

/// Walks through the orders that are meant.
pub(crate) struct Listing {
    client: Client,
    meant: Meant,
    /// None when there are no further ones.
    query: Option<OrdersQuery>,
    wanted: u64,
}

impl Listing {
    pub(crate) fn new(client: Client, args: &OrdersArgs) -> Result<Self, Failure> {
        let query = OrdersQuery { statuses: args.status.clone(), ..OrdersQuery::default() };
        let wanted = match args.all {
            true => u64::MAX,
            false => u64::from(args.limit),
        };
        let meant = Meant { statuses: args.status.clone() };
        Ok(Self { client, meant, query: Some(query), wanted })
    }

    pub(super) fn meant(&self) -> &Meant {
        &self.meant
    }

    /// The next page; it may be empty. None after the last one.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<OrderDto>>, Failure> {
        let Some(mut query) = self.query.take().filter(|_| self.wanted > 0) else {
            return Ok(None);
        };
        query.limit = Some(u32::try_from(self.wanted).map_or(PAGE, |wanted| wanted.min(PAGE)));
        let page = self.client.orders(&query).await?;
        self.wanted = self.wanted.saturating_sub(page.orders.len() as u64);
        self.query = page.next_cursor.map(|cursor| OrdersQuery { cursor: Some(cursor), ..query });
        Ok(Some(page.orders))
    }
}
