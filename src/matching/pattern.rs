//! A compiled request pattern: all of its conditions must hold.

use std::sync::Arc;

use crate::budget;
use crate::message::{Request, placeholder_remedy, visible};
use crate::model::{Fault, KeyPath, Matcher, PathPattern, Projection, Representation, RequestPattern, Timestamp};

use super::body::CompiledBody;
use super::code::{Predicate, Undecided};
use super::condition::{CompiledPart, Condition, ConditionInput, PathTest};
use super::shared_conditions::{ConditionKey, SharedCondition, SharedConditions, Verdicts};
use super::{CompiledMatcher, JsonPath, PathTemplate};

/// The values of the placeholders of a path, in order.
pub type PathParams = Vec<(String, String)>;

/// A request pattern that is ready to match requests.
#[derive(Debug)]
pub struct CompiledPattern {
    conditions: Vec<Arc<SharedCondition>>,
    /// The parts of a JSON body that the conditions read.
    pub(super) projection: Arc<Projection>,
}

impl CompiledPattern {
    /// Compiles a pattern. `items` is the path of a batch's items, which must select one array.
    ///
    /// Faults are reported at paths below `at`, the table of the request.
    pub fn compile(
        pattern: &RequestPattern,
        items: Option<&JsonPath>,
        representation: &Arc<Representation>,
        at: &KeyPath,
        faults: &mut Vec<Fault>,
    ) -> CompiledPattern {
        CompiledPattern::compile_sharing(pattern, items, at, faults, &mut SharedConditions::new(representation))
    }

    /// Compiles the pattern of a stub, which may share conditions with the previous stub of its file.
    pub fn compile_sharing<'m>(
        pattern: &'m RequestPattern,
        items: Option<&JsonPath>,
        at: &KeyPath,
        faults: &mut Vec<Fault>,
        shared: &mut SharedConditions<'m>,
    ) -> CompiledPattern {
        let mut compiler = Compiler { at, faults, shared, conditions: Vec::new() };
        compiler.line_and_path(pattern);
        compiler.named(pattern);
        compiler.body(pattern);
        if let Some(path) = items {
            compiler.push(Condition::Items(path.clone(), compiler.shared.representation().clone()));
        }
        let mut conditions = compiler.conditions;
        shared.next_stub();
        let projection = Arc::new(projection_of(conditions.iter().map(|kept| &kept.condition)));
        // There may be very many patterns, and most have one or two conditions.
        conditions.shrink_to_fit();
        CompiledPattern { conditions, projection }
    }

    /// Returns the conditions, cheapest first.
    pub(crate) fn conditions(&self) -> impl DoubleEndedIterator<Item = &Condition> {
        self.conditions.iter().map(|kept| &kept.condition)
    }

    /// Adds the parts of a JSON body that the answer of the stub reads, so that the body is read once for both.
    #[must_use]
    pub fn with_projection_of(mut self, projection: Option<&Projection>) -> CompiledPattern {
        if let Some(projection) = projection {
            Arc::make_mut(&mut self.projection).add(projection);
        }
        self
    }

    /// Adds closures as further conditions.
    #[must_use]
    pub fn with_code(mut self, predicates: &[Predicate]) -> CompiledPattern {
        for predicate in predicates {
            self.conditions.push(Arc::new(Condition::Code(predicate.clone()).into()));
        }
        self
    }

    /// Returns whether a request matches. If it does, `context` has the values of the placeholders of its path.
    ///
    /// # Errors
    /// Returns why the result is undecided: a closure panicked, or a condition exceeded the budget that applies.
    pub fn holds<'p>(
        &'p self,
        request: &Request,
        now: Timestamp,
        context: &mut MatchContext<'p>,
    ) -> Result<bool, Undecided> {
        let mut has_params = false;
        for kept in &self.conditions {
            let holds = match &kept.condition {
                Condition::Path(PathTest::Template(template)) => {
                    has_params = context.matches_path(template, request);
                    has_params
                }
                Condition::Code(predicate) => predicate.holds(request).map_err(Undecided::Closure)?,
                other => {
                    let MatchContext { projection, last, verdicts } = &mut *context;
                    let params = if has_params { params(last) } else { &[] };
                    let input = ConditionInput { request, params, now, projection: *projection };
                    verdicts.holds(kept, || other.holds(&input))
                }
            };
            if let Some(limit) = budget::exceeded() {
                return Err(Undecided::Exceeded { condition: kept.condition.subject(), limit });
            }
            if !holds {
                return Ok(false);
            }
        }
        if !has_params {
            context.last = None;
        }
        Ok(true)
    }

    /// Returns the values of the placeholders if a request matches. If a closure panics, it does not match.
    pub fn matches(&self, request: &Request, now: Timestamp) -> Option<PathParams> {
        let mut context = MatchContext::default();
        self.holds(request, now, &mut context).unwrap_or(false).then(|| context.take_params())
    }

    /// Returns the template of the path, if the pattern has one.
    pub fn template(&self) -> Option<&PathTemplate> {
        self.conditions().find_map(|condition| match condition {
            Condition::Path(PathTest::Template(template)) => Some(template),
            _ => None,
        })
    }

    /// Returns the methods that match; `None` for any method.
    pub fn methods(&self) -> Option<&[String]> {
        self.conditions().find_map(|condition| match condition {
            Condition::Method(methods) => Some(methods.as_slice()),
            _ => None,
        })
    }
}

