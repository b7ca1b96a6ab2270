//! A question before something is changed. `y` says yes, never Enter; many orders need their number.

use super::{Heard, Line};
use crate::console::{
    actions::Verb,
    input::Key,
    pages::Scene,
    theme::Role,
    widgets::{popup, text},
};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line as Row, Span},
};

/// What has to be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Demand {
    /// `y`.
    Yes,
    /// This number, and then Enter.
    Number {
        /// The number.
        number: u64,
        /// What was typed so far.
        typed: Line,
    },
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// What is asked, in one line.
    pub question: String,
    /// What there is to know before answering.
    pub facts: Vec<String>,
    /// What is done upon yes.
    pub verb: Verb,
    /// What has to be typed.
    pub demand: Demand,
}

impl Confirm {
    /// A question that `y` answers.
    #[must_use]
    pub fn yes(verb: Verb, facts: Vec<String>) -> Self {
        Self { question: format!("{verb}?"), facts, verb, demand: Demand::Yes }
    }

    /// A question that only the number of orders answers.
    #[must_use]
    pub fn number(verb: Verb, facts: Vec<String>, number: u64) -> Self {
        let demand = Demand::Number { number, typed: Line::default() };
        Self { demand, ..Self::yes(verb, facts) }
    }

    pub(super) fn key(&mut self, key: Key) -> Heard {
        if key == Key::Esc {
            return Heard::Close;
        }
        match &mut self.demand {
            Demand::Yes => match key {
                Key::Char('y') => Heard::Confirmed(self.verb.clone()),
                Key::Char('n' | 'q') => Heard::Close,
                _ => Heard::Stay,
            },
            Demand::Number { number, typed } => match key {
                Key::Enter if typed.text() == number.to_string() => Heard::Confirmed(self.verb.clone()),
                Key::Char(c) if !c.is_ascii_digit() => Heard::Stay,
                key => {
                    typed.key(key);
                    Heard::Stay
                }
            },
        }
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
        let style = |role| scene.theme.style(role);
        let mut rows =
            vec![Row::from(Span::styled(text::safe(&self.question), style(Role::Warn))), Row::default()];
        rows.extend(
            self.facts.iter().map(|fact| Row::from(Span::styled(text::safe(fact), style(Role::Text)))),
        );
        rows.push(Row::default());
        rows.push(match &self.demand {
            Demand::Yes => Row::from(Span::styled("y  yes     n  no", style(Role::Accent))),
            Demand::Number { number, typed } => Row::from(vec![
                Span::styled(format!("type {number} and press Enter: "), style(Role::Accent)),
                Span::styled(typed.text().to_owned(), style(Role::Text)),
                Span::styled("_", style(Role::Dim)),
            ]),
        });
        popup::draw(frame, area, scene.theme, "Confirm", rows);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verb() -> Verb {
        Verb::DisableVenue { name: "alpha".into() }
    }

    fn type_in(confirm: &mut Confirm, keys: &[Key]) -> Heard {
        keys.iter().map(|key| confirm.key(*key)).last().unwrap()
    }

    #[test]
    fn only_y_says_yes() {
        for key in [Key::Enter, Key::Char(' '), Key::Char('Y'), Key::Tab, Key::Down] {
            assert_eq!(Confirm::yes(verb(), Vec::new()).key(key), Heard::Stay, "{key}");
        }
        for key in [Key::Esc, Key::Char('n'), Key::Char('q')] {
            assert_eq!(Confirm::yes(verb(), Vec::new()).key(key), Heard::Close, "{key}");
        }
        assert_eq!(Confirm::yes(verb(), Vec::new()).key(Key::Char('y')), Heard::Confirmed(verb()));
    }

    #[test]
    fn many_orders_need_their_number_and_no_other() {
        let asked = || Confirm::number(verb(), Vec::new(), 120);
        let digits = |text: &str| text.chars().map(Key::Char).collect::<Vec<_>>();
        for wrong in ["y", "12", "1200", ""] {
            let keys = [digits(wrong), vec![Key::Enter]].concat();
            assert_eq!(type_in(&mut asked(), &keys), Heard::Stay, "{wrong}");
        }
        let keys = [digits("129"), vec![Key::Backspace], digits("0"), vec![Key::Enter]].concat();
        assert_eq!(type_in(&mut asked(), &keys), Heard::Confirmed(verb()));
    }
}
