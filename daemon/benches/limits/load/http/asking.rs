//! What clients ask, and for how long.

use crate::clock::{self, Nanos};
use std::time::Duration;

/// Requests that take turns, whichever client is free.
pub(crate) struct Asking<'a> {
    requests: &'a [Vec<u8>],
    asked: usize,
    until: Until,
}

/// When clients have asked enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// At this time.
    At(Nanos),
    /// After so many requests of all clients together.
    Asked(usize),
}

impl Until {
    /// So long from now.
    pub(crate) fn after(time: Duration) -> Self {
        Self::At(clock::now() + Nanos::try_from(time.as_nanos()).unwrap_or(Nanos::MAX))
    }
}

impl<'a> Asking<'a> {
    pub(crate) fn new(requests: &'a [Vec<u8>], until: Until) -> Self {
        Self { requests, asked: 0, until }
    }

    /// Each request once.
    pub(crate) fn each(requests: &'a [Vec<u8>]) -> Self {
        Self::new(requests, Until::Asked(requests.len()))
    }

    pub(in crate::load) fn next(&mut self) -> Option<&'a [u8]> {
        let goes_on = match self.until {
            Until::At(end) => clock::now() < end,
            Until::Asked(all) => self.asked < all,
        };
        let request = self.requests.get(self.asked % self.requests.len().max(1)).filter(|_| goes_on)?;
        self.asked += 1;
        Some(request)
    }
}
