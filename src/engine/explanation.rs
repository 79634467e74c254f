//! Why no stub answered: the nearest stubs, condition by condition, for people and for programs.
//!
//! One renderer for the 404's text, the log, and whoever else explains.

use std::fmt::Write as _;

use crate::budget::{self, Budget};
use crate::matching::{ConditionReport, Distance, caught};
use crate::message::{Redaction, Request, Secrets, accepted, redacted_target, visible, visible_json, visible_lines};
use crate::model::{Json, Timestamp};

use super::decision_state::DecisionState;
use super::{MountedStub, StubSet};

/// Why a request was not answered by any stub.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The request's method.
    pub method: String,
    /// The request's target as sent.
    pub target: String,
    /// The name of an on-demand stub that it asks for and that does not exist, with the names that do.
    pub unknown_stub: Option<(String, Vec<String>)>,
    /// The nearest stubs, nearest first, at most three.
    pub nearest: Vec<NearStub>,
    /// On-demand stubs that would answer it if they were asked for.
    pub on_demand: Vec<String>,
    /// How many stubs there are.
    pub stubs: usize,
    /// Why the files do not load, if what is served is older than they are.
    pub stale: Option<String>,
    /// Why the request is answered with a 500: whether a stub matches cannot be decided.
    pub undecided: Option<String>,
    /// Why the nearest stubs are not known: comparing the request with them was ended.
    pub unfinished: Option<String>,
    /// The secrets of the request, which redacted texts leave out.
    pub secrets: Secrets,
}

/// A stub that nearly answered.
#[derive(Debug, Clone, PartialEq)]
pub struct NearStub {
    /// Its name.
    pub name: String,
    /// The name of its scenario.
    pub scenario: String,
    /// The file that it was written in.
    pub file: String,
    /// Counted from 1; 0 if it is in no file.
    pub line: usize,
    /// Every condition with its verdict.
    pub conditions: Vec<ConditionReport>,
}

/// How an explanation is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// With colours, for a terminal.
    pub colour: bool,
    /// Without secrets, for whatever lasts.
    pub redact: bool,
}

const NEAREST: usize = 3;

/// The steps that one explanation may take: about a tenth of a second.
pub(super) const EXPLAIN_STEPS: u64 = 10_000_000;

/// Compares a request with stubs within a number of steps.
///
/// # Errors
/// Returns why it was ended, for people: the steps were not enough, or the code of Cannery panicked.
pub(super) fn compare_within<T>(steps: u64, compare: impl FnOnce() -> T) -> Result<T, String> {
    match caught(|| budget::within(Budget::of_steps(steps), compare)) {
        Ok(compared) => compared.map_err(|limit| limit.to_string()),
        Err(panicked) => Err(format!("a fault of Cannery: {}", visible_lines(&panicked.to_string()))),
    }
}

impl Explanation {
    /// Explains within a number of steps.
    ///
    /// # Errors
    /// Returns why it was ended: the steps were not enough, or the code of Cannery panicked.
    pub(super) fn within(
        set: &StubSet,
        view: &DecisionState,
        request: &Request,
        now: Timestamp,
        steps: u64,
    ) -> Result<Explanation, String> {
        compare_within(steps, || Explanation::of(set, view, request, now))
    }

    /// As [`Explanation::within`] the usual number of steps. If it was ended, the explanation has the reason instead of the
    /// nearest stubs.
    pub(super) fn bounded(set: &StubSet, view: &DecisionState, request: &Request, now: Timestamp) -> Explanation {
        Explanation::within(set, view, request, now, EXPLAIN_STEPS)
            .unwrap_or_else(|reason| Explanation::unfinished(set, request, reason))
    }

    /// An explanation that was ended for a reason.
    pub(super) fn unfinished(set: &StubSet, request: &Request, reason: String) -> Explanation {
        Explanation { unfinished: Some(reason), ..Explanation::bare(set, request) }
    }

    /// An explanation of a request that is answered with a 500 for a reason.
    pub(super) fn undecided(set: &StubSet, request: &Request, reason: String) -> Explanation {
        Explanation { undecided: Some(reason), ..Explanation::bare(set, request) }
    }

    /// What is known before any stub is compared.
    fn bare(set: &StubSet, request: &Request) -> Explanation {
        Explanation {
            method: request.method().to_owned(),
            target: request.head().target().to_owned(),
            unknown_stub: None,
            nearest: Vec::new(),
            on_demand: Vec::new(),
            stubs: set.len(),
            stale: stale(set),
            undecided: None,
            unfinished: None,
            secrets: Secrets::from_request(request),
        }
    }

