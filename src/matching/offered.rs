//! The keys under which all that a pattern takes may be found: the other side of its marks.
//!
//! What a mark asks for finds a request; what is offered finds other patterns, for those who compare patterns with each other.

use crate::model::Json;

use super::body::CompiledBody;
use super::condition::Condition;
use super::mark::{Key, Subject, key, leaves, typed};
use super::path::TemplateSegment;
use super::value::CompiledOperator;
use super::{CompiledMatcher, CompiledPattern};

impl CompiledPattern {
    /// The keys under which all that it takes may be found, and perhaps more.
    pub(crate) fn offers(&self) -> Vec<(Subject, Key)> {
        let mut offered = Vec::new();
        for condition in self.conditions() {
            match condition {
                Condition::Holds(CompiledBody::Json(json) | CompiledBody::JsonIncludes(json)) => {
                    let marks = leaves(json, true, usize::MAX).into_iter();
                    offered.extend(
                        marks.flat_map(|mark| mark.keys.into_iter().map(move |key| (mark.subject.clone(), key))),
                    );
                }
                _ => {
                    if let Some((subject, matcher)) = self.asked(condition) {
                        let keys = matcher.offers();
                        offered.extend(keys.into_iter().map(|key| (subject.clone(), key)));
                    }
                }
            }
        }
        if let Some(template) = self.template() {
            for (place, segment) in template.segments.iter().enumerate() {
                if let TemplateSegment::Fixed(text) = segment {
                    let keys = offered_by(&Json::from(text.as_str()), template.ignore_case);
                    offered.extend(keys.into_iter().map(|key| (Subject::Segment(place), key)));
                }
            }
            // The last segment is all that is left from there.
            let last = template.segments.len() - 1;
            let is_last = |(subject, _): &&(Subject, Key)| *subject == Subject::Segment(last);
            let rest: Vec<Key> = offered.iter().filter(is_last).map(|(_, key)| key.clone()).collect();
            offered.extend(rest.into_iter().map(|key| (Subject::Rest(last), key)));
        }
        offered
    }
}

impl CompiledMatcher {
    /// The keys of all values that it names, in every form in which another may ask for them.
    fn offers(&self) -> Vec<Key> {
        let each = |operator: &CompiledOperator| match operator {
            CompiledOperator::Equals(json) => offered_by(json, self.ignore_case),
            CompiledOperator::OneOf(options) => {
                options.iter().flat_map(|json| offered_by(json, self.ignore_case)).collect()
            }
            CompiledOperator::AllOf(matchers) | CompiledOperator::AnyOf(matchers) => {
                matchers.iter().flat_map(CompiledMatcher::offers).collect()
            }
            _ => Vec::new(),
        };
        self.operators.iter().flat_map(each).collect()
    }
}

fn offered_by(json: &Json, fold: bool) -> Vec<Key> {
    match json {
        Json::String(text) if !fold => keys_of_text(text),
        // A value without a type may be written as this one is.
        Json::Bool(truth) => keys_of_text(if *truth { "true" } else { "false" }),
        _ => key(json, fold).into_iter().collect(),
    }
}

fn keys_of_text(text: &str) -> Vec<Key> {
    let mut keys = vec![Key::Text(text.to_owned()), Key::AnyCase(text.to_lowercase())];
    keys.extend(typed(text));
    keys
}
