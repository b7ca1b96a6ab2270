//! Texts and numbers one after the other, each text behind its length. Only what was written here is read here.

/// Puts values behind each other.
#[derive(Debug, Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    /// Seven bits to a byte, the lowest first; the top bit says that more follow.
    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    /// The length is one more than it is; 0 stands for no text.
    pub(super) fn maybe(&mut self, text: Option<&str>) {
        match text {
            None => self.number(0),
            Some(text) => {
                self.number(text.len() as u64 + 1);
                self.0.extend_from_slice(text.as_bytes());
            }
        }
    }
}

/// Takes the values from the front again.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn number(&mut self) -> u64 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let (byte, rest) = self.0.split_first().expect("a number ends");
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return number;
            }
            shift += 7;
        }
    }

    pub(super) fn text(&mut self) -> &'a str {
        let length = self.number();
        self.take(length)
    }

    pub(super) fn maybe(&mut self) -> Option<&'a str> {
        let length = self.number().checked_sub(1)?;
        Some(self.take(length))
    }

    pub(super) fn skip(&mut self) {
        let length = self.number();
        self.pass(length);
    }

    pub(super) fn skip_maybe(&mut self) {
        let length = self.number().saturating_sub(1);
        self.pass(length);
    }

    fn take(&mut self, length: u64) -> &'a str {
        std::str::from_utf8(self.pass(length)).expect("a text was written")
    }

    fn pass(&mut self, length: u64) -> &'a [u8] {
        let length = usize::try_from(length).expect("it was in memory");
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }
}
