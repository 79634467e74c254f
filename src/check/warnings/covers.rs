//! Decides whether one stub matches every request that another one matches.
//!
//! Each condition of the first must follow from a condition of the second on the same part of the request. `true` is certain,
//! `false` also means that it cannot be decided.

use crate::engine::MountedStub;
use crate::matching::{PathTemplate, TemplateSegment, same_xml};
use crate::message::XmlDocument;
use crate::model::{
    BodyCondition, Json, Matcher, Operator, PartPattern, PathPattern, Representation, RequestPattern, StubAnswer,
};

use super::value::{Judge, Kind, has_case};

/// A stub with the document representation of its scenario.
#[derive(Debug, Clone, Copy)]
pub(super) struct ScenarioStub<'a> {
    pub(super) mounted: &'a MountedStub,
    pub(super) representation: &'a Representation,
}

impl Judge {
    /// Returns whether `earlier` matches every request that `later` matches. If both paths are templates, the caller has
    /// checked that the earlier one covers the later one.
    pub(super) fn matches_all_of(&self, earlier: ScenarioStub<'_>, later: ScenarioStub<'_>) -> bool {
        let (one, other) = (&earlier.mounted.stub, &later.mounted.stub);
        let (wider, narrower) = (&one.request, &other.request);
        let same_documents = earlier.representation == later.representation;
        state_follows(earlier.mounted, later.mounted)
            && methods_follow(wider, narrower)
            && self.path_follows(wider, narrower)
            && self.params_follow(earlier.mounted, later.mounted)
            && self.named_follow(wider, narrower)
            && self.sender_follows(wider, narrower)
            && wider.malformed.is_none_or(|wanted| narrower.malformed == Some(wanted))
            && wider.multipart.iter().all(|(name, part)| has_part(narrower, name, part))
            && wider
                .holds
                .iter()
                .all(|required| narrower.holds.iter().any(|known| self.body_follows(required, known, same_documents)))
            && items_follow(&one.answer, &other.answer, same_documents)
    }

    fn path_follows(&self, wider: &RequestPattern, narrower: &RequestPattern) -> bool {
        match (&wider.path, &narrower.path) {
            (None, _) => true,
            (Some(PathPattern::Template { .. }), Some(PathPattern::Template { .. })) => true,
            (Some(PathPattern::Matcher(required)), Some(PathPattern::Matcher(known))) => {
                self.implies(known, required, Kind::Text)
            }
            _ => false,
        }
    }

    /// Compares path parameters by their position in the path, because their names may differ.
    fn params_follow(&self, earlier: &MountedStub, later: &MountedStub) -> bool {
        earlier.stub.request.path_params.iter().all(|(name, required)| {
            let known = param_at(earlier, name).and_then(|(place, is_rest)| known_at(later, place, is_rest));
            known.is_some_and(|known| self.implies(&known, required, Kind::Text))
        })
    }

    fn named_follow(&self, wider: &RequestPattern, narrower: &RequestPattern) -> bool {
        let exact = |a: &str, b: &str| a == b;
        self.each_follows(&wider.headers, &narrower.headers, str::eq_ignore_ascii_case)
            && self.each_follows(&wider.query, &narrower.query, exact)
            && self.each_follows(&wider.cookies, &narrower.cookies, exact)
            && self.each_follows(&wider.form, &narrower.form, exact)
    }

    fn each_follows(
        &self,
        wider: &[(String, Matcher)],
        narrower: &[(String, Matcher)],
        same: impl Fn(&str, &str) -> bool,
    ) -> bool {
        wider.iter().all(|(name, required)| {
            narrower.iter().any(|(other, known)| same(name, other) && self.implies(known, required, Kind::Text))
        })
    }

    fn sender_follows(&self, wider: &RequestPattern, narrower: &RequestPattern) -> bool {
        let one = |required: &Option<Matcher>, known: &Option<Matcher>| match (required, known) {
            (None, _) => true,
            (Some(required), Some(known)) => self.implies(known, required, Kind::Text),
            (Some(_), None) => false,
        };
        let authenticated = match (&wider.basic_auth, &narrower.basic_auth) {
            (None, _) => true,
            (Some(required), Some(known)) => {
                self.implies(&known.username, &required.username, Kind::Text)
                    && self.implies(&known.password, &required.password, Kind::Text)
            }
            (Some(_), None) => false,
        };
        authenticated
            && one(&wider.host, &narrower.host)
            && one(&wider.scheme, &narrower.scheme)
            && one(&wider.client_ip, &narrower.client_ip)
            && one(&wider.body, &narrower.body)
    }

