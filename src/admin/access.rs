//! Decides who may use the admin API: no page of another origin, no page that a DNS name led here, nobody without the token.
//!
//! A browser sends simple requests of any page to any server, loopback included. `Origin` and `Sec-Fetch-Site` name the page.
//! A page whose own name resolves to this server (DNS rebinding) has the same origin as its requests; only the name in Host
//! shows it. Other programs send neither header.

use std::borrow::Cow;

use crate::engine::Answer;
use crate::message::Request;

use super::fault::{AdminFault, ErrorSource};
use super::origin::{Authority, Origin};
use super::settings::AdminSettings;

/// How long a browser may remember a preflight, in seconds.
const MAX_AGE: &str = "600";

/// The methods that the API has.
const METHODS: &str = "GET, HEAD, POST, PUT, DELETE";

/// The answer to a preflight that does not name its headers.
const HEADERS: &str = "Authorization, Content-Type";

/// The headers of an answer that a page could not read otherwise.
const EXPOSED: &str = "Allow, WWW-Authenticate";

/// The most characters of a client's text that an error shows.
const SHOWN: usize = 200;

/// A page of another origin that may use the API and read what it answers.
#[derive(Debug)]
pub(super) struct AllowedPage(String);

/// Returns the allowed page of another origin that sent a request, or `None` if no page of another origin did.
///
/// `checks_host` means that only a loopback address is bound.
///
/// # Errors
/// The sender may not use the API.
pub(super) fn admit(
    settings: &AdminSettings,
    checks_host: bool,
    request: &Request,
) -> Result<Option<AllowedPage>, AdminFault> {
    let authority = authority(request);
    if checks_host {
        check_host(settings, &authority)?;
    }
    let own = authority.ok().map(|authority| Origin::new(request.scheme(), authority));
    let page = match one(request, "Origin") {
        Header::Missing => None,
        Header::Once(sent) => Some((Origin::parse(&sent), sent)),
        Header::Repeated(sent) => Some((None, sent.into())),
    };
    match page {
        None => same_site(request).map(|()| None),
        Some((Some(origin), sent)) if settings.origins.contains(&origin) => Ok(Some(AllowedPage(sent.into_owned()))),
        Some((Some(origin), _)) if own.as_ref() == Some(&origin) => Ok(None),
        Some((_, sent)) => {
            let own =
                own.map_or_else(String::new, |own| format!("the server's own, `{}`, or ", shown(&own.to_string())));
            let detail = format!("Origin must be {own}given by `--admin-origin`, found `{}`", shown(&sent));
            Err(AdminFault::new(403, "a page of another origin may not use the admin API", detail)
                .about(ErrorSource::Header("Origin")))
        }
    }
}

/// Checks that a caller presents the token, if there is one.
///
/// # Errors
/// The caller does not.
pub(super) fn check_token(settings: &AdminSettings, request: &Request) -> Result<(), AdminFault> {
    let Some(token) = &settings.token else { return Ok(()) };
    // The text that was sent instead is not shown: it may be a secret of something else.
    let found = match one(request, "Authorization") {
        Header::Missing => "none",
        Header::Repeated(_) => "several",
        Header::Once(sent) => match sent.split_once(' ') {
            Some((scheme, sent)) if scheme.eq_ignore_ascii_case("bearer") => match token.is(sent.trim()) {
                true => return Ok(()),
                false => "another token",
            },
            _ => "another scheme",
        },
    };
    let detail = format!("Authorization must be `Bearer` with the token that `--admin-token` gives, found {found}");
    Err(AdminFault {
        header: Some(("WWW-Authenticate", "Bearer".to_owned())),
        ..AdminFault::new(401, "the admin API needs a token", detail).about(ErrorSource::Header("Authorization"))
    })
}

impl AllowedPage {
    /// Answers a preflight; `None` if the request is not one. A preflight carries no token, so it needs none.
    pub(super) fn preflight(&self, request: &Request) -> Option<Answer> {
        request.head().header("Access-Control-Request-Method").filter(|_| request.method() == "OPTIONS")?;
        let headers = request.head().header("Access-Control-Request-Headers");
        let headers = headers.map_or(Cow::Borrowed(HEADERS), |headers| headers.into_owned().into());
        let mut answer = Answer { status: 204, ..Answer::default() };
        let mut add = |name: &'static str, value: Cow<'static, str>| answer.headers.push((name.into(), value));
        add("Access-Control-Allow-Methods", METHODS.into());
        add("Access-Control-Allow-Headers", headers);
        if request.head().header("Access-Control-Request-Private-Network").is_some() {
            add("Access-Control-Allow-Private-Network", "true".into());
        }
        add("Access-Control-Max-Age", MAX_AGE.into());
        Some(answer)
    }

