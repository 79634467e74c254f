//! Reads a path pattern, and checks the template in it.

use crate::model::{Fault, KeyPath, PathPattern, RequestPattern};

use super::matcher::matcher;
use crate::formats::keys::Keys;
use crate::formats::tree::Value;
use crate::formats::words::{did_you_mean, list, tick};
use crate::formats::written::{Reading, Written};

/// A bare string is a template; a table holds a template or is a matcher.
pub(super) fn path(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<PathPattern> {
    match &written.node.value {
        Value::String(_) => {
            let template = template(written, reading)?;
            Some(PathPattern::Template { template, ignore_case: false })
        }
        Value::Table(_) if written.node.get("template").is_some() => {
            let mut keys = Keys::open(written, "a path with a template", reading)?;
            let template = keys.take("template").and_then(|value| template(&value, reading));
            let ignore_case = keys.take("ignore_case").map(|value| value.boolean(reading));
            keys.finish(reading);
            Some(PathPattern::Template { template: template?, ignore_case: ignore_case.unwrap_or(Some(false))? })
        }
        Value::Table(_) => matcher(written, reading).map(PathPattern::Matcher),
        _ => {
            let fault = written.not("a path template, or a table with a template or a matcher");
            reading.refuse(fault.helped("Write a path such as \"/orders/{id}\"."))
        }
    }
}

fn template(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<String> {
    let text = written.text(reading)?;
    match names(text) {
        Ok(_) => Some(text.to_owned()),
        Err(flaw) => {
            let fault = written.fault(flaw.message).within(flaw.from, flaw.to);
            reading.refuse(fault.labelled(flaw.label).helped(flaw.help))
        }
    }
}

/// What is wrong with a template, and which of its bytes.
#[derive(Debug)]
pub(super) struct Flaw {
    message: String,
    label: &'static str,
    help: &'static str,
    from: usize,
    to: usize,
}

/// The names of a template's placeholders, in order.
pub(super) fn names(template: &str) -> Result<Vec<&str>, Flaw> {
    // The request target of `OPTIONS *` is no path, and the only one without a slash.
    if template == "*" {
        return Ok(Vec::new());
    }
    let whole =
        |message: &str, label, help| Flaw { message: message.to_owned(), label, help, from: 0, to: template.len() };
    if !template.starts_with('/') {
        return Err(whole(
            "a path begins with `/`",
            "no `/` at its beginning",
            "Write the path as it is sent, without scheme and host.",
        ));
    }
    if let Some(at) = template.find('#') {
        let help = "Leave it out: what follows a `#` is never sent to a server.";
        return Err(Flaw {
            message: "a path has no fragment".to_owned(),
            label: "begins a fragment",
            help,
            from: at,
            to: template.len(),
        });
    }
    if let Some(at) = template.find('?') {
        let help = "Ask for parameters one by one: `query.NAME = \"value\"`.";
        return Err(Flaw {
            message: "a path has no query".to_owned(),
            label: "begins a query",
            help,
            from: at,
            to: template.len(),
        });
    }
    let mut found = Vec::new();
    let mut start = 1;
    for segment in template[1..].split('/') {
        let last = start + segment.len() == template.len();
        if let Some((name, from)) = placeholder(segment, start, last)? {
            if found.contains(&name) {
                let message = format!("two placeholders are named {}", tick(name));
                let help = "Give each placeholder a name of its own.";
                return Err(Flaw { message, label: "the second", help, from, to: from + name.len() });
            }
            found.push(name);
        }
        start += segment.len() + 1;
    }
    Ok(found)
}

/// The name of the placeholder that a segment is, and where the name stands; nothing for fixed text.
fn placeholder(segment: &str, start: usize, last: bool) -> Result<Option<(&str, usize)>, Flaw> {
    if !segment.contains(['{', '}']) {
        return Ok(None);
    }
    let flaw = |message: &str, label, help| {
        Err(Flaw { message: message.to_owned(), label, help, from: start, to: start + segment.len() })
    };
    let fixed = segment.replace("{{", "").replace("}}", "");
    if !fixed.contains(['{', '}']) {
        return Ok(None);
    }
    let Some(inner) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        return if fixed.contains('{') && fixed.contains('}') {
            let help = "For a part of a segment write a matcher: `path.matches = '^/orders/id-\\d+$'`.";
            flaw("a placeholder is a whole segment", "more than a placeholder", help)
        } else {
            let help = "Write `{name}` for a placeholder, and `{{` or `}}` for a brace of the path itself.";
            flaw("a brace has no partner", "a lone brace", help)
        };
    };
    let (name, offset) = match inner.strip_prefix('*') {
        Some(_) if !last => {
            return flaw(
                "`{*…}` takes the rest of the path, so it stands last",
                "not the last segment",
                "Use `{name}` for one segment.",
            );
        }
        Some(name) => (name, 2),
        None => (inner, 1),
    };
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if begins && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Ok(Some((name, start + offset)));
    }
    flaw(
        "a placeholder has a name of letters, digits and `_`",
        "no such name",
        "Write it as in `{id}` or, for all that is left of the path, `{*rest}`.",
    )
}

/// Notes each of `path_params` whose name the path does not have; the defaults are in the pattern already.
///
/// A name that the file asks of every stub is the fault of the stub that brought another path.
pub(super) fn check_params(pattern: &RequestPattern, own: &RequestPattern, at: &KeyPath, reading: &mut Reading<'_>) {
    if pattern.path_params.is_empty() {
        return;
    }
    let placeholders = match &pattern.path {
        Some(PathPattern::Template { template, .. }) => names(template).ok(),
        _ => None,
    };
    for (name, _) in &pattern.path_params {
        if placeholders.as_ref().is_some_and(|placeholders| placeholders.contains(&name.as_str())) {
            continue;
        }
        let is_own = own.path_params.iter().any(|(own, _)| own == name);
        let message = format!("the path has no placeholder {}", tick(name));
        let fault = if !is_own && own.path.is_some() {
            Fault::value(&at.key("path"), format!("{message}, which the file's `path_params` ask for"))
        } else {
            Fault::key(&at.key("path_params").key(name), message)
        };
        reading.faults.push(fault.labelled("no such placeholder").helped(remedy(name, placeholders.as_deref())));
    }
}

fn remedy(name: &str, placeholders: Option<&[&str]>) -> String {
    match placeholders {
        None => "Only a path template has placeholders, as in `path = \"/orders/{id}\"`.".to_owned(),
        Some([]) => "The path has no placeholder at all.".to_owned(),
        Some(all) => did_you_mean(name, all.iter().copied())
            .unwrap_or_else(|| format!("The path has {}.", list(all.iter().copied()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_named_in_order() {
        assert_eq!(names("/1/{namespace}/x/{*rest}").expect("a template"), ["namespace", "rest"]);
        assert!(names("/").expect("a template").is_empty());
        assert!(names("*").expect("a template").is_empty());
    }

    #[test]
    fn doubled_braces_are_the_paths_own() {
        assert!(names("/a{{b}}/{{").expect("a template").is_empty());
    }

    #[test]
    fn what_is_no_template_says_where() {
        for (template, place) in [
            ("a", 0..1),
            ("", 0..0),
            ("/a?b=1", 2..6),
            ("/{a}/{a}", 6..7),
            ("/x{a}", 1..5),
            ("/{a", 1..3),
            ("/{*a}/b", 1..5),
            ("/{}", 1..3),
            ("/{1a}", 1..5),
            ("/b/{a b}", 3..8),
        ] {
            let flaw = names(template).expect_err(template);

            assert_eq!(flaw.from..flaw.to, place, "{template}");
        }
    }
}
