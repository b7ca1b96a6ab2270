//! Asks the service, over the daemon's own connections. What it answers in words is not repeated to anybody.

use crate::{
    api::{Balance, Entry, Ledger, QuoteQuery, QuoteReply, Reason, Refusal, StatusQuery, StatusReply, Taken},
    order::{Domain, Name, Uid},
    settings::ChainSettings,
};
use alloy_primitives::Address;
use orderd_sdk::{
    amount::Amount,
    plugin::{
        Context, Data, HexBytes, Host, HttpError, HttpMethod, HttpRequest, HttpResponse, PluginError,
        SendOutcome,
    },
};
use serde::de::DeserializeOwned;

/// One settlement service.
pub(crate) struct Service {
    host: Host,
    settings: ChainSettings,
}

impl Service {
    pub(crate) fn new(host: Host, settings: ChainSettings) -> Self {
        Self { host, settings }
    }

    /// What signatures for it are bound to.
    pub(crate) fn domain(&self) -> &Domain {
        &self.settings.domain
    }

    /// What an order signed now would get.
    pub(crate) async fn quote(&self, ctx: &Context, query: &QuoteQuery) -> Result<Amount, PluginError> {
        let reply: QuoteReply = self.ask(ctx, HttpRequest::post_json(self.url("/v1/quote"), query)?).await?;
        Ok(reply.buy_amount)
    }

    /// How far the settlement is, and what it has of each of these orders.
    pub(crate) async fn status(
        &self,
        ctx: &Context,
        uids: &[Uid],
    ) -> Result<(Ledger, Vec<Entry>), PluginError> {
        let query = StatusQuery { uids: uids.iter().map(Uid::to_string).collect() };
        let reply: StatusReply =
            self.ask(ctx, HttpRequest::post_json(self.url("/v1/status"), &query)?).await?;
        let answered = reply.orders.iter().map(|entry| &entry.uid);
        match answered.eq(&query.uids) && reply.settlement.is_of(self.domain()) {
            true => Ok((reply.settlement, reply.orders)),
            false => Err(PluginError::transient("the service did not answer what it was asked")),
        }
    }

    /// What an address holds of a token.
    pub(crate) async fn balance(
        &self,
        ctx: &Context,
        owner: Address,
        token: Address,
    ) -> Result<Amount, PluginError> {
        let url = self.url(&format!("/v1/balances/{owner:#x}/{token:#x}"));
        let reply: Balance = self.ask(ctx, HttpRequest::get(url)).await?;
        Ok(reply.balance)
    }

    /// Which settlement it is, and how far.
    pub(crate) async fn who(&self, ctx: &Context) -> Result<Ledger, PluginError> {
        self.ask(ctx, HttpRequest::get(self.url("/v1/settlement"))).await
    }

    /// Hands signed bytes over. Only a refusal that the service has a name for is certain to have had no effect.
    pub(crate) async fn send(&self, ctx: &Context, name: &Name, raw: HexBytes) -> SendOutcome {
        let path = match name {
            Name::Order(_) => "/v1/orders",
            Name::Cancellation(_) => "/v1/cancellations",
        };
        let (method, url) = (HttpMethod::Post, self.url(path));
        let request = HttpRequest { method, url, headers: Vec::new(), body: Data::from(raw.0) };
        let request = request.header("content-type", "application/json");
        match self.host.http(ctx, request).await {
            Ok(response) => outcome(name, &response),
            Err(HttpError::NotSent(error)) => SendOutcome::NotSent { reason: error.message },
            Err(HttpError::Unknown(error)) => SendOutcome::Unknown { reason: error.message },
        }
    }

    async fn ask<T: DeserializeOwned>(&self, ctx: &Context, request: HttpRequest) -> Result<T, PluginError> {
        let response = self.host.http(ctx, request).await?;
        if response.is_success() {
            return response.body.json().map_err(|_| PluginError::transient("the service makes no sense"));
        }
        Err(refused(&response))
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.settings.url)
    }
}

/// What the answer to a hand-over means.
fn outcome(name: &Name, response: &HttpResponse) -> SendOutcome {
    let taken = || response.body.json::<Taken>().is_ok_and(|taken| taken.uid == name.uid().to_string());
    if response.is_success() && taken() {
        return SendOutcome::Accepted;
    }
    match refusal(response).filter(|refusal| refusal.reason() != Reason::Other) {
        Some(refusal) => SendOutcome::NotSent { reason: refusal.message() },
        None => SendOutcome::Unknown { reason: unexplained(response) },
    }
}

