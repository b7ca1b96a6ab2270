//! `POST /api/orders/execute`: takes an order in.

use super::body;
use crate::{
    api::{
        ApiState,
        problem::ApiError,
        reply::{self, RouteResult},
    },
    order::View,
    store::Claim,
};
use hyper::{
    HeaderMap, Request, StatusCode,
    body::Incoming,
    header::{HeaderName, HeaderValue, LOCATION},
};
use k256::sha2::{Digest, Sha256};
use orderd_sdk::wire::{ExecuteRequest, ExecuteResponse};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const MAX_KEY_BYTES: usize = 255;

/// Answers when the order is on stable storage.
pub(in crate::api) async fn execute(state: &ApiState, request: Request<Incoming>) -> RouteResult {
    body::require_json(request.headers())?;
    let key = idempotency_key(request.headers())?;
    let body = body::read(request.into_body(), &state.settings).await?;
    let request: ExecuteRequest = body::parse(&body)?;
    let claim = key.map(|key| Claim { key, fingerprint: Sha256::digest(&body).into() });
    let submitted = state.desk.submit(request, claim).await?;

    let order = View::latest(&submitted.order);
    let path = format!("/api/orders/status/{}", order.id);
    let location = HeaderValue::try_from(path.as_str()).expect("a UUID is a header value");
    let accepted = ExecuteResponse {
        success: true,
        order_id: order.id,
        job_id: order.job_id,
        status: order.status,
        message: order.message,
        ws_url: path,
    };
    let mut reply = reply::json(StatusCode::ACCEPTED, &accepted);
    reply.headers_mut().insert(LOCATION, location);
    if submitted.replayed {
        (reply.headers_mut()).insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(reply)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = keys.next() else {
        return Ok(None);
    };
    let is_visible = key.as_bytes().iter().all(u8::is_ascii_graphic);
    match (is_visible && (1..=MAX_KEY_BYTES).contains(&key.len()), keys.next(), key.to_str()) {
        (true, None, Ok(key)) => Ok(Some(key.to_owned())),
        _ => Err(ApiError::InvalidIdempotencyKey),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IDEMPOTENCY_KEY, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn idempotency_keys_are_short_and_visible() {
        let read = |values: &[&str]| idempotency_key(&headers(values));
        assert_eq!(read(&[]).unwrap(), None);
        assert_eq!(read(&["a!~"]).unwrap().as_deref(), Some("a!~"));
        assert!(read(&[&"k".repeat(255)]).is_ok());
        for bad in [&[""][..], &["a b"], &["ä"], &["a", "a"], &[&"k".repeat(256)]] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
