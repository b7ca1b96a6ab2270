//! What paper's tables hold beside whole numbers.

use crate::chance::Percent;
use orderd_sdk::plugin::SettingsTable;
use serde::Deserialize;

/// A decimal number's text; whole numbers may stand without quotation marks.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum DecimalText {
    Text(String),
    Whole(u64),
}

impl From<DecimalText> for String {
    fn from(decimal: DecimalText) -> Self {
        match decimal {
            DecimalText::Text(text) => text,
            DecimalText::Whole(number) => number.to_string(),
        }
    }
}

pub(crate) fn percent(table: &mut SettingsTable<'_>, key: &str) -> Percent {
    Percent(u8::try_from(table.integer(key, 0, 100)).unwrap_or(100))
}

/// Two texts, or decimal numbers.
pub(crate) fn pair(table: &mut SettingsTable<'_>, key: &str) -> Option<[String; 2]> {
    let pair: [DecimalText; 2] = table.required(key, "a list of two texts")?;
    Some(pair.map(String::from))
}
