//! What a chain tells without being changed.

use super::actor::{Actor, each};
use crate::{
    abi::Method,
    amount::Amount,
    plugin::{AddressRequest, BalanceRequest, LaneRequest, LaneStatus, TxStatus},
    testkit::{
        Bench,
        report::{Checked, Stop, ensure},
    },
};

/// So far beyond what is consumed, nobody has ever signed.
const FAR: u64 = 1_000_000;

pub(in crate::testkit::checks) fn address(bench: &Bench) -> Checked {
    let other = bench.subject()?;
    each(bench, |actor| {
        let account = actor.signer.account.clone();
        let request = AddressRequest { account, public_key: bench.key.public_key() };
        let ask = |core: &crate::testkit::subject::Core| {
            core.must::<String>(Method::ChainAddress, &actor.chain, &request)
        };
        let (first, again, elsewhere) = (ask(actor.core())?, ask(actor.core())?, ask(other.core())?);
        ensure(
            !first.is_empty() && first == again && first == elsewhere,
            || format!("{first:?}, then {again:?}, and {elsewhere:?} of another instance"),
            "one address for an account and its key, always and everywhere",
            "address: it follows from the request alone, without state and network",
        )?;
        actor.core().ledger.take_asked();
        ask(actor.core())?;
        offline(actor, "address")
    })
}

/// Nothing was asked of the host but signatures.
pub(super) fn offline(actor: &Actor<'_>, what: &str) -> Checked {
    let asked = actor.core().ledger.take_asked();
    let other = asked.iter().find(|service| *service != "sign");
    ensure(
        other.is_none(),
        || format!("{what} asked the host for {}", other.map_or("", String::as_str)),
        "no network: the lane waits for it",
        &format!("{what}: whatever it has to look up belongs into estimate"),
    )
}

pub(in crate::testkit::checks) fn lane(bench: &Bench) -> Checked {
    each(bench, |actor| {
        let lane = actor.lane()?;
        ordered(lane)?;
        let request = LaneRequest { address: "nobody".to_owned() };
        if let Ok(lane) = actor.core().ask::<LaneStatus>(Method::ChainLane, &actor.chain, &request)? {
            ordered(lane)?;
            ensure(
                lane.latest == 0,
                || format!("an address that nobody has, has consumed {} sequences", lane.latest),
                "0, or an error for what is no address",
                "lane: how it finds the account",
            )?;
        }
        let after = actor.lane()?;
        ensure(
            after.latest == lane.latest && after.finalized >= lane.finalized,
            || format!("{lane:?}, then {after:?}, and nothing was sent"),
            "the same, as looking changes nothing",
            "lane",
        )
    })
}

fn ordered(lane: LaneStatus) -> Checked {
    ensure(
        lane.latest >= lane.finalized,
        || format!("latest {}, finalized {}", lane.latest, lane.finalized),
        "latest ≥ finalized: what is final has been consumed",
        "lane: both numbers have to be of one answer of one node, and count in the same manner",
    )
}

pub(in crate::testkit::checks) fn balance(bench: &Bench) -> Checked {
    each(bench, |actor| {
        let tokens = bench.plan.chains[&actor.chain].config.tokens.iter();
        let tokens = tokens.map(|token| Some(token.address.clone()));
        for token in tokens.chain([None]) {
            let request = BalanceRequest { address: actor.signer.address.clone(), token };
            actor.core().must::<Amount>(Method::ChainBalance, &actor.chain, &request)?;
        }
        Ok(())
    })
}

pub(in crate::testkit::checks) fn unknown_hash(bench: &Bench) -> Checked {
    each(bench, |actor| {
        let never_sent = match actor.payload() {
            Ok(payload) => actor.sign(actor.lane()?.latest + FAR, &payload)?,
            Err(Stop::Skipped(_)) => actor.cancel(actor.lane()?.latest + FAR, Vec::new())?,
            Err(failed) => return Err(failed),
        };
        let status = actor.status(&never_sent.hash)?;
        ensure(
            status == TxStatus::NotFound,
            || format!("{} was signed and never sent: {status:?}", never_sent.hash),
            "not-found",
            "status: it says what the chain says, not what was signed",
        )
    })
}
