//! Finds conditions of one stub that no request satisfies together.

use crate::matching::JsonPath;
use crate::model::{BodyCondition, Fault, Json, KeyPath, Matcher, Operator, PathPattern, RequestPattern, Stub};

use super::contradiction::contradiction;
use super::value::{Candidate, Judge, Kind, flat_operators, holds_absent};
use super::words::at_condition;

const HELP: &str = "No request satisfies this, so the stub never answers.";

/// A matcher, and the values that its part of the request can have.
struct Target<'a> {
    at: KeyPath,
    matcher: &'a Matcher,
    kind: Kind,
    always_present: bool,
}

/// Returns why a stub never answers, if its own conditions contradict each other. Only the first reason is reported.
pub(super) fn impossible(judge: &Judge, stub: &Stub) -> Option<Fault> {
    let request = KeyPath::top().key("stub").index(stub.place.index).key("request");
    targets(&stub.request, &request)
        .iter()
        .find_map(|target| matcher_fault(judge, target))
        .or_else(|| host_fault(&stub.request, &request))
        .or_else(|| scheme_fault(judge, &stub.request, &request))
        .or_else(|| bodies_fault(judge, &stub.request, &request))
}

fn matcher_fault(judge: &Judge, target: &Target<'_>) -> Option<Fault> {
    let found = contradiction(judge, target.matcher, target.kind, target.always_present)?;
    let at = target.at.key(found.other.unwrap_or(found.one).name().key());
    let label = match found.other {
        Some(_) => "a contradiction",
        None => "never satisfied",
    };
    Some(Fault::value(&at, found.message()).with_label(label).with_help(HELP))
}

fn targets<'a>(request: &'a RequestPattern, at: &KeyPath) -> Vec<Target<'a>> {
    let mut all = Vec::new();
    let text = |at: KeyPath, matcher: &'a Matcher| Target { at, matcher, kind: Kind::Text, always_present: false };
    if let Some(PathPattern::Matcher(matcher)) = &request.path {
        all.push(Target { always_present: true, ..text(at.key("path"), matcher) });
    }
    for (name, matcher) in &request.path_params {
        all.push(Target { always_present: true, ..text(at.key("path_params").key(name), matcher) });
    }
    let named = [
        ("headers", &request.headers),
        ("query", &request.query),
        ("cookies", &request.cookies),
        ("form", &request.form),
    ];
    for (key, matchers) in named {
        all.extend(matchers.iter().map(|(name, matcher)| text(at.key(key).key(name), matcher)));
    }
    if let Some(auth) = &request.basic_auth {
        all.push(text(at.key("basic_auth").key("username"), &auth.username));
        all.push(text(at.key("basic_auth").key("password"), &auth.password));
    }
    for (key, matcher) in [("host", &request.host), ("client_ip", &request.client_ip), ("body", &request.body)] {
        all.extend(matcher.iter().map(|matcher| text(at.key(key), matcher)));
    }
    all.extend(request.scheme.iter().map(|matcher| Target { always_present: true, ..text(at.key("scheme"), matcher) }));
    for condition in &request.holds {
        let (matcher, kind) = match condition {
            BodyCondition::JsonPath(_, matcher) => (matcher, Kind::Json),
            BodyCondition::XPath(_, matcher, _) | BodyCondition::Document(_, matcher) => (matcher, Kind::Either),
            BodyCondition::Json(_)
            | BodyCondition::JsonIncludes(_)
            | BodyCondition::JsonSchema(_)
            | BodyCondition::Xml(_) => continue,
        };
        let at = at_condition(condition, at);
        all.push(Target { at, matcher, kind, always_present: false });
    }
    all
}

/// Reports upper case in `host`, because the host of a request is compared in lower case.
fn host_fault(request: &RequestPattern, at: &KeyPath) -> Option<Fault> {
    let matcher = request.host.as_ref()?;
    let upper = flat_operators(matcher).into_iter().find_map(|(operator, fold)| match operator {
        Operator::Equals(Json::String(text)) if !fold && text.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            Some((operator, text))
        }
        _ => None,
    })?;
    let fault = Fault::value(&at.key("host").key(upper.0.name().key()), "`host` must be in lower case");
    Some(fault.with_label("has upper case").with_help(format!("Write \"{}\".", upper.1.to_ascii_lowercase())))
}

