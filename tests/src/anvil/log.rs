//! The node's output, read to its end so that the node never blocks on a full pipe. It tells the port the node took,
//! that the node is gone, and keeps the last lines for error texts.

use std::{
    collections::VecDeque,
    io::{self, BufRead, BufReader, PipeReader},
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use tokio::sync::oneshot;

const KEPT_LINES: usize = 40;
const LISTENING: &str = "Listening on ";

/// The tail of a node's output, and the two events read from it.
#[derive(Debug)]
pub(super) struct Log {
    lines: Arc<Mutex<VecDeque<String>>>,
    /// Resolves to the address the node listens on; fails when the node ends before that.
    pub(super) listening: oneshot::Receiver<SocketAddr>,
    /// Resolves when the node has closed its output, which it does by ending.
    pub(super) ended: oneshot::Receiver<()>,
}

impl Log {
    /// Follows `output` on a thread of its own, which ends with it.
    pub(super) fn follow(output: PipeReader) -> io::Result<Self> {
        let lines = Arc::default();
        let (tell_listening, listening) = oneshot::channel();
        let (tell_ended, ended) = oneshot::channel();
        let kept = Arc::clone(&lines);
        thread::Builder::new().name("anvil-log".to_owned()).spawn(move || {
            drain(output, &kept, tell_listening);
            // Nobody may be waiting for the end; that is fine.
            let _ = tell_ended.send(());
        })?;
        Ok(Self { lines, listening, ended })
    }

    /// The last lines of output.
    pub(super) fn tail(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

fn drain(output: PipeReader, kept: &Mutex<VecDeque<String>>, listening: oneshot::Sender<SocketAddr>) {
    let mut listening = Some(listening);
    for line in BufReader::new(output).split(b'\n') {
        let Ok(line) = line else { return };
        let line = String::from_utf8_lossy(&line).into_owned();
        if let Some(address) = listening_address(&line)
            && let Some(tell) = listening.take()
        {
            // The starter may have given up waiting.
            let _ = tell.send(address);
        }
        keep(kept, line);
    }
}

fn listening_address(line: &str) -> Option<SocketAddr> {
    line.strip_prefix(LISTENING)?.trim().parse().ok()
}

fn keep(kept: &Mutex<VecDeque<String>>, line: String) {
    let mut lines = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if lines.len() == KEPT_LINES {
        lines.pop_front();
    }
    lines.push_back(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_the_line_that_tells_it() {
        assert_eq!(listening_address("Listening on 127.0.0.1:44759"), "127.0.0.1:44759".parse().ok());
        assert_eq!(listening_address("Chain ID"), None);
    }
}
