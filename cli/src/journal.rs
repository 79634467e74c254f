//! `cannery journal`: prints the requests that a server has received, and a verdict: whether every request was answered by a
//! stub, and every stub was called as often as it must be.
//!
//! The verdict includes requests that were evicted from the journal, so it is exact even if the journal is small.

use std::process::ExitCode;
use std::time::Duration;

use cannery::message::{Secrets, redacted_target, visible, visible_lines};
use cannery::model::Json;

use crate::args::{JournalArgs, JournalFormat};
use crate::client::{Client, ClientError};
use crate::count::counted;
use crate::exit::{EXPECTATION_FAILED, Failure};
use crate::output::{print, print_json};

/// How long an answer may take. A full journal takes a while to be written and read.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The maximum number of unmatched requests that are explained. For each of them the server compares every stub.
const MAX_EXPLAINED: usize = 20;

/// Prints the journal. The exit code is the verdict.
pub fn journal(args: &JournalArgs) -> Result<ExitCode, Failure> {
    let client = Client::from_args(&args.server)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::System)?;
    let endpoint = format!("journal?explain={MAX_EXPLAINED}");
    let ask = async {
        Ok::<_, ClientError>((client.get(&endpoint, TIMEOUT).await?, client.get("expectations", TIMEOUT).await?))
    };
    let (answer, expectations) = runtime.block_on(ask)?;
    let journal = Journal::from_json(&answer, &expectations);
    match args.format {
        JournalFormat::Text => print(journal.text().trim_end()),
        JournalFormat::Json => print_json(&journal.json().pretty()),
    }
    let good = journal.unmet().next().is_none() && (journal.unmatched() == 0 || args.allow_unmatched);
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::from(EXPECTATION_FAILED) })
}

/// The server's answer, oldest request first.
struct Journal<'a> {
    entries: Vec<&'a Json>,
    /// The stubs with an `expect`, each with its verdict.
    expectations: &'a [Json],
    received: usize,
    evicted: usize,
    evicted_unmatched: usize,
}

impl<'a> Journal<'a> {
    fn from_json(answer: &'a Json, expectations: &'a Json) -> Journal<'a> {
        let entries = match answer.get("entries") {
            Some(Json::Array(entries)) => entries.iter().rev().collect(),
            _ => Vec::new(),
        };
        let expectations = match expectations.get("expectations") {
            Some(Json::Array(all)) => all.as_slice(),
            _ => &[],
        };
        Journal {
            entries,
            expectations,
            received: number(answer, "received"),
            evicted: number(answer, "evicted"),
            evicted_unmatched: number(answer, "evictedUnmatched"),
        }
    }

    /// Returns how many requests no stub answered, including evicted ones.
    fn unmatched(&self) -> usize {
        self.evicted_unmatched + self.entries.iter().filter(|entry| is_unmatched(entry)).count()
    }

    /// Returns the stubs whose number of calls is not as expected.
    fn unmet(&self) -> impl Iterator<Item = &'a Json> {
        self.expectations.iter().filter(|expectation| expectation.get("met") != Some(&Json::Bool(true)))
    }

    fn text(&self) -> String {
        let mut text = format!("{} received", counted(self.received, "request"));
        if self.evicted > 0 {
            text.push_str(&format!(", the first {} no longer in the journal", self.evicted));
        }
        text.push('\n');
        self.entries.iter().for_each(|entry| text.push_str(&format!("  {}\n", entry_line(entry))));
        text.push('\n');
        match (self.unmatched(), self.evicted_unmatched) {
            (0, _) if self.received == 0 => text.push_str("nothing came\n"),
            (0, _) => text.push_str("every request was answered by a stub\n"),
            (all, 0) => text.push_str(&format!("{} answered by no stub\n", counted(all, "request"))),
            (all, gone) => text.push_str(&format!(
                "{} answered by no stub, {gone} of them no longer in the journal\n",
                counted(all, "request")
            )),
        }
        let unmet = self.unmet().count();
        if unmet == 0 && !self.expectations.is_empty() {
            text.push_str(&format!("{} called as often as expected\n", counted(self.expectations.len(), "stub")));
        }
        for entry in self.entries.iter().filter(|entry| is_unmatched(entry)) {
            match (string(entry, "explanation"), string(entry, "refused")) {
                ("", "") => {}
                ("", refused) => {
                    text.push_str(&format!("\n{} was refused: {}\n", request_line(entry), redacted_line(refused)))
                }
                (explanation, _) => text.push_str(&format!("\n{}", visible_lines(explanation))),
            }
        }
        if unmet > 0 {
            text.push_str(&format!("\n{} not called as often as expected\n", counted(unmet, "stub")));
            self.unmet().for_each(|unmet| text.push_str(&format!("  {}\n", visible(string(unmet, "text")))));
        }
        text
    }

    fn json(&self) -> Json {
        let all = |chosen: &dyn Fn(&Json) -> bool| {
            Json::Array(self.entries.iter().filter(|entry| chosen(entry)).map(|entry| (*entry).clone()).collect())
        };
        Json::from([
            ("received", self.received.into()),
            ("unmatchedCount", self.unmatched().into()),
            ("evicted", self.evicted.into()),
            ("evictedUnmatched", self.evicted_unmatched.into()),
            ("requests", all(&|_| true)),
            ("unmatched", all(&is_unmatched)),
            ("unmetCount", self.unmet().count().into()),
            ("expectations", Json::Array(self.expectations.to_vec())),
        ])
    }
}

/// Returns whether no stub answered. A preflight that the server answered itself does not count.
fn is_unmatched(entry: &Json) -> bool {
    matches!(string(entry, "outcome"), "unmatched" | "refused")
}

/// Returns time, request, status and the stub that answered, without secrets.
fn entry_line(entry: &Json) -> String {
    let time = string(entry, "receivedAt");
    let time = time.split_once('T').map_or(time, |(_, time)| time.split(['.', 'Z']).next().unwrap_or(time));
    let status = match (string(entry, "fault"), entry.get("answer").map_or(0, |answer| number(answer, "status"))) {
        ("", status) => status.to_string(),
        (fault, 0) => visible(fault).into_owned(),
        (fault, status) => format!("{status} {}", visible(fault)),
    };
    let (colour, answered) = match entry.get("stub") {
        Some(stub) => ("\x1b[32m", format!("{}/{}", visible(string(stub, "scenario")), visible(string(stub, "name")))),
        None if is_unmatched(entry) => ("\x1b[31m", "no stub".to_owned()),
        None => ("\x1b[36m", visible(string(entry, "answeredBy")).into_owned()),
    };
    format!("{} {} {colour}{status}\x1b[0m {answered}", visible(time), request_line(entry))
}

fn request_line(entry: &Json) -> String {
    let target = redacted_target(string(entry, "target"));
    format!("{} {}", visible(string(entry, "method")), visible(&target))
}

/// Returns a text of the server on one line, without secrets.
fn redacted_line(text: &str) -> String {
    visible(&Secrets::default().redacted(text)).into_owned()
}

fn string<'a>(json: &'a Json, name: &str) -> &'a str {
    json.get(name).and_then(Json::as_str).unwrap_or_default()
}

fn number(json: &Json, name: &str) -> usize {
    json.get(name).and_then(|value| value.to_string().parse().ok()).unwrap_or(0)
}
