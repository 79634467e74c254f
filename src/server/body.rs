//! Reads the body of a request, up to a limit.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Frame, Incoming};

use crate::aside::Company;
use crate::journal::Cut;
use crate::message::Sha256;

use super::connection::Shared;
use super::wire::Heads;

/// What came of a body.
pub(super) enum Received {
    /// All of it, in bytes of its own.
    Whole(Bytes),
    /// Its first bytes, and what is known of the rest.
    TooLarge(Bytes, Cut),
    /// What came before the client went away or fell silent, and what happened.
    Broken(Bytes, Cut, &'static str),
}

/// More room than this is not kept behind a body.
const ROOM: usize = 16 * 1024;

/// How much is kept of a body that is too large.
const PREFIX: usize = 64 * 1024;

/// A body that is too large is still read to its end, so that the client sees the answer and the journal its
/// length and hash; but only up to so many times the limit.
const READ_ON: u64 = 16;

/// A client that sends nothing for so long has gone.
const SILENCE: Duration = Duration::from_secs(30);

/// So many bytes of a body are read before other requests, where there are any, have their turn: a processor that copies is
/// one that answers nobody.
const PIECE: usize = 128 * 1024;

/// For so long.
const REST: Duration = Duration::from_millis(2);

/// Reads a body. `heads` are those of a connection whose wire tells when the client falls silent.
pub(super) async fn receive(mut body: Incoming, shared: &Shared, heads: Option<&Heads>) -> Received {
    let limit = shared.settings.max_body;
    let most = (limit as u64).saturating_mul(READ_ON);
    let declared = body.size_hint().lower();
    if declared > most {
        return Received::TooLarge(Bytes::new(), Cut { length: declared, complete: false, sha256: None });
    }
    let mut kept = BytesMut::with_capacity(declared.min(limit as u64) as usize);
    let mut large: Option<Box<Large>> = None;
    let (mut company, mut piece) = (Company::of(|| shared.engine.last()), 0);
    loop {
        let frame = match next_of(&mut body, heads).await {
            Some(None) => break,
            Some(Some(Ok(frame))) => frame,
            Some(Some(Err(_))) => return broken(kept, large, "the client went away before the end of the body"),
            None => return broken(kept, large, "the client sent nothing for 30 seconds within the body"),
        };
        let Ok(data) = frame.into_data() else { continue };
        piece += data.len();
        if piece >= PIECE {
            piece = 0;
            if company.is_there() {
                tokio::time::sleep(REST).await;
            } else {
                tokio::task::yield_now().await;
            }
        }
        match &mut large {
            None if kept.len() + data.len() <= limit => kept.extend_from_slice(&data),
            None => {
                let mut started = Large::after(&kept);
                started.add(&data);
                kept.extend_from_slice(&data[..data.len().min(PREFIX)]);
                kept.truncate(PREFIX);
                large = Some(Box::new(started));
            }
            Some(large) => large.add(&data),
        }
        if let Some(large) = large.as_ref().filter(|large| large.length > most) {
            let cut = Cut { complete: false, sha256: None, length: large.length };
            return Received::TooLarge(Bytes::copy_from_slice(&kept), cut);
        }
    }
    match large {
        None => Received::Whole(tight(kept)),
        Some(large) => Received::TooLarge(Bytes::copy_from_slice(&kept), large.cut(true)),
    }
}

/// A body that grew as it came has room for up to as much again, which would stay for as long as the journal keeps it.
fn tight(kept: BytesMut) -> Bytes {
    if kept.capacity() - kept.len() > ROOM {
        Bytes::copy_from_slice(&kept)
    } else {
        kept.freeze()
    }
}

/// What comes next of a body; `None` where nothing came for long.
async fn next_of(body: &mut Incoming, heads: Option<&Heads>) -> Option<Option<hyper::Result<Frame<Bytes>>>> {
    let Some(heads) = heads else { return Box::pin(tokio::time::timeout(SILENCE, body.frame())).await.ok() };
    poll_fn(|cx| match Pin::new(&mut *body).poll_frame(cx) {
        Poll::Ready(next) => Poll::Ready(Some(next)),
        Poll::Pending if heads.has_given_up() => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    })
    .await
}

fn broken(kept: BytesMut, large: Option<Box<Large>>, reason: &'static str) -> Received {
    let cut = large.map_or_else(|| Large::after(&kept), |large| *large).cut(false);
    Received::Broken(Bytes::copy_from_slice(&kept), cut, reason)
}

/// A body of which only length and hash go on.
struct Large {
    length: u64,
    hash: Sha256,
}

impl Large {
    fn after(kept: &[u8]) -> Large {
        let mut large = Large { length: 0, hash: Sha256::new() };
        large.add(kept);
        large
    }

    fn add(&mut self, data: &[u8]) {
        self.length += data.len() as u64;
        self.hash.update(data);
    }

    fn cut(self, complete: bool) -> Cut {
        Cut { length: self.length, complete, sha256: Some(self.hash.finish()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_room_is_kept_than_a_body_needs() {
        let mut grown = BytesMut::new();
        (0..1000).for_each(|_| grown.extend_from_slice(&[b'x'; 1000]));
        let room = |bytes: Bytes| {
            let length = bytes.len();
            bytes.try_into_mut().expect("nobody else has it").capacity() - length
        };

        assert!(grown.capacity() > 1_000_000 + ROOM);
        let (body, small) = (tight(grown), tight(BytesMut::from(&b"abc"[..])));
        assert_eq!((&body[..], &small[..]), (&[b'x'; 1_000_000][..], &b"abc"[..]));
        assert_eq!((room(body), room(small)), (0, 0));
    }
}
