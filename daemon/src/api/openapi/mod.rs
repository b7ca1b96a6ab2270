//! The interface described for machines: `GET /openapi.json`.
//!
//! Every [`Endpoint`](super::router::Endpoint) has a [`Call`] in the table of [`calls`]; schemas are those of the wire
//! types, and the codes of refusals those of [`ApiError`](super::problem::ApiError). A description that the daemon
//! does not keep fails a test: `daemon/tests/api` holds every reply and every message against this document.

mod bulk;
mod call;
mod calls;
mod document;
mod operation;
mod orders;
mod own;
mod refusals;
mod stream;
mod venues;

#[cfg(test)]
mod tests;

pub(super) use document::document;

use call::{Call, Field, Parameter, Returns};
