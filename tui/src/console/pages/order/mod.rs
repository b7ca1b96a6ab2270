//! One order's life.

use super::{Outcome, Page, Scene};
use crate::console::{actions::Action, effect::Effect, model::Told};
use orderd_sdk::timestamp::Timestamp;
use ratatui::{Frame, layout::Rect};
use std::sync::Arc;

/// One order's life.
#[derive(Debug, Default)]
pub struct OrderPage {}

impl OrderPage {
    /// Shows this order from now on.
    pub fn show(&mut self, id: Arc<str>) -> Vec<Effect> {
        vec![Effect::Follow(Some(id))]
    }
}

impl Page for OrderPage {
    fn act(&mut self, _action: Action, _argument: &str, _told: &mut Told, _now: Timestamp) -> Outcome {
        Outcome::nothing()
    }

    fn draw(&self, _frame: &mut Frame<'_>, _area: Rect, _scene: &Scene<'_>) {}
}
