//! Hosts and origins, as a client names them. They are compared by value like in browsers, not by text.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A setting of the admin API that is not valid: what it must be, and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidSetting(pub(super) String);

impl fmt::Display for InvalidSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidSetting {}

/// A host without its port: an IP address or a name, such as `localhost`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName(Host);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Address(IpAddr),
    /// In lower case, with its final dot if it has one.
    Name(String),
}

impl HostName {
    /// Parses a host. Only the forms of RFC 3986 are addresses: four decimal numbers, and IPv6 in brackets. `0177.0.0.1`
    /// and `127.1` are names, because programs disagree on which address they mean.
    fn parse(text: &str) -> Option<HostName> {
        if let Some(inside) = text.strip_prefix('[') {
            let address: Ipv6Addr = inside.strip_suffix(']')?.parse().ok()?;
            return Some(HostName(Host::Address(address.into())));
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Some(HostName(Host::Address(address.into())));
        }
        let is_label = |label: &str| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        let is_name = text.strip_suffix('.').unwrap_or(text).split('.').all(is_label);
        is_name.then(|| HostName(Host::Name(text.to_ascii_lowercase())))
    }

    /// Whether it is resolved without DNS: an address, or `localhost`.
    pub(super) fn is_fixed(&self) -> bool {
        matches!(self.0, Host::Address(_)) || self.without_dot() == Some("localhost")
    }

    /// Whether both are the same host. A final dot is ignored, because it makes no difference in DNS.
    pub(super) fn is_same(&self, other: &HostName) -> bool {
        self == other || (self.without_dot().is_some() && self.without_dot() == other.without_dot())
    }

    fn without_dot(&self) -> Option<&str> {
        match &self.0 {
            Host::Address(_) => None,
            Host::Name(name) => Some(name.strip_suffix('.').unwrap_or(name)),
        }
    }
}

impl FromStr for HostName {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<HostName, InvalidSetting> {
        HostName::parse(text).ok_or_else(|| {
            InvalidSetting(format!(
                "a host must be a name or an address without a port, such as mock.test, found `{text}`"
            ))
        })
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Host::Address(address) => write!(f, "{address}"),
            Host::Name(name) => f.write_str(name),
        }
    }
}

/// A host and its port, as in the header Host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Authority {
    pub(super) host: HostName,
    port: Option<u16>,
}

impl Authority {
    pub(super) fn parse(text: &str) -> Option<Authority> {
        // The colons of an IPv6 address are inside its brackets.
        let after_address = text.rfind(']').map_or(0, |at| at + 1);
        let (host, port) = match text[after_address..].split_once(':') {
            None => (text, None),
            Some((before, port)) => (&text[..after_address + before.len()], Some(port)),
        };
        let port = match port {
            None | Some("") => None,
            // Parsing `u16` would accept a sign too.
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => Some(port.parse().ok()?),
            Some(_) => return None,
        };
        Some(Authority { host: HostName::parse(host)?, port })
    }
}

/// An origin (RFC 6454): scheme, host and port, such as `http://localhost:3000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// In lower case.
    scheme: String,
    host: HostName,
    /// The port. The default is that of the scheme, and some schemes have none.
    port: Option<u16>,
}

impl Origin {
    pub(super) fn new(scheme: &str, Authority { host, port }: Authority) -> Origin {
        let scheme = scheme.to_ascii_lowercase();
        let port = port.or_else(|| default_port(&scheme));
        Origin { scheme, host, port }
    }

    /// Parses an origin. `null` and lists are refused.
    pub(super) fn parse(text: &str) -> Option<Origin> {
        let (scheme, authority) = text.split_once("://")?;
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
        if !is_scheme {
            return None;
        }
        Some(Origin::new(scheme, Authority::parse(authority)?))
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

impl FromStr for Origin {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Origin, InvalidSetting> {
        Origin::parse(text).ok_or_else(|| {
            let more = match text {
                "*" => ": each origin is given by itself",
                _ => "",
            };
            InvalidSetting(format!(
                "an origin must be a scheme, a host and maybe a port, such as http://localhost:3000, found `{text}`{more}"
            ))
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        match self.port {
            Some(port) if default_port(&self.scheme) != Some(port) => write!(f, ":{port}"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    fn host(text: &str) -> Option<HostName> {
        Authority::parse(text).map(|authority| authority.host)
    }

    #[test]
    fn only_addresses_and_localhost_are_resolved_without_dns() {
        for fixed in
            ["127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:8080", "localhost", "LOCALHOST:1", "localhost.", "localhost:"]
        {
            assert!(host(fixed).is_some_and(|host| host.is_fixed()), "{fixed}");
        }
        for other in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "0177.0.0.1",
            "2130706433",
            "127.1",
            "0x7f.0.0.1",
            "127.0.0.1.",
            "a.localhost",
        ] {
            assert!(host(other).is_some_and(|host| !host.is_fixed()), "{other}");
        }
    }

    #[test]
    fn an_invalid_host_is_refused() {
        for text in [
            "",
            ".",
            ":80",
            "localhost..",
            "a..b",
            "[::1",
            "::1",
            "[::1]x",
            "[::1%25lo]",
            "a:b",
            "a:+1",
            "a:65536",
            "a:1:2",
            "user@localhost",
            "localhost/",
            "localhost\\evil",
            "a b",
            "a,b",
            "*",
            "*.a",
            "\u{e9}",
        ] {
            assert_eq!(Authority::parse(text), None, "{text}");
        }
    }

    #[test]
    fn origins_are_compared_by_value() {
        let same = |a: &str, b: &str| Origin::parse(a).is_some_and(|a| Some(a) == Origin::parse(b));

        assert!(same("HTTP://LocalHost:80", "http://localhost") && same("https://a:443", "https://a:"));
        assert!(same("http://[::1]:8080", "http://[0:0:0:0:0:0:0:1]:8080"));
        assert!(!same("http://a", "https://a") && !same("http://a", "http://a:8080") && !same("http://a", "http://a."));
        for text in [
            "null",
            "",
            "*",
            "http://",
            "http://*",
            "localhost:80",
            "http://a/",
            "http://a http://b",
            "://a",
            "1a://a",
            "http://a?b",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_parsed_value_is_printed_unchanged(text in "[a-zA-Z0-9.:/\\[\\]_-]{0,20}", other: String) {
            for text in [format!("http://{text}"), text, other] {
                if let Some(origin) = Origin::parse(&text) {
                    assert_eq!(Origin::parse(&origin.to_string()), Some(origin));
                }
                Authority::parse(&text);
            }
        }
    }
}
