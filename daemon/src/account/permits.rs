//! Leave to sign, for as long as the daemon itself is asking a chain for a signature.

use super::policy::{Occasion, Refusal};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Every permit that is open. There are as many as calls to chains that sign: one for each lane, and a few for each chain's
/// replacements.
#[derive(Debug, Default)]
pub(super) struct Permits(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    last: u64,
    open: BTreeMap<u64, Entry>,
}

#[derive(Debug)]
struct Entry {
    chain: String,
    account: String,
    sequence: u64,
    occasion: Occasion,
    standing: Standing,
    refusal: Option<Refusal>,
}

/// A permit is good for one signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Unused,
    Used,
}

/// A chain is being asked to sign at one sequence of an account: it may have one signature until this is dropped.
#[derive(Debug)]
pub struct Permit {
    permits: Arc<Permits>,
    id: u64,
}

/// Why there is no permit for a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoPermit {
    /// The daemon asks for no such signature now.
    Unasked,
    /// It did, and has it.
    Used,
}

impl Permits {
    pub(super) fn open(
        self: &Arc<Self>,
        chain: &str,
        account: &str,
        sequence: u64,
        occasion: Occasion,
    ) -> Permit {
        let mut book = self.book();
        book.last += 1;
        let (id, chain, account) = (book.last, chain.to_owned(), account.to_owned());
        let standing = Standing::Unused;
        book.open.insert(id, Entry { chain, account, sequence, occasion, standing, refusal: None });
        Permit { permits: self.clone(), id }
    }

    /// Uses a permit up, if there is one and `judge` allows what it is for. A refusal is kept for whoever has the permit.
    pub(super) fn claim(
        &self,
        (chain, account): (&str, &str),
        sequence: Option<u64>,
        judge: impl FnOnce(Occasion) -> Result<(), Refusal>,
    ) -> Result<Result<(), Refusal>, NoPermit> {
        let mut book = self.book();
        let fits = |entry: &&mut Entry| {
            entry.chain == chain
                && entry.account == account
                && sequence.is_none_or(|sequence| sequence == entry.sequence)
        };
        let (mut reason, mut unused) = (NoPermit::Unasked, None);
        for entry in book.open.values_mut().filter(fits) {
            match entry.standing {
                Standing::Used => reason = NoPermit::Used,
                Standing::Unused => unused = unused.or(Some(entry)),
            }
        }
        let entry = unused.ok_or(reason)?;
        let judged = judge(entry.occasion);
        match &judged {
            Ok(()) => entry.standing = Standing::Used,
            Err(refusal) => entry.refusal = Some(refusal.clone()),
        }
        Ok(judged)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Why the policy refused what was last asked for under this permit, if it did.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        self.permits.book().open.get(&self.id)?.refusal.clone()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.permits.book().open.remove(&self.id);
    }
}
