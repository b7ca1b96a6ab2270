//! Recognises tokens.

use super::{
    Access, Identity,
    tickets::{TicketError, Tickets},
};
use k256::{
    elliptic_curve::subtle::ConstantTimeEq,
    sha2::{Digest, Sha256},
};
use orderd_sdk::wire::StreamTicket;
use std::{fmt, sync::Arc};

/// Everybody who may call. Cloning shares it. By default nobody is known, and nobody needs to be.
#[derive(Clone, Default)]
pub struct Auth {
    known: Arc<[Known]>,
    tickets: Arc<Tickets>,
}

struct Known {
    identity: Identity,
    digest: [u8; 32],
}

impl Auth {
    /// Admits the bearers of these tokens, each known by the SHA-256 digest of its text, and nobody else; everybody
    /// when there are none.
    #[must_use]
    pub fn new(tokens: impl IntoIterator<Item = (Identity, [u8; 32])>) -> Self {
        let known = tokens.into_iter().map(|(identity, digest)| Known { identity, digest });
        Self { known: known.collect(), tickets: Arc::default() }
    }

    /// Whose token this is. All are compared, each in constant time: how long it takes tells nothing of any of them.
    #[must_use]
    pub fn check(&self, token: &str) -> Option<Identity> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        let mut found = None;
        for known in self.known.iter() {
            if bool::from(known.digest.ct_eq(&digest)) {
                found = Some(known.identity.clone());
            }
        }
        found
    }

    /// Whether nobody needs a token.
    pub(in crate::api) fn is_open(&self) -> bool {
        self.known.is_empty()
    }

    /// A ticket that lets this caller open one stream.
    pub(in crate::api) fn issue_ticket(&self, access: Access) -> Result<StreamTicket, TicketError> {
        self.tickets.issue(access)
    }

    /// What the holder of a ticket may do; the ticket is gone then.
    pub(super) fn redeem_ticket(&self, ticket: &str) -> Option<Access> {
        self.tickets.redeem(ticket)
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.known.iter().map(|known| &known.identity)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Scope;

    #[test]
    fn a_token_is_recognised_whole_and_never_shown() {
        let of = |name: &str, token: &str, scope| {
            (Identity { name: name.into(), scope }, Sha256::digest(token).into())
        };
        let auth = Auth::new([
            of("bot", "bot-0123456789abcdef", Scope::Trade),
            of("ops", "ops-0123456789abcdef", Scope::Admin),
        ]);
        let name = |token: &str| auth.check(token).map(|identity| identity.name.to_string());
        assert_eq!(name("bot-0123456789abcdef").as_deref(), Some("bot"));
        assert_eq!(name("ops-0123456789abcdef").as_deref(), Some("ops"));
        for wrong in ["", "bot", "bot-0123456789abcde", "bot-0123456789abcdeff", "BOT-0123456789ABCDEF"] {
            assert_eq!(name(wrong), None, "{wrong}");
        }
        assert!(!auth.is_open() && Auth::default().is_open());
        let shown = format!("{auth:?}");
        assert!(shown.contains("bot") && !shown.contains("0123"), "{shown}");
    }
}
