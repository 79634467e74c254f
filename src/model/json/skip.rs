//! Skips JSON that is not needed.
//!
//! Each function takes a position and returns the next one, so that the position stays in a register. Text in an unusual
//! form is read by `serde_json`, as in [`fast_reader`](super::fast_reader).

use super::number::Number;
use super::serde_reader::ARBITRARY_PRECISION_KEY;
use super::value::Json;

/// Returns the end of the value that starts at `at`, in which at most `levels` are open at once; `None` if `serde_json` must
/// read it.
#[inline]
pub(super) fn skip_value(text: &[u8], at: usize, levels: usize) -> Option<usize> {
    match text.get(at)? {
        b'{' | b'[' => skip_nested(text, at, levels),
        _ => skip_scalar(text, at),
    }
}

fn skip_nested(text: &[u8], mut at: usize, levels: usize) -> Option<usize> {
    let mut open = Open::default();
    loop {
        at = match text.get(at)? {
            b'{' => {
                open.push(true, levels)?;
                at = skip_space(text, at + 1);
                match text.get(at)? {
                    b'}' => at,
                    _ => {
                        at = skip_name(text, at)?;
                        continue;
                    }
                }
            }
            b'[' => {
                open.push(false, levels)?;
                at = skip_space(text, at + 1);
                match text.get(at)? {
                    b']' => at,
                    _ => continue,
                }
            }
            _ => skip_space(text, skip_scalar(text, at)?),
        };
        loop {
            match (text.get(at)?, open.is_object()) {
                (b',', true) => {
                    at = skip_name(text, skip_space(text, at + 1))?;
                    break;
                }
                (b',', false) => {
                    at = skip_space(text, at + 1);
                    break;
                }
                (b'}', true) | (b']', false) => {
                    open.pop();
                    if open.levels == 0 {
                        return Some(at + 1);
                    }
                    at = skip_space(text, at + 1);
                }
                _ => return None,
            }
        }
    }
}

#[inline]
fn skip_scalar(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' => match plain_end(text, at + 1) {
            Some(end) => Some(end + 1),
            None => skip_unusual_string(text, at),
        },
        b't' => skip_word(text, at, "true"),
        b'f' => skip_word(text, at, "false"),
        b'n' => skip_word(text, at, "null"),
        _ => skip_plain_number(text, at).or_else(|| skip_unusual_number(text, at)),
    }
}

#[cold]
fn skip_unusual_string(text: &[u8], at: usize) -> Option<usize> {
    unusual_string(text, at).map(|(_, after)| after)
}

#[cold]
fn skip_unusual_number(text: &[u8], at: usize) -> Option<usize> {
    unusual_number(text, at).map(|(_, after)| after)
}

/// The lists and objects around the current position.
#[derive(Default)]
struct Open {
    levels: usize,
    /// Whether each is an object; the innermost is the lowest bit.
    objects: u128,
}

impl Open {
    fn push(&mut self, is_object: bool, most: usize) -> Option<()> {
        self.levels += 1;
        self.objects = self.objects << 1 | u128::from(is_object);
        (self.levels <= most).then_some(())
    }

    fn pop(&mut self) {
        self.levels -= 1;
        self.objects >>= 1;
    }

    fn is_object(&self) -> bool {
        self.objects & 1 == 1
    }
}

#[inline]
pub(super) fn skip_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = text.get(at) {
        at += 1;
    }
    at
}

#[inline]
pub(super) fn skip_word(text: &[u8], at: usize, word: &str) -> Option<usize> {
    text[at..].starts_with(word.as_bytes()).then_some(at + word.len())
}

/// Returns the start of the value of the member whose name starts at `at`.
fn skip_name(text: &[u8], at: usize) -> Option<usize> {
    match plain_name_end(text, at) {
        Some(end) => skip_colon(text, end + 1),
        None => unusual_name(text, at).and_then(|(_, after)| skip_colon(text, after)),
    }
}

/// Skips a colon, and returns the start of the value after it.
#[inline]
pub(super) fn skip_colon(text: &[u8], at: usize) -> Option<usize> {
    let colon = skip_space(text, at);
    (text.get(colon) == Some(&b':')).then(|| skip_space(text, colon + 1))
}

/// Returns the closing quotation mark of the name that starts at `at`; `None` if [`unusual_name`] must read it.
#[inline]
pub(super) fn plain_name_end(text: &[u8], at: usize) -> Option<usize> {
    // It may be the name that has a special meaning for `serde_json`.
    let is_plain = text.get(at) == Some(&b'"') && text.get(at + 1) != Some(&b'$');
    if is_plain { plain_end(text, at + 1) } else { None }
}

