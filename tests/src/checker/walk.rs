//! One subscription on one connection, message by message.

use super::{
    place::{Line, Lives, Place},
    violation::{Named, Wrong},
    wish::Wish,
};
use orderd_sdk::wire::{GapReason, OrderDto, OrderMessage, Since, Snapshot, SnapshotOf, Subscribed};
use std::{collections::BTreeMap, fmt, rc::Rc};

/// A subscription, as far as it has come.
#[derive(Clone, Debug)]
pub(super) struct Walk<'t> {
    pub(super) wish: Rc<Wish<'t>>,
    pub(super) stage: Stage,
    /// Pages of the snapshot that is being told.
    pages: Option<Pages>,
    place: Place,
    /// Up to where it was said to be complete.
    claimed: u64,
}

/// How a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Asked for, and not answered.
    Asked,
    /// It begins anew, and has to say why first.
    GapDue,
    /// Its snapshot comes next, or the rest of it.
    Showing,
    /// It tells events.
    Following,
    /// It was refused, or has ended.
    Over,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Asked => "not confirmed yet",
            Self::GapDue => "about to tell a gap",
            Self::Showing => "about to tell its snapshot",
            Self::Following => "telling events",
            Self::Over => "over",
        })
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Pages {
    cursor: u64,
    orders: BTreeMap<String, OrderDto>,
}

impl<'t> Walk<'t> {
    /// It was asked for.
    pub(super) fn new(wish: Rc<Wish<'t>>) -> Self {
        let place = Place::Line(Line::default());
        Self { wish, stage: Stage::Asked, pages: None, place, claimed: 0 }
    }

    /// It has come to this cursor in another way than by a socket.
    pub(super) fn at(wish: Rc<Wish<'t>>, cursor: u64) -> Self {
        let place = Place::Line(Line::after(&wish, cursor, BTreeMap::new()));
        Self { wish, stage: Stage::Following, pages: None, place, claimed: cursor }
    }

