//! A diagnostic: what is wrong with a file, with its position, the line itself, and the remedy.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Level, Origin, Renderer, Snippet};

use crate::message::{visible, visible_lines};
use crate::model::KeyPath;

use super::excerpt::{Excerpt, Lines};

/// Whether a diagnostic is an error or a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The file does not load.
    Error,
    /// The file loads, but something in it is probably a mistake.
    Warning,
}

impl Severity {
    /// Returns the first word of a diagnostic.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// One thing that is wrong with a file.
///
/// Its `Display` is plain text; [`Diagnostic::render`] can colour it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the file loads nevertheless.
    pub severity: Severity,
    /// The file as it was named on loading, or another name of the text.
    pub file: String,
    /// The line, counted from 1; 0 if the fault is about the text as a whole.
    pub line: usize,
    /// The column in characters, counted from 1; 0 if the fault is about the text as a whole.
    pub column: usize,
    /// The path of the value in the file; the top if the fault is about the text as a whole.
    pub at: KeyPath,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// A few words that are shown next to the marked characters.
    pub label: String,
    /// The remedy: a sentence.
    pub help: Option<String>,
    excerpt: Option<Excerpt>,
    /// The value that names the file, if the file is not a scenario file itself.
    reference: Option<Box<Diagnostic>>,
}

/// Sorts diagnostics by place.
pub(crate) fn sort_by_place(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|one, other| one.place().cmp(&other.place()));
}

impl Diagnostic {
    /// The sort key. The message is part of it, so that equal diagnostics are neighbours.
    fn place(&self) -> (&str, usize, usize, &str) {
        (&self.file, self.line, self.column, &self.message)
    }

    /// Returns the position and the message on one line.
    pub fn summary(&self) -> String {
        let place = match self.line {
            0 => self.file.clone(),
            line => format!("{}:{line}:{}", self.file, self.column),
        };
        visible(&format!("{place}: {}", self.message)).into_owned()
    }

    /// Makes an error about a file as a whole.
    pub(crate) fn for_file(file: &str, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            file: file.to_owned(),
            line: 0,
            column: 0,
            at: KeyPath::top(),
            message: message.into(),
            label: String::new(),
            help: None,
            excerpt: None,
            reference: None,
        }
    }

    /// Turns it into a warning.
    #[must_use]
    pub(crate) fn into_warning(self) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..self }
    }

    /// Adds the remedy.
    #[must_use]
    pub(crate) fn with_help(mut self, help: Option<String>) -> Diagnostic {
        self.help = help;
        self
    }

    /// Adds the path of the value in the file, and a label.
    #[must_use]
    pub(crate) fn with_key_path(mut self, at: KeyPath, label: &str) -> Diagnostic {
        self.at = at;
        self.label = label.to_owned();
        self
    }

    /// Adds the diagnostic of the value that names the file.
    #[must_use]
    pub(crate) fn with_reference(mut self, place: Diagnostic) -> Diagnostic {
        self.reference = Some(Box::new(place));
        self
    }

    /// Adds the position: a span of bytes of the text. Only the first line of the span is marked.
    #[must_use]
    pub(crate) fn with_span(mut self, lines: &Lines, text: &str, span: &Range<usize>, label: &str) -> Diagnostic {
        let start = text.floor_char_boundary(span.start);
        let (line, whole) = lines.around(text, start);
        let shown = text[whole.clone()].trim_end_matches(['\n', '\r']);
        let from = (start - whole.start).min(shown.len());
        let to = (text.floor_char_boundary(span.end).max(start) - whole.start).min(shown.len());
        self.line = line;
        self.column = shown[..from].trim_start_matches('\u{feff}').chars().count() + 1;
        self.label = label.to_owned();
        self.excerpt = Some(Excerpt::from_line(shown, from..to));
        self
    }

    /// Returns the whole diagnostic as text, with or without the colours of a terminal.
    pub fn render(&self, coloured: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let file = visible(&self.file);
        let title = level.primary_title(visible_lines(&self.message));
        let group = match &self.excerpt {
            Some(excerpt) => title.element(self.snippet(excerpt.visible(), AnnotationKind::Primary)),
            None if self.at.last().is_none() => title.element(Origin::path(file)),
            None => title.element(Origin::path(format!("{file}: {}", visible(&self.at.to_string())))),
        };
        let reference = self.reference.as_deref().and_then(|named| Some((named, named.excerpt.as_ref()?)));
        let group = match reference {
            Some((named, excerpt)) => group.element(named.snippet(excerpt.visible(), AnnotationKind::Context)),
            None => group,
        };
        let group = match &self.help {
            Some(help) => group.element(Level::HELP.message(visible_lines(help))),
            None => group,
        };
        let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
        let rendered = without_gap_before_help(&renderer.render(&[group]));
        match &self.excerpt {
            Some(excerpt) if excerpt.is_cut || excerpt.visible().text != excerpt.text => {
                self.with_own_column(&rendered)
            }
            _ => rendered,
        }
    }

    /// Returns the marked line for the renderer.
    fn snippet(&self, excerpt: Excerpt, kind: AnnotationKind) -> Snippet<'_, Annotation<'_>> {
        let mark = kind.span(excerpt.marked).label(visible(&self.label));
        Snippet::source(excerpt.text).line_start(self.line).path(visible(&self.file)).annotation(mark)
    }

    /// Replaces the column, which the renderer counts in the line that it shows. That line differs from the line of the file
    /// if a character had to be made visible, or if its beginning is missing.
    fn with_own_column(&self, rendered: &str) -> String {
        let place = format!("{}:{}:", visible(&self.file), self.line);
        let lines = rendered.split_inclusive('\n').map(|line| {
            let at = line.find(&place).filter(|_| without_colours(line).trim_start().starts_with("--> "));
            let Some(end) = at.map(|at| at + place.len()) else { return line.to_owned() };
            let after = line[end..].trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{}{}{after}", &line[..end], self.column)
        });
        lines.collect()
    }
}

