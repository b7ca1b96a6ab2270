//! A change to one thing: what would come of it, who confirms it, what came of it.

use super::{Answer, confirm};
use crate::{
    args::Change,
    console::model::Guarded,
    failure::Failure,
    report::{Report, fact, json_line},
    session::Session,
};
use serde::Serialize;
use std::io::{self, Write};

/// What is to be done to one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deed {
    /// As `GET /api/actions` names it, such as `disable-venue`.
    pub(crate) action: &'static str,
    /// The venue, client or order; nothing where there is only one.
    pub(crate) target: Option<String>,
    /// For people: `disable venue alpha`.
    pub(crate) words: String,
}

/// What would come of a change, as far as can be told by looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Forecast {
    /// It would be done; how things stand now.
    Done(String),
    /// It would be refused, with this reason.
    Refused(String),
}

impl Deed {
    /// Asks whoever has to be asked before this is done. On a protected profile what is to be typed is the target, or else
    /// the profile's own name.
    pub(crate) async fn confirm(&self, session: &mut Session<'_>, change: Change) -> Result<(), Failure> {
        session.may_change()?;
        if change.yes || session.profile.guarded == Guarded::No {
            return Ok(());
        }
        let profile = session.profile.name.clone().unwrap_or_default();
        let question = format!("{} on {profile}, which is protected?", self.words);
        let wanted = Answer::Text(self.target.clone().unwrap_or(profile));
        confirm(session, &question, &wanted).await
    }

    /// Says what would come of it.
    pub(crate) fn forecast(&self, session: &mut Session<'_>, forecast: &Forecast) -> Result<(), Failure> {
        session.show(&Would { deed: self, forecast })?;
        match forecast {
            Forecast::Done(_) => Ok(()),
            Forecast::Refused(_) => Err(Failure::Reported(1)),
        }
    }

    /// Says what came of it: in words, and as the daemon told it.
    pub(crate) fn done(
        &self,
        session: &mut Session<'_>,
        words: String,
        result: &impl Serialize,
    ) -> Result<(), Failure> {
        Ok(session.show(&Did { deed: self, words, result })?)
    }
}

/// What would come of a deed.
struct Would<'a> {
    deed: &'a Deed,
    forecast: &'a Forecast,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WouldJson<'a> {
    dry_run: bool,
    action: &'a str,
    target: Option<&'a str>,
    accepted: bool,
    detail: &'a str,
}

impl Report for Would<'_> {
    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        self.words().iter().try_for_each(|line| writeln!(out, "{line}"))
    }

    fn words(&self) -> Vec<String> {
        let words = &self.deed.words;
        vec![match self.forecast {
            Forecast::Done(now) => fact([format!("would {words}"), now.clone()]),
            Forecast::Refused(why) => fact([format!("would be refused: {words}"), why.clone()]),
        }]
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let (accepted, detail) = match self.forecast {
            Forecast::Done(now) => (true, now),
            Forecast::Refused(why) => (false, why),
        };
        let Deed { action, target, .. } = self.deed;
        json_line(&WouldJson { dry_run: true, action, target: target.as_deref(), accepted, detail }, out)
    }
}

/// What came of a deed.
struct Did<'a, T> {
    deed: &'a Deed,
    words: String,
    result: &'a T,
}

#[derive(Serialize)]
struct DidJson<'a, T> {
    action: &'a str,
    target: Option<&'a str>,
    result: &'a T,
}

impl<T: Serialize> Report for Did<'_, T> {
    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        self.words().iter().try_for_each(|line| writeln!(out, "{line}"))
    }

    fn words(&self) -> Vec<String> {
        vec![fact([self.words.clone()])]
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let Deed { action, target, .. } = self.deed;
        json_line(&DidJson { action, target: target.as_deref(), result: self.result }, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::samples::shown;

    #[test]
    fn a_deed_is_told_before_and_after_in_every_style() {
        let target = Some("alpha".to_owned());
        let deed = Deed { action: "disable-venue", target, words: "disable venue alpha".into() };
        let refused = Forecast::Refused("there is no such venue".into());
        let [table, words, json] = shown(&Would { deed: &deed, forecast: &refused });
        assert_eq!(table, "would be refused: disable venue alpha, there is no such venue\n");
        assert_eq!(table, words);
        let expected = r#"{"dryRun":true,"action":"disable-venue","target":"alpha","accepted":false,"detail":"there is no such venue"}"#;
        assert_eq!(json.trim_end(), expected);
        let [table, _, json] =
            shown(&Did { deed: &deed, words: "venue alpha is disabled".into(), result: &7 });
        assert_eq!(table, "venue alpha is disabled\n");
        assert_eq!(json.trim_end(), r#"{"action":"disable-venue","target":"alpha","result":7}"#);
    }
}
