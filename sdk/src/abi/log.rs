//! From `tracing` inside the plugin's library to the log of the host.
//!
//! A dynamic library has a `tracing` of its own, which nobody listens to. One subscriber per library forwards
//! each event to the host of the instance whose thread is current, with spans and fields rendered into its text.

use super::{link::HostLink, table::Level};
use std::{
    cell::RefCell,
    fmt::{self, Write},
    sync::{
        Arc, Once,
        atomic::{AtomicU32, Ordering},
    },
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

thread_local! {
    static CURRENT: RefCell<Option<Arc<HostLink>>> = const { RefCell::new(None) };
}

/// The highest level that any host of this library wants.
static WANTED: AtomicU32 = AtomicU32::new(0);
static INSTALL: Once = Once::new();

/// Makes this library's `tracing` listen for one more host. A subscriber that is already there stays: then the
/// plugin is linked into a program, which has its own log.
pub(super) fn install(link: &HostLink) {
    let before = WANTED.fetch_max(link.log_level().0, Ordering::Relaxed);
    INSTALL.call_once(|| {
        let _ = tracing::subscriber::set_global_default(Registry::default().with(Bridge));
    });
    if before < link.log_level().0 {
        tracing::callsite::rebuild_interest_cache();
    }
}

/// From now on this thread belongs to an instance.
pub(super) fn adopt_thread(link: &Arc<HostLink>) {
    let _ = CURRENT.try_with(|current| current.replace(Some(link.clone())));
}

/// Until the guard is dropped, this thread works for an instance.
pub(super) fn enter(link: &Arc<HostLink>) -> Entered {
    let before = CURRENT.try_with(|current| current.replace(Some(link.clone())));
    Entered(before.ok().flatten())
}

/// Gives the thread back to whom it belonged before.
pub(super) struct Entered(Option<Arc<HostLink>>);

impl Drop for Entered {
    fn drop(&mut self) {
        let _ = CURRENT.try_with(|current| current.replace(self.0.take()));
    }
}

struct Bridge;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        level(metadata).0 <= WANTED.load(Ordering::Relaxed)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(match Level(WANTED.load(Ordering::Relaxed)) {
            Level::OFF => LevelFilter::OFF,
            Level::ERROR => LevelFilter::ERROR,
            Level::WARN => LevelFilter::WARN,
            Level::INFO => LevelFilter::INFO,
            Level::DEBUG => LevelFilter::DEBUG,
            _ => LevelFilter::TRACE,
        })
    }

    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, ctx: Context<'_, S>) {
        if let Some(span) = ctx.span(id) {
            let mut text = Text::default();
            attributes.record(&mut text);
            span.extensions_mut().insert(text);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, ctx: Context<'_, S>) {
        if let Some(span) = ctx.span(id)
            && let Some(text) = span.extensions_mut().get_mut::<Text>()
        {
            values.record(text);
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        // Taken away meanwhile: a host in the same library would log into this very bridge.
        let Ok(Some(link)) = CURRENT.try_with(RefCell::take) else {
            return;
        };
        let level = level(event.metadata());
        if level <= link.log_level() {
            link.log(level, event.metadata().target(), &render(event, &ctx));
        }
        let _ = CURRENT.try_with(|current| current.replace(Some(link)));
    }
}

fn level(metadata: &Metadata<'_>) -> Level {
    match *metadata.level() {
        tracing::Level::ERROR => Level::ERROR,
        tracing::Level::WARN => Level::WARN,
        tracing::Level::INFO => Level::INFO,
        tracing::Level::DEBUG => Level::DEBUG,
        tracing::Level::TRACE => Level::TRACE,
    }
}

/// `span{field=1}: message field=2`
fn render<S: Subscriber + for<'a> LookupSpan<'a>>(event: &Event<'_>, ctx: &Context<'_, S>) -> String {
    let mut line = String::new();
    for span in ctx.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
        let extensions = span.extensions();
        let fields = extensions.get::<Text>().map_or("", |text| text.fields.trim_start());
        line.push_str(span.name());
        if !fields.is_empty() {
            let _ = write!(line, "{{{fields}}}");
        }
        line.push_str(": ");
    }
    let mut text = Text::default();
    event.record(&mut text);
    line.push_str(&text.message);
    line.push_str(match text.message.is_empty() {
        true => text.fields.trim_start(),
        false => &text.fields,
    });
    line
}

/// The message of an event, and its other fields as ` name=value`.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message.push_str(value),
            name => drop(write!(self.fields, " {name}={value:?}")),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => drop(write!(self.message, "{value:?}")),
            name => drop(write!(self.fields, " {name}={value:?}")),
        }
    }
}
