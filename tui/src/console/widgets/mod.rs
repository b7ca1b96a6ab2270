//! Small things that views are made of.

pub mod grid;
pub mod panel;
pub mod popup;
pub mod spark;
pub mod text;
