//! Calls about many orders at once.

use super::{Call, refusals};
use crate::{
    api::{auth::TicketError, problem::ApiError},
    engine::SubmitError,
};
use hyper::StatusCode;
use orderd_sdk::wire::{BulkExecuteRequest, BulkPreview, BulkPreviewRequest, BulkReport};

pub(super) fn preview() -> Call {
    Call::post("/api/orders/bulk/preview", "previewBulk", "What retrying or cancelling many orders would do")
        .body::<BulkPreviewRequest>()
        .returns::<BulkPreview>(StatusCode::OK, "Nothing is done; the token is good for a minute.")
        .refuses(refusals::of_many_orders())
        .refuses([
            refusals::filter(),
            ApiError::InvalidSelection(String::new()),
            ApiError::NoPreview(TicketError::TooMany),
            ApiError::Submit(SubmitError::Draining),
        ])
}

pub(super) fn execute() -> Call {
    Call::post("/api/orders/bulk/execute", "executeBulk", "Have done what a preview has shown, once")
        .body::<BulkExecuteRequest>()
        .returns::<BulkReport>(StatusCode::OK, "All of it is done.")
        .returns::<BulkReport>(StatusCode::ACCEPTED, "It is under way; the same call again tells more.")
        .refuses([
            ApiError::InvalidReason { most: 0 },
            ApiError::PreviewNotFound,
            ApiError::CountDiffers { eligible: 0 },
        ])
}
