//! `orderctl` without a verb: the console; or, in words, what it would show.

use crate::{
    args::Style,
    console::{model, run, theme::Colours},
    failure::Failure,
    session::Session,
};
use std::io::{self, IsTerminal};

/// Shows the console, for as long as somebody looks.
pub(crate) async fn console(session: &mut Session<'_>, terminal: Colours) -> Result<(), Failure> {
    if session.style != Style::Table || !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(Failure::NoTerminal);
    }
    let profile = &session.profile;
    let shown = model::Session {
        profile: profile.name.clone().unwrap_or_else(|| "default".to_owned()),
        url: profile.url.clone(),
        access: profile.access,
        guarded: profile.guarded,
    };
    Ok(run::run(session.client.clone(), shown, profile.looks.theme(terminal)).await?)
}
