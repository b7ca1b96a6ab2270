//! Addresses, so that they can be compared.

use std::fmt;

/// An address on a chain. Two texts of one address are equal: hexadecimal ones are the same in either case, which chains
/// use for checksums; others are not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(String);

impl From<&str> for Address {
    fn from(text: &str) -> Self {
        match text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("0x")) {
            true => Self(text.to_ascii_lowercase()),
            false => Self(text.to_owned()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hexadecimal_addresses_are_the_same_in_either_case() {
        assert_eq!(Address::from("0xAbCd"), Address::from("0XaBcD"));
        assert_ne!(Address::from("0xabcd"), Address::from("0xabce"));
        assert_ne!(Address::from("So1"), Address::from("so1"));
        assert_eq!(Address::from("").to_string(), "");
    }
}
