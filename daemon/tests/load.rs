//! What the load of `make bench` reads off its sockets, piece by piece.

#[path = "../benches/limits/load/frame.rs"]
#[expect(dead_code, reason = "shared with the bench, which uses all of it")]
mod frame;
#[path = "../benches/limits/load/http/response.rs"]
#[expect(dead_code, reason = "shared with the bench, which uses all of it")]
mod response;

use frame::Frame;

const ANSWER: &[u8] = b"HTTP/1.1 202 Accepted\r\nContent-Length: 4\r\ndate: today\r\n\r\nbody";

#[test]
fn an_answer_is_read_when_all_of_it_is_there() {
    for length in 0..ANSWER.len() {
        assert_eq!(response::read(&ANSWER[..length]).unwrap(), None, "{length} bytes");
    }
    let (answer, length) = response::read(ANSWER).unwrap().unwrap();
    assert_eq!((answer.status, answer.body, length), (202, &b"body"[..], ANSWER.len()));
    assert_eq!((answer.header("Date"), answer.header("body")), (Some("today"), None));
}

#[test]
fn an_answer_ends_where_its_head_says() {
    let bytes = b"HTTP/1.1 204 None\r\ncontent-length: 0\r\n\r\nHTTP/1.1 ";
    let (answer, length) = response::read(bytes).unwrap().unwrap();
    assert_eq!((answer.status, answer.body, length), (204, &b""[..], bytes.len() - 9));
}

#[test]
fn what_does_not_tell_its_status_or_length_is_no_answer() {
    for bytes in
        ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", "garbage\r\n\r\n"]
    {
        assert!(response::read(bytes.as_bytes()).is_err(), "{bytes}");
    }
}

#[test]
fn a_frame_is_taken_when_all_of_it_is_there() {
    for length in [0, 125, 126, 65_535, 65_536] {
        let text = vec![b'x'; length];
        let bytes = [head(length), text.clone()].concat();
        let mut part = &bytes[..bytes.len() - 1];
        assert_eq!(frame::take(&mut part), None, "{length} bytes");
        assert_eq!(part.len(), bytes.len() - 1);
        let mut whole = bytes.as_slice();
        assert_eq!(frame::take(&mut whole), Some(Frame::Text(&text)), "{length} bytes");
        assert!(whole.is_empty());
    }
}

/// The head of a text frame of a server (RFC 6455, section 5.2).
fn head(length: usize) -> Vec<u8> {
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length @ 0..126), _) => vec![0x81, length],
        (_, Ok(length)) => [&[0x81, 126], &length.to_be_bytes()[..]].concat(),
        _ => [&[0x81, 127], &(length as u64).to_be_bytes()[..]].concat(),
    }
}
