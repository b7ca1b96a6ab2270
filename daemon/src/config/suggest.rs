//! What a mistyped name was probably meant to be.

/// Names longer than this are not compared.
const MAX_LENGTH: usize = 128;

/// The text `; did you mean NAME?` for the nearest candidate, or nothing when none is near.
pub(super) fn hint<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(word, candidates) {
        Some(name) => format!("; did you mean {name}?"),
        None => String::new(),
    }
}

fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain_word = plain(word);
    if plain_word.len() > MAX_LENGTH {
        return None;
    }
    let tolerated = (plain_word.len() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|name| (distance(&plain_word, &plain(name)), name))
        .filter(|(distance, _)| *distance <= tolerated)
        .min()
        .map(|(_, name)| name)
}

/// Without case and separators: `maxAttempts` and `max_attempts` are the same word.
fn plain(word: &str) -> Vec<char> {
    word.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// How many letters to change, insert, drop or swap with a neighbour (optimal string alignment distance).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let swapped = match i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                true => rows[i - 2][j - 2] + 1,
                false => usize::MAX,
            };
            row.push(changed.min(swapped).min(rows[i - 1][j] + 1).min(row[j - 1] + 1));
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_names_are_suggested() {
        let known = ["workers", "max_attempts", "quote_timeout_ms", "file"];
        for (word, expected) in [
            ("worker", "; did you mean workers?"),
            ("wrokers", "; did you mean workers?"),
            ("maxAttempts", "; did you mean max_attempts?"),
            ("QUOTE-TIMEOUT", "; did you mean quote_timeout_ms?"),
            ("flie", "; did you mean file?"),
            ("speed", ""),
            ("", ""),
        ] {
            assert_eq!(hint(word, known), expected, "{word}");
        }
        assert_eq!(hint(&"x".repeat(100_000), known), "");
    }
}
