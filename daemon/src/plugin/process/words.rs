//! What the daemon tells a venue host, and what a host tells the daemon.

use super::frame::{Frame, FrameError, Parts};
use orderd_sdk::abi::{Status, table::Level};

/// What a host is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instruction<'a> {
    /// Which library, under which limits: an `Opening` as JSON. Answered with `Loaded` or `Failed`.
    Open(&'a [u8]),
    /// Make an instance of this configuration. Answered with `Created` or `Failed`.
    Create(&'a [u8]),
    /// Begin an operation.
    Start { op: u64, budget_ns: u64, method: &'a str, target: &'a str, request: &'a [u8] },
    /// End an operation early.
    Cancel { op: u64 },
    /// The answer to a question of the plugin.
    Deliver { op: u64, status: Status, reply: &'a [u8] },
    /// Say this number.
    Ping(u64),
    /// End the instance, then the process. Answered with `Destroyed`.
    Destroy,
}

/// What a host says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice<'a> {
    /// The library is loaded: an `Opened` as JSON.
    Loaded(&'a [u8]),
    /// There is no instance, for this reason.
    Failed { stage: &'a str, reason: &'a [u8] },
    /// There is an instance.
    Created,
    /// `start` said something else than OK.
    Refused { op: u64, status: Status },
    /// An operation is complete.
    Complete { op: u64, status: Status, reply: &'a [u8] },
    /// A question of the plugin. Answered with `Deliver`.
    Request { op: u64, budget_ns: u64, service: &'a str, payload: &'a [u8] },
    /// A log record.
    Log { level: Level, target: &'a str, message: &'a [u8] },
    /// The number of a ping.
    Pong(u64),
    /// The instance has ended.
    Destroyed,
}

impl<'a> Frame<'a> for Instruction<'a> {
    fn parts(&self) -> Parts<'a> {
        let none = Parts::default();
        match *self {
            Self::Open(payload) => Parts { kind: 1, payload, ..none },
            Self::Create(payload) => Parts { kind: 2, payload, ..none },
            Self::Start { op, budget_ns, method, target, request } => {
                Parts { kind: 3, a: op, b: budget_ns, first: method, second: target, payload: request }
            }
            Self::Cancel { op } => Parts { kind: 4, a: op, ..none },
            Self::Deliver { op, status, reply } => {
                Parts { kind: 5, a: op, b: number(status), payload: reply, ..none }
            }
            Self::Ping(a) => Parts { kind: 6, a, ..none },
            Self::Destroy => Parts { kind: 7, ..none },
        }
    }

    fn read(parts: Parts<'a>) -> Result<Self, FrameError> {
        let Parts { kind, a, b, first, second, payload } = parts;
        Ok(match kind {
            1 => Self::Open(payload),
            2 => Self::Create(payload),
            3 => Self::Start { op: a, budget_ns: b, method: first, target: second, request: payload },
            4 => Self::Cancel { op: a },
            5 => Self::Deliver { op: a, status: status(b)?, reply: payload },
            6 => Self::Ping(a),
            7 => Self::Destroy,
            other => return Err(FrameError::Kind(other)),
        })
    }
}

impl<'a> Frame<'a> for Notice<'a> {
    fn parts(&self) -> Parts<'a> {
        let none = Parts::default();
        match *self {
            Self::Loaded(payload) => Parts { kind: 64, payload, ..none },
            Self::Failed { stage, reason } => Parts { kind: 65, first: stage, payload: reason, ..none },
            Self::Created => Parts { kind: 66, ..none },
            Self::Refused { op, status } => Parts { kind: 67, a: op, b: number(status), ..none },
            Self::Complete { op, status, reply } => {
                Parts { kind: 68, a: op, b: number(status), payload: reply, ..none }
            }
            Self::Request { op, budget_ns, service, payload } => {
                Parts { kind: 69, a: op, b: budget_ns, first: service, payload, ..none }
            }
            Self::Log { level, target, message } => {
                Parts { kind: 70, a: level.0.into(), first: target, payload: message, ..none }
            }
            Self::Pong(a) => Parts { kind: 71, a, ..none },
            Self::Destroyed => Parts { kind: 72, ..none },
        }
    }

    fn read(parts: Parts<'a>) -> Result<Self, FrameError> {
        let Parts { kind, a, b, first, payload, .. } = parts;
        Ok(match kind {
            64 => Self::Loaded(payload),
            65 => Self::Failed { stage: first, reason: payload },
            66 => Self::Created,
            67 => Self::Refused { op: a, status: status(b)? },
            68 => Self::Complete { op: a, status: status(b)?, reply: payload },
            69 => Self::Request { op: a, budget_ns: b, service: first, payload },
            70 => {
                let level = u32::try_from(a).map_err(|_| FrameError::Parts)?;
                Self::Log { level: Level(level), target: first, message: payload }
            }
            71 => Self::Pong(a),
            72 => Self::Destroyed,
            other => return Err(FrameError::Kind(other)),
        })
    }
}

fn number(status: Status) -> u64 {
    status.0.cast_unsigned().into()
}

fn status(number: u64) -> Result<Status, FrameError> {
    let bits = u32::try_from(number).map_err(|_| FrameError::Parts)?;
    Ok(Status(bits.cast_signed()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::process::frame::{LONGEST, split};
    use proptest::prelude::*;
    use std::fmt;

    fn crosses<'a>(frame: impl Frame<'a> + Copy + fmt::Debug + PartialEq, bytes: &'a mut Vec<u8>) {
        frame.write_to(bytes);
        let (length, body) = bytes.split_first_chunk().unwrap();
        assert_eq!(u32::from_le_bytes(*length) as usize, body.len());
        assert_eq!(split(body).and_then(Frame::read), Ok(frame));
    }

    #[test]
    fn every_frame_reads_as_it_was_written() {
        let (op, status, reply) = (u64::MAX, Status(-7), &b"{}"[..]);
        for instruction in [
            Instruction::Open(b"{}"),
            Instruction::Create(b""),
            Instruction::Start { op, budget_ns: 1, method: "venue.quote", target: "pool", request: b"[]" },
            Instruction::Cancel { op },
            Instruction::Deliver { op, status, reply },
            Instruction::Ping(3),
            Instruction::Destroy,
        ] {
            crosses(instruction, &mut Vec::new());
        }
        for notice in [
            Notice::Loaded(b"{}"),
            Notice::Failed { stage: "file", reason: b"no such file" },
            Notice::Created,
            Notice::Refused { op, status },
            Notice::Complete { op, status, reply },
            Notice::Request { op, budget_ns: 1, service: "sign", payload: b"" },
            Notice::Log { level: Level::WARN, target: "here", message: b"careful" },
            Notice::Pong(3),
            Notice::Destroyed,
        ] {
            crosses(notice, &mut Vec::new());
        }
    }

    #[test]
    fn a_frame_of_the_other_direction_is_unknown() {
        let parts = Instruction::Destroy.parts();
        assert_eq!(Notice::read(parts), Err(FrameError::Kind(7)));
        let odd = Parts { kind: 67, b: u64::MAX, ..Parts::default() };
        assert_eq!(Notice::read(odd), Err(FrameError::Parts), "no such status");
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(mut body in proptest::collection::vec(any::<u8>(), 0..200), kind in 0_u8..80) {
            prop_assert!(body.len() < LONGEST);
            if let Some(first) = body.first_mut() {
                *first = kind;
            }
            let _ = split(&body).and_then(Notice::read);
            let _ = split(&body).and_then(Instruction::read);
        }
    }
}
