//! The keys that a pattern implies: under them another pattern may find every request that this one matches.
//!
//! Required keys find the patterns for a request. Implied keys find other patterns, for the warnings that compare patterns.

use crate::model::Json;

use super::body::CompiledBody;
use super::condition::Condition;
use super::index_key::{IndexKey, RequestField, leaves};
use super::matcher::CompiledOperator;
use super::path::TemplateSegment;
use super::{CompiledMatcher, CompiledPattern};

impl CompiledPattern {
    /// Returns the keys under which every request that the pattern matches may be found, and perhaps more.
    pub(crate) fn implied_keys(&self) -> Vec<(RequestField, IndexKey)> {
        let mut implied = Vec::new();
        for condition in self.conditions() {
            match condition {
                Condition::Holds(CompiledBody::Json(json) | CompiledBody::JsonIncludes(json)) => {
                    for leaf in leaves(json, true, usize::MAX) {
                        implied.extend(leaf.keys.into_iter().map(|key| (leaf.field.clone(), key)));
                    }
                }
                _ => {
                    if let Some((field, matcher)) = self.field_and_matcher(condition) {
                        let keys = matcher.implied_keys();
                        implied.extend(keys.into_iter().map(|key| (field.clone(), key)));
                    }
                }
            }
        }
        if let Some(template) = self.template() {
            for (place, segment) in template.segments.iter().enumerate() {
                if let TemplateSegment::Fixed(text) = segment {
                    let keys = implied_by(&Json::from(text.as_str()), template.ignore_case);
                    implied.extend(keys.into_iter().map(|key| (RequestField::Segment(place), key)));
                }
            }
            // From the last segment on, the rest of the path is that segment.
            let last = template.segments.len() - 1;
            let is_last = |(field, _): &&(RequestField, IndexKey)| *field == RequestField::Segment(last);
            let rest: Vec<IndexKey> = implied.iter().filter(is_last).map(|(_, key)| key.clone()).collect();
            implied.extend(rest.into_iter().map(|key| (RequestField::Rest(last), key)));
        }
        implied
    }
}

impl CompiledMatcher {
    /// Returns the keys of all values in the matcher, in every form in which another pattern may require them.
    fn implied_keys(&self) -> Vec<IndexKey> {
        let each = |operator: &CompiledOperator| match operator {
            CompiledOperator::Equals(json) => implied_by(json, self.ignore_case),
            CompiledOperator::OneOf(options) => {
                options.iter().flat_map(|json| implied_by(json, self.ignore_case)).collect()
            }
            CompiledOperator::AllOf(matchers) | CompiledOperator::AnyOf(matchers) => {
                matchers.iter().flat_map(CompiledMatcher::implied_keys).collect()
            }
            _ => Vec::new(),
        };
        self.operators.iter().flat_map(each).collect()
    }
}

fn implied_by(json: &Json, ignore_case: bool) -> Vec<IndexKey> {
    match json {
        Json::String(text) if !ignore_case => keys_of_text(text),
        // A value without a type may be written as this one is.
        Json::Bool(truth) => keys_of_text(if *truth { "true" } else { "false" }),
        _ => IndexKey::from_json(json, ignore_case).into_iter().collect(),
    }
}

fn keys_of_text(text: &str) -> Vec<IndexKey> {
    let mut keys = vec![IndexKey::Text(text.to_owned()), IndexKey::AnyCase(text.to_lowercase())];
    keys.extend(IndexKey::from_untyped(text));
    keys
}
