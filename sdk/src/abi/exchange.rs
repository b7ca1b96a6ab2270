//! What each method and service takes and answers, as JSON Schema: one line for each.

use super::{Cancelled, Description, Manifest, Method, Service};
use crate::{
    amount::Amount,
    plugin::{
        AddressRequest, BalanceRequest, Build, BuildRequest, BumpRequest, CancelRequest, ChainRead, Consumer,
        ConsumerRequest, Done, EstimateRequest, Estimated, Health, HttpOutcome, HttpRequest, KvKey, KvKeys,
        KvList, KvPut, KvValue, LaneRequest, LaneStatus, Payload, PluginConfig, PluginError, PrepareRequest,
        Prepared, Quote, QuoteRequest, ReadRequest, Samples, SendOutcome, SendRequest, SignRequest,
        Signature, StatusRequest, TxStatus, UnixTime,
    },
    wire::schema::{JsonSchema, Schema, Schemas},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

/// One call across the interface.
#[derive(Clone, Copy, Debug)]
pub struct Exchange {
    /// What the caller sends.
    pub request: Form,
    /// What comes back where it succeeds.
    pub reply: Form,
}

/// The form of a message.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// Describes it, from the side of the daemon: what the daemon writes is all there, what it reads may lack something.
    pub schema: fn(&mut Schemas) -> Schema,
    /// Whether the SDK reads this as such a message, or why not.
    pub reads: fn(&[u8]) -> Result<(), serde_json::Error>,
}

impl Form {
    /// What the daemon writes.
    #[must_use]
    pub fn given<T: JsonSchema + DeserializeOwned>() -> Self {
        Self { schema: Schemas::given::<T>, reads: reads::<T> }
    }

    /// What the daemon reads.
    #[must_use]
    pub fn taken<T: JsonSchema + DeserializeOwned>() -> Self {
        Self { schema: Schemas::taken::<T>, reads: reads::<T> }
    }
}

fn reads<T: DeserializeOwned>(json: &[u8]) -> Result<(), serde_json::Error> {
    serde_json::from_slice::<T>(json).map(drop)
}

/// The request of methods that take nothing.
#[derive(Debug, Deserialize, JsonSchema)]
struct Nothing {}

impl Method {
    /// What it takes and answers.
    #[must_use]
    pub fn exchange(self) -> Exchange {
        /// The daemon asks, the plugin answers.
        fn asks<Q, R>() -> Exchange
        where
            Q: JsonSchema + DeserializeOwned,
            R: JsonSchema + DeserializeOwned,
        {
            Exchange { request: Form::given::<Q>(), reply: Form::taken::<R>() }
        }
        match self {
            Self::Describe => asks::<Nothing, Description>(),
            Self::VenueQuote => asks::<QuoteRequest, Quote>(),
            Self::VenueBuild => asks::<BuildRequest, Build>(),
            Self::VenueHealth | Self::ChainHealth => asks::<Nothing, Health>(),
            Self::ChainAddress => asks::<AddressRequest, String>(),
            Self::ChainLane => asks::<LaneRequest, LaneStatus>(),
            Self::ChainEstimate => asks::<EstimateRequest, Estimated>(),
            Self::ChainPrepare => asks::<PrepareRequest, Prepared>(),
            Self::ChainCancel => asks::<CancelRequest, Prepared>(),
            Self::ChainBump => asks::<BumpRequest, Prepared>(),
            Self::ChainConsumer => asks::<ConsumerRequest, Consumer>(),
            Self::ChainSend => asks::<SendRequest, SendOutcome>(),
            Self::ChainStatus => asks::<StatusRequest, Vec<TxStatus>>(),
            Self::ChainBalance => asks::<BalanceRequest, Amount>(),
            Self::ChainRead => asks::<ReadRequest, Payload>(),
        }
    }
}

impl Service {
    /// What it takes and answers.
    #[must_use]
    pub fn exchange(self) -> Exchange {
        /// The plugin asks, the daemon answers.
        fn serves<Q, R>() -> Exchange
        where
            Q: JsonSchema + DeserializeOwned,
            R: JsonSchema + DeserializeOwned,
        {
            Exchange { request: Form::taken::<Q>(), reply: Form::given::<R>() }
        }
        match self {
            Self::Sign => serves::<SignRequest, Signature>(),
            Self::ChainRead => serves::<ChainRead, Payload>(),
            Self::Http => serves::<HttpRequest, HttpOutcome>(),
            Self::KvGet => serves::<KvKey, KvValue>(),
            Self::KvPut => serves::<KvPut, Done>(),
            Self::KvDelete => serves::<KvKey, Done>(),
            Self::KvList => serves::<KvList, KvKeys>(),
            Self::TimeNow => serves::<Nothing, UnixTime>(),
            Self::MetricsRecord => serves::<Samples, Done>(),
            Self::Cancel => serves::<Cancelled, Done>(),
        }
    }
}

/// The whole interface as one JSON Schema: of an object that may hold a `manifest`, a `config`, an `error`, and for each of
/// its `methods` and `services` a `request` and a `reply`.
#[must_use]
pub fn document() -> Value {
    let mut schemas = Schemas::under("/$defs");
    let methods = Method::ALL.iter().map(|method| (method.name(), method.exchange()));
    let services = Service::ALL.iter().map(|service| (service.name(), service.exchange()));
    let (methods, services) = (described(&mut schemas, methods), described(&mut schemas, services));
    let (manifest, config) = (schemas.taken::<Manifest>(), schemas.given::<PluginConfig>());
    let error = schemas.taken::<PluginError>();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The JSON between orderd and a plugin",
        "description": "Each method and service with its request and its reply, the configuration that `create` gets, the \
                        manifest, and the error of a call that failed. Later minor versions add members: skip those \
                        that you do not know. See docs/plugin-abi.md.",
        "type": "object",
        "properties": {
            "manifest": manifest,
            "config": config,
            "error": error,
            "methods": { "description": "What the daemon asks of a plugin.", "type": "object", "properties": methods },
            "services": { "description": "What a plugin asks of the daemon.", "type": "object", "properties": services },
        },
        "$defs": schemas.collected(),
    })
}

fn described(
    schemas: &mut Schemas,
    exchanges: impl Iterator<Item = (&'static str, Exchange)>,
) -> Map<String, Value> {
    let described = exchanges.map(|(name, Exchange { request, reply })| {
        let (request, reply) = ((request.schema)(schemas), (reply.schema)(schemas));
        (name.to_owned(), json!({ "type": "object", "properties": { "request": request, "reply": reply } }))
    });
    described.collect()
}
