//! Small things that views are made of.

pub mod bar;
pub mod chart;
pub mod grid;
pub mod list;
pub mod panel;
pub mod popup;
pub mod spark;
pub mod state;
pub mod text;
