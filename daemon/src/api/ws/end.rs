//! Why a stream ends, and what the client is told of it.

use hyper_tungstenite::tungstenite::{Error, error::ProtocolError, protocol::frame::coding::CloseCode};
use std::fmt;

/// Why a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum End {
    /// The client left.
    Left,
    /// The client closed in due form: it sends nothing after that.
    Closed,
    /// The interface closes.
    Closing,
    /// The client takes nothing of what is sent.
    Stalled,
    /// The client did not keep up, again.
    Slow,
    /// The client shows no sign of life.
    Silent,
    /// The client did not say who it is, or is not who it says.
    Unauthenticated,
    /// An operator wants it so.
    Disconnected,
    /// The client says too much.
    Flooding,
    /// The client said something too long.
    TooLarge,
    /// The client sent text that is none.
    NotText,
    /// The client does not speak the protocol.
    Protocol,
}

impl End {
    /// What an error of the WebSocket means.
    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::Capacity(_) => Self::TooLarge,
            Error::Utf8(_) => Self::NotText,
            // The connection ended without a word.
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Left,
            Error::Protocol(_) | Error::AttackAttempt => Self::Protocol,
            Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Io(_)
            | Error::Tls(_)
            | Error::WriteBufferFull(_)
            | Error::Url(_)
            | Error::Http(_)
            | Error::HttpFormat(_) => Self::Left,
        }
    }

    /// What the client is told; nothing when it closed by itself.
    pub(super) fn close(self) -> Option<(CloseCode, &'static str)> {
        match self {
            Self::Left | Self::Closed => None,
            Self::Closing => Some((CloseCode::Restart, "the daemon restarts")),
            Self::Stalled => Some((CloseCode::Library(4308), "nothing was read")),
            Self::Slow => Some((CloseCode::Library(4308), "too slow, twice within a minute")),
            Self::Silent => Some((CloseCode::Library(4309), "no sign of life for three heartbeats")),
            Self::Unauthenticated => Some((CloseCode::Library(4401), "not authenticated")),
            Self::Disconnected => Some((CloseCode::Library(4310), "disconnected by an operator")),
            Self::Flooding => Some((CloseCode::Policy, "too many messages")),
            Self::TooLarge => Some((CloseCode::Size, "the message is too large")),
            Self::NotText => Some((CloseCode::Invalid, "not UTF-8")),
            Self::Protocol => Some((CloseCode::Protocol, "not the WebSocket protocol")),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.close().map_or("it left", |(_, reason)| reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper_tungstenite::tungstenite::{WebSocket, protocol::Role};
    use std::io::Cursor;

    #[test]
    fn a_client_whose_connection_ends_has_left() {
        let bytes_of_a_frame = vec![0x81, 0x85];
        for sent in [Vec::new(), bytes_of_a_frame] {
            let mut socket = WebSocket::from_raw_socket(Cursor::new(sent), Role::Server, None);
            assert_eq!(End::of(&socket.read().unwrap_err()), End::Left);
        }
    }
}
