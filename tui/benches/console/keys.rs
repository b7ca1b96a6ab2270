//! From a key to its frame, while 20,000 events a second are read and taken in by the same thread, as in the program.

use crate::{
    ORDERS, life,
    memory::Scene,
    report::{Report, spent},
    screen::Screen,
};
use orderctl::console::{Msg, input::Key, pages::PageId};
use orderd_sdk::{client::Changes, timestamp::Timestamp, wire::OrderDto};
use std::{collections::VecDeque, time::Duration};
use tokio::time::{Instant, interval, sleep_until};

/// Events in a second.
const EVENTS: u64 = 20_000;
/// They come in bursts, as from a socket.
const BURST: Duration = Duration::from_millis(2);
const IN_BURST: usize = 40;
/// As the program has it: what the daemon tells is drawn at most so often, and the cache changes as often.
const FRAME: Duration = Duration::from_millis(33);
/// Quicker than a key that is held down.
const KEYS: Duration = Duration::from_millis(20);
const ROUNDS: u64 = 8;
const SIZE: (u16, u16) = (200, 50);

/// A page under load, and the times of its keys.
struct Load<'a> {
    scene: &'a mut Scene,
    screen: Screen,
    changes: Changes,
    /// Events that are still to come, as they come.
    texts: VecDeque<String>,
    /// When keys came of which nothing was drawn yet.
    waiting: Vec<Instant>,
    times: Vec<Duration>,
    /// What keys and their frames took of the processor.
    own: Vec<Duration>,
    began: Duration,
    frames: u32,
    elapsed: Duration,
    now: Timestamp,
}

pub(crate) fn measure(scene: &mut Scene, report: &mut Report) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    for page in [PageId::Overview, PageId::Orders] {
        let mut screen = Screen::new(scene, SIZE)?;
        screen.go(page, scene.now);
        let (changes, now) = (scene.cache.changes(), scene.now);
        let mut load = Load {
            scene,
            screen,
            changes,
            texts: VecDeque::new(),
            waiting: Vec::new(),
            times: Vec::new(),
            own: Vec::new(),
            began: Duration::ZERO,
            frames: 0,
            elapsed: Duration::ZERO,
            now,
        };
        for round in 0..ROUNDS {
            load.texts = (0..EVENTS).map(|event| text(round * EVENTS + event)).collect::<Result<_, _>>()?;
            runtime.block_on(load.second())?;
        }
        load.tell(page, report);
    }
    Ok(())
}

/// An event's order, anywhere among all of them, as it comes over a socket.
fn text(event: u64) -> Result<String, serde_json::Error> {
    serde_json::to_string(&life::order(life::shuffled(event) % ORDERS, 100 + event))
}

impl Load<'_> {
    /// A second's events are taken in, or as many as there are; keys come meanwhile.
    async fn second(&mut self) -> anyhow::Result<()> {
        let (mut bursts, mut flushes, mut keys) = (interval(BURST), interval(FRAME), interval(KEYS));
        let began = Instant::now();
        let (mut due, mut drawn) = (None::<Instant>, began);
        while !self.texts.is_empty() {
            tokio::select! {
                biased;
                () = until(due) => {
                    self.paint();
                    (due, drawn) = (None, Instant::now());
                }
                came = keys.tick() => {
                    self.began = spent();
                    self.screen.press(self.key(), self.now);
                    self.waiting.push(came);
                    due = Some(Instant::now());
                }
                _ = bursts.tick() => self.read()?,
                _ = flushes.tick() => self.scene.feed.flush(),
                Some(changed) = self.changes.next() => {
                    self.screen.tell(Msg::Orders(changed), self.now);
                    due = due.or(Some(drawn + FRAME));
                }
            }
        }
        self.elapsed += began.elapsed();
        self.waiting.clear();
        Ok(())
    }

    fn read(&mut self) -> anyhow::Result<()> {
        let burst = self.texts.len().min(IN_BURST);
        for text in self.texts.drain(..burst) {
            self.scene.feed.put(serde_json::from_str::<OrderDto>(&text)?);
        }
        self.now = self.now.plus_millis(BURST.as_millis() as u64);
        Ok(())
    }

    fn paint(&mut self) {
        self.screen.draw();
        if !self.waiting.is_empty() {
            self.own.push(spent().saturating_sub(self.began));
        }
        let painted = Instant::now();
        self.times.extend(self.waiting.drain(..).map(|came| painted - came));
        self.frames += 1;
    }

    /// Mostly the cursor moves; now and then the rows are sorted otherwise.
    fn key(&self) -> Key {
        match self.times.len() % 25 {
            0 => Key::Char('o'),
            number if number % 3 == 0 => Key::PageDown,
            number if number % 3 == 1 => Key::Up,
            _ => Key::Down,
        }
    }

    fn tell(mut self, page: PageId, report: &mut Report) {
        self.times.sort_unstable();
        self.own.sort_unstable();
        let name = |what| format!("{what} of {}x{}: {}", SIZE.0, SIZE.1, page.title());
        let at = |times: &[Duration], percent: usize| times[(times.len() - 1) * percent / 100];
        report.real(&name("key to paint, half"), FRAME, at(&self.times, 50));
        report.real(&name("key to paint, 99 of 100"), FRAME, at(&self.times, 99));
        report.real(&name("of it processor time, half"), FRAME, at(&self.own, 50));
        report.real(&name("of it processor time, 99 of 100"), FRAME, at(&self.own, 99));
        report.real(
            &name("20,000 events taken in"),
            Duration::from_millis(1_050),
            self.elapsed / ROUNDS as u32,
        );
        report.count(&name("frames in that time"), 81, u64::from(self.frames) / ROUNDS);
    }
}

/// A timer goes off with the next whole millisecond; what is due by now does not wait, so that nothing comes before it.
async fn until(due: Option<Instant>) {
    match due {
        Some(due) if due <= Instant::now() => {}
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
