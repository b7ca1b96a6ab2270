//! The terminal: taken over when the console starts, and given back however it ends.

use crossterm::{
    Command,
    clipboard::CopyToClipboard,
    cursor::Show,
    event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture},
    execute,
    style::force_color_output,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use ratatui::{Frame, Terminal, backend::CrosstermBackend, layout::Rect};
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    os::fd::AsFd,
    panic,
    sync::{
        Once,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::Notify;

/// The terminal, while it is the console's.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<File>>>,
    known: Known,
}

/// Whether it is known what is on the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// What was drawn last.
    LastFrame,
    /// Anything.
    Nothing,
}

static HOOK: Once = Once::new();
/// Whether the terminal is the console's. It is given back once only: leaving the alternate screen a second time would put
/// the cursor back to where it was before, and what is written next over what has been written since.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whoever panics tells the loop, which may run on as if nothing had happened.
static PANICKED: Notify = Notify::const_new();

impl Screen {
    /// Takes the terminal over. From now on a panic gives it back before it says anything.
    ///
    /// # Errors
    /// When it is no terminal, or does not take what is written.
    pub fn take() -> io::Result<Self> {
        HOOK.call_once(give_back_on_panic);
        // Which colours there are is the theme's to say. crossterm would leave out those that were asked for in spite of `NO_COLOR`.
        force_color_output(true);
        let terminal = Terminal::new(CrosstermBackend::new(BufWriter::new(output()?)))?;
        let mut screen = Self { terminal, known: Known::Nothing };
        screen.enter()?;
        Ok(screen)
    }

    fn enter(&mut self) -> io::Result<()> {
        TAKEN.store(true, Ordering::SeqCst);
        // From here on whoever lets the screen go gives back what was taken, also when the next step fails.
        enable_raw_mode()?;
        self.tell(EnterAlternateScreen)?;
        self.tell(EnableBracketedPaste)?;
        self.forget();
        Ok(())
    }

    /// Gives the terminal back, for a while.
    pub fn give_back(&mut self) {
        give_back();
    }

    /// Takes the terminal again, whatever others have made of it meanwhile.
    ///
    /// # Errors
    /// As [`Screen::take`].
    pub fn retake(&mut self) -> io::Result<()> {
        // The shell has set modes of its own, while crossterm believes that they are as it left them.
        give_back();
        self.enter()
    }

    /// Columns and rows.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws a frame; only what is different from the last one is written. Nothing is drawn on a terminal that was given back.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        if !TAKEN.load(Ordering::SeqCst) {
            return Ok(());
        }
        if self.known == Known::Nothing {
            // `Terminal::clear` would ask the terminal where its cursor is, and wait for an answer that not every terminal gives.
            let (width, height) = self.size()?;
            self.terminal.resize(Rect::new(0, 0, width, height))?;
            self.known = Known::LastFrame;
        }
        self.terminal.draw(draw)?;
        Ok(())
    }

    /// Has the next frame written as a whole: what is on the terminal is not known any more.
    pub fn forget(&mut self) {
        self.known = Known::Nothing;
    }

    /// Has the mouse reported.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn capture_mouse(&mut self) -> io::Result<()> {
        self.tell(EnableMouseCapture)
    }

    /// Leaves the mouse to the terminal.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn release_mouse(&mut self) -> io::Result<()> {
        self.tell(DisableMouseCapture)
    }

    /// Gives text to the clipboard of the terminal (OSC 52), which may be on another machine.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        self.tell(CopyToClipboard::to_clipboard_from(text))
    }

    fn tell(&mut self, command: impl Command) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        execute!(out, command)?;
        Write::flush(out)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Standard output without the lock that std has on it: a thread that panics must not have to wait for whoever prints.
fn output() -> io::Result<File> {
    Ok(io::stdout().as_fd().try_clone_to_owned()?.into())
}

/// Makes the terminal what it was. What cannot be done any more is left: there is nobody to tell.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    if let Ok(mut out) = output() {
        let _ = execute!(out, DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, Show);
    }
    let _ = disable_raw_mode();
}

fn give_back_on_panic() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        give_back();
        before(panicked);
        PANICKED.notify_one();
    }));
}

/// Returns once something has panicked, on whatever thread and in whatever task.
pub(super) async fn panicked() {
    PANICKED.notified().await;
}
