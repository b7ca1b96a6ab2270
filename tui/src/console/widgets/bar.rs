//! Bars: numbers as lengths. Exact in eighths of a column, by integers only.

use crate::console::theme::Glyphs;

/// A number as part of the longest bar, in eighths of a column. What is not nothing is never drawn as nothing.
#[must_use]
pub fn linear(number: u64, most: u64, columns: usize) -> usize {
    share(u128::from(number), u128::from(most), columns)
}

/// The same by the number's logarithm: every doubling is equally long, so that 8 ms and 4 s are both seen.
#[must_use]
pub fn logarithmic(number: u64, most: u64, columns: usize) -> usize {
    share(log2(number), log2(most), columns)
}

/// A bar of so many eighths of a column, in no more columns than these.
#[must_use]
pub fn bar(eighths: usize, columns: usize, glyphs: &Glyphs) -> String {
    let whole = (eighths / 8).min(columns);
    let mut drawn = glyphs.eighths[7].repeat(whole);
    if whole < columns && !eighths.is_multiple_of(8) {
        drawn.push_str(glyphs.eighths[eighths % 8 - 1]);
    }
    drawn
}

/// How many columns it takes.
#[must_use]
pub fn columns(eighths: usize) -> usize {
    eighths.div_ceil(8)
}

fn share(number: u128, most: u128, columns: usize) -> usize {
    let longest = (columns * 8) as u128;
    match most {
        0 => 0,
        most => usize::try_from((number.min(most) * longest).div_ceil(most)).unwrap_or_default(),
    }
}

/// The logarithm of a number and one to base 2, in 256ths: exact at powers of two, on straight lines in between.
fn log2(number: u64) -> u128 {
    let number = u128::from(number) + 1;
    let whole = number.ilog2();
    let rest = ((number - (1 << whole)) << 8) >> whole;
    (u128::from(whole) << 8) + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::theme::UNICODE;
    use proptest::prelude::*;

    #[test]
    fn a_bar_is_as_long_as_its_share_and_never_nothing_for_something() {
        assert_eq!(bar(linear(10, 10, 4), 4, &UNICODE), "████");
        assert_eq!(bar(linear(5, 10, 3), 3, &UNICODE), "█▌");
        assert_eq!(bar(linear(1, 100_000, 4), 4, &UNICODE), "▏");
        assert_eq!(bar(linear(0, 10, 4), 4, &UNICODE), "");
        assert_eq!(bar(linear(0, 0, 4), 4, &UNICODE), "");
        assert_eq!(columns(9), 2);
    }

    #[test]
    fn by_the_logarithm_each_doubling_is_equally_long() {
        let lengths: Vec<_> = [1, 3, 7, 15].iter().map(|number| logarithmic(*number, 15, 4)).collect();
        assert_eq!(lengths, [8, 16, 24, 32]);
    }

    proptest! {
        #[test]
        fn the_longer_bar_is_of_the_greater_number_and_none_is_too_long(
            one: u64, other: u64, most: u64, width in 0_usize..300
        ) {
            let (less, more) = (one.min(other), one.max(other));
            for scale in [linear, logarithmic] {
                prop_assert!(scale(less, most, width) <= scale(more, most, width));
                prop_assert!(columns(scale(more, most, width)) <= width);
            }
        }
    }
}
