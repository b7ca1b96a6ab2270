//! JSON of messages: many and small, put together and read in as few steps as can be. The same JSON as `serde_json`'s.

use serde::{Deserialize, Serialize};
use std::io;

/// Most messages have no more bytes.
const USUAL: usize = 1024;

/// The JSON of a value.
///
/// # Errors
/// When it has none, such as a map whose keys are no texts.
pub fn encode(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut text = Text { room: vec![0; USUAL], written: 0 };
    serde_json::to_writer(&mut text, value)?;
    text.room.truncate(text.written);
    Ok(text.room)
}

/// Reads a message.
///
/// # Errors
/// When it is no JSON, or something else than was asked for.
pub fn decode<'a, T: Deserialize<'a>>(json: &'a [u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(json) {
        // All of it was looked at: texts in it need not be, one by one.
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(json),
    }
}

/// A text that grows. It is written by a few bytes at a time, most often by one: that is no call of a function here, as it
/// would be with a vector.
struct Text {
    /// Zeros behind what was written.
    room: Vec<u8>,
    written: usize,
}

impl Text {
    #[cold]
    #[inline(never)]
    fn grow(&mut self, needed: usize) {
        self.room.resize(needed.max(2 * self.room.len()), 0);
    }
}

impl io::Write for Text {
    #[inline]
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        self.write_all(part).map(|()| part.len())
    }

    #[inline]
    fn write_all(&mut self, part: &[u8]) -> io::Result<()> {
        let end = self.written + part.len();
        if end > self.room.len() {
            self.grow(end);
        }
        self.room[self.written..end].copy_from_slice(part);
        self.written = end;
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn what_is_no_text_is_read_as_far_as_it_is_asked_for() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Asked {
            number: u8,
        }
        assert_eq!(decode::<Asked>(b"{\"other\":\"\xff\",\"number\":7}").unwrap(), Asked { number: 7 });
        assert!(decode::<String>(b"\"\xff\"").is_err());
    }

    #[test]
    fn long_messages_are_whole() {
        let long = vec!["µ\"".repeat(USUAL); 3];
        assert_eq!(encode(&long).unwrap(), serde_json::to_vec(&long).unwrap());
    }

    proptest! {
        #[test]
        fn it_is_the_json_of_serde_json(value: BTreeMap<String, (Vec<i64>, Option<String>, bool)>) {
            let json = encode(&value).unwrap();
            prop_assert_eq!(&json, &serde_json::to_vec(&value).unwrap());
            prop_assert_eq!(decode::<BTreeMap<String, (Vec<i64>, Option<String>, bool)>>(&json).unwrap(), value);
        }
    }
}
