//! The terminal: taken over when the console starts, and given back however it ends.

use crossterm::{
    Command,
    clipboard::CopyToClipboard,
    event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use ratatui::{Frame, Terminal, backend::CrosstermBackend};
use std::{
    io::{self, BufWriter, Stdout, Write},
    panic,
    sync::Once,
};

/// The terminal, while it is the console's.
pub(super) struct Screen(Terminal<CrosstermBackend<BufWriter<Stdout>>>);

static HOOK: Once = Once::new();

impl Screen {
    /// Takes the terminal over. From now on a panic gives it back before it says anything.
    pub(super) fn take() -> io::Result<Self> {
        HOOK.call_once(give_back_on_panic);
        enable_raw_mode()?;
        // From here on the guard gives back what was taken, also when the next step fails.
        let mut screen = Self(Terminal::new(CrosstermBackend::new(BufWriter::new(io::stdout())))?);
        screen.tell(EnterAlternateScreen)?;
        screen.tell(EnableBracketedPaste)?;
        screen.0.clear()?;
        Ok(screen)
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.0.size()?;
        Ok((size.width, size.height))
    }

    /// Draws a frame; only what is different from the last one is written.
    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.0.draw(draw)?;
        Ok(())
    }

    /// Has the next frame written as a whole: what is on the terminal is not known any more.
    pub(super) fn forget(&mut self) -> io::Result<()> {
        self.0.clear()
    }

    /// Has the mouse reported.
    pub(super) fn capture_mouse(&mut self) -> io::Result<()> {
        self.tell(EnableMouseCapture)
    }

    /// Leaves the mouse to the terminal.
    pub(super) fn release_mouse(&mut self) -> io::Result<()> {
        self.tell(DisableMouseCapture)
    }

    /// Gives text to the clipboard of the terminal (OSC 52), which may be on another machine.
    pub(super) fn copy(&mut self, text: &str) -> io::Result<()> {
        self.tell(CopyToClipboard::to_clipboard_from(text))
    }

    fn tell(&mut self, command: impl Command) -> io::Result<()> {
        let out = self.0.backend_mut();
        execute!(out, command)?;
        Write::flush(out)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Makes the terminal what it was. What cannot be done any more is left: there is nobody to tell.
fn give_back() {
    let _ = execute!(
        io::stdout(),
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        crossterm::cursor::Show
    );
    let _ = disable_raw_mode();
}

fn give_back_on_panic() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        give_back();
        before(panicked);
    }));
}
