//! The lines of a text, and the excerpt of a line that a diagnostic shows.

use std::ops::Range;

use crate::message::visible_lines;

/// The offsets at which the lines of a text begin.
#[derive(Debug, Clone)]
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn new(text: &str) -> Lines {
        let after_newlines = memchr::memchr_iter(b'\n', text.as_bytes()).map(|place| place + 1);
        Lines(std::iter::once(0).chain(after_newlines).collect())
    }

    /// Returns the line of a byte, counted from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }

    /// Returns the line of a byte, and the bytes of that line.
    pub(super) fn around(&self, text: &str, offset: usize) -> (usize, Range<usize>) {
        let line = self.line(offset);
        (line, self.0[line - 1]..self.0.get(line).copied().unwrap_or(text.len()))
    }
}

/// The line that a diagnostic shows, and the bytes of it that are marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    pub(super) text: String,
    pub(super) marked: Range<usize>,
    /// Whether the beginning of the line is missing.
    pub(super) is_cut: bool,
}

/// At most this many bytes of a line are kept on each side of its mark. A JSON text may be a single line.
const MAX_AROUND: usize = 1000;

impl Excerpt {
    pub(super) fn from_line(line: &str, marked: Range<usize>) -> Excerpt {
        let from = line.floor_char_boundary(marked.start.saturating_sub(MAX_AROUND));
        let to = line.floor_char_boundary(marked.end.min(marked.start + MAX_AROUND) + MAX_AROUND);
        Excerpt {
            text: line[from..to].to_owned(),
            marked: marked.start - from..marked.end.min(to) - from,
            is_cut: from > 0,
        }
    }

    /// Returns the same excerpt with visible control characters. The mark moves with its characters.
    pub(super) fn visible(&self) -> Excerpt {
        let Range { start, end } = self.marked;
        let before = visible_lines(&self.text[..start]);
        let marked = visible_lines(&self.text[start..end]);
        let after = visible_lines(&self.text[end..]);
        Excerpt {
            text: [&*before, &*marked, &*after].concat(),
            marked: before.len()..before.len() + marked.len(),
            is_cut: self.is_cut,
        }
    }
}
