//! HTTP for plugins: over the daemon's connections, to allowed servers, within bounds.

mod client;
mod figures;
mod request;
mod service;

pub use client::HttpClient;
pub use figures::HttpFigures;
pub(super) use service::HttpService;
