//! Exact amounts of a token, and their decimal text. No float is ever involved.

use ruint::aliases::U256;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// The most decimals a token may have: 10^77 still fits into 256 bits.
pub const MAX_DECIMALS: u8 = 77;

/// An amount in a token's base units (wei, lamports, …): an unsigned 256-bit integer.
///
/// As JSON it is a string of decimal digits; in compact binary formats 32 bytes, without leading zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(pub U256);

/// Why a text is not an exact amount of a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not plain decimal digits with at most one point.
    #[error("not a plain decimal number")]
    NotDecimal,
    /// Written with an exponent, which is refused so that every reader sees the same digits.
    #[error("exponent form is not accepted, write the digits out")]
    Exponent,
    /// Below zero.
    #[error("negative")]
    Negative,
    /// Has more decimal places than the token.
    #[error("more than {decimals} decimal places")]
    TooPrecise {
        /// The decimals of the token.
        decimals: u8,
    },
    /// Does not fit into 256 bits.
    #[error("too large")]
    TooLarge,
}

impl Amount {
    /// No units.
    pub const ZERO: Self = Self(U256::ZERO);
    /// The largest amount, 2^256 - 1.
    pub const MAX: Self = Self(U256::MAX);

    /// Reads a decimal text such as `"1.25"` as units of a token with this many decimals.
    ///
    /// # Errors
    /// Whatever is not exactly representable: see [`AmountError`]. Trailing zeros cost no precision.
    pub fn parse_units(text: &str, decimals: u8) -> Result<Self, AmountError> {
        let (whole, fraction) = split_decimal(text)?;
        let fraction = fraction.trim_end_matches('0');
        let missing =
            usize::from(decimals).checked_sub(fraction.len()).ok_or(AmountError::TooPrecise { decimals })?;
        let units = join_digits(whole.as_bytes(), fraction.as_bytes()).ok_or(AmountError::TooLarge)?;
        match missing {
            0 => Ok(Self(units)),
            _ => power_of_ten(missing)
                .and_then(|scale| units.checked_mul(scale))
                .map(Self)
                .ok_or(AmountError::TooLarge),
        }
    }

    /// The decimal text of this amount for a token with this many decimals, without trailing zeros.
    #[must_use]
    pub fn format_units(self, decimals: u8) -> String {
        let mut digits = Digits::of(self.0);
        let digits = digits.at_least(usize::from(decimals) + 1).as_str();
        let (whole, fraction) = digits.split_at(digits.len() - usize::from(decimals));
        match fraction.trim_end_matches('0') {
            "" => whole.to_owned(),
            fraction => [whole, fraction].join("."),
        }
    }

