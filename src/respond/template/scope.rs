//! Resolves the paths of a template at load, as far as names are fixed.

use std::ops::Range;

use crate::model::Projection;

use super::super::templating::{TemplateNames, Uses};
use super::ast::{AstPath, AstStart, Word};
use super::helpers;
use super::request_part::RequestPart;
use super::resolved_path::{LoopVariable, PathStart, ResolvedPath};

/// What is known of the value at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// The top level.
    Top,
    /// `request`
    Request,
    /// `request.path_params`
    PathParams,
    /// `request.headers` or `request.headers_all`, whose names are in lower case.
    Headers,
    /// `vars`
    Vars,
    /// Something that depends on the request.
    Any,
}

/// The names that one block declares.
#[derive(Debug)]
pub(super) struct Scope<'s> {
    /// The value of `this`.
    pub(super) this: Shape,
    /// Block parameters: `as |item index|`.
    pub(super) names: Vec<&'s str>,
    /// Whether `@index` and similar variables are known.
    pub(super) counted: bool,
}

/// An unknown name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnknownName {
    pub(super) place: Range<usize>,
    /// The fault.
    pub(super) message: String,
    /// The remedy, if there is a similar name.
    pub(super) help: Option<String>,
}

/// The enclosing blocks of an expression, outermost first, and the parts of the request that the template has used so far.
pub(super) struct Scopes<'s> {
    names: TemplateNames<'s>,
    uses: &'s mut Uses,
    pub(super) open: Vec<Scope<'s>>,
}

impl<'s> Scopes<'s> {
    pub(super) fn new(names: TemplateNames<'s>, uses: &'s mut Uses) -> Scopes<'s> {
        Scopes { names, uses, open: vec![Scope { this: Shape::Top, names: Vec::new(), counted: false }] }
    }

    /// Whether an enclosing block declares this name.
    pub(super) fn gives(&self, name: &str) -> bool {
        self.open.iter().any(|scope| scope.names.contains(&name))
    }

    /// Resolves a path. `whole` is true if all of a list or an object is needed.
    pub(super) fn follow(&mut self, path: &AstPath<'s>, whole: bool) -> Result<(ResolvedPath, Shape), UnknownName> {
        let (mut start, mut shape, passed) = self.start(path)?;
        let mut steps = Vec::new();
        for word in &path.names[passed..] {
            let (from, name) = (shape, *word);
            shape = self.step(from, name)?;
            match (from, &start) {
                (Shape::Top, PathStart::Top) => start = named(name.text),
                (Shape::Request, PathStart::Request) => {
                    start = RequestPart::by_name(name.text).map_or(start, PathStart::Part)
                }
                (Shape::Headers, _) => steps.push(name.text.to_ascii_lowercase()),
                _ => steps.push(name.text.to_owned()),
            }
        }
        self.record_use(&start, &steps, whole);
        let source = path.whole.text.to_owned();
        Ok((ResolvedPath { source, start, steps, whole, headers: shape == Shape::Headers }, shape))
    }

    /// Returns the start of a path, what is known of its value, and how many of the path's names that consumes.
    fn start(&self, path: &AstPath<'_>) -> Result<(PathStart, Shape, usize), UnknownName> {
        let first = path.names.first().map(|first| first.text);
        match path.start {
            AstStart::Root => return Ok((PathStart::Top, Shape::Top, 0)),
            AstStart::Local => return Ok((self.local(path)?, Shape::Any, 1)),
            AstStart::Name => {
                for (level, scope) in self.open.iter().rev().enumerate() {
                    match scope.names.iter().position(|name| Some(*name) == first) {
                        Some(0) => return Ok((PathStart::Value(level), scope.this, 1)),
                        Some(_) => return Ok((PathStart::Key(level), Shape::Any, 1)),
                        None => {}
                    }
                }
            }
            AstStart::This => {}
        }
        match self.open.len().checked_sub(path.ups + 1) {
            Some(0) => Ok((PathStart::Top, Shape::Top, 0)),
            Some(place) => Ok((PathStart::This(path.ups), self.open[place].this, 0)),
            None => Err(unknown(
                path.whole,
                format!("there is nothing above for `{}`", path.whole.text),
                "Only `{{#each}}` and `{{#with}}` go a level down.",
            )),
        }
    }

    fn local(&self, path: &AstPath<'_>) -> Result<PathStart, UnknownName> {
        let counted = self.open.iter().rev().nth(path.ups).is_some_and(|scope| scope.counted);
        let known = match path.names.as_slice() {
            [only] => LoopVariable::NAMES.iter().find(|(name, _)| *name == only.text),
            _ => None,
        };
        let (word, text) = (path.whole, path.whole.text);
        let Some((_, local)) = known else {
            let names = LoopVariable::NAMES.iter().map(|(name, _)| format!("@{name}"));
            return Err(suggested(word, format!("`{text}` is not known in a template"), names));
        };
        if !counted {
            let message = format!("`{text}` is known only inside `{{{{#each}}}}`");
            return Err(unknown(word, message, "Use it inside the block."));
        }
        Ok(PathStart::Local(path.ups, *local))
    }

    /// Records the part of the JSON body that a path uses.
    fn record_use(&mut self, start: &PathStart, steps: &[String], whole: bool) {
        let projection = match start {
            PathStart::Part(RequestPart::Json) => projection_at(steps, whole),
            // A document may be JSON.
            PathStart::Part(RequestPart::Document) | PathStart::Request | PathStart::Top => Projection::Whole,
            _ => return,
        };
        self.uses.add_json(projection);
    }

    fn step(&self, from: Shape, name: Word<'_>) -> Result<Shape, UnknownName> {
        let text = name.text;
        match from {
            Shape::Top => self.top(name),
            Shape::Request => match RequestPart::by_name(text) {
                Some(RequestPart::PathParams) => Ok(Shape::PathParams),
                Some(RequestPart::Headers | RequestPart::HeadersAll) => Ok(Shape::Headers),
                Some(_) => Ok(Shape::Any),
                None => {
                    let names = RequestPart::NAMES.iter().map(|(name, _)| (*name).to_owned());
                    Err(suggested(name, format!("a request has no `{text}`"), names))
                }
            },
            Shape::PathParams if !self.names.path_params.iter().any(|known| known == text) => {
                let known = self.names.path_params.iter().cloned();
                Err(suggested(name, format!("the path has no placeholder `{{{text}}}`"), known))
            }
            Shape::Vars if !self.names.vars.iter().any(|known| known == text) => {
                let known = self.names.vars.iter().cloned();
                Err(suggested(name, format!("there is no variable `{text}`"), known))
            }
            Shape::PathParams | Shape::Vars | Shape::Headers | Shape::Any => Ok(Shape::Any),
        }
    }

    fn top(&self, word: Word<'_>) -> Result<Shape, UnknownName> {
        let (name, in_batch) = (word.text, self.names.item);
        match (name, in_batch) {
            ("request", _) => Ok(Shape::Request),
            ("vars", _) if self.names.vars.is_empty() => Err(unknown(
                word,
                "there are no variables here".to_owned(),
                "Write them under `[stub.vars]`. A variable can use only those before it.",
            )),
            ("vars", _) => Ok(Shape::Vars),
            ("item" | "index", Some(_)) => Ok(Shape::Any),
            ("item" | "index", None) => Err(unknown(
                word,
                format!("`{name}` is not known here"),
                "Only the results of a batch know their item.",
            )),
            (name, Some(captures)) if captures.iter().any(|capture| capture == name) => Ok(Shape::Any),
            (name, _) => {
                let captures = in_batch.unwrap_or_default().iter().cloned();
                let batch = in_batch.is_some().then(|| ["item".to_owned(), "index".to_owned()]);
                let parts = RequestPart::NAMES.iter().map(|(part, _)| format!("request.{part}"));
                let helpers = helpers::all().map(|spec| spec.name.to_owned());
                let known = captures.chain(batch.into_iter().flatten()).chain(["request".to_owned()]).chain(helpers);
                let known: Vec<_> = known.chain(parts.filter(|part| part.ends_with(&format!(".{name}")))).collect();
                Err(suggested(word, format!("`{name}` is not known in a template"), known.into_iter()))
            }
        }
    }
}

