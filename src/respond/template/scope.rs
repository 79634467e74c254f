//! What a path in a template leads to: known at load as far as names are fixed.

use handlebars::{Path, PathSeg};

use super::super::text::Names;
use super::model::{Needs, Part};

/// What is known of the value at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// The top, where the names are.
    Root,
    /// `request`
    Request,
    /// `request.path_params`
    PathParams,
    /// `request.headers` or `request.headers_all`, whose names are in lower case.
    Headers,
    /// Something that depends on the request.
    Any,
}

/// What one block adds to the names around it.
#[derive(Debug)]
pub(super) struct Scope {
    /// What `this` is.
    pub(super) this: Shape,
    /// Names between bars: `as |item index|`.
    pub(super) params: Vec<(String, Shape)>,
    /// Whether `@index` and its like are known.
    pub(super) counted: bool,
}

/// A name that leads nowhere.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    /// As it stands in the template.
    pub(super) name: String,
    /// What it is not.
    pub(super) message: String,
    /// What would be right, where that can be guessed.
    pub(super) help: Option<String>,
}

/// The blocks around an expression, outermost first, and what was used so far.
pub(super) struct Scopes<'s> {
    pub(super) names: Names<'s>,
    pub(super) needs: &'s mut Needs,
    pub(super) open: Vec<Scope>,
}

impl<'s> Scopes<'s> {
    pub(super) fn new(names: Names<'s>, needs: &'s mut Needs) -> Scopes<'s> {
        Scopes { names, needs, open: vec![Scope { this: Shape::Root, params: Vec::new(), counted: false }] }
    }

    /// Follows a path, and writes the names of headers in it in lower case.
    pub(super) fn follow(&mut self, path: &mut Path) -> Result<Shape, Unknown> {
        match path {
            Path::Local((level, name, raw)) => self.local(*level, name, raw),
            Path::Relative((segments, raw)) => {
                let ups = if raw.contains("@root") { 0 } else { ups(segments) };
                let mut shape = self.start(segments, raw, ups)?;
                let mut followed = shape.1;
                for segment in segments {
                    let PathSeg::Named(name) = segment else {
                        continue;
                    };
                    if std::mem::take(&mut followed) {
                        continue;
                    }
                    if shape.0 == Shape::Headers {
                        name.make_ascii_lowercase();
                    }
                    shape.0 = self.step(shape.0, name)?;
                }
                if shape.0 == Shape::Request {
                    self.needs.all();
                }
                Ok(shape.0)
            }
        }
    }

    /// Where a path starts, and whether its first name has been followed already.
    fn start(&self, segments: &[PathSeg], raw: &str, ups: usize) -> Result<(Shape, bool), Unknown> {
        if raw.contains("@root") {
            return Ok((Shape::Root, false));
        }
        let first = segments.iter().find_map(|segment| match segment {
            PathSeg::Named(name) => Some(name),
            _ => None,
        });
        let param = first
            .and_then(|first| self.open.iter().rev().flat_map(|scope| &scope.params).find(|(name, _)| name == first));
        if let Some((_, shape)) = param {
            return Ok((*shape, true));
        }
        let above = self.open.len().checked_sub(ups + 1).map(|place| self.open[place].this);
        let nothing = || {
            unknown(
                raw,
                format!("there is nothing above for `{raw}`"),
                "Only `{{#each}}` and `{{#with}}` go a level down.",
            )
        };
        Ok((above.ok_or_else(nothing)?, false))
    }

    fn local(&self, level: usize, name: &str, raw: &str) -> Result<Shape, Unknown> {
        let known = ["index", "key", "first", "last"];
        let counted = self.open.iter().rev().nth(level).is_some_and(|scope| scope.counted);
        if !known.contains(&name) {
            return Err(suggested(
                raw,
                format!("`{raw}` is not known in a template"),
                known.map(|name| format!("@{name}")).into_iter(),
            ));
        }
        if !counted {
            return Err(unknown(
                raw,
                format!("`{raw}` is known only inside `{{{{#each}}}}`"),
                "Use it inside the block.",
            ));
        }
        Ok(Shape::Any)
    }

    fn step(&mut self, from: Shape, name: &str) -> Result<Shape, Unknown> {
        match from {
            Shape::Root => self.top(name),
            Shape::Request => match Part::by_name(name) {
                Some(part) => {
                    self.needs.part(part);
                    Ok(match part {
                        Part::PathParams => Shape::PathParams,
                        Part::Headers | Part::HeadersAll => Shape::Headers,
                        _ => Shape::Any,
                    })
                }
                None => {
                    let names = Part::NAMES.iter().map(|(name, _)| (*name).to_owned());
                    Err(suggested(name, format!("a request has no `{name}`"), names))
                }
            },
            Shape::PathParams if !self.names.path_params.iter().any(|known| known == name) => {
                let known = self.names.path_params.iter().cloned();
                Err(suggested(name, format!("the path has no placeholder `{{{name}}}`"), known))
            }
            Shape::PathParams | Shape::Headers | Shape::Any => Ok(Shape::Any),
        }
    }

    fn top(&mut self, name: &str) -> Result<Shape, Unknown> {
        let in_batch = self.names.item;
        match (name, in_batch) {
            ("request", _) => Ok(Shape::Request),
            ("item" | "index", Some(_)) => {
                self.needs.item = true;
                Ok(Shape::Any)
            }
            ("item" | "index", None) => Err(unknown(
                name,
                format!("`{name}` is not known here"),
                "Only the results of a batch know their item.",
            )),
            (name, Some(captures)) if captures.iter().any(|capture| capture == name) => {
                self.needs.item = true;
                Ok(Shape::Any)
            }
            (name, _) => {
                let captures = in_batch.unwrap_or_default().iter().cloned();
                let batch = in_batch.is_some().then(|| ["item".to_owned(), "index".to_owned()]);
                let parts = Part::NAMES.iter().map(|(part, _)| format!("request.{part}"));
                let helpers = super::specs().map(|spec| spec.name.to_owned());
                let known = captures.chain(batch.into_iter().flatten()).chain(["request".to_owned()]).chain(helpers);
                let known: Vec<_> = known.chain(parts.filter(|part| part.ends_with(&format!(".{name}")))).collect();
                Err(suggested(name, format!("`{name}` is not known in a template"), known.into_iter()))
            }
        }
    }
}

fn ups(segments: &[PathSeg]) -> usize {
    segments.iter().take_while(|segment| !matches!(segment, PathSeg::Named(_))).count()
}

fn unknown(name: &str, message: String, help: &str) -> Unknown {
    Unknown { name: name.to_owned(), message, help: Some(help.to_owned()) }
}

/// An unknown name with the nearest that is known, or with all where they are few.
pub(super) fn suggested(name: &str, message: String, known: impl Iterator<Item = String>) -> Unknown {
    let known: Vec<String> = known.collect();
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
    Unknown { name: name.to_owned(), message, help }
}
