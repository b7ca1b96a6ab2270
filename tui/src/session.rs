//! What a verb works with: one daemon, one way to print.

use crate::{
    args::Style, console::model::Access, failure::Failure, profile::Profile, report::Report, table::plain,
};
use orderd_sdk::client::Client;
use std::io::{self, Write};

/// One call of orderctl.
pub(crate) struct Session<'a> {
    pub(crate) client: Client,
    pub(crate) profile: Profile,
    pub(crate) style: Style,
    /// Standard output: what was asked for.
    pub(crate) out: &'a mut dyn Write,
    /// Standard error: what is to be known besides.
    pub(crate) notes: &'a mut dyn Write,
}

impl Session<'_> {
    /// Shows something, to its end.
    pub(crate) fn show(&mut self, report: &impl Report) -> io::Result<()> {
        report.write(self.style, self.out)?;
        self.out.flush()
    }

    /// Says something besides. That nobody hears it is no reason to stop.
    pub(crate) fn note(&mut self, text: &str) {
        let _ = writeln!(self.notes, "orderctl: {}", plain(text));
        let _ = self.notes.flush();
    }

    /// Lets nobody pass who may not change anything. To be asked before anything is sent.
    pub(crate) fn may_change(&self) -> Result<(), Failure> {
        match self.profile.access {
            Access::Change => Ok(()),
            Access::Look => Err(Failure::ReadOnly),
        }
    }
}
