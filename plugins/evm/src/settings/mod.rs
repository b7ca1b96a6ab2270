//! The table `[chains.NAME.config]`, from raw JSON to typed settings. All mistakes are reported at once.

use crate::fees::FeePolicy;
use crate::rpc::{Endpoint, Limits};
use orderd_sdk::amount::Amount;
use orderd_sdk::plugin::SettingsTable;
use serde_json::Value;
use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

/// Decimal places of a gwei in wei.
const GWEI_DECIMALS: u8 = 9;
const ONE_GWEI: u128 = 1_000_000_000;

/// How one chain is to be served.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where the node listens.
    pub(crate) rpc: Endpoint,
    /// What bounds every request to it.
    pub(crate) limits: Limits,
    /// The chain's id, signed into every transaction.
    pub(crate) chain_id: u64,
    /// When a block counts as final.
    pub(crate) finality: Finality,
    /// What may be bid.
    pub(crate) fees: FeePolicy,
    /// How much more gas than estimated a transaction may take, in percent.
    pub(crate) gas_margin_percent: u64,
}

/// When a block cannot be undone any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finality {
    /// When the node calls it `finalized`.
    Finalized,
    /// When this many blocks are on top of it.
    Confirmations(u64),
}

impl Settings {
    /// Reads the settings of one chain. `None` means that at least one mistake was noted.
    pub(crate) fn read(chain: &str, raw: Value, mistakes: &mut Vec<String>) -> Option<Self> {
        let before = mistakes.len();
        let mut table = SettingsTable::open(format!("chains.{chain}.config"), raw, mistakes);
        let rpc = read_endpoint(&mut table);
        let chain_id = table.required::<NonZeroU64>("chainId", "a whole number above 0");
        let finality = read_finality(&mut table);
        let fees = read_fees(&mut table);
        let gas_margin_percent = read_gas_margin(&mut table);
        let limits = read_limits(&mut table);
        table.close();
        match mistakes.len() == before {
            true => Some(Self {
                rpc: rpc?,
                limits,
                chain_id: chain_id?.get(),
                finality,
                fees,
                gas_margin_percent,
            }),
            false => None,
        }
    }
}

fn read_endpoint(table: &mut SettingsTable<'_>) -> Option<Endpoint> {
    let text: String = table.required("rpc", "an http:// or https:// URL")?;
    match text.parse() {
        Ok(endpoint) => Some(endpoint),
        Err(error) => {
            table.mistake("rpc", error);
            None
        }
    }
}

fn read_finality(table: &mut SettingsTable<'_>) -> Finality {
    let tag: Option<String> = table.optional("finality", "\"finalized\"");
    let depth: Option<u64> = table.optional("confirmations", "a whole number");
    match (tag.as_deref(), depth) {
        (Some("finalized") | None, None) => Finality::Finalized,
        (None, Some(depth)) => Finality::Confirmations(depth),
        (Some(_), Some(_)) => {
            table.mistake("confirmations", "give either `finality` or `confirmations`");
            Finality::Finalized
        }
        (Some(_), None) => {
            table.mistake("finality", "expected \"finalized\"");
            Finality::Finalized
        }
    }
}

fn read_fees(table: &mut SettingsTable<'_>) -> FeePolicy {
    FeePolicy {
        max_fee: read_gwei(table, "maxFeeGwei").unwrap_or(500 * ONE_GWEI),
        max_priority_fee: read_gwei(table, "maxPriorityFeeGwei").unwrap_or(50 * ONE_GWEI),
        fallback_priority_fee: read_gwei(table, "priorityFeeGwei").unwrap_or(ONE_GWEI),
    }
}

fn read_gwei(table: &mut SettingsTable<'_>, key: &str) -> Option<u128> {
    let expected = "a decimal string of gwei such as \"1.5\", with at most 9 decimal places";
    let text: String = table.optional(key, expected)?;
    let wei = Amount::parse_units(&text, GWEI_DECIMALS).ok();
    let wei = wei.and_then(|amount| u128::try_from(amount.0).ok());
    if wei.is_none() {
        table.mistake(key, format_args!("expected {expected}"));
    }
    wei
}

fn read_gas_margin(table: &mut SettingsTable<'_>) -> u64 {
    let percent = table.optional("gasMarginPercent", "a whole number").unwrap_or(20);
    if percent > 400 {
        table.mistake("gasMarginPercent", "expected at most 400");
    }
    percent
}

fn read_limits(table: &mut SettingsTable<'_>) -> Limits {
    let above_zero = "a whole number above 0";
    let mut millis = |key, default| {
        let value = table.optional::<NonZeroU64>(key, above_zero);
        Duration::from_millis(value.map_or(default, NonZeroU64::get))
    };
    let timeout = millis("timeoutMs", 10_000);
    let connect_timeout = millis("connectTimeoutMs", 3_000);
    let mut count = |key, default| {
        let value = table.optional::<NonZeroUsize>(key, above_zero);
        value.map_or(default, NonZeroUsize::get)
    };
    Limits {
        timeout,
        connect_timeout,
        max_in_flight: count("maxInFlight", 64).min(Limits::MOST_IN_FLIGHT),
        max_batch: count("maxBatch", 100),
        max_response_bytes: count("maxResponseBytes", 16 << 20),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(raw: Value) -> Result<Settings, Vec<String>> {
        let mut mistakes = Vec::new();
        Settings::read("main", raw, &mut mistakes).ok_or(mistakes)
    }

    #[test]
    fn two_keys_are_enough() {
        let settings = read(json!({"rpc": "http://127.0.0.1:8545", "chainId": 1})).unwrap();
        assert_eq!(settings.finality, Finality::Finalized);
        assert_eq!(settings.gas_margin_percent, 20);
        assert_eq!(settings.limits.max_in_flight, 64);
    }

    #[test]
    fn gwei_are_read_exactly() {
        let raw = json!({"rpc": "http://127.0.0.1:8545", "chainId": 1, "maxFeeGwei": "0.000000001"});
        assert_eq!(read(raw).unwrap().fees.max_fee, 1);
    }

    #[test]
    fn every_mistake_is_named_with_its_key_path_and_no_value_is_echoed() {
        let raw = json!({
            "rpc": "ftp://example.org/sesame", "chainId": "sesame", "finality": "safe", "maxFeeGwei": "1.0000000001",
            "timeoutMs": 0, "gasMarginPercent": 1000, "colour": "sesame",
        });
        let mistakes = read(raw).unwrap_err();
        let keys = ["rpc", "chainId", "finality", "maxFeeGwei", "gasMarginPercent", "timeoutMs", "colour"];
        assert_eq!(mistakes.len(), keys.len(), "{mistakes:?}");
        for (mistake, key) in mistakes.iter().zip(keys) {
            assert!(mistake.starts_with(&format!("chains.main.config.{key}: ")), "{mistake}");
            assert!(!mistake.contains("sesame"), "{mistake}");
        }
    }

    #[test]
    fn a_missing_table_names_what_is_needed() {
        assert_eq!(read(Value::Null).unwrap_err().len(), 2);
    }

    #[test]
    fn finality_has_one_source() {
        let raw = json!({"rpc": "http://a", "chainId": 1, "finality": "finalized", "confirmations": 3});
        assert_eq!(read(raw).unwrap_err().len(), 1);
        let raw = json!({"rpc": "http://a", "chainId": 1, "confirmations": 3});
        assert_eq!(read(raw).unwrap().finality, Finality::Confirmations(3));
    }
}
