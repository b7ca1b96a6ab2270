//! How things look: styles by what they mean, and the signs that lines and bars are made of.
//!
//! Views name a [`Role`], never a colour, so that every view is right in every mode: true colour, the terminal's own sixteen, or none
//! at all, where weight and inversion alone tell things apart. What a colour says is also said in words or by a sign.

mod glyphs;
mod palette;

pub use glyphs::{ASCII, Glyphs, UNICODE};

use palette::palette;
use ratatui::{
    style::{Modifier, Style},
    text::Span,
};
use std::borrow::Cow;

/// What something means to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Plain text.
    Text,
    /// What matters less: units, separators, what is over.
    Dim,
    /// Titles of panels and columns.
    Title,
    /// Frames of panels.
    Frame,
    /// The frame of the panel that has the keys.
    Focus,
    /// All is well.
    Good,
    /// Somebody should look.
    Warn,
    /// Somebody has to act.
    Bad,
    /// On its way.
    Busy,
    /// Names and keys that can be used.
    Accent,
    /// The row under the cursor.
    Cursor,
    /// A row that is marked.
    Mark,
    /// What was searched for.
    Hit,
    /// What cannot be done here.
    Off,
}

/// Colours that the terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colours {
    /// Any.
    #[default]
    True,
    /// Its own sixteen.
    Sixteen,
    /// None: `NO_COLOR` is set, or the terminal has none.
    None,
}

/// What the terminal's background is like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Background {
    /// Dark.
    #[default]
    Dark,
    /// Light.
    Light,
}

/// How things look.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    colours: Colours,
    background: Background,
    glyphs: &'static Glyphs,
}

impl Default for Theme {
    fn default() -> Self {
        Self::new(Colours::default(), Background::default(), &UNICODE)
    }
}

impl Theme {
    /// A look.
    #[must_use]
    pub fn new(colours: Colours, background: Background, glyphs: &'static Glyphs) -> Self {
        Self { colours, background, glyphs }
    }

    /// The signs.
    #[must_use]
    pub fn glyphs(&self) -> &'static Glyphs {
        self.glyphs
    }

    /// Whether only ASCII may be shown.
    #[must_use]
    pub fn is_ascii(&self) -> bool {
        self.glyphs.ellipsis.is_ascii()
    }

    /// The same for the other background.
    #[must_use]
    pub fn inverted(self) -> Self {
        let background = match self.background {
            Background::Dark => Background::Light,
            Background::Light => Background::Dark,
        };
        Self { background, ..self }
    }

    /// A text in the style of a role.
    #[must_use]
    pub fn paint<'a>(&self, role: Role, text: impl Into<Cow<'a, str>>) -> Span<'a> {
        Span::styled(text, self.style(role))
    }

    /// The style of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        let weight = weight(role, self.colours);
        match palette(self.colours, self.background).and_then(|palette| palette.colour(role)) {
            Some(paint) => paint.patch(weight),
            None => weight,
        }
    }
}

/// What a role looks like apart from colour.
fn weight(role: Role, colours: Colours) -> Style {
    let none = colours == Colours::None;
    let modifier = match role {
        Role::Title | Role::Accent => Modifier::BOLD,
        Role::Focus | Role::Warn | Role::Mark if none => Modifier::BOLD,
        Role::Bad if none => Modifier::BOLD.union(Modifier::UNDERLINED),
        Role::Hit if none => Modifier::UNDERLINED,
        Role::Cursor if none => Modifier::REVERSED,
        Role::Dim if none => Modifier::DIM,
        Role::Off if none => Modifier::DIM.union(Modifier::CROSSED_OUT),
        Role::Off => Modifier::CROSSED_OUT,
        Role::Bad | Role::Cursor => Modifier::BOLD,
        Role::Text
        | Role::Dim
        | Role::Frame
        | Role::Focus
        | Role::Good
        | Role::Warn
        | Role::Busy
        | Role::Mark
        | Role::Hit => Modifier::empty(),
    };
    Style::new().add_modifier(modifier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colours_there_are_none_and_the_cursor_is_still_seen() {
        for background in [Background::Dark, Background::Light] {
            let theme = Theme::new(Colours::None, background, &ASCII);
            for role in [Role::Text, Role::Good, Role::Bad, Role::Cursor, Role::Frame] {
                assert_eq!((theme.style(role).fg, theme.style(role).bg), (None, None), "{role:?}");
            }
            assert!(theme.style(Role::Cursor).add_modifier.contains(Modifier::REVERSED));
            assert_ne!(theme.style(Role::Bad), theme.style(Role::Good));
        }
    }
}
