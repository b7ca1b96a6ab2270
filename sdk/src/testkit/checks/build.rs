//! Transactions that a venue builds.

use super::{
    chain::Actor,
    quote::{is_panic, quoted},
};
use crate::{
    abi::Method,
    amount::Amount,
    plugin::{Build, BuildRequest, EstimateRequest, Estimated, Payload, PluginError},
    testkit::{
        Bench,
        plan::Market,
        report::{Checked, Stop, ensure},
        subject::Subject,
    },
};
use serde_json::json;

/// Tokens that change no allowance into another one need two.
const MOST_APPROVALS: usize = 2;

pub(super) fn builds(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    for market in bench.markets()? {
        let request = request(bench, &subject, market)?;
        match built(&subject, market, &request)? {
            Build::Swap { payload } => ensure(
                !payload.is_null(),
                || "a swap without a payload".to_owned(),
                "the transaction, in the words of its chain",
                "build",
            )?,
            Build::Approve(approval) => ensure(
                approval.token == market.sell.symbol
                    && !approval.spender.is_empty()
                    && !approval.payload.is_null(),
                || format!("an approval of {:?} for {:?}", approval.token, approval.spender),
                &format!(
                    "the symbol of the sold token, {:?}, a spender, and the transaction",
                    market.sell.symbol
                ),
                "build: what it answers when the venue may not take the token yet",
            )?,
        }
    }
    Ok(())
}

/// The question for the transaction of a market's own quote.
fn request(bench: &Bench, subject: &Subject, market: &Market) -> Checked<BuildRequest> {
    let quote = quoted(bench, subject, market)?;
    bench.build(subject, market, quote.amount_out, quote.route)
}

fn built(subject: &Subject, market: &Market, request: &BuildRequest) -> Checked<Build> {
    subject.core().must(Method::VenueBuild, &market.venue, request)
}

/// The payload of a swap of a market.
pub(super) fn swap(bench: &Bench, subject: &Subject, market: &Market) -> Checked<Payload> {
    ready(bench, subject, market)?;
    payload(subject, market, &request(bench, subject, market)?)
}

/// Has the account approve what the venue wants approved, where there is a chain to do it on.
fn ready(bench: &Bench, subject: &Subject, market: &Market) -> Checked {
    for _ in 0..MOST_APPROVALS {
        match built(subject, market, &request(bench, subject, market)?)? {
            Build::Swap { .. } => break,
            Build::Approve(approval) => {
                let chain = &bench.plan.venues[&market.venue].chain;
                Actor::on(bench, subject, chain)?.carry_out(approval.payload)?;
            }
        }
    }
    Ok(())
}

fn payload(subject: &Subject, market: &Market, request: &BuildRequest) -> Checked<Payload> {
    match built(subject, market, request)? {
        Build::Swap { payload } => Ok(payload),
        Build::Approve(approval) => Err(Stop::failed(
            format!("{} is to be approved for {} again and again", approval.token, approval.spender),
            "a swap once the approval is in the chain",
            "build: how it looks up what the spender may take",
        )),
    }
}

pub(super) fn terms(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    for market in bench.markets()? {
        ready(bench, &subject, market)?;
        let request = request(bench, &subject, market)?;
        let plain = payload(&subject, market, &request)?;
        let repeated = payload(&subject, market, &request)?;
        ensure(
            plain == repeated,
            || "two builds of the same swap differ".to_owned(),
            "the same transaction for the same question",
            "build: chance or time in the payload",
        )?;
        for (term, other) in changed(&request) {
            ensure(
                payload(&subject, market, &other)? != plain,
                || format!("the transaction is the same whatever {term} is"),
                &format!("{term} is part of the transaction, so that the chain itself enforces it"),
                &format!("build: where {term} goes into the payload"),
            )?;
        }
    }
    Ok(())
}