    fn body_follows(&self, required: &BodyCondition, known: &BodyCondition, same_documents: bool) -> bool {
        match (required, known) {
            (BodyCondition::Json(required), BodyCondition::Json(known)) => known.same(required),
            (
                BodyCondition::JsonIncludes(required),
                BodyCondition::Json(known) | BodyCondition::JsonIncludes(known),
            ) => known.includes(required),
            (BodyCondition::JsonPath(path, required), BodyCondition::JsonPath(other, known)) => {
                path == other && self.implies(known, required, Kind::Json)
            }
            (BodyCondition::Document(path, required), BodyCondition::Document(other, known)) => {
                path == other && same_documents && self.implies(known, required, Kind::Either)
            }
            (BodyCondition::XPath(path, required, prefixes), BodyCondition::XPath(other, known, other_prefixes)) => {
                path == other && prefixes == other_prefixes && self.implies(known, required, Kind::Either)
            }
            (BodyCondition::Xml(required), BodyCondition::Xml(known)) => {
                required == known || are_same_xml(required, known)
            }
            (BodyCondition::JsonSchema(required), BodyCondition::JsonSchema(known)) => required.schema == known.schema,
            _ => false,
        }
    }
}

fn state_follows(earlier: &MountedStub, later: &MountedStub) -> bool {
    earlier.stub.when_state.is_none()
        || (earlier.stub.when_state == later.stub.when_state && earlier.stub.state_machine == later.stub.state_machine)
}

fn methods_follow(wider: &RequestPattern, narrower: &RequestPattern) -> bool {
    match (&wider.method, &narrower.method) {
        (None, _) => true,
        (Some(wider), Some(narrower)) => narrower.iter().all(|method| wider.contains(method)),
        (Some(_), None) => false,
    }
}

fn has_part(narrower: &RequestPattern, name: &str, required: &PartPattern) -> bool {
    narrower
        .multipart
        .iter()
        .any(|(other, known)| other == name && (known == required || *required == PartPattern::default()))
}

/// Compares the items of batches: a batch answers only if its items are a list in the document.
fn items_follow(earlier: &StubAnswer, later: &StubAnswer, same_documents: bool) -> bool {
    match (earlier, later) {
        (StubAnswer::Batch(required, _), StubAnswer::Batch(known, _)) => {
            required.items == known.items && same_documents
        }
        (StubAnswer::Batch(..), _) => false,
        _ => true,
    }
}

fn are_same_xml(one: &str, other: &str) -> bool {
    match (XmlDocument::parse_text(one), XmlDocument::parse_text(other)) {
        (Ok(one), Ok(other)) => same_xml(one.root(), other.root()),
        _ => false,
    }
}

/// Returns the segment of a placeholder in the path, and whether it matches the rest of the path.
pub(super) fn param_at(mounted: &MountedStub, name: &str) -> Option<(usize, bool)> {
    let segments = mounted.pattern().template()?.segments();
    segments.iter().enumerate().find_map(|(place, segment)| match segment {
        TemplateSegment::Param(other) if other == name => Some((place, false)),
        TemplateSegment::Rest(other) if other == name => Some((place, true)),
        _ => None,
    })
}

/// Returns what a stub's path and its parameters require of a segment, or of the rest of the path from there, as a matcher.
fn known_at(mounted: &MountedStub, place: usize, is_rest: bool) -> Option<Matcher> {
    let template: &PathTemplate = mounted.pattern().template()?;
    let segment = template.segments().get(place)?;
    if is_rest && !matches!(segment, TemplateSegment::Rest(_)) && place + 1 < template.segments().len() {
        return None;
    }
    match segment {
        TemplateSegment::Fixed(text) => {
            let ignore_case = template.ignores_case() && has_case(text);
            Some(Matcher { operators: vec![Operator::Equals(Json::from(text.as_str()))], ignore_case })
        }
        TemplateSegment::Param(name) | TemplateSegment::Rest(name) => {
            let required = &mounted.stub.request.path_params;
            required.iter().find(|(other, _)| other == name).map(|(_, matcher)| matcher.clone())
        }
    }
}
