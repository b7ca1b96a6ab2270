//! Whatever happens in whatever order, a table shows what a simple one would, and its cursor stays where it is.

use super::{
    model::{Model, compare},
    *,
};
use crate::console::orders::{Column, Direction, Mode, Sort};
use proptest::{collection::vec, prelude::*, sample::select};

/// So few orders that most of what happens is about one that is there.
const ORDERS: usize = 24;

#[derive(Clone, Debug)]
enum Step {
    /// Orders change, or are gone, and the table is told which.
    Change(Vec<(usize, Option<Facts>)>),
    /// The same, and it is told that it may be any.
    ChangeAll(Vec<(usize, Option<Facts>)>),
    Pass(u64),
    Pick(Picked),
    Sort(Sort),
    Move(isize),
    GoTo(usize),
    Follow,
    Freeze,
    Thaw,
    ToggleMark,
    MarkAll,
    Resize(usize),
}

/// What differs between the orders.
#[derive(Clone, Debug)]
struct Facts {
    status: OrderStatus,
    ago: u64,
    attempts: u32,
    token: &'static str,
    amount: &'static str,
    dex: Option<&'static str>,
    error: Option<(ErrorCode, &'static str)>,
}

const LONG: [&str; 2] = ["the same for sixteen bytes, one", "the same for sixteen bytes, two"];

fn facts() -> impl Strategy<Value = Facts> {
    let status = select(&[OrderStatus::Pending, OrderStatus::Failed, OrderStatus::Confirmed]);
    let amount = select(&[
        "0.5",
        "9.99",
        "10",
        "10.0",
        "123456789012345678901234567890.5",
        "123456789012345678901234567890.6",
    ]);
    let error = (select(&[ErrorCode::Refused, ErrorCode::Reverted]), select(&["", "a", LONG[0], LONG[1]]));
    let texts = (select(&["SOL", "BONK", LONG[0], LONG[1]]), amount, proptest::option::of(select(&LONG)));
    (status, 0..40_u64, 0..3_u32, texts, proptest::option::of(error)).prop_map(
        |(status, ago, attempts, (token, amount, dex), error)| Facts {
            status,
            ago,
            attempts,
            token,
            amount,
            dex,
            error,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let changes = || vec((0..ORDERS, prop_oneof![4 => facts().prop_map(Some), 1 => Just(None)]), 0..6);
    let picked = prop_oneof![
        Just(Picked::All),
        Just(Picked::State(OrderStatus::Failed)),
        (1..40_u64).prop_map(Picked::Within),
        (1..40_u64).prop_map(Picked::Before),
    ];
    let direction = select(&[Direction::Ascending, Direction::Descending]);
    let sort = (select(&Column::ALL), direction).prop_map(|(column, direction)| Sort { column, direction });
    prop_oneof![
        8 => changes().prop_map(Step::Change),
        1 => changes().prop_map(Step::ChangeAll),
        3 => (0..20_u64).prop_map(Step::Pass),
        2 => picked.prop_map(Step::Pick),
        2 => sort.prop_map(Step::Sort),
        4 => (-5..6_isize).prop_map(Step::Move),
        1 => (0..ORDERS).prop_map(Step::GoTo),
        1 => Just(Step::Follow),
        1 => Just(Step::Freeze),
        2 => Just(Step::Thaw),
        2 => Just(Step::ToggleMark),
        1 => Just(Step::MarkAll),
        1 => (1..9_usize).prop_map(Step::Resize),
    ]
}

/// The table and the model, to which the same happens.
struct Both {
    scene: Scene,
    model: Model,
}

/// Whether a step may move the cursor to another order.
#[derive(PartialEq)]
enum Cursor {
    MayMove,
    /// Unless it follows.
    Stays,
}

impl Both {
    fn new() -> Self {
        let scene = Scene::new((0..ORDERS).step_by(2).map(order), 5);
        let model = Model {
            orders: (0..ORDERS).step_by(2).map(|number| (id(number), order(number))).collect(),
            picked: Picked::All,
            sort: scene.table.sort(),
            now: scene.now,
            frozen: None,
            marks: Default::default(),
        };
        Self { scene, model }
    }

    fn change(&mut self, changes: &[(usize, Option<Facts>)]) -> Vec<Arc<str>> {
        for (number, facts) in changes {
            match facts {
                None => {
                    self.scene.feed.remove(&id(*number));
                    self.model.orders.remove(&id(*number));
                }
                Some(facts) => {
                    let order = self.changed(*number, facts);
                    self.scene.feed.put(order.clone());
                    self.model.orders.insert(order.id.clone(), order);
                }
            }
        }
        changes.iter().map(|(number, _)| id(*number).into()).collect()
    }

    fn changed(&self, number: usize, facts: &Facts) -> OrderDto {
        OrderDto {
            status: facts.status,
            updated_at: Timestamp(self.model.now.0 - facts.ago),
            attempts: facts.attempts,
            token_in: facts.token.into(),
            amount: facts.amount.into(),
            dex: facts.dex.map(Into::into),
            last_error_code: facts.error.map(|(code, _)| code),
            last_error: facts.error.map(|(_, text)| text.into()),
            seq: self.model.orders.get(&id(number)).map_or(1, |order| order.seq + 1),
            ..order(number)
        }
    }

    fn take(&mut self, step: &Step) -> Cursor {
        let Self { scene, model } = self;
        match step {
            Step::Change(changes) => {
                let ids = self.change(changes);
                self.scene.flush(&Changed::Ids(ids));
            }
            Step::ChangeAll(changes) => {
                self.change(changes);
                self.scene.flush(&Changed::All);
            }
            Step::Pass(millis) => {
                scene.pass(*millis);
                model.now = scene.now;
            }
            Step::Pick(picked) => {
                scene.pick(*picked);
                model.picked = *picked;
                model.frozen = model.frozen.take().map(|_| model.matching());
                return Cursor::MayMove;
            }
            Step::Sort(sort) => {
                scene.table.sort_by(*sort);
                model.sort = *sort;
            }
            Step::Move(rows) => {
                scene.table.step(*rows);
                return Cursor::MayMove;
            }
            Step::GoTo(number) => {
                scene.table.go_to(*number);
                return Cursor::MayMove;
            }
            Step::Follow => {
                scene.table.follow();
                return Cursor::MayMove;
            }
            Step::Freeze => {
                scene.table.freeze();
                model.frozen = model.frozen.take().or_else(|| Some(model.matching()));
            }
            Step::Thaw => {
                scene.thaw();
                model.frozen = None;
            }
            Step::ToggleMark => {
                scene.table.toggle_mark();
                if let Some((number, _)) = scene.cursor()
                    && !model.marks.remove(&id(number))
                {
                    model.marks.insert(id(number));
                }
            }
            Step::MarkAll => {
                scene.table.mark_all();
                model.marks.extend(model.rows().into_iter().map(|order| order.id));
            }
            Step::Resize(height) => scene.table.resize(*height),
        }
        Cursor::Stays
    }

    fn check_rows(&self) -> Result<(), TestCaseError> {
        let table = &self.scene.table;
        let expected = self.model.rows();
        let shown: Vec<_> = table.visible(0, usize::MAX).collect();
        let matching: Vec<_> = shown.iter().filter(|row| !row.ghost).map(|row| row.order.order()).collect();
        prop_assert_eq!(&matching, &expected);
        prop_assert_eq!((table.matched(), table.len()), (expected.len(), shown.len()));
        let orders: Vec<_> = shown.iter().map(|row| row.order.order()).collect();
        let in_order = |pair: &[OrderDto]| compare(&pair[0], &pair[1], self.model.sort).is_lt();
        prop_assert!(orders.windows(2).all(in_order), "a ghost has its place, too");
        if self.model.frozen.is_none() {
            prop_assert_eq!(table.total(), self.model.orders.len());
        }
        Ok(())
    }

    fn check_marks(&self) -> Result<(), TestCaseError> {
        let marks = self.scene.table.marks();
        let ids: Vec<_> = marks.ids().iter().map(ToString::to_string).collect();
        prop_assert_eq!(ids, self.model.marks.iter().cloned().collect::<Vec<_>>());
        let shown = self.model.rows().iter().filter(|order| self.model.marks.contains(&order.id)).count();
        prop_assert_eq!(marks.hidden(), marks.len() - shown);
        Ok(())
    }

    /// The cursor is on the screen, on the newest row if it follows that, and else on the same order and line as before.
    fn check_cursor(&self, before: Option<(usize, usize)>, cursor: &Cursor) -> Result<(), TestCaseError> {
        let table = &self.scene.table;
        let after = self.scene.cursor();
        prop_assert_eq!(after.is_none(), table.is_empty());
        let under_cursor: Vec<_> = table.window().filter(|row| row.under_cursor).collect();
        prop_assert_eq!(under_cursor.len(), usize::from(after.is_some()));
        if matches!(table.mode(), Mode::Follow) {
            let newest = if table.newest_is_last() { table.len().saturating_sub(1) } else { 0 };
            prop_assert!(after.is_none() || table.position() == Some(newest));
            return Ok(());
        }
        if let (Cursor::Stays, Some((number, line))) = (cursor, before) {
            let above = table.position().unwrap_or_default();
            prop_assert_eq!(after, Some((number, line.min(above))), "order and line");
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn a_table_shows_what_a_simple_one_would_and_its_cursor_stays(steps in vec(step(), 1..60)) {
        let mut both = Both::new();
        for step in steps {
            let (before, screen) = (both.scene.cursor(), both.scene.screen());
            let was_frozen = both.model.frozen.is_some();
            let mut cursor = both.take(&step);
            both.check_rows()?;
            both.check_marks()?;
            if let Step::Resize(_) = step {
                prop_assert_eq!(both.scene.cursor().map(|(number, _)| number), before.map(|(number, _)| number));
                cursor = Cursor::MayMove;
            }
            both.check_cursor(before, &cursor)?;
            if was_frozen && matches!(step, Step::Change(_) | Step::ChangeAll(_) | Step::Pass(_)) {
                prop_assert_eq!(both.scene.screen(), screen);
            }
        }
    }
}
