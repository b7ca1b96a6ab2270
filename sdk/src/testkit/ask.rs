//! Calls in the terms of their method: a request that serde writes, a reply that it reads.

use super::{
    report::{Checked, Stop},
    subject::Core,
};
use crate::{abi::Method, plugin::PluginError};
use serde::{Serialize, de::DeserializeOwned};

/// Longer replies are cut where they are shown.
const SHOWN: usize = 200;

impl Core {
    /// A call in the method's own terms. The inner error is the plugin's.
    pub(super) fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        target: &str,
        request: &impl Serialize,
    ) -> Checked<Result<T, PluginError>> {
        let request = serde_json::to_vec(request).expect("requests are always JSON");
        let outcome = self.call(method.name(), target, &request)?;
        match outcome.into_result() {
            Ok(reply) => read(method, &reply).map(Ok),
            Err(error) => Ok(Err(error)),
        }
    }

    /// As [`Core::ask`], where an error is not what a well-made plugin answers.
    pub(super) fn must<T: DeserializeOwned>(
        &self,
        method: Method,
        target: &str,
        request: &impl Serialize,
    ) -> Checked<T> {
        self.ask(method, target, request)?.map_err(|error| {
            Stop::failed(
                format!("{} of {target:?} answered {:?}: {error}", method.name(), error.kind),
                "an answer, as the plan says that there is one",
                format!(
                    "{} for this request: {}",
                    method.name(),
                    shown(&serde_json::to_vec(request).unwrap_or_default())
                ),
            )
        })
    }
}

/// Reads a reply.
fn read<T: DeserializeOwned>(method: Method, reply: &[u8]) -> Checked<T> {
    serde_json::from_slice(reply).map_err(|error| {
        Stop::failed(
            format!("{} answered {}, which is unreadable: {error}", method.name(), shown(reply)),
            format!(
                "the reply of {} as docs/plugin-abi.md has it; amounts are strings of digits",
                method.name()
            ),
            format!("what {} makes its reply of", method.name()),
        )
    })
}

/// A payload as far as it fits into a line.
pub(super) fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let short: String = text.chars().take(SHOWN).collect();
    match short.len() == text.len() {
        true => short,
        false => format!("{short}… ({} bytes)", bytes.len()),
    }
}
