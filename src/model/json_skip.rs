//! Goes past JSON of which nothing is kept.
//!
//! It is most of what a condition on a body has to read. What is left of the text goes from one function to the next, so
//! that it stays in registers; what is not written plainly is for `serde_json` to read, as [`json_reader`](super::json_reader) does.

use super::json_serde::NUMBER_IN_A_MAP;
use super::{Json, Number};

/// What follows the value that is next, in which no more than so many levels are open at once; `None` where `serde_json` has to
/// say what it is.
pub(super) fn past_value(mut rest: &[u8], levels: usize) -> Option<&[u8]> {
    let mut open = Open::default();
    loop {
        rest = match past_space(rest) {
            quoted @ [b'"', ..] => past_string(quoted)?,
            [b'{', inside @ ..] => {
                open.push(true, levels)?;
                match past_space(inside) {
                    [b'}', ..] => inside,
                    inside => {
                        rest = past_name(inside)?;
                        continue;
                    }
                }
            }
            [b'[', inside @ ..] => {
                open.push(false, levels)?;
                match past_space(inside) {
                    [b']', ..] => inside,
                    inside => {
                        rest = inside;
                        continue;
                    }
                }
            }
            [b't', b'r', b'u', b'e', after @ ..] => after,
            [b'f', b'a', b'l', b's', b'e', after @ ..] => after,
            [b'n', b'u', b'l', b'l', after @ ..] => after,
            number => past_number(number)?,
        };
        while open.levels > 0 {
            match (past_space(rest), open.is_object()) {
                ([b',', after @ ..], true) => {
                    rest = past_name(past_space(after))?;
                    break;
                }
                ([b',', after @ ..], false) => {
                    rest = after;
                    break;
                }
                ([b'}', after @ ..], true) | ([b']', after @ ..], false) => {
                    rest = after;
                    open.pop();
                }
                _ => return None,
            }
        }
        if open.levels == 0 {
            return Some(rest);
        }
    }
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

pub(super) fn past_space(mut rest: &[u8]) -> &[u8] {
    while let [b' ' | b'\n' | b'\r' | b'\t', after @ ..] = rest {
        rest = after;
    }
    rest
}

/// What follows a member's name and its colon.
fn past_name(quoted: &[u8]) -> Option<&[u8]> {
    let (plain, after) = past_quoted(quoted)?;
    // It may be the name that means something to `serde_json`.
    if (!plain || quoted[1] == NUMBER_IN_A_MAP.as_bytes()[0]) && unescaped(quoted, after)? == NUMBER_IN_A_MAP {
        return None;
    }
    match past_space(after) {
        [b':', after @ ..] => Some(after),
        _ => None,
    }
}

fn past_string(quoted: &[u8]) -> Option<&[u8]> {
    let (plain, after) = past_quoted(quoted)?;
    if !plain {
        unescaped(quoted, after)?;
    }
    Some(after)
}

/// The text between the quotation marks that end where `after` begins.
pub(super) fn unescaped(quoted: &[u8], after: &[u8]) -> Option<String> {
    serde_json::from_slice(&quoted[..quoted.len() - after.len()]).ok()
}

/// What follows the string whose quotation mark is next, and whether nothing in it is escaped.
#[inline]
pub(super) fn past_quoted(quoted: &[u8]) -> Option<(bool, &[u8])> {
    let [b'"', rest @ ..] = quoted else { return None };
    let (mut rest, mut plain) = (rest, true);
    loop {
        while let Some((eight, after)) = rest.split_first_chunk() {
            let ones = plain_ones(u64::from_le_bytes(*eight));
            if ones < 8 {
                rest = &rest[ones..];
                break;
            }
            rest = after;
        }
        match rest {
            [b'"', after @ ..] => return Some((plain, after)),
            [b'\\', _, after @ ..] => {
                plain = false;
                rest = after;
            }
            [b' '..=u8::MAX, after @ ..] => rest = after,
            _ => return None,
        }
    }
}

/// Whether a text stands in JSON as it is, nothing of it escaped.
pub(crate) fn is_plain(text: &str) -> bool {
    let (eights, rest) = text.as_bytes().as_chunks();
    eights.iter().all(|eight| plain_ones(u64::from_le_bytes(*eight)) == eight.len())
        && !rest.iter().any(|byte| matches!(byte, b'"' | b'\\' | ..b' '))
}

/// How many of eight bytes, from the lowest, are neither a quotation mark nor a backslash nor a control character.
fn plain_ones(eight: u64) -> usize {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    const HIGHEST: u64 = EACH << 7;
    // The highest bit of each byte that is below; a borrow only makes mistakes above the first of them.
    let below = |bytes: u64, limit: u8| bytes.wrapping_sub(EACH * u64::from(limit)) & !bytes & HIGHEST;
    let same = |byte: u8| below(eight ^ (EACH * u64::from(byte)), 1);
    (same(b'"') | same(b'\\') | below(eight, b' ')).trailing_zeros() as usize / 8
}

fn past_number(number: &[u8]) -> Option<&[u8]> {
    past_plain_number(number).or_else(|| other_number(number).map(|(_, after)| after))
}

/// What follows a number that is written plainly, without an exponent and in few digits; `None` of any other.
pub(super) fn past_plain_number(number: &[u8]) -> Option<&[u8]> {
    let unsigned = number.strip_prefix(b"-").unwrap_or(number);
    let after = past_digits(unsigned);
    let digits = unsigned.len() - after.len();
    let (after, decimals) = match after {
        [b'.', decimals @ ..] => {
            let after = past_digits(decimals);
            (after, decimals.len() - after.len())
        }
        after => (after, 1),
    };
    let few = 1..=FEW_DIGITS;
    let zero = unsigned.first() == Some(&b'0');
    let is_plain = few.contains(&digits) && few.contains(&decimals) && !(zero && digits > 1) && !goes_on(after.first());
    is_plain.then_some(after)
}

/// The number that is next, as `serde_json` reads it, and what follows it.
pub(super) fn other_number(number: &[u8]) -> Option<(Number, &[u8])> {
    let end = number.iter().position(|byte| !goes_on(Some(byte))).unwrap_or(number.len());
    let (written, after) = number.split_at(end);
    match serde_json::from_slice(written).ok()? {
        Json::Number(number) => Some((number, after)),
        _ => None,
    }
}

/// So many digits fit into 64 bits.
pub(super) const FEW_DIGITS: usize = 18;

/// Whether a number may go on with a byte.
fn goes_on(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b'0'..=b'9' | b'e' | b'E' | b'.' | b'+' | b'-'))
}

fn past_digits(mut rest: &[u8]) -> &[u8] {
    while let [b'0'..=b'9', after @ ..] = rest {
        rest = after;
    }
    rest
}