    fn of(set: &StubSet, view: &DecisionState, request: &Request, now: Timestamp) -> Explanation {
        let compared = set.near(request);
        let mut ranked: Vec<(Distance, usize)> = Vec::with_capacity(compared.len());
        for (place, live) in compared.iter().enumerate() {
            let distance = live.pattern.distance(request, now);
            ranked.push((if in_state(set, view, live) { distance } else { distance.and_one() }, place));
        }
        ranked.sort_unstable();
        let nearest = ranked.iter().take(NEAREST).map(|(_, place)| near(set, view, compared[*place], request, now));
        let on_demand = set.on_demand_candidates(request).into_iter();
        let on_demand = on_demand.filter(|live| would_answer(set, view, live, request, now));
        Explanation {
            nearest: nearest.collect(),
            on_demand: on_demand.map(|live| live.reference.name.clone()).collect(),
            ..Explanation::bare(set, request)
        }
    }

    pub(super) fn unknown_stub(set: &StubSet, name: String, request: &Request) -> Explanation {
        Explanation { unknown_stub: Some((name, set.on_demand_names())), ..Explanation::bare(set, request) }
    }

    /// One line that says what happened.
    pub fn summary(&self, style: Style) -> String {
        let target = if style.redact {
            redacted_target(&self.target)
        } else {
            (&*self.target).into()
        };
        let (method, target) = (visible(&self.method), visible(&target));
        match &self.unknown_stub {
            Some((name, _)) => format!("no on-demand stub is named `{}`", visible(name)),
            None if self.undecided.is_some() => format!("{method} {target} cannot be decided"),
            None if self.stubs == 0 => format!("no stub answers {method} {target}: there are no stubs"),
            None => format!("no stub answers {method} {target}"),
        }
    }

    /// Several lines for people.
    pub fn text(&self, style: Style) -> String {
        let mut text = format!("{}\n", self.summary(style));
        if let Some(problem) = &self.stale {
            text.push_str("\nWhat is served is older than its files, which do not load:\n");
            visible_lines(problem).lines().for_each(|line| text.push_str(&format!("  {line}\n")));
        }
        if let Some(reason) = &self.undecided {
            let _ = writeln!(text, "\nThe answer is a 500: {reason}");
        }
        if let Some(reason) = &self.unfinished {
            let _ = writeln!(text, "\nThe nearest stubs are not known: {reason}");
        }
        if let Some((_, names)) = &self.unknown_stub {
            match names.as_slice() {
                [] => text.push_str("\nThere are no on-demand stubs.\n"),
                names => {
                    text.push_str("\nThere are:\n");
                    names.iter().for_each(|name| text.push_str(&format!("  {}\n", visible(name))));
                }
            }
        }
        let redaction = self.secrets.redaction();
        for (place, near) in self.nearest.iter().enumerate() {
            text.push('\n');
            near.lines(["nearest", "second", "third"][place.min(NEAREST - 1)], style, &redaction, &mut text);
        }
        if !self.on_demand.is_empty() {
            on_demand_line(&self.on_demand, NEAREST, &mut text);
        }
        text
    }

    /// Problem details (RFC 9457) with the same contents.
    pub fn problem(&self) -> Json {
        let (title, status) = match self.undecided {
            None => ("No stub answers this request", 404),
            Some(_) => ("It is undecided which stub answers this request", 500),
        };
        let mut problem = Json::from([
            ("type", "about:blank".into()),
            ("title", title.into()),
            ("status", status.into()),
            ("detail", self.summary(Style::default()).into()),
            ("method", self.method.clone().into()),
            ("target", self.target.clone().into()),
            ("nearest", Json::Array(self.nearest.iter().map(NearStub::json).collect())),
            ("onDemand", strings(&self.on_demand)),
        ]);
        if let Some((_, names)) = &self.unknown_stub {
            problem.set("known", strings(names));
        }
        let reasons = [("stale", &self.stale), ("undecided", &self.undecided), ("unfinished", &self.unfinished)];
        for (name, reason) in reasons {
            if let Some(reason) = reason {
                problem.set(name, reason.as_str().into());
            }
        }
        problem
    }

    /// The body of the 404 in the form that the client asks for, and its type.
    pub(super) fn negotiated(&self, request: &Request) -> (&'static str, String) {
        let values: Vec<_> = request.headers("Accept").collect();
        let ranges = accepted(values.iter().map(|value| value.as_ref()));
        let quality = |matches: &dyn Fn(&str) -> bool| {
            ranges.iter().filter(|range| matches(&range.range.essence)).map(|range| range.quality).max().unwrap_or(0)
        };
        let json = quality(&|essence| essence.ends_with("/json") || essence == "application/problem+json");
        let text = quality(&|essence| matches!(essence, "text/plain" | "text/html" | "text/*"));
        if json > 0 && json >= text {
            ("application/problem+json", format!("{}\n", visible_json(&self.problem().pretty())))
        } else {
            ("text/plain; charset=utf-8", self.text(Style::default()))
        }
    }
}

/// Writes the names of on-demand stubs that would answer, at most this many.
pub(super) fn on_demand_line(names: &[String], most: usize, text: &mut String) {
    let mut shown = names[..names.len().min(most)].join(", ");
    if names.len() > most {
        let _ = write!(shown, " and {} more", names.len() - most);
    }
    let _ = writeln!(text, "\nAsked for with `Prefer: stub=...`, these would answer: {}.", visible(&shown));
}

