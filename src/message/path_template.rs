//! The grammar of path templates such as `/orders/{id}` and `/files/{*rest}`.
//!
//! Scenario files, the builder, the admin API and the compiled template all use this parser, so that they accept the same
//! texts and refuse others with the same message. It is in this room because a template is split and decoded as
//! [`segments_of`](super::target) splits and decodes the path of a request.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use crate::model::{Fault, KeyPath};

use super::percent::{decode_form, decode_segment};
use super::visible::visible;

/// The maximum length of a user's text that is repeated in a remedy.
const MAX_SHOWN: usize = 64;

/// One segment of a template, and its span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SegmentSyntax<'t> {
    /// The meaning of the segment.
    pub(crate) shape: SegmentShape<'t>,
    /// Its span in the template, without slashes.
    pub(crate) span: Range<usize>,
}

/// The meaning of one segment of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SegmentShape<'t> {
    /// This text, decoded. It is borrowed if the template contains it literally.
    Fixed(Cow<'t, str>),
    /// `{name}`: any one segment that is not empty.
    Param(&'t str),
    /// `{*name}`: the rest of the path.
    Rest(&'t str),
}

/// The error if a text is not a path template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    /// The message: lower case, no full stop.
    pub message: String,
    /// A few words that are shown next to the marked characters.
    pub label: &'static str,
    /// The remedy: a sentence.
    pub help: String,
    /// The span of the error in the template.
    pub span: Range<usize>,
}

impl std::error::Error for PathError {}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl PathError {
    /// Returns the error as a fault of the value at a key.
    pub fn fault(self, at: &KeyPath) -> Fault {
        let fault = Fault::value(at, self.message).within(self.span.start, self.span.end);
        fault.with_label(self.label).with_help(self.help)
    }
}

/// Parses a template.
///
/// # Errors
/// Returns the first error.
pub(crate) fn parse_path_template(text: &str) -> Result<Vec<SegmentSyntax<'_>>, PathError> {
    check_start(text)?;
    let mut segments: Vec<SegmentSyntax<'_>> = Vec::with_capacity(4);
    let mut start = 1;
    for piece in text[1..].split('/') {
        check_end_of_path(text, piece, start)?;
        let span = start..start + piece.len();
        let shape = segment(piece, start)?;
        if matches!(shape, SegmentShape::Rest(_)) && span.end < text.len() {
            return Err(PathError {
                message: "`{*name}` must be the last segment of a path".to_owned(),
                label: "not the last segment",
                help: "Use `{name}` for one segment.".to_owned(),
                span,
            });
        }
        check_name(&shape, &segments, &span)?;
        start = span.end + 1;
        segments.push(SegmentSyntax { shape, span });
    }
    Ok(segments)
}

/// Returns the name of a placeholder; `None` for a fixed segment.
pub(crate) fn placeholder_name<'t>(shape: &SegmentShape<'t>) -> Option<&'t str> {
    match shape {
        SegmentShape::Param(name) | SegmentShape::Rest(name) => Some(name),
        SegmentShape::Fixed(_) => None,
    }
}

/// Returns the remedy for a condition on a placeholder that a path does not have. `known` are its placeholders; `None` if
/// it is not a template.
pub(crate) fn placeholder_remedy(known: Option<&[&str]>) -> String {
    let ticked = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match known {
        None => "Only a path template has placeholders, as in `path = \"/orders/{id}\"`.".to_owned(),
        Some([]) => "The path has no placeholder at all.".to_owned(),
        Some([only]) => format!("The path has `{only}`."),
        Some([all @ .., last]) => format!("The path has {} and `{last}`.", ticked(all)),
    }
}

fn check_start(text: &str) -> Result<(), PathError> {
    if text.starts_with('/') {
        return Ok(());
    }
    let help = if text == "*" {
        "For any path leave `path` out, or write `/{*rest}`; the target of `OPTIONS *` is `path.equals = \"*\"`."
            .to_owned()
    } else if text.contains("://") || text.len() > MAX_SHOWN || text.contains(['?', '#']) {
        "Write the path as it is sent, without scheme and host.".to_owned()
    } else if text.is_empty() {
        "For any path leave `path` out; the root is `/`.".to_owned()
    } else {
        format!("Write the path as it is sent: `/{}`.", visible(text))
    };
    let message = "a path must start with `/`".to_owned();
    Err(PathError { message, label: "no `/` at its start", help, span: 0..text.len() })
}