/// What the daemon should make of an answer that is none.
fn refused(response: &HttpResponse) -> PluginError {
    let Some(refusal) = refusal(response) else {
        return PluginError::transient(unexplained(response));
    };
    let message = refusal.message();
    match refusal.reason() {
        Reason::InsufficientFunds => PluginError::insufficient_funds(message),
        Reason::NoMarket | Reason::InvalidOrder | Reason::InvalidSignature => PluginError::permanent(message),
        Reason::Expired | Reason::Revoked | Reason::Settled | Reason::RateLimited | Reason::Other => {
            PluginError::transient(message)
        }
    }
}

fn refusal(response: &HttpResponse) -> Option<Refusal> {
    let is_refusal = (400..500).contains(&response.status);
    is_refusal.then(|| response.body.json().ok()).flatten()
}

fn unexplained(response: &HttpResponse) -> String {
    format!("the service answered with status {}", response.status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{DOMAIN, Keeper, order, owner, soon};
    use orderd_sdk::plugin::ErrorKind;
    use serde_json::{Value, json};

    fn uid() -> Uid {
        DOMAIN.uid(&order(), owner())
    }

    fn service(answer: Result<(u16, Value), HttpError>) -> Service {
        let url = "http://a".to_owned();
        Service::new(Host::new(Keeper::answering(answer)), ChainSettings { url, domain: DOMAIN })
    }

    #[tokio::test]
    async fn a_hand_over_has_three_answers_and_doubt_is_the_usual_one() {
        let not_sent = || HttpError::NotSent(PluginError::transient("refused"));
        let broken = || HttpError::Unknown(PluginError::transient("broken"));
        let taken = json!({"uid": uid().to_string()});
        let cases = [
            (Ok((201, taken.clone())), "accepted"),
            (Ok((200, taken.clone())), "accepted"),
            (Ok((200, json!({"uid": "0x00"}))), "unknown"),
            (Ok((200, json!("welcome"))), "unknown"),
            (Ok((302, taken.clone())), "unknown"),
            (Ok((503, taken)), "unknown"),
            (Ok((503, json!({"code": "rate-limited"}))), "unknown"),
            (Ok((429, json!({"code": "rate-limited"}))), "not-sent"),
            (Ok((400, json!({"code": "expired"}))), "not-sent"),
            (Ok((400, json!({"code": "what"}))), "unknown"),
            (Ok((404, json!(null))), "unknown"),
            (Err(not_sent()), "not-sent"),
            (Err(broken()), "unknown"),
        ];
        for (answer, expected) in cases {
            let case = format!("{answer:?}");
            let outcome = service(answer).send(&soon(), &Name::Order(uid()), HexBytes(vec![])).await;
            assert_eq!(serde_json::to_value(outcome).unwrap()["outcome"], expected, "{case}");
        }
    }

    #[tokio::test]
    async fn an_answer_about_other_orders_or_another_settlement_is_none() {
        let settlement =
            |chain_id: u64| json!({"chainId": chain_id, "address": DOMAIN.settlement, "finalTime": 5});
        let entry = |uid: &str| json!({"uid": uid, "book": "none", "outcome": null});
        let (own, other) = (uid().to_string(), "0x00".to_owned());
        for orders in [vec![], vec![entry(&other)], vec![entry(&own), entry(&own)]] {
            let reply = json!({"settlement": settlement(1), "orders": orders});
            assert!(service(Ok((200, reply))).status(&soon(), &[uid()]).await.is_err());
        }
        for (chain_id, sound) in [(1, true), (2, false)] {
            let reply = json!({"settlement": settlement(chain_id), "orders": [entry(&own)]});
            assert_eq!(service(Ok((200, reply))).status(&soon(), &[uid()]).await.is_ok(), sound);
        }
    }

    #[tokio::test]
    async fn what_the_service_refuses_has_its_kind() {
        for (status, code, kind) in [
            (400, "no-market", ErrorKind::Permanent),
            (400, "insufficient-funds", ErrorKind::InsufficientFunds),
            (429, "rate-limited", ErrorKind::Transient),
            (400, "what", ErrorKind::Transient),
            (500, "no-market", ErrorKind::Transient),
        ] {
            let error = service(Ok((status, json!({"code": code})))).who(&soon()).await.unwrap_err();
            assert_eq!(error.kind, kind, "{status} {code}");
        }
    }
}
