//! What authors of plugins need: to try a library, and to begin one.

mod check;
mod failure;
mod new;

pub(crate) use failure::PluginFailure;

use crate::{
    args::{PluginVerb, Style},
    failure::Failure,
};
use std::io::Write;

/// Does what was asked.
pub(crate) async fn run(verb: &PluginVerb, style: Style, out: &mut impl Write) -> Result<(), Failure> {
    match verb {
        PluginVerb::Check(args) => check::check(args, style, out).await,
        PluginVerb::New(args) => new::new(args, style, out),
        PluginVerb::RunCheck { library, name, config, scratch } => {
            Ok(check::run_here(library, name, config.as_deref(), scratch)?)
        }
    }
}
