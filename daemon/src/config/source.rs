//! Reads tables key by key. Each key is asked for with its type and bounds; a mistake is noted and reading goes on.

use super::{
    Environment, Overrides, Problem,
    environment::is_override,
    key_path::{KeyPath, SEPARATOR},
    names,
    suggest::hint,
    value::{Found, as_list, as_table},
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    ops::RangeInclusive,
    time::Duration,
};
use toml::{Table, Value};

/// What all tables share: the overrides, and the problems found so far.
pub(super) struct Source {
    overrides: BTreeMap<String, Override>,
    asked: RefCell<BTreeSet<String>>,
    problems: RefCell<Vec<Problem>>,
}

struct Override {
    text: String,
    origin: String,
}

impl Source {
    /// Nothing is wrong yet.
    pub(super) fn new(overrides: &Overrides, environment: &Environment) -> Self {
        let from_environment = environment.candidates().map(|(name, text)| {
            let (text, origin) = (text.clone(), name.clone());
            (name.clone(), Override { text, origin })
        });
        let mut all: BTreeMap<_, _> = from_environment.collect();
        if let Some(listen) = overrides.listen {
            let name = KeyPath::of(&["server", "listen"]).variable().to_owned();
            let (text, origin) = (listen.to_string(), "the command line".to_owned());
            all.insert(name, Override { text, origin });
        }
        Self { overrides: all, asked: RefCell::default(), problems: RefCell::default() }
    }

    /// Reads the outermost table.
    pub(super) fn read<T>(&self, table: Table, read: impl FnOnce(&mut Section<'_>) -> T) -> T {
        self.read_table(KeyPath::default(), table, read)
    }

    /// Notes a problem.
    pub(super) fn report(&self, path: &KeyPath, detail: impl Into<String>) {
        self.report_at(path.to_string(), detail.into());
    }

    /// Every problem in the order of the keys, once each override was asked for or complained about.
    pub(super) fn finish(self) -> Vec<Problem> {
        let asked = self.asked.take();
        let unknown = |name: &&String| is_override(name) && !asked.contains(*name);
        for name in self.overrides.keys().filter(unknown) {
            let hint = hint(name, asked.iter().map(String::as_str));
            self.report_at(name.clone(), format!("overrides no key{hint}"));
        }
        let mut problems = self.problems.into_inner();
        problems.sort();
        problems
    }

    /// The text that takes the place of a key's value.
    pub(super) fn replacement(&self, path: &KeyPath) -> Option<&str> {
        let name = path.variable();
        self.asked.borrow_mut().insert(name.to_owned());
        Some(&self.overrides.get(name)?.text)
    }

    /// Notes a problem with a value, and where the value came from when that is not the file.
    pub(super) fn report_value(&self, path: &KeyPath, detail: &str) {
        let origin = match self.overrides.get(path.variable()) {
            Some(found) => format!(" (from {})", found.origin),
            None => String::new(),
        };
        self.report_at(path.to_string(), format!("{detail}{origin}"));
    }

    fn report_at(&self, place: String, detail: String) {
        self.problems.borrow_mut().push(Problem { place, detail });
    }

    fn has_override_below(&self, path: &KeyPath) -> bool {
        let below = format!("{}{SEPARATOR}", path.variable());
        self.overrides.keys().any(|name| name.starts_with(&below))
    }

    fn read_table<T>(&self, path: KeyPath, table: Table, read: impl FnOnce(&mut Section<'_>) -> T) -> T {
        let mut section = Section { source: self, path, rest: table, known: Vec::new() };
        let value = read(&mut section);
        section.complain_about_the_rest();
        value
    }
}

/// One table while it is read. What was never asked for is complained about in the end.
pub(super) struct Section<'a> {
    source: &'a Source,
    path: KeyPath,
    rest: Table,
    known: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// Where problems go.
    pub(super) fn source(&self) -> &'a Source {
        self.source
    }

    /// Notes a problem with a key of this table.
    pub(super) fn report(&self, key: &str, detail: impl Into<String>) {
        self.source.report(&self.path.key(key), detail);
    }

    /// Notes a problem with this table as a whole.
    pub(super) fn report_whole(&self, detail: impl Into<String>) {
        self.source.report(&self.path, detail);
    }

    /// A value that may be left out.
    pub(super) fn optional<T>(
        &mut self,
        key: &'static str,
        convert: impl FnOnce(Found) -> Result<T, String>,
    ) -> Option<T> {
        let found = self.find(key)?;
        self.convert(key, found, convert)
    }

