//! Bytes on the socket of a WebSocket.

use super::message::take;
use crate::api::{
    ApiSettings,
    ws::{End, open::websocket_config},
};
use hyper_tungstenite::tungstenite::{Message, WebSocket, protocol::Role};
use std::io::{self, Read, Write};

/// What one frame is answered with, at most: a pong, or a close.
const MAX_ANSWER: usize = 2 + 125;

/// Whatever a client sends after its handshake: no message is larger than allowed, little is answered, and how the
/// network cuts the bytes makes no difference. The first byte is the length of the pieces.
pub fn frames(bytes: &[u8]) {
    let Some((piece, bytes)) = bytes.split_first() else {
        return;
    };
    let whole = hear(bytes, bytes.len());
    assert_eq!(hear(bytes, usize::from(*piece)), whole, "in pieces of {piece}");
    whole.messages.iter().for_each(take);
}

/// What became of the bytes.
#[derive(Debug, PartialEq)]
struct Heard {
    messages: Vec<Message>,
    end: End,
    answered: Vec<u8>,
}

fn hear(bytes: &[u8], piece: usize) -> Heard {
    let settings = ApiSettings::default();
    let socket = Socket { bytes, piece: piece.max(1), answered: Vec::new() };
    let mut socket = WebSocket::from_raw_socket(socket, Role::Server, Some(websocket_config(&settings)));
    let mut messages = Vec::new();
    let end = loop {
        match socket.read() {
            Ok(message) => messages.push(message),
            Err(error) => break End::of(&error),
        }
    };
    assert!(messages.iter().all(|message| message.len() <= settings.max_message_bytes));
    let answered = socket.into_inner().answered;
    assert!(answered.len() <= messages.len() * MAX_ANSWER, "{} bytes", answered.len());
    Heard { messages, end, answered }
}

/// A socket on which these bytes come, in pieces.
struct Socket<'a> {
    bytes: &'a [u8],
    piece: usize,
    answered: Vec<u8>,
}

impl Read for Socket<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.piece.min(buffer.len());
        self.bytes.read(&mut buffer[..length])
    }
}

impl Write for Socket<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.answered.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
