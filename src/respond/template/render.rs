//! Renders a compiled template for one request.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::model::Json;

use super::super::templating::Rendering;
use super::super::text::Escape;
use super::super::xml;
use super::LONGEST;
use super::call::{Call, Given, Outcome};
use super::compiled::{Argument, Branch, Element, Head, Helper};
use super::failure::{Failure, wrong};
use super::model;
use super::path::{Local, Path, Start};
use super::value::Value;

/// The text that a template makes.
pub(super) fn render(elements: &[Element], rendering: &Rendering<'_>, escape: Escape) -> Result<String, Failure> {
    let mut out = String::with_capacity(64);
    Place { rendering, level: None }.write(elements, escape, &mut out)?;
    Ok(out)
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
                Element::Text(text) => out.push_str(text),
                Element::Shown { argument, escaped } => {
                    let value = self.value(argument)?.ok_or_else(|| argument.missing())?;
                    let text = value.shown();
                    match escape {
                        Escape::Xml if *escaped => out.push_str(&xml::escape_anywhere(&text)),
                        _ => out.push_str(&text),
                    }
                }
                Element::Block(branches) => self.block(branches, escape, out)?,
            }
            if out.len() > LONGEST {
                return Err(wrong("it renders to more than 16 MiB"));
            }
        }
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
        let level = Level { this, turn, above: self.level };
        Place { rendering: self.rendering, level: Some(&level) }.write(body, escape, out)
    }

    /// What an argument is for this request; nothing where it is absent.
    fn value(&self, argument: &'p Argument) -> Outcome<'p> {
        match argument {
            Argument::Literal(literal) => Ok(Some(Value::of(literal))),
            Argument::Path(path) => Ok(self.path(path)),
            Argument::Helper(helper) => self.helper(helper),
        }
    }

    fn helper(&self, Helper { spec, arguments, options }: &'p Helper) -> Outcome<'p> {
        let mut values = SmallVec::new();
        for argument in arguments {
            values.push(Given { value: self.value(argument)?, path: argument.as_path() });
        }
        let mut given = Vec::with_capacity(options.len());
        for (name, argument) in options {
            given.extend(self.value(argument)?.map(|value| (*name, value)));
        }
        Call { spec, values, options: given, rendering: self.rendering }.outcome()
    }

    fn path(&self, path: &'p Path) -> Option<Value<'p>> {
        let (way, rendering) = (path.way.as_slice(), self.rendering);
        match &path.start {
            Start::Top => Value::made(model::top(rendering)).follow(way),
            Start::Request => Value::made(model::request(rendering)).follow(way),
            Start::Part(part) => part.value(way, path.whole, rendering),
            Start::Item => model::item(rendering)?.follow(way),
            Start::Index => Value::made(rendering.item.as_ref()?.index).follow(way),
            Start::Capture(name) => {
                let text = rendering.item.as_ref()?.captured.by_name(name)?;
                Value::Text(Cow::Borrowed(text)).follow(way)
            }
            Start::This(up) | Start::Value(up) => self.levels().nth(*up)?.this.follow(way),
            Start::Key(up) => self.levels().nth(*up)?.turn.as_ref().map(Turn::name)?.follow(way),
            Start::Local(up, local) => {
                let turn = self.levels().skip(*up).find_map(|level| level.turn.as_ref())?;
                turn.local(*local)?.follow(way)
            }
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