/// Removes the empty line that the renderer puts before the help.
fn without_gap_before_help(rendered: &str) -> String {
    let is_margin = |line: &str| without_colours(line).trim() == "|";
    let lines: Vec<&str> = rendered.lines().collect();
    let kept = lines.iter().enumerate().filter(|(place, line)| {
        let next = lines.get(place + 1).map(|next| without_colours(next));
        !(is_margin(line) && next.is_some_and(|next| next.trim_start().starts_with("= help")))
    });
    kept.map(|(_, line)| *line).collect::<Vec<_>>().join("\n")
}

/// Returns the line without its colours.
fn without_colours(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

/// All errors in the files to be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl std::error::Error for Diagnostics {}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl Diagnostics {
    /// Returns all of them, separated by empty lines, with or without the colours of a terminal.
    pub fn render(&self, coloured: bool) -> String {
        self.0.iter().map(|diagnostic| diagnostic.render(coloured)).collect::<Vec<_>>().join("\n\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagnostic(text: &str, span: Range<usize>) -> Diagnostic {
        Diagnostic::for_file("a.toml", "something is wrong").with_span(&Lines::new(text), text, &span, "here")
    }

    #[test]
    fn columns_count_characters() {
        let text = "x = 1\nö.ß = 'é'\n";

        let diagnostic = diagnostic(text, text.find('é').expect("é")..text.len());

        assert_eq!((diagnostic.line, diagnostic.column), (2, 8));
    }

    #[test]
    fn it_reads_like_the_compilers() {
        let diagnostic = diagnostic("a = 1\nb = 2\n", 6..7).with_help(Some("Leave it out.".to_owned()));

        let expected =
            "error: something is wrong\n --> a.toml:2:1\n  |\n2 | b = 2\n  | ^ here\n  = help: Leave it out.";
        assert_eq!(diagnostic.to_string(), expected);
    }

    #[test]
    fn a_warning_says_so() {
        let diagnostic = diagnostic("a = 1\n", 0..1).into_warning();

        assert!(diagnostic.to_string().starts_with("warning: something is wrong\n"));
    }

    #[test]
    fn colours_do_not_change_the_words() {
        let diagnostic = diagnostic("a = 1\n", 0..1).with_help(Some("Leave it out.".to_owned()));

        let coloured = diagnostic.render(true);

        assert_ne!(coloured, diagnostic.render(false));
        assert_eq!(coloured.lines().map(without_colours).collect::<Vec<_>>().join("\n"), diagnostic.render(false));
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown_and_the_mark_stays_at_its_place() {
        let text = "a = '\u{9b}\u{202e}' # x\nb = 2\n";
        let at = text.find("# x").expect("a comment");
        let diagnostic = Diagnostic::for_file("a\u{1b}.toml", "wrong\u{7f}").with_span(
            &Lines::new(text),
            text,
            &(at..at + 3),
            "here",
        );

        let expected = "error: wrong\\u{7f}\n --> a\\u{1b}.toml:1:10\n  |\n1 | a = '\\u{9b}\\u{202e}' # x\n  |                      ^^^ here";
        assert_eq!(diagnostic.to_string(), expected);
        assert!(diagnostic.render(true).contains("a\\u{1b}.toml:1:10\n"), "{}", diagnostic.render(true));
        assert_eq!((diagnostic.line, diagnostic.column), (1, 10));
    }

    #[test]
    fn a_place_at_the_end_of_the_text_or_within_a_character_is_no_trouble() {
        assert_eq!(diagnostic("", 0..0).line, 1);
        assert_eq!(diagnostic("a\n", 2..2).line, 2);
        assert_eq!(diagnostic("é", 1..9).column, 1);
    }
}
