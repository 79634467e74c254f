//! `cannery drift`: sends the examples to the real service, and tells where it has drifted from what the files promise.
//!
//! Which examples can be sent, and what drift is, is the library's business; here they are sent and told of.

mod outcome;
mod pace;
mod real;
mod secret;
mod service;
mod told;
mod verdict;

use std::borrow::Cow;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use cannery::check::drift::{Methods, Planned, answering_stub, plan};
use cannery::engine::StubSet;
use cannery::message::{Request, Secrets, is_secret_path, redacted_target};
use cannery::model::Json;

use crate::args::{DriftArgs, DriftFormat};
use crate::exit::{Failure, INTERRUPTED};
use crate::files::load;
use crate::output::{eprint, print, print_json, print_text};
use crate::signals::StopSignals;
use crate::units::Rate;

use outcome::{Outcome, Tried};
use pace::Pace;
use secret::Added;
use service::{SendError, Service};
use verdict::Verdict;

/// What is printed in the place of a secret.
const HIDDEN: &str = "...";

/// After so many examples in a row that got no answer nobody is asked any more.
const GIVEN_UP_AFTER: usize = 3;

/// Sends, prints, and says by the exit code what came of it.
pub fn drift(args: &DriftArgs) -> Result<ExitCode, Failure> {
    let added = Added::read(&args.header, &args.query, |name| std::env::var(name).ok()).map_err(Failure::Usage)?;
    let service = Service::of(&args.against, args.ca.as_deref(), args.timeout).map_err(Failure::Usage)?;
    let catalogue = load(&args.paths)?;
    let methods = if args.r#unsafe { Methods::All } else { Methods::Safe };
    let planned = plan(&catalogue.scenarios, &catalogue.stubs, methods, cannery::model::Timestamp::now());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::System)?;
    let tried: Result<_, Failure> = runtime.block_on(async {
        let mut signals = StopSignals::listen().map_err(Failure::System)?;
        tokio::select! {
            tried = try_all(planned, &catalogue.stubs, &service, &added, args.rate) => Ok(Some(tried)),
            () = signals.next() => Ok(None),
        }
    });
    // A name that is still being resolved is nobody's concern any more.
    runtime.shutdown_background();
    let Some(tried) = tried? else { return Ok(ExitCode::from(INTERRUPTED)) };
    let verdict = Verdict::of(&tried);
    match args.format {
        DriftFormat::Text => print(told::text(&tried, verdict).trim_end()),
        DriftFormat::Json => print_json(&told::json(&args.against, &tried, verdict).pretty()),
        DriftFormat::Junit => print_text(&(told::junit(&tried).to_junit() + "\n")),
    }
    if let Some(loud) = verdict.loud() {
        eprint(format_args!("error: {loud}"));
    }
    Ok(verdict.exit_code())
}

async fn try_all(
    planned: Vec<Planned>,
    stubs: &Arc<StubSet>,
    service: &Service,
    added: &Added,
    rate: Rate,
) -> Vec<Tried> {
    let (mut pace, mut in_a_row) = (Pace::new(rate), 0);
    let mut tried = Vec::with_capacity(planned.len());
    for example in planned {
        let outcome = match &example.step {
            Err(skipped) => Outcome::Skipped(skipped.to_string()),
            Ok(_) if in_a_row == GIVEN_UP_AFTER => {
                Outcome::Unreached(format!("not sent: {GIVEN_UP_AFTER} before it got no answer"))
            }
            Ok(promise) => {
                tokio::time::sleep(pace.wait(Instant::now())).await;
                match service.send(&real(&example.request, stubs, added)).await {
                    Ok(came) => Outcome::Answered(came.status, promise.hold_against(&came)),
                    Err(unsendable @ SendError::Unsendable(_)) => Outcome::Skipped(unsendable.to_string()),
                    Err(error) => Outcome::Unreached(error.to_string()),
                }
            }
        };
        in_a_row = match &outcome {
            Outcome::Unreached(_) => GIVEN_UP_AFTER.min(in_a_row + 1),
            Outcome::Answered(..) => 0,
            Outcome::Skipped(_) => in_a_row,
        };
        tried.push(without_secrets(example, outcome, &added.secrets));
    }
    tried
}

fn real(example: &Request, stubs: &Arc<StubSet>, added: &Added) -> Request {
    let answering = |request: &Request| answering_stub(stubs, request, request.received_at());
    let own = answering(example);
    real::with_added(example, added, |changed| answering(changed) == own)
}

fn without_secrets(example: Planned, outcome: Outcome, secrets: &Secrets) -> Tried {
    let outcome = match outcome {
        Outcome::Answered(status, mut findings) => {
            for finding in findings.drifts.iter_mut().chain(&mut findings.notes) {
                // Whatever stands at such a place is a secret, also if the service has made it up.
                let hidden = is_secret_path(&finding.at);
                let redacted = |text: &str| match hidden {
                    true => HIDDEN.to_owned(),
                    false => without_members(&secrets.redacted(text)).into_owned(),
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
    Tried {
        method: head.method().to_owned(),
        target: secrets.redacted(&redacted_target(head.target())).into_owned(),
        scenario: example.scenario,
        name: example.name,
        file: example.file,
        line: example.line,
        outcome,
    }
}

/// A text without the secrets in it, if it is JSON: what stands at a place may be a whole object.
fn without_members(text: &str) -> Cow<'_, str> {
    let Ok(json) = Json::parse(text.as_bytes()) else { return text.into() };
    let mut secrets = Secrets::default();
    secrets.add_json(&json);
    Cow::Owned(secrets.redacted(text).into_owned())
}
