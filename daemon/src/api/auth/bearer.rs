//! Tokens in `Authorization`.

use super::{Access, Auth};
use crate::api::problem::ApiError;
use hyper::{HeaderMap, header::AUTHORIZATION};

const SCHEME: &str = "bearer";

/// Who sends a request.
pub(in crate::api) fn identify(auth: &Auth, headers: &HeaderMap) -> Result<Access, ApiError> {
    if auth.is_open() {
        return Ok(Access::Anonymous);
    }
    Ok(match token(headers)? {
        Some(token) => Access::Granted(auth.check(token).ok_or(ApiError::Unauthenticated)?),
        None => Access::Pending,
    })
}

/// The token that a request shows; none when it shows nothing. What is shown and is no token is refused.
pub(super) fn token(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let mut shown = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = shown.next() else {
        return Ok(None);
    };
    let token = value.to_str().ok().and_then(|value| value.split_once(' '));
    match (token, shown.next()) {
        (Some((scheme, token)), None) if scheme.eq_ignore_ascii_case(SCHEME) => Ok(Some(token.trim())),
        _ => Err(ApiError::Unauthenticated),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    #[test]
    fn one_bearer_token_is_read_and_nothing_else() {
        let read = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
            }
            token(&headers).map(|token| token.map(str::to_owned)).map_err(drop)
        };
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&["Bearer abc"]), Ok(Some("abc".into())));
        assert_eq!(read(&["bEARER  abc "]), Ok(Some("abc".into())));
        for bad in [&["abc"][..], &["Basic abc"], &["Bearer"], &["Bearer a", "Bearer a"], &["Bearer ä"]] {
            assert_eq!(read(bad), Err(()), "{bad:?}");
        }
    }
}
