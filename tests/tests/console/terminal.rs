//! A terminal that a program runs in: what is typed goes to it, and what it shows can be read.

use anyhow::{Context as _, Result, bail, ensure};
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use std::{
    ffi::OsStr,
    io::{Read, Write},
    num::NonZero,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};
use tokio::{sync::watch, time::timeout};
use vt100::{MouseProtocolMode, Parser, Screen};

/// How long something may take to be seen.
const PATIENCE: Duration = Duration::from_secs(25);

/// A terminal with a program in it. Dropping it closes the terminal, and kills the program.
pub(crate) struct Terminal {
    master: Option<Box<dyn MasterPty + Send>>,
    keyboard: Option<Box<dyn Write + Send>>,
    shown: Arc<Mutex<Parser>>,
    /// How many bytes were shown so far; closed when there can be no more.
    news: watch::Receiver<u64>,
    is_closed: Arc<AtomicBool>,
    child: Box<dyn Child + Send + Sync>,
    modes: String,
}

/// What a terminal is made to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) columns: u16,
    pub(crate) rows: u16,
}

impl From<Size> for PtySize {
    fn from(size: Size) -> Self {
        Self { rows: size.rows, cols: size.columns, pixel_width: 0, pixel_height: 0 }
    }
}

impl Terminal {
    /// Runs a program in a terminal of this size, with nothing of the environment but this.
    pub(crate) fn run<A: AsRef<OsStr>>(
        size: Size,
        words: &[A],
        environment: &[(&str, &str)],
    ) -> Result<Self> {
        let pair = native_pty_system().openpty(size.into())?;
        let mut command =
            CommandBuilder::from_argv(words.iter().map(|word| word.as_ref().to_owned()).collect());
        command.env_clear();
        for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")] {
            command.env(name, value);
        }
        for (name, value) in environment {
            command.env(name, value);
        }
        let modes = modes(&*pair.master)?;
        let child = pair.slave.spawn_command(command)?;
        drop(pair.slave);
        let (columns, rows) = cells(size);
        let shown = Arc::new(Mutex::new(Parser::new(rows, columns, 0)));
        let is_closed = Arc::new(AtomicBool::new(false));
        let news = read(pair.master.try_clone_reader()?, shown.clone(), is_closed.clone())?;
        let keyboard = Some(pair.master.take_writer()?);
        Ok(Self { master: Some(pair.master), keyboard, shown, news, is_closed, child, modes })
    }

    /// Types.
    pub(crate) fn press(&mut self, keys: &str) -> Result<()> {
        let keyboard = self.keyboard.as_mut().context("the terminal is open")?;
        keyboard.write_all(keys.as_bytes())?;
        Ok(keyboard.flush()?)
    }

    /// Pastes, as terminals do that tell pastes from keys.
    pub(crate) fn paste(&mut self, text: &str) -> Result<()> {
        self.press("\x1b[200~")?;
        self.press(text)?;
        self.press("\x1b[201~")
    }

    /// Makes the window another size.
    pub(crate) fn resize(&self, size: Size) -> Result<()> {
        let (columns, rows) = cells(size);
        self.lock().screen_mut().set_size(rows, columns);
        self.master.as_ref().context("the terminal is open")?.resize(size.into())
    }

    /// Makes the window another size for a moment, in which the screen keeps what it has.
    pub(crate) fn resize_for_a_moment(&self, size: Size) -> Result<()> {
        self.master.as_ref().context("the terminal is open")?.resize(size.into())
    }

    /// Waits until the screen shows all of these texts.
    pub(crate) async fn until(&mut self, texts: &[&str]) -> Result<()> {
        self.until_seen(&format!("{texts:?}"), |screen| {
            let contents = screen.contents();
            texts.iter().all(|text| contents.contains(text))
        })
        .await
    }

    /// Waits until the screen is as it should be.
    pub(crate) async fn until_seen(&mut self, what: &str, is_seen: impl Fn(&Screen) -> bool) -> Result<()> {
        let looking = async {
            while !is_seen(self.shown.lock().unwrap_or_else(PoisonError::into_inner).screen()) {
                if self.news.changed().await.is_err() {
                    // What was shown last counts, too.
                    return is_seen(self.lock().screen());
                }
            }
            true
        };
        match timeout(PATIENCE, looking).await {
            Ok(true) => Ok(()),
            Ok(false) => bail!("{what} was never seen before the end:\n{}", self.contents()),
            Err(_late) => bail!("{what} is not seen:\n{}", self.contents()),
        }
    }

    /// What is on the screen.
    pub(crate) fn contents(&self) -> String {
        self.lock().screen().contents()
    }

    /// Whether anything on the screen has a colour.
    pub(crate) fn has_colours(&self) -> bool {
        let shown = self.lock();
        let (rows, columns) = shown.screen().size();
        let cells = (0..rows.get()).flat_map(|row| (0..columns.get()).map(move |column| (row, column)));
        cells.into_iter().any(|(row, column)| {
            shown.screen().cell(row, column).is_some_and(|cell| cell.fgcolor() != vt100::Color::Default)
        })
    }

    /// Whether the terminal is as it was before the program ran.
    pub(crate) fn is_given_back(&self) -> Result<()> {
        let shown = self.lock();
        let screen = shown.screen();
        ensure!(!screen.alternate_screen(), "the alternate screen is still there");
        ensure!(!screen.hide_cursor(), "the cursor is hidden");
        ensure!(!screen.bracketed_paste(), "pastes are still marked");
        ensure!(screen.mouse_protocol_mode() == MouseProtocolMode::None, "the mouse is still reported");
        let master = self.master.as_ref().context("the terminal is open")?;
        let modes = modes(&**master)?;
        ensure!(modes == self.modes, "the modes were {}, and are {modes}", self.modes);
        Ok(())
    }

    /// Waits until the program has taken the terminal.
    pub(crate) async fn until_taken(&mut self) -> Result<()> {
        self.until_seen("a terminal that is taken", |screen| {
            screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste()
        })
        .await?;
        let master = self.master.as_ref().context("the terminal is open")?;
        ensure!(modes(&**master)? != self.modes, "the modes are those of before");
        Ok(())
    }

    /// Closes the window, as soon as something more is shown.
    pub(crate) fn close(&mut self) {
        self.is_closed.store(true, Ordering::SeqCst);
        (self.master, self.keyboard) = (None, None);
    }

    /// Sends a signal to the program.
    pub(crate) async fn signal(&self, signal: &str) -> Result<()> {
        let pid = self.child.process_id().context("the program runs")?.to_string();
        let status = tokio::process::Command::new("kill").args([signal, &pid]).status().await?;
        ensure!(status.success(), "kill {signal} {pid} failed");
        Ok(())
    }

    /// Waits until the program has ended.
    pub(crate) async fn ended(&mut self) -> Result<ExitStatus> {
        let mut looks = tokio::time::interval(Duration::from_millis(10));
        let looking = async {
            loop {
                looks.tick().await;
                if let Some(status) = self.child.try_wait()? {
                    return anyhow::Ok(status);
                }
            }
        };
        let ended = timeout(PATIENCE, looking).await;
        let status = ended.with_context(|| format!("the program does not end:\n{}", self.contents()))??;
        if self.master.is_some() {
            // All that it has written is read: the terminal says so once nobody has it open any more.
            let all_read = async { while self.news.changed().await.is_ok() {} };
            timeout(PATIENCE, all_read).await.context("somebody still has the terminal open")?;
        }
        Ok(status)
    }

    fn lock(&self) -> MutexGuard<'_, Parser> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Columns and rows; there is one at least.
