//! How well this WebSocket side keeps to RFC 6455: the daemon's own connections, handshake and socket, with an echo
//! in place of what the daemon says.
//!
//! [`rules`] tries what matters byte by byte. [`autobahn`] is the Autobahn test suite, for which `make conformance`
//! installs what it needs.

mod autobahn;
mod client;
mod echo;
mod report;
mod rules;
