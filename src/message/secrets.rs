//! Values that a text for logs must not show: collected from requests and scenarios, and taken out of texts.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::model::Json;

use super::secret::without_userinfo;
use super::{Request, XmlElement, XmlNode, encode_segment, is_secret, is_secret_parameter};

/// What stands in the place of a secret.
const HIDDEN: &str = "...";

/// More values than this are not told apart: then no text is shown at all, so that a request with very many of them
/// cannot make its log expensive.
const MOST: usize = 50;

/// Shorter values are taken out only where they stand in quotes: they occur in any text.
const SHORT: usize = 4;

/// So much of a value is kept. Texts are mostly cut before that; if one is not, nothing after it is shown.
const LONGEST: usize = 1024;

/// So many bytes at the beginning of a value are enough to know it, because texts are cut.
const BEGINNING: usize = 8;

/// Values that no text may show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Secrets {
    values: Vec<String>,
    too_many: bool,
}

impl Secrets {
    /// The secrets of a request: credentials in its headers, parameters, fields, cookies and body.
    pub fn of_request(request: &Request) -> Secrets {
        let mut secrets = Secrets::default();
        for (name, _) in request.head().headers().filter(|(name, _)| is_secret(name)) {
            request.headers(name).for_each(|value| secrets.add_credentials(&value));
        }
        request.cookies().iter().for_each(|(_, value)| secrets.add(value));
        secrets.add_pairs(request.query());
        secrets.add_body(request);
        secrets
    }

    /// Adds a value, if it is one.
    pub fn add(&mut self, value: &str) {
        if value.trim().is_empty() || self.too_many || self.values.iter().any(|known| known == value) {
            return;
        }
        // One byte more, by which it is known that the value goes on.
        self.values.push(value[..ceiling(value, LONGEST + 1)].to_owned());
        self.too_many = self.values.len() > MOST;
    }

    /// Adds a value, and its longer words: of `Bearer x` a service may show `x` alone.
    pub fn add_words(&mut self, value: &str) {
        const LONG: usize = 8;
        self.add(value);
        value.split_whitespace().filter(|word| word.len() >= LONG).for_each(|word| self.add(word));
    }

    /// Adds a value, and what follows the scheme in it.
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
                self.add(&String::from_utf8_lossy(&request.content()[part.content.clone()]));
            }
        }
        match request.content().iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{' | b'[') => match request.json() {
                Ok(json) => self.add_json(json),
                Err(_) => self.add_members(&request.text()),
            },
            Some(b'<') => {
                if let Ok(root) = request.xml() {
                    self.add_xml(root);
                }
            }
            _ => self.add_pairs(request.form().unwrap_or_default()),
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
    pub(crate) fn add_xml(&mut self, element: &XmlElement) {
        if is_secret(&element.name.local) {
            self.add(element.text().trim());
        }
        element.attributes.iter().filter(|(name, _)| is_secret(&name.local)).for_each(|(_, value)| self.add(value));
        for child in &element.children {
            if let XmlNode::Element(child) = child {
                self.add_xml(child);
            }
        }
    }

    /// Adds the values of secret members of a text that is not quite JSON, such as half of it.
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

    /// A text without these values; see [`Redaction::of`].
    pub fn redacted<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.redaction().of(text)
    }

    /// What takes these values out of many texts.
    pub fn redaction(&self) -> Redaction {
        let mut forms: Vec<Form> = self.values.iter().flat_map(|value| forms(value)).collect();
        forms.sort_unstable_by(|one, other| other.text.len().cmp(&one.text.len()).then(one.text.cmp(&other.text)));
        forms.dedup_by(|one, other| one.text == other.text);
        Redaction { forms, is_total: self.too_many }
    }
}

/// Takes secrets out of texts.
#[derive(Debug, Default)]
pub struct Redaction {
    /// The longest first, because one may be part of another.
    forms: Vec<Form>,
    is_total: bool,
}

/// What a value may look like in a text.
#[derive(Debug)]
struct Form {
    text: String,
    /// How much of it must stand in a text to be known; all of it if that is little, quotes included.
    beginning: usize,
    /// Whether it counts only in these quotes.
    quote: Option<char>,
    /// Whether the value goes on, so that nothing after it may be shown.
    is_cut: bool,
}

