//! `orderctl order ID --watch`: every event of one order, without a hole, until it is over.

use super::show::Happened;
use crate::{failure::Failure, session::Session, watch::Watch};
use orderd_sdk::wire::{OrderDto, OrderFilter, OrderStatus};

/// Shows each event, from the first one on. `order` is how it stands: an end that came before that was not the last one.
pub(super) async fn watch(session: &mut Session<'_>, order: &OrderDto) -> Result<(), Failure> {
    let filter = OrderFilter { ids: vec![order.id.clone()], ..OrderFilter::default() };
    let mut watch = Watch::orders(&session.client, filter);
    let mut life = watch.coordinator.follow(&order.id).await.expect("it is the first reader");
    loop {
        let event = watch.next(session, life.next()).await??;
        session.show(&Happened(&event))?;
        if event.seq >= order.seq && is_over(event.kind) {
            return Ok(());
        }
    }
}

/// Whether nothing more comes by itself.
fn is_over(status: OrderStatus) -> bool {
    matches!(
        status,
        OrderStatus::Finalized | OrderStatus::Failed | OrderStatus::Cancelled | OrderStatus::Expired
    )
}