    /// Whether both have come to the same.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (self.stage, &self.pages, &self.place, self.claimed)
            == (other.stage, &other.pages, &other.place, other.claimed)
    }

    pub(super) fn subscribed(&mut self, said: &Subscribed) -> Result<(), Wrong> {
        self.require(self.stage == Stage::Asked, "subscribed")?;
        let Subscribed { id, recovered, cursor, order, .. } = said;
        let (id, recovered, cursor) = (id.clone(), *recovered, *cursor);
        let (wish, is_live) = (self.wish.clone(), self.wish.snapshot == SnapshotOf::Live);
        let fresh = if is_live { Stage::Showing } else { Stage::Following };
        let fits = match &wish.since {
            _ if wish.is_path => {
                let at = wish.since.as_ref().and_then(|since| known(since).into_values().next());
                let at = BTreeMap::from([(id.clone(), at.unwrap_or_default())]);
                self.place = Place::Lives(Lives { at, floor: Some(0) });
                self.stage = Stage::Following;
                recovered == wish.since.is_some() && self.is_order(order.as_ref(), cursor)
            }
            None => {
                self.begin(fresh, cursor);
                !recovered
            }
            Some(Since::Cursor { cursor: since, .. }) if recovered => {
                self.begin(Stage::Following, *since);
                self.place = Place::Line(Line::after(&wish, *since, BTreeMap::new()));
                cursor == *since
            }
            Some(Since::Cursor { .. }) => {
                self.stage = Stage::GapDue;
                true
            }
            Some(since @ Since::Seq { .. }) => {
                let floor = (recovered || !is_live).then_some(cursor);
                self.place = Place::Lives(Lives { at: known(since), floor });
                self.stage = Stage::Following;
                true
            }
        };
        if fits { Ok(()) } else { Err(Wrong::Recovered { id, recovered, cursor }) }
    }

    /// Goes on after this cursor: at once, or after a snapshot that shows what was before.
    fn begin(&mut self, stage: Stage, cursor: u64) {
        self.stage = stage;
        self.pages = None;
        if stage == Stage::Following {
            self.place = Place::Line(Line::after(&self.wish, cursor, BTreeMap::new()));
        }
    }

    /// Whether `subscribed` of a path shows the order as it stood at its cursor.
    fn is_order(&self, order: Option<&OrderDto>, cursor: u64) -> bool {
        let told = order.and_then(|order| self.wish.truth.event(&order.id, order.seq));
        told.is_some_and(|told| {
            Some(&told.order) == order && told.order_id == self.wish.id && told.cursor == cursor
        })
    }

    pub(super) fn gap(&mut self, reason: GapReason, cursor: u64) -> Result<(), Wrong> {
        if self.wish.is_path {
            return Err(Wrong::GapOnPath(self.wish.id.clone()));
        }
        let may_come = match reason {
            GapReason::Epoch => self.stage == Stage::GapDue,
            GapReason::Ahead => {
                self.stage == Stage::GapDue || matches!(self.wish.since, Some(Since::Seq { .. }))
            }
            GapReason::TooOld => [Stage::GapDue, Stage::Following].contains(&self.stage),
            GapReason::Slow | GapReason::Unreadable => self.stage == Stage::Following,
        };
        self.require(may_come, "gap")?;
        if let (GapReason::Ahead, Place::Lives(lives)) = (reason, &mut self.place) {
            let life = |id: &String| self.wish.truth.life(id).len() as u64;
            lives.at.retain(|id, seq| *seq <= life(id));
            return Ok(());
        }
        let last = self.place.last(&self.wish);
        let is_live = self.wish.snapshot == SnapshotOf::Live;
        self.begin(if is_live { Stage::Showing } else { Stage::Following }, cursor);
        self.pages = is_live.then(|| Pages { cursor, ..Pages::default() });
        match cursor < last {
            true => Err(Wrong::GapBack { id: self.wish.id.clone(), cursor, last }),
            false => Ok(()),
        }
    }

    pub(super) fn snapshot(&mut self, page: &Snapshot) -> Result<(), Wrong> {
        let shows_the_rest = matches!(&self.place, Place::Lives(Lives { floor: None, .. }));
        self.require(self.stage == Stage::Showing || shows_the_rest, "snapshot")?;
        let cursor = page.cursor;
        let pages = self.pages.get_or_insert_with(|| Pages { cursor, ..Pages::default() });
        let before = pages.cursor;
        if before != cursor {
            return Err(Wrong::Pages { id: page.id.clone(), cursor, before });
        }
        for order in &page.orders {
            if pages.orders.insert(order.id.clone(), order.clone()).is_some() {
                let (order, seq) = (order.id.clone(), order.seq);
                return Err(Wrong::Shown { cursor, order, seq, why: "it is there twice" });
            }
        }
        if page.last { self.finish_snapshot() } else { Ok(()) }
    }

    fn finish_snapshot(&mut self) -> Result<(), Wrong> {
        let Pages { cursor, orders } = self.pages.take().unwrap_or_default();
        let shown = orders.values().map(|order| (order.id.clone(), order.seq)).collect();
        let known = match &mut self.place {
            Place::Lives(lives) if self.stage == Stage::Following => {
                let known = lives.at.clone();
                lives.at.extend(shown);
                lives.floor = Some(cursor);
                known
            }
            place @ (Place::Line(_) | Place::Lives(_)) => {
                *place = Place::Line(Line::after(&self.wish, cursor, shown));
                BTreeMap::new()
            }
        };
        self.stage = Stage::Following;
        self.wish.check(cursor, &orders, &known)
    }

    /// Whether this event comes next.
    pub(super) fn accepts(&self, event: &OrderMessage) -> Result<(), Wrong> {
        match self.stage {
            Stage::Following => self.place.accepts(&self.wish, event),
            stage @ (Stage::Asked | Stage::GapDue | Stage::Showing | Stage::Over) => {
                Err(Wrong::Early { event: Named::of(event), stage: stage.to_string() })
            }
        }
    }

    pub(super) fn take(&mut self, event: &OrderMessage) {
        self.place.take(&self.wish, event);
    }

    /// It is said that everything up to this event was sent.
    pub(super) fn claim(&mut self, cursor: u64) -> Result<(), Wrong> {
        if [Stage::Asked, Stage::Over].contains(&self.stage) {
            return Ok(());
        }
        self.claimed = self.claimed.max(cursor);
        let missing = self.place.missing(&self.wish, cursor);
        missing.map_or(Ok(()), |missing| Err(Wrong::Claimed { cursor, missing }))
    }

    /// What is lost to a client that goes on from here on another connection.
    pub(super) fn lost(&self, since: &Since) -> Option<Named> {
        self.place.lost(&self.wish, since)
    }

    /// Whether it ends before it has said that it is complete.
    pub(super) fn not_reached(&self) -> Option<Wrong> {
        let last = self.wish.line.last().map_or(0, |event| event.cursor);
        let is_behind = self.stage != Stage::Over && self.claimed < last;
        is_behind.then(|| Wrong::NotReached { id: self.wish.id.clone(), last })
    }

    pub(super) fn require(&self, may_come: bool, what: &'static str) -> Result<(), Wrong> {
        let (id, stage) = (self.wish.id.clone(), self.stage.to_string());
        if may_come { Ok(()) } else { Err(Wrong::OutOfTurn { what, id, stage }) }
    }
}

fn known(since: &Since) -> BTreeMap<String, u64> {
    match since {
        Since::Seq { seq } => seq.clone(),
        Since::Cursor { .. } => BTreeMap::new(),
    }
}
