//! The console as its users have it: the program in a terminal, and a running daemon.

mod manners;
mod operating;
mod outages;
mod scene;
mod storms;
mod terminal;
