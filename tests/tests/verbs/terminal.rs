//! Whoever sits at a terminal is asked.

use crate::{changes::Scene, program::PATIENCE};
use anyhow::{Result, bail, ensure};
use orderd_tests::daemon::program;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::io::{Read, Write};
use tokio::{task::spawn_blocking, time::timeout};

/// Runs it on a terminal, waits for a question, types this, and gives all that was on the screen, and whether it ended well.
async fn asked(
    url: &str,
    args: &[&str],
    question: &'static str,
    typed: &'static str,
) -> Result<(String, bool)> {
    let pair = native_pty_system().openpty(PtySize { rows: 24, cols: 120, ..PtySize::default() })?;
    let mut command = CommandBuilder::new(program("orderctl")?);
    command.args(args);
    command.env("ORDERD_URL", url);
    command.env("XDG_CONFIG_HOME", "/no/such/folder");
    let mut child = pair.slave.spawn_command(command)?;
    let mut killer = child.clone_killer();
    drop(pair.slave);
    let (reader, writer) = (pair.master.try_clone_reader()?, pair.master.take_writer()?);
    let talk = spawn_blocking(move || {
        let screen = talk(reader, writer, question, typed)?;
        Ok((screen, child.wait()?.success()))
    });
    match timeout(PATIENCE, talk).await {
        Ok(told) => told?,
        // Then the thread that reads comes to its end, too.
        Err(_late) => killer.kill().map_err(Into::into).and_then(|()| bail!("it does not end")),
    }
}

fn talk(mut reader: impl Read, mut writer: impl Write, question: &str, typed: &str) -> Result<String> {
    let (mut screen, mut chunk, mut answered) = (String::new(), [0; 1024], false);
    // A terminal whose other side is gone reads as an error.
    while let Ok(length @ 1..) = reader.read(&mut chunk) {
        screen.push_str(&String::from_utf8_lossy(&chunk[..length]));
        if !answered && screen.contains(question) {
            writer.write_all(typed.as_bytes())?;
            answered = true;
        }
    }
    ensure!(answered, "{question:?} was never asked: {screen}");
    Ok(screen)
}

#[tokio::test]
async fn enter_is_no_and_y_is_yes() -> Result<()> {
    let scene = Scene::with_failed(2).await?;
    let (url, line) = (scene.daemon.url(), ["retry", "--filter", "state:failed"]);
    for no in ["\r", "n\r", "yep\r"] {
        let (screen, is_done) = asked(url, &line, "[y/N]", no).await?;
        ensure!(!is_done && screen.contains("not confirmed; nothing was changed"), "{screen}");
    }
    for id in &scene.failed {
        ensure!(scene.failures(id).await? == 1, "{id} was retried");
    }
    let (screen, is_done) = asked(url, &line, "[y/N]", "y\r").await?;
    ensure!(is_done && screen.contains("2 of 2 orders done, 2 retried"), "{screen}");
    scene.daemon.stop().await
}

#[tokio::test]
async fn a_question_can_be_interrupted() -> Result<()> {
    let scene = Scene::with_failed(1).await?;
    let (url, line) = (scene.daemon.url(), ["retry", "--filter", "state:failed"]);
    let (_, is_done) = asked(url, &line, "[y/N]", "\u{3}").await?;
    ensure!(!is_done && scene.failures(&scene.failed[0]).await? == 1);
    scene.daemon.stop().await
}
