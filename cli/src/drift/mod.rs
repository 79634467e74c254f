//! `cannery drift`: sends the examples to the real service, and reports where its answers differ from the files.
//!
//! The library decides which examples can be sent and what counts as drift. This sends them and prints the outcome.

mod additions;
mod credentials;
mod outcome;
mod pace;
mod render;
mod service;
mod verdict;

use std::borrow::Cow;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use cannery::check::drift::{Methods, PlannedExample, answering_stub, plan};
use cannery::engine::StubSet;
use cannery::message::{Request, Secrets, is_secret_path, redacted_target};
use cannery::model::Json;

use crate::args::{DriftArgs, DriftFormat};
use crate::exit::{Failure, INTERRUPTED};
use crate::loading::load;
use crate::output::{eprint, print, print_json, print_text};
use crate::signals::StopSignals;
use crate::units::Rate;

use additions::Additions;
use outcome::{ExampleOutcome, Outcome};
use pace::Pace;
use service::{SendError, Service};
use verdict::Verdict;

/// The text that replaces a secret.
const REDACTED: &str = "...";

/// After this many consecutive examples without an answer, no more are sent.
const MAX_UNREACHED_IN_A_ROW: usize = 3;

/// Sends the examples, prints the outcome, and returns it as the exit code.
pub fn drift(args: &DriftArgs) -> Result<ExitCode, Failure> {
    let added = Additions::read(&args.header, &args.query, |name| std::env::var(name).ok()).map_err(Failure::Usage)?;
    let service = Service::new(&args.against, args.ca.as_deref(), args.timeout).map_err(Failure::Usage)?;
    let catalogue = load(&args.paths)?;
    let methods = if args.r#unsafe { Methods::All } else { Methods::Safe };
    let planned = plan(&catalogue.scenarios, &catalogue.stubs, methods, cannery::model::Timestamp::now());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::System)?;
    let outcomes: Result<_, Failure> = runtime.block_on(async {
        let mut signals = StopSignals::listen().map_err(Failure::System)?;
        tokio::select! {
            outcomes = send_all(planned, &catalogue.stubs, &service, &added, args.rate) => Ok(Some(outcomes)),
            () = signals.next() => Ok(None),
        }
    });
    // Do not wait for the thread that may still resolve a name.
    runtime.shutdown_background();
    let Some(outcomes) = outcomes? else { return Ok(ExitCode::from(INTERRUPTED)) };
    let verdict = Verdict::from_outcomes(&outcomes);
    match args.format {
        DriftFormat::Text => print(render::text(&outcomes, verdict).trim_end()),
        DriftFormat::Json => print_json(&render::json(&args.against, &outcomes, verdict).pretty()),
        DriftFormat::Junit => print_text(&(render::junit(&outcomes).to_junit() + "\n")),
    }
    if let Some(error) = verdict.error() {
        eprint(format_args!("error: {error}"));
    }
    Ok(verdict.exit_code())
}

async fn send_all(
    planned: Vec<PlannedExample>,
    stubs: &Arc<StubSet>,
    service: &Service,
    added: &Additions,
    rate: Rate,
) -> Vec<ExampleOutcome> {
    let (mut pace, mut unreached_in_a_row) = (Pace::new(rate), 0);
    let mut outcomes = Vec::with_capacity(planned.len());
    for example in planned {
        let outcome = match &example.step {
            Err(skipped) => Outcome::Skipped(skipped.to_string()),
            Ok(_) if unreached_in_a_row == MAX_UNREACHED_IN_A_ROW => {
                Outcome::Unreached(format!("not sent: the {MAX_UNREACHED_IN_A_ROW} requests before it got no answer"))
            }
            Ok(promise) => {
                tokio::time::sleep(pace.wait(Instant::now())).await;
                match service.send(&with_credentials(&example.request, stubs, added)).await {
                    Ok(answer) => Outcome::Answered(answer.status, promise.compare_with(&answer)),
                    Err(unsendable @ SendError::Unsendable(_)) => Outcome::Skipped(unsendable.to_string()),
                    Err(error) => Outcome::Unreached(error.to_string()),
                }
            }
        };
        unreached_in_a_row = match &outcome {
            Outcome::Unreached(_) => MAX_UNREACHED_IN_A_ROW.min(unreached_in_a_row + 1),
            Outcome::Answered(..) => 0,
            Outcome::Skipped(_) => unreached_in_a_row,
        };
        outcomes.push(redacted(example, outcome, &added.secrets));
    }
    outcomes
}

fn with_credentials(example: &Request, stubs: &Arc<StubSet>, added: &Additions) -> Request {
    let answering = |request: &Request| answering_stub(stubs, request, request.received_at());
    let own = answering(example);
    credentials::with_additions(example, added, |changed| answering(changed) == own)
}

fn redacted(example: PlannedExample, outcome: Outcome, secrets: &Secrets) -> ExampleOutcome {
    let outcome = match outcome {
        Outcome::Answered(status, mut findings) => {
            for finding in findings.drifts.iter_mut().chain(&mut findings.notes) {
                // Any value at such a path is a secret, even one that the service has generated.
                let hidden = is_secret_path(&finding.at);
                let redacted = |text: &str| match hidden {
                    true => REDACTED.to_owned(),
                    false => without_secret_members(&secrets.redacted(text)).into_owned(),
                };
                for text in [&mut finding.promised, &mut finding.actual] {
                    *text = text.as_deref().map(redacted);
                }
                finding.at = secrets.redacted(&finding.at).into_owned();
                finding.what = secrets.redacted(&finding.what).into_owned();
            }
            Outcome::Answered(status, findings)
        }
        Outcome::Skipped(why) => Outcome::Skipped(secrets.redacted(&why).into_owned()),
        Outcome::Unreached(why) => Outcome::Unreached(secrets.redacted(&why).into_owned()),
    };
    let head = example.request.head();
    ExampleOutcome {
        method: head.method().to_owned(),
        target: secrets.redacted(&redacted_target(head.target())).into_owned(),
        scenario: example.scenario,
        name: example.name,
        file: example.file,
        line: example.line,
        outcome,
    }
}

/// Redacts the secret members of a text that is JSON: the value at a path may be a whole object.
fn without_secret_members(text: &str) -> Cow<'_, str> {
    let Ok(json) = Json::parse(text.as_bytes()) else { return text.into() };
    let mut secrets = Secrets::default();
    secrets.add_json(&json);
    Cow::Owned(secrets.redacted(text).into_owned())
}
