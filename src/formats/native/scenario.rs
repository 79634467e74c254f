//! Reads a whole scenario file.

use std::path::Path;
use std::sync::Arc;

use crate::formats::located::{Located, ReadContext};
use crate::formats::table_reader::TableReader;
use crate::model::{Example, KeyPath, Place, Representation, Scenario, Stub};

use super::example::example;
use super::representation;
use super::request::request;
use super::response::{response, unspecified};
use super::stub::{Defaults, stub};

/// The keys of a scenario file.
pub(super) const KEYS: [&str; 9] =
    ["name", "description", "source", "request", "response", "representation", "initial_state", "stub", "example"];

/// The state in which a machine starts if its file does not specify another.
pub(crate) const INITIAL_STATE: &str = "Started";

/// Reads a scenario. If it has faults they are recorded, and the result is what could be read.
pub(super) fn scenario(context: &mut ReadContext<'_>) -> Option<Scenario> {
    let source = context.source;
    let top = Located::new(source.root(), KeyPath::top());
    let mut table = TableReader::open(&top, "a scenario", context)?;
    let name = table.take("name").and_then(|value| value.nonempty_text(context));
    let name = name.unwrap_or_else(|| stem(source.file()));
    let description = table.take("description").and_then(|value| value.nonempty_text(context));
    let prose = table.take("source").and_then(|value| value.nonempty_text(context));
    let initial_state = table.take("initial_state").and_then(|value| value.nonempty_text(context));
    let representation = table.take("representation").and_then(|value| representation::representation(&value, context));
    let defaults = Defaults {
        request: table.take("request").and_then(|value| request(&value, context)).unwrap_or_default(),
        response: table
            .take("response")
            .and_then(|value| response(&value, &unspecified(), context))
            .unwrap_or_else(unspecified),
        state_machine: name.clone(),
    };
    let stubs = table.take("stub").map(|value| stubs(&value, &defaults, context)).unwrap_or_default();
    let examples = table.take("example").map(|value| examples(&value, &name, context)).unwrap_or_default();
    table.finish(context);
    Some(Scenario {
        name,
        file: source.file().to_owned(),
        description,
        source: prose,
        representation: Arc::new(representation.unwrap_or_else(Representation::default)),
        initial_state: initial_state.unwrap_or_else(|| INITIAL_STATE.to_owned()),
        stubs,
        examples,
    })
}

/// Returns the name of a file without folder and extension.
fn stem(file: &str) -> String {
    Path::new(file).file_stem().map_or_else(|| file.to_owned(), |stem| stem.to_string_lossy().into_owned())
}

fn stubs(located: &Located<'_>, defaults: &Defaults, context: &mut ReadContext<'_>) -> Vec<Arc<Stub>> {
    let file: Arc<str> = context.source.file().into();
    let all = located.tables("stub", context).unwrap_or_default().into_iter().enumerate();
    let read = all.filter_map(|(index, value)| {
        let place = Place { file: Arc::clone(&file), line: context.source.line(value.node), index };
        stub(&value, defaults, place, context).map(Arc::new)
    });
    read.collect()
}

fn examples(located: &Located<'_>, machine: &str, context: &mut ReadContext<'_>) -> Vec<Example> {
    let all = located.tables("example", context).unwrap_or_default().into_iter().enumerate();
    all.filter_map(|(place, value)| example(&value, place + 1, machine, context)).collect()
}
