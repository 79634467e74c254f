//! Templates that do nothing but show values of the model, or one change of them: rendered without Handlebars.
//!
//! Most templates of answers are so, and all that Handlebars sets up for a rendering is many times the work itself.
//! Whatever is not there or is neither text, number nor truth is left to Handlebars, which knows what to say of it.

use handlebars::template::{HelperTemplate, Parameter, TemplateElement};
use handlebars::{JsonValue, Path, PathSeg, Template as Parsed};

use super::super::text::Escape;
use super::super::xml;
use super::call::text_of;
use super::helpers_json::SHOW;
use super::{LONGEST, specs};

/// What such a template consists of.
#[derive(Debug)]
pub(super) struct Plain(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Raw(String),
    Value {
        /// From the top of the model.
        path: Vec<String>,
        change: Option<fn(&str) -> String>,
        /// Whether it stands between two braces and not between three.
        escaped: bool,
    },
}

impl Plain {
    /// Takes a checked template apart; `None` where it is more than plain.
    pub(super) fn of(checked: &Parsed) -> Option<Plain> {
        let pieces = checked.elements.iter().filter_map(|element| match element {
            TemplateElement::RawString(text) => Some(Some(Piece::Raw(text.clone()))),
            TemplateElement::Expression(shown) => Some(value(shown, true)),
            TemplateElement::HtmlExpression(shown) => Some(value(shown, false)),
            TemplateElement::Comment(_) => None,
            _ => Some(None),
        });
        pieces.collect::<Option<Vec<Piece>>>().map(Plain)
    }

    /// The text; `None` where Handlebars has to say what becomes of it.
    pub(super) fn render(&self, model: &JsonValue, escape: Escape) -> Option<String> {
        let mut out = String::with_capacity(64);
        for piece in &self.0 {
            match piece {
                Piece::Raw(text) => out.push_str(text),
                Piece::Value { path, change, escaped } => {
                    let text = text_of(at(model, path).filter(|value| !value.is_null())?)?;
                    let text = change.map_or(text.clone(), |change| change(&text).into());
                    match escape {
                        Escape::Xml if *escaped => out.push_str(&xml::escape_anywhere(&text)),
                        _ => out.push_str(&text),
                    }
                }
            }
            if out.len() > LONGEST {
                return None;
            }
        }
        Some(out)
    }
}

fn value(shown: &HelperTemplate, escaped: bool) -> Option<Piece> {
    let [Parameter::Path(Path::Relative((segments, _)))] = shown.params.as_slice() else { return None };
    let name = shown.name.as_name()?;
    let change = match specs().find(|spec| spec.name == name) {
        Some(spec) => Some(spec.on_text?),
        None if name == SHOW.name => None,
        None => return None,
    };
    if !shown.hash.is_empty() {
        return None;
    }
    let names = segments.iter().map(|segment| match segment {
        PathSeg::Named(name) => Some(name.clone()),
        _ => None,
    });
    Some(Piece::Value { path: names.collect::<Option<_>>()?, change, escaped })
}

fn at<'m>(model: &'m JsonValue, path: &[String]) -> Option<&'m JsonValue> {
    path.iter().try_fold(model, |at, name| match at {
        JsonValue::Object(members) => members.get(name),
        JsonValue::Array(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    })
}
