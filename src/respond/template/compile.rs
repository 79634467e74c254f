//! Checks the names of a template, and compiles it.

use crate::model::{Fault, Json, KeyPath};

use super::super::templating::{TemplateSource, Uses};
use super::ast::{AstBranch, AstExpression, AstNode, AstPath, AstValue, BlockOpening, Word};
use super::call::HelperSpec;
use super::helpers::{self, BLOCKS, names_a_helper};
use super::ir::{BranchCondition, HelperCall, IrBranch, IrNode, Operand};
use super::scope::{Scope, Scopes, Shape, UnknownName, suggested};

/// The option that makes 0 count as true.
const INCLUDE_ZERO: &str = "includeZero";

/// Compiles a template and reports every unknown name.
pub(super) fn compile(
    nodes: &[AstNode<'_>],
    source: TemplateSource<'_>,
    uses: &mut Uses,
    faults: &mut Vec<Fault>,
) -> Vec<IrNode> {
    let most = faults.len() + MOST_FAULTS;
    Compiler { at: source.at, scopes: Scopes::new(source.names, uses), faults, most }.nodes(nodes)
}

/// The largest number of reported faults of one template, because the search for a similar name is slow.
const MOST_FAULTS: usize = 100;

/// Continues after a fault, so that all are found, and leaves out the parts with faults.
struct Compiler<'w, 's> {
    at: &'w KeyPath,
    scopes: Scopes<'s>,
    faults: &'w mut Vec<Fault>,
    /// The number of faults at which it stops.
    most: usize,
}

impl<'s> Compiler<'_, 's> {
    fn nodes(&mut self, nodes: &[AstNode<'s>]) -> Vec<IrNode> {
        nodes.iter().filter_map(|node| self.node(node)).collect()
    }

    fn node(&mut self, node: &AstNode<'s>) -> Option<IrNode> {
        if self.faults.len() >= self.most {
            return None;
        }
        Some(match node {
            AstNode::Text(text) => IrNode::Text(text.clone()),
            AstNode::Output { expression, escaped, .. } => {
                IrNode::Output { argument: self.output(expression)?, escaped: *escaped }
            }
            AstNode::Block { branches, .. } => {
                IrNode::Block(branches.iter().filter_map(|branch| self.branch(branch)).collect())
            }
        })
    }

    /// Compiles a path, or a helper if it has arguments or its name is one.
    fn output(&mut self, expression: &AstExpression<'s>) -> Option<Operand> {
        let bare = expression.values.is_empty() && expression.options.is_empty();
        let calls = |name| names_a_helper(name) && !self.scopes.gives(name);
        if bare && !expression.name.as_name().is_some_and(calls) {
            return self.path(&expression.name, false).map(|(argument, _)| argument);
        }
        self.helper(expression).map(Operand::Helper)
    }

    fn branch(&mut self, branch: &AstBranch<'s>) -> Option<IrBranch> {
        let (head, scope) = match &branch.opening {
            None => (Some(BranchCondition::Always), None),
            Some(opening) => self.opening(opening),
        };
        let entered = scope.is_some();
        self.scopes.open.extend(scope);
        let body = self.nodes(&branch.body);
        if entered {
            self.scopes.open.pop();
        }
        Some(IrBranch { head: head?, body })
    }

    /// Compiles the opening of a branch. Returns its condition, and the names that are known inside.
    fn opening(
        &mut self,
        BlockOpening { expression, names }: &BlockOpening<'s>,
    ) -> (Option<BranchCondition>, Option<Scope<'s>>) {
        let name = expression.name.as_name().unwrap_or_default();
        let opens_scope = matches!(name, "each" | "with");
        if let (false, Some(first)) = (opens_scope, names.first()) {
            self.wrong(*first, "only `each` and `with` give names".to_owned());
        }
        if let ("with", Some(second)) = (name, names.get(1)) {
            self.wrong(*second, "`with` gives one name".to_owned());
        }
        if !BLOCKS.contains(&name) {
            let helper = self.helper(expression);
            if let Some(helper) = helper.as_ref().filter(|helper| !helper.spec.truth) {
                let name = helper.spec.name;
                self.wrong(expression.name.whole, format!("`{name}` is not a block and takes no `#`"));
            }
            let when =
                |helper| BranchCondition::When { argument: Operand::Helper(helper), truth: true, include_zero: false };
            return (helper.map(when), None);
        }
        let include_zero = self.include_zero(expression, opens_scope);
        let known = match expression.values.as_slice() {
            [value] => self.value(value, opens_scope),
            _ => {
                self.wrong(expression.name.whole, format!("`{name}` takes one value"));
                None
            }
        };
        let (argument, shape) = known.unzip();
        let this = shape.filter(|_| name == "with").unwrap_or(Shape::Any);
        let counted = name == "each" || self.scopes.open.last().is_some_and(|around| around.counted);
        let inside = Scope { this, names: names.iter().map(|name| name.text).collect(), counted };
        let head = argument.map(|argument| match name {
            "each" => BranchCondition::Each(argument),
            "with" => BranchCondition::With(argument),
            _ => BranchCondition::When { argument, truth: name == "if", include_zero },
        });
        (head, opens_scope.then_some(inside))
    }

    fn include_zero(&mut self, expression: &AstExpression<'s>, opens_scope: bool) -> bool {
        let mut include_zero = false;
        for (option, value) in &expression.options {
            match value {
                AstValue::Literal(Json::Bool(truth), _) if option.text == INCLUDE_ZERO && !opens_scope => {
                    include_zero = *truth;
                }
                _ if option.text == INCLUDE_ZERO && !opens_scope => {
                    self.wrong(*option, format!("`{INCLUDE_ZERO}` is `true` or `false`"));
                }
                _ => {
                    self.no_option(expression.name.whole.text, *option, if opens_scope { &[] } else { &[INCLUDE_ZERO] })
                }
            }
        }
        include_zero
    }

    fn helper(&mut self, expression: &AstExpression<'s>) -> Option<HelperCall> {
        let word = expression.name.whole;
        let spec = expression.name.as_name().and_then(|name| helpers::all().find(|spec| spec.name == name));
        match spec {
            Some(spec) => self.fits(spec, expression),
            None if BLOCKS.contains(&word.text) => {
                let help = format!("Write `{{{{#{0} ...}}}}...{{{{/{0}}}}}`.", word.text);
                let message = format!("`{}` is a block", word.text);
                self.fault(UnknownName { place: word.place(), message, help: Some(help) });
            }
            None => {
                let known = helpers::all().map(|spec| spec.name).chain(BLOCKS).map(str::to_owned);
                self.fault(suggested(word, format!("`{}` is not a helper", word.text), known));
            }
        }
        let whole = spec.is_some_and(|spec| spec.looks_inside);
        let arguments: Vec<_> = expression.values.iter().map(|value| self.value(value, whole)).collect();
        let options: Vec<_> = expression.options.iter().map(|(_, value)| self.value(value, false)).collect();
        let spec = spec?;
        self.check_pattern(spec, expression);
        let arguments = arguments.into_iter().map(|known| Some(known?.0)).collect::<Option<_>>()?;
        let names = expression.options.iter().map(|(name, _)| spec.options.iter().find(|known| **known == name.text));
        let options = names.zip(options).map(|(name, known)| Some((*name?, known?.0))).collect::<Option<_>>()?;
        Some(HelperCall { spec, arguments, options })
    }

    fn fits(&mut self, spec: &'static HelperSpec, expression: &AstExpression<'s>) {
        if !(spec.least..=spec.most).contains(&expression.values.len()) {
            let place = expression.name.whole.place();
            // A value with the name of a helper must be written differently.
            let is_value = expression.values.is_empty() && self.scopes.open.len() > 1;
            let help = is_value.then(|| format!("A value of that name is `{{{{this.{}}}}}`.", spec.name));
            self.fault(UnknownName { place, message: spec.arity(), help });
        }
        for (place, (option, _)) in expression.options.iter().enumerate() {
            if !spec.options.contains(&option.text) {
                self.no_option(spec.name, *option, spec.options);
            } else if expression.options[..place].iter().any(|(earlier, _)| earlier.text == option.text) {
                self.wrong(*option, format!("`{}` is given the option `{}` twice", spec.name, option.text));
            }
        }
    }

    fn no_option(&mut self, helper: &str, option: Word<'s>, known: &[&str]) {
        let known = known.iter().map(|option| (*option).to_owned());
        self.fault(suggested(option, format!("`{helper}` has no option `{}`", option.text), known));
    }

    /// Checks a pattern that is a literal.
    fn check_pattern(&mut self, spec: &'static HelperSpec, expression: &AstExpression<'s>) {
        if let (Some(check), Some(AstValue::Literal(literal, place))) = (spec.pattern, expression.values.get(1))
            && let Some(Err(message)) = literal.as_str().map(check)
        {
            self.fault(UnknownName { place: place.clone(), message, help: None });
        }
    }

    fn value(&mut self, value: &AstValue<'s>, whole: bool) -> Option<(Operand, Shape)> {
        if self.faults.len() >= self.most {
            return None;
        }
        match value {
            AstValue::Literal(json, _) => Some((Operand::Literal(json.clone()), Shape::Any)),
            AstValue::Path(path) => self.path(path, whole),
            AstValue::Call(expression) => self.helper(expression).map(|helper| (Operand::Helper(helper), Shape::Any)),
        }
    }

    fn path(&mut self, path: &AstPath<'s>, whole: bool) -> Option<(Operand, Shape)> {
        match self.scopes.follow(path, whole) {
            Ok((path, shape)) => Some((Operand::Path(path), shape)),
            Err(unknown) => {
                self.fault(unknown);
                None
            }
        }
    }

    fn wrong(&mut self, word: Word<'_>, message: String) {
        self.fault(UnknownName { place: word.place(), message, help: None });
    }

    fn fault(&mut self, unknown: UnknownName) {
        let fault = Fault::value(self.at, unknown.message).within(unknown.place.start, unknown.place.end);
        self.faults.push(match unknown.help {
            Some(help) => fault.with_help(help),
            None => fault,
        });
    }
}
