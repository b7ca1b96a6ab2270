//! Reads answers, as far as servers of a benchmark go: the length of the body stands in the head.

use anyhow::{Context, ensure};

/// An answer that is there as a whole.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Response<'a> {
    pub(crate) status: u16,
    head: &'a str,
    pub(crate) body: &'a [u8],
}

/// The first answer of these bytes and how many of them it takes; none while a part of it is missing.
pub(super) fn read(bytes: &[u8]) -> anyhow::Result<Option<(Response<'_>, usize)>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = str::from_utf8(&bytes[..end])?;
    let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    let status = status.with_context(|| format!("no status: {head}"))?.parse()?;
    let length =
        header(head, "content-length").with_context(|| format!("no length: {head}"))?.parse::<usize>()?;
    let begin = end + 4;
    Ok(bytes.get(begin..begin + length).map(|body| (Response { status, head, body }, begin + length)))
}

fn header<'a>(head: &'a str, wanted: &str) -> Option<&'a str> {
    head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case(wanted).then(|| value.trim())
    })
}

impl Response<'_> {
    /// Whether it is as it should be; it is told otherwise.
    pub(crate) fn expect(&self, status: u16) -> anyhow::Result<()> {
        ensure!(self.status == status, "answered {}: {}", self.status, String::from_utf8_lossy(self.body));
        Ok(())
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(self.head, name)
    }
}
