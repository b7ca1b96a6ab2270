//! What the mouse does, where the console was given it. It moves about, and changes nothing at a daemon: that takes a key.

use super::{
    Effect, Model,
    actions::carry_out,
    pages::Outcome,
    view::{self, Spot},
};

/// A click on this cell of the screen.
pub(super) fn clicked(model: &mut Model, x: u16, y: u16) -> Vec<Effect> {
    // What lies on top has the screen for itself.
    if model.overlay.is_some() || view::is_too_small(model.size) {
        return Vec::new();
    }
    let outcome = match view::spot(model.size, x, y) {
        Spot::Tab(page) => Outcome::go(page),
        Spot::Page(x, y) => model.pages.get_mut(model.page).click(x, y),
        Spot::Nothing => return Vec::new(),
    };
    carry_out(model, outcome)
}
