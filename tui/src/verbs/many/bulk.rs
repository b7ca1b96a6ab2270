//! Many orders: the daemon says first what it would do, then does it to those orders only.

use super::{Wish, gate, show::Bulk};
use crate::{
    args::Style,
    failure::Failure,
    report::{Report, counted},
    session::Session,
    verbs::orders,
};
use orderd_sdk::{
    client::ClientError,
    wire::{BulkExecuteRequest, BulkPreview, BulkPreviewRequest, BulkReport},
};
use std::time::Duration;

/// How often an execution is asked for again that was not answered. It does nothing twice.
const TRIES: u32 = 5;
/// The wait before that.
const PAUSE: Duration = Duration::from_secs(1);

/// Has it done, or says what would come of it.
pub(super) async fn change(session: &mut Session<'_>, wish: &Wish<'_>) -> Result<(), Failure> {
    if !wish.orders.change.dry_run {
        session.may_change()?;
    }
    let preview = session.client.bulk_preview(&request(wish)?).await?;
    let before = Bulk::preview(wish.orders.change.dry_run, &preview);
    if wish.orders.change.dry_run || preview.eligible == 0 {
        session.show(&before)?;
        return before.end(wish);
    }
    let question = question(session, wish, &preview);
    // What is about to be done goes to whoever is asked; what was done goes to the output.
    before.write(Style::Words, session.notes)?;
    gate::pass(session, &question, wish.orders, preview.eligible).await?;
    let report = execute(session, wish, &preview).await?;
    let after = before.done(report);
    session.show(&after)?;
    after.end(wish)
}

fn request(wish: &Wish<'_>) -> Result<BulkPreviewRequest, Failure> {
    let filter = wish.orders.filter.as_deref().map(orders::parse).transpose()?;
    let ids = filter.is_none().then(|| wish.orders.ids.clone());
    Ok(BulkPreviewRequest { action: wish.action, filter: filter.map(|filter| filter.to_string()), ids })
}

fn question(session: &Session<'_>, wish: &Wish<'_>, preview: &BulkPreview) -> String {
    let at = session.profile.name.as_deref().unwrap_or(&session.profile.url);
    let verb = wish.action.as_str();
    format!("{verb} {} at {at}?", counted(preview.eligible, "order"))
}

/// Has it done to the end. What is asked for again does nothing twice: the daemon only tells how far it is.
async fn execute(
    session: &mut Session<'_>,
    wish: &Wish<'_>,
    preview: &BulkPreview,
) -> Result<BulkReport, Failure> {
    let request = BulkExecuteRequest {
        token: preview.token.clone(),
        expected: preview.eligible,
        reason: wish.reason.map(str::to_owned),
    };
    let mut unanswered = 0;
    loop {
        match session.client.bulk_execute(&request).await {
            Ok(report) if report.finished => return Ok(report),
            Ok(report) => session.note(&format!("{} of {} so far", report.done, report.expected)),
            Err(ClientError::Unanswered(why)) if unanswered < TRIES => {
                unanswered += 1;
                session.note(&format!("no answer ({why}); asking how far it is"));
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}
