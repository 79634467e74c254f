//! Ends a connection as a fault specifies.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::model::WireFault;

use super::stream::Stream;

/// How a connection ends. Unless it is reset, TLS is closed in order first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// A reset.
    Reset,
    /// An orderly close.
    Close,
    /// Bytes that are not HTTP, then an orderly close.
    Garbage,
    /// Silence until the client closes or the server stops.
    Stall,
}

impl Ending {
    /// Returns the ending that a fault specifies.
    pub(super) fn from_fault(fault: WireFault) -> Ending {
        match fault {
            WireFault::Reset => Ending::Reset,
            WireFault::Empty | WireFault::Truncate => Ending::Close,
            WireFault::Garbage => Ending::Garbage,
            WireFault::Stall => Ending::Stall,
        }
    }
}

/// Bytes that are neither a status line nor a frame of HTTP/2, because the length of the frame exceeds any limit.
const GARBAGE: &[u8] = b"\xff\xff\xff\xfe\xfd\x00garbage\x00\x80\x81 instead of an answer\r\n\r\n";

/// How long a client may take to read what was sent before.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a client may go on sending after the server has closed its side.
const LINGER: Duration = Duration::from_secs(2);

/// Ends a connection. If the server stops meanwhile, this still sends what it has to send, but does not wait for the client.
pub(super) async fn end(mut stream: Stream, ending: Ending, stop: &CancellationToken) {
    match ending {
        Ending::Reset => reset(stream.into_socket()).await,
        Ending::Close => close(stream, stop).await,
        Ending::Garbage => {
            let written = async {
                stream.write_all(GARBAGE).await?;
                stream.flush().await
            };
            if let Ok(Ok(())) = tokio::time::timeout(SEND_TIMEOUT, written).await {
                close(stream, stop).await;
            }
        }
        Ending::Stall => drop(stop.run_until_cancelled(until_gone(&mut stream)).await),
    }
}

async fn reset(stream: TcpStream) {
    let Ok(stream) = all_sent(stream).await else { return };
    // With this option a close sends a reset. If the option is refused, the connection is only closed.
    let _ = stream.set_zero_linger();
}

/// Waits until everything is sent, because a reset discards what the system has not sent yet.
async fn all_sent(stream: TcpStream) -> io::Result<TcpStream> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    socket2::SockRef::from(&stream).set_tcp_notsent_lowat(1)?;
    // Registered again, because tokio's readiness is from before the option was set.
    let stream = TcpStream::from_std(stream.into_std()?)?;
    let _ = tokio::time::timeout(SEND_TIMEOUT, stream.writable()).await;
    Ok(stream)
}

/// Closes in order. Reads what the client still sends, because the system would otherwise reset the connection.
async fn close(mut stream: Stream, stop: &CancellationToken) {
    if stream.shutdown().await.is_err() {
        return;
    }
    // What has arrived already is read even if the server has stopped before.
    if tokio::time::timeout(Duration::ZERO, until_gone(&mut stream)).await.is_err() {
        let _ = stop.run_until_cancelled(tokio::time::timeout(LINGER, until_gone(&mut stream))).await;
    }
}

/// Completes once the client has closed its side or is gone. Both look the same.
async fn until_gone(stream: &mut Stream) {
    let mut sink = [0; 1024];
    while let Ok(1..) = stream.read(&mut sink).await {}
}
