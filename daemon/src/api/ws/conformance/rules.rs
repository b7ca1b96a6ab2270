//! The rules of the protocol, kept and broken frame by frame.

use super::{
    client::{BINARY, CLOSE, Client, LAST, PING, PONG, TEXT, close, frame, soon, unmasked},
    echo::Echo,
};
use crate::api::ApiSettings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const MAX_BYTES: usize = 4096;

async fn endpoint() -> Echo {
    Echo::start(ApiSettings { max_message_bytes: MAX_BYTES, ..ApiSettings::default() }).await
}

/// How the endpoint closes when it is sent this.
async fn verdict(echo: &Echo, frames: &[Vec<u8>]) -> Option<u16> {
    let mut client = Client::open(echo.address).await;
    client.send(frames.concat()).await;
    client.closed().await
}

#[tokio::test]
async fn messages_of_every_length_that_is_allowed_come_back() {
    let echo = endpoint().await;
    let mut client = Client::open(echo.address).await;
    for length in [0, 1, 125, 126, 127, MAX_BYTES] {
        for opcode in [TEXT, BINARY] {
            let payload = vec![b'*'; length];
            client.send(frame(LAST | opcode, &payload)).await;
            assert_eq!(client.next().await, (LAST | opcode, payload), "{length} bytes");
        }
    }
}

#[tokio::test]
async fn a_message_may_come_in_pieces_with_pings_in_between() {
    let echo = endpoint().await;
    let mut client = Client::open(echo.address).await;
    let bytes = [
        frame(TEXT, "a\u{20ac}".as_bytes()),
        frame(LAST | PING, b"one"),
        frame(0, b""),
        frame(LAST | PONG, b"nobody asked"),
        // One character in two frames.
        frame(0, &"\u{1d11e}".as_bytes()[..1]),
        frame(LAST | PING, b"two"),
        frame(LAST, &"\u{1d11e}".as_bytes()[1..]),
        frame(LAST | BINARY, b"next"),
    ];
    // And each frame in pieces of the network.
    for byte in bytes.concat() {
        client.send([byte]).await;
    }
    assert_eq!(client.next().await, (LAST | PONG, b"one".to_vec()));
    assert_eq!(client.next().await, (LAST | PONG, b"two".to_vec()));
    assert_eq!(client.next().await, (LAST | TEXT, "a\u{20ac}\u{1d11e}".as_bytes().to_vec()));
    assert_eq!(client.next().await, (LAST | BINARY, b"next".to_vec()));
}

#[tokio::test]
async fn a_ping_is_answered_with_what_it_carries() {
    let echo = endpoint().await;
    let mut client = Client::open(echo.address).await;
    for length in [0, 1, 125] {
        let payload = vec![0xff; length];
        client.send(frame(LAST | PING, &payload)).await;
        assert_eq!(client.next().await, (LAST | PONG, payload));
    }
}

#[tokio::test]
async fn what_breaks_the_protocol_is_closed_as_that() {
    let echo = endpoint().await;
    for (offence, frames) in [
        ("nothing to continue", vec![frame(LAST, b"x")]),
        ("a message within a message", vec![frame(TEXT, b"x"), frame(LAST | TEXT, b"y")]),
        ("a ping in pieces", vec![frame(PING, b"x"), frame(LAST, b"y")]),
        ("a long ping", vec![frame(LAST | PING, &[0; 126])]),
        ("a long close", vec![frame(LAST | CLOSE, &[&1000_u16.to_be_bytes()[..], &[b'x'; 124]].concat())]),
        ("a close with half a code", vec![frame(LAST | CLOSE, &[3])]),
        ("no mask", vec![unmasked(LAST | TEXT, b"x")]),
        ("no mask on a ping", vec![unmasked(LAST | PING, b"x")]),
    ] {
        assert_eq!(verdict(&echo, &frames).await, Some(1002), "{offence}");
    }
    for reserved in [0x40, 0x20, 0x10, 0x70] {
        assert_eq!(verdict(&echo, &[frame(LAST | reserved | TEXT, b"x")]).await, Some(1002));
        assert_eq!(verdict(&echo, &[frame(LAST | reserved | PING, b"x")]).await, Some(1002));
    }
    for opcode in (3..=7).chain(0xb..=0xf) {
        assert_eq!(verdict(&echo, &[frame(LAST | opcode, b"x")]).await, Some(1002), "opcode {opcode}");
    }
}

