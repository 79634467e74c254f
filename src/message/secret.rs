//! Decides which names have secret values, and removes such values from texts for logs and the journal.
//!
//! This is the only list of such names. A name consists of words, which are separated by `-`, `_`, other punctuation, or
//! capitals.

use std::borrow::Cow;

use super::decode_form;

/// Whole names that carry credentials, in lower case without `-` and `_`.
const SECRET_NAMES: [&str; 5] = ["auth", "authorization", "cookie", "key", "proxyauthorization"];

/// Last words of names that carry credentials, some of them two words that are often written as one.
const SECRET_WORDS: [&str; 20] = [
    "accesskey",
    "accesstoken",
    "apikey",
    "authtoken",
    "clientsecret",
    "idtoken",
    "jwt",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "refreshtoken",
    "secret",
    "session",
    "setcookie",
    "sig",
    "signature",
    "subscriptionkey",
    "token",
    "xapikey",
];

/// The words before a last word `key` that make a name secret.
const SECRET_KEYS: [&str; 4] = ["access", "api", "private", "subscription"];

/// Returns whether the value of a header, parameter, form field or JSON member of this name is a secret.
///
/// ```
/// use cannery::message::is_secret;
///
/// assert!(is_secret("Authorization") && is_secret("X-Auth-Token") && is_secret("userPwd") && is_secret("APIKey"));
/// assert!(!is_secret("Accept") && !is_secret("Idempotency-Key") && !is_secret("token_type"));
/// ```
pub fn is_secret(name: &str) -> bool {
    let (before, word) = split_last_word(name.as_bytes());
    let is = |word: &[u8], known: &str| word.eq_ignore_ascii_case(known.as_bytes());
    SECRET_WORDS.iter().any(|known| is(word, known))
        || (is(word, "key") && {
            let (_, kind) = split_last_word(before);
            SECRET_KEYS.iter().any(|known| is(kind, known))
        })
        || is_one_of(name, &SECRET_NAMES)
        || is_one_of(name, &SECRET_WORDS)
}

/// Returns whether the value of a query parameter or a form field is a secret. Here the `code` of an OAuth redirect is one
/// too.
///
/// The name may be percent-encoded.
pub fn is_secret_parameter(name: &str) -> bool {
    let is = |name: &str| is_secret(name) || name.eq_ignore_ascii_case("code");
    if !name.contains(['%', '+']) {
        return is(name);
    }
    // A name that is encoded more than once is another parameter, but may be this one by mistake.
    let (mut decoded, mut rounds) = (decoded(name), 1);
    while decoded.contains('%') && rounds < 3 && !is(decoded.trim()) {
        (decoded, rounds) = (self::decoded(&decoded), rounds + 1);
    }
    is(decoded.trim())
}

/// Returns whether the value at a path is a secret by the last name of the path: a JSONPath, an XPath, or `header
/// Set-Cookie`.
pub fn is_secret_path(path: &str) -> bool {
    let path = path.trim_end_matches("/text()").trim_end_matches(|c: char| !c.is_alphanumeric());
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let name = path.rfind(|c| !is_part(c)).map_or(path, |before| path[before..].trim_start_matches(|c| !is_part(c)));
    is_secret(name) || is_secret(path)
}

/// Returns whether a name is one of these, with any separators between its words.
fn is_one_of(name: &str, known: &[&str]) -> bool {
    known.iter().any(|known| {
        let plain = name.bytes().filter(|byte| !matches!(byte, b'-' | b'_'));
        plain.map(|byte| byte.to_ascii_lowercase()).eq(known.bytes())
    })
}

/// Returns the last word of a name without digits at its end, and the text before it.
fn split_last_word(name: &[u8]) -> (&[u8], &[u8]) {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
    let end = name.iter().rposition(|byte| is_letter(*byte) && !byte.is_ascii_digit()).map_or(0, |last| last + 1);
    let mut start = end;
    while start > 0 && is_letter(name[start - 1]) {
        let (before, first) = (name[start - 1], name.get(start).copied().unwrap_or_default());
        let second = name[..end].get(start + 1).copied().unwrap_or_default();
        let begins = start < end && first.is_ascii_uppercase();
        if begins && (!before.is_ascii_uppercase() || second.is_ascii_lowercase()) {
            break;
        }
        start -= 1;
    }
    (&name[..start], &name[start..end])
}

fn decoded(text: &str) -> String {
    decode_form(text.replace('&', "%26").replace('=', "%3D").as_bytes()).pop().map(|(name, _)| name).unwrap_or_default()
}

/// Returns a request target without the values of its secret parameters and without user and password, for the log.
pub fn redacted_target(target: &str) -> Cow<'_, str> {
    // This runs for every request, and most have nothing that could be a secret.
    if !target.bytes().any(|byte| matches!(byte, b'?' | b'#' | b';' | b'@')) {
        return Cow::Borrowed(target);
    }
    let is_authority = !target.starts_with('/') && !target.contains("://");
    let userinfo = if is_authority { userinfo_at(target, 0) } else { None };
    match userinfo {
        Some(end) => Cow::Owned(format!("...{}", without_pairs(&target[end..], 0))),
        None => match without_userinfo(target) {
            Cow::Borrowed(target) => without_pairs(target, 0),
            Cow::Owned(target) => Cow::Owned(without_pairs(&target, 0).into_owned()),
        },
    }
}

