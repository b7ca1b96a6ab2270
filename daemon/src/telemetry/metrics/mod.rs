//! Figures for a monitoring system: what they are kept in, and the text that Prometheus reads.
//!
//! Everything is a whole number. Who has figures is a [`Source`] and writes them into an [`Exposition`] when asked;
//! there is no global registry.

mod exposition;
mod histogram;
mod name;
mod series;

pub use exposition::{Exposition, Family, Kind, Source};
pub use histogram::{Histogram, Unit};
pub use series::{PluginSeries, SeriesError};
