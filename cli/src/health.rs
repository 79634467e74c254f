//! `cannery health`: whether a server is up, by its own word; for `HEALTHCHECK`, probes and scripts that wait.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use cannery::model::Json;

use crate::args::HealthArgs;
use crate::client::{Client, ClientError};
use crate::exit::{EXPECTATION_FAILED, Failure, safe};
use crate::output::{eprint, print};
use crate::words::counted;

/// A server that is well answers at once.
const WITHIN: Duration = Duration::from_secs(5);

/// How long to wait before asking again.
const BREATH: Duration = Duration::from_millis(10);

/// Asks, and says by the exit code how the server is.
pub fn health(args: &HealthArgs) -> Result<ExitCode, Failure> {
    let client = Client::of(&args.server)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::System)?;
    let deadline = Instant::now() + args.wait.unwrap_or_default();
    runtime.block_on(async {
        loop {
            let asked = match args.no_admin {
                true => client.connect(WITHIN).await.map(|()| listens()),
                false => client.get("health", WITHIN).await,
            };
            match asked {
                Ok(health) if health.get("status").and_then(Json::as_str) == Some("healthy") => {
                    print(told(&health));
                    return Ok(ExitCode::SUCCESS);
                }
                answered if Instant::now() >= deadline => return Ok(unhealthy(&client, answered)),
                _ => tokio::time::sleep(BREATH).await,
            }
        }
    })
}

/// The health of a server without an admin API: that it listens is all that it says, and it is not asked for more, because
/// any request would be one for the stubs.
fn listens() -> Json {
    Json::from([("status", "healthy".into())])
}

fn told(health: &Json) -> String {
    if health.get("stubs").is_none() {
        return "healthy: it listens".to_owned();
    }
    let number = |name: &str| health.get(name).and_then(|value| value.to_string().parse().ok()).unwrap_or(0);
    format!("healthy: {}, {}", counted(number("scenarios"), "scenario"), counted(number("stubs"), "stub"))
}

fn unhealthy(client: &Client, answered: Result<Json, ClientError>) -> ExitCode {
    match answered {
        Ok(_) => eprint(format_args!("unhealthy: {} does not say that it is healthy", safe(&client.url()))),
        Err(error) => eprint(format_args!("unhealthy: {}", safe(&error.to_string()))),
    }
    ExitCode::from(EXPECTATION_FAILED)
}
