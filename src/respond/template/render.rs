//! Renders a compiled template for one request.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::model::Json;

use super::super::charge;
use super::super::templating::{Escape, Rendering};
use super::super::value_ref::leaf_text;
use super::super::xml;
use super::call::{Call, GivenArgument};
use super::failure::{Failure, wrong};
use super::ir::{BranchCondition, HelperCall, IrBranch, IrNode, Operand};
use super::request_view;
use super::resolved_path::{LoopVariable, PathStart, ResolvedPath};
use super::value::{Evaluated, TemplateValue};

/// Renders a template to text.
pub(super) fn render(elements: &[IrNode], rendering: &Rendering<'_>, escape: Escape) -> Result<String, Failure> {
    let mut out = String::with_capacity(64);
    Renderer { rendering, frame: None }.write(elements, escape, &mut out)?;
    Ok(out)
}

/// Returns the result of a conversion. `json` yields the value itself, without converting it to text.
pub(super) fn convert(helper: &HelperCall, rendering: &Rendering<'_>) -> Result<Json, Failure> {
    let call = Renderer { rendering, frame: None }.call(helper)?;
    if helper.spec.name == "json" {
        return Ok(call.present(0)?.owned()?.into_json()?);
    }
    let value = call.outcome()?.ok_or_else(|| Failure::missing(format!("({} ...)", helper.spec.name)))?;
    Ok(value.into_json()?)
}

/// Renders with the values of `this` and of the names that the enclosing blocks declare.
#[derive(Clone, Copy)]
struct Renderer<'p> {
    rendering: &'p Rendering<'p>,
    frame: Option<&'p Frame<'p>>,
}

/// A level that `each` or `with` has entered.
struct Frame<'l> {
    this: TemplateValue<'l>,
    iteration: Option<Iteration<'l>>,
    above: Option<&'l Frame<'l>>,
}

/// One iteration of `each`.
struct Iteration<'t> {
    index: usize,
    /// The name of a member.
    key: Option<&'t str>,
    last: bool,
}

impl<'p> Renderer<'p> {
    fn write(&self, elements: &'p [IrNode], escape: Escape, out: &mut String) -> Result<(), Failure> {
        for element in elements {
            match element {
                IrNode::Text(text) => {
                    charge::text(text)?;
                    out.push_str(text);
                }
                IrNode::Output { argument, escaped } => {
                    let escape = if *escaped { escape } else { Escape::Nothing };
                    self.show(argument, escape, out)?;
                }
                IrNode::Block(branches) => {
                    charge::steps(1)?;
                    self.block(branches, escape, out)?;
                }
            }
        }
        Ok(())
    }

    /// Writes a value: lists and objects as JSON.
    fn show(&self, argument: &'p Operand, escape: Escape, out: &mut String) -> Result<(), Failure> {
        let value = self.value(argument)?.ok_or_else(|| argument.missing())?;
        let (text, charged) = match value {
            // A helper has already charged its text.
            TemplateValue::Text(text) => {
                let is_from_helper = matches!((argument, &text), (Operand::Helper(_), Cow::Owned(_)));
                let charged = if is_from_helper { text.len() } else { 0 };
                (text, charged)
            }
            TemplateValue::Json(json) => match leaf_text(&json) {
                Some(text) => (Cow::Owned(text.into_owned()), 0),
                None => {
                    let text = charge::json_text(&json)?;
                    let charged = text.len();
                    (Cow::Owned(text), charged)
                }
            },
        };
        charge::reading(&text)?;
        let written = match escape {
            Escape::Xml => xml::escape_anywhere(&text),
            Escape::Nothing => Cow::Borrowed(&*text),
        };
        charge::bytes(written.len().saturating_sub(charged))?;
        out.push_str(&written);
        Ok(())
    }

    /// Renders the first branch whose condition is true.
    fn block(&self, branches: &'p [IrBranch], escape: Escape, out: &mut String) -> Result<(), Failure> {
        for (place, IrBranch { head, body }) in branches.iter().enumerate() {
            let last = place + 1 == branches.len();
            let taken = match head {
                BranchCondition::Always => {
                    self.write(body, escape, out)?;
                    true
                }
                BranchCondition::When { argument, truth, include_zero } => {
                    let value = self.value(argument)?;
                    let holds = value.is_some_and(|value| value.is_truthy() || *include_zero && value.is_zero());
                    if holds == *truth {
                        self.write(body, escape, out)?;
                    }
                    holds == *truth
                }
                BranchCondition::With(argument) => match self.present(argument, last)? {
                    Some(this) if this.is_truthy() || this.is_zero() => {
                        self.write_inside(this, None, body, escape, out)?;
                        true
                    }
                    _ => false,
                },
                BranchCondition::Each(argument) => match self.present(argument, last)? {
                    Some(value) => match self.each(&value, body, escape, out)? {
                        None if last => {
                            return Err(wrong(format!(
                                "`each` needs a list or an object, and it was given {}",
                                value.described()
                            )));
                        }
                        went => went.unwrap_or(false),
                    },
                    None => false,
                },
            };
            if taken {
                break;
            }
        }
        Ok(())
    }

