//! What the environment says.

use crate::{
    console::theme::Colours,
    profile::{Abilities, ColourDepth, Unicode},
};
use std::{env::VarError, ffi::OsString, path::PathBuf};

/// The variables that orderctl knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    /// `ORDERCTL_PROFILE`: which profile is meant.
    pub(crate) profile: Option<String>,
    /// `ORDERD_URL`: where the daemon is.
    pub(crate) url: Option<String>,
    /// `ORDERCTL_TOKEN`: the token itself.
    pub(crate) token: Option<String>,
    /// `NO_COLOR`, when it is there and not empty: none.
    pub(crate) colours: Option<ColourDepth>,
    /// `XDG_CONFIG_HOME`: the folder of all configuration.
    pub(crate) config_home: Option<PathBuf>,
    /// `HOME`.
    pub(crate) home: Option<PathBuf>,
    /// `COLORTERM`: what the terminal says of its colours.
    pub(crate) colorterm: Option<String>,
    /// `TERM`: what the terminal is.
    pub(crate) term: Option<String>,
    /// `LC_ALL`, else `LC_CTYPE`, else `LANG`: the language, and the characters that it is written in.
    pub(crate) locale: Option<String>,
}

impl Environment {
    /// As this process was given it.
    pub(crate) fn read() -> Self {
        Self {
            profile: text("ORDERCTL_PROFILE").filter(|name| !name.is_empty()),
            url: text("ORDERD_URL"),
            token: text("ORDERCTL_TOKEN"),
            colours: path("NO_COLOR").map(|_| ColourDepth::None),
            config_home: path("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute()),
            home: path("HOME").map(PathBuf::from),
            colorterm: text("COLORTERM"),
            term: text("TERM"),
            locale: ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(text).find(|text| !text.is_empty()),
        }
    }

    /// The file with the profiles, if anything says where it is.
    pub(crate) fn config_file(&self) -> Option<PathBuf> {
        let folder = self.config_home.clone().or_else(|| Some(self.home.as_ref()?.join(".config")))?;
        Some(folder.join("orderctl").join("config.toml"))
    }

    /// What the terminal is able to show, as far as anything says so.
    pub(crate) fn terminal(&self) -> Abilities {
        Abilities { colours: self.colours_of_terminal(), unicode: self.unicode() }
    }

    fn colours_of_terminal(&self) -> Colours {
        match (self.colorterm.as_deref(), self.term.as_deref()) {
            (_, Some("dumb")) => Colours::None,
            (_, Some("linux")) => Colours::Sixteen,
            (Some("truecolor" | "24bit"), _) => Colours::True,
            (_, Some(term)) if term.ends_with("-direct") => Colours::True,
            (_, _) => Colours::Sixteen,
        }
    }

    /// The font of the Linux console has no more than some of the signs, and a locale without UTF-8 none.
    fn unicode(&self) -> Unicode {
        let is_plain = matches!(self.term.as_deref(), Some("dumb" | "linux"));
        let locale = self.locale.as_deref().unwrap_or_default().to_ascii_lowercase();
        let is_utf8 = locale.contains("utf-8") || locale.contains("utf8");
        if is_utf8 && !is_plain { Unicode::Full } else { Unicode::AsciiOnly }
    }
}

/// What is not Unicode is as good as a wrong value, and is told as such where it is used.
#[expect(clippy::disallowed_methods, reason = "the one place where orderctl reads the environment")]
fn text(name: &str) -> Option<String> {
    match std::env::var(name) {
        Ok(text) => Some(text),
        Err(VarError::NotPresent) => None,
        Err(VarError::NotUnicode(text)) => Some(text.to_string_lossy().into_owned()),
    }
}

fn path(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_has_the_colours_that_it_says_it_has() {
        for (colorterm, term, colours) in [
            (Some("truecolor"), Some("xterm-256color"), Colours::True),
            (None, Some("xterm-direct"), Colours::True),
            (None, Some("xterm-256color"), Colours::Sixteen),
            (Some("truecolor"), Some("dumb"), Colours::None),
            (None, None, Colours::Sixteen),
            (Some("truecolor"), Some("linux"), Colours::Sixteen),
        ] {
            let [colorterm, term] = [colorterm, term].map(|text| text.map(str::to_owned));
            let environment = Environment { colorterm, term, ..Environment::default() };
            assert_eq!(environment.terminal().colours, colours, "{environment:?}");
        }
    }

    #[test]
    fn more_than_ascii_is_shown_where_the_locale_and_the_terminal_have_it() {
        for (locale, term, unicode) in [
            (Some("de_DE.UTF-8"), Some("xterm"), Unicode::Full),
            (Some("C.utf8"), None, Unicode::Full),
            (Some("C.UTF-8"), Some("linux"), Unicode::AsciiOnly),
            (Some("de_DE.ISO-8859-1"), Some("xterm"), Unicode::AsciiOnly),
            (Some("C"), Some("xterm-256color"), Unicode::AsciiOnly),
            (None, Some("xterm-256color"), Unicode::AsciiOnly),
        ] {
            let [locale, term] = [locale, term].map(|text| text.map(str::to_owned));
            let environment = Environment { locale, term, ..Environment::default() };
            assert_eq!(environment.terminal().unicode, unicode, "{environment:?}");
        }
    }

    #[test]
    fn the_file_is_in_the_folder_of_all_configuration() {
        let home = Environment { home: Some("/home/me".into()), ..Environment::default() };
        assert_eq!(home.config_file(), Some("/home/me/.config/orderctl/config.toml".into()));
        let set = Environment { config_home: Some("/etc/me".into()), ..home };
        assert_eq!(set.config_file(), Some("/etc/me/orderctl/config.toml".into()));
        assert_eq!(Environment::default().config_file(), None);
    }
}
