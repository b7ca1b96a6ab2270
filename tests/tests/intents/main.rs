//! Signed orders on an off-chain settlement service: the daemon as a process, the plugin as a library, HTTP between
//! them and a service that is told to misbehave. Judged by the service's books: what took effect there, and how often.

mod doubts;
mod endings;
mod scene;
mod settling;
