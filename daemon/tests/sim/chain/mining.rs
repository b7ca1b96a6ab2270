//! How blocks come about: what goes in, what is left waiting, and what is undone again.

use super::{
    Effect, Signed,
    account::Market,
    bytes::Unsigned,
    truth::{Block, Truth},
};
use crate::{
    faults::{Fault, Weather},
    time::unix_seconds,
    trace::Trace,
};
use std::collections::BTreeMap;

/// Fees begin here, and come back to it when they do not stay.
const USUAL_FEE: u64 = 100;
/// Never more than this: `bump` could not pass it.
const HIGHEST_FEE: u64 = 2_000;

impl Truth {
    /// The next block, or several that take the place of some.
    pub(super) fn make_blocks(&mut self, weather: &mut Weather, trace: &mut Trace) {
        let at = self.next_block_at;
        let mean = self.plan.block_time;
        self.next_block_at +=
            if weather.is_calm { mean } else { weather.chance.between(mean / 4..=mean * 2) };
        let open = self.height() - self.final_height;
        let undone = match open > 0 && weather.strikes(Fault::Reorg) {
            true => usize::try_from(weather.chance.between(1..=open as u64)).expect("a height fits"),
            false => 0,
        };
        self.undo(undone, weather, trace);
        self.disturb(weather);
        for _ in 0..=undone {
            self.mine(at, weather, trace);
        }
        self.final_height = self.final_height.max(self.height().saturating_sub(self.final_depth()));
        if !weather.strikes(Fault::Lag) {
            self.seen = self.height();
        }
    }

    pub(super) fn final_depth(&self) -> usize {
        usize::try_from(self.plan.depth).expect("a depth fits")
    }

    fn undo(&mut self, blocks: usize, weather: &mut Weather, trace: &mut Trace) {
        for _ in 0..blocks {
            let block = self.blocks.pop().expect("a first block stays");
            trace.note(|| format!("block {} undone, with {:?}", block.hash, block.outcomes.keys()));
            for hash in block.outcomes.into_keys() {
                self.places.remove(&hash);
                let signed = &self.known[&hash];
                let place = (signed.address.clone(), signed.sequence);
                if !weather.strikes(signed.loss()) {
                    self.pool.entry(place).or_insert(hash);
                }
            }
        }
        self.seen = self.seen.min(self.height());
    }

    /// What may go wrong between two blocks.
    fn disturb(&mut self, weather: &mut Weather) {
        if weather.strikes(Fault::Evicted) {
            self.evict(weather);
        }
        if self.is_numbered() && weather.strikes(Fault::ForeignUse) {
            let addresses: Vec<_> = self.tip().accounts.keys().cloned().collect();
            let address = addresses
                [usize::try_from(weather.chance.below(addresses.len() as u64)).expect("few")]
            .clone();
            let sequence = self.tip().accounts[&address].sequence;
            let unsigned = Unsigned { effect: Effect::Foreign { number: self.made }, bid: HIGHEST_FEE };
            let foreign = Signed { address, sequence, unsigned };
            self.pool.insert((foreign.address.clone(), sequence), foreign.hash());
            self.known.insert(foreign.hash(), foreign);
        }
    }

    /// The pool forgets one of its transactions.
    fn evict(&mut self, weather: &mut Weather) {
        let may_go = |hash: &String| {
            let loss = self.known[hash].loss();
            loss == Fault::Vanishes || weather.has(loss) || !self.was_included.contains(hash)
        };
        let places: Vec<_> =
            self.pool.iter().filter(|(_, hash)| may_go(hash)).map(|(place, _)| place).collect();
        if !places.is_empty() {
            let place = weather.chance.pick(&places).clone();
            self.pool.remove(&place);
        }
    }

    fn mine(&mut self, at: u64, weather: &mut Weather, trace: &mut Trace) {
        self.made += 1;
        let mut block = Block {
            hash: format!("block-{}", self.made),
            market: self.move_market(at, weather),
            accounts: self.tip().accounts.clone(),
            outcomes: BTreeMap::new(),
        };
        let addresses: Vec<_> = block.accounts.keys().cloned().collect();
        for address in addresses {
            while let Some(hash) = self.next_of(&address, &block, weather) {
                let signed = &self.known[&hash];
                let account = block.accounts.get_mut(&address).expect("it is one of them");
                let outcome = account.carry_out(signed, block.market, self.plan.numbering);
                let reached = self.reached.entry(address.clone()).or_default();
                *reached = account.sequence.max(*reached);
                let place = (address.clone(), signed.sequence);
                self.pool.remove(&place);
                self.ever_settled.insert(place);
                self.was_included.insert(hash.clone());
                self.places.insert(hash.clone(), self.blocks.len());
                block.outcomes.insert(hash, outcome);
            }
        }
        trace.note(|| format!("at {at} block {} {}: {:?}", self.blocks.len(), block.hash, block.outcomes));
        self.blocks.push(block);
    }

    fn move_market(&self, at: u64, weather: &mut Weather) -> Market {
        let Market { mut price, mut base_fee, .. } = self.tip().market;
        if weather.strikes(Fault::Price) {
            price = weather.chance.between(1_600..=2_400);
        }
        if weather.strikes(Fault::Fees) {
            base_fee = weather.chance.between(USUAL_FEE..=HIGHEST_FEE / 2);
        } else if !weather.has(Fault::FeesStay) {
            base_fee = USUAL_FEE.max(base_fee - base_fee / 8);
        }
        Market { price, base_fee, seconds: unix_seconds(at) }
    }

    /// The next transaction of an account that a miner takes.
    fn next_of(&self, address: &str, block: &Block, weather: &mut Weather) -> Option<String> {
        if !self.is_numbered() {
            return self.next_to_settle(address, block, weather);
        }
        let sequence = block.accounts[address].sequence;
        let pays = |hash: &&String| self.known[*hash].unsigned.bid >= block.market.base_fee;
        let waiting = self.pool.get(&(address.to_owned(), sequence)).filter(pays);
        let ghost = match weather.strikes(Fault::Ghost) {
            true => self.signed_at(address, sequence).filter(pays).last(),
            false => None,
        };
        let taken = ghost.or(waiting)?;
        (!weather.strikes(Fault::Waits)).then(|| taken.clone())
    }

    /// Every transaction of an account at a sequence that somebody has seen.
    fn signed_at(&self, address: &str, sequence: u64) -> impl Iterator<Item = &String> {
        let known = self
            .known
            .iter()
            .filter(move |(_, signed)| signed.address == address && signed.sequence == sequence);
        known.map(|(hash, _)| hash)
    }
}
