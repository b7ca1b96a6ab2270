//! Reads the frames of a server, and of each message the little that is of interest here.

/// A frame that is there as a whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    Text(&'a [u8]),
    Close,
    /// Signs of life.
    Other,
}

/// Takes the first frame off these bytes; none while a part of it is missing.
pub(super) fn take<'a>(bytes: &mut &'a [u8]) -> Option<Frame<'a>> {
    let &[first, second, ..] = *bytes else {
        return None;
    };
    let (head, length) = match second {
        126 => (4, u64::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)),
        length => (2, u64::from(length)),
    };
    let end = head + usize::try_from(length).ok()?;
    let payload = bytes.get(head..end)?;
    *bytes = &bytes[end..];
    Some(match first & 0x0f {
        1 => Frame::Text(payload),
        8 => Frame::Close,
        _ => Frame::Other,
    })
}

/// A short text message of a client, masked with zeros: it goes out as it stands.
pub(super) fn client_text(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81];
    match u8::try_from(text.len()) {
        Ok(length @ 0..126) => frame.push(0x80 | length),
        _ => {
            let length = u16::try_from(text.len()).expect("a client says little");
            frame.push(0x80 | 126);
            frame.extend(length.to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    frame
}

/// The `type` of a message.
pub(super) fn kind(message: &[u8]) -> &[u8] {
    let rest = message.strip_prefix(br#"{"type":""#).unwrap_or_default();
    rest.split(|&byte| byte == b'"').next().unwrap_or_default()
}

/// Whether these bytes occur in a message.
pub(super) fn has(message: &[u8], bytes: &[u8]) -> bool {
    message.windows(bytes.len()).any(|window| window == bytes)
}

/// The number that follows this member's name for the first time.
pub(super) fn number(message: &[u8], member: &[u8]) -> Option<u64> {
    let at = message.windows(member.len()).position(|window| window == member)?;
    let digits = message[at + member.len()..].iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}
