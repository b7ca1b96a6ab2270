//! `orderctl` without a screen, as operators and scripts use it, against a running daemon.

#[cfg(test)]
mod changes;
#[cfg(test)]
mod program;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod watching;
