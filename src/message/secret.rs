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
    let (mut plain, mut length) = ([0; LONGEST_NAME], 0);
    for byte in name.bytes().filter(|byte| !matches!(byte, b'-' | b'_')) {
        let Some(place) = plain.get_mut(length) else { return false };
        *place = byte.to_ascii_lowercase();
        length += 1;
    }
    SECRET_NAMES.iter().any(|secret| secret.as_bytes() == &plain[..length])
}

/// How long the longest of those names is.
const LONGEST_NAME: usize = {
    let (mut longest, mut place) = (0, 0);
    while place < SECRET_NAMES.len() {
        if SECRET_NAMES[place].len() > longest {
            longest = SECRET_NAMES[place].len();
        }
        place += 1;
    }
    longest
};

/// A request target whose secret query parameters are taken out, for the log.
pub fn redacted_target(target: &str) -> Cow<'_, str> {
    let Some(query) = target.bytes().position(|byte| byte == b'?') else { return Cow::Borrowed(target) };
    let (mut told, mut told_to, mut start) = (String::new(), 0, query + 1);
    for pair in target[start..].split('&') {
        let end = start + pair.len();
        if let Some(equals) = pair.bytes().position(|byte| byte == b'=')
            && equals + 1 < pair.len()
            && is_secret(&pair[..equals])
        {
            told.reserve(target.len());
            told.extend([&target[told_to..=start + equals], "..."]);
            told_to = end;
        }
        start = end + 1;
    }
    if told_to == 0 {
        return Cow::Borrowed(target);
    }
    told.push_str(&target[told_to..]);
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
