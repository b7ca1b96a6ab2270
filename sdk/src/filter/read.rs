//! Reads the words of a filter as terms.

use super::{
    FilterError, FilterProblem, MAX_BYTES, MAX_TERMS, Name, SHORT_STATUSES,
    error::nearest,
    id::IdPattern,
    moment::{Age, Moment},
    status_set::StatusSet,
    term::{Sense, Term, Test},
    text::Needle,
    word::{Word, words},
};
use crate::wire::{ErrorCode, OrderStatus};

const TIME: &str = "how long ago, such as 15m, 2h or 3d, or a time such as 2030-01-31T12:00:00Z";
const AGE: &str = "> or < and a length of time, such as >5m or <2h";
const ID: &str = "the first or last hexadecimal digits of an id";
const PAIR: &str = "two tokens, such as SOL/USDC";
const VALUE: &str = "a value after the colon and between commas";

/// The terms of a filter, in the order in which they are written.
pub(super) fn terms(text: &str) -> Result<Vec<Term>, FilterError> {
    if text.len() > MAX_BYTES {
        let start = text.floor_char_boundary(MAX_BYTES);
        let rest = Word { raw: &text[start..], start };
        return Err(rest.error(FilterProblem::TooLong, format!("at most {MAX_BYTES} bytes")));
    }
    let read = |(place, word): (usize, Word<'_>)| match place < MAX_TERMS {
        true => term(word),
        false => Err(word.error(FilterProblem::TooManyTerms, format!("at most {MAX_TERMS} terms"))),
    };
    words(text)?.enumerate().map(read).collect()
}

fn term(word: Word<'_>) -> Result<Term, FilterError> {
    let (sense, asked) = match word.raw.starts_with('-') {
        true => (Sense::IsNot, word.from(1)),
        false => (Sense::Is, word),
    };
    if asked.raw.is_empty() {
        return Err(word.error(FilterProblem::NothingNegated, "a term or a text after the minus"));
    }
    let test = match asked.split_once(':') {
        Some((name, values)) => named(name, values)?,
        None => text(asked)?,
    };
    Ok(Term { sense, test })
}

fn text(word: Word<'_>) -> Result<Test, FilterError> {
    match word.unquoted() {
        said if said.is_empty() => Err(word.error(FilterProblem::EmptyText, "a text between the quotes")),
        said => Ok(Test::Text(Needle::new(&said))),
    }
}

fn named(name: Word<'_>, values: Word<'_>) -> Result<Test, FilterError> {
    if let Some((label, key)) =
        name.split_once('.').filter(|(label, _)| Name::read(label.raw) == Some(Name::Label))
    {
        return match key.unquoted() {
            key if key.is_empty() => {
                Err(label.error(FilterProblem::UnknownName(name.raw.to_owned()), names()))
            }
            key => Ok(Test::Label { key: key.into_owned(), values: texts(values)? }),
        };
    }
    match Name::read(name.raw) {
        Some(Name::State) => state(values),
        Some(Name::Err) => each(values, error_code).map(Test::Err),
        Some(Name::Since) => one(values, TIME, Moment::read).map(Test::Since),
        Some(Name::Until) => one(values, TIME, Moment::read).map(Test::Until),
        Some(Name::Age) => age(values),
        Some(Name::Chain) => texts(values).map(Test::Chain),
        Some(Name::Account) => texts(values).map(Test::Account),
        Some(Name::Venue) => texts(values).map(Test::Venue),
        Some(Name::Pair) => each(values, pair).map(Test::Pair),
        Some(Name::Token) => texts(values).map(Test::Token),
        Some(Name::Id) => each(values, |value| read(value, ID, IdPattern::read)).map(Test::Id),
        Some(Name::Label) | None => Err(unknown_name(name)),
    }
}

fn unknown_name(name: Word<'_>) -> FilterError {
    let candidates = Name::ALL.iter().filter(|name| **name != Name::Label).map(|name| name.as_str());
    let suggestion = nearest(name.raw, candidates).map(str::to_owned);
    let error = name.error(FilterProblem::UnknownName(name.raw.to_owned()), names());
    FilterError { suggestion, ..error }
}

fn names() -> String {
    let names = Name::ALL.map(|name| match name == Name::Label {
        true => "label.NAME",
        false => name.as_str(),
    });
    format!("{}, or quotes around a text with a colon", names.join(", "))
}

fn state(values: Word<'_>) -> Result<Test, FilterError> {
    let names = || OrderStatus::ALL.map(OrderStatus::as_str).into_iter().chain(SHORT_STATUSES);
    let sets = each(values, |value| choice(value, StatusSet::named, names))?;
    Ok(Test::State(sets.into_iter().fold(StatusSet::default(), StatusSet::union)))
}

fn error_code(value: Word<'_>) -> Result<ErrorCode, FilterError> {
    let named = |text: &str| ErrorCode::ALL.into_iter().find(|code| code.as_str().eq_ignore_ascii_case(text));
    choice(value, named, || ErrorCode::ALL.map(ErrorCode::as_str).into_iter())
}

fn pair(value: Word<'_>) -> Result<(String, String), FilterError> {
    let split = |text: &str| {
        let (sold, bought) = text.split_once('/')?;
        (!sold.is_empty() && !bought.is_empty()).then(|| (sold.to_owned(), bought.to_owned()))
    };
    read(value, PAIR, split)
}

fn age(values: Word<'_>) -> Result<Test, FilterError> {
    let as_lower_bound = |error| {
        let suggestion = format!(">{}", values.raw);
        FilterError { suggestion: Age::read(&suggestion).is_some().then_some(suggestion), ..error }
    };
    one(values, AGE, Age::read).map(Test::Age).map_err(as_lower_bound)
}

/// The only value.
fn one<T>(values: Word<'_>, expected: &str, of: impl Fn(&str) -> Option<T>) -> Result<T, FilterError> {
    match values.split_once(',') {
        Some(_) => Err(values.error(FilterProblem::SeveralValues, expected)),
        None => read(values, expected, of),
    }
}

/// Every one of several values.
fn each<T>(values: Word<'_>, of: impl Fn(Word<'_>) -> Result<T, FilterError>) -> Result<Vec<T>, FilterError> {
    values.split(',').map(of).collect()
}

/// Values that are texts. One of them may be empty between quotes only.
fn texts(values: Word<'_>) -> Result<Vec<String>, FilterError> {
    each(values, |value| match value.raw.is_empty() {
        true => Err(value.error(FilterProblem::NoValue, VALUE)),
        false => Ok(value.unquoted().into_owned()),
    })
}

/// A value that is one of several words.
fn choice<'a, T, I: Iterator<Item = &'a str>>(
    value: Word<'_>,
    named: impl Fn(&str) -> Option<T>,
    names: impl Fn() -> I,
) -> Result<T, FilterError> {
    let expected = names().collect::<Vec<_>>().join(", ");
    read(value, &expected, named).map_err(|error| FilterError {
        suggestion: nearest(&value.unquoted(), names()).map(str::to_owned),
        ..error
    })
}

fn read<T>(value: Word<'_>, expected: &str, of: impl Fn(&str) -> Option<T>) -> Result<T, FilterError> {
    let said = value.unquoted();
    let problem = || match said.is_empty() {
        true => FilterProblem::NoValue,
        false => FilterProblem::BadValue(said.clone().into_owned()),
    };
    of(&said).ok_or_else(|| value.error(problem(), expected))
}
