//! The functions of XPath 1.0 (§4).

use std::borrow::Cow;
use std::collections::HashMap;

use crate::budget::spend;
use crate::message::{NodeId, NodeKind, XmlDocument};

use super::evaluate::{Context, Evaluation};
use super::expression::{Expression, Type};
use super::number::{of_text, rounded};
use super::value::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Last,
    Position,
    Count,
    Id,
    LocalName,
    NamespaceUri,
    Name,
    Text,
    Concat,
    StartsWith,
    Contains,
    SubstringBefore,
    SubstringAfter,
    Substring,
    StringLength,
    NormalizeSpace,
    Translate,
    Boolean,
    Not,
    True,
    False,
    Lang,
    Number,
    Sum,
    Floor,
    Ceiling,
    Round,
}

/// Each with its name, the least and the largest number of its arguments, and the type of its result.
const FUNCTIONS: [(Function, &str, usize, usize, Type); 27] = [
    (Function::Last, "last", 0, 0, Type::Number),
    (Function::Position, "position", 0, 0, Type::Number),
    (Function::Count, "count", 1, 1, Type::Number),
    (Function::Id, "id", 1, 1, Type::Nodes),
    (Function::LocalName, "local-name", 0, 1, Type::Text),
    (Function::NamespaceUri, "namespace-uri", 0, 1, Type::Text),
    (Function::Name, "name", 0, 1, Type::Text),
    (Function::Text, "string", 0, 1, Type::Text),
    (Function::Concat, "concat", 2, usize::MAX, Type::Text),
    (Function::StartsWith, "starts-with", 2, 2, Type::Boolean),
    (Function::Contains, "contains", 2, 2, Type::Boolean),
    (Function::SubstringBefore, "substring-before", 2, 2, Type::Text),
    (Function::SubstringAfter, "substring-after", 2, 2, Type::Text),
    (Function::Substring, "substring", 2, 3, Type::Text),
    (Function::StringLength, "string-length", 0, 1, Type::Number),
    (Function::NormalizeSpace, "normalize-space", 0, 1, Type::Text),
    (Function::Translate, "translate", 3, 3, Type::Text),
    (Function::Boolean, "boolean", 1, 1, Type::Boolean),
    (Function::Not, "not", 1, 1, Type::Boolean),
    (Function::True, "true", 0, 0, Type::Boolean),
    (Function::False, "false", 0, 0, Type::Boolean),
    (Function::Lang, "lang", 1, 1, Type::Boolean),
    (Function::Number, "number", 0, 1, Type::Number),
    (Function::Sum, "sum", 1, 1, Type::Number),
    (Function::Floor, "floor", 1, 1, Type::Number),
    (Function::Ceiling, "ceiling", 1, 1, Type::Number),
    (Function::Round, "round", 1, 1, Type::Number),
];

impl Function {
    pub(super) fn named(name: &str) -> Option<Function> {
        FUNCTIONS.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    fn row(self) -> &'static (Function, &'static str, usize, usize, Type) {
        // The table has all functions in their order, which a test holds.
        &FUNCTIONS[self as usize]
    }

    pub(super) fn result(self) -> Type {
        self.row().4
    }

    /// Returns what is wrong with its arguments, if anything.
    pub(super) fn check(self, arguments: &[Expression]) -> Result<(), String> {
        let (_, name, least, most, _) = *self.row();
        if !(least..=most).contains(&arguments.len()) {
            let wanted = match (least, most) {
                (0, 0) => "no argument".to_owned(),
                (1, 1) => "one argument".to_owned(),
                (least, usize::MAX) => format!("{least} arguments or more"),
                (least, most) if least == most => format!("{least} arguments"),
                (least, most) => format!("{least} or {most} arguments"),
            };
            return Err(format!("`{name}()` takes {wanted}, found {}", arguments.len()));
        }
        let takes_nodes = matches!(
            self,
            Function::Count | Function::Sum | Function::LocalName | Function::NamespaceUri | Function::Name
        );
        if takes_nodes && arguments.iter().any(|argument| argument.kind() != Type::Nodes) {
            return Err(format!("the argument of `{name}()` must be a set of nodes"));
        }
        Ok(())
    }
}

