//! Tickets for streams: a browser cannot show a token in a handshake, and must not show one in a URL.
//!
//! A ticket is 256 bits of the system's chance, opens one stream, and is good for [`LIFETIME`]. Kept are digests, so
//! that looking one up tells nothing of the others.

use super::Access;
use k256::sha2::{Digest, Sha256};
use orderd_sdk::wire::StreamTicket;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long a ticket is good.
const LIFETIME: Duration = Duration::from_secs(30);

/// Tickets that are good at one time, at the most.
const MAX_TICKETS: usize = 1_024;

/// Every ticket that was issued and not used.
#[derive(Default)]
pub(super) struct Tickets(Mutex<HashMap<[u8; 32], Ticket>>);

struct Ticket {
    access: Access,
    expires: Instant,
}

/// Why there is no ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum TicketError {
    /// There are [`MAX_TICKETS`] already.
    TooMany,
    /// The system has no chance to give.
    NoChance,
}

impl Tickets {
    /// A new ticket for this caller.
    pub(super) fn issue(&self, access: Access) -> Result<StreamTicket, TicketError> {
        let mut bits = [0; 32];
        getrandom::fill(&mut bits).map_err(|_| TicketError::NoChance)?;
        let text = hex::encode(bits);
        let now = Instant::now();
        let mut tickets = self.lock();
        tickets.retain(|_, ticket| ticket.expires > now);
        if tickets.len() >= MAX_TICKETS {
            return Err(TicketError::TooMany);
        }
        tickets.insert(digest(&text), Ticket { access, expires: now + LIFETIME });
        let expires_ms = u64::try_from(LIFETIME.as_millis()).unwrap_or(u64::MAX);
        Ok(StreamTicket { ticket: text, expires_ms })
    }

    /// What the holder of this ticket may do. It is used up.
    pub(super) fn redeem(&self, text: &str) -> Option<Access> {
        let ticket = self.lock().remove(&digest(text))?;
        (ticket.expires > Instant::now()).then_some(ticket.access)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Ticket>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{api::auth::Identity, config::Scope};
    use tokio::time::advance;

    fn bot() -> Access {
        Access::Granted(Identity { name: "bot".into(), scope: Scope::Read })
    }

    #[tokio::test(start_paused = true)]
    async fn a_ticket_is_good_once_and_for_its_time() {
        let tickets = Tickets::default();
        let [first, second, third] = [(); 3].map(|()| tickets.issue(bot()).unwrap().ticket);
        assert!(first != second && first.len() == 64);
        assert_eq!(tickets.redeem(&first[..63]), None);
        assert_eq!(tickets.redeem(&first), Some(bot()));
        assert_eq!(tickets.redeem(&first), None);
        advance(LIFETIME - Duration::from_millis(1)).await;
        assert_eq!(tickets.redeem(&second), Some(bot()));
        advance(Duration::from_millis(1)).await;
        assert_eq!(tickets.redeem(&third), None);
    }

    #[tokio::test(start_paused = true)]
    async fn tickets_are_bounded_and_make_room_when_they_expire() {
        let tickets = Tickets::default();
        let last = (0..MAX_TICKETS).map(|_| tickets.issue(bot()).unwrap().ticket).last().unwrap();
        assert!(matches!(tickets.issue(bot()), Err(TicketError::TooMany)));
        assert!(tickets.redeem(&last).is_some());
        assert!(tickets.issue(bot()).is_ok());
        assert!(tickets.issue(bot()).is_err());
        advance(LIFETIME).await;
        assert!(tickets.issue(bot()).is_ok());
        assert_eq!(tickets.lock().len(), 1);
    }
}
