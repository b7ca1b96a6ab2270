//! The chain as the engine calls it.

use super::{Signed, bytes::Unsigned, network::Reaction, node::View};
use crate::{faults::Fault, laws::Law, life::Life, sabotage::Sabotage, time::pause, world::State};
use orderd_sdk::{
    amount::Amount,
    plugin::{
        AddressRequest, BalanceRequest, BlockRef, BumpRequest, CancelRequest, Chain, Consumer,
        ConsumerRequest, Context, EstimateRequest, Estimated, Health, HexBytes, LaneRequest, LaneStatus,
        Payload, PluginError, PrepareRequest, Prepared, ReadRequest, SendOutcome, SendRequest, StatusRequest,
        TxStatus, async_trait,
    },
};

/// The chain, for one life of the engine.
pub(crate) struct SimChain(pub(crate) Life);

#[async_trait]
impl Chain for SimChain {
    async fn address(&self, _: &Context, request: AddressRequest) -> Result<String, PluginError> {
        Ok(super::address_of(&request.account))
    }

    async fn lane(&self, _: &Context, request: LaneRequest) -> Result<LaneStatus, PluginError> {
        let look = |state: &mut State| Ok(state.view().lane(&request.address));
        self.0.ask("lane", &request.address, look).await
    }

    async fn estimate(&self, _: &Context, request: EstimateRequest) -> Result<Estimated, PluginError> {
        let estimate = |state: &mut State| {
            let unsigned = read(&request.payload)?;
            let view = state.chain.view(&mut state.weather);
            let estimated = view.estimate(&request.address, unsigned, &mut state.weather)?;
            Ok(Estimated { payload: write(&estimated) })
        };
        self.0.ask("estimate", &request.payload, estimate).await
    }

    async fn prepare(&self, _: &Context, request: PrepareRequest) -> Result<Prepared, PluginError> {
        let unsigned: Unsigned = read(&request.payload)?;
        let sign = |state: &mut State| {
            state.check_recovery(&request.signer.account);
            let address = request.signer.address.clone();
            Ok(Signed { address, sequence: request.sequence, unsigned }.prepare())
        };
        self.0.sign("prepare", request.sequence, sign).await
    }

    async fn cancel(&self, _: &Context, request: CancelRequest) -> Result<Prepared, PluginError> {
        let replaced = signed(&request.replaces)?;
        let sign = |state: &mut State| {
            let view = state.chain.view(&mut state.weather);
            Ok(view.cancel(request.signer.address.clone(), request.sequence, &replaced)?.prepare())
        };
        self.0.sign("cancel", request.sequence, sign).await
    }

    async fn bump(&self, _: &Context, request: BumpRequest) -> Result<Prepared, PluginError> {
        let replaced = signed(&request.replaces)?;
        let sign = |state: &mut State| {
            if !state.chain.is_numbered() {
                state.hold(Err(Law::EngineIsWell.broken("it bumps where there is nothing to outbid")));
            }
            Ok(state.chain.view(&mut state.weather).bump(&replaced)?.prepare())
        };
        self.0.sign("bump", request.sequence, sign).await
    }

    async fn consumer(&self, _: &Context, request: ConsumerRequest) -> Result<Consumer, PluginError> {
        let look = |state: &mut State| Ok(state.view().consumer(&request.address, request.sequence));
        let answer = self.0.ask("consumer", request.sequence, look).await;
        if answer.is_err() && self.0.plan(|plan| plan.sabotage).await == Sabotage::ErrorIsProof {
            let (hash, block) = ("somebody's".to_owned(), BlockRef { number: 0, hash: "some".to_owned() });
            return Ok(Consumer::Consumed { hash, block });
        }
        answer
    }

    async fn send(&self, _: &Context, request: SendRequest) -> SendOutcome {
        let outcome = self.0.send(&request).await;
        self.0.note(|| format!("  send {} -> {outcome:?}", request.hash)).await;
        outcome
    }

    async fn status(&self, _: &Context, request: StatusRequest) -> Result<Vec<TxStatus>, PluginError> {
        let hashes: Vec<_> = request.queries.iter().map(|query| query.hash.as_str()).collect();
        let look = |state: &mut State| {
            let view = state.chain.view(&mut state.weather);
            Ok(hashes.iter().map(|hash| view.status(hash, &mut state.weather)).collect())
        };
        let mut answer = self.0.ask("status", &hashes, look).await;
        if answer.is_err() && self.0.plan(|plan| plan.sabotage).await == Sabotage::ErrorIsProof {
            answer = Ok(vec![TxStatus::NotFound; hashes.len()]);
        }
        if self.0.plan(|plan| plan.sabotage).await == Sabotage::AbsenceIsDeath {
            let not_found = answer.iter_mut().flatten().filter(|status| **status == TxStatus::NotFound);
            not_found.for_each(|status| *status = TxStatus::Dead { reason: "it is not there".to_owned() });
        }
        if answer.is_ok() {
            self.0.with(|state| state.looked_up(&hashes)).await;
        }
        answer
    }

