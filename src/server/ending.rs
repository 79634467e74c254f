//! Ends a connection as a fault asks for.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::model::WireFault;

use super::stream::Stream;

/// How a connection ends. TLS over it is ended in order first, but for a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// With a reset.
    Reset,
    /// In order.
    Close,
    /// In order, after bytes that are not HTTP.
    Garbage,
    /// When the client or the server has had enough.
    Stall,
}

impl Ending {
    /// The ending in which a fault results.
    pub(super) fn from_fault(fault: WireFault) -> Ending {
        match fault {
            WireFault::Reset => Ending::Reset,
            WireFault::Empty | WireFault::Truncate => Ending::Close,
            WireFault::Garbage => Ending::Garbage,
            WireFault::Stall => Ending::Stall,
        }
    }
}

/// Neither a status line nor, as its length is beyond any limit, a frame of HTTP/2. The same every time.
const GARBAGE: &[u8] = b"\xff\xff\xff\xfe\xfd\x00garbage\x00\x80\x81 instead of an answer\r\n\r\n";

/// How long a client may take to read_body what was sent before.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a client may go on sending after a close.
const LINGER: Duration = Duration::from_secs(2);

/// Ends a connection. A server that stops finishes that too, and only does not wait for what the client may still do.
pub(super) async fn end(mut stream: Stream, ending: Ending, stop: &CancellationToken) {
    match ending {
        Ending::Reset => reset(stream.into_socket()).await,
        Ending::Close => close(stream, stop).await,
        Ending::Garbage => {
            let written = async {
                stream.write_all(GARBAGE).await?;
                stream.flush().await
            };
            if let Ok(Ok(())) = tokio::time::timeout(PATIENCE, written).await {
                close(stream, stop).await;
            }
        }
        Ending::Stall => drop(stop.run_until_cancelled(until_gone(&mut stream)).await),
    }
}

async fn reset(stream: TcpStream) {
    let Ok(stream) = all_sent(stream).await else { return };
    // With it a close sends a reset; where that is refused the close alone is what can be had.
    let _ = stream.set_zero_linger();
}

/// A reset makes the system forget what it has not sent yet, so that is waited for.
async fn all_sent(stream: TcpStream) -> io::Result<TcpStream> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    socket2::SockRef::from(&stream).set_tcp_notsent_lowat(1)?;
    // Registered anew, since what tokio knows of it is from before the option was set.
    let stream = TcpStream::from_std(stream.into_std()?)?;
    let _ = tokio::time::timeout(PATIENCE, stream.writable()).await;
    Ok(stream)
}

/// Closes in order. What the client still sends is read, or the system would reset the connection.
async fn close(mut stream: Stream, stop: &CancellationToken) {
    if stream.shutdown().await.is_err() {
        return;
    }
    // What has come already is read even if the server has stopped before.
    if tokio::time::timeout(Duration::ZERO, until_gone(&mut stream)).await.is_err() {
        let _ = stop.run_until_cancelled(tokio::time::timeout(LINGER, until_gone(&mut stream))).await;
    }
}

/// Completes once the client has closed its side or is gone. A client that only has nothing more to say looks the same.
async fn until_gone(stream: &mut Stream) {
    let mut sink = [0; 1024];
    while let Ok(1..) = stream.read(&mut sink).await {}
}