/// Refuses a query or a fragment that starts in a segment. A `?` inside of braces is part of a name, and is refused with it.
fn check_end_of_path(text: &str, piece: &str, start: usize) -> Result<(), PathError> {
    let Some(at) = piece.find(['?', '#']).filter(|at| !is_in_braces(piece, *at)) else { return Ok(()) };
    let span = start + at..text.len();
    let (message, label, help) = if piece.as_bytes()[at] == b'#' {
        let help = "Leave it out, because it is never sent to a server; a `#` of the path itself is `%23`.";
        ("a path must not contain a fragment", "starts a fragment", help.to_owned())
    } else {
        ("a path must not contain a query", "starts a query", query_remedy(&text[span.start + 1..]))
    };
    Err(PathError { message: message.to_owned(), label, help, span })
}

fn is_in_braces(piece: &str, at: usize) -> bool {
    let before = piece[..at].replace("{{", "").replace("}}", "");
    before.rfind('{') > before.rfind('}') && piece[at..].contains('}')
}

/// Returns the remedy for a query in a path.
fn query_remedy(query: &str) -> String {
    let query = query.split('#').next().unwrap_or_default();
    let parameters = decode_form(query.as_bytes());
    let names: Vec<String> = parameters.iter().map(|(name, _)| format!("`{}`", visible(name))).collect();
    let named = match names.as_slice() {
        _ if query.len() > MAX_SHOWN => "its parameters".to_owned(),
        [] => return "Leave the `?` out; one that belongs to the path itself is `%3F`.".to_owned(),
        [only] => only.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    };
    match parameters.as_slice() {
        [(name, value)] if query.len() <= MAX_SHOWN && !value.contains(['{', '}']) => {
            let key = KeyPath::top().key("query").key(name).to_string();
            format!("Put {named} into `query`, as in `{} = \"{}\"`.", visible(&key), visible(value))
        }
        _ => format!("Put {named} into `query`, as in `query.NAME = \"value\"`."),
    }
}

/// Parses one segment, which starts at a byte of the template.
fn segment(piece: &str, start: usize) -> Result<SegmentShape<'_>, PathError> {
    if !piece.contains(['{', '}', '%']) {
        return Ok(SegmentShape::Fixed(Cow::Borrowed(piece)));
    }
    let mut text = String::new();
    let mut rest = piece;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..at + 1];
        if rest[at + 1..].starts_with(brace) {
            text.push_str(brace);
            rest = &rest[at + 2..];
            continue;
        }
        let place = start + piece.len() - rest.len() + at;
        return match rest[at..].find('}') {
            Some(end) if brace == "{" && at == 0 && end + 1 == piece.len() => placeholder(piece, start),
            Some(_) if brace == "{" => Err(PathError {
                message: "a placeholder must be a whole segment".to_owned(),
                label: "more than a placeholder",
                help: "For a part of a segment write a matcher: `path.matches = '^/orders/id-\\d+$'`.".to_owned(),
                span: start..start + piece.len(),
            }),
            _ => Err(PathError {
                message: "a single brace must belong to a placeholder".to_owned(),
                label: "a lone brace",
                help: "Write `{name}` for a placeholder, and `{{` or `}}` for a brace of the path itself.".to_owned(),
                span: place..place + 1,
            }),
        };
    }
    let fixed = match text.is_empty() {
        true => decode_segment(piece),
        false => {
            text.push_str(rest);
            decode_segment(&text).map(|decoded| Cow::Owned(decoded.into_owned()))
        }
    };
    fixed.map(SegmentShape::Fixed).ok_or_else(|| PathError {
        message: "a segment of a path must be UTF-8 when it is decoded".to_owned(),
        label: "not UTF-8",
        help: "Use a placeholder such as `{name}` for it, or a matcher on the path as it is sent.".to_owned(),
        span: start..start + piece.len(),
    })
}

/// Parses a segment that starts and ends with the braces of a placeholder.
fn placeholder(piece: &str, start: usize) -> Result<SegmentShape<'_>, PathError> {
    let inner = &piece[1..piece.len() - 1];
    let (name, is_rest) = inner.strip_prefix('*').map_or((inner, false), |name| (name, true));
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if starts_well && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Ok(if is_rest { SegmentShape::Rest(name) } else { SegmentShape::Param(name) });
    }
    Err(PathError {
        message: "the name of a placeholder must consist of letters, digits and `_`, and not start with a digit"
            .to_owned(),
        label: "not a valid name",
        help: "Write it as in `{id}` or, for the rest of the path, `{*rest}`; conditions go into `path_params`."
            .to_owned(),
        span: start..start + piece.len(),
    })
}

