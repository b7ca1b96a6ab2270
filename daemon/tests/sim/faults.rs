//! Everything that can go wrong by itself, and which of it a seed has. Each seed has only some of it, so that one fault
//! does not hide what another would show ("swarm testing", Groce et al. 2012).

use crate::chance::Chance;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::RangeInclusive,
};

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// A call is never answered.
    Silence,
    /// A call fails.
    Error,
    /// From now on all calls of a kind fail, for seconds.
    Outage,
    /// An answer takes long, and may be out of date when it comes.
    Slow,
    /// Bytes are lost on their way out.
    SendLost,
    /// Bytes arrive and the answer is lost.
    AnswerLost,
    /// Bytes arrive long after the call has ended.
    SendLate,
    /// No byte leaves.
    SendRefused,
    /// The network delivers bytes again, a while later.
    Echo,
    /// A node accepts bytes and forgets them at once.
    Forgotten,
    /// The pool drops a transaction.
    Evicted,
    /// A miner includes a transaction that no pool seems to know any more.
    Ghost,
    /// A transaction is not in the next block although it could be.
    Waits,
    /// Blocks are undone.
    Reorg,
    /// A transaction of an undone block is not in the pool afterwards.
    Vanishes,
    /// The node does not see a new block yet.
    Lag,
    /// The node knows the block and not the transaction in it.
    HiddenReceipt,
    /// The price jumps.
    Price,
    /// Fees jump, and what was bid before is too little for a while.
    Fees,
    /// The account's key may not be used for a moment.
    NoSignature,
    /// A window that was never acknowledged survives a crash all the same.
    TornWindow,
    /// The disk takes its time.
    SlowDisk,
    /// Clocks are wrong.
    Skew,
    /// Clients send a request again although it was answered.
    Twice,
    /// Clients take orders back.
    Withdrawn,
    /// Clients have failed orders tried again.
    Retried,
    /// Operators pause the queue.
    Paused,
    /// What waits is replaced by a higher bid, and what is too late by nothing. (Of the engine, and no fault; a seed
    /// without it shows what the others hide.)
    Bumps,
    /// Behind one endpoint there are several nodes, and each call meets another.
    ManyNodes,
    /// For seconds, the node does not find a transaction of a block that cannot be undone.
    HiddenForGood,
    /// Fees stay where they are: what was bid before is too little for ever.
    FeesStay,
    /// Somebody else uses the account.
    ForeignUse,
    /// A reorganisation takes an approval that was in a block, and no pool has it afterwards.
    ApprovalLost,
    /// A reorganisation takes somebody else's transaction, and no pool has it afterwards.
    ForeignLost,
}

use Fault as F;

/// Every fault, and how often in a thousand times it happens in a seed that has it.
const RATES: &[(Fault, RangeInclusive<u64>)] = &[
    (F::Silence, 5..=80),
    (F::Error, 10..=200),
    (F::Outage, 5..=60),
    (F::Slow, 10..=300),
    (F::SendLost, 20..=400),
    (F::AnswerLost, 20..=400),
    (F::SendLate, 20..=200),
    (F::SendRefused, 20..=400),
    (F::Echo, 20..=300),
    (F::Forgotten, 20..=300),
    (F::Evicted, 20..=300),
    (F::Ghost, 50..=500),
    (F::Waits, 100..=700),
    (F::Reorg, 20..=300),
    (F::Vanishes, 200..=800),
    (F::Lag, 100..=800),
    (F::HiddenReceipt, 20..=400),
    (F::Price, 20..=300),
    (F::Fees, 20..=300),
    (F::NoSignature, 10..=200),
    (F::TornWindow, 300..=700),
    (F::SlowDisk, 100..=600),
    (F::Skew, 500..=1_000),
    (F::Twice, 100..=600),
    (F::Withdrawn, 50..=500),
    (F::Retried, 100..=700),
    (F::Paused, 100..=700),
    (F::Bumps, 1_000..=1_000),
    (F::ManyNodes, 1_000..=1_000),
    (F::HiddenForGood, 20..=400),
    (F::FeesStay, 1_000..=1_000),
    (F::ForeignUse, 10..=100),
    (F::ApprovalLost, 300..=1_000),
    (F::ForeignLost, 300..=1_000),
];

