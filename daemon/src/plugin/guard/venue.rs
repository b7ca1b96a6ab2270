//! A venue behind the guard.

use super::{
    Guard,
    breaker::Verdict,
    bulkhead::Class,
    call::fenced,
    verdict,
    ward::{Errand, Ward},
};
use orderd_sdk::plugin::{
    Build, BuildRequest, Context, ErrorKind, Health, PluginError, Quote, QuoteRequest, Venue, async_trait,
};
use std::{future::Future, sync::Arc};

pub(super) struct GuardedVenue {
    pub(super) inner: Arc<dyn Venue>,
    pub(super) ward: Arc<Ward>,
    pub(super) guard: Guard,
}

impl GuardedVenue {
    /// Makes a call if it may be made. `call` is not looked at otherwise.
    async fn ask<T>(
        &self,
        ctx: &Context,
        errand: Errand,
        judge: fn(&Result<T, PluginError>) -> Verdict,
        call: impl Future<Output = Result<T, PluginError>>,
    ) -> Result<T, PluginError> {
        let place = self.guard.enter(Class::Market)?;
        let visit = self.ward.admit(errand, ctx.remaining())?;
        let answer = fenced(ctx, call).await.flatten();
        if answer.as_ref().is_err_and(|error| error.kind == ErrorKind::Panic) {
            visit.panicked();
            self.guard.crashed();
        }
        visit.end(judge(&answer));
        drop(place);
        answer
    }
}

#[async_trait]
impl Venue for GuardedVenue {
    async fn quote(&self, ctx: &Context, request: QuoteRequest) -> Result<Quote, PluginError> {
        self.ask(ctx, Errand::Quote, verdict::of_work, self.inner.quote(ctx, request)).await
    }

    async fn build(&self, ctx: &Context, request: BuildRequest) -> Result<Build, PluginError> {
        self.ask(ctx, Errand::Build, verdict::of_work, self.inner.build(ctx, request)).await
    }

    async fn health(&self, ctx: &Context) -> Result<Health, PluginError> {
        self.ask(ctx, Errand::Check, verdict::of_check, self.inner.health(ctx)).await
    }
}