/// Refuses a name that an earlier placeholder has.
fn check_name(shape: &SegmentShape<'_>, before: &[SegmentSyntax<'_>], span: &Range<usize>) -> Result<(), PathError> {
    let Some(name) = placeholder_name(shape) else { return Ok(()) };
    if !before.iter().any(|other| placeholder_name(&other.shape) == Some(name)) {
        return Ok(());
    }
    Err(PathError {
        message: format!("two placeholders are named `{name}`"),
        label: "the second",
        help: "Give each placeholder a name of its own.".to_owned(),
        span: span.end - 1 - name.len()..span.end - 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(text: &str) -> Vec<SegmentShape<'_>> {
        parse_path_template(text).expect(text).into_iter().map(|segment| segment.shape).collect()
    }

    fn fixed(text: &str) -> SegmentShape<'_> {
        SegmentShape::Fixed(Cow::Borrowed(text))
    }

    #[test]
    fn each_segment_has_its_shape_and_its_place() {
        let parsed = parse_path_template("/1/{id}//{*rest}").expect("a template");

        let spans: Vec<Range<usize>> = parsed.iter().map(|segment| segment.span.clone()).collect();
        assert_eq!(spans, [1..2, 3..7, 8..8, 9..16]);
        assert_eq!(
            shapes("/1/{id}//{*rest}"),
            [fixed("1"), SegmentShape::Param("id"), fixed(""), SegmentShape::Rest("rest")]
        );
    }

    #[test]
    fn doubled_braces_and_escapes_are_the_paths_own() {
        assert_eq!(
            shapes("/a{{b}}/{{/{{c}}/%7Bd%7D/e%3Ff%23/}}{{x"),
            [fixed("a{b}"), fixed("{"), fixed("{c}"), fixed("{d}"), fixed("e?f#"), fixed("}{x")]
        );
    }

    #[test]
    fn what_is_not_a_template_is_marked_and_has_a_remedy() {
        for (template, span, help) in [
            ("a/b", 0..3, "Write the path as it is sent: `/a/b`."),
            ("", 0..0, "For any path leave `path` out; the root is `/`."),
            (
                "*",
                0..1,
                "For any path leave `path` out, or write `/{*rest}`; the target of `OPTIONS *` is `path.equals = \"*\"`.",
            ),
            ("http://a.test/b", 0..15, "Write the path as it is sent, without scheme and host."),
            ("/a?b=1", 2..6, "Put `b` into `query`, as in `query.b = \"1\"`."),
            ("/a?b%5B%5D=1#c", 2..14, "Put `b[]` into `query`, as in `query.\"b[]\" = \"1\"`."),
            ("/{a}?b={c}", 4..10, "Put `b` into `query`, as in `query.NAME = \"value\"`."),
            ("/a?b=1&c&d=2", 2..12, "Put `b`, `c` and `d` into `query`, as in `query.NAME = \"value\"`."),
            ("/a?/b", 2..5, "Put `/b` into `query`, as in `query.\"/b\" = \"\"`."),
            ("/a?", 2..3, "Leave the `?` out; one that belongs to the path itself is `%3F`."),
            ("/a#b?c", 2..6, "Leave it out, because it is never sent to a server; a `#` of the path itself is `%23`."),
            ("/{a}/{a}", 6..7, "Give each placeholder a name of its own."),
            ("/{a}/{*a}", 7..8, "Give each placeholder a name of its own."),
            ("/x{a}", 1..5, "For a part of a segment write a matcher: `path.matches = '^/orders/id-\\d+$'`."),
            ("/{a}{b}", 1..7, "For a part of a segment write a matcher: `path.matches = '^/orders/id-\\d+$'`."),
            ("/b/é{a", 5..6, "Write `{name}` for a placeholder, and `{{` or `}}` for a brace of the path itself."),
            ("/a}/b", 2..3, "Write `{name}` for a placeholder, and `{{` or `}}` for a brace of the path itself."),
            ("/{*a}/b", 1..5, "Use `{name}` for one segment."),
            (
                "/{}",
                1..3,
                "Write it as in `{id}` or, for the rest of the path, `{*rest}`; conditions go into `path_params`.",
            ),
            (
                "/{id?}",
                1..6,
                "Write it as in `{id}` or, for the rest of the path, `{*rest}`; conditions go into `path_params`.",
            ),
            (
                "/b/{1a}",
                3..7,
                "Write it as in `{id}` or, for the rest of the path, `{*rest}`; conditions go into `path_params`.",
            ),
            ("/b/%FF", 3..6, "Use a placeholder such as `{name}` for it, or a matcher on the path as it is sent."),
        ] {
            let error = parse_path_template(template).expect_err(template);

            assert_eq!((error.span, error.help.as_str()), (span, help), "{template}");
        }
    }
}
