//! Bodies: read within bounds, and turned into requests with an answer for each mistake.

use crate::api::{
    ApiSettings,
    problem::{ApiError, BodyError},
};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Request,
    body::{Body, Incoming},
    header::CONTENT_TYPE,
};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;
use tokio::time::timeout;

/// Reads a body whole.
pub(super) async fn read(body: Incoming, settings: &ApiSettings) -> Result<Bytes, ApiError> {
    let limit = settings.max_body_bytes;
    if body.size_hint().lower() > limit as u64 {
        return Err(ApiError::BodyTooLarge { limit });
    }
    match timeout(settings.body_timeout, Limited::new(body, limit).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(ApiError::BodyTooLarge { limit }),
        Ok(Err(_)) => Err(ApiError::BodyBroken),
        Err(_) => Err(ApiError::BodyTimeout),
    }
}

/// Reads a body that may be left out.
pub(super) async fn read_optional<T: DeserializeOwned>(
    request: Request<Incoming>,
    settings: &ApiSettings,
) -> Result<Option<T>, ApiError> {
    let (head, body) = request.into_parts();
    let body = read(body, settings).await?;
    if body.is_empty() {
        return Ok(None);
    }
    require_json(&head.headers)?;
    parse(&body).map(Some)
}

/// Reads a body that has to be there.
pub(super) async fn read_json<T: DeserializeOwned>(
    request: Request<Incoming>,
    settings: &ApiSettings,
) -> Result<T, ApiError> {
    require_json(request.headers())?;
    parse(&read(request.into_body(), settings).await?)
}

/// The body must be said to be JSON.
pub(super) fn require_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media_type.and_then(|value| value.split(';').next());
    match essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json")) {
        true => Ok(()),
        false => Err(ApiError::MediaType),
    }
}

/// Reads a JSON object. What serde would also take as one, an array of its fields, is refused.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => serde_json::from_slice(body).map_err(|error| explain(&error)),
        Some(_) => Err(serde_json::from_slice::<IgnoredAny>(body).map_or_else(
            |error| explain(&error),
            |_| ApiError::Body { kind: BodyError::WrongType, detail: "expected a JSON object".into() },
        )),
        None => Err(ApiError::EmptyBody),
    }
}

fn explain(error: &serde_json::Error) -> ApiError {
    let detail = error.to_string();
    let kind = match error.classify() {
        Category::Io | Category::Syntax | Category::Eof => BodyError::Malformed,
        Category::Data if detail.starts_with("unknown field") => BodyError::UnknownField,
        Category::Data if detail.starts_with("missing field") => BodyError::MissingField,
        Category::Data if detail.starts_with("duplicate field") => BodyError::DuplicateField,
        Category::Data => BodyError::WrongType,
    };
    ApiError::Body { kind, detail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orderd_sdk::wire::ExecuteRequest;

    #[test]
    fn json_is_required() {
        let headers = |value: &str| HeaderMap::from_iter([(CONTENT_TYPE, value.parse().unwrap())]);
        for good in ["application/json", "Application/JSON; charset=utf-8", "application/json ;x"] {
            assert!(require_json(&headers(good)).is_ok(), "{good}");
        }
        for bad in ["text/plain", "application/jsonp", "application/x-www-form-urlencoded", ""] {
            assert!(require_json(&headers(bad)).is_err(), "{bad}");
        }
        assert!(require_json(&HeaderMap::new()).is_err());
    }

    #[test]
    fn each_mistake_has_its_kind() {
        let pair = r#""tokenIn":"SOL","tokenOut":"USDC""#;
        for (body, expected) in [
            (format!("{{{pair},\"amount\":1"), BodyError::Malformed),
            (format!("{{{pair},\"amount\":01}}"), BodyError::Malformed),
            (format!("{{{pair},\"amount\":1}}}}"), BodyError::Malformed),
            ("[".repeat(10_000), BodyError::Malformed),
            ("\u{feff}{}".to_owned(), BodyError::Malformed),
            (format!("{{{pair},\"amount\":1,\"amonut\":1}}"), BodyError::UnknownField),
            (format!("{{{pair}}}"), BodyError::MissingField),
            (format!("{{{pair},\"amount\":1,\"amount\":2}}"), BodyError::DuplicateField),
            (format!("{{{pair},\"amount\":true}}"), BodyError::WrongType),
            (format!("{{{pair},\"amount\":1,\"priority\":300}}"), BodyError::WrongType),
            (r#"["SOL","USDC",1]"#.to_owned(), BodyError::WrongType),
            ("null".to_owned(), BodyError::WrongType),
        ] {
            match parse::<ExecuteRequest>(body.as_bytes()) {
                Err(ApiError::Body { kind, .. }) if kind == expected => {}
                other => panic!("{body:.80}: {other:?}"),
            }
        }
        assert!(matches!(parse::<ExecuteRequest>(b" \n"), Err(ApiError::EmptyBody)));
        let whole = format!(" {{{pair},\"amount\":1}}\n");
        assert_eq!(parse::<ExecuteRequest>(whole.as_bytes()).unwrap().token_in, "SOL");
    }

    #[test]
    fn malformed_json_is_told_with_its_place() {
        let Err(ApiError::Body { detail, .. }) = parse::<ExecuteRequest>(b"{\n  \"tokenIn\": SOL}") else {
            panic!("taken");
        };
        assert!(detail.ends_with("at line 2 column 14"), "{detail}");
    }
}
