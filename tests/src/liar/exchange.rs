//! One request on its way: what is asked of the node, and what is made of its answer.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hyper::StatusCode;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::{
    fault::{Fault, Kept},
    horizon::{Horizon, Seen},
    message::{Call, Question, error_answer},
    script::Acting,
    server::Shared,
    upstream::Away,
};

/// How long an answer waits to be overtaken.
const OVERTAKE_PATIENCE: Duration = Duration::from_secs(2);
/// What a gateway shows to people.
const PAGE: &str = "<html><head><title>502 Bad Gateway</title></head><body>cloud</body></html>";

/// What the caller gets: an answer, or a connection that breaks.
pub(super) type Outcome = Result<(StatusCode, Bytes), Broken>;

/// The connection is reset.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// On purpose.
    #[error("reset on purpose")]
    OnPurpose,
    /// As the node itself is not there.
    #[error(transparent)]
    Away(#[from] Away),
}

/// One request, with the rules that act on it.
struct Exchange {
    shared: Arc<Shared>,
    question: Question,
    acting: Vec<Acting>,
}

/// Answers a request, honestly or not.
pub(super) async fn answer(shared: Arc<Shared>, body: Bytes) -> Outcome {
    let Some(question) = Question::read(&body) else {
        return Ok(shared.upstream.pass(body).await?);
    };
    let acting = shared.script().act(question.calls());
    shared.tally.send_modify(|tally| {
        tally.came(question.calls());
        acting.iter().for_each(|rule| tally.did(&rule.fault));
    });
    let calls = question.calls().to_vec();
    let outcome = match acting.is_empty() {
        true => shared.upstream.pass(body).await.map_err(Broken::from),
        false => Exchange { shared: shared.clone(), question, acting }.run().await,
    };
    shared.tally.send_modify(|tally| tally.went(&calls));
    outcome
}

impl Exchange {
    async fn run(self) -> Outcome {
        let lost = self.acting.iter().any(|rule| rule.fault.keeps_from_node());
        let answers = if lost { Vec::new() } else { self.ask().await? };
        self.hold_back().await;
        self.render(answers)
    }

    /// The answers, as far as the faults leave them.
    async fn ask(&self) -> Result<Vec<Value>, Away> {
        let horizon = self.horizon().await?;
        let heard: Vec<Seen> = self.question.calls().iter().map(|call| self.hear(call, horizon)).collect();
        let asked: Vec<Call> = heard.iter().filter_map(Seen::asked).cloned().collect();
        let mut told = self.shared.upstream.ask(&asked).await?;
        if self.does(|fault| matches!(fault, Fault::Twice)) {
            told = self.shared.upstream.ask(&asked).await?;
        }
        let mut told = told.into_iter();
        let mut answers = Vec::new();
        for (call, seen) in self.question.calls().iter().zip(heard) {
            let answer = match seen {
                Seen::Answered(answer) => Some(answer),
                Seen::Asked(_) => told.next(),
            };
            answers.extend(answer.and_then(|answer| self.distort(call, answer, horizon)));
        }
        if self.does(|fault| matches!(fault, Fault::Shuffled)) {
            answers.reverse();
        }
        Ok(answers)
    }

    /// How far the node sees, if it is one that lags or forgets.
    async fn horizon(&self) -> Result<Option<Horizon>, Away> {
        let forgets = self.acting.iter().find_map(|rule| rule.fault.kept()).map(|_| 0);
        match self.acting.iter().filter_map(|rule| rule.fault.lag()).chain(forgets).max() {
            Some(blocks) => Horizon::behind(&self.shared.upstream, blocks).await.map(Some),
            None => Ok(None),
        }
    }

    /// A call as the node hears it.
    fn hear(&self, call: &Call, horizon: Option<Horizon>) -> Seen {
        if let Some(answer) = self.about(call).find_map(|rule| rule.fault.instead(call)) {
            return Seen::Answered(answer);
        }
        let kept = self.about(call).filter_map(|rule| rule.fault.kept()).min();
        if horizon.zip(kept).is_some_and(|(horizon, kept)| horizon.has_pruned(call, kept)) {
            return Seen::Answered(error_answer(&call.id, -32_000, "missing trie node"));
        }
        let mut call = call.clone();
        if self.about(&call).any(|rule| rule.fault == Fault::Hasty) {
            let finalized = call.params.iter_mut().filter(|param| **param == json!("finalized"));
            finalized.for_each(|tag| *tag = json!("latest"));
        }
        match horizon.filter(|_| self.is_stale(&call)) {
            Some(horizon) => horizon.hear(call),
            None => Seen::Asked(call),
        }
    }

    fn distort(&self, call: &Call, mut answer: Value, horizon: Option<Horizon>) -> Option<Value> {
        if let Some(horizon) = horizon.filter(|_| self.is_stale(call)) {
            horizon.censor(call, &mut answer);
        }
        let kept = self.about(call).all(|rule| rule.fault.distort(call, &mut answer) == Kept::Yes);
        kept.then_some(answer)
    }

    fn is_stale(&self, call: &Call) -> bool {
        self.about(call).any(|rule| rule.fault.lag().is_some())
    }

    fn about(&self, call: &Call) -> impl Iterator<Item = &Acting> {
        self.acting.iter().filter(move |rule| rule.is_about(call))
    }

    fn does(&self, fault: impl Fn(&Fault) -> bool) -> bool {
        self.acting.iter().any(|rule| fault(&rule.fault))
    }

    async fn hold_back(&self) {
        for rule in &self.acting {
            if rule.fault == Fault::Held {
                self.shared.without(rule.id).await;
            } else if let Fault::Delayed(time) = rule.fault {
                sleep(time).await;
            } else if rule.fault == Fault::Overtaken {
                self.let_another_pass(rule).await;
            }
        }
    }

    async fn let_another_pass(&self, rule: &Acting) {
        let own = self.question.calls().iter().filter(|call| rule.is_about(call));
        let methods: Vec<&str> = own.map(|call| call.method.as_str()).collect();
        let mut tally = self.shared.tally.subscribe();
        let before: u64 = methods.iter().map(|method| tally.borrow().answered(method)).sum();
        let passed =
            tally.wait_for(|tally| methods.iter().map(|method| tally.answered(method)).sum::<u64>() > before);
        timeout(OVERTAKE_PATIENCE, passed).await.ok();
    }

    /// The answer on the wire.
    fn render(&self, answers: Vec<Value>) -> Outcome {
        if self.does(|fault| matches!(fault, Fault::Reset(_))) {
            return Err(Broken::OnPurpose);
        }
        if let Some(answer) = self.acting.iter().find_map(|rule| in_place(&rule.fault)) {
            return Ok(answer);
        }
        let mut body = self.question.body(answers);
        if self.does(|fault| matches!(fault, Fault::Truncated)) {
            body.truncate(body.len() / 2);
        }
        Ok((StatusCode::OK, body.into()))
    }
}

/// What a gateway says in place of a node.
fn in_place(fault: &Fault) -> Option<(StatusCode, Bytes)> {
    if let Fault::Status(code, _) = fault {
        let status = StatusCode::from_u16(*code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return Some((status, status.canonical_reason().unwrap_or("error").into()));
    }
    matches!(fault, Fault::Html(_)).then(|| (StatusCode::OK, PAGE.into()))
}