#[tokio::test]
async fn text_that_is_not_utf_8_is_closed_as_that() {
    let echo = endpoint().await;
    for (offence, frames) in [
        ("a stray byte", vec![frame(LAST | TEXT, b"caf\xe9")]),
        ("a surrogate", vec![frame(LAST | TEXT, b"\xed\xa0\x80")]),
        ("too long a form", vec![frame(LAST | TEXT, b"\xc0\xaf")]),
        ("beyond the last character", vec![frame(LAST | TEXT, b"\xf4\x90\x80\x80")]),
        ("half a character at the end", vec![frame(LAST | TEXT, b"\xe2\x82")]),
        ("in a later piece", vec![frame(TEXT, b"good"), frame(0, b"\xff"), frame(LAST, b"good")]),
        ("at a seam", vec![frame(TEXT, b"\xe2\x82"), frame(LAST, b"x")]),
        ("missing after the last piece", vec![frame(TEXT, b"x"), frame(LAST, b"\xf0\x9d\x84")]),
        ("why it closes", vec![close(1000, b"\xff")]),
    ] {
        assert_eq!(verdict(&echo, &frames).await, Some(1007), "{offence}");
    }
}

#[tokio::test]
async fn a_piece_that_is_not_utf_8_is_not_waited_out() {
    let echo = endpoint().await;
    let mut client = Client::open(echo.address).await;
    client.send(frame(TEXT, b"\xff")).await;
    assert_eq!(client.closed().await, Some(1007), "with no last piece");
}

#[tokio::test]
async fn what_is_too_large_is_closed_as_that_and_the_reason_arrives() {
    let echo = endpoint().await;
    let half = [b'x'; MAX_BYTES / 2];
    assert_eq!(verdict(&echo, &[frame(LAST | TEXT, &[b'x'; MAX_BYTES + 1])]).await, Some(1009));
    let pieces = [frame(BINARY, &half), frame(0, &half), frame(LAST, b"x")];
    assert_eq!(verdict(&echo, &pieces).await, Some(1009), "in pieces");
    let announced = [vec![LAST | BINARY, 0xff, 0x3f], vec![0xff; 7 + 4]].concat();
    assert_eq!(verdict(&echo, &[announced]).await, Some(1009), "announced, never sent");
    // The client is still writing when it is refused.
    assert_eq!(verdict(&echo, &[frame(LAST | BINARY, &[b'x'; 1024 * 1024])]).await, Some(1009));
}

#[tokio::test]
async fn a_close_is_answered_in_kind_and_ends_the_connection() {
    let echo = endpoint().await;
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] {
        assert_eq!(verdict(&echo, &[close(code, b"")]).await, Some(code));
        assert_eq!(verdict(&echo, &[close(code, &[b'x'; 123])]).await, Some(code));
    }
    assert_eq!(verdict(&echo, &[frame(LAST | CLOSE, b"")]).await, None);
    for code in [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999] {
        assert_eq!(verdict(&echo, &[close(code, b"")]).await, Some(1002), "{code} must not be sent");
    }
}

#[tokio::test]
async fn nothing_is_heard_after_a_close() {
    let echo = endpoint().await;
    let frames = [close(1000, b""), frame(LAST | TEXT, b"x"), frame(LAST | PING, b"x"), close(1001, b"")];
    assert_eq!(verdict(&echo, &frames).await, Some(1000));
}

#[tokio::test]
async fn a_client_that_only_ends_its_side_is_let_go() {
    let echo = endpoint().await;
    let mut client = Client::open(echo.address).await;
    client.send(frame(TEXT, b"half a mess")).await;
    client.socket.shutdown().await.unwrap();
    let mut rest = Vec::new();
    soon(client.socket.read_to_end(&mut rest)).await.unwrap();
    echo.ended().await;
}

#[tokio::test]
async fn an_endpoint_that_closes_waits_for_the_answer() {
    let echo = endpoint().await;
    let mut client = Client::open(echo.address).await;
    echo.closing.send_replace(true);
    let (first, payload) = client.next().await;
    assert_eq!((first, payload.first_chunk()), (LAST | CLOSE, Some(&1012_u16.to_be_bytes())));
    // Said before the client knew, and heard by nobody.
    client.send([frame(LAST | TEXT, b"x"), close(1012, b"")].concat()).await;
    let mut rest = Vec::new();
    soon(client.socket.read_to_end(&mut rest)).await.unwrap();
    assert!(rest.is_empty(), "{rest:?}");
    drop(client);
    echo.ended().await;
}