    async fn balance(&self, _: &Context, _: BalanceRequest) -> Result<Amount, PluginError> {
        Ok(Amount::ZERO)
    }

    async fn read(&self, _: &Context, request: ReadRequest) -> Result<Payload, PluginError> {
        Ok(request.query)
    }

    async fn health(&self, _: &Context) -> Result<Health, PluginError> {
        Ok(Health { detail: "simulated".to_owned() })
    }
}

fn read(payload: &Payload) -> Result<Unsigned, PluginError> {
    payload.read()
}

pub(super) fn write(unsigned: &Unsigned) -> Payload {
    Payload::of(unsigned).expect("a transaction is JSON")
}

fn signed(bytes: &[HexBytes]) -> Result<Vec<Signed>, PluginError> {
    let read = |raw: &HexBytes| Signed::read(&raw.0).ok_or_else(|| PluginError::invalid("not signed here"));
    bytes.iter().map(read).collect()
}

impl State {
    /// What a node says, be it true or not.
    fn view(&mut self) -> View<'_> {
        let view = self.chain.view(&mut self.weather);
        match self.plan.sabotage == Sabotage::FinalTooSoon {
            true => view.all_final(),
            false => view,
        }
    }
}

impl Life {
    /// Signs: no network, little time.
    async fn sign(
        &self,
        what: &'static str,
        sequence: u64,
        sign: impl FnOnce(&mut State) -> Result<Prepared, PluginError> + Send,
    ) -> Result<Prepared, PluginError> {
        self.pass(what).await;
        let prepared = self
            .with(|state| match state.weather.strikes(Fault::NoSignature) {
                true => Err(PluginError::transient("the key is not at hand")),
                false => sign(state),
            })
            .await;
        self.note(|| {
            let hash = prepared.as_ref().map(|prepared| prepared.hash.clone());
            format!("{what} sequence {sequence} -> {hash:?}")
        })
        .await;
        prepared
    }

    async fn send(&self, request: &SendRequest) -> SendOutcome {
        self.pass("send").await;
        self.note(|| format!("send {}", request.hash)).await;
        let fate = self.with(|state| Fate::of(state, request)).await;
        pause(fate.delay).await;
        let reaction = match fate.ticket {
            Some(ticket) => self.with(|state| state.chain.network.reaction(ticket)).await,
            None => None,
        };
        if let Some(outcome) = fate.answer {
            return outcome;
        }
        match reaction {
            Some(Reaction::Has) => SendOutcome::Accepted,
            Some(Reaction::Underpriced) => {
                SendOutcome::NotSent { reason: "replacement transaction underpriced".to_owned() }
            }
            Some(Reaction::SequenceTooLow) => SendOutcome::Unknown { reason: "sequence too low".to_owned() },
            Some(Reaction::Nonsense) => SendOutcome::NotSent { reason: "not a transaction".to_owned() },
            None => std::future::pending().await,
        }
    }
}

/// What becomes of one sending.
struct Fate {
    /// When it ends, in milliseconds from now.
    delay: u64,
    /// Asks for the node's reaction, where the bytes arrive in time.
    ticket: Option<u64>,
    /// What is told, whatever the node said.
    answer: Option<SendOutcome>,
}

impl Fate {
    fn of(state: &mut State, request: &SendRequest) -> Self {
        state.check_write_ahead(request);
        let delay = state.weather.chance.between(1..=30);
        let reset = |silent: bool| {
            let reason = "connection reset".to_owned();
            (!silent).then_some(SendOutcome::Unknown { reason })
        };
        let silent = state.weather.chance.happens(300);
        if state.weather.strikes(Fault::SendRefused) {
            let reason = "connection refused".to_owned();
            return Self { delay, ticket: None, answer: Some(SendOutcome::NotSent { reason }) };
        }
        if state.weather.strikes(Fault::SendLost) {
            return Self { delay, ticket: None, answer: reset(silent) };
        }
        let late = match state.weather.strikes(Fault::SendLate) {
            true => state.weather.chance.between(100..=8_000),
            false => 0,
        };
        let ticket = state.chain.network.post(&request.raw.0, state.now + late + delay / 2);
        if late > 0 || state.weather.strikes(Fault::AnswerLost) {
            return Self { delay, ticket: None, answer: reset(silent) };
        }
        Self { delay, ticket: Some(ticket), answer: None }
    }
}