/// Removes the values of secret parameters after the first `?`, `#` or `;`.
fn without_pairs(target: &str, depth: usize) -> Cow<'_, str> {
    const PARTS: [char; 4] = ['&', ';', '?', '#'];
    let Some(first) = target.find(['?', '#', ';']) else { return Cow::Borrowed(target) };
    let (mut shown, mut shown_to, mut start) = (String::new(), 0, first + 1);
    for pair in target[start..].split(PARTS) {
        let end = start + pair.len();
        if let Some(equals) = pair.bytes().position(|byte| byte == b'=')
            && equals + 1 < pair.len()
            && (is_secret_parameter(&pair[..equals]) || has_secret(&pair[equals + 1..], depth))
        {
            shown.reserve(target.len());
            shown.extend([&target[shown_to..=start + equals], "..."]);
            shown_to = end;
        }
        start = end + 1;
    }
    if shown_to == 0 {
        return Cow::Borrowed(target);
    }
    shown.push_str(&target[shown_to..]);
    Cow::Owned(shown)
}

/// Returns whether a value is an encoded URL that contains secrets.
fn has_secret(value: &str, depth: usize) -> bool {
    if depth > 0 || !value.contains('%') {
        return false;
    }
    let inner = decoded(value);
    matches!(without_userinfo(&inner), Cow::Owned(_)) || matches!(without_pairs(&inner, depth + 1), Cow::Owned(_))
}

/// Returns a text without user and password in the URLs in it.
pub(super) fn without_userinfo(text: &str) -> Cow<'_, str> {
    let (mut shown, mut shown_to) = (String::new(), 0);
    for (at, scheme_end) in text.match_indices("://") {
        let start = at + scheme_end.len();
        if let Some(end) = userinfo_at(text, start).filter(|_| start >= shown_to) {
            shown.extend([&text[shown_to..start], "..."]);
            shown_to = end;
        }
    }
    if shown_to == 0 {
        return Cow::Borrowed(text);
    }
    shown.push_str(&text[shown_to..]);
    Cow::Owned(shown)
}

/// Returns the end of user and password in an authority: its last `@`.
fn userinfo_at(text: &str, start: usize) -> Option<usize> {
    let authority = &text[start..];
    let end = authority.find(|c: char| matches!(c, '/' | '?' | '#' | '"' | '`' | '<' | '>') || c.is_whitespace());
    let authority = &authority[..end.unwrap_or(authority.len())];
    authority.rfind('@').filter(|at| *at > 0).map(|at| start + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_keeps_all_but_its_secrets() {
        for (target, shown) in [
            ("/a?accessToken=Bearer+x&b=1&token=", "/a?accessToken=...&b=1&token="),
            ("/a", "/a"),
            ("/a?b=1&&Access_Token=x=y&", "/a?b=1&&Access_Token=...&"),
            ("/a?é=1&token", "/a?é=1&token"),
            ("/a?access%5Ftoken=x&%74oken=y&+token=z", "/a?access%5Ftoken=...&%74oken=...&+token=..."),
            ("/a?access%255Ftoken=x", "/a?access%255Ftoken=..."),
            ("/a?code=x&error_code=7&Code=y", "/a?code=...&error_code=7&Code=..."),
            ("/a?b=1;token=x#id_token=y", "/a?b=1;token=...#id_token=..."),
            ("/a?user[password]=x&token=1&token=2", "/a?user[password]=...&token=...&token=..."),
            ("http://ada:pw@host/a?b=c@d", "http://...@host/a?b=c@d"),
            ("ada:pw@host:443", "...@host:443"),
            ("/a?next=http://ada:p@w@host/", "/a?next=http://...@host/"),
            ("/a?next=http%3A%2F%2Fada%3Apw%40host%2F&b=1", "/a?next=...&b=1"),
            ("/a?next=%2Fb%3Ftoken%3Dx&b=1", "/a?next=...&b=1"),
            ("/a@b?c=d@e", "/a@b?c=d@e"),
        ] {
            assert_eq!(redacted_target(target), shown, "{target}");
        }
    }

    #[test]
    fn the_last_word_of_a_name_makes_it_a_secret() {
        for secret in [
            "Authorization",
            "Proxy-Authorization",
            "Cookie",
            "Set-Cookie",
            "auth",
            "key",
            "passwd",
            "sig",
            "token",
            "X-Auth-Token",
            "csrfToken",
            "CSRFToken",
            "XSRF-TOKEN",
            "id_token",
            "authtoken",
            "x-authtoken",
            "client_secret",
            "ClientSecret",
            "userPwd",
            "DB_PASSWORD",
            "password2",
            "X-Hub-Signature-256",
            "user[password]",
            "user.password",
            "php-session",
            "SESSION",
            "my-jwt",
            "JWT",
            "apikey",
            "API-Key",
            "api_key",
            "apiKey",
            "APIKey",
            "APIKEY",
            "X-API-Key",
            "x-apikey",
            "Ocp-Apim-Subscription-Key",
            "AWSAccessKey",
            "private_key",
            "subscriptionKey",
            "privatekey",
        ] {
            assert!(is_secret(secret), "{secret}");
        }
        for shown in [
            "",
            "-",
            "7",
            "Accept",
            "Idempotency-Key",
            "ErrorCode",
            "currency_code",
            "code",
            "public_key",
            "Sec-WebSocket-Key",
            "tokens",
            "token_type",
            "session_id",
            "design",
            "signal",
            "monkey",
            "keys",
            "Api-Version",
            "secretary",
            "Authority",
            "cookies",
        ] {
            assert!(!is_secret(shown), "{shown}");
        }
        for path in [
            "$.user.password",
            "$['access-token']",
            "$.tokens[*].auth",
            "$.token[0]",
            "/a/@key",
            "//pwd/text()",
            "header Set-Cookie",
        ] {
            assert!(is_secret_path(path), "{path}");
        }
        assert!(!is_secret_path("$.token.type") && !is_secret_path("$") && !is_secret_path(""));
        assert!(is_secret_parameter("code") && !is_secret_parameter("currency_code"));
    }
}
