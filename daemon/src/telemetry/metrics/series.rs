//! What plugins count, in bounded memory: a plugin has so many series and no more, whatever labels it makes up.

use super::{Exposition, Histogram, Kind, Source, Unit, name};
use orderd_sdk::plugin::{Figure, Sample};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Samples at once.
const MAX_SAMPLES: usize = 100;
/// Series of one plugin.
const MAX_SERIES: usize = 256;
/// What the name of each family begins with.
const PREFIX: &str = "plugin_";
/// For values of any unit.
const BOUNDS: &[u64] = &[
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000,
    500_000, 1_000_000,
];

/// The figures of all plugins.
#[derive(Debug, Default)]
pub struct PluginSeries(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    families: BTreeMap<String, Family>,
    /// How many series each plugin has.
    kept: BTreeMap<String, usize>,
}

/// Every series of one name.
#[derive(Debug)]
struct Family {
    kind: Kind,
    series: BTreeMap<Key, Value>,
}

#[derive(Debug)]
enum Value {
    Counter(u64),
    Gauge(i64),
    Histogram(Histogram),
}

/// Whose series, and which of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    plugin: String,
    /// In the order of their names.
    labels: Vec<(String, String)>,
}

/// A sample with a key of its own.
struct Entry<'a> {
    name: &'a str,
    key: Key,
    figure: Figure,
}

/// Why figures were not recorded, none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    /// A name cannot be.
    #[error(
        "a name has 1 to 64 small letters, digits and _, begins with a letter, and ends in _total when it is of a \
         counter and only then; _bucket, _sum and _count are the ends of no name"
    )]
    Name,
    /// Labels cannot be.
    #[error(
        "a figure has at most 8 labels; their names have 1 to 64 small letters, digits and _, begin with a letter, are \
         not plugin, le or quantile and not there twice; their values have at most 128 bytes"
    )]
    Labels,
    /// A name stands for something else already.
    #[error("a figure of this name is of another kind")]
    Kind,
    /// Too many at once.
    #[error("at most {MAX_SAMPLES} samples are taken at once")]
    TooMany,
    /// The plugin has all the series it may have.
    #[error("a plugin has at most {MAX_SERIES} series: names with their labels")]
    Full,
}

