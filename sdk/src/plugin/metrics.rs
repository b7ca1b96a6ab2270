//! What a plugin counts: it appears in the daemon's `/metrics`, with the plugin's name.

use serde::{Deserialize, Serialize};

/// Samples to record, all or none of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Samples {
    /// At most a hundred.
    pub samples: Vec<Sample>,
}

/// One figure of one series. A series is a name with its labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sample {
    /// `[a-z][a-z0-9_]*`, at most 64 characters, ending in its unit: `quotes_total`, `depth_bytes`, `answer_ms`.
    pub name: String,
    /// Names and values, at most eight: the same names each time, and few different values.
    #[serde(default)]
    pub labels: Vec<(String, String)>,
    /// What to do with the series.
    #[serde(flatten)]
    pub figure: Figure,
}

/// What a sample says. A name is always of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
pub enum Figure {
    /// A counter goes up by so much.
    Count(u64),
    /// A gauge stands there now.
    Gauge(i64),
    /// A histogram has one more value.
    Observe(u64),
}

impl Sample {
    /// The counter of this name goes up.
    pub fn count(name: impl Into<String>, by: u64) -> Self {
        Self { name: name.into(), labels: Vec::new(), figure: Figure::Count(by) }
    }

    /// The gauge of this name stands there now.
    pub fn gauge(name: impl Into<String>, value: i64) -> Self {
        Self { name: name.into(), labels: Vec::new(), figure: Figure::Gauge(value) }
    }

    /// The histogram of this name has one more value.
    pub fn observe(name: impl Into<String>, value: u64) -> Self {
        Self { name: name.into(), labels: Vec::new(), figure: Figure::Observe(value) }
    }

    /// The same with one more label.
    #[must_use]
    pub fn label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.push((name.into(), value.into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_flat_json() {
        let sample = Sample::count("quotes_total", 2).label("pool", "a");
        let json = r#"{"name":"quotes_total","labels":[["pool","a"]],"kind":"count","value":2}"#;
        assert_eq!(serde_json::to_string(&sample).unwrap(), json);
        assert_eq!(serde_json::from_str::<Sample>(json).unwrap(), sample);
        let gauge: Sample = serde_json::from_str(r#"{"name":"depth","kind":"gauge","value":-3}"#).unwrap();
        assert_eq!(gauge, Sample::gauge("depth", -3));
    }
}
