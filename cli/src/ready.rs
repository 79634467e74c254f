//! Reports that the server is ready: one JSON line on stdout for programs, then the routes on stderr for people.

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use cannery::check::Catalogue;
use cannery::message::{redacted_target, visible, visible_json};
use cannery::model::Json;

use crate::address::{BoundAddresses, reachable};
use crate::args::{LogFormat, ReadyLine};
use crate::count::counted;
use crate::log::notice;
use crate::output::eprint;
use crate::routes;

/// The maximum number of routes that are listed.
const MAX_ROUTES: usize = 40;

/// Prints the ready line if the options ask for it, and a text for people unless the log is JSON.
///
/// # Errors
/// If stdout cannot be written.
pub fn announce(
    addresses: &BoundAddresses,
    ready: ReadyLine,
    log_format: LogFormat,
    catalogue: &Catalogue,
    took: Duration,
) -> io::Result<()> {
    let url = format!("http://{}", reachable(addresses.stubs));
    let admin = addresses.admin.as_ref().map(|(bound, path)| format!("http://{}{path}", reachable(*bound)));
    let prints_line = match ready {
        ReadyLine::Auto => !io::stdout().is_terminal(),
        ReadyLine::Json => true,
        ReadyLine::Off => false,
    };
    if prints_line {
        print_line(addresses.stubs, &url, admin.as_deref(), catalogue)?;
    }
    let elsewhere = admin.as_deref().filter(|admin| !admin.starts_with(&format!("{url}/")));
    match log_format {
        LogFormat::Json if prints_line => {}
        // Without the ready line, this is the only sign that the server is ready.
        LogFormat::Json => {
            let admin = elsewhere.map_or_else(String::new, |admin| format!("; {}", admin_is_at(admin)));
            notice(log_format, "ready", &(listens_on(&url) + &admin));
        }
        LogFormat::Text | LogFormat::Off => print_for_people(&url, elsewhere, catalogue, took),
    }
    Ok(())
}

fn print_line(bound: SocketAddr, url: &str, admin: Option<&str>, catalogue: &Catalogue) -> io::Result<()> {
    let line = Json::from([
        ("ready", true.into()),
        ("url", url.into()),
        ("address", bound.ip().to_string().into()),
        ("port", usize::from(bound.port()).into()),
        ("admin", admin.map_or(Json::Null, Json::from)),
        ("scenarios", catalogue.scenarios.len().into()),
        ("stubs", catalogue.stubs.stubs().len().into()),
    ]);
    // The program that started the server need not read its stdout.
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{}", visible_json(&line.to_string())).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

fn listens_on(url: &str) -> String {
    format!("cannery {} listens on {url}", env!("CARGO_PKG_VERSION"))
}

fn admin_is_at(admin: &str) -> String {
    format!("the admin API is at {admin}")
}

fn print_for_people(url: &str, admin: Option<&str>, catalogue: &Catalogue, took: Duration) {
    eprint(listens_on(url));
    if let Some(admin) = admin {
        eprint(admin_is_at(admin));
    }
    let scenarios = counted(catalogue.scenarios.len(), "scenario");
    let stubs = counted(catalogue.stubs.stubs().len(), "stub");
    eprint(format_args!("{scenarios} with {stubs}, loaded in {:.1} ms", took.as_secs_f64() * 1000.0));
    let (routes, count) = routes::routes(catalogue, MAX_ROUTES);
    for route in &routes {
        match &route.target {
            Some(target) => {
                let target = redacted_target(target);
                eprint(format_args!("  {:7} {url}{}", visible(&route.method), visible(&target)));
            }
            None => eprint(format_args!(
                "  {:7} any path that matches the stub {}",
                visible(&route.method),
                visible(&route.stub)
            )),
        }
    }
    if count > routes.len() {
        eprint(format_args!("  and {} more", count - routes.len()));
    }
}
