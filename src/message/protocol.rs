//! The protocol over which a request was received.

/// The scheme and the version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protocol {
    /// Whether it was received over TLS.
    pub secure: bool,
    /// The version of HTTP.
    pub version: HttpVersion,
}

/// A supported version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HttpVersion {
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    Http11,
    /// HTTP/2
    Http2,
}

impl Default for Protocol {
    /// Plain HTTP/1.1.
    fn default() -> Protocol {
        Protocol { secure: false, version: HttpVersion::Http11 }
    }
}

impl Protocol {
    /// Returns `http` or `https`.
    pub fn scheme(self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }
}

impl HttpVersion {
    /// Returns the version as in a request line.
    pub fn name(self) -> &'static str {
        match self {
            HttpVersion::Http10 => "HTTP/1.0",
            HttpVersion::Http11 => "HTTP/1.1",
            HttpVersion::Http2 => "HTTP/2",
        }
    }
}
