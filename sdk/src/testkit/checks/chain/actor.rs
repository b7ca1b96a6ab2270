//! The plan's account on one chain, and what it can sign there.

use super::{super::build, send::settled};
use crate::{
    abi::Method,
    plugin::{
        BumpRequest, CancelRequest, Consumer, ConsumerRequest, ErrorKind, EstimateRequest, Estimated,
        HexBytes, LaneRequest, LaneStatus, Payload, PluginError, PrepareRequest, Prepared, SendOutcome,
        SendRequest, Signer, StatusRequest, TxQuery, TxStatus,
    },
    testkit::{
        Bench,
        plan::ServedBy,
        report::{Checked, Stop},
        subject::{Core, Subject},
    },
};

/// An account on a chain.
pub(in crate::testkit::checks) struct Actor<'a> {
    pub(super) bench: &'a Bench,
    /// The library under test,
    subject: &'a Subject,
    /// and whoever serves the chain.
    server: &'a Subject,
    pub(super) chain: String,
    pub(super) signer: Signer,
}

/// Tries something on every chain that the plan has the library make.
pub(super) fn each(bench: &Bench, act: impl Fn(&Actor<'_>) -> Checked) -> Checked {
    let subject = bench.subject()?;
    let chains = bench.plan.chains_of(&ServedBy::Subject);
    if chains.is_empty() {
        return Err(Stop::skipped("the plan names no chain of this plugin"));
    }
    for chain in chains.into_keys() {
        act(&Actor::on(bench, &subject, &chain)?)?;
    }
    Ok(())
}

impl<'a> Actor<'a> {
    /// The account on this chain, whoever serves it.
    pub(in crate::testkit::checks) fn on(
        bench: &'a Bench,
        subject: &'a Subject,
        chain: &str,
    ) -> Checked<Self> {
        let server = bench.server(subject, chain)?;
        let address = bench.address(subject, chain)?;
        let signer = Signer { account: bench.plan.account.name.clone(), address };
        Ok(Self { bench, subject, server, chain: chain.to_owned(), signer })
    }

    pub(super) fn core(&self) -> &'a Core {
        self.server.core()
    }

    pub(super) fn lane(&self) -> Checked<LaneStatus> {
        let request = LaneRequest { address: self.signer.address.clone() };
        self.core().must(Method::ChainLane, &self.chain, &request)
    }

    /// Something that would take effect now: of the plan, or a swap of the library's own venue; completed by `estimate`.
    pub(super) fn payload(&self) -> Checked<Payload> {
        let built =
            match self.bench.plan.transactions.iter().find(|transaction| transaction.chain == self.chain) {
                Some(transaction) => transaction.payload.clone().into(),
                None => self.own_swap()?,
            };
        self.estimate(built)
    }

    fn estimate(&self, built: Payload) -> Checked<Payload> {
        let request = EstimateRequest { address: self.signer.address.clone(), payload: built };
        let estimated: Estimated = self.core().must(Method::ChainEstimate, &self.chain, &request)?;
        Ok(estimated.payload)
    }

    /// Carries out what a venue asks for before it can trade.
    pub(in crate::testkit::checks) fn carry_out(&self, built: Payload) -> Checked {
        let signed = self.sign(self.lane()?.latest, &self.estimate(built)?)?;
        self.send(&signed)?;
        settled(self, &signed).map(drop)
    }

    fn own_swap(&self) -> Checked<Payload> {
        let plan = &self.bench.plan;
        let here = |venue: &str| plan.venues[venue].chain == self.chain;
        match plan.markets.iter().find(|market| here(&market.venue)) {
            Some(market) => build::swap(self.bench, self.subject, market),
            None => Err(Stop::skipped(format!(
                "the plan names no [[transactions]] of {:?}, and no market there",
                self.chain
            ))),
        }
    }

    pub(super) fn sign(&self, sequence: u64, payload: &Payload) -> Checked<Prepared> {
        let request = PrepareRequest { signer: self.signer.clone(), sequence, payload: payload.clone() };
        self.core().must(Method::ChainPrepare, &self.chain, &request)
    }

    pub(super) fn cancel(&self, sequence: u64, replaces: Vec<HexBytes>) -> Checked<Prepared> {
        let request = CancelRequest { signer: self.signer.clone(), sequence, replaces };
        self.core().must(Method::ChainCancel, &self.chain, &request)
    }

    pub(super) fn bump(
        &self,
        sequence: u64,
        replaces: Vec<HexBytes>,
    ) -> Checked<Result<Prepared, PluginError>> {
        let request = BumpRequest { signer: self.signer.clone(), sequence, replaces };
        self.core().ask(Method::ChainBump, &self.chain, &request)
    }

    /// What became of a sequence; `None` where the chain does not tell.
    pub(super) fn consumer(&self, sequence: u64) -> Checked<Option<Consumer>> {
        let request = ConsumerRequest { address: self.signer.address.clone(), sequence };
        match self.core().ask(Method::ChainConsumer, &self.chain, &request)? {
            Ok(consumer) => Ok(Some(consumer)),
            Err(error) if error.kind == ErrorKind::Unsupported => Ok(None),
            Err(error) => Err(Stop::failed(
                format!("consumer failed: {error}"),
                "open or consumed, or ORDERD_UNSUPPORTED",
                "consumer",
            )),
        }
    }

    pub(super) fn send(&self, transaction: &Prepared) -> Checked<SendOutcome> {
        let request = SendRequest { raw: transaction.raw.clone(), hash: transaction.hash.clone() };
        self.core().must(Method::ChainSend, &self.chain, &request)
    }

    pub(super) fn status(&self, hash: &str) -> Checked<TxStatus> {
        let query = TxQuery { hash: hash.to_owned(), receive: None };
        let request = StatusRequest { queries: vec![query] };
        let mut answers: Vec<TxStatus> = self.core().must(Method::ChainStatus, &self.chain, &request)?;
        match (answers.pop(), answers.is_empty()) {
            (Some(status), true) => Ok(status),
            (_, _) => Err(Stop::failed(
                "one query has another number of answers",
                "one answer for each query, in their order",
                "status",
            )),
        }
    }
}
