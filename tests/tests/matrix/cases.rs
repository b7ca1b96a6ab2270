//! Which cases there are: each point in a scene that reaches it, some of them also at a later passage or elsewhere.

use crate::{
    case::{Case, Deaths},
    scene::Scene,
};
use anyhow::{Result, ensure};
use orderd_tests::daemon::program;
use tokio::process::Command;

/// The daemon that dies where it is told to.
pub(crate) const CRASHING: &str = "orderd-crash-points";

/// Points that nothing reaches yet, by the beginning of their names, each with its reason.
pub(crate) const EXCUSED: &[(&str, &str)] = &[
    ("persist.quiet.", "only where two clients take an order back within one sync of the disk"),
    (
        "persist.approval-undone.",
        "an approval's block has to be undone between it and the swap's signature; the simulation does that",
    ),
    ("chain.balance.", "estimates find out what an account lacks"),
];

/// Where the interesting deaths are, beside the first passage of every point: in which scene, at which passage.
const MORE: &[(&str, Scene, u64)] = &[
    // The second order, while the first is under way.
    ("persist.claim.", Scene::Swaps, 2),
    ("persist.signed.", Scene::Swaps, 2),
    ("persist.submitted.", Scene::Swaps, 2),
    ("chain.prepare.", Scene::Swaps, 3),
    ("chain.send.", Scene::Swaps, 2),
    ("chain.send.", Scene::Swaps, 3),
    // The first passages of these are the founding of the store.
    ("store.", Scene::Swaps, 2),
    ("store.", Scene::Swaps, 4),
    ("store.", Scene::Swaps, 8),
    ("store.", Scene::Swaps, 12),
    // While what is sent stays in the pool, so that only the store knows which sequences are taken.
    ("persist.lane.", Scene::RevertThenRetry, 3),
    // A swap without effect, and the attempt after it.
    ("persist.execution-failed.", Scene::RevertThenRetry, 1),
    ("persist.retry-pending.", Scene::RevertThenRetry, 1),
    ("persist.signed.", Scene::RevertThenRetry, 3),
    ("chain.send.", Scene::RevertThenRetry, 4),
    // A signature that died, and the one in its place.
    ("persist.signed.", Scene::Outsider, 3),
    ("chain.send.", Scene::Outsider, 4),
    // An order that was never signed, and transactions that take the place of others.
    ("persist.cancelled.", Scene::CancelWaiting, 1),
    ("persist.replaced.", Scene::FeeBump, 1),
    ("chain.send.", Scene::CancelSent, 4),
    ("chain.send.", Scene::FeeBump, 4),
    // The same bytes again.
    ("persist.submitted.", Scene::Reorg, 3),
    ("persist.confirmed.", Scene::Reorg, 3),
    ("chain.send.", Scene::Reorg, 4),
];

/// Points at which the daemon also dies twice in a row, the second time while it recovers.
const TWICE: &[&str] = &["persist.signed.", "persist.submitted.", "chain.send.", "chain.status."];

/// Every point, as the daemon itself lists them.
///
/// # Errors
/// When there is no such daemon.
pub(crate) async fn points() -> Result<Vec<String>> {
    let output = Command::new(program(CRASHING)?).arg("crash-points").output().await?;
    ensure!(output.status.success(), "{CRASHING} ended with {}", output.status);
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}

/// Why a point is in no case.
pub(crate) fn excuse(point: &str) -> Option<&'static str> {
    EXCUSED.iter().find(|(prefix, _)| point.starts_with(prefix)).map(|(_, reason)| *reason)
}

/// Every case of these points.
pub(crate) fn all(points: &[String]) -> Vec<Case> {
    let mut cases = Vec::new();
    for point in points.iter().filter(|point| excuse(point).is_none()) {
        let case = |scene, passage, deaths| Case { point: point.clone(), passage, scene, deaths };
        cases.push(case(scene_of(point), 1, Deaths::Once));
        let more = MORE.iter().filter(|(prefix, ..)| point.starts_with(prefix));
        cases.extend(more.map(|(_, scene, passage)| case(*scene, *passage, Deaths::Once)));
        if TWICE.iter().any(|prefix| point.starts_with(prefix)) {
            cases.push(case(scene_of(point), 1, Deaths::Twice));
        }
    }
    cases
}

/// The scene that reaches a point first.
fn scene_of(point: &str) -> Scene {
    let scenes = [
        ("persist.execution-failed.", Scene::Outsider),
        ("persist.retry-pending.", Scene::Outsider),
        ("persist.unknown.", Scene::Outsider),
        ("persist.reorged.", Scene::Reorg),
        ("persist.failed.", Scene::RevertThenFail),
        ("persist.expired.", Scene::RevertThenExpire),
        ("persist.requeued.", Scene::RevertThenRetryByHand),
        ("persist.cancelled.", Scene::CancelSent),
        ("persist.cancel-requested.", Scene::CancelSent),
        ("persist.cancel-refused.", Scene::CancelRefused),
        ("persist.replaced.", Scene::CancelSent),
        ("persist.voided.", Scene::CancelSent),
        ("chain.cancel.", Scene::CancelSent),
        ("chain.bump.", Scene::FeeBump),
        ("chain.consumer.", Scene::Outsider),
    ];
    scenes.into_iter().find(|(prefix, _)| point.starts_with(prefix)).map_or(Scene::Swaps, |(_, scene)| scene)
}