impl<'d> Evaluation<'d> {
    pub(super) fn call(&self, function: Function, arguments: &[Expression], context: Context) -> Value<'d> {
        let argument = |place: usize| self.value(&arguments[place], context);
        let text = |place: usize| self.text_of(argument(place));
        let number = |place: usize| self.number_of(argument(place));
        // Functions on a text or a node take the context where there is no argument.
        let text_or_context = || match arguments {
            [] => self.string_value(context.node),
            [only, ..] => self.text_of(self.value(only, context)),
        };
        match function {
            Function::Last => Value::Number(context.size as f64),
            Function::Position => Value::Number(context.position as f64),
            Function::Count => Value::Number(self.nodes(&arguments[0], context).len() as f64),
            Function::Id => Value::Nodes(Vec::new()),
            Function::LocalName | Function::NamespaceUri | Function::Name => {
                let node = match arguments {
                    [] => Some(context.node),
                    [only, ..] => self.nodes(only, context).first().copied(),
                };
                Value::Text(node.map_or("", |node| name_of(self.document, function, node)).into())
            }
            Function::Text => Value::Text(text_or_context()),
            Function::Concat => Value::Text(self.concat((0..arguments.len()).map(text)).into()),
            Function::StartsWith => Value::Boolean(text(0).starts_with(&*text(1))),
            Function::Contains => Value::Boolean(self.find(&text(0), &text(1)).is_some()),
            Function::SubstringBefore => {
                let whole = text(0);
                let end = self.find(&whole, &text(1)).unwrap_or(0);
                Value::Text(part(whole, 0, end))
            }
            Function::SubstringAfter => {
                let (whole, searched) = (text(0), text(1));
                let start = self.find(&whole, &searched).map_or(whole.len(), |at| at + searched.len());
                let end = whole.len();
                Value::Text(part(whole, start, end))
            }
            Function::Substring => {
                let (first, length) = (rounded(number(1)), arguments.get(2).map(|_| rounded(number(2))));
                Value::Text(self.substring(text(0), first, length))
            }
            Function::StringLength => Value::Number(self.looked_at(text_or_context()).chars().count() as f64),
            Function::NormalizeSpace => {
                let text = self.looked_at(text_or_context());
                let words = text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty());
                Value::Text(words.collect::<Vec<_>>().join(" ").into())
            }
            Function::Translate => Value::Text(translate(&self.looked_at(text(0)), &text(1), &text(2)).into()),
            Function::Boolean => Value::Boolean(self.is_true(argument(0))),
            Function::Not => Value::Boolean(!self.is_true(argument(0))),
            Function::True => Value::Boolean(true),
            Function::False => Value::Boolean(false),
            Function::Lang => Value::Boolean(has_language(self.document, context.node, &text(0))),
            Function::Number if arguments.is_empty() => Value::Number(of_text(&self.string_value(context.node))),
            Function::Number => Value::Number(number(0)),
            Function::Sum => {
                let nodes = self.nodes(&arguments[0], context);
                Value::Number(nodes.iter().map(|node| of_text(&self.string_value(*node))).sum())
            }
            Function::Floor => Value::Number(number(0).floor()),
            Function::Ceiling => Value::Number(number(0).ceil()),
            Function::Round => Value::Number(rounded(number(0))),
        }
    }

    /// Takes the steps of looking at a text.
    fn looked_at<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        if spend(text.len() / 16) { text } else { Cow::Borrowed("") }
    }

    fn find(&self, text: &str, searched: &str) -> Option<usize> {
        if spend(text.len() / 16) { text.find(searched) } else { None }
    }

    fn concat(&self, texts: impl Iterator<Item = Cow<'d, str>>) -> String {
        let mut all = String::new();
        for text in texts {
            if !spend(text.len() / 16) {
                break;
            }
            all.push_str(&text);
        }
        all
    }

    /// The characters from a position, counted from 1, up to those that come a number later.
    fn substring(&self, text: Cow<'d, str>, first: f64, length: Option<f64>) -> Cow<'d, str> {
        let text = self.looked_at(text);
        let end = length.map_or(f64::INFINITY, |length| first + length);
        let is_in = |position: usize| position as f64 >= first && (position as f64) < end;
        let mut inside = (1..).zip(text.char_indices()).filter(|(position, _)| is_in(*position));
        let Some((_, (start, character))) = inside.next() else { return Cow::Borrowed("") };
        let last = inside.last().map_or((start, character), |(_, last)| last);
        part(text, start, last.0 + last.1.len_utf8())
    }
}

fn part(text: Cow<'_, str>, start: usize, end: usize) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[start..end]),
        Cow::Owned(text) => Cow::Owned(text[start..end].to_owned()),
    }
}

fn translate(text: &str, from: &str, to: &str) -> String {
    let mut to = to.chars();
    let mut instead = HashMap::new();
    for character in from.chars() {
        let other = to.next();
        instead.entry(character).or_insert(other);
    }
    text.chars().filter_map(|character| instead.get(&character).copied().unwrap_or(Some(character))).collect()
}

fn name_of(document: &XmlDocument, function: Function, node: NodeId) -> &str {
    match function {
        Function::NamespaceUri => document.namespace(node).unwrap_or_default(),
        Function::LocalName => document.local(node),
        _ => document.full_name(node),
    }
}

/// Whether the innermost `xml:lang` around a node is a language or a part of it, whatever their case (§4.3).
fn has_language(document: &XmlDocument, node: NodeId, language: &str) -> bool {
    let mut around = std::iter::successors(Some(node), |node| document.parent(*node))
        .filter(|node| document.kind(*node) == NodeKind::Element);
    let declared = around.find_map(|element| {
        let mut attributes = document.attributes(element).take_while(|_| spend(1));
        attributes.find(|attribute| document.full_name(*attribute) == "xml:lang").map(|found| document.value(found))
    });
    let Some(declared) = declared else { return false };
    let Some((start, rest)) = declared.split_at_checked(language.len()) else { return false };
    start.eq_ignore_ascii_case(language) && (rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_all_functions_in_their_order() {
        for (place, (function, name, ..)) in FUNCTIONS.iter().enumerate() {
            assert_eq!(*function as usize, place, "{name}");
        }
    }
}
