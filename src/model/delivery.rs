//! How an answer goes out where it does not go out at once and whole: slowly, or with a fault of the connection.

use std::fmt;
use std::time::Duration;

/// What is special about the way in which an answer is sent. A dribble and a fault exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// The body goes out in pieces.
    Dribble(Dribble),
    /// Something goes wrong on the wire.
    Fault(WireFault),
}

/// A body that goes out in pieces, each after the same time; the last one when all of the time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dribble {
    /// How many pieces, at least one; a body of fewer bytes has one for each.
    pub chunks: u32,
    /// The time from the head to the last piece.
    pub over: Duration,
}

impl Dribble {
    /// More pieces than this make no slower a body.
    pub const MOST_CHUNKS: u32 = 10_000;
}

/// What goes wrong with the connection, once everything before has been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WireFault {
    /// The connection is reset, without a byte.
    Reset,
    /// The connection is closed in order, without a byte.
    Empty,
    /// Bytes that are not HTTP, and then the connection is closed.
    Garbage,
    /// The head and the first half of the body that it promises, and then the connection is closed.
    Truncate,
    /// Nothing, until the client gives up or the server stops.
    Stall,
}

impl WireFault {
    /// Every fault with its name in a file.
    pub const NAMES: [(&'static str, WireFault); 5] = [
        ("reset", WireFault::Reset),
        ("empty", WireFault::Empty),
        ("garbage", WireFault::Garbage),
        ("truncate", WireFault::Truncate),
        ("stall", WireFault::Stall),
    ];

    /// The name in a file.
    pub fn name(self) -> &'static str {
        match self {
            WireFault::Reset => "reset",
            WireFault::Empty => "empty",
            WireFault::Garbage => "garbage",
            WireFault::Truncate => "truncate",
            WireFault::Stall => "stall",
        }
    }

    /// Whether anything of a response is sent: its head, and a part of its body.
    pub fn sends_response(self) -> bool {
        self == WireFault::Truncate
    }

    /// How many bytes are sent of a body.
    pub fn sent_of(self, length: usize) -> usize {
        if self.sends_response() { length / 2 } else { 0 }
    }

    /// What the client meets, in the words of an explanation.
    pub fn in_words(self) -> &'static str {
        match self {
            WireFault::Reset => "no response: the connection is reset",
            WireFault::Empty => "no response: the connection is closed",
            WireFault::Garbage => "bytes that are not HTTP, and then the connection is closed",
            WireFault::Truncate => "a body that is cut short",
            WireFault::Stall => "no response: the connection is held open",
        }
    }
}

impl Delivery {
    /// The fault, where it is one.
    pub fn fault(self) -> Option<WireFault> {
        match self {
            Delivery::Fault(fault) => Some(fault),
            Delivery::Dribble(_) => None,
        }
    }
}

impl fmt::Display for WireFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Dribble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chunks = if self.chunks == 1 { "chunk" } else { "chunks" };
        write!(f, "{} {chunks} over {:?}", self.chunks, self.over)
    }
}