impl PluginSeries {
    /// Records all of these figures of a plugin, or none.
    ///
    /// # Errors
    /// When one of them cannot be recorded.
    pub fn record(&self, plugin: &str, samples: &[Sample]) -> Result<(), SeriesError> {
        if samples.len() > MAX_SAMPLES {
            return Err(SeriesError::TooMany);
        }
        let entries =
            samples.iter().map(|sample| Entry::of(plugin, sample)).collect::<Result<Vec<_>, _>>()?;
        let mut book = self.book();
        book.check_kinds(&entries)?;
        book.check_room(plugin, &entries)?;
        entries.into_iter().for_each(|entry| book.record(entry));
        Ok(())
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source for PluginSeries {
    fn expose(&self, out: &mut Exposition) {
        for (name, Family { kind, series }) in &self.book().families {
            let name = format!("{PREFIX}{name}");
            let mut family = out.family(&name, *kind, "As the plugin says.");
            for (key, value) in series {
                let labels = key.labels();
                match value {
                    Value::Counter(value) => family.sample(&labels, value),
                    Value::Gauge(value) => family.sample(&labels, value),
                    Value::Histogram(value) => family.histogram(&labels, value, Unit::Own),
                };
            }
        }
    }
}

impl Book {
    fn check_kinds(&self, entries: &[Entry<'_>]) -> Result<(), SeriesError> {
        let mut kinds = BTreeMap::new();
        for Entry { name, figure, .. } in entries {
            let kind = kind_of(*figure);
            let known = self.families.get(*name).map_or(kind, |family| family.kind);
            if *kinds.entry(*name).or_insert(known) != kind {
                return Err(SeriesError::Kind);
            }
        }
        Ok(())
    }

    fn check_room(&self, plugin: &str, entries: &[Entry<'_>]) -> Result<(), SeriesError> {
        let is_new = |entry: &&Entry<'_>| {
            self.families.get(entry.name).is_none_or(|family| !family.series.contains_key(&entry.key))
        };
        let new: BTreeSet<_> = entries.iter().filter(is_new).map(|entry| (entry.name, &entry.key)).collect();
        let kept = self.kept.get(plugin).copied().unwrap_or_default();
        match new.is_empty() || kept + new.len() <= MAX_SERIES {
            true => Ok(()),
            false => Err(SeriesError::Full),
        }
    }

    /// Records what has been checked.
    fn record(&mut self, Entry { name, key, figure }: Entry<'_>) {
        let new = || Family { kind: kind_of(figure), series: BTreeMap::new() };
        let family = self.families.entry(name.to_owned()).or_insert_with(new);
        let plugin = key.plugin.clone();
        let value = family.series.entry(key).or_insert_with(|| {
            *self.kept.entry(plugin).or_default() += 1;
            Value::of(figure)
        });
        match (value, figure) {
            (Value::Counter(counter), Figure::Count(by)) => *counter = counter.saturating_add(by),
            (Value::Gauge(gauge), Figure::Gauge(value)) => *gauge = value,
            (Value::Histogram(histogram), Figure::Observe(value)) => histogram.note(value),
            (Value::Counter(_) | Value::Gauge(_) | Value::Histogram(_), _) => {
                unreachable!("kinds are compared before anything is recorded")
            }
        }
    }
}

impl Value {
    /// Before the first figure.
    fn of(figure: Figure) -> Self {
        match figure {
            Figure::Count(_) => Self::Counter(0),
            Figure::Gauge(_) => Self::Gauge(0),
            Figure::Observe(_) => Self::Histogram(Histogram::new(BOUNDS)),
        }
    }
}

fn kind_of(figure: Figure) -> Kind {
    match figure {
        Figure::Count(_) => Kind::Counter,
        Figure::Gauge(_) => Kind::Gauge,
        Figure::Observe(_) => Kind::Histogram,
    }
}

impl<'a> Entry<'a> {
    fn of(plugin: &str, sample: &'a Sample) -> Result<Self, SeriesError> {
        let key = Key { plugin: plugin.to_owned(), labels: name::check(sample)? };
        Ok(Self { name: &sample.name, key, figure: sample.figure })
    }
}

impl Key {
    fn labels(&self) -> Vec<(&str, &str)> {
        let own = self.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        std::iter::once(("plugin", self.plugin.as_str())).chain(own).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(series: &PluginSeries) -> String {
        let mut out = Exposition::default();
        series.expose(&mut out);
        out.into_text()
    }

    #[test]
    fn figures_of_several_plugins_stand_in_one_family() {
        let series = PluginSeries::default();
        let count = |by, pool: &str| Sample::count("quotes_total", by).label("pool", pool).label("a", "b");
        series.record("rfq", &[count(2, "x"), count(1, "x"), Sample::gauge("depth", -3)]).unwrap();
        series.record("amm", &[Sample::count("quotes_total", 7), Sample::observe("answer_ms", 3)]).unwrap();
        let text = text(&series);
        assert!(
            text.contains(
                "# TYPE plugin_quotes_total counter\nplugin_quotes_total{plugin=\"amm\"} 7\n\
                 plugin_quotes_total{plugin=\"rfq\",a=\"b\",pool=\"x\"} 3\n"
            ),
            "{text}"
        );
        assert!(text.contains("plugin_depth{plugin=\"rfq\"} -3\n"), "{text}");
        assert!(text.contains("plugin_answer_ms_bucket{plugin=\"amm\",le=\"2\"} 0\n"), "{text}");
        assert!(text.contains("plugin_answer_ms_bucket{plugin=\"amm\",le=\"5\"} 1\n"), "{text}");
    }

    #[test]
    fn what_cannot_be_is_refused_with_all_that_came_with_it() {
        let series = PluginSeries::default();
        series.record("a", &[Sample::gauge("depth", 1)]).unwrap();
        let many = vec![Sample::gauge("depth", 2); MAX_SAMPLES + 1];
        let label = |name: &str, value: &str| Sample::gauge("depth", 2).label(name, value);
        let labels = (0..9).fold(Sample::gauge("depth", 2), |sample, n| sample.label(format!("l{n}"), ""));
        for (bad, error) in [
            (Sample::gauge("", 1), SeriesError::Name),
            (Sample::gauge("Depth", 1), SeriesError::Name),
            (Sample::gauge("1depth", 1), SeriesError::Name),
            (Sample::gauge("de-pth", 1), SeriesError::Name),
            (Sample::gauge("a\nb", 1), SeriesError::Name),
            (Sample::gauge("depth_total", 1), SeriesError::Name),
            (Sample::gauge("depth_count", 1), SeriesError::Name),
            (Sample::count("quotes", 1), SeriesError::Name),
            (Sample::gauge("x".repeat(65), 1), SeriesError::Name),
            (label("plugin", "other"), SeriesError::Labels),
            (label("le", "1"), SeriesError::Labels),
            (label("__x", "1"), SeriesError::Labels),
            (label("x", &"y".repeat(129)), SeriesError::Labels),
            (label("x", "1").label("x", "2"), SeriesError::Labels),
            (labels, SeriesError::Labels),
            (Sample::observe("depth", 1), SeriesError::Kind),
        ] {
            let with_a_good_one = [Sample::gauge("depth", 2), bad];
            assert_eq!(series.record("a", &with_a_good_one), Err(error), "{with_a_good_one:?}");
        }
        assert_eq!(series.record("a", &many), Err(SeriesError::TooMany));
        assert!(text(&series).ends_with("plugin_depth{plugin=\"a\"} 1\n"));
    }

    #[test]
    fn a_plugin_has_so_many_series_and_others_have_theirs() {
        let series = PluginSeries::default();
        let labelled = |n: usize| Sample::count("hits_total", 1).label("n", n.to_string());
        for n in 0..MAX_SERIES {
            series.record("greedy", &[labelled(n)]).unwrap();
        }
        let both = [labelled(0), labelled(MAX_SERIES)];
        assert_eq!(series.record("greedy", &both), Err(SeriesError::Full));
        series.record("greedy", &[labelled(0)]).unwrap();
        series.record("modest", &[labelled(0)]).unwrap();
        let text = text(&series);
        assert_eq!(text.lines().count(), 2 + MAX_SERIES + 1);
        assert!(
            text.contains("plugin_hits_total{plugin=\"greedy\",n=\"0\"} 2\n"),
            "none of both was counted"
        );
    }
}
