//! Small things that views are made of.

pub mod panel;
pub mod popup;
pub mod spark;
pub mod text;
