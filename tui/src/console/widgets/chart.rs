//! A chart of columns, several rows high: numbers over time, the last one at the right.

use crate::console::theme::Glyphs;

/// What one column shows where it stands for several numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// Their sum: of what has happened.
    Sum,
    /// The highest of them: of what there was.
    Peak,
}

/// The numbers of the last so many steps in exactly so many columns: several are folded into one, or one is several columns
/// wide. What there is no number of is nothing, at the left.
#[must_use]
pub fn fit(numbers: &[u64], steps: usize, columns: usize, fold: Fold) -> Vec<u64> {
    let mut all = vec![0; steps.saturating_sub(numbers.len())];
    all.extend(&numbers[numbers.len().saturating_sub(steps)..]);
    let wide = all.len().div_ceil(columns.max(1)).max(1);
    let folded = |chunk: &[u64]| match fold {
        Fold::Sum => chunk.iter().fold(0, |sum: u64, number| sum.saturating_add(*number)),
        Fold::Peak => chunk.iter().copied().max().unwrap_or_default(),
    };
    // From the end, so that the last column is always a whole one.
    let mut folded: Vec<u64> = all.rchunks(wide).map(folded).collect();
    folded.reverse();
    let column = |at: usize| folded.get(at * folded.len() / columns).copied().unwrap_or_default();
    (0..columns).map(column).collect()
}

/// The rows of a chart, the highest first, each so many columns wide. The highest column reaches `most`.
#[must_use]
pub fn rows(numbers: &[u64], most: u64, columns: usize, rows: usize, glyphs: &Glyphs) -> Vec<String> {
    let shown = &numbers[numbers.len().saturating_sub(columns)..];
    let before = columns - shown.len();
    let heights: Vec<usize> = shown.iter().map(|number| height(*number, most, rows)).collect();
    let row = |below: usize| {
        let mut drawn: String = std::iter::repeat_n(' ', before).collect();
        drawn.extend(heights.iter().map(|height| glyphs.levels[height.saturating_sub(below * 8).min(8)]));
        drawn
    };
    (0..rows).rev().map(row).collect()
}

/// In eighths of a row. What is not nothing is never drawn as nothing.
fn height(number: u64, most: u64, rows: usize) -> usize {
    let full = (rows * 8) as u128;
    match most {
        0 => 0,
        most => usize::try_from((u128::from(number.min(most)) * full).div_ceil(u128::from(most)))
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::theme::UNICODE;
    use proptest::prelude::*;

    #[test]
    fn columns_rise_over_several_rows() {
        assert_eq!(rows(&[0, 1, 8, 16], 16, 5, 2, &UNICODE), ["    █", "  ▁██"]);
        assert_eq!(rows(&[1_000, 1], 1_000, 2, 2, &UNICODE), ["█ ", "█▁"]);
        assert_eq!(rows(&[], 0, 2, 1, &UNICODE), ["  "]);
    }

    #[test]
    fn what_does_not_fit_is_folded_and_what_is_short_is_stretched() {
        assert_eq!(fit(&[1, 1, 5, 1, 2], 5, 3, Fold::Sum), [1, 6, 3]);
        assert_eq!(fit(&[1, 1, 5, 1, 2], 5, 3, Fold::Peak), [1, 5, 2]);
        assert_eq!(fit(&[7, 9], 2, 5, Fold::Peak), [7, 7, 7, 9, 9]);
        assert_eq!(fit(&[7, 9], 4, 4, Fold::Peak), [0, 0, 7, 9], "it has not been there for longer");
        assert_eq!(fit(&[3, 7, 9], 2, 2, Fold::Peak), [7, 9]);
        assert_eq!(fit(&[], 0, 2, Fold::Sum), [0, 0]);
    }

    proptest! {
        #[test]
        fn a_chart_is_as_large_as_asked(
            numbers in proptest::collection::vec(any::<u64>(), 0..100), most: u64,
            steps in 0_usize..100, columns in 0_usize..80, high in 0_usize..10
        ) {
            let fitted = fit(&numbers, steps, columns, Fold::Sum);
            prop_assert_eq!(fitted.len(), columns);
            let drawn = rows(&fitted, most, columns, high, &UNICODE);
            prop_assert_eq!(drawn.len(), high);
            prop_assert!(drawn.iter().all(|row| row.chars().count() == columns));
        }
    }
}