fn cells(size: Size) -> (NonZero<u16>, NonZero<u16>) {
    let [columns, rows] =
        [size.columns, size.rows].map(|cells| NonZero::new(cells).unwrap_or(NonZero::<u16>::MIN));
    (columns, rows)
}

/// The modes of a terminal, to be compared.
fn modes(master: &(dyn MasterPty + Send)) -> Result<String> {
    let modes = master.get_termios().context("a terminal has modes")?;
    Ok(format!(
        "{:?} {:?} {:?} {:?}",
        modes.input_flags, modes.output_flags, modes.control_flags, modes.local_flags
    ))
}

/// Reads what the program shows, on a thread that ends when the terminal is closed.
fn read(
    mut output: Box<dyn Read + Send>,
    shown: Arc<Mutex<Parser>>,
    is_closed: Arc<AtomicBool>,
) -> Result<watch::Receiver<u64>> {
    let (told, news) = watch::channel(0);
    thread::Builder::new().name("screen".to_owned()).spawn(move || {
        let mut bytes = [0; 16 * 1024];
        while let Ok(count @ 1..) = output.read(&mut bytes) {
            shown.lock().unwrap_or_else(PoisonError::into_inner).process(&bytes[..count]);
            told.send_modify(|total| *total += count as u64);
            if is_closed.load(Ordering::SeqCst) {
                break;
            }
        }
    })?;
    Ok(news)
}
