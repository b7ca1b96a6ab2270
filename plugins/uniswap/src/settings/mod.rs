//! The table `[venues.NAME.config]`, from raw JSON to typed settings. All mistakes are reported at once.

mod v4;

pub(crate) use v4::{V4Contracts, V4Settings};

use alloy_primitives::Address;
use orderd_sdk::plugin::{SettingsTable, VenueConfig};

/// The most symbols of `via`, so that a quote's calls fit into one question to the chain.
const MOST_VIA: usize = 4;
/// The most fee tiers, for the same reason.
const MOST_TIERS: usize = 8;
/// A fee of V3 and V4 is in hundredths of a basis point: a million is everything.
const WHOLE_FEE: u32 = 1_000_000;
/// Keys that nobody can judge while the version is not known.
const OF_ONE_VERSION: [&str; 9] = [
    "factory",
    "feeBps",
    "quoter",
    "routerVersion",
    "feeTiers",
    "poolManager",
    "stateView",
    "permit2",
    "tiers",
];
const VERSIONS: &str = "\"v2\", \"v3\" or \"v4\"";
const AN_ADDRESS: &str = "an address, 0x and 40 hex digits";

/// How one venue is to be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Settings {
    /// Uniswap V2 or a fork.
    V2(V2Settings),
    /// Uniswap V3 or a fork.
    V3(V3Settings),
    /// Uniswap V4.
    V4(V4Settings),
}

/// What every version needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Common {
    /// Performs swaps. On V2 and V3 it is what traders approve.
    pub(crate) router: Address,
    /// The chain's own coin as a token: network costs are priced through it.
    pub(crate) wrapped_native: Address,
    /// Tokens to try as a stop on the way.
    pub(crate) via: Vec<Address>,
}

/// Uniswap V2 or a fork.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct V2Settings {
    pub(crate) common: Common,
    /// Makes the pools.
    pub(crate) factory: Address,
    /// What pools take of the input, in basis points.
    pub(crate) fee_bps: u32,
}

/// Uniswap V3 or a fork.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct V3Settings {
    pub(crate) common: Common,
    pub(crate) contracts: V3Contracts,
    /// Fees of the pools to try, in hundredths of a basis point.
    pub(crate) fee_tiers: Vec<u32>,
}

/// The contracts that only V3 has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct V3Contracts {
    /// Makes the pools.
    pub(crate) factory: Address,
    /// QuoterV2.
    pub(crate) quoter: Address,
    /// Which router it is.
    pub(crate) router_version: RouterVersion,
}

/// Which V3 router: they differ in where the deadline goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RouterVersion {
    /// `SwapRouter` of v3-periphery: the deadline is among the parameters.
    SwapRouter,
    /// `SwapRouter02`: the deadline is the first argument of `multicall`.
    SwapRouter02,
}

impl Settings {
    /// Reads the settings of one venue. `None` means that at least one mistake was noted.
    pub(crate) fn read(venue: &str, config: &VenueConfig, mistakes: &mut Vec<String>) -> Option<Self> {
        let before = mistakes.len();
        let raw = config.settings.clone();
        let mut table = SettingsTable::open(format!("venues.{venue}.config"), raw, mistakes);
        let version: Option<String> = table.required("version", VERSIONS);
        let common = read_common(&mut table, config);
        let settings = match version.as_deref() {
            Some("v2") => read_v2(&mut table, common).map(Self::V2),
            Some("v3") => read_v3(&mut table, common).map(Self::V3),
            Some("v4") => v4::read(&mut table, common).map(Self::V4),
            Some(_) => {
                table.mistake("version", format_args!("expected {VERSIONS}"));
                table.forget(&OF_ONE_VERSION);
                None
            }
            None => {
                table.forget(&OF_ONE_VERSION);
                None
            }
        };
        table.close();
        settings.filter(|_| mistakes.len() == before)
    }
}

fn read_common(table: &mut SettingsTable<'_>, config: &VenueConfig) -> Option<Common> {
    let router = table.required("router", AN_ADDRESS);
    let wrapped_native = table.required("wrappedNative", AN_ADDRESS);
    let via = read_via(table, config);
    Some(Common { router: router?, wrapped_native: wrapped_native?, via })
}

fn read_via(table: &mut SettingsTable<'_>, config: &VenueConfig) -> Vec<Address> {
    let symbols: Option<Vec<String>> = table.optional("via", "a list of token symbols");
    let symbols = symbols.unwrap_or_default();
    if symbols.len() > MOST_VIA {
        table.mistake("via", format_args!("at most {MOST_VIA} symbols"));
    }
    let mut addresses = Vec::new();
    for symbol in symbols {
        let token = config.tokens.iter().find(|token| token.symbol == symbol);
        match token.map(|token| token.address.parse()) {
            Some(Ok(address)) => addresses.push(address),
            Some(Err(_)) => table.mistake("via", format_args!("{symbol} has no EVM address")),
            None => table.mistake("via", format_args!("the chain has no token {symbol}")),
        }
    }
    addresses
}

fn read_v2(table: &mut SettingsTable<'_>, common: Option<Common>) -> Option<V2Settings> {
    let factory = table.required("factory", AN_ADDRESS);
    let fee_bps = table.optional("feeBps", "a whole number of basis points").unwrap_or(30);
    if fee_bps >= 10_000 {
        table.mistake("feeBps", "expected less than 10000");
    }
    Some(V2Settings { common: common?, factory: factory?, fee_bps })
}

