//! Checks a parsed template against what it may use, and makes it strict.
//!
//! A bare path such as `{{request.query.page}}` becomes a call of a helper that nobody can name, which refuses an
//! absent value and writes lists and objects as JSON; Handlebars itself would write `[object]`.

use std::collections::HashMap;

use handlebars::template::{BlockParam, HelperTemplate, Parameter, TemplateElement};
use handlebars::{Path, Template as Parsed};

use crate::model::{Fault, KeyPath};

use super::super::templating::Source;
use super::call::Spec;
use super::helpers_json::SHOW;
use super::model::Needs;
use super::scope::{Scope, Scopes, Shape, Unknown, suggested};
use super::specs;
use super::syntax;

/// Helpers of Handlebars that must be blocks.
pub(super) const BLOCKS: [&str; 5] = ["if", "unless", "each", "with", "raw"];
/// Helpers of Handlebars that take any number of values.
pub(super) const MANY: [&str; 2] = ["and", "or"];

/// A template that speaks only of what can exist.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) template: Parsed,
    /// The helpers in it that need to know about the answer being made.
    pub(super) stateful: Vec<&'static Spec>,
    /// Whether it is nothing but a conversion.
    pub(super) typed: bool,
}

/// Walks a template and reports every name that is not known.
pub(super) fn check(
    mut template: Parsed,
    Source { text: source, at, names, .. }: Source<'_>,
    needs: &mut Needs,
    faults: &mut Vec<Fault>,
) -> Checked {
    let typed = match template.elements.as_slice() {
        [TemplateElement::Expression(only)] => {
            !only.params.is_empty() && matches!(only.name.as_name(), Some("json" | "number" | "boolean"))
        }
        _ => false,
    };
    let scopes = Scopes::new(names, needs);
    let mut walk = Walk { source, at, scopes, faults, stateful: Vec::new(), place: 0 };
    walk.template(&mut template);
    Checked { stateful: walk.stateful, template, typed }
}

struct Walk<'w> {
    source: &'w str,
    at: &'w KeyPath,
    scopes: Scopes<'w>,
    faults: &'w mut Vec<Fault>,
    stateful: Vec<&'static Spec>,
    /// Where the expression starts that is being looked at.
    place: usize,
}

