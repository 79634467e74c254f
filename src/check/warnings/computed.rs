//! Finds `present` on an XPath that computes a value. Such a value is always present.

use crate::matching::always_computes;
use crate::model::{
    BodyCondition, Constraint, Fault, KeyPath, Matcher, OperandValue, PathPattern, RequestPattern, Scenario,
};

use super::Found;
use super::words::at_condition;

/// Returns a warning for each such `present`, at any depth of a request.
pub(super) fn computed(scenarios: &[Scenario]) -> Vec<Found> {
    let mut found = Vec::new();
    for (place, scenario) in scenarios.iter().enumerate() {
        for stub in &scenario.stubs {
            let at = KeyPath::top().key("stub").index(stub.place.index).key("request");
            let mut walk = Walk { found: Vec::new() };
            walk.request(&stub.request, &at);
            found.extend(walk.found.into_iter().map(|fault| (place, fault)));
        }
    }
    found
}

struct Walk {
    found: Vec<Fault>,
}

impl Walk {
    fn request(&mut self, request: &RequestPattern, at: &KeyPath) {
        let named = [
            ("path_params", &request.path_params),
            ("query", &request.query),
            ("headers", &request.headers),
            ("cookies", &request.cookies),
            ("form", &request.form),
        ];
        for (key, matchers) in named {
            matchers.iter().for_each(|(name, matcher)| self.matcher(matcher, None, &at.key(key).key(name)));
        }
        if let Some(PathPattern::Matcher(matcher)) = &request.path {
            self.matcher(matcher, None, &at.key("path"));
        }
        if let Some(auth) = &request.basic_auth {
            self.matcher(&auth.username, None, &at.key("basic_auth").key("username"));
            self.matcher(&auth.password, None, &at.key("basic_auth").key("password"));
        }
        for (key, matcher) in [
            ("host", &request.host),
            ("scheme", &request.scheme),
            ("client_ip", &request.client_ip),
            ("body", &request.body),
        ] {
            matcher.iter().for_each(|matcher| self.matcher(matcher, None, &at.key(key)));
        }
        request.holds.iter().for_each(|condition| self.condition(condition, at));
        for (name, part) in &request.multipart {
            let at = at.key("multipart").key(name);
            part.filename.iter().for_each(|matcher| self.matcher(matcher, None, &at.key("filename")));
            part.body.iter().for_each(|matcher| self.matcher(matcher, None, &at.key("body")));
            part.headers.iter().for_each(|(name, matcher)| self.matcher(matcher, None, &at.key("headers").key(name)));
            part.holds.iter().for_each(|condition| self.condition(condition, &at));
        }
    }

    /// Visits a condition of the table at `at`.
    fn condition(&mut self, condition: &BodyCondition, at: &KeyPath) {
        let at = at_condition(condition, at);
        match condition {
            BodyCondition::XPath(path, matcher, namespaces) => {
                self.matcher(matcher, always_computes(path, namespaces), &at);
            }
            BodyCondition::JsonPath(_, matcher) | BodyCondition::Document(_, matcher) => {
                self.matcher(matcher, None, &at)
            }
            BodyCondition::Json(_)
            | BodyCondition::JsonIncludes(_)
            | BodyCondition::JsonSchema(_)
            | BodyCondition::Xml(_) => {}
        }
    }

    /// Visits a matcher. `computed` names the type of the value if an XPath computes it.
    fn matcher(&mut self, matcher: &Matcher, computed: Option<&'static str>, at: &KeyPath) {
        for operator in &matcher.operators {
            let inner = at.key(operator.name().key());
            // Nested matchers of these operators apply to the value itself, not to a part of it.
            let inner_computed = match operator.constraint() {
                Constraint::Presence(_) => {
                    self.found.extend(computed.map(|what| fault(what, &inner)));
                    None
                }
                Constraint::Not(_) | Constraint::AnyOf(_) | Constraint::AllOf(_) => computed,
                _ => None,
            };
            match operator.operand() {
                OperandValue::Matcher(one) | OperandValue::Length(one) => self.matcher(one, inner_computed, &inner),
                OperandValue::Matchers(all) => self.each(all, inner_computed, &inner),
                OperandValue::Body(condition) => self.condition(condition, at),
                OperandValue::Json(_)
                | OperandValue::JsonList(_)
                | OperandValue::Text(_)
                | OperandValue::Regex(_)
                | OperandValue::Truth(_)
                | OperandValue::Type(_)
                | OperandValue::Number(_)
                | OperandValue::Moment(_) => {}
            }
        }
    }

    fn each(&mut self, matchers: &[Matcher], computed: Option<&'static str>, at: &KeyPath) {
        for (place, matcher) in matchers.iter().enumerate() {
            self.matcher(matcher, computed, &at.index(place));
        }
    }
}

fn fault(what: &str, at: &KeyPath) -> Fault {
    let help = match what {
        "a boolean" => "Write `= true` instead. `present` asks whether a path selects a node.",
        _ => "Compare it with `equals` or another operator. `present` asks whether a path selects a node.",
    };
    Fault::value(at, format!("this XPath computes {what}, which is always present"))
        .with_label("always true")
        .with_help(help)
}
