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
    /// Box drawing and blocks.
    #[default]
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

impl Looks {
    /// The look on a terminal that has these colours.
    #[must_use]
    pub fn theme(self, terminal: Colours) -> Theme {
        let colours = match self.colours {
            ColourDepth::Auto => terminal,
            ColourDepth::Truecolor => Colours::True,
            ColourDepth::Ansi16 => Colours::Sixteen,
            ColourDepth::None => Colours::None,
        };
        let background = match self.theme {
            ThemeName::Dark => Background::Dark,
            ThemeName::Light => Background::Light,
        };
        let glyphs = match self.charset {
            Charset::Unicode => &UNICODE,
            Charset::Ascii => &ASCII,
        };
        Theme::new(colours, background, glyphs)
    }
}
