//! Shares of a whole, exact to a millionth.

use orderd_sdk::amount::{Amount, AmountError};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A share in parts per million: 1 % is 10,000. Shown and read in percent, with at most four decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ppm(pub u32);

/// Why a text is no share in percent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PpmError {
    /// Not a plain decimal number with at most four decimals.
    #[error(transparent)]
    Text(#[from] AmountError),
    /// Outside the allowed range.
    #[error("outside 0 to {}", Ppm(*.max))]
    Range {
        /// The largest share that is allowed, in parts per million.
        max: u32,
    },
}

const ONE: u64 = Ppm::ONE.0 as u64;
const PERCENT_DECIMALS: u8 = 4;

impl Ppm {
    /// The whole.
    pub const ONE: Self = Self(1_000_000);

    /// Reads a percentage such as `0.5`, up to a largest share.
    ///
    /// # Errors
    /// When the text is no plain decimal number, has more than four decimals, or is out of range.
    pub fn parse_percent(text: &str, max: Self) -> Result<Self, PpmError> {
        let outside = PpmError::Range { max: max.0 };
        let units = match Amount::parse_units(text, PERCENT_DECIMALS) {
            Err(AmountError::TooLarge) => return Err(outside),
            parsed => parsed?,
        };
        u32::try_from(units.0).ok().filter(|ppm| *ppm <= max.0).map(Self).ok_or(outside)
    }

    /// What is left of an amount after taking this share away, rounded up: a minimum that is never too lax.
    #[must_use]
    pub fn discount(self, amount: Amount) -> Amount {
        let kept = ONE.saturating_sub(u64::from(self.0));
        amount.mul_div_ceil(kept, ONE).expect("a share of an amount is not larger than the amount")
    }
}

impl fmt::Display for Ppm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Amount::from(u64::from(self.0)).format_units(PERCENT_DECIMALS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Ppm = Ppm(500_000);

    #[test]
    fn percent_is_read_exactly_and_within_bounds() {
        let range = || PpmError::Range { max: HALF.0 };
        for (text, expected) in [
            ("0", Ok(Ppm(0))),
            ("0.5", Ok(Ppm(5_000))),
            ("0.0001", Ok(Ppm(1))),
            ("50", Ok(HALF)),
            ("50.0001", Err(range())),
            ("1000000000000000000000", Err(range())),
            ("-1", Err(AmountError::Negative.into())),
            ("0.00001", Err(AmountError::TooPrecise { decimals: 4 }.into())),
            ("5e-1", Err(AmountError::Exponent.into())),
        ] {
            assert_eq!(Ppm::parse_percent(text, HALF), expected, "{text}");
        }
        assert_eq!(Ppm(5_000).to_string(), "0.5");
        assert_eq!(range().to_string(), "outside 0 to 50");
    }

    #[test]
    fn minimum_is_rounded_in_favour_of_the_client() {
        assert_eq!(Ppm(5_000).discount(Amount::from(1_001_u64)), Amount::from(996_u64));
        assert_eq!(Ppm(0).discount(Amount::MAX), Amount::MAX);
        assert_eq!(Ppm(1_000_000).discount(Amount::MAX), Amount::ZERO);
    }
}
