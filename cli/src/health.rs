//! `cannery health`: asks a server whether it is healthy; for `HEALTHCHECK`, probes and scripts that wait.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use cannery::model::Json;

use crate::args::HealthArgs;
use crate::client::{Client, ClientError};
use crate::count::counted;
use crate::exit::{EXPECTATION_FAILED, Failure, safe};
use crate::output::{eprint, print};

/// How long one answer may take. A healthy server answers at once.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long to wait between two attempts.
const RETRY_INTERVAL: Duration = Duration::from_millis(10);

/// Asks the server, repeatedly if `--wait` is given. The exit code is 0 if the server is healthy.
pub fn health(args: &HealthArgs) -> Result<ExitCode, Failure> {
    let client = Client::from_args(&args.server)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::System)?;
    let deadline = Instant::now() + args.wait.unwrap_or_default();
    runtime.block_on(async {
        loop {
            let answer = match args.no_admin {
                true => client.connect(TIMEOUT).await.map(|()| listening()),
                false => client.get("health", TIMEOUT).await,
            };
            match answer {
                Ok(health) if health.get("status").and_then(Json::as_str) == Some("healthy") => {
                    print(summary(&health));
                    return Ok(ExitCode::SUCCESS);
                }
                answer if Instant::now() >= deadline => return Ok(unhealthy(&client, answer)),
                _ => tokio::time::sleep(RETRY_INTERVAL).await,
            }
        }
    })
}

/// Returns the health of a server without an admin API, which is checked by a connection alone. A request would be for the
/// stubs.
fn listening() -> Json {
    Json::from([("status", "healthy".into())])
}

fn summary(health: &Json) -> String {
    if health.get("stubs").is_none() {
        return "healthy: it listens".to_owned();
    }
    let number = |name: &str| health.get(name).and_then(|value| value.to_string().parse().ok()).unwrap_or(0);
    format!("healthy: {}, {}", counted(number("scenarios"), "scenario"), counted(number("stubs"), "stub"))
}

fn unhealthy(client: &Client, answer: Result<Json, ClientError>) -> ExitCode {
    match answer {
        Ok(_) => eprint(format_args!("unhealthy: {} does not report that it is healthy", safe(&client.url()))),
        Err(error) => eprint(format_args!("unhealthy: {}", safe(&error.to_string()))),
    }
    ExitCode::from(EXPECTATION_FAILED)
}
