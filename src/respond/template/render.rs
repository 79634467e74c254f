//! Renders a compiled template for one request.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::model::Json;

use super::super::charge;
use super::super::node::leaf_text;
use super::super::templating::{Escape, Rendering};
use super::super::xml;
use super::call::{Call, Given};
use super::compiled::{Argument, Branch, Element, Head, Helper};
use super::failure::{Failure, wrong};
use super::model;
use super::path::{Local, Path, Start};
use super::value::{Outcome, Value};

/// The text that a template makes.
pub(super) fn render(elements: &[Element], rendering: &Rendering<'_>, escape: Escape) -> Result<String, Failure> {
    let mut out = String::with_capacity(64);
    Place { rendering, level: None }.write(elements, escape, &mut out)?;
    Ok(out)
}

/// The value that a conversion yields: `json` the value itself, without a text in between.
pub(super) fn converted(helper: &Helper, rendering: &Rendering<'_>) -> Result<Json, Failure> {
    let call = Place { rendering, level: None }.call(helper)?;
    if helper.spec.name == "json" {
        return Ok(call.present(0)?.owned()?.into_json()?);
    }
    let value = call.outcome()?.ok_or_else(|| Failure::missing(format!("({} ...)", helper.spec.name)))?;
    Ok(value.into_json()?)
}

/// Where in a template it is being rendered: what `this` and the names of blocks are.
#[derive(Clone, Copy)]
struct Place<'p> {
    rendering: &'p Rendering<'p>,
    level: Option<&'p Level<'p>>,
}

/// What `each` or `with` went into.
struct Level<'l> {
    this: Value<'l>,
    turn: Option<Turn<'l>>,
    above: Option<&'l Level<'l>>,
}

/// One turn of `each`.
struct Turn<'t> {
    index: usize,
    /// The name of a member.
    key: Option<&'t str>,
    last: bool,
}

impl<'p> Place<'p> {
    fn write(&self, elements: &'p [Element], escape: Escape, out: &mut String) -> Result<(), Failure> {
        for element in elements {
            match element {
                Element::Text(text) => {
                    charge::text(text)?;
                    out.push_str(text);
                }
                Element::Shown { argument, escaped } => {
                    let escape = if *escaped { escape } else { Escape::Nothing };
                    self.show(argument, escape, out)?;
                }
                Element::Block(branches) => {
                    charge::steps(1)?;
                    self.block(branches, escape, out)?;
                }
            }
        }
        Ok(())
    }

