//! Who may call: tokens, tickets for streams, and what each gives leave to.
//!
//! [`Auth`] recognises tokens by their digests; [`bearer`] and [`handshake`] find them in a request. Where no tokens
//! are configured everybody may do everything: the interface is bound to the loopback address.

mod bearer;
pub(super) mod handshake;
mod identity;
mod tickets;
mod tokens;

pub(super) use bearer::identify;
pub(super) use identity::Access;
pub use identity::Identity;
pub(super) use tickets::TicketError;
pub use tokens::Auth;
