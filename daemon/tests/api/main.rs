//! The interface over real sockets, in front of a desk that keeps its orders in memory.

#[cfg(test)]
mod auth;
#[cfg(test)]
mod bulk;
#[cfg(test)]
mod changes;
mod closing;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod filters;
#[cfg(test)]
mod http;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod losses;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod removed;
#[cfg(test)]
mod slow_clients;
#[cfg(test)]
mod stream;
#[cfg(test)]
mod stream_duties;
#[cfg(test)]
mod subscriptions;
#[cfg(test)]
mod venues;
#[cfg(test)]
mod verbs;
#[cfg(test)]
mod watch;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod world;
