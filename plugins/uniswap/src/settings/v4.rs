//! The settings of Uniswap V4, whose pools are told apart by their fee and by the spacing of their ticks.

use super::{AN_ADDRESS, Common, check_fees};
use alloy_primitives::{Address, address, aliases::I24};
use orderd_sdk::plugin::SettingsTable;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Where Permit2 is on every chain that has it.
pub(super) const PERMIT2: Address = address!("000000000022D473030F116dDEE9F6B43aC78BA3");
/// The widest spacing that a pool can have (TickMath).
const MAX_TICK_SPACING: i32 = 32_767;

/// Uniswap V4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct V4Settings {
    pub(crate) common: Common,
    pub(crate) contracts: V4Contracts,
}

/// The contracts that only V4 has, and the pools to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct V4Contracts {
    /// Holds all pools.
    pub(crate) pool_manager: Address,
    /// V4Quoter.
    pub(crate) quoter: Address,
    /// StateView.
    pub(crate) state_view: Address,
    /// Takes the sold token for the router, and is what traders approve.
    pub(crate) permit2: Address,
    /// By fee, in hundredths of a basis point: the spacing of the pool's ticks.
    pub(crate) tick_spacings: BTreeMap<u32, I24>,
}

/// Pools to try.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Tier {
    fee: u32,
    tick_spacing: i32,
}

impl V4Settings {
    /// The fees of the pools to try.
    pub(crate) fn fees(&self) -> Vec<u32> {
        self.contracts.tick_spacings.keys().copied().collect()
    }
}

pub(super) fn read(table: &mut SettingsTable<'_>, common: Option<Common>) -> Option<V4Settings> {
    let pool_manager = table.required("poolManager", AN_ADDRESS);
    let quoter = table.required("quoter", AN_ADDRESS);
    let state_view = table.required("stateView", AN_ADDRESS);
    let permit2 = table.optional("permit2", AN_ADDRESS).unwrap_or(PERMIT2);
    let tick_spacings = read_tiers(table);
    let contracts = V4Contracts {
        pool_manager: pool_manager?,
        quoter: quoter?,
        state_view: state_view?,
        permit2,
        tick_spacings,
    };
    Some(V4Settings { common: common?, contracts })
}

fn read_tiers(table: &mut SettingsTable<'_>) -> BTreeMap<u32, I24> {
    let expected = "a list of pools, such as { fee = 3000, tickSpacing = 60 } for 0.3 %";
    let usual = [(100, 1), (500, 10), (3_000, 60), (10_000, 200)];
    let usual = usual.map(|(fee, tick_spacing)| Tier { fee, tick_spacing });
    let tiers: Option<Vec<Tier>> = table.optional("tiers", expected);
    let tiers = tiers.unwrap_or_else(|| usual.to_vec());
    let fees: Vec<u32> = tiers.iter().map(|tier| tier.fee).collect();
    check_fees(table, "tiers", &fees);
    let mut spacings = BTreeMap::new();
    for Tier { fee, tick_spacing } in tiers {
        let spacing = I24::try_from(tick_spacing).ok();
        let spacing = spacing.filter(|_| (1..=MAX_TICK_SPACING).contains(&tick_spacing));
        if spacing.is_none() {
            table.mistake("tiers", format_args!("a tickSpacing is 1 to {MAX_TICK_SPACING}"));
        }
        if spacings.insert(fee, spacing.unwrap_or_default()).is_some() {
            table.mistake("tiers", format_args!("the fee {fee} is there twice"));
        }
    }
    spacings
}
