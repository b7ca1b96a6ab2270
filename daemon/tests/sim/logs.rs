//! Listens to what the engine logs: an error in its log is an error of the engine, unless the disk has failed.

use crate::world::World;
use std::{
    fmt::{self, Write as _},
    sync::{Arc, Weak},
};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
    subscriber::DefaultGuard,
};

struct Ears(Weak<World>, LevelFilter);

/// Listens on this thread until the guard is dropped.
pub(crate) fn listen(world: &Arc<World>) -> DefaultGuard {
    tracing::subscriber::set_default(Ears(Arc::downgrade(world), LevelFilter::ERROR))
}

impl Subscriber for Ears {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.1
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.1)
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        let Some(world) = self.0.upgrade() else {
            return;
        };
        if *event.metadata().level() == Level::ERROR {
            world.hear(text.0);
        }
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{}={value:?} ", field.name()).expect("a text takes everything");
    }
}
