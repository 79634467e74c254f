//! Parses names, strings and numbers in a JSONPath.

use crate::model::{Json, Number};

use super::fault::JsonPathFault;
use super::parse::Parser;

/// The largest whole number that every JSON reader keeps exact (RFC 7493), which limits indexes.
const LARGEST_INTEGER: i64 = (1 << 53) - 1;

const ESCAPES: &str = "Escapes are \\b \\f \\n \\r \\t \\/ \\\\ \\uXXXX and the quote that the string is in.";

impl<'t> Parser<'t> {
    /// Parses a name after a dot, if one starts here.
    pub(super) fn shorthand(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let goes_on = |c: char| c == '_' || c.is_ascii_alphanumeric() || !c.is_ascii();
        let first = rest.chars().next().filter(|c| goes_on(*c) && !c.is_ascii_digit())?;
        let after = &rest[first.len_utf8()..];
        let len = first.len_utf8() + after.find(|c| !goes_on(c)).unwrap_or(after.len());
        let from = self.advance(len);
        Some(self.text_from(from))
    }

    /// Parses a string in either kind of quotes.
    pub(super) fn string(&mut self) -> Result<String, JsonPathFault> {
        let from = self.at();
        let quote = self.next().unwrap_or('\'');
        let mut text = String::new();
        loop {
            let here = self.at();
            match self.next() {
                None => {
                    let message = "a string does not end";
                    return Err(self.fault(from..here, message, format!("End it with `{quote}`.")));
                }
                Some(c) if c == quote => return Ok(text),
                Some('\\') => text.push(self.escape(here, quote)?),
                Some(c) if c < ' ' => {
                    let message = "a control character in a string";
                    return Err(self.fault(
                        here..self.at(),
                        message,
                        format!("Write it as `\\u{:04x}`.", u32::from(c)),
                    ));
                }
                Some(c) => text.push(c),
            }
        }
    }

    /// Parses an escape after its backslash.
    fn escape(&mut self, from: usize, quote: char) -> Result<char, JsonPathFault> {
        Ok(match self.next() {
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(c) if matches!(c, '/' | '\\') || c == quote => c,
            Some('u') => {
                let first = self.four_hex_digits(from)?;
                let pair = match first {
                    0xD800..=0xDBFF if self.eat("\\u") => {
                        let second = self.four_hex_digits(from)?;
                        let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400);
                        low.map(|low| 0x10000 + ((first - 0xD800) << 10) + low)
                    }
                    other => Some(other),
                };
                let help = "A character above U+FFFF is written as itself, or as a high and a low surrogate.";
                pair.and_then(char::from_u32)
                    .ok_or_else(|| self.fault(from..self.at(), "half of a surrogate pair", help))?
            }
            _ => return Err(self.fault(from..self.at(), "not a valid escape in a JSONPath", ESCAPES)),
        })
    }

    fn four_hex_digits(&mut self, from: usize) -> Result<u32, JsonPathFault> {
        let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
            Some(code) => {
                self.advance(4);
                Ok(code)
            }
            None => Err(self.fault(from..self.at(), "`\\u` needs four hexadecimal digits", ESCAPES)),
        }
    }

    /// Parses a whole number as an index or a bound, if one starts here.
    pub(super) fn integer(&mut self) -> Result<Option<i64>, JsonPathFault> {
        let sign = usize::from(self.rest().starts_with('-'));
        let digits = self.digits_after(sign);
        if digits == 0 {
            return Ok(None);
        }
        let from = self.advance(sign + digits);
        let text = self.text_from(from);
        let zero_first = text[sign..].starts_with('0');
        if zero_first && (digits > 1 || sign == 1) {
            let help = "Write whole numbers as in JSON, and zero as `0`.";
            return Err(self.fault(from..self.at(), "a number with a leading zero", help));
        }
        match text.parse::<i64>().ok().filter(|number| number.abs() <= LARGEST_INTEGER) {
            Some(number) => Ok(Some(number)),
            None => {
                let help = format!("It must be between -{LARGEST_INTEGER} and {LARGEST_INTEGER}.");
                Err(self.fault(from..self.at(), "an index out of range", help))
            }
        }
    }

    /// Parses a number as in JSON.
    pub(super) fn number(&mut self) -> Result<Json, JsonPathFault> {
        let sign = usize::from(self.rest().starts_with('-'));
        let whole = self.digits_after(sign);
        let mut len = sign + whole;
        let zero_first = self.rest()[sign..].starts_with('0') && whole > 1;
        let mut complete = whole > 0 && !zero_first;
        if self.rest()[len..].starts_with('.') {
            let fraction = self.digits_after(len + 1);
            complete &= fraction > 0;
            len += 1 + fraction;
        }
        if self.rest()[len..].starts_with(['e', 'E']) {
            let exponent_sign = usize::from(self.rest()[len + 1..].starts_with(['+', '-']));
            let exponent = self.digits_after(len + 1 + exponent_sign);
            complete &= exponent > 0;
            len += 1 + exponent_sign + exponent;
        }
        let from = self.advance(len);
        let number = Number::parse(self.text_from(from)).filter(|_| complete);
        let help = "Write it as in JSON, such as `-1`, `0.5` or `1e3`.";
        number.map(Json::Number).ok_or_else(|| self.fault(from..self.at(), "not a number of JSON", help))
    }

    fn digits_after(&self, skipped: usize) -> usize {
        self.rest()[skipped..].bytes().take_while(u8::is_ascii_digit).count()
    }
}