    /// Has somebody see the digits. Most amounts fit into 64 bits.
    fn with_digits<T>(self, see: impl FnOnce(&str) -> T) -> T {
        match u64::try_from(self.0) {
            Ok(short) => see(itoa::Buffer::new().format(short)),
            Err(_) => see(Digits::of(self.0).as_str()),
        }
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// The sum, unless it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, never below zero.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The product, unless it does not fit.
    #[must_use]
    pub fn checked_mul(self, factor: u64) -> Option<Self> {
        self.0.checked_mul(U256::from(factor)).map(Self)
    }

    /// `self × numerator / denominator`, rounded down, or `None` when it does not fit into 256 bits or the
    /// denominator is zero. The product is formed in 512 bits, so it cannot overflow: what a pool pays is of this form.
    #[must_use]
    pub fn mul_div_floor(self, numerator: Self, denominator: Self) -> Option<Self> {
        use ruint::aliases::U512;
        let product = U512::from(self.0) * U512::from(numerator.0);
        let quotient = product.checked_div(U512::from(denominator.0))?;
        U256::checked_from_limbs_slice(quotient.as_limbs()).map(Self)
    }

    /// `self × numerator / denominator`, rounded up, or `None` when it does not fit into 256 bits
    /// or the denominator is zero. The product is formed in 512 bits, so it cannot overflow.
    #[must_use]
    pub fn mul_div_ceil(self, numerator: u64, denominator: u64) -> Option<Self> {
        use ruint::aliases::U512;
        if denominator == 0 {
            return None;
        }
        let product = U512::from(self.0) * U512::from(numerator);
        let quotient = product.div_ceil(U512::from(denominator));
        U256::checked_from_limbs_slice(quotient.as_limbs()).map(Self)
    }
}

/// Splits `12.5` into `12` and `5`, and checks that both are digits and not both empty.
fn split_decimal(text: &str) -> Result<(&str, &str), AmountError> {
    if text.starts_with('-') {
        return Err(AmountError::Negative);
    }
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(AmountError::NotDecimal),
        None => (text, ""),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !whole.is_empty() && digits(whole) && digits(fraction) {
        return Ok((whole, fraction));
    }
    match is_exponent_form(text) {
        true => Err(AmountError::Exponent),
        false => Err(AmountError::NotDecimal),
    }
}

/// Whether the text is a number written as `1e3` or `2.5E-4`.
fn is_exponent_form(text: &str) -> bool {
    let number = |part: &str| part.bytes().any(|b| b.is_ascii_digit());
    text.split_once(['e', 'E']).is_some_and(|(base, exponent)| number(base) && number(exponent))
}

/// Digits that fit into 64 bits, whichever they are.
const SHORT: usize = 19;
/// So many numbers have no more digits.
const SHORT_ROOM: u64 = 10_u64.pow(SHORT as u32);

/// The number that these digits make, unless it does not fit. It is read in parts of 64 bits, most often in one.
fn join_digits(whole: &[u8], fraction: &[u8]) -> Option<U256> {
    let parts = whole.chunks(SHORT).chain(fraction.chunks(SHORT));
    parts.into_iter().try_fold(U256::ZERO, |sum, part| {
        let value = part.iter().fold(0, |sum: u64, digit| sum * 10 + u64::from(digit - b'0'));
        if sum.is_zero() {
            return Some(U256::from(value));
        }
        sum.checked_mul(power_of_ten(part.len())?)?.checked_add(U256::from(value))
    })
}

fn power_of_ten(exponent: usize) -> Option<U256> {
    match u32::try_from(exponent).ok().and_then(|exponent| 10_u64.checked_pow(exponent)) {
        Some(power) => Some(U256::from(power)),
        None => U256::from(10).checked_pow(U256::from(exponent)),
    }
}

/// The digits of a number, as text that takes no memory of its own.
struct Digits {
    /// Zeros before the first digit.
    room: [u8; Self::ROOM],
    first: usize,
}

impl Digits {
    /// As many as any token has decimals, and one before them. 256 bits are 78 digits.
    const ROOM: usize = u8::MAX as usize + 1;

    fn of(number: U256) -> Self {
        let (mut digits, mut rest) = (Self { room: [b'0'; Self::ROOM], first: Self::ROOM }, number);
        while rest > U256::from(u64::MAX) {
            let (high, low) = rest.div_rem(U256::from(SHORT_ROOM));
            let end = digits.first;
            digits.put(low.to());
            // Zeros at the begin of a part are digits of the whole.
            digits.first = end - SHORT;
            rest = high;
        }
        digits.put(rest.to());
        digits.at_least(1);
        digits
    }

    /// Before those that are there.
    fn put(&mut self, mut number: u64) {
        while number > 0 {
            self.first -= 1;
            self.room[self.first] = b'0' + (number % 10) as u8;
            number /= 10;
        }
    }

    /// With zeros before them, if there are fewer.
    fn at_least(&mut self, count: usize) -> &Self {
        self.first = self.first.min(Self::ROOM - count);
        self
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.room[self.first..]).expect("digits are ASCII")
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_digits(|digits| f.write_str(digits))
    }
}

impl FromStr for Amount {
    type Err = AmountError;

    /// Reads base units: decimal digits only.
    fn from_str(text: &str) -> Result<Self, AmountError> {
        Self::parse_units(text, 0)
    }
}

impl From<u64> for Amount {
    fn from(units: u64) -> Self {
        Self(U256::from(units))
    }
}

impl From<u128> for Amount {
    fn from(units: u128) -> Self {
        Self(U256::from(units))
    }
}

impl From<U256> for Amount {
    fn from(units: U256) -> Self {
        Self(units)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => self.with_digits(|digits| serializer.serialize_str(digits)),
            false => {
                let bytes = self.0.to_be_bytes::<32>();
                serializer.serialize_bytes(&bytes[self.0.leading_zeros() / 8..])
            }
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.is_human_readable() {
            true => deserializer.deserialize_str(DecimalText),
            false => deserializer.deserialize_bytes(BigEndian),
        }
    }
}