/// Results about one request that are reused while patterns are matched with it, one after the other. Most patterns have the same
/// path, which is matched once.
#[derive(Debug, Default)]
pub struct MatchContext<'p> {
    /// The parts of a JSON body that are read; `None` for all of it.
    projection: Option<&'p Arc<Projection>>,
    /// The latest template, and the values of its placeholders if the path matches.
    last: Last<'p>,
    /// The verdicts on conditions that several patterns share.
    verdicts: Verdicts<'p>,
}

type Last<'p> = Option<(&'p PathTemplate, Option<PathParams>)>;

fn params<'a>(last: &'a Last<'_>) -> &'a [(String, String)] {
    last.as_ref().and_then(|(_, params)| params.as_deref()).unwrap_or_default()
}

impl<'p> MatchContext<'p> {
    /// Creates the context of a request that is matched with these patterns and no others.
    pub fn new(patterns: impl Iterator<Item = &'p CompiledPattern>) -> MatchContext<'p> {
        let mut most: Option<&Arc<Projection>> = None;
        for (place, pattern) in patterns.enumerate() {
            match most {
                Some(known) if place < COMPARED && known.covers(&pattern.projection) => {}
                Some(known) if place >= COMPARED || !pattern.projection.covers(known) => {
                    return MatchContext::default();
                }
                _ => most = Some(&pattern.projection),
            }
        }
        MatchContext { projection: most, ..MatchContext::default() }
    }

    fn matches_path(&mut self, template: &'p PathTemplate, request: &Request) -> bool {
        match &self.last {
            Some((last, params)) if last.is_same(template) => params.is_some(),
            _ => {
                let params = template.matches(request);
                let matches = params.is_some();
                self.last = Some((template, params));
                matches
            }
        }
    }

    /// Returns the values of the placeholders, if the latest pattern matches.
    pub fn take_params(&mut self) -> PathParams {
        self.last.take().and_then(|(_, params)| params).unwrap_or_default()
    }
}

/// The projections of more patterns than this are not compared: the whole body is read for them.
const COMPARED: usize = 16;

/// Returns the parts of a JSON body that conditions read.
fn projection_of<'c>(conditions: impl Iterator<Item = &'c Condition>) -> Projection {
    let mut projection = Projection::NOTHING;
    for condition in conditions {
        match condition {
            Condition::Holds(condition) => projection.add(&condition.projection()),
            Condition::Items(..) => projection = Projection::Whole,
            _ => {}
        }
    }
    projection
}

struct Compiler<'a, 'm> {
    at: &'a KeyPath,
    faults: &'a mut Vec<Fault>,
    shared: &'a mut SharedConditions<'m>,
    conditions: Vec<Arc<SharedCondition>>,
}