    /// A value that has to be there.
    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        convert: impl FnOnce(Found) -> Result<T, String>,
    ) -> Option<T> {
        match self.find(key) {
            Some(found) => self.convert(key, found, convert),
            None => {
                self.report(key, "is missing");
                None
            }
        }
    }

    /// A whole number within bounds.
    pub(super) fn integer<N>(&mut self, key: &'static str, range: RangeInclusive<N>, default: N) -> N
    where
        N: TryFrom<i64> + PartialOrd + Display,
    {
        self.optional(key, |found| found.integer(&range)).unwrap_or(default)
    }

    /// A time in milliseconds within bounds.
    pub(super) fn millis(&mut self, key: &'static str, range: RangeInclusive<u64>, default: u64) -> Duration {
        Duration::from_millis(self.integer(key, range, default))
    }

    /// A list that may be left out. Each value of it can be overridden by its index.
    pub(super) fn list<T>(
        &mut self,
        key: &'static str,
        most: usize,
        convert: impl Fn(Found) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        let values = as_list(self.take(key)?).inspect_err(|detail| self.report(key, detail)).ok()?;
        if values.len() > most {
            self.report(key, format!("must have at most {most} values, got {}", values.len()));
        }
        let path = self.path.key(key);
        let read = |(index, value)| {
            let path = path.index(index);
            let found = match self.source.replacement(&path) {
                Some(text) => Found::Override(text.to_owned()),
                None => Found::File(value),
            };
            convert(found).inspect_err(|detail| self.source.report_value(&path, detail)).ok()
        };
        Some(values.into_iter().enumerate().filter_map(read).collect())
    }

    /// A table that may be left out: then all of it has its defaults.
    pub(super) fn section<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Section<'_>) -> T) -> T {
        let table = self.table(key).unwrap_or_default();
        self.source.read_table(self.path.key(key), table, read)
    }

    /// A table that means something only when it is there, or when an override puts a key into it.
    pub(super) fn optional_section<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Section<'_>) -> Option<T>,
    ) -> Option<T> {
        let path = self.path.key(key);
        let table = match self.table(key) {
            Some(table) => table,
            None if self.source.has_override_below(&path) => Table::new(),
            None => return None,
        };
        self.source.read_table(path, table, read)
    }

    /// A table of tables by name. One that is no table counts as named, so that nobody misses it.
    pub(super) fn each<T: Default>(
        &mut self,
        key: &'static str,
        check_name: fn(&str) -> Result<(), String>,
        mut read: impl FnMut(&mut Section<'_>) -> T,
    ) -> BTreeMap<String, T> {
        let path = self.path.key(key);
        let table = self.table(key).unwrap_or_default();
        names::check(self.source, &path, table.keys(), check_name);
        let mut read_entry = |name: &str, value| match as_table(value) {
            Ok(table) => self.source.read_table(path.key(name), table, &mut read),
            Err(detail) => {
                self.source.report(&path.key(name), detail);
                T::default()
            }
        };
        table
            .into_iter()
            .map(|(name, value)| {
                let entry = read_entry(&name, value);
                (name, entry)
            })
            .collect()
    }

    /// A table that is passed on to a plugin as JSON.
    pub(super) fn foreign(&mut self, key: &'static str) -> serde_json::Value {
        let path = self.path.key(key);
        let table = self.table(key).unwrap_or_default();
        self.source.to_json(&path, Value::Table(table))
    }

    /// Whether a value is there, in the file or in its place.
    pub(super) fn has(&self, key: &str) -> bool {
        self.rest.contains_key(key) || self.source.replacement(&self.path.key(key)).is_some()
    }

    /// Whether nothing of the table is left.
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    fn find(&mut self, key: &'static str) -> Option<Found> {
        let in_file = self.take(key);
        match self.source.replacement(&self.path.key(key)) {
            Some(text) => Some(Found::Override(text.to_owned())),
            None => in_file.map(Found::File),
        }
    }

    fn convert<T>(
        &self,
        key: &str,
        found: Found,
        convert: impl FnOnce(Found) -> Result<T, String>,
    ) -> Option<T> {
        convert(found).inspect_err(|detail| self.source.report_value(&self.path.key(key), detail)).ok()
    }

    fn table(&mut self, key: &'static str) -> Option<Table> {
        as_table(self.take(key)?).inspect_err(|detail| self.report(key, detail)).ok()
    }

    fn take(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.rest.remove(key)
    }

    fn complain_about_the_rest(&self) {
        for key in self.rest.keys() {
            let hint = hint(key, self.known.iter().copied());
            self.report(key, format!("unknown key{hint}"));
        }
    }
}