/// Returns the start of a path for a known name of the top level.
fn named(name: &str) -> PathStart {
    match name {
        "request" => PathStart::Request,
        "vars" => PathStart::Vars,
        "item" => PathStart::Item,
        "index" => PathStart::Index,
        capture => PathStart::Capture(capture.to_owned()),
    }
}

/// Returns the projection for a member of the body, with or without its contents. Indices and lengths of lists have no names.
fn projection_at(steps: &[String], whole: bool) -> Projection {
    match steps {
        [] if whole => Projection::Whole,
        [] => Projection::NOTHING,
        [name, ..] if name.parse::<usize>().is_ok() || name == "length" => Projection::Whole,
        [name, rest @ ..] => projection_at(rest, whole).below(name),
    }
}

fn unknown(word: Word<'_>, message: String, help: &str) -> UnknownName {
    UnknownName { place: word.place(), message, help: Some(help.to_owned()) }
}

/// Returns an unknown name with the most similar known one, or with all of them if they are few.
pub(super) fn suggested(word: Word<'_>, message: String, known: impl Iterator<Item = String>) -> UnknownName {
    // The edit distance takes time and memory in proportion to the product of both lengths.
    const LONGEST: usize = 200;
    let known: Vec<String> = known.collect();
    let name = word.text;
    if name.len() > LONGEST {
        return UnknownName { place: word.place(), message, help: None };
    }
    let distance = |other: &String| {
        let within = other.rsplit('.').next().is_some_and(|last| last == name);
        let same = other.eq_ignore_ascii_case(name);
        if within || same { 1 } else { strsim::damerau_levenshtein(name, other) }
    };
    let nearest = known.iter().map(|other| (distance(other), other)).min();
    let help = match nearest {
        Some((distance, nearest)) if distance <= 1 + name.chars().count() / 3 => {
            Some(format!("Did you mean `{nearest}`?"))
        }
        _ if known.is_empty() || known.len() > 8 => None,
        _ => {
            Some(format!("Known are {}.", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")))
        }
    };
    UnknownName { place: word.place(), message, help }
}