/// Reads the name that starts at `at`, and returns its end.
#[cold]
pub(super) fn unusual_name(text: &[u8], at: usize) -> Option<(String, usize)> {
    unusual_string(text, at).filter(|(name, _)| name != ARBITRARY_PRECISION_KEY)
}

/// Returns the closing quotation mark of the string whose inside starts at a place; `None` if [`unusual_string`] must read
/// it.
#[inline]
pub(super) fn plain_end(text: &[u8], inside: usize) -> Option<usize> {
    let (end, byte) = special(text, inside)?;
    (byte == b'"').then_some(end)
}

/// Reads the string that starts at `at` by `serde_json`, and returns its end.
#[cold]
pub(super) fn unusual_string(text: &[u8], at: usize) -> Option<(String, usize)> {
    let mut from = at + 1;
    let end = loop {
        match special(text, from)? {
            (backslash, b'\\') => from = backslash + 2,
            (end, _) => break end,
        }
    };
    Some((serde_json::from_slice(&text[at..=end]).ok()?, end + 1))
}

/// Returns the position of the next quotation mark, backslash or control character.
#[inline]
fn special(text: &[u8], mut at: usize) -> Option<(usize, u8)> {
    while let Some(eight) = text.get(at..)?.first_chunk::<8>() {
        let ones = plain_ones(u64::from_le_bytes(*eight));
        if let Some(byte) = eight.get(ones) {
            return Some((at + ones, *byte));
        }
        at += eight.len();
    }
    let ones = text[at..].iter().position(|byte| is_special(*byte))?;
    Some((at + ones, text[at + ones]))
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | ..b' ')
}

/// Returns whether a text needs no escapes in JSON.
pub(crate) fn is_plain(text: &str) -> bool {
    let (eights, rest) = text.as_bytes().as_chunks();
    eights.iter().all(|eight| plain_ones(u64::from_le_bytes(*eight)) == eight.len())
        && !rest.iter().any(|byte| is_special(*byte))
}

/// Returns how many of eight bytes, from the lowest, are not a quotation mark, backslash or control character.
fn plain_ones(eight: u64) -> usize {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let each = |byte: u8| EACH * u64::from(byte);
    // Subtracting sets the highest bit of each smaller byte, unless it was set before. A borrow only causes errors above
    // the first such byte.
    let less = (eight ^ each(b'"')).wrapping_sub(EACH)
        | (eight ^ each(b'\\')).wrapping_sub(EACH)
        | eight.wrapping_sub(each(b' '));
    (less & !eight & each(1 << 7)).trailing_zeros() as usize / 8
}

/// Returns the end of a number without an exponent and with few digits; `None` for any other.
#[inline]
pub(super) fn skip_plain_number(text: &[u8], at: usize) -> Option<usize> {
    let unsigned = at + usize::from(text.get(at) == Some(&b'-'));
    let point = skip_digits(text, unsigned);
    let zero = text.get(unsigned) == Some(&b'0');
    let few = 1..=MAX_DIGITS;
    if !few.contains(&(point - unsigned)) || zero && point - unsigned > 1 {
        return None;
    }
    let end = match text.get(point) {
        Some(b'.') => skip_digits(text, point + 1),
        _ => return (!goes_on(text.get(point))).then_some(point),
    };
    (few.contains(&(end - point - 1)) && !goes_on(text.get(end))).then_some(end)
}

/// Reads the number that starts at `at` by `serde_json`, and returns its end.
#[cold]
pub(super) fn unusual_number(text: &[u8], at: usize) -> Option<(Number, usize)> {
    let written = &text[at..];
    let length = written.iter().position(|byte| !goes_on(Some(byte))).unwrap_or(written.len());
    match serde_json::from_slice(&written[..length]).ok()? {
        Json::Number(number) => Some((number, at + length)),
        _ => None,
    }
}

/// A number of at most this many digits fits into 64 bits.
pub(super) const MAX_DIGITS: usize = 18;

/// Returns whether a byte may be part of a number.
fn goes_on(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b'0'..=b'9' | b'e' | b'E' | b'.' | b'+' | b'-'))
}

fn skip_digits(text: &[u8], mut at: usize) -> usize {
    while let Some(b'0'..=b'9') = text.get(at) {
        at += 1;
    }
    at
}
