//! `orderctl logs`: the daemon's log.

use crate::{
    args::LogsArgs,
    failure::Failure,
    report::{Report, fact, json_line},
    session::Session,
    table::plain,
    watch::Watch,
};
use orderd_sdk::{
    client::LogNews,
    wire::{LogFilter, LogLine},
};
use std::io::{self, Write};

/// Shows lines of the log, oldest first.
pub(crate) async fn logs(session: &mut Session<'_>, args: &LogsArgs) -> Result<(), Failure> {
    let filter =
        LogFilter { level: args.level.map(|level| level.as_str().to_owned()), target: args.target.clone() };
    let logs = session.client.logs(args.lines, &filter).await?;
    match args.watch {
        true => watch(session, filter, args.lines).await,
        false => Ok(session.show(&Lines(&logs.lines))?),
    }
}

/// Shows lines as they come. What is missing is told where it is missing.
async fn watch(session: &mut Session<'_>, filter: LogFilter, lines: u32) -> Result<(), Failure> {
    let mut watch = Watch::no_orders(&session.client);
    let mut reader = watch.coordinator.logs(filter, lines).await.expect("it is the first reader");
    loop {
        match watch.next(session, reader.next()).await? {
            LogNews::Lines(lines) => session.show(&Lines(&lines))?,
            LogNews::Missed(count) => session.note(&format!("gap: at least {count} lines are missing here")),
        }
    }
}

struct Lines<'a>(&'a [LogLine]);

impl Report for Lines<'_> {
    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        self.0.iter().try_for_each(|line| {
            let LogLine { timestamp, level, target, message, .. } = line;
            write!(out, "{timestamp} {:5} {}: {}", plain(level), plain(target), plain(message))?;
            for (name, value) in &line.fields {
                write!(out, " {}={}", plain(name), plain(value))?;
            }
            writeln!(out)
        })
    }

    fn words(&self) -> Vec<String> {
        self.0.iter().map(words).collect()
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        self.0.iter().try_for_each(|line| json_line(line, out))
    }
}

fn words(line: &LogLine) -> String {
    let fields: Vec<_> = line.fields.iter().map(|(name, value)| format!("{name} {value}")).collect();
    fact([
        line.level.to_lowercase(),
        line.message.clone(),
        fields.join(", "),
        format!("from {}", line.target),
        format!("at {}", line.timestamp),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::samples::shown;
    use orderd_sdk::timestamp::Timestamp;

    #[test]
    fn a_line_is_one_line_whatever_a_plugin_wrote_into_it() {
        let line = LogLine {
            n: 812,
            timestamp: Timestamp(1_790_000_000_000),
            level: "WARN".into(),
            target: "orderd::engine".into(),
            message: "somebody else\nuses \u{1b}[2Jthe account".into(),
            fields: [("lane".to_owned(), "ethereum/main".to_owned())].into(),
        };
        let [table, words, json] = shown(&Lines(std::slice::from_ref(&line)));
        assert_eq!(
            table,
            "2026-09-21T14:13:20.000Z WARN  orderd::engine: somebody else\\nuses \\u{1b}[2Jthe account lane=ethereum/main\n"
        );
        assert_eq!(
            words,
            "warn, somebody else\\nuses \\u{1b}[2Jthe account, lane ethereum/main, from orderd::engine, \
             at 2026-09-21T14:13:20.000Z\n"
        );
        assert_eq!(serde_json::from_str::<LogLine>(&json).unwrap(), line);
    }
}
