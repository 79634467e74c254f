//! The settings of the admin API: where it is, and who may use it.

use std::fmt;

use super::origin::{HostName, InvalidSetting, Origin};

/// Where the admin API is, and who may use it.
///
/// Pages of other origins than the server's own are refused unless their origin is given. Without a token, everybody else
/// who can connect may use the API.
///
/// ```
/// use cannery::AdminSettings;
///
/// let mut settings = AdminSettings::at("/__cannery");
/// settings.origins.push("http://localhost:3000".parse()?);
/// settings.token = Some("made-up".parse()?);
/// assert!(!format!("{settings:?}").contains("made-up"));
/// # Ok::<(), cannery::InvalidSetting>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AdminSettings {
    /// The path of the API: it starts with a slash and does not end with one.
    pub path: String,
    /// Other origins than the server's own whose pages may call the API and read what it answers.
    pub origins: Vec<Origin>,
    /// Names other than `localhost` by which a server on a loopback address may be called.
    pub hosts: Vec<HostName>,
    /// What `Authorization: Bearer` must carry, except to ask for the server's health.
    pub token: Option<AdminToken>,
}

impl AdminSettings {
    /// The default settings, at a path such as `/__admin`.
    pub fn at(path: impl Into<String>) -> AdminSettings {
        AdminSettings { path: path.into(), origins: Vec::new(), hosts: Vec::new(), token: None }
    }
}

impl Default for AdminSettings {
    fn default() -> AdminSettings {
        AdminSettings::at("/__admin")
    }
}

impl From<String> for AdminSettings {
    fn from(path: String) -> AdminSettings {
        AdminSettings::at(path)
    }
}

impl From<&str> for AdminSettings {
    fn from(path: &str) -> AdminSettings {
        AdminSettings::at(path)
    }
}

/// A secret that callers of the admin API present. Its `Debug` output does not show it.
#[derive(Clone)]
pub struct AdminToken(String);

impl AdminToken {
    /// The token itself, to present it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether a text is this token. How long that takes depends on the text alone.
    pub(super) fn is(&self, text: &str) -> bool {
        let (token, text) = (self.0.as_bytes(), text.as_bytes());
        let differs = |(at, byte): (usize, &u8)| byte ^ token[at % token.len()];
        let difference = text.iter().enumerate().fold(0, |all, each| std::hint::black_box(all | differs(each)));
        (token.len() == text.len()) & (difference == 0)
    }
}

impl std::str::FromStr for AdminToken {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<AdminToken, InvalidSetting> {
        let found = match text.bytes().position(|byte| !byte.is_ascii_graphic()) {
            None if text.is_empty() => "an empty text".to_owned(),
            None => return Ok(AdminToken(text.to_owned())),
            // The character is not shown: a part of a secret is a secret, too.
            Some(at) => format!("another byte at position {}", at + 1),
        };
        Err(InvalidSetting(format!("a token must be visible ASCII characters without spaces, found {found}")))
    }
}

impl fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminToken(...)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_compared_whole() {
        let token: AdminToken = "abcabc".parse().expect("a token");

        assert!(token.is("abcabc"));
        for other in ["", "abc", "abcab", "abcabcabc", "ABCABC", "abcabd"] {
            assert!(!token.is(other), "{other}");
        }
    }

    #[test]
    fn a_token_that_no_header_can_carry_is_refused_without_being_shown() {
        for text in ["", " ", "a b", "tab\t", "line\n", "caf\u{e9}"] {
            let fault = text.parse::<AdminToken>().expect_err(text).to_string();
            assert!(fault.contains("must be visible ASCII"), "{fault}");
            assert!(text.len() < 3 || !fault.contains(text), "{fault}");
        }
    }
}
