//! Answers a `Range` request with the parts of the body that it asks for (RFC 9110 §14).

use std::ops::Range;

use bytes::Bytes;

use crate::message::{Head, header_value};

use super::answer::Answer;

/// A request for more ranges than this gets the whole body.
const MAX_RANGES: usize = 50;

/// Returns the answer to a `Range` request: 206 with the ranges, or 416 if the body has none of them.
///
/// `None` if the whole body is the answer: the request has no valid `Range`, or its `If-Range` names another version, or the
/// answer is not a 200 or has a fault.
pub(super) fn ranged(head: &Head, answer: &Answer) -> Option<Answer> {
    if answer.status != 200 || head.method() != "GET" || answer.fault().is_some() {
        return None;
    }
    let range = head.header("Range")?;
    let body = answer.body.whole().filter(|body| !body.is_empty())?;
    if head.header("If-Range").is_some_and(|validator| !is_current(validator.trim(), answer)) {
        return None;
    }
    let ranges = satisfiable(&range, body.len())?;
    let mut ranged = Answer { status: if ranges.is_empty() { 416 } else { 206 }, reason: None, ..answer.clone() };
    // What the stub says of the whole body does not hold for its parts.
    ranged.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-range"));
    match ranges.as_slice() {
        [] => {
            ranged.body = Bytes::new().into();
            ranged.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
            ranged.headers.push(("Content-Range".into(), format!("bytes */{}", body.len()).into()));
        }
        [range] => {
            ranged.body = body.slice(range.clone()).into();
            ranged.headers.push(("Content-Range".into(), content_range(range, body.len()).into()));
        }
        several => set_parts(&mut ranged, several, body),
    }
    Some(ranged)
}

/// Whether a validator of `If-Range` is that of the answer: the same strong ETag, or the same Last-Modified.
fn is_current(validator: &str, answer: &Answer) -> bool {
    let name = if validator.starts_with('"') { "etag" } else { "last-modified" };
    header_value(&answer.headers, name).is_some_and(|current| current.trim() == validator)
}

/// Returns the ranges that the body has; `None` if the header is not valid or asks for too much.
fn satisfiable(header: &str, length: usize) -> Option<Vec<Range<usize>>> {
    let (unit, set) = header.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let mut ranges = Vec::new();
    let mut count = 0;
    for spec in set.split(',').map(str::trim).filter(|spec| !spec.is_empty()) {
        count += 1;
        let range = range_of(spec, length)?;
        if range.start < range.end {
            ranges.push(range);
        }
    }
    // Two ranges may overlap. Many that do would make an answer far larger than the body.
    let total: usize = ranges.iter().map(Range::len).fold(0, usize::saturating_add);
    ((1..=MAX_RANGES).contains(&count) && total <= length.saturating_mul(2)).then_some(ranges)
}

/// Returns one range within the body, empty if the body does not reach it; `None` if it is not valid.
fn range_of(spec: &str, length: usize) -> Option<Range<usize>> {
    let (first, last) = spec.split_once('-')?;
    match (first, last) {
        ("", suffix) => Some(length.saturating_sub(position(suffix)?)..length),
        (first, "") => Some(position(first)?.min(length)..length),
        (first, last) => {
            let (first, last) = (position(first)?, position(last)?);
            (first <= last).then(|| first.min(length)..last.saturating_add(1).min(length))
        }
    }
}

/// A position in digits. One that is too large to count is beyond any body.
fn position(digits: &str) -> Option<usize> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(usize::MAX))
}

fn content_range(range: &Range<usize>, length: usize) -> String {
    format!("bytes {}-{}/{length}", range.start, range.end - 1)
}

/// Makes the body a `multipart/byteranges` (RFC 9110 §14.6).
fn set_parts(answer: &mut Answer, ranges: &[Range<usize>], body: &Bytes) {
    let media = header_value(&answer.headers, "content-type").map(ToString::to_string);
    let boundary = boundary(body);
    let mut parts = Vec::new();
    for range in ranges {
        parts.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        if let Some(media) = &media {
            parts.extend_from_slice(format!("Content-Type: {media}\r\n").as_bytes());
        }
        parts.extend_from_slice(format!("Content-Range: {}\r\n\r\n", content_range(range, body.len())).as_bytes());
        parts.extend_from_slice(&body[range.clone()]);
        parts.extend_from_slice(b"\r\n");
    }
    parts.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    answer.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
    answer.headers.push(("Content-Type".into(), format!("multipart/byteranges; boundary={boundary}").into()));
    answer.body = parts.into();
}

/// Returns a boundary that the body does not contain.
fn boundary(body: &[u8]) -> String {
    let mut number = 0_u32;
    loop {
        let boundary = format!("cannery-range-{number}");
        if memchr::memmem::find(body, boundary.as_bytes()).is_none() {
            return boundary;
        }
        number += 1;
    }
}
