//! One way in which an answer differs from what an example expects.

use std::fmt;

use crate::explain::shortened;
use crate::message::{visible, visible_lines};

/// One difference between the expected answer and the actual one.
///
/// Its `Display` is one line if both sides are short, else a line for each line of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The part of the answer: `status`, `header Location`, `body $.items[0]`, `body /a/b[1]`, `body line 3`.
    pub about: String,
    /// The expected side; `None` if it is absent.
    pub expected: Option<String>,
    /// The actual side; `None` if it is absent.
    pub actual: Option<String>,
    /// Further lines of explanation.
    pub text: Option<String>,
}

/// The maximum number of characters of both sides together that are printed on one line.
const MAX_ONE_LINE_CHARS: usize = 90;

/// Longer lines are cut.
const MAX_LINE_CHARS: usize = 400;

/// Further lines are only counted.
const MAX_LINES: usize = 12;

impl Mismatch {
    /// Makes a mismatch of two values. Long values are shortened.
    pub(super) fn new(about: impl Into<String>, expected: Option<String>, actual: Option<String>) -> Mismatch {
        Mismatch { about: about.into(), expected: expected.map(cut), actual: actual.map(cut), text: None }
    }

    /// Makes a mismatch that is explained by a text only.
    pub(super) fn from_text(about: impl Into<String>, text: impl Into<String>) -> Mismatch {
        Mismatch { text: Some(text.into().trim_end().to_owned()), ..Mismatch::new(about, None, None) }
    }
}

/// Shortens a text to a length that people read.
fn cut(text: String) -> String {
    let mut lines: Vec<String> = text.lines().take(MAX_LINES).map(|line| shortened(line, MAX_LINE_CHARS)).collect();
    let more = text.lines().count().saturating_sub(MAX_LINES);
    if more > 0 {
        lines.push(format!("... and {more} more lines"));
    }
    lines.join("\n")
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |side: &Option<String>| visible_lines(side.as_deref().unwrap_or("nothing")).into_owned();
        let (expected, actual) = (side(&self.expected), side(&self.actual));
        f.write_str(&visible(&self.about))?;
        if self.expected.is_some() || self.actual.is_some() {
            let is_short = expected.chars().count() + actual.chars().count() <= MAX_ONE_LINE_CHARS;
            if is_short && !expected.contains('\n') && !actual.contains('\n') {
                write!(f, ": expected {expected}, is {actual}")?;
            } else {
                expected.lines().try_for_each(|line| write!(f, "\n  expected | {line}"))?;
                actual.lines().try_for_each(|line| write!(f, "\n        is | {line}"))?;
            }
        }
        match &self.text {
            Some(text) => visible_lines(text).lines().try_for_each(|line| write!(f, "\n  {line}")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_short_sides_are_one_line() {
        let mismatch = Mismatch::new("body $.a", Some("2".to_owned()), None);

        assert_eq!(mismatch.to_string(), "body $.a: expected 2, is nothing");
    }

    #[test]
    fn long_sides_stand_under_each_other() {
        let mismatch = Mismatch::new("body line 2", Some("a\nb".to_owned()), Some("c".repeat(100)));

        let expected = format!("body line 2\n  expected | a\n  expected | b\n        is | {}", "c".repeat(100));
        assert_eq!(mismatch.to_string(), expected);
    }

    #[test]
    fn what_nobody_reads_is_counted() {
        let mismatch = Mismatch::new("body line 1", Some("a\n".repeat(1000)), Some("é".repeat(10_000)));

        assert!(mismatch.expected.as_ref().is_some_and(|text| text.ends_with("\n... and 988 more lines")));
        assert!(mismatch.actual.as_ref().is_some_and(|text| text.ends_with("... (20000 bytes in all)")));
    }
}
