//! `cannery explain`: shows what the server would answer, without sending the request.
//!
//! The request is read from flags, a file or a curl command. The library or a running server explains it.

mod curl;
mod flags;
mod http_file;
mod shell;

use std::io::{IsTerminal as _, Read as _};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use cannery::engine::{Engine, Settings, StubSet};
use cannery::explain::{Style, preview};
use cannery::message::RequestDraft;
use cannery::model::{Json, Timestamp};

use crate::args::{ExplainArgs, ExplainFormat};
use crate::client::Client;
use crate::exit::{EXPECTATION_FAILED, Failure};
use crate::loading::load;
use crate::output::{print, print_json};

/// How long a server may take. It compares every stub, and there may be many.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Explains the request. The exit code is 0 if a stub answers, and its answer can be made.
pub fn explain(args: &ExplainArgs) -> Result<ExitCode, Failure> {
    let draft = draft(args)?;
    let explained = match &args.url {
        Some(url) => explain_with_server(url, args, &draft)?,
        None => explain_with_files(args, draft)?,
    };
    match args.format {
        ExplainFormat::Text => print(explained.printed.trim_end()),
        ExplainFormat::Json => print_json(&explained.printed),
    }
    Ok(if explained.answered {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(EXPECTATION_FAILED)
    })
}

/// The explanation.
struct Explained {
    printed: String,
    answered: bool,
}

fn explain_with_files(args: &ExplainArgs, draft: RequestDraft) -> Result<Explained, Failure> {
    let catalogue = load(&scenario_paths(args))?;
    let engine = Engine::new(catalogue.stubs, Settings::default());
    for (machine, state) in &args.state {
        require_machine(&engine.stubs(), machine)?;
        engine.set_state(machine, state);
    }
    let now = args.now.unwrap_or_else(Timestamp::now);
    let here = IpAddr::from(Ipv4Addr::LOCALHOST);
    let request = draft
        .request(Some(here), now)
        .map_err(|reason| Failure::Usage(format!("the request could not be sent: {reason}")))?;
    let preview = preview(&engine, &request, now);
    let printed = match args.format {
        // `print` strips the colours if stdout does not show them.
        ExplainFormat::Text => preview.text(Style { colour: true, redact: false }),
        ExplainFormat::Json => preview.to_json().pretty(),
    };
    let answered = preview.answering.is_some_and(|answering| answering.dry_run.failure.is_none());
    Ok(Explained { printed, answered })
}

fn explain_with_server(url: &str, args: &ExplainArgs, draft: &RequestDraft) -> Result<Explained, Failure> {
    let client = Client::from_url(url, &args.admin)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::System)?;
    let mut body = draft.to_json();
    if let Some(now) = args.now {
        body.set("now", now.to_string().into());
    }
    let answer = client.post("explain?colour=true", &body, TIMEOUT);
    let mut explained = runtime.block_on(answer)?;
    let has_failed = explained.get("response").is_some_and(|response| response.get("failure").is_some());
    let answered = !has_failed && explained.get("answers").is_some_and(|stub| *stub != Json::Null);
    let printed = match args.format {
        ExplainFormat::Text => explained.get("text").and_then(Json::as_str).unwrap_or_default().to_owned(),
        ExplainFormat::Json => {
            if let Json::Object(members) = &mut explained {
                members.retain(|(name, _)| name != "text");
            }
            explained.pretty()
        }
    };
    Ok(Explained { printed, answered })
}

fn scenario_paths(args: &ExplainArgs) -> Vec<PathBuf> {
    if !args.scenarios.is_empty() {
        return args.scenarios.clone();
    }
    // Not by clap, because then a variable that is set would conflict with `--url`.
    let set = std::env::var_os("CANNERY_SCENARIOS").filter(|paths| !paths.is_empty());
    set.map_or_else(|| vec!["scenarios".into()], |paths| std::env::split_paths(&paths).collect())
}

/// Returns an error if no stub depends on a state machine: its state would have no effect.
fn require_machine(stubs: &StubSet, machine: &str) -> Result<(), Failure> {
    let stateful =
        stubs.stubs().iter().filter(|mounted| mounted.stub.when_state.is_some() || mounted.stub.then_state.is_some());
    let mut known: Vec<_> = stateful.map(|mounted| mounted.stub.state_machine.as_str()).collect();
    known.sort_unstable();
    known.dedup();
    match known.as_slice() {
        known if known.contains(&machine) => Ok(()),
        [] => Err(Failure::Usage(format!("no state machine is named `{machine}`: there are none"))),
        known => Err(Failure::Usage(format!("no state machine is named `{machine}`; there are: {}", known.join(", ")))),
    }
}

fn draft(args: &ExplainArgs) -> Result<RequestDraft, Failure> {
    if let Some(command) = &args.curl {
        let from_stdin = command == "-";
        let text = if from_stdin {
            String::from_utf8_lossy(&read(Path::new("-"))?).into_owned()
        } else {
            command.clone()
        };
        let file = |path: &str| match path {
            "-" if from_stdin => Err(std::io::Error::other("stdin has the curl command itself")),
            path => contents(Path::new(path)),
        };
        return curl::draft(&text, &file).map_err(|error| Failure::Usage(error.to_string()));
    }
    if let Some(path) = &args.request {
        return http_file::draft(&read(path)?)
            .map_err(|error| Failure::Usage(format!("{} does not contain a request: {error}", path.display())));
    }
    let body = match (&args.data, &args.data_file) {
        (Some(text), _) => Some(text.clone().into_bytes()),
        (None, Some(path)) => Some(read(path)?),
        (None, None) => None,
    };
    flags::draft(&args.line, &args.header, body).map_err(|error| Failure::Usage(error.to_string()))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    contents(path).map_err(|error| Failure::Usage(format!("{} cannot be read: {error}", path.display())))
}

fn contents(path: &Path) -> std::io::Result<Vec<u8>> {
    if path != Path::new("-") {
        return std::fs::read(path);
    }
    let mut stdin = std::io::stdin();
    if stdin.is_terminal() {
        crate::output::eprint("reading from the terminal; Ctrl-D ends it");
    }
    let mut bytes = Vec::new();
    stdin.read_to_end(&mut bytes)?;
    Ok(bytes)
}
