//! Orders, a page after the other.

use crate::{args::OrdersArgs, clock, failure::Failure};
use orderd_sdk::{
    client::{Client, OrdersQuery},
    filter::Filter,
    wire::{OrderDto, OrderStatus},
};

/// The most that one page holds.
const PAGE: u32 = 500;

/// Which orders are meant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meant {
    statuses: Vec<OrderStatus>,
    filter: Option<Filter>,
}

impl Meant {
    /// What the command line means.
    pub(crate) fn new(statuses: &[OrderStatus], filter: Option<&str>) -> Result<Self, Failure> {
        Ok(Self { statuses: statuses.to_vec(), filter: filter.map(parse).transpose()? })
    }

    /// Whether an order is meant as it stands now.
    pub(super) fn matches(&self, order: &OrderDto) -> bool {
        let is_in = self.statuses.is_empty() || self.statuses.contains(&order.status);
        is_in && self.filter.as_ref().is_none_or(|filter| filter.matches(order, clock::now()))
    }
}

/// Reads a filter of the command line.
pub(crate) fn parse(text: &str) -> Result<Filter, Failure> {
    Filter::parse(text).map_err(|error| Failure::Filter { text: text.to_owned(), error })
}

/// How many orders are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    All,
    Most(u32),
}

impl Wanted {
    /// What the command line wants.
    pub(crate) fn of(args: &OrdersArgs) -> Self {
        match args.all {
            true => Self::All,
            false => Self::Most(args.limit),
        }
    }

    fn page(self) -> u32 {
        match self {
            Self::All => PAGE,
            Self::Most(orders) => orders.min(PAGE),
        }
    }

    fn less(self, orders: usize) -> Self {
        match self {
            Self::All => Self::All,
            Self::Most(most) => Self::Most(most.saturating_sub(u32::try_from(orders).unwrap_or(u32::MAX))),
        }
    }
}

/// Walks through the orders that are meant, newest first.
pub(crate) struct Listing {
    client: Client,
    meant: Meant,
    /// None when there are no further ones.
    query: Option<OrdersQuery>,
    wanted: Wanted,
}

impl Listing {
    pub(crate) fn new(client: Client, meant: Meant, wanted: Wanted) -> Self {
        let query = OrdersQuery {
            statuses: meant.statuses.clone(),
            filter: meant.filter.clone(),
            ..OrdersQuery::default()
        };
        Self { client, meant, query: Some(query), wanted }
    }

    pub(super) fn meant(&self) -> &Meant {
        &self.meant
    }

    /// The next page; it may be empty. None after the last one.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<OrderDto>>, Failure> {
        let Some(mut query) = self.query.take().filter(|_| self.wanted != Wanted::Most(0)) else {
            return Ok(None);
        };
        query.limit = Some(self.wanted.page());
        let page = self.client.orders(&query).await?;
        self.wanted = self.wanted.less(page.orders.len());
        self.query = page.next_cursor.map(|cursor| OrdersQuery { cursor: Some(cursor), ..query });
        Ok(Some(page.orders))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::samples::{confirmed, pending};

    #[test]
    fn an_order_is_meant_when_its_status_and_the_filter_say_so() {
        let meant = Meant::new(&[OrderStatus::Pending, OrderStatus::Confirmed], Some("venue:alpha")).unwrap();
        assert!(meant.matches(&confirmed()));
        assert!(!meant.matches(&pending()), "no venue is chosen");
        assert!(!Meant::new(&[OrderStatus::Failed], None).unwrap().matches(&confirmed()));
        assert!(Meant::default().matches(&pending()));
        assert!(Meant::new(&[], Some("sate:failed")).is_err());
    }
}
