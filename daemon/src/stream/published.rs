//! A durable event on its way to its readers.

use super::Frame;
use crate::order::Order;
use std::sync::{Arc, OnceLock};

/// An event that is on stable storage, with the order that has it. The first one who wants its frame encodes it, for all.
#[derive(Debug)]
pub struct Published {
    order: Arc<Order>,
    seq: u64,
    cursor: u64,
    frame: OnceLock<Frame>,
}

impl Published {
    /// The order's event with this number; none when it has not happened.
    #[must_use]
    pub fn of(order: &Arc<Order>, seq: u64) -> Option<Self> {
        let index = usize::try_from(seq.checked_sub(1)?).ok()?;
        let cursor = order.events.get(index)?.cursor.get();
        Some(Self { order: order.clone(), seq, cursor, frame: OnceLock::new() })
    }

    /// The order's event at this cursor; none when it is not the order's.
    #[must_use]
    pub fn at(order: &Arc<Order>, cursor: u64) -> Option<Self> {
        let index = order.events.binary_search_by_key(&cursor, |event| event.cursor.get()).ok()?;
        Self::of(order, order.events[index].seq)
    }

    /// The order, as of this event or a later one.
    #[must_use]
    pub fn order(&self) -> &Arc<Order> {
        &self.order
    }

    /// The event's number in its order.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The event's place among the events of all orders.
    #[must_use]
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// The event as it goes out.
    pub fn frame(&self) -> &Frame {
        self.frame_or(&|| {
            Frame::of_event(&self.order, self.seq).expect("the order has the event that was published")
        })
    }

    /// The same; when nobody has wanted it before, this is how it is made.
    pub(super) fn frame_or(&self, make: &dyn Fn() -> Frame) -> &Frame {
        self.frame.get_or_init(make)
    }
}
