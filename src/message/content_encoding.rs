//! Decodes the Content-Encoding of a body.

use bytes::Bytes;

/// The content of a body after its Content-Encoding is decoded.
#[derive(Debug)]
pub(super) enum Content {
    /// The content is the body as sent: it has no encoding or an unknown one, or cannot be decoded.
    AsSent,
    /// The decoded content.
    #[cfg(feature = "gzip")]
    Decoded(Bytes),
    /// The decoded content is too large.
    #[cfg(feature = "gzip")]
    TooLarge,
    /// The body has this encoding, which this build cannot decode.
    #[cfg(not(feature = "gzip"))]
    Packed(String),
}

/// Decodes a body. Stops as soon as any of the encodings yields more than `largest` bytes.
#[cfg(feature = "gzip")]
pub(super) fn content(encodings: &str, body: &Bytes, largest: usize) -> Content {
    use std::io::Read as _;

    let is_over = std::rc::Rc::default();
    let Some(mut reader) = with_feature::reader(encodings, body, largest, &is_over) else { return Content::AsSent };
    let mut decoded = Vec::new();
    let read = reader.read_to_end(&mut decoded);
    match read {
        _ if is_over.get() => Content::TooLarge,
        Ok(_) => Content::Decoded(decoded.into()),
        Err(_) => Content::AsSent,
    }
}

#[cfg(feature = "gzip")]
mod with_feature {
    use std::cell::Cell;
    use std::io::{self, BufRead, BufReader, Read};
    use std::rc::Rc;

    use flate2::bufread::GzDecoder;
    use flate2::read::ZlibDecoder;

    /// A body with more encodings than this is not decoded.
    const MAX_ENCODINGS: usize = 4;

    /// Returns a reader of the decoded content; `None` if there is no encoding, or an unknown one. The encodings are in the
    /// order in which they were applied (RFC 9110 §8.4), so the last one is decoded first.
    pub(super) fn reader<'b>(
        encodings: &str,
        body: &'b [u8],
        largest: usize,
        is_over: &Rc<Cell<bool>>,
    ) -> Option<Box<dyn Read + 'b>> {
        let encodings = encodings.trim().to_ascii_lowercase();
        let named = encodings.split(',').map(str::trim).filter(|name| !matches!(*name, "" | "identity"));
        let mut reader: Box<dyn Read + 'b> = Box::new(body);
        let mut count = 0;
        for name in named.rev() {
            let unpacking: Box<dyn Read + 'b> = match name {
                "gzip" | "x-gzip" => Box::new(GzipMembers::new(BufReader::new(reader))),
                "deflate" => Box::new(ZlibDecoder::new(reader)),
                _ => return None,
            };
            // Each decoder is limited, not only the last, because its output is the input of the next one.
            reader = Box::new(Limited { inner: unpacking, left: largest, is_over: is_over.clone() });
            count += 1;
        }
        (1..=MAX_ENCODINGS).contains(&count).then_some(reader)
    }

    /// A body of more gzip members than this is not decoded. A member may be empty, and to start one takes as long as to
    /// decode some kilobytes.
    const MAX_MEMBERS: usize = 1000;

    /// Reads the members of a gzip file one after another (RFC 1952 §2.2).
    struct GzipMembers<R> {
        /// The current member; `None` after the last.
        current: Option<GzDecoder<R>>,
        left: usize,
    }

    impl<R: BufRead> GzipMembers<R> {
        fn new(reader: R) -> GzipMembers<R> {
            GzipMembers { current: Some(GzDecoder::new(reader)), left: MAX_MEMBERS - 1 }
        }
    }

    impl<R: BufRead> Read for GzipMembers<R> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            while let Some(current) = &mut self.current {
                let size = current.read(buffer)?;
                if size > 0 || buffer.is_empty() {
                    return Ok(size);
                }
                let mut rest = self.current.take().expect("it is the current one").into_inner();
                if !rest.fill_buf()?.is_empty() {
                    self.left = self.left.checked_sub(1).ok_or(io::ErrorKind::InvalidData)?;
                    self.current = Some(GzDecoder::new(rest));
                }
            }
            Ok(0)
        }
    }

    /// Returns an error after a number of bytes has been read.
    struct Limited<R> {
        inner: R,
        left: usize,
        is_over: Rc<Cell<bool>>,
    }

    impl<R: Read> Read for Limited<R> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let size = self.inner.read(buffer)?;
            match self.left.checked_sub(size) {
                Some(left) => {
                    self.left = left;
                    Ok(size)
                }
                None => {
                    self.is_over.set(true);
                    Err(io::ErrorKind::FileTooLarge.into())
                }
            }
        }
    }
}

#[cfg(not(feature = "gzip"))]
pub(super) fn content(encodings: &str, body: &Bytes, _largest: usize) -> Content {
    let encodings = encodings.trim().to_ascii_lowercase();
    let mut named = encodings.split(',').map(str::trim).filter(|name| !matches!(*name, "" | "identity")).peekable();
    let is_encoded = named.peek().is_some() && named.all(|name| matches!(name, "gzip" | "x-gzip" | "deflate"));
    match is_encoded && !body.is_empty() {
        true => Content::Packed(encodings),
        false => Content::AsSent,
    }
}
