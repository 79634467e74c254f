//! The parameters of a Content-Disposition header (RFC 7578 §4.2, RFC 8187).

use super::charset::{by_name, decode};
use super::percent::percent_decoded;

/// Returns a parameter. `NAME*` of RFC 8187 takes precedence over `NAME`, unless it cannot be decoded.
pub(super) fn parameter(disposition: &str, name: &str) -> Option<String> {
    let parameters = parameters(disposition);
    let named = |wanted: &str| {
        parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.as_str())
    };
    let extended = named(&format!("{name}*")).and_then(extended_value);
    extended.or_else(|| named(name).map(str::to_owned))
}

fn parameters(disposition: &str) -> Vec<(&str, String)> {
    let mut parameters = Vec::new();
    let mut rest = after_semicolon(disposition);
    while !rest.is_empty() {
        let name_end = rest.find(['=', ';']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(name_end);
        let Some(value) = after.strip_prefix('=') else {
            rest = after_semicolon(after);
            continue;
        };
        let value = value.trim_start();
        let quoted = value.strip_prefix('"').and_then(|inner| Some((inner, closing_quote(inner)?)));
        let (value, after) = match quoted {
            Some((inner, end)) => (inner[..end].replace("\\\"", "\""), &inner[end + 1..]),
            None => {
                let (token, after) = value.split_at(value.find(';').unwrap_or(value.len()));
                (token.trim_end().to_owned(), after)
            }
        };
        parameters.push((name.trim(), value));
        rest = after_semicolon(after);
    }
    parameters
}

fn after_semicolon(text: &str) -> &str {
    text.split_once(';').map_or("", |(_, rest)| rest)
}

/// Returns where a quoted string ends. A backslash escapes only a quote, because browsers send the backslashes of
/// `C:\new\a.txt` as they are; and not the last quote, which closes `C:\new\`.
fn closing_quote(inner: &str) -> Option<usize> {
    let mut quotes = inner.match_indices('"').map(|(at, _)| at);
    quotes.find(|&at| !inner[..at].ends_with('\\')).or_else(|| inner.rfind('"'))
}

/// Decodes a value such as `UTF-8'en'%e2%82%ac.txt` (RFC 8187 §3.2).
fn extended_value(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_language, encoded) = rest.split_once('\'')?;
    let bytes = percent_decoded(encoded.as_bytes());
    decode(&bytes, by_name(charset).ok()?).ok().map(|text| text.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    fn file(parameters: &str) -> Option<String> {
        parameter(&format!("form-data; name=f; {parameters}"), "filename")
    }

    #[test]
    fn a_backslash_escapes_only_a_quote() {
        for (sent, name) in [
            (r#"filename="C:\new\a.txt""#, r"C:\new\a.txt"),
            (r#"filename="\\host\a.txt"; x=y"#, r"\\host\a.txt"),
            (r#"filename="say \"hi\"; twice.txt""#, r#"say "hi"; twice.txt"#),
            (r#"filename="C:\new\""#, r"C:\new\"),
            (r"filename=C:\a.txt", r"C:\a.txt"),
            (r#"FileName = "a;b=c" ; x"#, "a;b=c"),
            (r#"x; ; filename="""#, ""),
            (r#"filename="open"#, "\"open"),
        ] {
            assert_eq!(file(sent).as_deref(), Some(name), "{sent}");
        }
        assert_eq!(file(r#"x="filename=a""#), None);
    }

    #[test]
    fn an_extended_parameter_comes_first_if_it_can_be_decoded() {
        for (sent, name) in [
            ("filename=plain; filename*=UTF-8''%e2%82%ac%20rates", "€ rates"),
            ("filename*=iso-8859-1'en'caf%E9; filename=plain", "café"),
            ("filename*=\"utf-8''a+b\"", "a+b"),
            ("filename=plain; filename*=UTF-8''%ff", "plain"),
            ("filename=plain; filename*=x-mine''a", "plain"),
            ("filename=plain; filename*=a", "plain"),
        ] {
            assert_eq!(file(sent).as_deref(), Some(name), "{sent}");
        }
        assert_eq!(file("filename*=UTF-8''%ff"), None);
    }

    proptest! {
        #[test]
        fn reading_never_panics(any in any::<String>(), text in "([;=\"\\\\ é]|filename\\*?|UTF-8|''|%)*") {
            file(&any);
            file(&text);
        }
    }
}