    /// Lets the page read an answer.
    pub(super) fn may_read(self, answer: &mut Answer) {
        let mut add = |name: &'static str, value: Cow<'static, str>| answer.headers.push((name.into(), value));
        add("Access-Control-Allow-Origin", self.0.into());
        add("Access-Control-Allow-Credentials", "true".into());
        add("Access-Control-Expose-Headers", EXPOSED.into());
    }
}

/// Why the host by which a client called the server is unknown.
enum NoHost {
    Missing,
    /// The text is not a host, or there are several that differ.
    Invalid(String),
}

/// Returns the host by which the client called the server. A target that is a whole URL names it too (RFC 9112 §3.2.2). If the
/// two differ, it is unknown which one is meant.
fn authority(request: &Request) -> Result<Authority, NoHost> {
    let target = request.head().target();
    let in_target = match target.split_once("://") {
        Some((_, after)) if !target.starts_with('/') => Some(after.split(['/', '?', '#']).next().unwrap_or(after)),
        _ => None,
    };
    let in_headers = request.headers("Host");
    let named: Vec<Cow<'_, str>> = in_target.map(Cow::Borrowed).into_iter().chain(in_headers).collect();
    let parsed: Option<Vec<Authority>> = named.iter().map(|text| Authority::parse(text)).collect();
    match parsed.as_deref() {
        Some([]) => Err(NoHost::Missing),
        Some([first, others @ ..]) if others.iter().all(|other| other == first) => Ok(first.clone()),
        _ => Err(NoHost::Invalid(named.join("`, `"))),
    }
}

fn check_host(settings: &AdminSettings, authority: &Result<Authority, NoHost>) -> Result<(), AdminFault> {
    let found = match authority {
        Ok(Authority { host, .. }) if host.is_fixed() || settings.hosts.iter().any(|allowed| allowed.is_same(host)) => {
            return Ok(());
        }
        Ok(Authority { host, .. }) => format!("`{}`", shown(&host.to_string())),
        Err(NoHost::Missing) => "none".to_owned(),
        Err(NoHost::Invalid(sent)) => format!("`{}`", shown(sent)),
    };
    let detail = format!(
        "Host must be an IP address, `localhost` or given by `--admin-host`, because only a loopback address is bound; found {found}"
    );
    Err(AdminFault::new(403, "the admin API is not called by this name", detail).about(ErrorSource::Header("Host")))
}

/// Checks that no page of another site sent a request without an origin. A value that is unknown today counts as such a page.
fn same_site(request: &Request) -> Result<(), AdminFault> {
    let another = request.headers("Sec-Fetch-Site").find(|site| !matches!(&**site, "same-origin" | "none"));
    let Some(another) = another else { return Ok(()) };
    let detail = format!(
        "Sec-Fetch-Site must be `same-origin` or `none`, or Origin must be given by `--admin-origin`; found `{}` and no Origin",
        shown(&another)
    );
    Err(AdminFault::new(403, "a page of another site may not use the admin API", detail)
        .about(ErrorSource::Header("Sec-Fetch-Site")))
}

/// The value of a header that must not be repeated.
enum Header<'a> {
    Missing,
    Once(Cow<'a, str>),
    Repeated(String),
}

fn one<'a>(request: &'a Request, name: &'a str) -> Header<'a> {
    let mut values: Vec<Cow<'_, str>> = request.headers(name).collect();
    match values.len() {
        0 | 1 => values.pop().map_or(Header::Missing, Header::Once),
        _ => Header::Repeated(values.join("`, `")),
    }
}

/// Returns a client's text for an error: cut, and without what a terminal would act on.
fn shown(text: &str) -> String {
    let more = if text.chars().nth(SHOWN).is_some() { "..." } else { "" };
    text.chars().take(SHOWN).flat_map(char::escape_debug).chain(more.chars()).collect()
}
