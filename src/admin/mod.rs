//! The HTTP API over an engine: the journal in WireMock's shapes and in our own words, and the stubs in our own words.
//!
//! Each endpoint is one function and one row in `endpoints`. Calls to the API are never in the journal.

mod access;
mod call;
mod endpoints;
mod entries;
mod expectations;
mod explain;
mod fault;
mod health;
mod journal;
mod json_equal;
mod logged;
mod origin;
mod printable;
mod printed;
mod recorded;
mod requests;
mod settings;
mod stubs;
mod stubs_toml;
mod wiremock_pattern;

use std::net::IpAddr;
use std::sync::Arc;

use crate::budget::{Budget, within};
use crate::engine::{Answer, Engine};
use crate::message::Request;
use crate::model::Timestamp;
use crate::respond::own_headers;

use access::{admit, check_token};
use call::{Call, Reply, ReplyBody};
use endpoints::route;
use fault::AdminFault;

pub use origin::{HostName, InvalidSetting, Origin};
pub use settings::{AdminSettings, AdminToken};

/// The admin API of one engine.
#[derive(Debug)]
pub struct Admin {
    engine: Arc<Engine>,
    settings: AdminSettings,
    started: Timestamp,
    /// Whether only a loopback address is bound. Then a name in Host that DNS resolves is an attack.
    checks_host: bool,
    /// Whether the API has a port of its own. Then its path on the port of the stubs belongs to the stubs.
    has_own_port: bool,
}

/// The steps that one call may take: about a second. Compiling a stub does not count, so a call that changes something is never ended
/// half way.
const STEPS: u64 = 100_000_000;

impl Admin {
    /// Makes the API of an engine that was started at a time. A path alone can be given as the settings.
    ///
    /// It accepts any Host until [`Admin::bound_to`] says where it is bound.
    pub fn new(engine: Arc<Engine>, settings: impl Into<AdminSettings>, started: Timestamp) -> Admin {
        Admin { engine, settings: settings.into(), started, checks_host: false, has_own_port: false }
    }

    /// The same API, bound to an address. If that is a loopback address, Host must be an address, `localhost` or a name from
    /// the settings: any other name was made to lead here by the page that uses it (DNS rebinding).
    #[must_use]
    pub fn bound_to(self, address: IpAddr) -> Admin {
        Admin { checks_host: address.to_canonical().is_loopback(), ..self }
    }

    /// The same API on a port of its own, where [`Admin::answer_outside`] answers all other paths.
    #[must_use]
    pub fn on_own_port(self) -> Admin {
        Admin { has_own_port: true, ..self }
    }

    /// The path of the API: the base of the requests that it answers.
    pub fn path(&self) -> &str {
        &self.settings.path
    }

    /// Whether a request is for the health, which is answered even if the server is busy.
    pub fn is_health(&self, request: &Request) -> bool {
        request.path().trim_matches('/') == "health"
    }

    /// Answers a request whose base is the path of the API.
    pub fn answer(&self, request: &Request) -> Answer {
        self.answer_by(request, || self.call(request).and_then(|call| within_steps(|| route(&call))))
    }

    /// Answers a request whose base is the path of the API and whose body could not be read, with the reason.
    pub fn refuse(&self, request: &Request, status: u16, reason: &str) -> Answer {
        let unread = AdminFault::new(status, "the body cannot be read", reason);
        self.answer_by(request, || self.call(request).and(Err(unread)))
    }

    /// Answers a request for any other path than that of the API, on a port that has nothing but the API: with a 404.
    pub fn answer_outside(&self, request: &Request) -> Answer {
        let path = self.path();
        let detail = format!("this port has the admin API alone, at {path}; the stubs have a port of their own");
        self.answer_by(request, || Err(AdminFault::new(404, "there is no such path", detail)))
    }

    /// Answers a request: with the reply to it, or with the reason that its sender may not use the API.
    fn answer_by(&self, request: &Request, reply: impl FnOnce() -> Result<Reply, AdminFault>) -> Answer {
        let page = admit(&self.settings, self.checks_host, request);
        let mut answer = match &page {
            Err(fault) => fault_answer(fault),
            Ok(page) => match page.as_ref().and_then(|page| page.preflight(request)) {
                Some(answer) => answer,
                None => match reply() {
                    Ok(Reply(status, body)) => body_answer(status, body),
                    Err(fault) => fault_answer(&fault),
                },
            },
        };
        if !self.settings.origins.is_empty() {
            answer.headers.push(("Vary".into(), "Origin".into()));
        }
        if let Ok(Some(page)) = page {
            page.may_read(&mut answer);
        }
        answer
    }

    /// Makes the call of a request, if its caller presents the token that it needs.
    fn call<'a>(&'a self, request: &'a Request) -> Result<Call<'a>, AdminFault> {
        let path = request.path();
        let below = path.strip_prefix('/').unwrap_or(path).trim_end_matches('/');
        let method = match request.method() {
            "HEAD" => "GET",
            method => method,
        };
        // A monitor needs no secret to check the health.
        if (method, below) != ("GET", "health") {
            check_token(&self.settings, request)?;
        }
        let (settings, started, has_own_port) = (&self.settings, self.started, self.has_own_port);
        Ok(Call { settings, started, has_own_port, request, engine: &self.engine, method, below })
    }
}

fn fault_answer(fault: &AdminFault) -> Answer {
    let mut answer = body_answer(fault.status, Some(ReplyBody::json(&fault.to_json())));
    answer.headers.extend(fault.header.clone().map(|(name, value)| (name.into(), value.into())));
    answer
}

/// Runs a call within its steps.
fn within_steps(run: impl FnOnce() -> Result<Reply, AdminFault>) -> Result<Reply, AdminFault> {
    within(Budget::of_steps(STEPS), run).unwrap_or_else(|limit| Err(AdminFault::too_costly(&limit)))
}

fn body_answer(status: u16, body: Option<ReplyBody>) -> Answer {
    match body {
        Some(ReplyBody { media_type, body }) => {
            Answer { status, headers: own_headers(media_type), body, ..Answer::default() }
        }
        None => Answer { status, ..Answer::default() },
    }
}