impl NearStub {
    /// A stub of which no condition was compared.
    pub(super) fn bare(live: &MountedStub) -> NearStub {
        NearStub {
            name: live.reference.name.clone(),
            scenario: live.reference.scenario.clone(),
            file: live.reference.place.file.to_string(),
            line: live.reference.place.line,
            conditions: Vec::new(),
        }
    }

    /// `file:line`, or where else it comes from.
    pub fn location(&self) -> String {
        match self.line {
            0 => self.file.clone(),
            line => format!("{}:{line}", self.file),
        }
    }

    /// Which one it is, and every condition with its verdict.
    pub(super) fn lines(&self, which: &str, style: Style, of_request: &Redaction, text: &mut String) {
        let _ = writeln!(text, "{which}: {}  ({})", visible(&self.name), visible(&self.location()));
        self.conditions.iter().for_each(|condition| report_line(condition, style, of_request, text));
    }

    /// The same for programs.
    pub(super) fn json(&self) -> Json {
        Json::from([
            ("stub", self.name.clone().into()),
            ("scenario", self.scenario.clone().into()),
            ("file", self.file.clone().into()),
            ("line", self.line.into()),
            ("conditions", Json::Array(self.conditions.iter().map(condition_json).collect())),
        ])
    }
}

pub(super) fn strings(names: &[String]) -> Json {
    Json::Array(names.iter().map(|name| name.as_str().into()).collect())
}

/// Whether a stub answers a request once it is asked.
pub(super) fn would_answer(
    set: &StubSet,
    view: &DecisionState,
    live: &MountedStub,
    request: &Request,
    now: Timestamp,
) -> bool {
    live.pattern.matches(request, now).is_some() && in_state(set, view, live)
}

fn in_state(set: &StubSet, view: &DecisionState, live: &MountedStub) -> bool {
    live.stub.when_state.as_ref().is_none_or(|wanted| view.state(set, &live.stub.state_machine) == wanted)
}

pub(super) fn near(
    set: &StubSet,
    view: &DecisionState,
    live: &MountedStub,
    request: &Request,
    now: Timestamp,
) -> NearStub {
    let mut conditions = live.pattern.explain(request, now);
    if let Some(wanted) = &live.stub.when_state {
        let actual = view.state(set, &live.stub.state_machine);
        conditions.push(ConditionReport {
            subject: format!("state of {}", live.stub.state_machine),
            expected: wanted.clone(),
            actual: if actual == wanted { String::new() } else { actual.to_owned() },
            holds: actual == wanted,
            remedy: (actual != wanted).then(|| way_to_state(set, &live.stub.state_machine, wanted)),
            secret: false,
            secrets: Secrets::default(),
        });
    }
    NearStub { conditions, ..NearStub::bare(live) }
}

fn stale(set: &StubSet) -> Option<String> {
    set.freshness().and_then(|freshness| freshness.problem.clone())
}

/// Which stubs put a machine into a state.
fn way_to_state(set: &StubSet, machine: &str, state: &str) -> String {
    match set.leading_to(machine, state) {
        Some(live) => format!("`{}` puts it into this state.", live.reference.name),
        None => "No stub puts it into this state.".to_owned(),
    }
}

fn condition_json(report: &ConditionReport) -> Json {
    let mut members = vec![
        ("subject".to_owned(), report.subject.clone().into()),
        ("holds".to_owned(), report.holds.into()),
        ("expected".to_owned(), report.expected.clone().into()),
    ];
    if !report.holds {
        members.push(("actual".to_owned(), report.actual.clone().into()));
    }
    members.extend(report.remedy.clone().map(|remedy| ("remedy".to_owned(), remedy.into())));
    Json::Object(members)
}

/// A condition with its verdict, and what was there if it does not hold. A redacted one shows neither the secrets of the
/// request nor those that the condition names.
pub(crate) fn report_line(condition: &ConditionReport, style: Style, of_request: &Redaction, text: &mut String) {
    let of_condition = condition.secrets.redaction();
    let shown = |value: &str| match style.redact {
        true => visible(&of_condition.redact(&of_request.redact(value))).into_owned(),
        false => visible(value).into_owned(),
    };
    let (mark, colour) = if condition.holds { ("ok", "\x1b[32m") } else { ("no", "\x1b[31m") };
    let mark = if style.colour { format!("{colour}{mark}\x1b[0m") } else { mark.to_owned() };
    let _ = writeln!(text, "  {mark}  {}: {}", visible(&condition.subject), shown(&condition.expected));
    if condition.holds {
        return;
    }
    let hidden = style.redact && condition.secret && condition.actual != "missing";
    let actual = if hidden { "(redacted)".to_owned() } else { shown(&condition.actual) };
    let _ = writeln!(text, "      is: {actual}");
    if let Some(remedy) = &condition.remedy {
        let _ = writeln!(text, "      {}", shown(remedy));
    }
}
