//! A sparkline: numbers as heights, the last one at the right.

use crate::console::theme::Glyphs;

/// The last numbers, one column each, as high as they are beside the highest of them; what is not nothing is never
/// drawn as nothing.
#[must_use]
pub fn line(numbers: &[u64], columns: usize, glyphs: &Glyphs) -> String {
    let shown = &numbers[numbers.len().saturating_sub(columns)..];
    let most = shown.iter().copied().max().unwrap_or(0);
    let mut drawn: String = std::iter::repeat_n(' ', columns - shown.len()).collect();
    drawn.extend(shown.iter().map(|number| glyphs.levels[level(*number, most)]));
    drawn
}

/// The same, with the numbers of several steps added up where there are more of them than columns.
#[must_use]
pub fn squeezed(numbers: &[u64], columns: usize, glyphs: &Glyphs) -> String {
    let steps = numbers.len().div_ceil(columns.max(1)).max(1);
    // From the end, so that the last column is always a whole one.
    let mut sums: Vec<u64> = numbers.rchunks(steps).map(|chunk| chunk.iter().sum()).collect();
    sums.reverse();
    line(&sums, columns, glyphs)
}

fn level(number: u64, most: u64) -> usize {
    match (number, most) {
        (0, _) => 0,
        (_, 0) => 0,
        (number, most) => usize::try_from((u128::from(number) * 8).div_ceil(u128::from(most))).unwrap_or(8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::theme::UNICODE;

    #[test]
    fn a_sparkline_ends_with_the_last_number_and_hides_none() {
        assert_eq!(line(&[0, 1, 1000, 500], 4, &UNICODE), " ▁█▄");
        assert_eq!(line(&[9, 1, 2], 2, &UNICODE), "▄█");
        assert_eq!(line(&[5], 3, &UNICODE), "  █");
        assert_eq!(line(&[u64::MAX, 0], 2, &UNICODE), "█ ");
        assert_eq!(line(&[], 2, &UNICODE), "  ");
        assert_eq!(squeezed(&[1, 1, 1, 1, 4], 3, &UNICODE), "▂▄█");
    }
}