fn scheme_fault(judge: &Judge, request: &RequestPattern, at: &KeyPath) -> Option<Fault> {
    let matcher = request.scheme.as_ref()?;
    let refused = |scheme: &str| judge.all_hold(matcher, &Candidate::Text(scheme.to_owned())) == Some(false);
    if !refused("http") || !refused("https") {
        return None;
    }
    let fault = Fault::value(&at.key("scheme"), "`scheme` must match \"http\" or \"https\", found neither");
    Some(fault.with_label("no such scheme").with_help("Scheme names are in lower case and without `://`."))
}

/// Reports two conditions that no body satisfies together.
fn bodies_fault(judge: &Judge, request: &RequestPattern, at: &KeyPath) -> Option<Fault> {
    let needs_a_body = |condition: &&BodyCondition| match condition {
        BodyCondition::JsonPath(_, matcher) | BodyCondition::XPath(_, matcher, _) => !holds_absent(matcher),
        BodyCondition::Document(..) => false,
        BodyCondition::Json(_)
        | BodyCondition::JsonIncludes(_)
        | BodyCondition::JsonSchema(_)
        | BodyCondition::Xml(_) => true,
    };
    let needed = || request.holds.iter().filter(needs_a_body);
    if let (Some(absent), Some(needs)) = (request.body.as_ref().filter(|body| is_absence(body)), needed().next()) {
        let key = needs.name().key();
        let message = format!("`body` must not be absent, because `{key}` needs a body");
        let marked = absent.operators.first()?.name().key();
        return Some(Fault::value(&at.key("body").key(marked), message).with_label("no body").with_help(HELP));
    }
    let is_xml = |condition: &BodyCondition| matches!(condition, BodyCondition::Xml(_) | BodyCondition::XPath(..));
    let is_json = |condition: &BodyCondition| !is_xml(condition) && !matches!(condition, BodyCondition::Document(..));
    let json = request.holds.iter().find(|condition| is_json(condition));
    let xml = request.holds.iter().find(|condition| is_xml(condition));
    if let (Some(json), Some(xml), Some(_)) = (json, xml, needed().next()) {
        let message = format!("no body satisfies both `{}` and `{}`", json.name().key(), xml.name().key());
        return Some(
            Fault::value(&at_condition(xml, at), message)
                .with_label("a body is JSON or XML, never both")
                .with_help(HELP),
        );
    }
    let whole = request.holds.iter().find_map(|condition| match condition {
        BodyCondition::Json(json) => Some(json),
        _ => None,
    })?;
    let refused = request.holds.iter().find(|condition| match condition {
        BodyCondition::JsonIncludes(part) => !whole.includes(part),
        BodyCondition::JsonPath(path, matcher) => fails_in(judge, whole, path, matcher),
        _ => false,
    })?;
    let message = format!("no body satisfies both `json` and `{}`", refused.name().key());
    Some(Fault::value(&at_condition(refused, at), message).with_label("does not hold for `json`").with_help(HELP))
}

fn is_absence(matcher: &Matcher) -> bool {
    matcher.operators.contains(&Operator::Present(false))
}

/// Returns whether the values that a path selects in a body are certain to fail a matcher.
fn fails_in(judge: &Judge, whole: &Json, path: &str, matcher: &Matcher) -> bool {
    let Ok(path) = JsonPath::compile(path) else { return false };
    let Ok(selected) = path.select(whole) else { return false };
    if selected.is_empty() {
        return !holds_absent(matcher);
    }
    selected.iter().all(|json| {
        let candidate = match *json {
            Json::Number(number) => Candidate::Number(*number),
            Json::Array(_) | Json::Object(_) => Candidate::Shape((*json).clone()),
            scalar => Candidate::Json(scalar.clone()),
        };
        judge.all_hold(matcher, &candidate) == Some(false)
    })
}
