//! Which values are secrets, to be kept out of whatever lasts: logs, recordings, exports.

use std::borrow::Cow;

/// Names that carry credentials, in lower case without `-` and `_`.
const SECRET_NAMES: [&str; 19] = [
    "accesstoken",
    "apikey",
    "auth",
    "authorization",
    "authtoken",
    "clientsecret",
    "cookie",
    "idtoken",
    "key",
    "passwd",
    "password",
    "proxyauthorization",
    "refreshtoken",
    "secret",
    "setcookie",
    "sig",
    "signature",
    "token",
    "xapikey",
];

/// Whether the value of a header, parameter or field of this name is a secret.
///
/// ```
/// use cannery::message::is_secret;
///
/// assert!(is_secret("Authorization") && is_secret("access_token"));
/// assert!(!is_secret("Accept"));
/// ```
pub fn is_secret(name: &str) -> bool {
    let plain = || name.bytes().filter(|byte| !matches!(byte, b'-' | b'_')).map(|byte| byte.to_ascii_lowercase());
    SECRET_NAMES.iter().any(|secret| plain().eq(secret.bytes()))
}

/// A request target whose secret query parameters are taken out, for the log.
pub fn redacted_target(target: &str) -> Cow<'_, str> {
    let Some((path, query)) = target.split_once('?') else { return Cow::Borrowed(target) };
    let mut told = String::with_capacity(target.len());
    told.push_str(path);
    for (place, pair) in query.split('&').enumerate() {
        told.push(if place == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((name, value)) if !value.is_empty() && is_secret(name) => told.extend([name, "=..."]),
            _ => told.push_str(pair),
        }
    }
    Cow::Owned(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_keeps_all_but_its_secrets() {
        assert_eq!(redacted_target("/a?accessToken=Bearer+x&b=1&token="), "/a?accessToken=...&b=1&token=");
        assert_eq!(redacted_target("/a"), "/a");
        assert_eq!(redacted_target("/a?b=1&&Access_Token=x=y&"), "/a?b=1&&Access_Token=...&");
        assert_eq!(redacted_target("/a?é=1&token"), "/a?é=1&token");
    }
}
