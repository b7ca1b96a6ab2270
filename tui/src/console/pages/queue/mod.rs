//! What waits, and how fast it goes.

use super::{Outcome, Page, Scene};
use crate::console::{actions::Action, model::Told};
use orderd_sdk::timestamp::Timestamp;
use ratatui::{Frame, layout::Rect};

/// What waits, and how fast it goes.
#[derive(Debug, Default)]
pub struct QueuePage {}

impl Page for QueuePage {
    fn act(
        &mut self,
        _action: Action,
        _argument: Option<&str>,
        _told: &mut Told,
        _now: Timestamp,
    ) -> Outcome {
        Outcome::nothing()
    }

    fn draw(&self, _frame: &mut Frame<'_>, _area: Rect, _scene: &Scene<'_>) {}
}
