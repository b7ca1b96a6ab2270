//! What to pay per unit of gas: what the chain asks, what the operator allows, what outbids an earlier bid.

mod oracle;

pub(crate) use oracle::{FeeOracle, Market};

use alloy_consensus::TxEip1559;
use orderd_sdk::plugin::PluginError;

/// A bid for a place in a block, in wei per unit of gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bid {
    /// The most that is paid, base fee included. Never less than the priority fee.
    pub(crate) max_fee: u128,
    /// What the block's producer gets.
    pub(crate) priority_fee: u128,
}

impl Bid {
    /// Whatever outbids the earlier ones.
    pub(crate) const NOTHING: Self = Self { max_fee: 0, priority_fee: 0 };
}

/// What the operator allows, in wei per unit of gas.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FeePolicy {
    /// The most to bid, base fee included.
    pub(crate) max_fee: u128,
    /// The most to bid for the block's producer.
    pub(crate) max_priority_fee: u128,
    /// What to bid for the block's producer when the node suggests nothing.
    pub(crate) fallback_priority_fee: u128,
}

impl FeePolicy {
    /// A bid that survives six full blocks: twice the base fee, and the priority fee, within the caps.
    ///
    /// # Errors
    /// When the base fee alone is above the cap.
    pub(crate) fn bid(&self, market: Market) -> Result<Bid, PluginError> {
        if market.base_fee > self.max_fee {
            let (base_fee, cap) = (market.base_fee, self.max_fee);
            return Err(PluginError::transient(format!(
                "the base fee of {base_fee} wei is above the cap of {cap} wei: wait until it falls, or raise \
                 maxFeeGwei"
            )));
        }
        let priority_fee = market.priority_fee.min(self.max_priority_fee).min(self.max_fee);
        let comfortable = market.base_fee.saturating_mul(2).saturating_add(priority_fee);
        Ok(Bid { max_fee: comfortable.min(self.max_fee), priority_fee })
    }

    /// Raises a bid so that it takes the place of each of these earlier transactions at the same sequence.
    ///
    /// The priority fee may pass its own cap, since nodes demand more of both fees: what bids at that cap could else
    /// never be replaced.
    ///
    /// # Errors
    /// When the cap forbids it.
    pub(crate) fn outbid(&self, bid: Bid, earlier: &[TxEip1559]) -> Result<Bid, PluginError> {
        let raised = earlier.iter().fold(bid, |bid, earlier| Bid {
            max_fee: bid.max_fee.max(raised(earlier.max_fee_per_gas)),
            priority_fee: bid.priority_fee.max(raised(earlier.max_priority_fee_per_gas)),
        });
        let raised = Bid { max_fee: raised.max_fee.max(raised.priority_fee), ..raised };
        if raised.max_fee > self.max_fee {
            let (needed, cap) = (raised.max_fee, self.max_fee);
            return Err(PluginError::permanent(format!(
                "replacing takes {needed} wei per gas, which is above the cap of {cap} wei: raise maxFeeGwei, or wait \
                 for the earlier transaction"
            )));
        }
        Ok(raised)
    }
}

/// An eighth more, rounded up, and at least one wei. Nodes demand a tenth (go-ethereum's `pricebump`).
fn raised(fee: u128) -> u128 {
    fee.saturating_add(fee.div_ceil(8)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use orderd_sdk::plugin::ErrorKind;
    use proptest::prelude::*;

    const POLICY: FeePolicy = FeePolicy { max_fee: 1_000, max_priority_fee: 50, fallback_priority_fee: 1 };

    fn market(base_fee: u128, priority_fee: u128) -> Market {
        Market { base_fee, priority_fee }
    }

    fn earlier(max_fee_per_gas: u128, max_priority_fee_per_gas: u128) -> TxEip1559 {
        TxEip1559 { max_fee_per_gas, max_priority_fee_per_gas, ..TxEip1559::default() }
    }

    #[test]
    fn a_bid_is_twice_the_base_fee_and_the_tip_within_the_caps() {
        let cases = [
            (market(100, 7), 207, 7),
            (market(100, 70), 250, 50),
            (market(600, 7), 1_000, 7),
            (market(1_000, 7), 1_000, 7),
            (market(0, 0), 0, 0),
        ];
        for (market, max_fee, priority_fee) in cases {
            let expected = Bid { max_fee, priority_fee };
            assert_eq!(POLICY.bid(market), Ok(expected), "{market:?}");
        }
    }

    #[test]
    fn a_base_fee_above_the_cap_may_pass() {
        assert_eq!(POLICY.bid(market(1_001, 0)).unwrap_err().kind, ErrorKind::Transient);
    }

    #[test]
    fn replacing_raises_both_fees_by_an_eighth() {
        let bid = POLICY.bid(market(100, 7)).unwrap();
        let raised = POLICY.outbid(bid, &[earlier(207, 7)]).unwrap();
        assert_eq!((raised.max_fee, raised.priority_fee), (233, 8));
        let kept = POLICY.outbid(bid, &[earlier(10, 0)]).unwrap();
        assert_eq!((kept.max_fee, kept.priority_fee), (207, 7));
    }

    #[test]
    fn replacing_never_passes_the_cap() {
        let bid = POLICY.bid(market(100, 7)).unwrap();
        let error = POLICY.outbid(bid, &[earlier(10, 1), earlier(900, 7)]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Permanent);
        assert!(error.message.contains("maxFeeGwei"), "{error}");
    }

    #[test]
    fn a_priority_fee_at_its_cap_can_be_replaced() {
        let raised = POLICY.outbid(Bid::NOTHING, &[earlier(100, 50)]).unwrap();
        assert_eq!((raised.max_fee, raised.priority_fee), (113, 57));
    }

    fn fees() -> impl Strategy<Value = TxEip1559> {
        let max_fee = prop_oneof![0_u128..1_200, any::<u128>()];
        max_fee.prop_flat_map(|max_fee| (Just(max_fee), 0..=max_fee)).prop_map(|(fee, tip)| earlier(fee, tip))
    }

    proptest! {
        /// go-ethereum takes a replacement whose fees are both at least 110 % of the other's.
        #[test]
        fn whoever_replaces_outbids_every_single_one_within_the_cap(
            earlier in prop::collection::vec(fees(), 1..5),
            (base_fee, tip) in (0_u128..1_200, 0_u128..100),
        ) {
            let bid = POLICY.bid(market(base_fee, tip)).unwrap_or(Bid::NOTHING);
            let demanded = |fee: u128| (fee.saturating_mul(110).div_ceil(100)).max(fee.saturating_add(1));
            let outbids = |raised: Bid| earlier.iter().all(|earlier| {
                raised.max_fee >= demanded(earlier.max_fee_per_gas)
                    && raised.priority_fee >= demanded(earlier.max_priority_fee_per_gas)
            });
            match POLICY.outbid(bid, &earlier) {
                Ok(raised) => {
                    prop_assert!(outbids(raised));
                    prop_assert!(raised.max_fee >= bid.max_fee && raised.priority_fee >= bid.priority_fee);
                    prop_assert!(raised.priority_fee <= raised.max_fee && raised.max_fee <= POLICY.max_fee);
                }
                Err(_) => prop_assert!(earlier.iter().any(|earlier| raised(earlier.max_fee_per_gas) > POLICY.max_fee)),
            }
        }
    }
}
