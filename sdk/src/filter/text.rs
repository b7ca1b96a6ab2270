//! Looks for a text in an order, whatever the case of its letters.

use super::Subject;
use crate::wire::ErrorCode;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Needle {
    /// In lower case, and not empty.
    lower: String,
    /// Where it has slashes: there it could go across the one in a pair.
    slashes: Vec<usize>,
    /// Whether it could be part of an id: those of most orders need not be read then.
    in_ids: bool,
    /// The error codes that it is part of.
    in_codes: Vec<ErrorCode>,
}

impl Needle {
    pub(super) fn new(text: &str) -> Self {
        let lower: String = text.chars().flat_map(char::to_lowercase).collect();
        let in_ids = lower.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        let in_codes = ErrorCode::ALL.into_iter().filter(|code| code.as_str().contains(&lower)).collect();
        let slashes = lower.match_indices('/').map(|(at, _)| at).collect();
        Self { lower, slashes, in_ids, in_codes }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.lower
    }

    /// Whether it is somewhere in an order.
    pub(super) fn is_in(&self, order: &impl Subject) -> bool {
        order.last_error_code().is_some_and(|code| self.in_codes.contains(&code))
            || (self.in_ids && self.is_part_of(order.id()))
            || self.is_in_pair(order.token_in(), order.token_out())
            || order.dex().is_some_and(|dex| self.is_part_of(dex))
            || self.is_in_own_texts(order)
    }

    fn is_in_own_texts(&self, order: &impl Subject) -> bool {
        // It may be there across two texts: only that it is not there says something.
        if self.lower.is_ascii()
            && let Some(texts) = order.own_texts()
            && !has_bytes(texts, self.lower.as_bytes())
        {
            return false;
        }
        let is_in = |text: Option<&str>| text.is_some_and(|text| self.is_part_of(text));
        is_in(order.tx_hash())
            || is_in(order.last_error())
            || order.any_label(|key, label| self.is_part_of(label) || self.is_part_of(key))
    }

    /// Whether it is in `SOL/USDC`, without writing that down.
    fn is_in_pair(&self, sold: &str, bought: &str) -> bool {
        let joins = |at: &usize| {
            let (left, right) = (&self.lower[..*at], &self.lower[at + 1..]);
            ends_with(sold, left) && starts_with(bought, right)
        };
        self.is_part_of(sold) || self.is_part_of(bought) || self.slashes.iter().any(joins)
    }

    fn is_part_of(&self, text: &str) -> bool {
        match self.lower.is_ascii() {
            true => has_bytes(text.as_bytes(), self.lower.as_bytes()),
            false => text.char_indices().any(|(at, _)| starts_with(&text[at..], &self.lower)),
        }
    }
}

/// Bytes that are looked at together. The compiler makes one instruction of what is done to all of them.
const STRIDE: usize = 16;
/// The bit in which letters of the two cases differ.
const CASE: u8 = 0x20;

/// Whether ASCII text in lower case is somewhere in a text. Looks for both ends of it at once, many places at a time.
fn has_bytes(text: &[u8], lower: &[u8]) -> bool {
    let (Some(places), [first, ..]) = ((text.len() + 1).checked_sub(lower.len()), lower) else {
        return false;
    };
    let (first, last) = (first | CASE, lower[lower.len() - 1] | CASE);
    let (heads, tails) = (&text[..places], &text[lower.len() - 1..]);
    let is_at = |place: usize| text[place..place + lower.len()].eq_ignore_ascii_case(lower);
    let ends_fit = |head: &u8, tail: &u8| (head | CASE == first) & (tail | CASE == last);
    let (whole_heads, rest_heads) = heads.as_chunks::<STRIDE>();
    let (whole_tails, _) = tails.as_chunks::<STRIDE>();
    for (chunk, (heads, tails)) in whole_heads.iter().zip(whole_tails).enumerate() {
        let any_fits = heads.iter().zip(tails).fold(false, |any, (head, tail)| any | ends_fit(head, tail));
        if any_fits && (chunk * STRIDE..(chunk + 1) * STRIDE).any(is_at) {
            return true;
        }
    }
    (places - rest_heads.len()..places).any(|place| ends_fit(&heads[place], &tails[place]) && is_at(place))
}

/// Whether a text begins with this one in lower case.
fn starts_with(text: &str, lower: &str) -> bool {
    is_start(text.chars().flat_map(char::to_lowercase), lower.chars())
}

fn ends_with(text: &str, lower: &str) -> bool {
    is_start(text.chars().rev().flat_map(|char| char.to_lowercase().rev()), lower.chars().rev())
}

fn is_start(mut text: impl Iterator<Item = char>, mut lower: impl Iterator<Item = char>) -> bool {
    lower.all(|char| text.next() == Some(char))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_text_is_found_where_it_is(text in "[a-cA-C/é]{0,60}", needle in "[a-cA-C/éÉ]{1,4}") {
            let expected = text.to_lowercase().contains(&needle.to_lowercase());
            prop_assert_eq!(Needle::new(&needle).is_part_of(&text), expected);
        }

        #[test]
        fn a_pair_is_searched_as_it_is_shown(sold in "[aA/]{0,3}", bought in "[aA/]{0,3}", needle in "[aA/]{1,5}") {
            let expected = format!("{sold}/{bought}").to_lowercase().contains(&needle.to_lowercase());
            prop_assert_eq!(Needle::new(&needle).is_in_pair(&sold, &bought), expected);
        }
    }
}
