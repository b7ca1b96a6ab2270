//! The command line.

mod change;
mod operate;
mod orders;
mod plugin;
#[cfg(test)]
mod tests;

pub(crate) use change::{BulkArgs, CancelArgs, Change};
pub(crate) use operate::{ClientsVerb, LogsArgs, QueueVerb, Venue, VenuesVerb, Watching};
pub(crate) use orders::{ExportArgs, Format, OrderArgs, OrdersArgs};
pub(crate) use plugin::{ChainKind, CheckArgs, NewArgs, PluginVerb};

use crate::{
    console::model::Access,
    profile::{Charset, ColourDepth, Mouse, Overrides, ThemeName},
};
use clap::{CommandFactory, Parser, Subcommand, error::ErrorKind};
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    refused: by the daemon, whose problem is on standard error; because it is read-only; or by your answer
  2    wrong usage: the command line, the configuration, or nobody there to ask and no --yes
  3    partly done: some of the orders were refused
  69   the daemon cannot be reached, or did not answer
  74   the output cannot be written
  76   what answers is not orderd
  130  interrupted

Environment:
  ORDERCTL_PROFILE  the profile to use
  ORDERD_URL        where the daemon is
  ORDERCTL_TOKEN    the token to show
  NO_COLOR          no colours in the console
  COLORTERM, TERM   what colours the terminal has; LC_ALL, LC_CTYPE, LANG: whether it has more than ASCII

The command line goes before the environment, that before the profile. A profile that is named by --profile goes before the
environment. Profiles are in $XDG_CONFIG_HOME/orderctl/config.toml, else in ~/.config/orderctl/config.toml.";

/// Shows what an orderd daemon has in hand, operates it, and helps authors of plugins. Without a command: the console.
#[derive(Debug, Parser)]
#[command(name = "orderctl", version, after_help = EXIT_CODES, subcommand_help_heading = "Commands")]
pub(crate) struct Args {
    /// The profile to use [default: $ORDERCTL_PROFILE, else `default` in the configuration, else none]
    #[arg(long, global = true, help_heading = "With every command", value_name = "NAME")]
    profile: Option<String>,

    /// Where the daemon is [default: $ORDERD_URL, else the profile's, else http://127.0.0.1:3000]
    #[arg(long, global = true, help_heading = "With every command")]
    url: Option<String>,

    /// A file with the token to show [default: the token itself in $ORDERCTL_TOKEN, else the profile's file, else none]
    #[arg(long, global = true, help_heading = "With every command", value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// Refuse whatever would change something, before anything is sent
    #[arg(long, global = true, help_heading = "With every command")]
    read_only: bool,

    /// Print JSON, one object per line
    #[arg(long, global = true, help_heading = "With every command")]
    json: bool,

    /// Print words, one fact per line, as screen readers read them; without a command: status and orders as they change
    #[arg(long, global = true, help_heading = "With every command", conflicts_with = "json")]
    plain: bool,

    /// Colours of the console, for this background
    #[arg(long, value_enum, help_heading = "Console")]
    theme: Option<ThemeName>,

    /// How many colours the console uses
    #[arg(long, value_enum, value_name = "HOW-MANY", alias = "colors", help_heading = "Console")]
    colours: Option<ColourDepth>,

    /// Draw the console with ASCII characters only
    #[arg(long, help_heading = "Console")]
    ascii: bool,

    /// Let the console have the mouse
    #[arg(long, help_heading = "Console")]
    mouse: bool,

    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// How the daemon is, and what it has in hand
    Status(Watching),
    /// Orders, newest first
    Orders(OrdersArgs),
    /// One order, and its life so far
    Order(OrderArgs),
    /// Give failed orders one more attempt
    Retry(BulkArgs),
    /// Have orders end without effect, where that can still be
    Cancel(CancelArgs),
    /// What waits and how fast it goes; pause and resume
    Queue {
        #[command(flatten)]
        watching: Watching,
        #[command(subcommand)]
        verb: Option<QueueVerb>,
    },
    /// How the venues do; enable, disable, reload
    Venues {
        #[command(flatten)]
        watching: Watching,
        #[command(subcommand)]
        verb: Option<VenuesVerb>,
    },
    /// Who is connected by WebSocket; disconnect
    Clients {
        #[command(flatten)]
        watching: Watching,
        #[command(subcommand)]
        verb: Option<ClientsVerb>,
    },
    /// The last lines of the daemon's log
    Logs(LogsArgs),
    /// What operators did, and how it came out
    Actions(Watching),
    /// Orders for other programs
    Export(ExportArgs),
    /// What authors of plugins need; no daemon is asked
    #[command(subcommand)]
    Plugin(PluginVerb),
    /// Print what a shell needs to complete orderctl's command lines
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man {
        /// Write a page for every command into this folder instead
        #[arg(long, value_name = "FOLDER")]
        output: Option<PathBuf>,
    },
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// For people who see: columns.
    Table,
    /// For people who hear or feel: words, one fact per line.
    Words,
    /// For programs.
    Json,
}

impl Args {
    /// Refuses what clap lets pass when one option stands before the command and the other after it.
    pub(crate) fn checked(self) -> Result<Self, clap::Error> {
        match self.json && self.plain {
            true => Err(Self::command()
                .error(ErrorKind::ArgumentConflict, "the argument '--json' cannot be used with '--plain'")),
            false => Ok(self),
        }
    }

    /// How to print.
    pub(crate) fn style(&self) -> Style {
        match (self.json, self.plain) {
            (true, _) => Style::Json,
            (false, true) => Style::Words,
            (false, false) => Style::Table,
        }
    }

    /// What goes before the environment and the profile.
    pub(crate) fn overrides(&self) -> Overrides {
        Overrides {
            profile: self.profile.clone(),
            url: self.url.clone(),
            token_file: self.token_file.clone(),
            access: self.read_only.then_some(Access::Look),
            theme: self.theme,
            colours: self.colours,
            charset: self.ascii.then_some(Charset::Ascii),
            mouse: self.mouse.then_some(Mouse::On),
        }
    }
}