impl<'m> Compiler<'_, 'm> {
    fn push(&mut self, condition: Condition) {
        self.conditions.push(Arc::new(condition.into()));
    }

    /// Adds the condition with this key, which the previous stub may have compiled already.
    fn shared(&mut self, key: ConditionKey<'m>, make: impl FnOnce(&mut Self) -> Option<Condition>) {
        let faults = self.faults.len();
        let known = self.shared.known(&key);
        let Some(condition) = known.or_else(|| make(self).map(|made| self.shared.share(made))) else { return };
        // A fault is reported for each stub that has it, so a faulty condition is not shared.
        if self.faults.len() == faults {
            self.shared.note(key, &condition);
        }
        self.conditions.push(condition);
    }

    fn matcher(&mut self, matcher: &Matcher, at: &KeyPath) -> CompiledMatcher {
        CompiledMatcher::compile_in(matcher, self.shared.representation(), at, self.faults)
    }

    fn line_and_path(&mut self, pattern: &'m RequestPattern) {
        if let Some(methods) = &pattern.method {
            self.shared(ConditionKey::Method(methods), |_| Some(Condition::Method(methods.clone())));
        }
        if let Some(path) = &pattern.path {
            self.shared(ConditionKey::Path(path), |compiler| compiler.path(path).map(Condition::Path));
        }
        self.check_placeholders(pattern);
        self.each("path_params", pattern.path.as_ref(), &pattern.path_params, Condition::PathParam);
        self.one("scheme", pattern.scheme.as_ref(), Condition::Scheme);
        self.one("host", pattern.host.as_ref(), Condition::Host);
        self.one("client_ip", pattern.client_ip.as_ref(), Condition::ClientIp);
    }

    fn path(&mut self, path: &PathPattern) -> Option<PathTest> {
        let at = self.at.key("path");
        match path {
            PathPattern::Template { template, ignore_case } => match PathTemplate::parse(template, *ignore_case) {
                Ok(template) => Some(PathTest::Template(template)),
                Err(error) => {
                    self.faults.push(error.fault(&at));
                    None
                }
            },
            PathPattern::Matcher(matcher) => Some(PathTest::Matcher(self.matcher(matcher, &at))),
        }
    }

    /// Refuses conditions on placeholders that the path does not have: they would hold for no request, or for all.
    fn check_placeholders(&mut self, pattern: &RequestPattern) {
        if pattern.path_params.is_empty() {
            return;
        }
        let known = match (&pattern.path, self.conditions.last().map(|kept| &kept.condition)) {
            (Some(_), Some(Condition::Path(PathTest::Template(template)))) => Some(template.names()),
            (Some(PathPattern::Template { .. }), _) => return,
            _ => None,
        };
        let known = known.as_deref();
        let at = self.at.key("path_params");
        for (name, _) in &pattern.path_params {
            if !known.is_some_and(|known| known.contains(&name.as_str())) {
                let message = format!("the path has no placeholder `{}`", visible(name));
                let fault = Fault::key(&at.key(name), message).with_label("no such placeholder");
                self.faults.push(fault.with_help(placeholder_remedy(known)));
            }
        }
    }

    fn named(&mut self, pattern: &'m RequestPattern) {
        self.each("headers", None, &pattern.headers, Condition::Header);
        self.each("query", None, &pattern.query, Condition::Query);
        self.each("cookies", None, &pattern.cookies, Condition::Cookie);
        if let Some(auth) = &pattern.basic_auth {
            let at = self.at.key("basic_auth");
            let username = self.matcher(&auth.username, &at.key("username"));
            let password = self.matcher(&auth.password, &at.key("password"));
            self.push(Condition::BasicAuth(username, password));
        }
        self.each("form", None, &pattern.form, Condition::Form);
    }

    fn body(&mut self, pattern: &'m RequestPattern) {
        self.one("body", pattern.body.as_ref(), Condition::Body);
        if let Some(malformed) = pattern.malformed {
            self.push(Condition::Malformed(malformed));
        }
        for holds in &pattern.holds {
            self.shared(ConditionKey::Holds(holds), |compiler| {
                let Compiler { shared, at, faults, .. } = compiler;
                CompiledBody::compile(holds, shared.representation(), at, faults).map(Condition::Holds)
            });
        }
        for (name, part) in &pattern.multipart {
            let at = self.at.key("multipart").key(name);
            let part = CompiledPart::compile(part, self.shared.representation(), &at, self.faults);
            self.push(Condition::Part(name.clone(), part));
        }
    }

    fn one(&mut self, key: &'static str, matcher: Option<&'m Matcher>, make: fn(CompiledMatcher) -> Condition) {
        let Some(matcher) = matcher else { return };
        self.shared(ConditionKey::Matcher(key, None, "", matcher), |compiler| {
            Some(make(compiler.matcher(matcher, &compiler.at.key(key))))
        });
    }

    fn each(
        &mut self,
        key: &'static str,
        path: Option<&'m PathPattern>,
        matchers: &'m [(String, Matcher)],
        make: fn(String, CompiledMatcher) -> Condition,
    ) {
        if matchers.is_empty() {
            return;
        }
        let at = self.at.key(key);
        for (name, matcher) in matchers {
            self.shared(ConditionKey::Matcher(key, path, name, matcher), |compiler| {
                Some(make(name.clone(), compiler.matcher(matcher, &at.key(name))))
            });
        }
    }
}