struct DecimalText;

impl de::Visitor<'_> for DecimalText {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string of decimal digits")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
        text.parse().map_err(E::custom)
    }
}

struct BigEndian;

impl de::Visitor<'_> for BigEndian {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("at most 32 big-endian bytes")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Amount, E> {
        U256::try_from_be_slice(bytes).map(Amount).ok_or_else(|| E::invalid_length(bytes.len(), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimal_text_is_read_exactly() {
        let cases: [(&str, u8, Result<u128, AmountError>); 15] = [
            ("10", 9, Ok(10_000_000_000)),
            ("0.1", 18, Ok(100_000_000_000_000_000)),
            ("1.500000000", 6, Ok(1_500_000)),
            ("007", 0, Ok(7)),
            ("0", 6, Ok(0)),
            ("1.0000001", 6, Err(AmountError::TooPrecise { decimals: 6 })),
            ("-1", 6, Err(AmountError::Negative)),
            ("1e3", 6, Err(AmountError::Exponent)),
            ("", 6, Err(AmountError::NotDecimal)),
            (".5", 6, Err(AmountError::NotDecimal)),
            ("5.", 6, Err(AmountError::NotDecimal)),
            ("1.2.3", 6, Err(AmountError::NotDecimal)),
            ("+1", 6, Err(AmountError::NotDecimal)),
            ("1 000", 6, Err(AmountError::NotDecimal)),
            ("0x10", 6, Err(AmountError::NotDecimal)),
        ];
        for (text, decimals, expected) in cases {
            assert_eq!(Amount::parse_units(text, decimals), expected.map(Amount::from), "{text:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_not_wrapped() {
        assert_eq!(Amount::parse_units(&Amount::MAX.to_string(), 0), Ok(Amount::MAX));
        let above = format!("{}0", Amount::MAX);
        assert_eq!(Amount::parse_units(&above, 0), Err(AmountError::TooLarge));
        assert_eq!(Amount::parse_units(&Amount::MAX.to_string(), 1), Err(AmountError::TooLarge));
        assert_eq!(Amount::parse_units("1", 200), Err(AmountError::TooLarge));
    }

    #[test]
    fn share_is_rounded_up_and_cannot_overflow() {
        assert_eq!(Amount::from(1001_u64).mul_div_ceil(995_000, 1_000_000), Some(Amount::from(996_u64)));
        assert_eq!(Amount::MAX.mul_div_ceil(1_000_000, 1_000_000), Some(Amount::MAX));
        assert_eq!(Amount::MAX.mul_div_ceil(1_000_001, 1_000_000), None);
        assert_eq!(Amount::MAX.mul_div_ceil(1, 0), None);
    }

    #[test]
    fn a_quotient_is_rounded_down_and_its_product_cannot_overflow() {
        let amount = |units: u64| Amount::from(units);
        assert_eq!(amount(10).mul_div_floor(amount(10), amount(11)), Some(amount(9)));
        assert_eq!(Amount::MAX.mul_div_floor(Amount::MAX, Amount::MAX), Some(Amount::MAX));
        assert_eq!(Amount::MAX.mul_div_floor(amount(2), amount(1)), None);
        assert_eq!(amount(1).mul_div_floor(amount(1), Amount::ZERO), None);
        assert_eq!((Amount::MAX.checked_mul(2), amount(3).checked_mul(2)), (None, Some(amount(6))));
    }

    proptest! {
        #[test]
        fn text_and_amount_are_inverse(limbs: [u64; 4], kept in 1..=4_usize, decimals in 0_u8..=MAX_DECIMALS) {
            let limbs = std::array::from_fn(|index| if index < kept { limbs[index] } else { 0 });
            let amount = Amount(U256::from_limbs(limbs));
            prop_assert_eq!(amount.to_string(), amount.0.to_string());
            prop_assert_eq!(Amount::parse_units(&amount.format_units(decimals), decimals), Ok(amount));
            let json = serde_json::to_string(&amount).unwrap();
            prop_assert_eq!(serde_json::from_str::<Amount>(&json).unwrap(), amount);
        }
    }
}
