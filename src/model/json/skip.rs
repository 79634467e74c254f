//! Goes past JSON of which nothing is kept.
//!
//! It is most of what a condition on a body has to read. A place in the text goes from one function to the next, so that it
//! stays in a register; what is not written plainly is for `serde_json` to read, as [`fast_reader`](super::fast_reader) does.

use super::number::Number;
use super::serde_reader::NUMBER_IN_A_MAP;
use super::value::Json;

/// Where the value ends that begins at a place, in which no more than so many levels are open at once; `None` where `serde_json`
/// has to say what it is.
#[inline]
pub(super) fn past_value(text: &[u8], at: usize, levels: usize) -> Option<usize> {
    match text.get(at)? {
        b'{' | b'[' => past_nested(text, at, levels),
        _ => past_scalar(text, at),
    }
}

fn past_nested(text: &[u8], mut at: usize, levels: usize) -> Option<usize> {
    let mut open = Open::default();
    loop {
        at = match text.get(at)? {
            b'{' => {
                open.push(true, levels)?;
                at = past_space(text, at + 1);
                match text.get(at)? {
                    b'}' => at,
                    _ => {
                        at = past_name(text, at)?;
                        continue;
                    }
                }
            }
            b'[' => {
                open.push(false, levels)?;
                at = past_space(text, at + 1);
                match text.get(at)? {
                    b']' => at,
                    _ => continue,
                }
            }
            _ => past_space(text, past_scalar(text, at)?),
        };
        loop {
            match (text.get(at)?, open.is_object()) {
                (b',', true) => {
                    at = past_name(text, past_space(text, at + 1))?;
                    break;
                }
                (b',', false) => {
                    at = past_space(text, at + 1);
                    break;
                }
                (b'}', true) | (b']', false) => {
                    open.pop();
                    if open.levels == 0 {
                        return Some(at + 1);
                    }
                    at = past_space(text, at + 1);
                }
                _ => return None,
            }
        }
    }
}

#[inline]
fn past_scalar(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' => match plain_end(text, at + 1) {
            Some(end) => Some(end + 1),
            None => past_other_string(text, at),
        },
        b't' => past_word(text, at, "true"),
        b'f' => past_word(text, at, "false"),
        b'n' => past_word(text, at, "null"),
        _ => past_plain_number(text, at).or_else(|| past_other_number(text, at)),
    }
}

#[cold]
fn past_other_string(text: &[u8], at: usize) -> Option<usize> {
    other_string(text, at).map(|(_, after)| after)
}

#[cold]
fn past_other_number(text: &[u8], at: usize) -> Option<usize> {
    other_number(text, at).map(|(_, after)| after)
}

/// The lists and objects that are open.
#[derive(Default)]
struct Open {
    levels: usize,
    /// Whether each is an object, the innermost lowest.
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
pub(super) fn past_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = text.get(at) {
        at += 1;
    }
    at
}

#[inline]
pub(super) fn past_word(text: &[u8], at: usize, word: &str) -> Option<usize> {
    text[at..].starts_with(word.as_bytes()).then_some(at + word.len())
}

/// Where the value begins of the member whose name begins at a place.
fn past_name(text: &[u8], at: usize) -> Option<usize> {
    match plain_name_end(text, at) {
        Some(end) => past_colon(text, end + 1),
        None => other_name(text, at).and_then(|(_, after)| past_colon(text, after)),
    }
}

/// Where a value begins before which, from a place, a colon is to stand.
#[inline]
pub(super) fn past_colon(text: &[u8], at: usize) -> Option<usize> {
    let colon = past_space(text, at);
    (text.get(colon) == Some(&b':')).then(|| past_space(text, colon + 1))
}

/// Where the quotation mark stands that ends the name which begins at a place; `None` where [`other_name`] has to look.
#[inline]
pub(super) fn plain_name_end(text: &[u8], at: usize) -> Option<usize> {
    // It may be the name that means something to `serde_json`.
    let is_plain = text.get(at) == Some(&b'"') && text.get(at + 1) != Some(&b'$');
    if is_plain { plain_end(text, at + 1) } else { None }
}

