//! Whatever is watched: a coordinator that keeps it current, and what is to be known of the line meanwhile.

use crate::{args::Style, failure::Failure, report::Report, session::Session};
use orderd_sdk::{
    client::{Client, Coordinator, CoordinatorOptions, Gaps, Link, Phase, Watched, Why},
    wire::{OrderFilter, SnapshotOf},
};
use std::{future::Future, io};
use tokio::sync::watch;

/// A daemon that is being watched.
pub(crate) struct Watch {
    pub(crate) coordinator: Coordinator,
    link: watch::Receiver<Link>,
    /// The phase that was last told; none before the first connection stands.
    told: Option<Phase>,
    gaps: Gaps,
}

impl Watch {
    /// Begins to watch these orders.
    pub(crate) fn orders(client: &Client, filter: OrderFilter) -> Self {
        Self::start(client, CoordinatorOptions { filter, ..CoordinatorOptions::default() })
    }

    /// Begins to watch no order at all, for what else there is.
    pub(crate) fn no_orders(client: &Client) -> Self {
        // A coordinator follows orders in any case. None is on a chain without a name.
        let filter = OrderFilter { chain: vec![String::new()], ..OrderFilter::default() };
        let snapshot = SnapshotOf::None;
        Self::start(client, CoordinatorOptions { filter, snapshot, ..CoordinatorOptions::default() })
    }

    fn start(client: &Client, options: CoordinatorOptions) -> Self {
        let coordinator = Coordinator::start(client.clone(), options);
        let (link, gaps) = (coordinator.watch_link(), coordinator.counts().gaps);
        Self { coordinator, link, told: None, gaps }
    }

    /// Waits for what comes next, and tells meanwhile how the line is.
    ///
    /// # Errors
    /// When the daemon does not want to be watched any more. While it is out of reach, it is waited for.
    pub(crate) async fn next<T>(
        &mut self,
        session: &mut Session<'_>,
        coming: impl Future<Output = Option<T>>,
    ) -> Result<T, Failure> {
        tokio::pin!(coming);
        loop {
            tokio::select! {
                // In this order: that something is missing is told before what follows it.
                biased;
                Ok(()) = self.link.changed() => self.tell(session)?,
                item = &mut coming => return item.ok_or(Failure::Closed(Why::Ended)),
            }
        }
    }

    /// Waits until the cache can be relied on for the first time.
    pub(crate) async fn until_current(&mut self, session: &mut Session<'_>) -> Result<(), Failure> {
        let mut link = self.coordinator.watch_link();
        let current = async move {
            let current = link.wait_for(|link| matches!(link.phase, Phase::Live | Phase::Polling)).await;
            current.ok().map(|_| ())
        };
        self.next(session, current).await
    }

    fn tell(&mut self, session: &mut Session<'_>) -> Result<(), Failure> {
        let link = self.link.borrow_and_update().clone();
        let gaps = self.coordinator.counts().gaps;
        if gaps != self.gaps {
            self.gaps = gaps;
            session.note(
                "gap: the daemon cannot tell all that was missed; what follows is how things stand now",
            );
        }
        if let (Phase::Down, None) = (link.phase, link.next_attempt) {
            return Err(Failure::Closed(link.why.unwrap_or(Why::Ended)));
        }
        let is_first = self.told.is_none() && link.phase == Phase::Live;
        if let Some(words) = words(&link).filter(|_| self.told != Some(link.phase)) {
            self.told = Some(link.phase);
            if !is_first {
                session.note(&words);
            }
        }
        Ok(())
    }
}

/// How the line is. Nothing where that is about to change by itself.
fn words(link: &Link) -> Option<String> {
    let why = link.why.as_ref().map_or("no reason given".to_owned(), ToString::to_string);
    match (link.phase, &link.why) {
        (Phase::Connecting, _) | (Phase::Stale, Some(Why::CatchingUp | Why::Gap(_)) | None) => None,
        (Phase::Live, _) => Some("live again".to_owned()),
        (Phase::Stale, Some(_)) => Some(format!("stale: {why}")),
        (Phase::Polling, _) => Some(format!("not connected ({why}); asking for what has changed meanwhile")),
        (Phase::Down, _) => Some(format!("out of reach ({why}); trying again")),
    }
}

/// Shows what a topic tells, now and whenever it changes. In words only what is new is said.
pub(crate) async fn topic<T: Watched + Report>(session: &mut Session<'_>) -> Result<(), Failure> {
    let mut watch = Watch::no_orders(&session.client);
    let mut reader = watch.coordinator.topic::<T>();
    let mut said = Said::default();
    loop {
        let report = watch.next(session, reader.next()).await?;
        said.show(session, &*report)?;
    }
}

/// What was shown last, line by line; none at first.
#[derive(Debug, Default)]
pub(crate) struct Said(Option<Vec<String>>);

impl Said {
    /// Shows a report once more: in words only the lines that were not among the last ones, and a table only if it is another
    /// one. Programs are given every report.
    pub(crate) fn show(&mut self, session: &mut Session<'_>, report: &impl Report) -> io::Result<()> {
        let lines = match session.style {
            Style::Json => return session.show(report),
            Style::Words => report.words(),
            Style::Table => lines(report)?,
        };
        match (session.style, &self.0) {
            (_, None) => write(session, &lines)?,
            (_, Some(said)) if *said == lines => {}
            (Style::Words, Some(said)) => {
                let news: Vec<_> = lines.iter().filter(|line| !said.contains(line)).cloned().collect();
                write(session, &news)?;
            }
            (Style::Table | Style::Json, Some(_)) => {
                writeln!(session.out)?;
                write(session, &lines)?;
            }
        }
        self.0 = Some(lines);
        session.out.flush()
    }
}

fn lines(report: &impl Report) -> io::Result<Vec<String>> {
    let mut table = Vec::new();
    report.table(&mut table)?;
    Ok(String::from_utf8_lossy(&table).lines().map(str::to_owned).collect())
}

fn write(session: &mut Session<'_>, lines: &[String]) -> io::Result<()> {
    lines.iter().try_for_each(|line| writeln!(session.out, "{line}"))
}
