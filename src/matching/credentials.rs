//! The secrets that a condition itself contains: a stub may require an exact password, and logs must not show it.

use crate::message::{Secrets, is_secret, is_secret_parameter, is_secret_path};

use super::CompiledMatcher;
use super::body::CompiledBody;
use super::condition::{CompiledPart, Condition};
use super::value::CompiledOperator;

impl Condition {
    /// Returns whether the value that the condition looks at is a secret as a whole.
    pub(super) fn is_about_secret(&self) -> bool {
        match self {
            Condition::Cookie(..) | Condition::BasicAuth(..) => true,
            Condition::Header(name, _) | Condition::PathParam(name, _) => is_secret(name),
            Condition::Query(name, _) | Condition::Form(name, _) | Condition::Part(name, _) => {
                is_secret_parameter(name)
            }
            Condition::Holds(body) => body.is_about_secret(),
            _ => false,
        }
    }

    /// Returns the secrets in the operands of the condition.
    pub(super) fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        match self {
            Condition::Holds(body) => body.add_secrets(&mut secrets),
            Condition::Part(name, part) => part.add_secrets(is_secret_parameter(name), &mut secrets),
            Condition::BasicAuth(username, password) => {
                username.add_literals(&mut secrets);
                password.add_literals(&mut secrets);
            }
            Condition::PathParam(_, matcher)
            | Condition::Header(_, matcher)
            | Condition::Query(_, matcher)
            | Condition::Cookie(_, matcher)
            | Condition::Form(_, matcher)
            | Condition::Body(matcher) => matcher.add_secrets(self.is_about_secret(), &mut secrets),
            _ => {}
        }
        secrets
    }
}

impl CompiledBody {
    /// Returns whether the path ends with the name of a secret.
    fn is_about_secret(&self) -> bool {
        match self {
            CompiledBody::JsonPath(path, _) | CompiledBody::Document(path, ..) => is_secret_path(path.as_str()),
            CompiledBody::XPath(path, _) => is_secret_path(&path.text),
            _ => false,
        }
    }

    fn add_secrets(&self, secrets: &mut Secrets) {
        match self {
            CompiledBody::Json(json) | CompiledBody::JsonIncludes(json) => secrets.add_json(json),
            CompiledBody::Xml(_, root) => secrets.add_xml(root.root()),
            CompiledBody::JsonPath(_, matcher)
            | CompiledBody::XPath(_, matcher)
            | CompiledBody::Document(_, matcher, _) => matcher.add_secrets(self.is_about_secret(), secrets),
            CompiledBody::JsonSchema(_) => {}
        }
    }
}

impl CompiledPart {
    fn add_secrets(&self, is_secret_part: bool, secrets: &mut Secrets) {
        for (name, matcher) in &self.headers {
            matcher.add_secrets(is_secret(name), secrets);
        }
        self.body.iter().for_each(|matcher| matcher.add_secrets(is_secret_part, secrets));
        self.holds.iter().for_each(|body| body.add_secrets(secrets));
    }
}

impl CompiledMatcher {
    fn add_secrets(&self, is_secret: bool, secrets: &mut Secrets) {
        if is_secret {
            self.add_literals(secrets);
        } else {
            self.each_body(&mut |body| body.add_secrets(secrets));
        }
    }

    /// Adds whole values. A beginning or an end, such as `Bearer `, is not a secret by itself.
    fn add_literals(&self, secrets: &mut Secrets) {
        for operator in &self.operators {
            match operator {
                CompiledOperator::Equals(json) => secrets.add_leaves(json),
                CompiledOperator::OneOf(options) => options.iter().for_each(|json| secrets.add_leaves(json)),
                CompiledOperator::Holds(CompiledBody::Json(json) | CompiledBody::JsonIncludes(json)) => {
                    secrets.add_leaves(json);
                }
                _ => operator.inner().iter().for_each(|matcher| matcher.add_literals(secrets)),
            }
        }
    }

    fn each_body(&self, seen: &mut dyn FnMut(&CompiledBody)) {
        for operator in &self.operators {
            match operator {
                CompiledOperator::Holds(body) => seen(body),
                _ => operator.inner().iter().for_each(|matcher| matcher.each_body(seen)),
            }
        }
    }
}

impl CompiledOperator {
    /// The matchers within it.
    fn inner(&self) -> &[CompiledMatcher] {
        match self {
            CompiledOperator::Len(matcher) | CompiledOperator::Not(matcher) => std::slice::from_ref(matcher),
            CompiledOperator::Includes(all)
            | CompiledOperator::Values(all)
            | CompiledOperator::AnyOf(all)
            | CompiledOperator::AllOf(all) => all,
            CompiledOperator::Equals(_)
            | CompiledOperator::OneOf(_)
            | CompiledOperator::Text(..)
            | CompiledOperator::Matches(_)
            | CompiledOperator::Present(_)
            | CompiledOperator::Type(_)
            | CompiledOperator::Number(..)
            | CompiledOperator::Moment(..)
            | CompiledOperator::Holds(_) => &[],
        }
    }
}