fn read_v3(table: &mut SettingsTable<'_>, common: Option<Common>) -> Option<V3Settings> {
    let factory = table.required("factory", AN_ADDRESS);
    let quoter = table.required("quoter", AN_ADDRESS);
    let router_version = read_router_version(table);
    let fee_tiers = read_fee_tiers(table);
    let contracts = V3Contracts { factory: factory?, quoter: quoter?, router_version };
    Some(V3Settings { common: common?, contracts, fee_tiers })
}

fn read_router_version(table: &mut SettingsTable<'_>) -> RouterVersion {
    let expected = "\"swap-router\" or \"swap-router-02\"";
    let version: Option<String> = table.optional("routerVersion", expected);
    match version.as_deref() {
        None | Some("swap-router") => RouterVersion::SwapRouter,
        Some("swap-router-02") => RouterVersion::SwapRouter02,
        Some(_) => {
            table.mistake("routerVersion", format_args!("expected {expected}"));
            RouterVersion::SwapRouter
        }
    }
}

fn read_fee_tiers(table: &mut SettingsTable<'_>) -> Vec<u32> {
    let expected = "a list of fees in hundredths of a basis point, such as 3000 for 0.3 %";
    let tiers: Option<Vec<u32>> = table.optional("feeTiers", expected);
    let tiers = tiers.unwrap_or_else(|| vec![100, 500, 3_000, 10_000]);
    check_fees(table, "feeTiers", &tiers);
    tiers
}

fn check_fees(table: &mut SettingsTable<'_>, key: &str, fees: &[u32]) {
    if fees.is_empty() || fees.len() > MOST_TIERS {
        table.mistake(key, format_args!("expected 1 to {MOST_TIERS} fees"));
    }
    if fees.iter().any(|fee| *fee >= WHOLE_FEE) {
        table.mistake(key, format_args!("every fee is less than {WHOLE_FEE}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orderd_sdk::plugin::Token;
    use serde_json::{Value, json};

    fn read(settings: Value) -> Result<Settings, Vec<String>> {
        let weth =
            Token { symbol: "WETH".to_owned(), address: Address::repeat_byte(3).to_string(), decimals: 18 };
        let config = VenueConfig { chain: "main".to_owned(), tokens: vec![weth], settings };
        let mut mistakes = Vec::new();
        Settings::read("uni", &config, &mut mistakes).ok_or(mistakes)
    }

    fn with(more: Value) -> Value {
        let mut settings =
            json!({"router": Address::repeat_byte(2), "wrappedNative": Address::repeat_byte(3)});
        let more = more.as_object().unwrap().clone();
        settings.as_object_mut().unwrap().extend(more);
        settings
    }

    #[test]
    fn v2_takes_thirty_basis_points_unless_told_otherwise() {
        let Settings::V2(settings) =
            read(with(json!({"version": "v2", "factory": Address::ZERO, "via": ["WETH"]}))).unwrap()
        else {
            panic!("v2 was asked for");
        };
        assert_eq!(settings.fee_bps, 30);
        assert_eq!(settings.common.via, [Address::repeat_byte(3)]);
    }

    #[test]
    fn v3_knows_the_usual_tiers() {
        let contracts = json!({"version": "v3", "factory": Address::ZERO, "quoter": Address::ZERO});
        let Settings::V3(settings) = read(with(contracts)).unwrap() else {
            panic!("v3 was asked for");
        };
        assert_eq!(settings.fee_tiers, [100, 500, 3_000, 10_000]);
        assert_eq!(settings.contracts.router_version, RouterVersion::SwapRouter);
    }

    #[test]
    fn v4_knows_the_usual_tiers_and_where_permit2_is() {
        let contracts = json!({
            "version": "v4", "poolManager": Address::ZERO, "quoter": Address::ZERO, "stateView": Address::ZERO,
        });
        let Settings::V4(settings) = read(with(contracts)).unwrap() else {
            panic!("v4 was asked for");
        };
        assert_eq!(settings.fees(), [100, 500, 3_000, 10_000]);
        assert_eq!(settings.contracts.permit2, v4::PERMIT2);
    }

    #[test]
    fn every_mistake_is_named_with_its_key_path() {
        let zero = Address::ZERO;
        let tiers = json!([{"fee": 500, "tickSpacing": 0}, {"fee": 500, "tickSpacing": 10}]);
        let cases = [
            (json!({"version": "v5", "quoter": 1, "tiers": 1}), vec!["version"]),
            (
                json!({"version": "v2", "factory": zero, "quoter": zero, "feeBps": 10_000}),
                vec!["feeBps", "quoter"],
            ),
            (
                json!({"version": "v3", "feeTiers": [], "via": ["DOGE"]}),
                vec!["via", "factory", "quoter", "feeTiers"],
            ),
            (json!({"version": "v2", "router": "0x1", "factory": 7}), vec!["router", "factory"]),
            (
                json!({"version": "v4", "poolManager": 7, "permit2": "0x1", "tiers": tiers, "factory": zero}),
                vec!["poolManager", "quoter", "stateView", "permit2", "tiers", "tiers", "factory"],
            ),
            (
                json!({"version": "v4", "poolManager": zero, "quoter": zero, "stateView": zero, "tiers": [{"fee": 500}]}),
                vec!["tiers"],
            ),
            (json!({}), vec!["version"]),
        ];
        for (more, keys) in cases {
            let mistakes = read(with(more)).unwrap_err();
            assert_eq!(mistakes.len(), keys.len(), "{mistakes:?}");
            for (mistake, key) in mistakes.iter().zip(keys) {
                assert!(mistake.starts_with(&format!("venues.uni.config.{key}: ")), "{mistake}");
            }
        }
    }
}
