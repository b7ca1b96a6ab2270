//! Where panels are, at every size of the terminal. A pane that has the keys is always to be seen.

use ratatui::layout::{Constraint, Layout, Rect};

/// A panel that has a cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Pane {
    #[default]
    Attention,
    Funnel,
    Errors,
    Feed,
}

impl Pane {
    pub(super) fn next(self) -> Self {
        match self {
            Self::Attention => Self::Funnel,
            Self::Funnel => Self::Errors,
            Self::Errors => Self::Feed,
            Self::Feed => Self::Attention,
        }
    }

    pub(super) fn previous(self) -> Self {
        self.next().next().next()
    }
}

/// Where each panel is; none where there is no room for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) health: Option<Rect>,
    pub(super) throughput: Option<Rect>,
    pub(super) stages: Option<Rect>,
    pub(super) funnel: Option<Rect>,
    pub(super) attention: Option<Rect>,
    pub(super) errors: Option<Rect>,
    pub(super) feed: Option<Rect>,
}

/// Less than this, and there is one panel: the one that has the keys.
const LEAST: (u16, u16) = (60, 15);
/// From so many columns on three panels stand side by side, and four.
const THREE: u16 = 110;
const FOUR: u16 = 172;
/// From so many rows on there are three rows of panels.
const TALL: u16 = 28;
/// Rows of the first panels, with their frame.
const FIRST: u16 = 9;

pub(super) fn places(area: Rect, pane: Pane) -> Places {
    match (area.width, area.height) {
        (width, height) if width < LEAST.0 || height < LEAST.1 => alone(area, pane),
        (FOUR.., TALL..) => four(area),
        (THREE.., TALL..) => three(area),
        (THREE.., _) => flat(area, pane),
        (_, _) => two(area, pane),
    }
}

fn alone(area: Rect, pane: Pane) -> Places {
    let mut places = Places::default();
    *match pane {
        Pane::Attention => &mut places.attention,
        Pane::Funnel => &mut places.funnel,
        Pane::Errors => &mut places.errors,
        Pane::Feed => &mut places.feed,
    } = Some(area);
    places
}

/// Health and funnel, attention, and what happens; more between them where it is high enough. The errors take the funnel's place when
/// they have the keys.
fn two(area: Rect, pane: Pane) -> Places {
    let middle = if area.height > TALL { FIRST } else { 0 };
    let attention = (area.height / 4).min(9);
    let [first, middle, attention, feed] = rows(area, [FIRST, middle, attention]);
    let halves = |area| Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(area);
    let ([health, beside], [throughput, stages]) = (halves(first), halves(middle));
    let has_middle = middle.height > 0;
    let (funnel, errors) = funnel_or_errors(beside, pane);
    Places {
        health: Some(health),
        throughput: has_middle.then_some(throughput),
        stages: has_middle.then_some(stages),
        funnel,
        attention: Some(attention),
        errors,
        feed: Some(feed),
    }
}

/// One row of panels over what happens.
fn flat(area: Rect, pane: Pane) -> Places {
    let [first, feed] = Layout::vertical([Constraint::Length(FIRST), Constraint::Fill(1)]).areas(area);
    let columns = [Constraint::Length(38), Constraint::Length(34), Constraint::Fill(1)];
    let [health, beside, attention] = Layout::horizontal(columns).areas(first);
    let (funnel, errors) = funnel_or_errors(beside, pane);
    let (health, attention, feed) = (Some(health), Some(attention), Some(feed));
    Places { health, funnel, attention, errors, feed, ..Places::default() }
}

fn three(area: Rect) -> Places {
    let [first, second, _, feed] = rows(area, [FIRST + 1, FIRST + 1, 0]);
    let columns = [Constraint::Length(38), Constraint::Fill(1), Constraint::Length(40)];
    let [health, throughput, stages] = Layout::horizontal(columns).areas(first);
    let columns = [Constraint::Length(32), Constraint::Fill(1), Constraint::Length(32)];
    let [funnel, attention, errors] = Layout::horizontal(columns).areas(second);
    Places {
        health: Some(health),
        throughput: Some(throughput),
        stages: Some(stages),
        funnel: Some(funnel),
        attention: Some(attention),
        errors: Some(errors),
        feed: Some(feed),
    }
}

fn four(area: Rect) -> Places {
    let (above, below) = ((area.height * 3 / 10).clamp(10, 17), (area.height / 4).clamp(8, 12));
    let [first, second, _, feed] = rows(area, [above, below, 0]);
    let columns =
        [Constraint::Length(42), Constraint::Fill(1), Constraint::Length(52), Constraint::Length(44)];
    let [health, throughput, stages, funnel] = Layout::horizontal(columns).areas(first);
    let [attention, errors] = Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(second);
    Places {
        health: Some(health),
        throughput: Some(throughput),
        stages: Some(stages),
        funnel: Some(funnel),
        attention: Some(attention),
        errors: Some(errors),
        feed: Some(feed),
    }
}

fn rows(area: Rect, heights: [u16; 3]) -> [Rect; 4] {
    let [first, second, third] = heights.map(Constraint::Length);
    Layout::vertical([first, second, third, Constraint::Fill(1)]).areas(area)
}

fn funnel_or_errors(place: Rect, pane: Pane) -> (Option<Rect>, Option<Rect>) {
    match pane {
        Pane::Errors => (None, Some(place)),
        Pane::Attention | Pane::Funnel | Pane::Feed => (Some(place), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(places: &Places) -> Vec<Rect> {
        let Places { health, throughput, stages, funnel, attention, errors, feed } = *places;
        [health, throughput, stages, funnel, attention, errors, feed].into_iter().flatten().collect()
    }

    proptest! {
        #[test]
        fn the_pane_with_the_keys_is_seen_and_no_panel_is_a_sliver_or_covers_another(
            width in 1_u16..260, height in 1_u16..90, tabs in 0_usize..4
        ) {
            let pane = (0..tabs).fold(Pane::default(), |pane, _| pane.next());
            let area = Rect::new(0, 3, width, height);
            let places = places(area, pane);
            let seen = match pane {
                Pane::Attention => places.attention,
                Pane::Funnel => places.funnel,
                Pane::Errors => places.errors,
                Pane::Feed => places.feed,
            };
            prop_assert!(seen.is_some());
            let drawn = all(&places);
            for (at, one) in drawn.iter().enumerate() {
                prop_assert_eq!(one.intersection(area), *one);
                prop_assert!(*one == area || (one.width >= 30 && one.height >= 3), "{:?}", one);
                prop_assert!(drawn[..at].iter().all(|other| !one.intersects(*other)));
            }
        }
    }
}
