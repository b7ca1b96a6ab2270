//! Frames: each page as a whole, and what a second costs in which nothing happens.

use crate::{memory::Scene, report::Report, screen::Screen};
use orderctl::console::{Msg, pages::PageId};
use orderd_sdk::client::{Link, Phase};
use std::time::Duration;
use tokio::time::Instant;

const DRAW: Duration = Duration::from_millis(2);
/// Half a percent of a second.
const IDLE: Duration = Duration::from_millis(5);
const SIZES: [(u16, u16); 2] = [(120, 36), (200, 50)];

pub(crate) fn measure(scene: &Scene, report: &mut Report) -> anyhow::Result<()> {
    for size in SIZES {
        let mut screen = Screen::new(scene, size)?;
        for page in PageId::ALL {
            screen.go(page, scene.now);
            let name = format!("frame of {}x{}: {}", size.0, size.1, page.title());
            report.time(&name, DRAW, &mut screen, |screen, _| screen.forget(), |screen, _| screen.draw());
        }
        idle(scene, &mut screen, report);
    }
    Ok(())
}

/// The clock goes on, and with it the ages that are shown: one frame. No other is drawn.
fn idle(scene: &Scene, screen: &mut Screen, report: &mut Report) {
    let link = Link {
        phase: Phase::Live,
        since: Instant::now(),
        why: None,
        next_attempt: None,
        epoch: None,
        cursor: None,
        lag: 0,
    };
    for page in [PageId::Overview, PageId::Orders] {
        screen.go(page, scene.now);
        screen.draw();
        let name =
            format!("an idle second of {}x{}: {}", screen.model.size.0, screen.model.size.1, page.title());
        report.time(
            &name,
            IDLE,
            screen,
            |screen, _| assert!(!screen.model.is_stale, "nothing is drawn before the next second"),
            |screen, second| {
                let now = scene.now.plus_millis(1_000 * (second + 1));
                screen.tell(Msg::Tick(link.clone()), now);
                if screen.model.is_stale {
                    screen.draw();
                }
            },
        );
    }
}
