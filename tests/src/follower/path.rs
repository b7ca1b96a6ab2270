//! Clients of the per-order path: one order after the other, each to its end.

use super::{PAUSE, Socket, Tide, connect, say, text, too_late};
use crate::{
    checker::{Heard, Log, Target},
    dice::Dice,
};
use anyhow::{Context as _, Result};
use futures_util::StreamExt as _;
use orderd_sdk::wire::{ClientMessage, OrderStatus, Signal};
use tokio::{sync::watch, time::sleep};

/// Follows orders by chance, some from the beginning and some from where it left off, until nothing more happens.
///
/// # Errors
/// When the run ends before the first order is accepted.
pub async fn follow_paths(
    url: String,
    mut log: Log,
    mut dice: Dice,
    tide: watch::Receiver<Tide>,
) -> Result<Log> {
    let too_late = too_late(tide.clone());
    tokio::select! {
        followed = follow_many(&url, &mut log, &mut dice, tide) => followed?,
        () = too_late => {}
    }
    Ok(log)
}

async fn follow_many(
    url: &str,
    log: &mut Log,
    dice: &mut Dice,
    mut tide: watch::Receiver<Tide>,
) -> Result<()> {
    tide.wait_for(|tide| !tide.orders.is_empty()).await.context("the run has ended")?;
    while tide.borrow_and_update().top.is_none() {
        let id = {
            let tide = tide.borrow();
            // Among the newest: those that are still under way.
            let newest = tide.orders.len().min(20) as u64;
            let back = usize::try_from(dice.roll(newest)).unwrap_or_default();
            tide.orders[tide.orders.len() - 1 - back].clone()
        };
        follow(url, &id, log, dice).await;
    }
    Ok(())
}

/// Follows one order until it has been told that it has all of it.
async fn follow(url: &str, id: &str, log: &mut Log, dice: &mut Dice) {
    let mut seq = None;
    loop {
        let since = seq.filter(|_| dice.roll(4) > 0);
        let query = since.map_or_else(String::new, |since: u64| format!("?since={since}"));
        if let Some(mut socket) = connect(url, &format!("/api/orders/status/{id}{query}")).await {
            log.connected(Target::Order { id: id.to_owned(), since });
            if listen(&mut socket, log, &mut seq).await {
                socket.close(None).await.ok();
                return;
            }
        }
        sleep(PAUSE).await;
    }
}

/// Listens until the connection ends; tells whether everything has come.
async fn listen(socket: &mut Socket, log: &mut Log, seq: &mut Option<u64>) -> bool {
    let mut end = None;
    while let Some(text) = text(socket.next().await, log) {
        let Some(text) = text else { continue };
        match log.heard(&text) {
            Heard::Event(event) => {
                *seq = (*seq).max(Some(event.seq));
                if is_over(event.kind) {
                    end = Some(event.cursor);
                }
            }
            Heard::Subscribed(said) => {
                // There may be nothing left to tell.
                let order = said.order.as_ref();
                let is_at_end = order.is_some_and(|order| is_over(order.status) && Some(order.seq) == *seq);
                end = end.or(is_at_end.then_some(said.cursor));
            }
            Heard::Signal(Signal::Pong { cursor, .. }) if end.is_some_and(|end| cursor >= end) => {
                return true;
            }
            Heard::Connection(_)
            | Heard::Snapshot(_)
            | Heard::Signal(_)
            | Heard::Other(_)
            | Heard::Unreadable(_) => {}
        }
        if end.is_some() && !say(socket, log, &ClientMessage::Ping).await {
            return false;
        }
    }
    false
}

fn is_over(status: OrderStatus) -> bool {
    use OrderStatus::{Cancelled, Expired, Failed, Finalized};
    [Finalized, Failed, Cancelled, Expired].contains(&status)
}
