//! Measures the distance of a request from a pattern.

use crate::matching::{CompiledPattern, Condition, ConditionInput, PathTemplate, PathTest, TemplateSegment, fold};
use crate::message::{Request, Segment};
use crate::model::Timestamp;

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

/// Longer segments are not compared letter by letter, because that takes time quadratic in their length.
const LONGEST_COMPARED: usize = 256;

/// Returns the distance of a request from a pattern, without explaining it.
pub fn distance(pattern: &CompiledPattern, request: &Request, now: Timestamp) -> Distance {
    let params = pattern.template().and_then(|template| template.matches(request)).unwrap_or_default();
    let input = ConditionInput { request, params: &params, now, projection: None };
    let missed = evaluated_conditions(pattern, &input).filter(|condition| !condition.holds(&input));
    Distance(missed.map(|condition| weight(condition, request)).sum())
}

/// Returns whether the path matches, whatever the other conditions are.
pub(super) fn matches_path(pattern: &CompiledPattern, request: &Request, now: Timestamp) -> bool {
    let input = ConditionInput { request, params: &[], now, projection: None };
    pattern.conditions().all(|condition| !matches!(condition, Condition::Path(_)) || condition.holds(&input))
}

/// Returns how similar the path is to the template of a pattern, from 0 to 1; 0 if the pattern has no template.
pub(super) fn path_similarity(pattern: &CompiledPattern, request: &Request) -> f64 {
    pattern.template().map_or(0.0, |template| similarity(template, request))
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
        Condition::Path(PathTest::Template(template)) => {
            ONE_CONDITION + (15.0 * f64::from(ONE_CONDITION) * (1.0 - similarity(template, request))) as u32
        }
        Condition::Path(PathTest::Matcher(_)) => 8 * ONE_CONDITION,
        Condition::Method(_) => 3 * ONE_CONDITION,
        // Conditions on a body that cannot be read share one remedy, so each weighs less.
        Condition::Holds(condition) if condition.selected(request).is_err() => ONE_CONDITION / 2,
        Condition::Items(_, representation) if request.document(representation).is_err() => ONE_CONDITION / 2,
        Condition::Body(_) | Condition::Holds(_) | Condition::Items(..) => 2 * ONE_CONDITION,
        _ => ONE_CONDITION,
    }
}

/// Returns how similar the path of the request is to a template, from 0 to 1: the average over the segments.
fn similarity(template: &PathTemplate, request: &Request) -> f64 {
    let (path, sent) = (request.path(), request.segments());
    let alike = |(segment, sent): (&TemplateSegment, &Segment)| match segment {
        TemplateSegment::Param(_) | TemplateSegment::Rest(_) => 1.0,
        TemplateSegment::Fixed(text) => {
            let sent = sent.text(path).unwrap_or_default();
            let lower = fold::lower(sent);
            match text == sent || *text == *lower {
                true => 1.0,
                false if text.len().max(sent.len()) > LONGEST_COMPARED => 0.0,
                false if lower == sent => strsim::normalized_levenshtein(text, sent),
                false => {
                    let either = [&*lower, sent].map(|sent| strsim::normalized_levenshtein(text, sent));
                    either[0].max(either[1])
                }
            }
        }
    };
    let together: f64 = template.segments().iter().zip(sent).map(alike).sum();
    together / template.segments().len().max(sent.len()) as f64
}
