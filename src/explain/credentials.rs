//! Finds the secrets that a condition itself contains: a stub may require an exact password, and logs must not show it.

use crate::matching::{CompiledBody, CompiledMatcher, CompiledOperator, CompiledPart, Condition};
use crate::message::{Secrets, is_secret, is_secret_parameter, is_secret_path};

/// Returns whether the value that a condition looks at is a secret as a whole.
pub(super) fn is_about_secret(condition: &Condition) -> bool {
    match condition {
        Condition::Cookie(..) | Condition::BasicAuth(..) => true,
        Condition::Header(name, _) | Condition::PathParam(name, _) => is_secret(name),
        Condition::Query(name, _) | Condition::Form(name, _) | Condition::Part(name, _) => is_secret_parameter(name),
        Condition::Holds(body) => selects_secret(body),
        _ => false,
    }
}

/// Returns the secrets in the operands of a condition.
pub(super) fn secrets(condition: &Condition) -> Secrets {
    let mut secrets = Secrets::default();
    match condition {
        Condition::Holds(body) => add_of_body(body, &mut secrets),
        Condition::Part(name, part) => add_of_part(part, is_secret_parameter(name), &mut secrets),
        Condition::BasicAuth(username, password) => {
            add_literals(username, &mut secrets);
            add_literals(password, &mut secrets);
        }
        Condition::PathParam(_, matcher)
        | Condition::Header(_, matcher)
        | Condition::Query(_, matcher)
        | Condition::Cookie(_, matcher)
        | Condition::Form(_, matcher)
        | Condition::Body(matcher) => add_of_matcher(matcher, is_about_secret(condition), &mut secrets),
        _ => {}
    }
    secrets
}

/// Returns whether the path of a condition ends with the name of a secret.
fn selects_secret(body: &CompiledBody) -> bool {
    match body {
        CompiledBody::JsonPath(path, _) | CompiledBody::Document(path, ..) => is_secret_path(path.as_str()),
        CompiledBody::XPath(path, _) => is_secret_path(&path.text),
        _ => false,
    }
}

fn add_of_body(body: &CompiledBody, secrets: &mut Secrets) {
    match body {
        CompiledBody::Json(json) | CompiledBody::JsonIncludes(json) => secrets.add_json(json),
        CompiledBody::Xml(_, root) => secrets.add_xml(root.root()),
        CompiledBody::JsonPath(_, matcher)
        | CompiledBody::XPath(_, matcher)
        | CompiledBody::Document(_, matcher, _) => {
            add_of_matcher(matcher, selects_secret(body), secrets);
        }
        CompiledBody::JsonSchema(_) => {}
    }
}

fn add_of_part(part: &CompiledPart, is_secret_part: bool, secrets: &mut Secrets) {
    for (name, matcher) in &part.headers {
        add_of_matcher(matcher, is_secret(name), secrets);
    }
    part.body.iter().for_each(|matcher| add_of_matcher(matcher, is_secret_part, secrets));
    part.holds.iter().for_each(|body| add_of_body(body, secrets));
}

fn add_of_matcher(matcher: &CompiledMatcher, is_secret: bool, secrets: &mut Secrets) {
    if is_secret {
        add_literals(matcher, secrets);
    } else {
        each_body(matcher, &mut |body| add_of_body(body, secrets));
    }
}

/// Adds whole values. A beginning or an end, such as `Bearer `, is not a secret by itself.
fn add_literals(matcher: &CompiledMatcher, secrets: &mut Secrets) {
    for operator in &matcher.operators {
        match operator {
            CompiledOperator::Equals(json) => secrets.add_leaves(json),
            CompiledOperator::OneOf(options) => options.iter().for_each(|json| secrets.add_leaves(json)),
            CompiledOperator::Holds(CompiledBody::Json(json) | CompiledBody::JsonIncludes(json)) => {
                secrets.add_leaves(json);
            }
            _ => inner(operator).iter().for_each(|matcher| add_literals(matcher, secrets)),
        }
    }
}

/// Calls `visit` with each condition on a text that contains JSON or XML.
fn each_body(matcher: &CompiledMatcher, visit: &mut dyn FnMut(&CompiledBody)) {
    for operator in &matcher.operators {
        match operator {
            CompiledOperator::Holds(body) => visit(body),
            _ => inner(operator).iter().for_each(|matcher| each_body(matcher, visit)),
        }
    }
}

/// Returns the matchers within an operator.
fn inner(operator: &CompiledOperator) -> &[CompiledMatcher] {
    match operator {
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
