//! How it treats the terminal that it was lent.

use crate::{
    scene::{WINDOW, console},
    terminal::{Size, Terminal},
};
use anyhow::{Context as _, Result};
use orderd_tests::daemon::program;
use std::process::Stdio;
use tokio::process::Command;

/// Nobody listens there, and the console says so.
const NOWHERE: &str = "http://127.0.0.1:1";

#[tokio::test]
async fn whoever_quits_has_the_terminal_back() -> Result<()> {
    let mut console = console(NOWHERE, &["--mouse"], &[])?;
    console.until(&["DOWN", "[1 Overview]"]).await?;
    console.until_taken().await?;
    console.press("\x03")?;
    assert!(console.ended().await?.success());
    console.is_given_back()
}

#[tokio::test]
async fn whoever_is_told_to_end_gives_the_terminal_back() -> Result<()> {
    for signal in ["-TERM", "-HUP", "-INT"] {
        let mut console = console(NOWHERE, &[], &[])?;
        console.until(&["DOWN"]).await?;
        console.signal(signal).await?;
        let status = console.ended().await?;
        assert!(status.signal().is_none(), "{signal}: {status:?}");
        console.is_given_back()?;
    }
    Ok(())
}

#[tokio::test]
async fn a_console_whose_window_is_closed_ends() -> Result<()> {
    let mut console = console(NOWHERE, &[], &[])?;
    console.until(&["DOWN"]).await?;
    console.close();
    console.ended().await?;
    Ok(())
}

#[tokio::test]
async fn the_shell_has_the_terminal_while_the_console_is_stopped() -> Result<()> {
    let program = program("orderctl")?;
    let script =
        r#"set -m; "$0" --url "$1" --mouse; echo "stopped $?"; read line; fg > /dev/null; echo "ended $?""#;
    let program = program.to_str().context("the path is text")?;
    let mut shell = Terminal::run(WINDOW, &["/bin/sh", "-c", script, program, NOWHERE], &[])?;
    shell.until(&["DOWN"]).await?;
    shell.press("\x1a")?;
    shell.until(&["stopped 148"]).await?;
    shell.is_given_back()?;
    shell.resize(Size { columns: 100, rows: 30 })?;
    shell.press("go on\r")?;
    shell.until(&["DOWN", "[1 Overview]"]).await?;
    shell.until_taken().await?;
    shell.press("4\x03")?;
    shell.until(&["ended 0"]).await?;
    shell.is_given_back()
}

#[tokio::test]
async fn a_panic_is_told_on_the_terminal_of_before() -> Result<()> {
    for (place, code) in [("main", 101), ("thread", 1)] {
        let program = program("examples/panicking")?;
        let program = program.to_str().context("the path is text")?;
        let mut panicking = Terminal::run(WINDOW, &[program, place], &[])?;
        panicking.until(&["taken"]).await?;
        panicking.until_taken().await?;
        panicking.press("x")?;
        assert_eq!(panicking.ended().await?.exit_code(), code);
        let told = panicking.contents();
        assert!(told.contains("as it was asked to") && !told.contains("taken"), "{told}");
        panicking.is_given_back()?;
    }
    Ok(())
}

#[tokio::test]
async fn without_a_terminal_it_says_what_is_missing() -> Result<()> {
    let mut command = Command::new(program("orderctl")?);
    let output = command.args(["--url", NOWHERE]).stdin(Stdio::null()).output().await?;
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    let said = String::from_utf8(output.stderr)?;
    assert!(said.contains("needs a terminal"), "{said}");
    Ok(())
}

#[tokio::test]
async fn it_shows_what_the_terminal_is_able_to_show() -> Result<()> {
    for (options, environment, has_colours, is_ascii) in [
        (&[][..], &[][..], true, false),
        (&[], &[("NO_COLOR", "1")], false, false),
        (&[], &[("LC_ALL", "C")], true, true),
        (&["--colours", "ansi16"], &[("NO_COLOR", "1"), ("TERM", "linux")], true, true),
    ] {
        let mut console = console(NOWHERE, options, environment)?;
        console.until(&["DOWN"]).await?;
        assert_eq!(console.has_colours(), has_colours, "{options:?} {environment:?}");
        assert_eq!(console.contents().is_ascii(), is_ascii, "{options:?} {environment:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_window_that_is_too_small_is_told_so_and_one_that_grows_is_filled() -> Result<()> {
    let mut console = console(NOWHERE, &[], &[])?;
    console.until(&["DOWN"]).await?;
    console.resize(Size { columns: 20, rows: 3 })?;
    console.until(&["too small"]).await?;
    console.resize(WINDOW)?;
    console.until(&["[1 Overview]", "DOWN"]).await
}

#[tokio::test]
async fn the_mouse_is_taken_when_it_is_asked_for_and_leads_to_pages() -> Result<()> {
    let mut console = console(NOWHERE, &[], &[])?;
    console.until(&["DOWN"]).await?;
    console.press("M")?;
    console
        .until_seen("that the mouse is reported", |screen| {
            screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None
        })
        .await?;
    // A click on the fourth tab.
    console.press("\x1b[<0;36;2M\x1b[<0;36;2m")?;
    console.until(&["[4 Venues]"]).await?;
    console.press("M")?;
    console
        .until_seen("that the mouse is the terminal's", |screen| {
            screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        })
        .await
}
