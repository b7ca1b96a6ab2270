//! Reports, as they come: for people, or one JSON object per line.

use crate::{args::Style, table::plain};
use orderd_sdk::testkit::{Report, Verdict};
use std::io::{self, Write};

/// Writes reports and counts them.
pub(super) struct Telling<'a, W> {
    style: Style,
    out: &'a mut W,
    passed: usize,
    failed: usize,
    skipped: usize,
    /// Checks in a row that do not apply for one reason: they are told in one line.
    alike: Vec<String>,
    reason: String,
}

impl<'a, W: Write> Telling<'a, W> {
    pub(super) fn new(style: Style, out: &'a mut W) -> Self {
        let (alike, reason) = (Vec::new(), String::new());
        Self { style, out, passed: 0, failed: 0, skipped: 0, alike, reason }
    }

    pub(super) fn tell(&mut self, report: Report) -> io::Result<()> {
        match &report.verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed(_) => self.failed += 1,
            Verdict::Skipped { .. } => self.skipped += 1,
        }
        match (self.style, &report.verdict) {
            (Style::Json, _) => {
                serde_json::to_writer(&mut *self.out, &report)?;
                writeln!(self.out)?;
            }
            (Style::Table | Style::Words, Verdict::Skipped { reason }) => {
                self.skip(report.name.clone(), reason)?
            }
            (Style::Table | Style::Words, Verdict::Passed | Verdict::Failed(_)) => {
                self.tell_alike()?;
                for line in report.to_string().lines() {
                    writeln!(self.out, "{}", plain(line))?;
                }
            }
        }
        self.out.flush()
    }

    fn skip(&mut self, name: String, reason: &str) -> io::Result<()> {
        if self.reason != reason {
            self.tell_alike()?;
            reason.clone_into(&mut self.reason);
        }
        self.alike.push(name);
        Ok(())
    }

    fn tell_alike(&mut self) -> io::Result<()> {
        let names = std::mem::take(&mut self.alike).join(", ");
        match names.is_empty() {
            true => Ok(()),
            false => writeln!(self.out, "skip  {names}: {}", plain(&self.reason)),
        }
    }

    /// Ends the telling: how many have failed.
    pub(super) fn end(mut self) -> io::Result<usize> {
        self.tell_alike()?;
        if self.style != Style::Json {
            writeln!(self.out, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)?;
        }
        self.out.flush()?;
        Ok(self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_apply_for_one_reason_is_told_in_one_line() {
        let mut out = Vec::new();
        let mut telling = Telling::new(Style::Table, &mut out);
        let skipped = |reason: &str| Verdict::Skipped { reason: reason.to_owned() };
        for (name, verdict) in [
            ("a", skipped("x")),
            ("b", skipped("x")),
            ("c", Verdict::Passed),
            ("d", skipped("x")),
            ("e", skipped("y")),
        ] {
            let (name, shows) = (name.to_owned(), "it works".to_owned());
            telling.tell(Report { name, shows, verdict, log: Vec::new(), millis: 0 }).unwrap();
        }
        assert_eq!(telling.end().unwrap(), 0);
        let expected =
            "skip  a, b: x\nok    c: it works\nskip  d: x\nskip  e: y\n1 passed, 0 failed, 4 skipped\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