/// The same question with one term changed.
fn changed(request: &BuildRequest) -> [(&'static str, BuildRequest); 3] {
    let with =
        |min_out, deadline, amount_in| BuildRequest { min_out, deadline, amount_in, ..request.clone() };
    let (min_out, deadline, amount_in) = (request.min_out, request.deadline, request.amount_in);
    [
        ("minOut", with(less(min_out), deadline, amount_in)),
        ("deadline", with(min_out, deadline - 60, amount_in)),
        ("amountIn", with(less(min_out), deadline, less(amount_in))),
    ]
}

fn less(amount: Amount) -> Amount {
    amount.saturating_sub(Amount::from(1_u64))
}

pub(super) fn routes(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    for market in bench.markets()? {
        ready(bench, &subject, market)?;
        let request = request(bench, &subject, market)?;
        let own = payload(&subject, market, &request)?;
        let foreign = [
            json!(null),
            json!(7),
            json!("route"),
            json!([]),
            json!({}),
            json!(["A", "B", "C"]),
            json!({"path": ["0x01", "0x02"], "pools": [1]}),
        ];
        for route in foreign.map(Payload::from).into_iter().filter(|route| *route != request.route) {
            let other = BuildRequest { route: route.clone(), ..request.clone() };
            let answer = subject.core().ask::<Build>(Method::VenueBuild, &market.venue, &other)?;
            let sound = match &answer {
                Ok(Build::Swap { payload }) => *payload == own,
                Ok(Build::Approve(_)) => false,
                Err(error) => !is_panic(error),
            };
            ensure(
                sound,
                || format!("the route {route} gave {}", told(&answer)),
                "an error, or the same transaction as with its own route",
                "build: it reads the route that comes back as strictly as anything from outside",
            )?;
        }
    }
    Ok(())
}

fn told(answer: &Result<Build, PluginError>) -> String {
    match answer {
        Ok(Build::Swap { payload }) => format!("a swap: {payload}"),
        Ok(Build::Approve(_)) => "an approval".to_owned(),
        Err(error) => format!("{:?}: {error}", error.kind),
    }
}

pub(super) fn limits(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    for market in bench.markets()? {
        ready(bench, &subject, market)?;
        let fair = request(bench, &subject, market)?;
        tried(bench, &subject, market, &fair)?.map_err(|error| {
            Stop::failed(
                format!("the chain refuses the swap as it was quoted: {error}"),
                "a transaction that would succeed now",
                "build, and whether the account of the plan has what it sells",
            )
        })?;
        let greedy = fair.min_out.mul_div_ceil(2, 1).unwrap_or(Amount::MAX);
        let greedy = ("minOut is twice the quote", BuildRequest { min_out: greedy, ..fair.clone() });
        let late = ("the deadline has passed", BuildRequest { deadline: 1, ..fair });
        for (what, request) in [greedy, late] {
            ensure(
                tried(bench, &subject, market, &request)?.is_err(),
                || format!("the chain would carry out the swap although {what}"),
                "a transaction that fails as a whole rather than give less than minOut or act after the deadline",
                "build: the call that it makes; check on the chain, not in the venue",
            )?;
        }
    }
    Ok(())
}

/// Whether the chain would carry the swap out now.
fn tried(
    bench: &Bench,
    subject: &Subject,
    market: &Market,
    request: &BuildRequest,
) -> Checked<Result<Estimated, PluginError>> {
    let chain = &bench.plan.venues[&market.venue].chain;
    // Who refuses to build it has refused it.
    let built = match subject.core().ask::<Build>(Method::VenueBuild, &market.venue, request)? {
        Ok(Build::Swap { payload }) => payload,
        Ok(Build::Approve(approval)) => approval.payload,
        Err(error) => return Ok(Err(error)),
    };
    let estimate = EstimateRequest { address: request.trader.clone(), payload: built };
    bench.server(subject, chain)?.core().ask(Method::ChainEstimate, chain, &estimate)
}