    /// Writes a value: lists and objects as JSON.
    fn show(&self, argument: &'p Argument, escape: Escape, out: &mut String) -> Result<(), Failure> {
        let value = self.value(argument)?.ok_or_else(|| argument.missing())?;
        let (text, charged) = match value {
            // Whatever text a helper makes it has charged.
            Value::Text(text) => {
                let made = matches!((argument, &text), (Argument::Helper(_), Cow::Owned(_)));
                let charged = if made { text.len() } else { 0 };
                (text, charged)
            }
            Value::Json(json) => match leaf_text(&json) {
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

    /// Renders the first branch that is taken.
    fn block(&self, branches: &'p [Branch], escape: Escape, out: &mut String) -> Result<(), Failure> {
        for (place, Branch { head, body }) in branches.iter().enumerate() {
            let last = place + 1 == branches.len();
            let taken = match head {
                Head::Always => {
                    self.write(body, escape, out)?;
                    true
                }
                Head::When { argument, truth, include_zero } => {
                    let value = self.value(argument)?;
                    let holds = value.is_some_and(|value| value.is_truthy() || *include_zero && value.is_zero());
                    if holds == *truth {
                        self.write(body, escape, out)?;
                    }
                    holds == *truth
                }
                Head::With(argument) => match self.there(argument, last)? {
                    Some(this) if this.is_truthy() => {
                        self.below(this, None, body, escape, out)?;
                        true
                    }
                    _ => false,
                },
                Head::Each(argument) => match self.there(argument, last)? {
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

    /// What a block goes into; only where another branch follows may it be absent.
    fn there(&self, argument: &'p Argument, last: bool) -> Result<Option<Value<'p>>, Failure> {
        match self.value(argument)?.filter(|value| !value.is_null()) {
            None if last => Err(argument.missing()),
            value => Ok(value),
        }
    }

    /// Whether there was anything to go through; `None` where it is neither a list nor an object.
    fn each<'q>(
        &self,
        value: &'q Value<'_>,
        body: &'q [Element],
        escape: Escape,
        out: &mut String,
    ) -> Result<Option<bool>, Failure>
    where
        'p: 'q,
    {
        let Value::Json(json) = value else { return Ok(None) };
        match &**json {
            Json::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let turn = Turn { index, key: None, last: index + 1 == items.len() };
                    self.below(Value::of(item), Some(turn), body, escape, out)?;
                }
                Ok(Some(!items.is_empty()))
            }
            Json::Object(members) => {
                for (index, (name, member)) in members.iter().enumerate() {
                    let turn = Turn { index, key: Some(name), last: index + 1 == members.len() };
                    self.below(Value::of(member), Some(turn), body, escape, out)?;
                }
                Ok(Some(!members.is_empty()))
            }
            _ => Ok(None),
        }
    }

    fn below<'q>(
        &self,
        this: Value<'q>,
        turn: Option<Turn<'q>>,
        body: &'q [Element],
        escape: Escape,
        out: &mut String,
    ) -> Result<(), Failure>
    where
        'p: 'q,
    {
        charge::steps(1)?;
        let level = Level { this, turn, above: self.level };
        Place { rendering: self.rendering, level: Some(&level) }.write(body, escape, out)
    }

    /// What an argument is for this request; nothing where it is absent.
    fn value(&self, argument: &'p Argument) -> Outcome<'p> {
        match argument {
            Argument::Literal(literal) => Ok(Some(Value::of(literal))),
            Argument::Path(path) => self.path(path),
            Argument::Helper(helper) => self.helper(helper),
        }
    }

    fn helper(&self, helper: &'p Helper) -> Outcome<'p> {
        self.call(helper)?.outcome()
    }

    fn call(&self, Helper { spec, arguments, options }: &'p Helper) -> Result<Call<'p>, Failure> {
        let mut values = SmallVec::new();
        for argument in arguments {
            values.push(Given { value: self.value(argument)?, path: argument.as_path() });
        }
        let mut given = Vec::with_capacity(options.len());
        for (name, argument) in options {
            given.extend(self.value(argument)?.map(|value| (*name, value)));
        }
        Ok(Call { spec, values, options: given, rendering: self.rendering })
    }

    /// What a path leads to; nothing where that is absent.
    fn path(&self, path: &'p Path) -> Outcome<'p> {
        let (way, rendering) = (path.way.as_slice(), self.rendering);
        let value = match &path.start {
            Start::Top => return Ok(Value::made(model::top(rendering)?).into_follow(way)?),
            Start::Request => return Ok(Value::made(model::request(rendering)?).into_follow(way)?),
            Start::Part(part) => return part.value(way, path.whole, rendering),
            Start::This(up) | Start::Value(up) => {
                return match self.levels().nth(*up) {
                    Some(level) => Ok(level.this.at(way)?),
                    None => Ok(None),
                };
            }
            Start::Item => model::item(rendering),
            Start::Index => rendering.item.as_ref().map(|item| Value::made(item.index)),
            Start::Capture(name) => {
                let captured = rendering.item.as_ref().and_then(|item| item.captured.by_name(name));
                captured.map(|text| Value::Text(Cow::Borrowed(text)))
            }
            Start::Key(up) => self.levels().nth(*up).and_then(|level| level.turn.as_ref()).map(Turn::name),
            Start::Local(up, local) => {
                let turn = self.levels().skip(*up).find_map(|level| level.turn.as_ref());
                turn.and_then(|turn| turn.local(*local))
            }
        };
        match value {
            Some(value) => Ok(value.into_follow(way)?),
            None => Ok(None),
        }
    }

    /// The innermost first.
    fn levels(&self) -> impl Iterator<Item = &'p Level<'p>> {
        std::iter::successors(self.level, |level| level.above)
    }
}

impl<'t> Turn<'t> {
    /// The name of the member, or the place in the list.
    fn name(&self) -> Value<'t> {
        self.key.map_or_else(|| Value::made(self.index), |key| Value::Text(key.into()))
    }

    fn local(&self, local: Local) -> Option<Value<'t>> {
        Some(match local {
            Local::Index => Value::made(self.index),
            Local::Key => Value::Text(self.key?.into()),
            Local::First => Value::made(self.index == 0),
            Local::Last => Value::made(self.last),
        })
    }
}
