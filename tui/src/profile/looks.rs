//! How the console looks. All of it can be said in a profile and on the command line.

use crate::console::theme::{ASCII, Background, Colours, Theme, UNICODE};
use clap::ValueEnum;

/// How the console looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    /// For which background.
    pub theme: ThemeName,
    /// How many colours.
    pub colours: ColourDepth,
    /// Which characters.
    pub charset: Charset,
    /// Whether the mouse is taken.
    pub mouse: Mouse,
}

/// A set of colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ThemeName {
    /// For a dark background
    #[default]
    Dark,
    /// For a light background
    Light,
}

/// How many colours the terminal is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColourDepth {
    /// As many as the terminal says that it has
    #[default]
    Auto,
    /// Any
    Truecolor,
    /// The 16 of every terminal
    Ansi16,
    /// None: bold, underlined and reversed text
    None,
}

/// Which characters lines and bars are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charset {
    /// What the terminal and its locale have.
    #[default]
    Auto,
    /// Box drawing and blocks.
    Unicode,
    /// Those of ASCII only.
    Ascii,
}

/// Whether the mouse is the console's. Where it is, the terminal's own selection of text is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mouse {
    /// It is left to the terminal.
    #[default]
    Off,
    /// The console takes it.
    On,
}

/// What a terminal is able to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// The colours that it has.
    pub colours: Colours,
    /// Whether it has more than the characters of ASCII.
    pub unicode: Unicode,
}

/// Whether there is more than ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unicode {
    /// There is.
    Full,
    /// Not, or not all that lines and bars are made of.
    AsciiOnly,
}

impl Looks {
    /// The look on a terminal that is able to show this: what was chosen, and the terminal's best where nothing was.
    #[must_use]
    pub fn theme(self, terminal: Abilities) -> Theme {
        let colours = match self.colours {
            ColourDepth::Auto => terminal.colours,
            ColourDepth::Truecolor => Colours::True,
            ColourDepth::Ansi16 => Colours::Sixteen,
            ColourDepth::None => Colours::None,
        };
        let background = match self.theme {
            ThemeName::Dark => Background::Dark,
            ThemeName::Light => Background::Light,
        };
        let glyphs = match (self.charset, terminal.unicode) {
            (Charset::Unicode, _) | (Charset::Auto, Unicode::Full) => &UNICODE,
            (Charset::Ascii, _) | (Charset::Auto, Unicode::AsciiOnly) => &ASCII,
        };
        Theme::new(colours, background, glyphs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::theme::Role;

    #[test]
    fn what_was_chosen_goes_before_what_the_terminal_says() {
        let poor = Abilities { colours: Colours::None, unicode: Unicode::AsciiOnly };
        let rich = Abilities { colours: Colours::True, unicode: Unicode::Full };
        let auto = Looks::default();
        assert!(auto.theme(poor).is_ascii() && !auto.theme(rich).is_ascii());
        let grey = |theme: Theme| theme.style(Role::Good).fg.is_none();
        assert!(grey(auto.theme(poor)) && !grey(auto.theme(rich)));
        let chosen = Looks { charset: Charset::Unicode, colours: ColourDepth::Ansi16, ..Looks::default() };
        assert!(!chosen.theme(poor).is_ascii() && !grey(chosen.theme(poor)));
        let chosen = Looks { charset: Charset::Ascii, colours: ColourDepth::None, ..Looks::default() };
        assert!(chosen.theme(rich).is_ascii() && grey(chosen.theme(rich)));
    }
}
