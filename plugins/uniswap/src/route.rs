//! Which pools a quote took: goes out with the quote, and comes back with the build.

use crate::trade::Trade;
use alloy_primitives::{Address, Bytes};
use orderd_sdk::plugin::{Payload, PluginError};
use serde::{Deserialize, Serialize};

/// The most tokens of a path: one stop on the way.
const LONGEST_PATH: usize = 3;

/// A way through pools.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route {
    /// The tokens, from the sold to the bought one.
    pub(crate) path: Vec<Address>,
    /// Between each two of them the fee of the pool, on a venue that has several; else nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) fees: Vec<u32>,
}

impl Route {
    /// Its text for the daemon.
    pub(crate) fn to_payload(&self) -> Payload {
        Payload::of(self).expect("addresses and numbers always serialize")
    }

    /// Reads back the route of a trade. Between its tokens it may only stop at one of `via`.
    ///
    /// # Errors
    /// When it is none of this venue's for this trade.
    pub(crate) fn from_payload(
        payload: &Payload,
        trade: &Trade,
        via: &[Address],
    ) -> Result<Self, PluginError> {
        let foreign = || PluginError::invalid("the route is not one of this venue for this trade");
        let route = payload.read::<Self>().map_err(|_| foreign())?;
        let stops = match route.path.as_slice() {
            [first, stops @ .., last] if (first, last) == (&trade.token_in, &trade.token_out) => stops,
            _ => return Err(foreign()),
        };
        let fits = route.path.len() <= LONGEST_PATH && stops.iter().all(|stop| via.contains(stop));
        match fits {
            true => Ok(route),
            false => Err(foreign()),
        }
    }

    /// The path as V3's contracts take it: token, fee in three bytes, token, and so on.
    pub(crate) fn packed(&self) -> Bytes {
        let mut packed = Vec::new();
        for (position, token) in self.path.iter().enumerate() {
            packed.extend_from_slice(token.as_slice());
            let fee = self.fees.get(position).map(|fee| fee.to_be_bytes());
            packed.extend(fee.into_iter().flat_map(|[_, bytes @ ..]| bytes));
        }
        packed.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{U256, hex};
    use serde_json::json;

    const SELL: Address = Address::repeat_byte(1);
    const BUY: Address = Address::repeat_byte(2);
    const STOP: Address = Address::repeat_byte(3);
    const TRADE: Trade =
        Trade { trader: Address::ZERO, token_in: SELL, token_out: BUY, amount_in: U256::ONE };

    #[test]
    fn a_route_survives_the_daemon() {
        let route = Route { path: vec![SELL, STOP, BUY], fees: vec![500, 3_000] };
        assert_eq!(Route::from_payload(&route.to_payload(), &TRADE, &[STOP]), Ok(route));
    }

    #[test]
    fn foreign_routes_are_refused() {
        for payload in [
            json!(null),
            json!({"path": []}),
            json!({"path": [SELL]}),
            json!({"path": [BUY, SELL]}),
            json!({"path": [SELL, Address::ZERO, BUY]}),
            json!({"path": [SELL, STOP, STOP, BUY]}),
            json!({"path": [SELL, BUY], "pools": []}),
        ]
        .map(Payload::from)
        {
            assert!(Route::from_payload(&payload, &TRADE, &[STOP]).is_err(), "{payload}");
        }
    }

    #[test]
    fn v3_packs_a_fee_into_three_bytes() {
        let route = Route { path: vec![SELL, BUY], fees: vec![3_000] };
        let packed =
            hex!("0101010101010101010101010101010101010101 000bb8 0202020202020202020202020202020202020202");
        assert_eq!(route.packed().as_ref(), packed);
    }
}