/// The name that begins at a place, and where it ends.
#[cold]
pub(super) fn other_name(text: &[u8], at: usize) -> Option<(String, usize)> {
    other_string(text, at).filter(|(name, _)| name != NUMBER_IN_A_MAP)
}

/// Where the quotation mark stands that ends the string of which the inside begins at a place; `None` where [`other_string`] has
/// to read it.
#[inline]
pub(super) fn plain_end(text: &[u8], inside: usize) -> Option<usize> {
    let (end, byte) = special(text, inside)?;
    (byte == b'"').then_some(end)
}

/// The string that begins at a place, as `serde_json` reads it, and where it ends.
#[cold]
pub(super) fn other_string(text: &[u8], at: usize) -> Option<(String, usize)> {
    let mut from = at + 1;
    let end = loop {
        match special(text, from)? {
            (backslash, b'\\') => from = backslash + 2,
            (end, _) => break end,
        }
    };
    Some((serde_json::from_slice(&text[at..=end]).ok()?, end + 1))
}

/// The first quotation mark, backslash or control character from a place on.
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

/// Whether a text stands in JSON as it is, nothing of it escaped.
pub(crate) fn is_plain(text: &str) -> bool {
    let (eights, rest) = text.as_bytes().as_chunks();
    eights.iter().all(|eight| plain_ones(u64::from_le_bytes(*eight)) == eight.len())
        && !rest.iter().any(|byte| is_special(*byte))
}

/// How many of eight bytes, from the lowest, are neither a quotation mark nor a backslash nor a control character.
fn plain_ones(eight: u64) -> usize {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let each = |byte: u8| EACH * u64::from(byte);
    // Taking away sets the highest bit of a byte that is less, unless it was set; a borrow only makes mistakes above the first.
    let less = (eight ^ each(b'"')).wrapping_sub(EACH)
        | (eight ^ each(b'\\')).wrapping_sub(EACH)
        | eight.wrapping_sub(each(b' '));
    (less & !eight & each(1 << 7)).trailing_zeros() as usize / 8
}

/// Where a number ends that is written plainly, without an exponent and in few digits; `None` of any other.
#[inline]
pub(super) fn past_plain_number(text: &[u8], at: usize) -> Option<usize> {
    let unsigned = at + usize::from(text.get(at) == Some(&b'-'));
    let point = past_digits(text, unsigned);
    let zero = text.get(unsigned) == Some(&b'0');
    let few = 1..=FEW_DIGITS;
    if !few.contains(&(point - unsigned)) || zero && point - unsigned > 1 {
        return None;
    }
    let end = match text.get(point) {
        Some(b'.') => past_digits(text, point + 1),
        _ => return (!goes_on(text.get(point))).then_some(point),
    };
    (few.contains(&(end - point - 1)) && !goes_on(text.get(end))).then_some(end)
}

/// The number that begins at a place, as `serde_json` reads it, and where it ends.
#[cold]
pub(super) fn other_number(text: &[u8], at: usize) -> Option<(Number, usize)> {
    let written = &text[at..];
    let length = written.iter().position(|byte| !goes_on(Some(byte))).unwrap_or(written.len());
    match serde_json::from_slice(&written[..length]).ok()? {
        Json::Number(number) => Some((number, at + length)),
        _ => None,
    }
}

/// So many digits fit into 64 bits.
pub(super) const FEW_DIGITS: usize = 18;

/// Whether a number may go on with a byte.
fn goes_on(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b'0'..=b'9' | b'e' | b'E' | b'.' | b'+' | b'-'))
}

fn past_digits(text: &[u8], mut at: usize) -> usize {
    while let Some(b'0'..=b'9') = text.get(at) {
        at += 1;
    }
    at
}
