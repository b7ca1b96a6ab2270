//! What others ask of a lane and tell it.

use super::{
    job::{Halt, Job},
    place::Standing,
    room::{Room, Ticket},
};
use crate::{order::OrderId, store::Receipt};
use orderd_sdk::plugin::{Payload, PluginError, Signer};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// Notes from the trackers; more than this at once wait.
const NOTES: usize = 1024;

/// Asks a lane to sign, and tells it what became of its sequences.
#[derive(Clone)]
pub(super) struct LaneHandle {
    signer: Signer,
    room: Arc<Room>,
    requests: mpsc::Sender<Request>,
    notes: mpsc::Sender<Note>,
    standing: watch::Receiver<Standing>,
}

/// What is to be signed.
#[derive(Debug)]
pub(super) enum Signing {
    /// The swap itself.
    Swap(Payload),
    /// An approval that the swap needs.
    Approval { payload: Payload, token: String, spender: String },
}

/// An order that was not signed.
#[derive(Debug)]
pub(super) enum Unsigned {
    /// The chain's plugin refused; no sequence was taken.
    Refused(Job, PluginError),
    /// The client has taken the order back, its swap has become too old while it waited, or the daemon drains: nothing
    /// was tried.
    Returned(Job),
    /// The log is gone, or the lane with it.
    Halted(Halt),
}

/// An order that is to be signed, and whom to give it back to.
pub(super) struct Request {
    pub(super) job: Job,
    pub(super) signing: Signing,
    /// Its place until it is signed.
    pub(super) ticket: Ticket,
    pub(super) reply: oneshot::Sender<Result<(Job, Receipt), Unsigned>>,
}

/// The lane's own ends of its handle.
pub(super) struct LaneEnds {
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) notes: mpsc::Receiver<Note>,
    pub(super) standing: watch::Sender<Standing>,
}

/// What a tracker has found out about a sequence.
#[derive(Clone, Debug)]
pub(super) enum Note {
    /// It is in a block, or what was signed there is dead.
    Consumed(u64),
    /// It is consumed for good by something that is not ours: there may be more of that.
    Lost(u64),
    /// It was in a block, and is not any more.
    Undone(u64),
    /// The account has passed it, and no transaction of ours is there: somebody else uses the account.
    Contested(u64),
    /// It is in a block, and nobody follows its transaction any more: should the block be undone before it is final, this
    /// order has to know, or the account stands still.
    Guard(u64, OrderId),
    /// A client wants something of an order: one that waits here may be it.
    Heed,
}

impl LaneHandle {
    /// A handle of the lane of this signer, and the lane's ends of it. At most `queue` requests wait.
    pub(super) fn channel(signer: Signer, room: Arc<Room>, queue: usize) -> (Self, LaneEnds) {
        let (requests, requests_in) = mpsc::channel(queue);
        let (notes, notes_in) = mpsc::channel(NOTES);
        let standing = watch::Sender::new(Standing::Opening);
        let handle = Self { signer, room, requests, notes, standing: standing.subscribe() };
        (handle, LaneEnds { requests: requests_in, notes: notes_in, standing })
    }

    /// Who signs.
    pub(super) fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Whether it has room for another attempt.
    pub(super) fn room(&self) -> &Arc<Room> {
        &self.room
    }

    /// How the lane is.
    pub(super) fn standing(&self) -> Standing {
        self.standing.borrow().clone()
    }

    /// Signs at the lane's next sequence. When this returns, order and sequence are in the log; the receipt tells
    /// when they are durable, which is when the bytes may be sent.
    pub(super) async fn sign(
        &self,
        job: Job,
        signing: Signing,
        ticket: Ticket,
    ) -> Result<(Job, Receipt), Unsigned> {
        ticket.is_prepared();
        let (reply, answer) = oneshot::channel();
        let request = Request { job, signing, ticket, reply };
        match self.requests.send(request).await {
            Ok(()) => answer.await.unwrap_or(Err(Unsigned::Halted(Halt::closed()))),
            Err(_) => Err(Unsigned::Halted(Halt::closed())),
        }
    }

    /// Tells the lane something. Lost only when the lane is gone, which ends the daemon.
    pub(super) async fn tell(&self, note: Note) {
        self.notes.send(note).await.ok();
    }
}
