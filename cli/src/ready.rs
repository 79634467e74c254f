//! Says that the server is ready: one JSON line on stdout for programs, then the routes on stderr for people.

use std::io::{self, ErrorKind, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use cannery::check::Catalogue;
use cannery::message::{redacted_target, visible, visible_json};
use cannery::model::Json;

use crate::args::LogFormat;
use crate::output::tell;
use crate::routes;
use crate::words::counted;

/// More routes than this are not listed.
const MOST_ROUTES: usize = 40;

/// Where a server is.
pub struct At {
    /// The address of the stubs.
    pub stubs: SocketAddr,
    /// The address of the admin API and its path there.
    pub admin: Option<(SocketAddr, String)>,
}

/// Tells everybody.
pub fn announce(at: &At, log_format: LogFormat, catalogue: &Catalogue, took: Duration) -> io::Result<()> {
    let bound = at.stubs;
    let url = format!("http://{}", reachable(bound));
    let admin = at.admin.as_ref().map(|(bound, path)| format!("http://{}{path}", reachable(*bound)));
    let stubs = catalogue.stubs.stubs().len();
    let line = Json::from([
        ("ready", true.into()),
        ("url", url.as_str().into()),
        ("address", bound.ip().to_string().into()),
        ("port", usize::from(bound.port()).into()),
        ("admin", admin.as_deref().map_or(Json::Null, Json::from)),
        ("scenarios", catalogue.scenarios.len().into()),
        ("stubs", stubs.into()),
    ]);
    // A program that started the server and does not read its stdout is no reason to stop.
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{}", visible_json(&line.to_string())).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(error),
        _ => {}
    }
    drop(stdout);
    if log_format != LogFormat::Json {
        let elsewhere = admin.filter(|admin| !admin.starts_with(&format!("{url}/")));
        tell_people(&url, elsewhere.as_deref(), catalogue, stubs, took);
    }
    Ok(())
}

fn tell_people(url: &str, admin: Option<&str>, catalogue: &Catalogue, stubs: usize, took: Duration) {
    let scenarios = catalogue.scenarios.len();
    tell(format_args!("cannery {} listens on {url}", env!("CARGO_PKG_VERSION")));
    if let Some(admin) = admin {
        tell(format_args!("the admin API is at {admin}"));
    }
    let (scenarios, stubs) = (counted(scenarios, "scenario"), counted(stubs, "stub"));
    tell(format_args!("{scenarios} with {stubs}, loaded in {:.1} ms", took.as_secs_f64() * 1000.0));
    let (routes, count) = routes::routes(catalogue, MOST_ROUTES);
    for route in &routes {
        match &route.target {
            Some(target) => {
                let target = redacted_target(target);
                tell(format_args!("  {:7} {url}{}", visible(&route.method), visible(&target)));
            }
            None => tell(format_args!("  {:7} what the stub takes: {}", visible(&route.method), visible(&route.stub))),
        }
    }
    if count > routes.len() {
        tell(format_args!("  and {} more", count - routes.len()));
    }
}

/// The address as a client on this machine reaches it.
pub fn reachable(bound: SocketAddr) -> SocketAddr {
    let ip = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, bound.port())
}
