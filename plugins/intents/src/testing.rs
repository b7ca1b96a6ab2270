//! What tests of this plugin share: a key, an order, and a host that signs and answers every request the same.

use crate::{api::Order, order::Domain};
use alloy_primitives::{Address, address};
use k256::ecdsa::SigningKey;
use orderd_sdk::{
    amount::Amount,
    plugin::{
        ChainRead, Context, Data, HexBytes, HostServices, HttpError, HttpRequest, HttpResponse, Payload,
        PluginError, SignRequest, Signature, Signer, UnixTime, async_trait,
    },
};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const DOMAIN: Domain =
    Domain { chain_id: 1, settlement: address!("9008d19f58aabd9ed0d60971565aa8510560ab41") };

/// A host with one key.
pub(crate) struct Keeper {
    key: SigningKey,
    answer: Result<(u16, Value), HttpError>,
}

impl Keeper {
    /// The time here.
    pub(crate) const NOW: u32 = 1_800_000_000;

    /// It answers every request so.
    pub(crate) fn answering(answer: Result<(u16, Value), HttpError>) -> Self {
        Self { key: SigningKey::from_slice(&[7; 32]).unwrap(), answer }
    }
}

impl Default for Keeper {
    fn default() -> Self {
        Self::answering(Ok((200, Value::Null)))
    }
}

#[async_trait]
impl HostServices for Keeper {
    async fn sign(&self, _: &Context, request: SignRequest) -> Result<Signature, PluginError> {
        let (signature, id) = self.key.sign_prehash_recoverable(&request.digest.0).unwrap();
        let (r, s) = (signature.r().to_bytes(), signature.s().to_bytes());
        Ok(Signature { r: HexBytes(r.to_vec()), s: HexBytes(s.to_vec()), y_odd: id.is_y_odd() })
    }

    async fn read_chain(&self, _: &Context, _: ChainRead) -> Result<Payload, PluginError> {
        Err(PluginError::permanent("no chain here"))
    }

    async fn http(&self, _: &Context, _: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (status, body) = self.answer.clone()?;
        Ok(HttpResponse { status, headers: Vec::new(), body: Data::of_json(&body).unwrap() })
    }

    async fn now(&self, _: &Context) -> Result<UnixTime, PluginError> {
        Ok(UnixTime { unix_ms: u64::from(Self::NOW) * 1_000 })
    }
}

pub(crate) fn owner() -> Address {
    Address::from_public_key(SigningKey::from_slice(&[7; 32]).unwrap().verifying_key())
}

pub(crate) fn signer() -> Signer {
    Signer { account: "main".to_owned(), address: owner().to_string() }
}

pub(crate) fn soon() -> Context {
    Context::within(Duration::from_secs(5))
}

pub(crate) fn order() -> Order {
    Order {
        sell_token: Address::repeat_byte(1),
        buy_token: Address::repeat_byte(2),
        receiver: owner(),
        sell_amount: Amount::from(1_000_u64),
        buy_amount: Amount::from(2_000_u64),
        valid_to: 5,
        salt: Amount::from(9_u64),
    }
}

/// The same order before it is signed.
pub(crate) fn intent() -> Payload {
    json!({
        "sellToken": Address::repeat_byte(1), "buyToken": Address::repeat_byte(2), "receiver": owner(),
        "sellAmount": "1000", "buyAmount": "2000", "validTo": 5,
    })
    .into()
}