impl Walk<'_> {
    fn template(&mut self, template: &mut Parsed) {
        for (place, element) in template.elements.iter_mut().enumerate() {
            if let Some(start) = template.mapping.get(place) {
                self.place = syntax::offset(self.source, start.0, start.1);
            }
            match element {
                TemplateElement::RawString(_) | TemplateElement::Comment(_) => {}
                TemplateElement::Expression(expression) | TemplateElement::HtmlExpression(expression) => {
                    self.expression(expression);
                }
                TemplateElement::HelperBlock(block) => self.block(block),
                _ => {
                    let message = "partials and decorators are not part of a template here".to_owned();
                    self.fault(Unknown { name: String::new(), message, help: None });
                }
            }
        }
    }

    fn expression(&mut self, expression: &mut HelperTemplate) {
        if let Parameter::Subexpression(_) = expression.name {
            let message = "an expression that stands alone needs no parentheses".to_owned();
            return self.fault(Unknown { name: String::new(), message, help: Some("Write `{{upper x}}`.".to_owned()) });
        }
        let name = expression.name.as_name().unwrap_or_default().to_owned();
        let bare = expression.params.is_empty() && expression.hash.is_empty();
        match &mut expression.name {
            Parameter::Path(path) if bare && !super::names_a_helper(&name) => {
                self.path(path);
                let shown = Parameter::Path(path.clone());
                expression.name = Parameter::Name(SHOW.name.to_owned());
                expression.params.push(shown);
                self.needs(&SHOW);
            }
            _ => self.call(&name, &mut expression.params, &mut expression.hash, false),
        }
    }

    fn call(&mut self, name: &str, params: &mut [Parameter], hash: &mut HashMap<String, Parameter>, block: bool) {
        let spec = specs().find(|spec| spec.name == name);
        match spec {
            Some(spec) => self.fits(spec, params, hash, block),
            None if MANY.contains(&name) => {}
            None if BLOCKS.contains(&name) && block => {
                if params.len() != 1 && name != "raw" {
                    self.wrong(name, format!("`{name}` takes one value"));
                }
            }
            None if BLOCKS.contains(&name) => {
                let help = format!("Write `{{{{#{name} ...}}}}...{{{{/{name}}}}}`.");
                self.fault(Unknown {
                    name: name.to_owned(),
                    message: format!("`{name}` is a block"),
                    help: Some(help),
                });
            }
            None => self.no_helper(name),
        }
        for (place, param) in params.iter_mut().enumerate() {
            self.value(param);
            if let (Some(spec), Parameter::Literal(literal)) = (spec, &*param)
                && let Some(Err(why)) =
                    spec.pattern.filter(|_| place == 1).zip(literal.as_str()).map(|(check, text)| check(text))
            {
                self.wrong(literal.as_str().unwrap_or_default(), why);
            }
        }
        // Sorted, so that faults come in the same order every time.
        let mut options: Vec<_> = hash.iter_mut().collect();
        options.sort_by_key(|(name, _)| *name);
        for (_, value) in options {
            self.value(value);
        }
    }

    fn fits(&mut self, spec: &'static Spec, params: &[Parameter], hash: &HashMap<String, Parameter>, block: bool) {
        if block && !spec.truth {
            self.wrong(spec.name, format!("`{}` is no block: it takes no `#`", spec.name));
        }
        if !(spec.least..=spec.most).contains(&params.len()) {
            self.wrong(spec.name, spec.arity());
        }
        let mut unknown: Vec<_> = hash.keys().filter(|option| !spec.options.contains(&option.as_str())).collect();
        unknown.sort();
        for option in unknown {
            let known = spec.options.iter().map(|option| (*option).to_owned());
            self.fault(suggested(option, format!("`{}` has no option `{option}`", spec.name), known));
        }
        self.needs(spec);
    }

    fn block(&mut self, block: &mut HelperTemplate) {
        let name = block.name.as_name().unwrap_or_default().to_owned();
        self.call(&name, &mut block.params, &mut block.hash, true);
        let scope = match name.as_str() {
            "each" | "with" => Some(self.inside(&name, block)),
            _ => None,
        };
        let entered = scope.is_some();
        self.scopes.open.extend(scope);
        block.template.iter_mut().for_each(|inner| self.template(inner));
        if entered {
            self.scopes.open.pop();
        }
        block.inverse.iter_mut().for_each(|inner| self.template(inner));
    }

    /// The names inside `each` and `with`.
    fn inside(&mut self, name: &str, block: &mut HelperTemplate) -> Scope {
        let shape = match block.params.first_mut() {
            // The path was followed before; what it leads to is all that is asked here.
            Some(Parameter::Path(path)) => self.scopes.follow(path).unwrap_or(Shape::Any),
            _ => Shape::Any,
        };
        let (this, around) = (if name == "with" { shape } else { Shape::Any }, self.scopes.open.last());
        let counted = name == "each" || around.is_some_and(|scope| scope.counted);
        let named = |parameter: &Parameter| parameter.as_name().unwrap_or_default().to_owned();
        let params = match &block.block_param {
            Some(BlockParam::Single(value)) => vec![(named(value), this)],
            Some(BlockParam::Pair((value, key))) => {
                vec![(named(value), this), (named(key), Shape::Any)]
            }
            _ => Vec::new(),
        };
        Scope { this, params, counted }
    }

    fn value(&mut self, parameter: &mut Parameter) {
        match parameter {
            Parameter::Path(path) => self.path(path),
            Parameter::Subexpression(inner) => {
                if let TemplateElement::Expression(expression) = inner.element.as_mut() {
                    let name = expression.name.as_name().unwrap_or_default().to_owned();
                    self.call(&name, &mut expression.params, &mut expression.hash, false);
                }
            }
            _ => {}
        }
    }

    fn path(&mut self, path: &mut Path) {
        if let Err(unknown) = self.scopes.follow(path) {
            self.fault(unknown);
        }
    }

    fn no_helper(&mut self, name: &str) {
        let known = specs().map(|spec| spec.name).chain(MANY).chain(BLOCKS).map(str::to_owned);
        self.fault(suggested(name, format!("`{name}` is no helper"), known));
    }

    fn needs(&mut self, spec: &'static Spec) {
        if spec.stateful && !self.stateful.iter().any(|known| known.name == spec.name) {
            self.stateful.push(spec);
        }
    }

    fn wrong(&mut self, name: &str, message: String) {
        self.fault(Unknown { name: name.to_owned(), message, help: None });
    }

    fn fault(&mut self, unknown: Unknown) {
        let (from, to) = syntax::spot(self.source, self.place, &unknown.name);
        let fault = Fault::value(self.at, unknown.message).within(from, to);
        self.faults.push(match unknown.help {
            Some(help) => fault.helped(help),
            None => fault,
        });
    }
}
