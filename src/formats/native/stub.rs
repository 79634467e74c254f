//! Reads a stub: a request pattern and its answer.

use crate::formats::located::{Located, ReadContext};
use crate::formats::table_reader::TableReader;
use crate::formats::words::{did_you_mean, in_backticks};
use crate::model::{BodyCondition, Fault, Json, KeyPath, Place, Repeat, RequestPattern, Response, Stub, StubAnswer};

use super::request::{RequestDraft, request};
use super::response::{merged, response, unspecified};
use super::{batch, conditions, delivery, expect, json_value, merge, names, path};

/// The keys of a stub.
pub(super) const KEYS: [&str; 13] = [
    "name",
    "priority",
    "when_state",
    "then_state",
    "state_machine",
    "on_demand",
    "expect",
    "vars",
    "request",
    "response",
    "responses",
    "repeat",
    "batch",
];

/// The values that a stub inherits from its file.
pub(super) struct Defaults {
    pub(super) request: RequestDraft,
    pub(super) response: Response,
    pub(super) state_machine: String,
}

impl Defaults {
    /// Returns the defaults of a file that specifies none.
    pub(super) fn unspecified(state_machine: &str) -> Defaults {
        Defaults { request: RequestDraft::default(), response: unspecified(), state_machine: state_machine.to_owned() }
    }
}

/// Reads a stub. If it has faults they are recorded, and the result is what could be read.
pub(super) fn stub(
    located: &Located<'_>,
    defaults: &Defaults,
    place: Place,
    context: &mut ReadContext<'_>,
) -> Option<Stub> {
    let mut table = TableReader::open(located, "a stub", context)?;
    let name = table.take("name").and_then(|value| names::stub_name(&value, context));
    let priority = table.take("priority").and_then(|value| priority(&value, context));
    let when_state = table.take("when_state").and_then(|value| value.nonempty_text(context));
    let then_state = table.take("then_state").and_then(|value| value.nonempty_text(context));
    let state_machine = table.take("state_machine").and_then(|value| value.nonempty_text(context));
    let on_demand = table.take("on_demand").and_then(|value| value.boolean(context)).unwrap_or(false);
    if on_demand && located.node.get("name").is_none() {
        let at = located.at.key("on_demand");
        let fault = Fault::key(&at, "a stub on demand must have a `name`").with_label("cannot be armed without a name");
        context.faults.push(fault.with_help("Give the stub a name of its own."));
    }
    let expect = table.take("expect").and_then(|value| expect::expect(&value, context));
    let vars = table.take("vars").and_then(|value| vars(&value, context)).unwrap_or_default();
    let request = stub_request(&mut table, defaults, &located.at, context);
    let answer = answer(&mut table, defaults, &located.at, context);
    table.finish(context);
    Some(Stub {
        name,
        priority: priority.unwrap_or(Stub::DEFAULT_PRIORITY),
        when_state,
        then_state,
        state_machine: state_machine.unwrap_or_else(|| defaults.state_machine.clone()),
        on_demand,
        expect,
        vars,
        request,
        answer: answer.unwrap_or_else(|| StubAnswer::Response(defaults.response.clone())),
        place,
    })
}

