//! A message in the form in which it goes out.

use crate::order::{Order, View};
use bytes::{BufMut, Bytes, BytesMut};
use hyper_tungstenite::tungstenite::protocol::frame::{
    FrameHeader,
    coding::{Data, OpCode},
};
use serde::Serialize;
use std::cell::RefCell;

thread_local! {
    /// Where messages are encoded before their length is known.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What a thread keeps of it between two messages.
const MAX_SCRATCH: usize = 16 * 1024;

/// A message as one whole WebSocket text frame, encoded once and shared by all its readers: what a server sends is not
/// masked, so that the bytes are the same for everyone (RFC 6455, section 5.1). Cloning shares the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    bytes: Bytes,
    /// Where the JSON begins.
    start: usize,
}

impl Frame {
    /// This object as a text frame.
    #[must_use]
    pub fn encode(message: &impl Serialize) -> Self {
        SCRATCH.with_borrow_mut(|json| {
            json.clear();
            json.shrink_to(MAX_SCRATCH);
            serde_json::to_writer(&mut *json, message).expect("wire objects have string keys only");
            Self::of(Data::Text, json)
        })
    }

    /// This payload as a frame.
    pub(crate) fn of(data: Data, payload: &[u8]) -> Self {
        let header = FrameHeader { opcode: OpCode::Data(data), ..FrameHeader::default() };
        let mut bytes = BytesMut::with_capacity(header.len(payload.len() as u64) + payload.len());
        let mut head = (&mut bytes).writer();
        header.format(payload.len() as u64, &mut head).expect("a buffer takes everything");
        let start = bytes.len();
        bytes.extend_from_slice(payload);
        Self { bytes: bytes.freeze(), start }
    }

    /// The order's event with this number as an [`OrderMessage`](orderd_sdk::wire::OrderMessage).
    pub(super) fn of_event(order: &Order, seq: u64) -> Option<Self> {
        let mut view = View::before(order, seq);
        view.tell_next(order).map(|told| Self::encode(&told))
    }

    /// The whole frame.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The message alone.
    #[must_use]
    pub fn json(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper_tungstenite::tungstenite::{Message, WebSocket, protocol::Role};
    use std::io::Cursor;

    #[test]
    fn a_frame_is_what_a_websocket_reads() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let text = "x".repeat(length);
            let frame = Frame::encode(&text);
            let mut socket =
                WebSocket::from_raw_socket(Cursor::new(frame.bytes().to_vec()), Role::Client, None);
            let json = serde_json::to_string(&text).unwrap();
            assert_eq!(frame.json(), json.as_bytes());
            assert_eq!(socket.read().unwrap(), Message::text(json));
        }
    }
}
