//! From a method's name and JSON to the trait method, and back.

use super::{Description, Method};
use crate::json;
use crate::plugin::{Chain, Context, Exports, PluginError, Venue};
use serde::{Serialize, de::DeserializeOwned};
use std::{pin::Pin, sync::Arc};

/// A call into the plugin's code; nothing of it has run yet.
pub(super) type Call = Pin<Box<dyn Future<Output = Result<Vec<u8>, PluginError>> + Send>>;

/// Reads a request and prepares the call it asks for.
///
/// # Errors
/// What is wrong with the request.
pub(super) fn call(
    exports: &Exports,
    method: Method,
    target: &str,
    ctx: Context,
    request: &[u8],
) -> Result<Call, String> {
    /// Reads the request, and answers with what this method of this port says to it.
    macro_rules! ask {
        ($port:expr, $method:ident) => {{
            let (port, request) = ($port, decode(request)?);
            Box::pin(async move { encode(&port.$method(&ctx, request).await?) })
        }};
    }
    Ok(match method {
        Method::Describe => {
            let description = describe(exports);
            Box::pin(async move { encode(&description) })
        }
        Method::VenueQuote => ask!(venue(exports, target)?, quote),
        Method::VenueBuild => ask!(venue(exports, target)?, build),
        Method::VenueHealth => {
            let venue = venue(exports, target)?;
            Box::pin(async move { encode(&venue.health(&ctx).await?) })
        }
        Method::ChainAddress => ask!(chain(exports, target)?, address),
        Method::ChainLane => ask!(chain(exports, target)?, lane),
        Method::ChainEstimate => ask!(chain(exports, target)?, estimate),
        Method::ChainPrepare => ask!(chain(exports, target)?, prepare),
        Method::ChainCancel => ask!(chain(exports, target)?, cancel),
        Method::ChainBump => ask!(chain(exports, target)?, bump),
        Method::ChainConsumer => ask!(chain(exports, target)?, consumer),
        Method::ChainSend => {
            let (chain, request) = (chain(exports, target)?, decode(request)?);
            Box::pin(async move { encode(&chain.send(&ctx, request).await) })
        }
        Method::ChainStatus => ask!(chain(exports, target)?, status),
        Method::ChainBalance => ask!(chain(exports, target)?, balance),
        Method::ChainRead => ask!(chain(exports, target)?, read),
        Method::ChainHealth => {
            let chain = chain(exports, target)?;
            Box::pin(async move { encode(&chain.health(&ctx).await?) })
        }
    })
}

fn describe(exports: &Exports) -> Description {
    Description {
        chains: exports.chains.keys().cloned().collect(),
        venues: exports.venues.keys().cloned().collect(),
    }
}

fn venue(exports: &Exports, name: &str) -> Result<Arc<dyn Venue>, String> {
    let venue = exports.venues.get(name);
    venue.cloned().ok_or_else(|| format!("there is no venue {name:?}"))
}

fn chain(exports: &Exports, name: &str) -> Result<Arc<dyn Chain>, String> {
    let chain = exports.chains.get(name);
    chain.cloned().ok_or_else(|| format!("there is no chain {name:?}"))
}

fn decode<T: DeserializeOwned>(request: &[u8]) -> Result<T, String> {
    json::decode(request).map_err(|error| error.to_string())
}

fn encode(reply: &impl Serialize) -> Result<Vec<u8>, PluginError> {
    json::encode(reply).map_err(|error| PluginError::permanent(format!("the reply is no JSON: {error}")))
}
