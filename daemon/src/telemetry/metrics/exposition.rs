//! The text format of Prometheus, version 0.0.4: families of samples, each family once.

use super::{
    Histogram, Unit,
    histogram::{Bound, Scaled},
};
use std::fmt::{self, Display, Write};

/// Has figures to tell.
pub trait Source: Send + Sync {
    /// Writes them. No two sources write the same family.
    fn expose(&self, out: &mut Exposition);
}

/// A text that grows by one family after the other.
#[derive(Debug, Default)]
pub struct Exposition(String);

/// What the samples of a family are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only goes up, and begins again at zero with the daemon.
    Counter,
    /// It stands somewhere.
    Gauge,
    /// It says how values are spread.
    Histogram,
}

/// Takes the samples of one family.
#[derive(Debug)]
pub struct Family<'a> {
    text: &'a mut String,
    name: &'a str,
}

/// Names and values that tell the samples of a family apart.
pub(super) type Labels<'a> = [(&'a str, &'a str)];

impl Exposition {
    /// Begins a family. What is said about it is one sentence.
    pub fn family<'a>(&'a mut self, name: &'a str, kind: Kind, help: &str) -> Family<'a> {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let text = &mut self.0;
        line(text, format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
        Family { text, name }
    }

    /// The whole text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

impl Family<'_> {
    /// One sample of a counter or a gauge.
    pub fn sample(&mut self, labels: &Labels<'_>, value: impl Display) -> &mut Self {
        self.row("", labels, None, value);
        self
    }

    /// All samples of one histogram.
    pub fn histogram(&mut self, labels: &Labels<'_>, histogram: &Histogram, unit: Unit) -> &mut Self {
        for (bound, count) in histogram.cumulative() {
            self.row("_bucket", labels, Some(Scaled { value: bound, unit }), count);
        }
        self.row("_sum", labels, None, Scaled { value: Bound::Value(histogram.sum()), unit });
        self.row("_count", labels, None, histogram.count());
        self
    }

    fn row(&mut self, suffix: &str, labels: &Labels<'_>, bound: Option<Scaled>, value: impl Display) {
        let (name, labels) = (self.name, Written(labels, bound));
        line(self.text, format_args!("{name}{suffix}{labels} {value}"));
    }
}

/// Labels in their braces, the bound of a bucket last.
struct Written<'a>(&'a Labels<'a>, Option<Scaled>);

impl Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(labels, bound) = self;
        let mut separator = '{';
        for (name, value) in *labels {
            write!(f, "{separator}{name}=\"{}\"", Escaped(value))?;
            separator = ',';
        }
        if let Some(bound) = bound {
            write!(f, "{separator}le=\"{bound}\"")?;
            separator = ',';
        }
        match separator {
            '{' => Ok(()),
            _ => f.write_char('}'),
        }
    }
}

/// A label's value.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '\\' => f.write_str(r"\\"),
            '"' => f.write_str(r#"\""#),
            '\n' => f.write_str(r"\n"),
            other => f.write_char(other),
        })
    }
}

fn line(text: &mut String, line: fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a string takes every text");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_written_as_prometheus_reads_them() {
        let mut out = Exposition::default();
        out.family("orders", Kind::Gauge, "Orders by status.")
            .sample(&[("status", "pending")], 3)
            .sample(&[("status", "a\"b\\c\nd"), ("x", "")], -1);
        out.family("up", Kind::Gauge, "Always one.").sample(&[], 1);
        assert_eq!(
            out.into_text(),
            "# HELP orders Orders by status.\n# TYPE orders gauge\n\
             orders{status=\"pending\"} 3\norders{status=\"a\\\"b\\\\c\\nd\",x=\"\"} -1\n\
             # HELP up Always one.\n# TYPE up gauge\nup 1\n"
        );
    }

    #[test]
    fn a_histogram_counts_upwards_and_milliseconds_are_told_in_seconds() {
        let mut histogram = Histogram::new(&[5, 1_500]);
        [5, 6, 1_500, 2_000].into_iter().for_each(|millis| histogram.note(millis));
        let mut out = Exposition::default();
        out.family("took_seconds", Kind::Histogram, "How long.").histogram(
            &[("stage", "routing")],
            &histogram,
            Unit::Millis,
        );
        assert_eq!(
            out.into_text(),
            "# HELP took_seconds How long.\n# TYPE took_seconds histogram\n\
             took_seconds_bucket{stage=\"routing\",le=\"0.005\"} 1\n\
             took_seconds_bucket{stage=\"routing\",le=\"1.5\"} 3\n\
             took_seconds_bucket{stage=\"routing\",le=\"+Inf\"} 4\n\
             took_seconds_sum{stage=\"routing\"} 3.511\n\
             took_seconds_count{stage=\"routing\"} 4\n"
        );
    }
}
