//! What operators have done.

use super::{Outcome, Page, Scene};
use crate::console::{actions::Action, model::Told};
use orderd_sdk::timestamp::Timestamp;
use ratatui::{Frame, layout::Rect};

/// What operators have done.
#[derive(Debug, Default)]
pub struct ActionsPage {}

impl Page for ActionsPage {
    fn act(&mut self, _action: Action, _argument: &str, _told: &mut Told, _now: Timestamp) -> Outcome {
        Outcome::nothing()
    }

    fn draw(&self, _frame: &mut Frame<'_>, _area: Rect, _scene: &Scene<'_>) {}
}