/// Reads the variables of a stub, in which a string is text or a template.
fn vars(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Vec<(String, Json)>> {
    let entries = located.entries(context)?;
    let read: Vec<_> =
        entries.iter().map(|(name, value)| Some(((*name).to_owned(), json_value::plain(value, context)?))).collect();
    read.into_iter().collect()
}

fn priority(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<i64> {
    let whole = located.whole_number(context)?;
    match i64::try_from(whole) {
        Ok(priority) => Some(priority),
        Err(_) => {
            context.refuse(located.fault("`priority` must be a number of at most 64 bits").with_label("out of range"))
        }
    }
}

fn stub_request(
    table: &mut TableReader<'_>,
    defaults: &Defaults,
    at: &KeyPath,
    context: &mut ReadContext<'_>,
) -> RequestPattern {
    let own = table.take("request").and_then(|value| request(&value, context)).unwrap_or_default();
    let merged = merge::request(&defaults.request, &own);
    let at = at.key("request");
    let path_is_faulty = own.path_is_faulty || (own.pattern.path.is_none() && defaults.request.path_is_faulty);
    if !path_is_faulty {
        path::check_params(&merged, &own.pattern, &at, context);
    }
    let has_xpath = merged.holds.iter().any(|condition| matches!(condition, BodyCondition::XPath(..)));
    if !own.namespaces.is_empty() && !has_xpath {
        conditions::refuse_namespaces(&at, context);
    }
    merged
}

fn answer(
    table: &mut TableReader<'_>,
    defaults: &Defaults,
    at: &KeyPath,
    context: &mut ReadContext<'_>,
) -> Option<StubAnswer> {
    let repeat = table.take("repeat");
    let given = table.take_among(&["response", "responses", "batch"]);
    let value = |key: &str| given.iter().find(|(given, _)| *given == key).map(|(_, value)| value);
    if let (Some(repeat), None) = (&repeat, value("responses")) {
        let fault = Fault::key(&repeat.at, "`repeat` must be in a stub with `responses`")
            .with_label("no `responses` in this stub");
        context.faults.push(fault.with_help("It specifies what follows the last of several `responses`."));
    }
    refuse_two(&given, context);
    let is_batch = value("batch").is_some();
    let whole = |value: &Located<'_>, context: &mut ReadContext<'_>| {
        let own = response(value, &defaults.response, context)?;
        let whole = merged(&defaults.response, &own);
        if !is_batch {
            delivery::refuse_idle(&own, &whole, &value.at, context);
        }
        Some(whole)
    };
    if let Some(several) = value("responses") {
        let read = responses(several, context, whole);
        let repeat = repeat.map_or(Some(Repeat::Last), |value| self::repeat(&value, context));
        return Some(StubAnswer::Responses(read?, repeat?));
    }
    let frame = match value("response") {
        Some(value) => whole(value, context),
        None => Some(defaults.response.clone()),
    };
    match value("batch") {
        Some(value) => {
            let batch = batch::batch(value, context);
            if let Some(frame) = &frame {
                batch::check_frame(frame, &at.key("response"), context);
            }
            Some(StubAnswer::Batch(batch?, frame?))
        }
        None => frame.map(StubAnswer::Response),
    }
}

/// Reports a second answer. Only `batch` and `response` can be combined, because the response is the batch's frame.
fn refuse_two(given: &[(&'static str, Located<'_>)], context: &mut ReadContext<'_>) {
    if !given.iter().any(|(key, _)| *key == "responses") {
        return;
    }
    let Some((first, rest)) = given.split_first() else { return };
    for (key, value) in rest {
        let message =
            format!("a stub must have only one answer, found {} and {}", in_backticks(first.0), in_backticks(key));
        let help =
            "Keep one: `response`, or `responses` one after another, or a `batch` with a `response` as its frame.";
        context.faults.push(Fault::key(&value.at, message).with_label("a second answer").with_help(help));
    }
}

fn responses(
    located: &Located<'_>,
    context: &mut ReadContext<'_>,
    one: impl Fn(&Located<'_>, &mut ReadContext<'_>) -> Option<Response>,
) -> Option<Vec<Response>> {
    let all = located.tables("stub.responses", context)?;
    if all.is_empty() {
        let fault = located.fault("`responses` must not be an empty list").with_label("no answer");
        return context.refuse(fault.with_help("Leave it out to answer what `[response]` specifies."));
    }
    let read: Vec<_> = all.iter().map(|value| one(value, context)).collect();
    read.into_iter().collect()
}

fn repeat(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Repeat> {
    match located.text(context)? {
        "last" => Some(Repeat::Last),
        "cycle" => Some(Repeat::Cycle),
        other => {
            let help = did_you_mean(other, ["last", "cycle"]).unwrap_or_else(|| {
                "Write \"last\" for the last response again, or \"cycle\" for the first.".to_owned()
            });
            context.refuse(
                located
                    .fault(format!("`repeat` must be \"last\" or \"cycle\", found {}", in_backticks(other)))
                    .with_help(help),
            )
        }
    }
}
