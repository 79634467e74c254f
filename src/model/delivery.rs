//! How an answer is sent if it is not sent as a whole and at once: slowly, or with a fault of the connection.

use std::fmt;
use std::time::Duration;

/// How an answer is sent. A dribble and a fault exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// The body is sent in pieces.
    Dribble(Dribble),
    /// The connection fails.
    Fault(WireFault),
}

/// A body that is sent in pieces, at even intervals. The last piece is sent at the end of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dribble {
    /// The number of pieces, at least one. A body of fewer bytes has one for each byte.
    pub chunks: u32,
    /// The time from the head to the last piece.
    pub over: Duration,
}

impl Dribble {
    /// The maximum number of pieces. More would not make the body slower.
    pub const MAX_CHUNKS: u32 = 10_000;
}

/// A fault of the connection, after everything before it has been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WireFault {
    /// The connection is reset before any byte.
    Reset,
    /// The connection is closed in order before any byte.
    Empty,
    /// Bytes that are not HTTP, and then the connection is closed.
    Garbage,
    /// The head and the first half of the body that it promises, and then the connection is closed.
    Truncate,
    /// Nothing is sent until the client gives up or the server stops.
    Stall,
}

impl WireFault {
    /// Every fault with its name in a file.
    #[doc(hidden)]
    pub const NAMES: [(&'static str, WireFault); 5] = [
        ("reset", WireFault::Reset),
        ("empty", WireFault::Empty),
        ("garbage", WireFault::Garbage),
        ("truncate", WireFault::Truncate),
        ("stall", WireFault::Stall),
    ];

    /// Returns the name in a file.
    pub fn name(self) -> &'static str {
        match self {
            WireFault::Reset => "reset",
            WireFault::Empty => "empty",
            WireFault::Garbage => "garbage",
            WireFault::Truncate => "truncate",
            WireFault::Stall => "stall",
        }
    }

    /// Returns whether a part of the response is sent: its head, and a part of its body.
    #[doc(hidden)]
    pub fn sends_response(self) -> bool {
        self == WireFault::Truncate
    }

    /// Returns how many bytes of a body are sent.
    #[doc(hidden)]
    pub fn sent_length(self, length: usize) -> usize {
        if self.sends_response() { length / 2 } else { 0 }
    }

    /// Describes what the client sees, for an explanation.
    #[doc(hidden)]
    pub fn description(self) -> &'static str {
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
    /// Returns the fault, if there is one.
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
