//! Decimal texts by the number they mean: exact, whatever their length.

use super::row::IS_CUT;
use std::cmp::Ordering;

/// Digits that fit into a key.
const DIGITS: usize = 28;
/// More digits than this before the point do not fit.
const MOST_WHOLE: usize = 253;

/// A plain decimal number, without the zeros that mean nothing.
#[derive(Clone, Copy)]
struct Decimal<'a> {
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Decimal<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        (!text.is_empty() && is_number(whole) && is_number(fraction))
            .then(|| Self { whole: whole.trim_start_matches('0'), fraction: fraction.trim_end_matches('0') })
    }
}

/// A number that is less where the decimal is less. [`IS_CUT`] is set where equal keys do not mean equal decimals:
/// [`compare`] has to tell. What is no decimal comes before all that are.
///
/// The first byte tells how many digits are before the point, and in fourteen more are the digits from the front.
pub(super) fn key(text: &str) -> u128 {
    let Some(decimal) = Decimal::parse(text) else { return IS_CUT };
    let length = decimal.whole.len();
    let digits = match length <= MOST_WHOLE {
        true => front(decimal.whole, decimal.fraction),
        false => 0,
    };
    let first = length.min(MOST_WHOLE + 1) as u128 + 1;
    let flags = if length + decimal.fraction.len() > DIGITS { IS_CUT } else { 0 };
    first << 120 | digits << 8 | flags
}

/// The first digits, four bits each, with zeros behind them.
fn front(whole: &str, fraction: &str) -> u128 {
    let whole = &whole.as_bytes()[..whole.len().min(DIGITS)];
    let fraction = &fraction.as_bytes()[..fraction.len().min(DIGITS - whole.len())];
    let append = |digits, digit: &u8| digits << 4 | u128::from(digit - b'0');
    let digits = fraction.iter().fold(whole.iter().fold(0, append), append);
    digits << (4 * (DIGITS - whole.len() - fraction.len()))
}

/// Compares the numbers; texts that are none come first, by their letters.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    match (Decimal::parse(one), Decimal::parse(other)) {
        (None, None) => one.cmp(other),
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(one), Some(other)) => (one.whole.len().cmp(&other.whole.len()))
            .then_with(|| one.whole.cmp(other.whole))
            .then_with(|| one.fraction.cmp(other.fraction)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orderd_sdk::amount::Amount;
    use proptest::prelude::*;

    fn by_key(one: &str, other: &str) -> Ordering {
        let (one_key, other_key) = (key(one), key(other));
        let exact = || if one_key & IS_CUT == 0 { Ordering::Equal } else { compare(one, other) };
        one_key.cmp(&other_key).then_with(exact)
    }

    #[test]
    fn numbers_are_compared_by_value_not_by_letters() {
        let ascending = [
            "", "-1", "1e3", "x", "0", "0.05", "0.5", "0.50001", "1", "1.25", "2", "9.99", "10", "12.5",
            "100",
        ];
        for (place, one) in ascending.iter().enumerate() {
            for (other_place, other) in ascending.iter().enumerate() {
                assert_eq!(by_key(one, other), place.cmp(&other_place), "{one} {other}");
            }
        }
        for (one, other) in [("1", "1.0"), ("007", "7"), ("0", "0.00"), ("00.10", "0.1")] {
            assert_eq!(by_key(one, other), Ordering::Equal, "{one} {other}");
        }
    }

    #[test]
    fn digits_that_do_not_fit_into_a_key_count_too() {
        let long = "123456789012345678901234567890.000000000000000001";
        assert_eq!(by_key(long, "123456789012345678901234567890.000000000000000002"), Ordering::Less);
        assert_eq!(by_key(&"9".repeat(300), &"1".repeat(301)), Ordering::Less);
        assert_eq!(by_key(&"9".repeat(255), &"9".repeat(254)), Ordering::Greater);
    }

    proptest! {
        #[test]
        fn keys_compare_as_amounts_do(one: u128, other: u128, near in -3_i128..3, decimals in 0_u8..40) {
            for (one, other) in [(one, other), (one, one.wrapping_add_signed(near))] {
                let text = |units: u128| Amount::from(units).format_units(decimals);
                prop_assert_eq!(by_key(&text(one), &text(other)), one.cmp(&other));
            }
        }
    }
}