    /// Returns the value that a block enters. It may be absent only if another branch follows.
    fn present(&self, argument: &'p Operand, last: bool) -> Result<Option<TemplateValue<'p>>, Failure> {
        match self.value(argument)?.filter(|value| !value.is_null()) {
            None if last => Err(argument.missing()),
            value => Ok(value),
        }
    }

    /// Renders each item. Returns whether there were items; `None` if the value is neither a list nor an object.
    fn each<'q>(
        &self,
        value: &'q TemplateValue<'_>,
        body: &'q [IrNode],
        escape: Escape,
        out: &mut String,
    ) -> Result<Option<bool>, Failure>
    where
        'p: 'q,
    {
        let TemplateValue::Json(json) = value else { return Ok(None) };
        match &**json {
            Json::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let iteration = Iteration { index, key: None, last: index + 1 == items.len() };
                    self.write_inside(TemplateValue::from_json(item), Some(iteration), body, escape, out)?;
                }
                Ok(Some(!items.is_empty()))
            }
            Json::Object(members) => {
                for (index, (name, member)) in members.iter().enumerate() {
                    let iteration = Iteration { index, key: Some(name), last: index + 1 == members.len() };
                    self.write_inside(TemplateValue::from_json(member), Some(iteration), body, escape, out)?;
                }
                Ok(Some(!members.is_empty()))
            }
            _ => Ok(None),
        }
    }

    fn write_inside<'q>(
        &self,
        this: TemplateValue<'q>,
        iteration: Option<Iteration<'q>>,
        body: &'q [IrNode],
        escape: Escape,
        out: &mut String,
    ) -> Result<(), Failure>
    where
        'p: 'q,
    {
        charge::steps(1)?;
        let frame = Frame { this, iteration, above: self.frame };
        Renderer { rendering: self.rendering, frame: Some(&frame) }.write(body, escape, out)
    }

    /// Returns the value of an argument; `None` if it is absent.
    fn value(&self, argument: &'p Operand) -> Evaluated<'p> {
        match argument {
            Operand::Literal(literal) => Ok(Some(TemplateValue::from_json(literal))),
            Operand::Path(path) => self.path(path),
            Operand::Helper(helper) => self.helper(helper),
        }
    }

    fn helper(&self, helper: &'p HelperCall) -> Evaluated<'p> {
        self.call(helper)?.outcome()
    }

    fn call(&self, HelperCall { spec, arguments, options }: &'p HelperCall) -> Result<Call<'p>, Failure> {
        let mut values = SmallVec::new();
        for argument in arguments {
            values.push(GivenArgument { value: self.value(argument)?, path: argument.as_path() });
        }
        let mut given = Vec::with_capacity(options.len());
        for (name, argument) in options {
            given.extend(self.value(argument)?.map(|value| (*name, value)));
        }
        Ok(Call { spec, values, options: given, rendering: self.rendering })
    }

    /// Returns the value at a path; `None` if it is absent. A last step `length` that no member has counts the value before it.
    fn path(&self, path: &'p ResolvedPath) -> Evaluated<'p> {
        let value = self.path_to(path, &path.steps)?;
        match path.steps.split_last() {
            Some((last, counted)) if value.is_none() && last == "length" => match self.path_to(path, counted)? {
                Some(counted) => Ok(counted.length()?.map(TemplateValue::from_owned)),
                None => Ok(None),
            },
            _ => Ok(value),
        }
    }

    /// Returns the value at the first steps of a path.
    fn path_to(&self, path: &'p ResolvedPath, steps: &'p [String]) -> Evaluated<'p> {
        let rendering = self.rendering;
        let value = match &path.start {
            PathStart::Top => return Ok(TemplateValue::from_owned(request_view::top(rendering)?).into_follow(steps)?),
            PathStart::Request => {
                return Ok(TemplateValue::from_owned(request_view::request(rendering)?).into_follow(steps)?);
            }
            PathStart::Vars => return Ok(TemplateValue::from_json(&rendering.vars).follow(steps)?),
            PathStart::Part(part) => return part.value(steps, path.whole, rendering),
            PathStart::This(up) | PathStart::Value(up) => {
                return match self.frames().nth(*up) {
                    Some(frame) => Ok(frame.this.at(steps)?),
                    None => Ok(None),
                };
            }
            PathStart::Item => request_view::item(rendering),
            PathStart::Index => rendering.item.as_ref().map(|item| TemplateValue::from_owned(item.index)),
            PathStart::Capture(name) => {
                let captured = rendering.item.as_ref().and_then(|item| item.captured.by_name(name));
                captured.map(|text| TemplateValue::Text(Cow::Borrowed(text)))
            }
            PathStart::Key(up) => {
                self.frames().nth(*up).and_then(|frame| frame.iteration.as_ref()).map(Iteration::name)
            }
            PathStart::Local(up, local) => {
                let iteration = self.frames().skip(*up).find_map(|frame| frame.iteration.as_ref());
                iteration.and_then(|iteration| iteration.local(*local))
            }
        };
        match value {
            Some(value) => Ok(value.into_follow(steps)?),
            None => Ok(None),
        }
    }

    /// Innermost first.
    fn frames(&self) -> impl Iterator<Item = &'p Frame<'p>> {
        std::iter::successors(self.frame, |frame| frame.above)
    }
}

impl<'t> Iteration<'t> {
    /// The name of the member, or the index in the list.
    fn name(&self) -> TemplateValue<'t> {
        self.key.map_or_else(|| TemplateValue::from_owned(self.index), |key| TemplateValue::Text(key.into()))
    }

    fn local(&self, local: LoopVariable) -> Option<TemplateValue<'t>> {
        Some(match local {
            LoopVariable::Index => TemplateValue::from_owned(self.index),
            LoopVariable::Key => TemplateValue::Text(self.key?.into()),
            LoopVariable::First => TemplateValue::from_owned(self.index == 0),
            LoopVariable::Last => TemplateValue::from_owned(self.last),
        })
    }
}
