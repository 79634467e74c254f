//! Values that a text for logs must not show: collected from requests and scenarios, and removed from texts.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::model::Json;

use super::redaction::{MAX_VALUE, Redaction};
use super::{Request, XmlElement, decode_form, is_secret, is_secret_parameter};

/// The maximum number of values that are redacted one by one. If there are more, no text is shown, so that a request with
/// very many secrets cannot make its log expensive.
const MAX_SECRETS: usize = 50;

/// Values that no text may show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Secrets {
    values: Vec<String>,
    too_many: bool,
}

impl Secrets {
    /// The secrets of a request: credentials in its headers, parameters, fields, cookies and body.
    pub fn from_request(request: &Request) -> Secrets {
        let mut secrets = Secrets::default();
        for (name, _) in request.head().headers().filter(|(name, _)| is_secret(name)) {
            request.headers(name).for_each(|value| secrets.add_credentials(&value));
        }
        // The quotes around a value are no secret, and the value may occur elsewhere without them.
        request.cookies().iter().for_each(|(_, value)| secrets.add(value.trim_matches('"')));
        secrets.add_pairs(request.query());
        secrets.add_body(request);
        secrets
    }

    /// Adds a value, if it is one.
    pub fn add(&mut self, value: &str) {
        if value.trim().is_empty() || self.too_many || self.values.iter().any(|known| known == value) {
            return;
        }
        // One more byte shows that the value is longer.
        self.values.push(value[..value.ceil_char_boundary(MAX_VALUE + 1)].to_owned());
        self.too_many = self.values.len() > MAX_SECRETS;
    }

    /// Adds a value, and its longer words: a service may show only the `x` of `Bearer x`.
    pub fn add_words(&mut self, value: &str) {
        const LONG: usize = 8;
        self.add(value);
        value.split_whitespace().filter(|word| word.len() >= LONG).for_each(|word| self.add(word));
    }

    /// Adds a value with an authentication scheme, and the text after the scheme.
    fn add_credentials(&mut self, value: &str) {
        self.add_words(value);
        let Some((scheme, credentials)) = value.trim().split_once(' ') else { return };
        self.add(credentials.trim());
        if scheme.eq_ignore_ascii_case("basic")
            && let Some((_, password)) = basic_credentials(credentials)
        {
            self.add(&password);
        }
    }

    fn add_pairs(&mut self, pairs: &[(String, String)]) {
        pairs.iter().filter(|(name, _)| is_secret_parameter(name)).for_each(|(_, value)| self.add(value));
    }

    fn add_body(&mut self, request: &Request) {
        if let Ok(parts) = request.parts() {
            for part in parts.iter().filter(|part| part.name.as_deref().is_some_and(is_secret_parameter)) {
                self.add(&part.text(request.content()));
            }
        }
        match request.text().trim_ascii_start().chars().next() {
            Some('{' | '[') => match request.json() {
                Ok(json) => self.add_json(json),
                Err(_) => self.add_members(&request.text()),
            },
            Some('<') => {
                if let Ok(root) = request.xml() {
                    self.add_xml(root.root());
                }
            }
            _ => {
                let form = request.form_for_display();
                if !form.is_empty() {
                    self.add_pairs(form);
                    // A value in another charset may also occur in texts as it was sent.
                    self.add_pairs(&decode_form(request.content()));
                }
            }
        }
    }

    /// Adds the values of the secret members of a document.
    pub fn add_json(&mut self, json: &Json) {
        match json {
            Json::Array(items) => items.iter().for_each(|item| self.add_json(item)),
            Json::Object(members) => members.iter().for_each(|(name, value)| match is_secret(name) {
                true => self.add_leaves(value),
                false => self.add_json(value),
            }),
            _ => {}
        }
    }

    /// Adds every value in a document.
    pub(crate) fn add_leaves(&mut self, json: &Json) {
        match json {
            Json::Array(items) => items.iter().for_each(|item| self.add_leaves(item)),
            Json::Object(members) => members.iter().for_each(|(_, value)| self.add_leaves(value)),
            Json::String(text) => self.add(text),
            Json::Number(_) => self.add(&json.to_string()),
            Json::Null | Json::Bool(_) => {}
        }
    }

    /// Adds the texts of secret elements and attributes.
    pub(crate) fn add_xml(&mut self, element: XmlElement<'_>) {
        if is_secret(element.local_name()) {
            self.add(element.text().trim());
        }
        element.attributes().filter(|(name, _)| is_secret(name.local)).for_each(|(_, value)| self.add(value));
        element.elements().for_each(|child| self.add_xml(child));
    }

    /// Adds the values of secret members of a text that is not valid JSON, such as a part of it.
    fn add_members(&mut self, text: &str) {
        let mut rest = text;
        while let Some((name, after)) = next_quoted(rest) {
            rest = after;
            let Some(value) = after.trim_start().strip_prefix(':').map(str::trim_start) else { continue };
            if !is_secret(&unquoted(name)) {
                continue;
            }
            let value = match value.strip_prefix('"') {
                Some(inside) => unquoted(&inside[..end_of_quoted(inside)]),
                None => value.split([',', '}', ']', '\n']).next().unwrap_or_default().trim().to_owned(),
            };
            self.add(&value);
        }
    }

    /// Returns a text without these values; see `Redaction`.
    pub fn redacted<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.redaction().redact(text)
    }

    /// Returns what removes these values from many texts.
    pub fn redaction(&self) -> Redaction {
        if self.too_many { Redaction::total() } else { Redaction::new(&self.values) }
    }
}

