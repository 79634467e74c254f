//! Measures the distance of a request from a pattern, and tells whether the request may have been meant for it.

use crate::matching::{CompiledPattern, Condition, ConditionInput, PathTest};
use crate::message::Request;
use crate::model::Timestamp;

use super::path_distance::{PathDistance, has_a_word, path_distance};

/// The distance of a request from a pattern; 0 is a match. The path weighs most, then the method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Distance(u32);

impl Distance {
    /// Returns the distance with one more condition that does not hold, such as a state.
    #[must_use]
    pub(super) fn plus_one_condition(self) -> Distance {
        Distance(self.0 + ONE_CONDITION)
    }
}

const ONE_CONDITION: u32 = 1000;

/// The distance of a stub that names no word of a path: its path holds, or is missing, for nearly every request.
const NO_WORD: u32 = 4 * ONE_CONDITION;

/// Conditions that hold reduce the distance by this much each, and by at most [`MAX_SHARED`] together.
const ONE_SHARED: u32 = 300;
const MAX_SHARED: u32 = 3 * ONE_SHARED;

/// A stub whose path shares nothing with the request is near if at least this many conditions on the body hold, and all do.
const ENOUGH_OF_THE_BODY: usize = 2;

/// Returns the distance of a request from a pattern, without explaining it.
pub fn distance(pattern: &CompiledPattern, request: &Request, now: Timestamp) -> Distance {
    let params = pattern.template().and_then(|template| template.matches(request));
    let is_path_known = params.is_some() || pattern.template().is_none();
    let params = params.unwrap_or_default();
    let input = ConditionInput { request, params: &params, now, projection: None };
    let (mut missed, mut shared) = (0, 0);
    for condition in evaluated_conditions(pattern, &input) {
        match condition {
            // What a placeholder would get is not known, so it says nothing.
            Condition::PathParam(..) if !is_path_known => {}
            _ if !condition.holds(&input) => missed += weight(condition, request),
            Condition::Method(_) | Condition::Path(_) | Condition::PathParam(..) | Condition::Malformed(_) => {}
            _ => shared += ONE_SHARED,
        }
    }
    let unnamed = if missed > 0 && !names_a_word(pattern) { NO_WORD } else { 0 };
    Distance(unnamed + missed - shared.min(MAX_SHARED).min(missed / 2))
}

/// Returns whether the path of a pattern tells its requests from others.
fn names_a_word(pattern: &CompiledPattern) -> bool {
    pattern.conditions().any(|condition| match condition {
        Condition::Path(PathTest::Template(template)) => has_a_word(template),
        Condition::Path(PathTest::Matcher(_)) => true,
        _ => false,
    })
}

/// Returns whether a request shares enough with a pattern that it may have been meant: a word of the path, or the whole body.
pub(super) fn is_near(pattern: &CompiledPattern, request: &Request, now: Timestamp) -> bool {
    if matches_path(pattern, request, now) {
        return true;
    }
    if pattern.template().is_some_and(|template| path_distance(template, request).shares_a_word) {
        return true;
    }
    let input = ConditionInput { request, params: &[], now, projection: None };
    let of_body: Vec<_> = pattern.conditions().filter(|condition| is_on_body(condition)).collect();
    of_body.len() >= ENOUGH_OF_THE_BODY && of_body.iter().all(|condition| condition.holds(&input))
}

fn is_on_body(condition: &Condition) -> bool {
    matches!(
        condition,
        Condition::Body(_) | Condition::Holds(_) | Condition::Items(..) | Condition::Form(..) | Condition::Part(..)
    )
}

/// Returns whether the path matches, whatever the other conditions are.
pub(super) fn matches_path(pattern: &CompiledPattern, request: &Request, now: Timestamp) -> bool {
    let input = ConditionInput { request, params: &[], now, projection: None };
    pattern.conditions().all(|condition| !matches!(condition, Condition::Path(_)) || condition.holds(&input))
}

/// Returns how similar the path is to the template of a pattern, at most 1; 0 if the pattern has no template or shares no word.
pub(super) fn path_similarity(pattern: &CompiledPattern, request: &Request) -> f64 {
    let Some(template) = pattern.template() else { return 0.0 };
    match path_distance(template, request) {
        PathDistance { cost, shares_a_word: true } => {
            let segments = template.segments().len().max(request.segments().len()) as f64;
            1.0 - f64::from(cost) / f64::from(ONE_CONDITION) / segments
        }
        _ => 0.0,
    }
}

/// Returns all conditions but closures. Closures are included only if all other conditions hold, as in matching.
pub(super) fn evaluated_conditions<'a>(
    pattern: &'a CompiledPattern,
    input: &ConditionInput<'_>,
) -> impl Iterator<Item = &'a Condition> {
    let is_code = |condition: &&Condition| matches!(condition, Condition::Code(_));
    let has_code = pattern.conditions().next_back().is_some_and(|last| is_code(&last));
    let includes_code = has_code && pattern.conditions().all(|one| is_code(&one) || one.holds(input));
    pattern.conditions().filter(move |condition| includes_code || !is_code(condition))
}

fn weight(condition: &Condition, request: &Request) -> u32 {
    match condition {
        Condition::Path(PathTest::Template(template)) => ONE_CONDITION + 5 * path_distance(template, request).cost,
        Condition::Path(PathTest::Matcher(_)) => 8 * ONE_CONDITION,
        Condition::Method(methods) => method_weight(methods, request.method()),
        // Conditions on a body that cannot be read share one remedy, so each weighs less.
        Condition::Holds(condition) if condition.selected(request).is_err() => ONE_CONDITION / 2,
        Condition::Items(_, representation) if request.document(representation).is_err() => ONE_CONDITION / 2,
        Condition::Body(_) | Condition::Holds(_) | Condition::Items(..) => 2 * ONE_CONDITION,
        _ => ONE_CONDITION,
    }
}

/// HEAD instead of GET is the smallest mistake, then one method with a body instead of another.
fn method_weight(methods: &[String], sent: &str) -> u32 {
    const WITH_BODY: [&str; 3] = ["POST", "PUT", "PATCH"];
    let has_any = |of: &[&str]| methods.iter().any(|method| of.contains(&method.as_str()));
    match sent {
        "HEAD" if has_any(&["GET"]) => ONE_CONDITION,
        "GET" if has_any(&["HEAD"]) => ONE_CONDITION,
        _ if WITH_BODY.contains(&sent) && has_any(&WITH_BODY) => 2 * ONE_CONDITION,
        _ => 3 * ONE_CONDITION,
    }
}
