//! The form of what the daemon and a venue host say to each other over their socket.
//!
//! `length: u32 | kind: u8 | a: u64 | b: u64 | first: u16 | second: u16 | first text | second text | payload`, all little
//! endian, where `length` counts what comes after it. What a frame does not need is zero or empty.

use orderd_sdk::abi::table::MAX_MESSAGE;

/// Two ends that speak different versions refuse each other.
pub(crate) const PROTOCOL: u32 = 1;
/// Of the length itself.
pub(super) const PREFIX: usize = 4;
/// What comes before the texts.
const FIXED: usize = 1 + 8 + 8 + 2 + 2;
/// No frame is longer, without its length.
pub(super) const LONGEST: usize = FIXED + 2 * u16::MAX as usize + MAX_MESSAGE;

/// What can be said, in one direction.
pub(crate) trait Frame<'a>: Sized {
    /// Its parts.
    fn parts(&self) -> Parts<'a>;

    /// What these parts say.
    fn read(parts: Parts<'a>) -> Result<Self, FrameError>;

    /// Appends the frame to `out`.
    fn write_to(&self, out: &mut Vec<u8>) {
        write(&self.parts(), out);
    }
}

/// Bytes that are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameError {
    /// Its length is out of bounds.
    #[error("a frame of {0} bytes")]
    Length(usize),
    /// There is no such kind.
    #[error("a frame of the unknown kind {0}")]
    Kind(u8),
    /// Its parts do not fit into it, or a text is none.
    #[error("a frame that contradicts itself")]
    Parts,
}

/// The parts of a frame as they lie on the wire.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Parts<'a> {
    pub(super) kind: u8,
    pub(super) a: u64,
    pub(super) b: u64,
    pub(super) first: &'a str,
    pub(super) second: &'a str,
    pub(super) payload: &'a [u8],
}

fn write(parts: &Parts<'_>, out: &mut Vec<u8>) {
    let Parts { kind, a, b, first, second, payload } = *parts;
    let (first, second) = (name(first), name(second));
    let length = FIXED + first.len() + second.len() + payload.len();
    out.reserve(PREFIX + length);
    out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    out.push(kind);
    out.extend(a.to_le_bytes());
    out.extend(b.to_le_bytes());
    for text in [first, second] {
        out.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes());
    }
    out.extend(first);
    out.extend(second);
    out.extend(payload);
}

/// The parts of what comes after the length.
pub(super) fn split(body: &[u8]) -> Result<Parts<'_>, FrameError> {
    divide(body).ok_or(FrameError::Parts)
}

fn divide(body: &[u8]) -> Option<Parts<'_>> {
    let (&kind, rest) = body.split_first()?;
    let (a, rest) = rest.split_first_chunk()?;
    let (b, rest) = rest.split_first_chunk()?;
    let (first, rest) = rest.split_first_chunk()?;
    let (second, rest) = rest.split_first_chunk()?;
    let (first, rest) = rest.split_at_checked(u16::from_le_bytes(*first).into())?;
    let (second, payload) = rest.split_at_checked(u16::from_le_bytes(*second).into())?;
    let (first, second) = (str::from_utf8(first).ok()?, str::from_utf8(second).ok()?);
    if payload.len() > MAX_MESSAGE {
        return None;
    }
    Some(Parts { kind, a: u64::from_le_bytes(*a), b: u64::from_le_bytes(*b), first, second, payload })
}

/// Names are short by what the configuration allows; one that is not is cut, and then unknown to whoever reads it.
fn name(text: &str) -> &[u8] {
    let end = text.floor_char_boundary(u16::MAX.into());
    &text.as_bytes()[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_to_fit_into_their_frame() {
        let mut body = [0; FIXED + 3];
        body[17] = 3;
        assert!(split(&body).is_ok());
        body[17] = 4;
        assert!(matches!(split(&body), Err(FrameError::Parts)));
        body[17] = 1;
        body[FIXED] = 0xff;
        assert!(matches!(split(&body), Err(FrameError::Parts)), "a text is UTF-8");
        assert!(matches!(split(&[]), Err(FrameError::Parts)));
    }
}