/// Returns user and password in the encoding of the scheme Basic (RFC 7617).
pub(crate) fn basic_credentials(credentials: &str) -> Option<(String, String)> {
    let decoded = STANDARD.decode(credentials.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

/// Returns the next text in double quotes, and the text after it.
fn next_quoted(text: &str) -> Option<(&str, &str)> {
    let inside = &text[text.find('"')? + 1..];
    let end = end_of_quoted(inside);
    Some((&inside[..end], inside.get(end + 1..).unwrap_or_default()))
}

/// Returns the end of a text after its opening double quote.
fn end_of_quoted(inside: &str) -> usize {
    let mut is_escaped = false;
    let end = inside.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    });
    end.unwrap_or(inside.len())
}

/// Returns the content of a text in double quotes.
fn unquoted(inside: &str) -> String {
    match Json::parse(format!("\"{inside}\"").as_bytes()) {
        Ok(Json::String(text)) => text,
        _ => inside.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::message::Head;
    use crate::message::redaction::MAX_TEXT;
    use crate::model::Timestamp;

    fn of(target: &str, headers: &[(&str, &str)], body: &'static str) -> Secrets {
        let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        let head = Head::compose("POST", target, headers);
        Secrets::from_request(&Request::new(head, Bytes::from_static(body.as_bytes()), None, Timestamp::UNIX_EPOCH))
    }

    const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
    const PARTS: (&str, &str) = ("Content-Type", "multipart/form-data; boundary=B");

    #[test]
    fn credentials_of_a_request_are_found_wherever_they_are() {
        for secrets in [
            of("/a", &[("Authorization", "Bearer s3cret-1")], ""),
            of("/a", &[("Authorization", "Basic YWRhOnMzY3JldC0x")], ""),
            of("/a", &[("X-Api-Key", "s3cret-1")], ""),
            of("/a", &[("Cookie", "b=s3cret-1")], ""),
            of("/a", &[("Cookie", "b=\"s3cret-1\"")], ""),
            of("/a?access%5Ftoken=s3cret%2D1", &[], ""),
            of("/a", &[FORM], "a=b&user%5Bpassword%5D=s3cret-1"),
            of("/a", &[FORM], "code=s3cret-1"),
            of("/a", &[], r#"{"a":[{"userPwd":{"b":"s3cret-1"}}]}"#),
            of("/a", &[], r#"{"a":1,"user_pwd" : "s3cret-1","#),
            of("/a", &[], r#"{"a":1,"pass\u0077ord":"s3cret-1"#),
            of("/a", &[], "<a><b><password>s3cret-1</password></b></a>"),
            of("/a", &[], "<a token='s3cret-1'/>"),
            of("/a", &[PARTS], "--B\r\nContent-Disposition: form-data; name=token\r\n\r\ns3cret-1\r\n--B--\r\n"),
        ] {
            let shown = secrets.redacted("is: \"s3cret-1\", and cut s3cre...");
            assert!(!shown.contains("s3cre"), "{secrets:?}: {shown}");
        }
    }

    #[test]
    fn a_value_is_known_in_every_form_and_by_its_beginning() {
        let mut secrets = Secrets::default();
        secrets.add("s3cr/t \"x\" y");

        for text in [
            "s3cr/t \"x\" y",
            r#"s3cr/t \"x\" y"#,
            "s3cr%2Ft%20%22x%22%20y",
            "s3cr%2ft%20%22x%22%20y",
            "s3cr%2Ft+%22x%22+y",
        ] {
            assert_eq!(secrets.redacted(&format!("<{text}> <{text}>")), "<...> <...>");
            assert_eq!(secrets.redacted(&format!("\"a {}...\"", &text[..12])), "\"a ......\"");
            assert_eq!(secrets.redacted(&format!("\"a {}...\"", &text[..4])), "\"a ...");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        let secrets = of("/a?b=1&token=1", &[("Accept", "x/y")], r#"{"a":"shown","token":"to"}"#);

        assert_eq!(secrets.redacted("/a 11 shown x/y, is \"1\" to"), "/a 11 shown x/y, is \"...\" to");
    }

    #[test]
    fn urls_and_pairs_in_a_text_lose_theirs() {
        let none = Secrets::default();
        for (text, shown) in [
            ("at http://ada:pw@host/a?b=1", "at http://...@host/a?b=1"),
            ("`a=1&password=x y`", "`a=1&password=... y`"),
            ("\"token=é\"", "\"token=...\""),
            ("a = b, code=7", "a = b, code=..."),
        ] {
            assert_eq!(none.redacted(text), shown);
        }
    }

    #[test]
    fn so_many_secrets_hide_the_whole_text() {
        let mut secrets = Secrets::default();
        (0..=MAX_SECRETS).for_each(|number| secrets.add(&format!("secret {number}")));

        assert_eq!(secrets.redacted("anything"), "(redacted)");
    }

    #[test]
    fn a_long_text_with_many_secrets_takes_no_time() {
        let mut secrets = Secrets::default();
        (0..MAX_SECRETS).for_each(|number| secrets.add(&format!("{number:04}/secret \"{number}\"")));
        let text = "0007/secret \"7\" ".repeat(1_000_000);

        let started = std::time::Instant::now();
        let shown = secrets.redacted(&text);

        assert!(shown.starts_with("... ... ") && !shown.contains("secret") && shown.len() < MAX_TEXT);
        assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    }

    #[test]
    fn of_a_very_long_secret_nothing_is_left_at_its_end() {
        let long = "é".repeat(5000);
        let mut secrets = Secrets::default();
        secrets.add(&long);

        assert_eq!(secrets.redacted(&format!("a {long} b")), "a ...");
        assert_eq!(secrets.redacted(&format!("a {}... b", &long[..300])), "a ...... b");
    }
}