impl Redaction {
    /// A text without these values, without user and password in URLs, and without the values of secret parameters in
    /// queries. `...` stands in their place.
    pub fn of<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.is_total {
            return Cow::Borrowed("(redacted)");
        }
        let text = without_pairs_in_text(text);
        let (mut shown, mut rest) = (String::new(), &*text);
        while let Some((at, length, form)) = self.next_in(rest) {
            let quote = form.quote.map(String::from).unwrap_or_default();
            shown.extend([&rest[..at], &quote, HIDDEN, &quote]);
            rest = &rest[at + length..];
        }
        if let Some(length) = self.cut_at_end(rest) {
            shown.extend([&rest[..length], HIDDEN]);
            return Cow::Owned(shown);
        }
        if shown.is_empty() && rest.len() == text.len() {
            return text;
        }
        shown.push_str(rest);
        Cow::Owned(shown)
    }

    /// The first place at which a value stands, how long it is there, and in which form: the one that takes most.
    fn next_in(&self, text: &str) -> Option<(usize, usize, &Form)> {
        let found = self.forms.iter().filter_map(|form| {
            let at = text.find(&form.text[..form.beginning])?;
            let same = text[at..].bytes().zip(form.text.bytes()).take_while(|(one, other)| one == other).count();
            let goes_on = form.is_cut && same == form.text.len();
            let length = if goes_on { text.len() - at } else { floor(&text[at..], same) };
            Some((at, length, form))
        });
        found.min_by_key(|(at, length, _)| (*at, std::cmp::Reverse(*length)))
    }

    /// How much of a text is left if it was cut within the first bytes of a value.
    fn cut_at_end(&self, text: &str) -> Option<usize> {
        const LEAST: usize = 3;
        let cut = text.strip_suffix('"').unwrap_or(text);
        let cut = cut.strip_suffix(HIDDEN).unwrap_or(cut);
        let longest = self.forms.iter().filter(|form| form.quote.is_none()).filter_map(|form| {
            let mut lengths = (LEAST..form.beginning).rev().filter(|length| form.text.is_char_boundary(*length));
            lengths.find(|length| cut.ends_with(&form.text[..*length]))
        });
        longest.max().map(|length| cut.len() - length)
    }
}

/// User and password as the scheme Basic sends them (RFC 7617).
pub(crate) fn basic_credentials(credentials: &str) -> Option<(String, String)> {
    let decoded = STANDARD.decode(credentials.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

/// Everything that a value may look like in a text.
fn forms(value: &str) -> Vec<Form> {
    let beginning = &value[..floor(value, LONGEST)];
    let percent = encode_segment(beginning);
    let in_quotes = |text: String| text[1..text.len() - 1].to_owned();
    let all = [
        beginning.to_owned(),
        percent.replace("%20", "+"),
        lower_hex(&percent),
        percent,
        in_quotes(Json::from(beginning).to_string()),
        in_quotes(format!("{beginning:?}")),
    ];
    let is_cut = beginning.len() < value.len();
    if value.len() < SHORT {
        let quoted = |quote: char| {
            all.iter().map(move |form| format!("{quote}{form}{quote}")).map(move |text| Form {
                beginning: text.len(),
                quote: Some(quote),
                is_cut,
                text,
            })
        };
        return ['"', '`', '\''].into_iter().flat_map(quoted).collect();
    }
    let form = |text: String| Form { beginning: floor(&text, BEGINNING.min(text.len())), quote: None, is_cut, text };
    all.into_iter().map(form).collect()
}

/// The nearest boundary of a character at or before a byte.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The nearest boundary of a character at or after a byte.
fn ceiling(text: &str, at: usize) -> usize {
    (at.min(text.len())..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// A text without user and password in URLs and without the values of `name=value` where the name is a secret's.
fn without_pairs_in_text(text: &str) -> Cow<'_, str> {
    let text = without_userinfo(text);
    if !text.contains('=') {
        return text;
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '%' | '+' | '[' | ']');
    let is_end = |c: char| matches!(c, '&' | ';' | '#' | '"' | '`' | '\'' | '<' | '>' | ')' | ',') || c.is_whitespace();
    let (mut shown, mut shown_to) = (String::new(), 0);
    for (equals, _) in text.match_indices('=') {
        let before = &text[shown_to.min(equals)..equals];
        let name = &before[before
            .rfind(|c| !is_name(c))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8))..];
        let value = &text[equals + 1..];
        let value = &value[..value.find(is_end).unwrap_or(value.len())];
        if equals >= shown_to && !value.is_empty() && value != HIDDEN && is_secret_parameter(name) {
            shown.extend([&text[shown_to..=equals], HIDDEN]);
            shown_to = equals + 1 + value.len();
        }
    }
    if shown_to == 0 {
        return text;
    }
    shown.push_str(&text[shown_to..]);
    Cow::Owned(shown)
}

/// The next text in double quotes, and what follows it.
fn next_quoted(text: &str) -> Option<(&str, &str)> {
    let inside = &text[text.find('"')? + 1..];
    let end = end_of_quoted(inside);
    Some((&inside[..end], inside.get(end + 1..).unwrap_or_default()))
}

/// Where a text in double quotes ends that has begun.
fn end_of_quoted(inside: &str) -> usize {
    let mut is_escaped = false;
    let end = inside.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    });
    end.unwrap_or(inside.len())
}

/// What a text in double quotes says.
fn unquoted(inside: &str) -> String {
    match Json::parse(format!("\"{inside}\"").as_bytes()) {
        Ok(Json::String(text)) => text,
        _ => inside.to_owned(),
    }
}

/// `%2F` as `%2f`.
fn lower_hex(encoded: &str) -> String {
    let mut pieces = encoded.split('%');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |whole, piece| {
        let (digits, rest) = piece.split_at(piece.len().min(2));
        format!("{whole}%{}{rest}", digits.to_ascii_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::message::Head;
    use crate::model::Timestamp;

    fn of(target: &str, headers: &[(&str, &str)], body: &'static str) -> Secrets {
        let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        let head = Head::compose("POST", target, headers);
        Secrets::of_request(&Request::new(head, Bytes::from_static(body.as_bytes()), None, Timestamp::UNIX_EPOCH))
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
        (0..=MOST).for_each(|number| secrets.add(&format!("secret {number}")));

        assert_eq!(secrets.redacted("anything"), "(redacted)");
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
