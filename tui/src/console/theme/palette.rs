//! Colours by role.

use super::{Background, Colours, Role};
use ratatui::style::{Color, Style};

/// The colours of one mode.
pub(super) struct Palette {
    dim: Color,
    frame: Color,
    focus: Color,
    good: Color,
    warn: Color,
    bad: Color,
    busy: Color,
    accent: Color,
    /// Behind the cursor's row, and on it.
    cursor: (Color, Color),
    mark: Color,
    /// Behind a hit, and on it.
    hit: (Color, Color),
}

/// The palette of a mode; nothing has a colour where there are none.
pub(super) fn palette(colours: Colours, background: Background) -> Option<&'static Palette> {
    match (colours, background) {
        (Colours::None, _) => None,
        (Colours::True, Background::Dark) => Some(&DARK),
        (Colours::True, Background::Light) => Some(&LIGHT),
        (Colours::Sixteen, Background::Dark) => Some(&SIXTEEN_DARK),
        (Colours::Sixteen, Background::Light) => Some(&SIXTEEN_LIGHT),
    }
}

impl Palette {
    /// The colours of a role; plain text keeps the terminal's own.
    pub(super) fn colour(&self, role: Role) -> Option<Style> {
        let on = |(back, front)| Some(Style::new().bg(back).fg(front));
        let colour = match role {
            Role::Text | Role::Title => return None,
            Role::Cursor => return on(self.cursor),
            Role::Hit => return on(self.hit),
            Role::Dim | Role::Off => self.dim,
            Role::Frame => self.frame,
            Role::Focus => self.focus,
            Role::Good => self.good,
            Role::Warn => self.warn,
            Role::Bad => self.bad,
            Role::Busy => self.busy,
            Role::Accent => self.accent,
            Role::Mark => self.mark,
        };
        Some(Style::new().fg(colour))
    }
}

const fn rgb(hex: u32) -> Color {
    Color::from_u32(hex)
}

const DARK: Palette = Palette {
    dim: rgb(0x8a_91_9e),
    frame: rgb(0x4a_52_60),
    focus: rgb(0x7a_a2_f7),
    good: rgb(0x8e_c0_7c),
    warn: rgb(0xe5_b5_67),
    bad: rgb(0xf2_77_7a),
    busy: rgb(0x7f_c1_d6),
    accent: rgb(0x9c_b8_f5),
    cursor: (rgb(0x2f_3b_54), rgb(0xff_ff_ff)),
    mark: rgb(0xd6_a6_e8),
    hit: (rgb(0xe5_b5_67), rgb(0x1b_1e_24)),
};

const LIGHT: Palette = Palette {
    dim: rgb(0x5f_66_72),
    frame: rgb(0xb4_ba_c4),
    focus: rgb(0x1f_5f_c8),
    good: rgb(0x2c_73_2a),
    warn: rgb(0x8f_5a_00),
    bad: rgb(0xb4_1e_24),
    busy: rgb(0x0c_66_7e),
    accent: rgb(0x1d_4f_a8),
    cursor: (rgb(0xcf_de_f7), rgb(0x10_14_1c)),
    mark: rgb(0x7d_2f_99),
    hit: (rgb(0xff_d8_7a), rgb(0x1b_1e_24)),
};

const SIXTEEN_DARK: Palette = Palette {
    dim: Color::Gray,
    frame: Color::DarkGray,
    focus: Color::LightBlue,
    good: Color::LightGreen,
    warn: Color::LightYellow,
    bad: Color::LightRed,
    busy: Color::LightCyan,
    accent: Color::LightBlue,
    cursor: (Color::Blue, Color::White),
    mark: Color::LightMagenta,
    hit: (Color::Yellow, Color::Black),
};

const SIXTEEN_LIGHT: Palette = Palette {
    dim: Color::DarkGray,
    frame: Color::Gray,
    focus: Color::Blue,
    good: Color::Green,
    warn: Color::Magenta,
    bad: Color::Red,
    busy: Color::Cyan,
    accent: Color::Blue,
    cursor: (Color::Cyan, Color::Black),
    mark: Color::Magenta,
    hit: (Color::Yellow, Color::Black),
};
