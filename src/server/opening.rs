//! Finds the protocol of a connection: TLS or not, HTTP/1 or HTTP/2.

#[cfg(feature = "http2")]
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpStream;

use super::server_context::ServerContext;
use super::stream::Stream;

/// How long a client may send nothing: its first bytes, and answers to pings over HTTP/2.
#[cfg(feature = "http2")]
pub(super) const HTTP2_SILENCE: Duration = Duration::from_secs(75);

/// A connection that is ready to be served.
pub(super) struct Opened {
    pub(super) stream: Stream,
    /// The bytes that have been read already.
    pub(super) ahead: Bytes,
    pub(super) secure: bool,
    pub(super) http2: bool,
}

impl Opened {
    /// A connection that can only be HTTP/1.
    fn plain(socket: TcpStream) -> Opened {
        Opened { stream: Stream::Plain(socket), ahead: Bytes::new(), secure: false, http2: false }
    }
}

/// Opens a connection if its protocol is known without reading. Returns the socket if it is not.
pub(super) fn open_at_once(socket: TcpStream, server: &ServerContext) -> Result<Opened, TcpStream> {
    #[cfg(feature = "tls")]
    if server.identity.is_some() {
        return Err(socket);
    }
    let _ = server;
    if cfg!(feature = "http2") { Err(socket) } else { Ok(Opened::plain(socket)) }
}

/// Opens a connection whose first bytes determine its protocol. Returns `None` if it closes before, or if TLS is required and fails.
pub(super) async fn open_after_reading(socket: TcpStream, server: &ServerContext) -> Option<Opened> {
    #[cfg(feature = "tls")]
    if let Some(identity) = &server.identity {
        let stream = identity.accept(socket).await?;
        let http2 = cfg!(feature = "http2") && stream.get_ref().1.alpn_protocol() == Some(super::tls::HTTP2);
        return Some(Opened { stream: Stream::Tls(Box::new(stream)), ahead: Bytes::new(), secure: true, http2 });
    }
    #[cfg(not(feature = "tls"))]
    let _ = server;
    plain(socket).await
}

#[cfg(not(feature = "http2"))]
async fn plain(socket: TcpStream) -> Option<Opened> {
    Some(Opened::plain(socket))
}

/// A client that speaks HTTP/2 without TLS begins with the preface (RFC 9113 §3.3).
#[cfg(feature = "http2")]
async fn plain(mut socket: TcpStream) -> Option<Opened> {
    use tokio::io::AsyncReadExt as _;

    /// No request begins with this word, because it is reserved for the preface.
    const PREFACE: &[u8] = b"PRI ";

    let (mut first, mut length) = ([0; 1024], 0);
    let read_on = async {
        while length < PREFACE.len() && PREFACE.starts_with(&first[..length]) {
            match socket.read(&mut first[length..]).await {
                Ok(size @ 1..) => length += size,
                _ => break,
            }
        }
    };
    tokio::time::timeout(HTTP2_SILENCE, read_on).await.ok()?;
    let ahead = &first[..length];
    let http2 = ahead.starts_with(PREFACE);
    (length > 0).then(|| Opened {
        stream: Stream::Plain(socket),
        ahead: Bytes::copy_from_slice(ahead),
        secure: false,
        http2,
    })
}
