//! HTTP client of the daemon's API.
