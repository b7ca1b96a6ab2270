//! Compares ways through pools: by what they pay less what the network takes. Integers only.

use crate::route::Route;
use alloy_primitives::{U256, U512};
use orderd_sdk::amount::Amount;
use orderd_sdk::plugin::Quote;

/// Everything, in millionths.
const MILLION: u32 = 1_000_000;
/// How much of the chain's own coin is priced to learn what gas costs: enough units to be exact, and too little to
/// move a market that matters.
pub(crate) const SAMPLE_WEI: U256 = U256::from_limbs([10_000_000_000_000_000, 0, 0, 0]);

/// What one way through pools offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// The way.
    pub(crate) route: Route,
    /// Base units of the bought token.
    pub(crate) amount_out: U256,
    /// Gas that the swap is expected to take.
    pub(crate) gas: u64,
    /// How much worse than the price before it, in millionths, fees apart.
    pub(crate) impact_ppm: Option<u32>,
}

/// What gas costs in the bought token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GasMarket {
    /// Wei per unit of gas.
    pub(crate) gas_price: Amount,
    /// Base units of the bought token for [`SAMPLE_WEI`].
    pub(crate) sample_out: U256,
}

impl GasMarket {
    fn cost(&self, gas: u64) -> Option<Amount> {
        let wei = self.gas_price.0.checked_mul(U256::from(gas))?;
        let scaled = U512::from(wei) * U512::from(self.sample_out);
        narrow(scaled.div_ceil(U512::from(SAMPLE_WEI))).map(Amount)
    }
}

/// The offer that leaves the most; the first of equals. Without a market for gas, the one that pays the most.
pub(crate) fn best(offers: Vec<Offer>, gas: Option<GasMarket>) -> Option<Quote> {
    let quotes = offers.into_iter().map(|offer| Quote {
        amount_out: Amount(offer.amount_out),
        network_cost: gas.and_then(|gas| gas.cost(offer.gas)),
        price_impact_ppm: offer.impact_ppm,
        route: offer.route.to_payload(),
    });
    quotes.reduce(|best, quote| if left(&quote) > left(&best) { quote } else { best })
}

/// What is left; with equal remains (nothing, for a dust trade) the larger amount counts.
fn left(quote: &Quote) -> (Amount, Amount) {
    let cost = quote.network_cost.unwrap_or_default();
    (quote.amount_out.saturating_sub(cost), quote.amount_out)
}

/// How much less than the ideal was paid, in millionths; `None` when the ideal is too small to tell.
pub(crate) fn impact_ppm(ideal: U256, actual: U256) -> Option<u32> {
    let lost = U512::from(ideal.saturating_sub(actual)) * U512::from(MILLION);
    let ppm = lost.checked_div(U512::from(ideal))?;
    u32::try_from(ppm).ok()
}

/// The impact of one swap after another.
pub(crate) fn chained(first: Option<u32>, second: Option<u32>) -> Option<u32> {
    let kept = |ppm: u32| u64::from(MILLION.saturating_sub(ppm));
    let both = kept(first?) * kept(second?) / u64::from(MILLION);
    MILLION.checked_sub(u32::try_from(both).ok()?)
}

/// Back to 256 bits, if it fits.
pub(crate) fn narrow(wide: U512) -> Option<U256> {
    U256::checked_from_limbs_slice(wide.as_limbs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(amount_out: u64, gas: u64) -> Offer {
        Offer {
            route: Route { path: Vec::new(), fees: Vec::new() },
            amount_out: U256::from(amount_out),
            gas,
            impact_ppm: Some(1),
        }
    }

    /// A unit of gas costs one unit of the bought token.
    fn unit_gas() -> GasMarket {
        GasMarket { gas_price: Amount::from(1_u64), sample_out: SAMPLE_WEI }
    }

    #[test]
    fn the_offer_that_leaves_the_most_wins() {
        let offers = vec![offer(1_000, 100), offer(1_100, 250), offer(900, 10)];
        let quote = best(offers.clone(), Some(unit_gas())).unwrap();
        assert_eq!(
            (quote.amount_out, quote.network_cost),
            (Amount::from(1_000_u64), Some(Amount::from(100_u64)))
        );
        let quote = best(offers, None).unwrap();
        assert_eq!((quote.amount_out, quote.network_cost), (Amount::from(1_100_u64), None));
        assert_eq!(best(Vec::new(), None), None);
    }

    #[test]
    fn gas_is_never_priced_too_low() {
        let market =
            GasMarket { gas_price: Amount::from(1_000_000_000_u64), sample_out: U256::from(30_000_000_u64) };
        assert_eq!(market.cost(100_000), Some(Amount::from(300_000_u64)));
        assert_eq!(market.cost(1), Some(Amount::from(3_u64)));
        let huge = GasMarket { gas_price: Amount::MAX, ..market };
        assert_eq!(huge.cost(2), None);
    }

    #[test]
    fn impact_is_what_is_missing_of_the_ideal() {
        let cases = [
            (1_000_000, 990_000, Some(10_000)),
            (100, 100, Some(0)),
            (100, 101, Some(0)),
            (100, 0, Some(MILLION)),
            (0, 0, None),
        ];
        for (ideal, actual, expected) in cases {
            assert_eq!(impact_ppm(U256::from(ideal), U256::from(actual)), expected);
        }
    }

    #[test]
    fn impacts_multiply_along_a_path() {
        assert_eq!(chained(Some(100_000), Some(100_000)), Some(190_000));
        assert_eq!(chained(Some(0), Some(7)), Some(7));
        assert_eq!(chained(None, Some(7)), None);
    }
}
