//! What plugins may call their figures: names that can clash neither with the daemon's nor with each other.

use super::SeriesError;
use orderd_sdk::plugin::{Figure, Sample};

const MAX_NAME: usize = 64;
const MAX_LABELS: usize = 8;
const MAX_VALUE: usize = 128;
/// The daemon and Prometheus use them.
const TAKEN_LABELS: [&str; 3] = ["plugin", "le", "quantile"];
/// The ends of the names that a histogram is written with.
const OF_HISTOGRAMS: [&str; 3] = ["_bucket", "_sum", "_count"];
const OF_COUNTERS: &str = "_total";

/// Checks the name of a sample and those of its labels, and gives the labels in their order.
pub(super) fn check(sample: &Sample) -> Result<Vec<(String, String)>, SeriesError> {
    let name = &sample.name;
    let is_counter = matches!(sample.figure, Figure::Count(_));
    let ends_in = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    if !is_plain(name) || ends_in(&OF_HISTOGRAMS) || ends_in(&[OF_COUNTERS]) != is_counter {
        return Err(SeriesError::Name);
    }
    let mut labels = sample.labels.clone();
    labels.sort();
    let twice = labels.windows(2).any(|pair| pair[0].0 == pair[1].0);
    let allowed = |(name, value): &(String, String)| {
        is_plain(name) && !TAKEN_LABELS.contains(&name.as_str()) && value.len() <= MAX_VALUE
    };
    match !twice && labels.len() <= MAX_LABELS && labels.iter().all(allowed) {
        true => Ok(labels),
        false => Err(SeriesError::Labels),
    }
}

fn is_plain(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=MAX_NAME).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(inner)
}
