//! What waits, why it waits, and how fast it goes.

mod banner;
mod depth;
mod rates;
mod retries;
mod view;
mod waits;

#[cfg(test)]
mod tests;

use super::{Outcome, Page, Scene};
use crate::console::{
    actions::Action,
    effect::Effect,
    model::{Note, Told},
    widgets::grid::Cursor,
};
use orderd_sdk::timestamp::Timestamp;
use ratatui::{Frame, layout::Rect};

/// What waits.
#[derive(Debug, Default)]
pub struct QueuePage {
    /// In the list of retries that are to come, by order.
    retry: Cursor,
}

impl QueuePage {
    /// The order under the cursor.
    fn chosen(&self, told: &Told) -> Option<String> {
        let mut orders = retries::orders(told);
        let row = self.retry.row(&orders)?;
        Some(orders.swap_remove(row))
    }
}

impl Page for QueuePage {
    fn act(&mut self, action: Action, _argument: Option<&str>, told: &mut Told, _now: Timestamp) -> Outcome {
        match (action, self.chosen(told)) {
            (Action::Open, Some(id)) => Outcome::open(id.into()),
            (Action::Copy, Some(id)) => Outcome::effect(Effect::Copy(id)),
            (Action::Open | Action::Copy, None) => Outcome::note(Note::plain("no order waits for a retry")),
            _ => {
                self.retry.act(action, &retries::orders(told));
                Outcome::nothing()
            }
        }
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
        view::draw(self, frame, area, scene);
    }
}
