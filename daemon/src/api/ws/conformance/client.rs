//! A client that sends any bytes it is told to, right or wrong.

use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Only a broken endpoint makes a test wait so long.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) const TEXT: u8 = 0x1;
pub(super) const BINARY: u8 = 0x2;
pub(super) const CLOSE: u8 = 0x8;
pub(super) const PING: u8 = 0x9;
pub(super) const PONG: u8 = 0xa;

/// The last frame of a message.
pub(super) const LAST: u8 = 0x80;

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A frame as clients have to send it.
pub(super) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = head(first, 0x80, payload.len());
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// A frame as only servers may send it.
pub(super) fn unmasked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = head(first, 0, payload.len());
    frame.extend(payload);
    frame
}

/// A close frame with this code.
pub(super) fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(LAST | CLOSE, &[&code.to_be_bytes(), reason].concat())
}

fn head(first: u8, masked: u8, length: usize) -> Vec<u8> {
    let mut head = vec![first];
    match length {
        0..126 => head.push(masked | length as u8),
        126..0x1_0000 => {
            head.push(masked | 126);
            head.extend((length as u16).to_be_bytes());
        }
        _ => {
            head.push(masked | 127);
            head.extend((length as u64).to_be_bytes());
        }
    }
    head
}

/// A connection after its handshake.
pub(super) struct Client {
    pub(super) socket: TcpStream,
}

impl Client {
    pub(super) async fn open(address: SocketAddr) -> Self {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let request = "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                       sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut reply = Vec::new();
        while !reply.ends_with(b"\r\n\r\n") {
            reply.push(soon(socket.read_u8()).await.unwrap());
        }
        let reply = String::from_utf8(reply).unwrap().to_lowercase();
        assert!(reply.starts_with("http/1.1 101 "), "{reply}");
        // The example of RFC 6455, section 1.3.
        assert!(reply.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n"), "{reply}");
        Self { socket }
    }

    pub(super) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        soon(self.socket.write_all(bytes.as_ref())).await.unwrap();
    }

    /// The next frame: its first byte and its payload.
    pub(super) async fn next(&mut self) -> (u8, Vec<u8>) {
        let first = soon(self.socket.read_u8()).await.unwrap();
        let length = match soon(self.socket.read_u8()).await.unwrap() {
            126 => u64::from(self.socket.read_u16().await.unwrap()),
            127 => self.socket.read_u64().await.unwrap(),
            short => {
                assert!(short < 126, "servers do not mask");
                u64::from(short)
            }
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        soon(self.socket.read_exact(&mut payload)).await.unwrap();
        (first, payload)
    }

    /// The code with which the other side closes; none when its close frame is empty. Then it ends the connection,
    /// in order and not by a reset.
    pub(super) async fn closed(mut self) -> Option<u16> {
        let (first, payload) = self.next().await;
        assert_eq!(first, LAST | CLOSE, "{payload:?}");
        let mut rest = Vec::new();
        soon(self.socket.read_to_end(&mut rest)).await.expect("no reset");
        assert!(rest.is_empty(), "nothing after a close frame, not {rest:?}");
        payload.first_chunk().map(|code| u16::from_be_bytes(*code))
    }
}

pub(super) async fn soon<T>(event: impl Future<Output = T>) -> T {
    timeout(PATIENCE, event).await.expect("it happens")
}
