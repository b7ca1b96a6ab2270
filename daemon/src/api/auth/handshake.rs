//! Tokens and tickets in a WebSocket handshake.

use super::{Access, Auth, bearer};
use crate::api::problem::ApiError;
use hyper::{
    HeaderMap,
    header::{HeaderValue, SEC_WEBSOCKET_PROTOCOL},
};

/// The subprotocol that the daemon speaks.
const SUBPROTOCOL: &str = "orderd.v1";

/// What a subprotocol begins with that is a token: browsers can set nothing else.
const TOKEN_PREFIX: &str = "orderd.token.";

/// Who connects: by `Authorization`, else by a subprotocol, else by the ticket of the query, which is used up in any
/// case. What is shown and is not good is refused; when nothing is shown, the first message has to say it.
pub(in crate::api) fn access(
    auth: &Auth,
    headers: &HeaderMap,
    ticket: Option<&str>,
) -> Result<Access, ApiError> {
    let redeemed = ticket.map(|ticket| auth.redeem_ticket(ticket));
    if auth.is_open() {
        return Ok(Access::Anonymous);
    }
    let granted = match (bearer::token(headers)?.or_else(|| offered_token(headers)), redeemed) {
        (Some(token), _) => auth.check(token).map(Access::Granted),
        (None, Some(redeemed)) => redeemed,
        (None, None) => Some(Access::Pending),
    };
    granted.ok_or(ApiError::Unauthenticated)
}

/// The subprotocol that the reply selects, if the client offers it. A token is never repeated.
pub(in crate::api) fn selected_protocol(headers: &HeaderMap) -> Option<HeaderValue> {
    let is_offered = offered(headers).any(|protocol| protocol == SUBPROTOCOL);
    is_offered.then(|| HeaderValue::from_static(SUBPROTOCOL))
}

fn offered_token(headers: &HeaderMap) -> Option<&str> {
    offered(headers).find_map(|protocol| protocol.strip_prefix(TOKEN_PREFIX))
}

/// The subprotocols that the client offers, in one header or several.
fn offered(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subprotocols_may_hold_a_token() {
        for (protocols, token, ours) in [
            (&[][..], None, false),
            (&["orderd.v1"], None, true),
            (&["orderd.v1, orderd.token.abc"], Some("abc"), true),
            (&["orderd.token.abc", "graphql-ws", "orderd.v1"], Some("abc"), true),
            (&["orderd.token.abc"], Some("abc"), false),
            (&["orderd.v2,ORDERD.V1,graphql-ws"], None, false),
        ] {
            let mut headers = HeaderMap::new();
            for value in protocols {
                headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(value));
            }
            let selected = selected_protocol(&headers).is_some_and(|protocol| protocol == "orderd.v1");
            assert_eq!((offered_token(&headers), selected), (token, ours), "{protocols:?}");
        }
    }

    #[test]
    fn a_ticket_that_is_shown_is_used_up_even_where_nobody_needs_it() {
        let auth = Auth::default();
        let ticket = auth.issue_ticket(Access::Anonymous).unwrap().ticket;
        assert_eq!(access(&auth, &HeaderMap::new(), Some(&ticket)).unwrap(), Access::Anonymous);
        assert_eq!(auth.redeem_ticket(&ticket), None);
    }
}
