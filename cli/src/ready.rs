//! Says that the server is ready: one JSON line on stdout for programs, then the routes on stderr for people.

use std::io::{self, ErrorKind, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use cannery::check::Catalogue;
use cannery::message::{redacted_target, visible, visible_json};
use cannery::model::Json;

use crate::args::{LogFormat, ServeArgs};
use crate::output::tell;
use crate::routes;
use crate::words::counted;

/// More routes than this are not listed.
const MOST_ROUTES: usize = 40;

/// Tells everybody.
///
/// # Errors
/// If the line for programs cannot be written: whoever waits for it would wait for ever.
pub fn announce(bound: SocketAddr, args: &ServeArgs, catalogue: &Catalogue, took: Duration) -> io::Result<()> {
    let url = format!("http://{}", reachable(bound));
    let stubs = catalogue.stubs.stubs().len();
    let line = Json::from([
        ("ready", true.into()),
        ("url", url.as_str().into()),
        ("address", bound.ip().to_string().into()),
        ("port", usize::from(bound.port()).into()),
        ("admin", format!("{url}{}", args.admin_path).into()),
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
    if args.log_format != LogFormat::Json {
        tell_people(&url, catalogue, stubs, took);
    }
    Ok(())
}

fn tell_people(url: &str, catalogue: &Catalogue, stubs: usize, took: Duration) {
    let scenarios = catalogue.scenarios.len();
    tell(format_args!("cannery {} listens on {url}", env!("CARGO_PKG_VERSION")));
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