/// Faults that the engine is known not to stand up to yet, with what would close each gap. They are left out, unless a
/// run asks for them.
pub(crate) const KNOWN_GAPS: &[Fault] = &[];

/// Faults that strike by themselves, now and then; the others are there all the time.
pub(crate) fn that_strike() -> impl Iterator<Item = Fault> {
    let constant = [F::Bumps, F::FeesStay];
    RATES.iter().map(|(fault, _)| *fault).filter(move |fault| !constant.contains(fault))
}

/// What a seed has of all this.
#[derive(Clone)]
pub(crate) struct Faults(Vec<u64>);

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with_rate = RATES.iter().zip(&self.0).filter(|(_, rate)| **rate > 0);
        f.debug_map().entries(with_rate.map(|((fault, _), rate)| (fault, rate))).finish()
    }
}

impl Faults {
    pub(crate) fn of(chance: &mut Chance, left_out: &[Fault]) -> Self {
        let share = chance.pick(&[0, 150, 400, 700]);
        let rate = |(fault, rates): &(Fault, RangeInclusive<u64>)| {
            let (has, rate) = (chance.happens(share), chance.between(rates.clone()));
            if has && !left_out.contains(fault) { rate } else { 0 }
        };
        Self(RATES.iter().map(rate).collect())
    }

    /// How often in a thousand times.
    pub(crate) fn rate(&self, fault: Fault) -> u64 {
        let index = RATES.iter().position(|(known, _)| *known == fault);
        self.0[index.expect("every fault has its rate")]
    }
}

/// Faults as they strike: until it is calm.
#[derive(Debug)]
pub(crate) struct Weather {
    pub(crate) chance: Chance,
    faults: Faults,
    /// Until when calls of a kind fail.
    outages: BTreeMap<&'static str, u64>,
    /// Until when the node does not find transactions that are final.
    hidden: BTreeMap<String, u64>,
    /// Milliseconds since the simulation began.
    now: u64,
    /// What has gone wrong so far.
    pub(crate) struck: BTreeSet<Fault>,
    pub(crate) is_calm: bool,
}

impl Weather {
    pub(crate) fn new(chance: Chance, faults: Faults) -> Self {
        Self {
            chance,
            faults,
            outages: BTreeMap::new(),
            hidden: BTreeMap::new(),
            now: 0,
            struck: BTreeSet::new(),
            is_calm: false,
        }
    }

    /// Whether it goes wrong this time.
    pub(crate) fn strikes(&mut self, fault: Fault) -> bool {
        let strikes = !self.is_calm && self.chance.happens(self.faults.rate(fault));
        if strikes {
            self.struck.insert(fault);
        }
        strikes
    }

    /// Time has gone on.
    pub(crate) fn advance(&mut self, now: u64, calm_at: u64) {
        (self.now, self.is_calm) = (now, now >= calm_at);
    }

    /// Whether a call fails.
    pub(crate) fn fails(&mut self, what: &'static str) -> bool {
        if self.strikes(Fault::Outage) {
            self.outages.insert(what, self.now + self.chance.between(500..=8_000));
        }
        let is_out = !self.is_calm && self.outages.get(what).is_some_and(|until| self.now < *until);
        is_out || self.strikes(Fault::Error)
    }

    /// Whether a final transaction is not found.
    pub(crate) fn hides(&mut self, hash: &str) -> bool {
        if self.strikes(Fault::HiddenForGood) {
            let until = self.now + self.chance.between(500..=8_000);
            self.hidden.insert(hash.to_owned(), until);
        }
        !self.is_calm && self.hidden.get(hash).is_some_and(|until| self.now < *until)
    }

    /// Whether this seed has it at all, calm or not.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.faults.rate(fault) > 0
    }
}
