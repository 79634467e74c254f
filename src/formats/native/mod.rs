//! Cannery's own format: scenario files in TOML, and lone stubs in TOML or JSON.

mod batch;
mod body;
mod conditions;
mod delivery;
mod dialect;
mod duration;
mod example;
mod expect;
mod json_value;
#[cfg(feature = "check")]
mod layout;
#[cfg(feature = "check")]
mod layout_value;
#[cfg(test)]
mod manual;
mod matcher;
mod merge;
mod names;
mod path;
mod print;
mod print_matcher;
mod references;
mod representation;
mod request;
mod response;
mod scenario;
mod stub;

use std::collections::HashSet;

use crate::model::{Fault, KeyPath, Place, Scenario, Step, Stub};

use super::body_files::BodyFiles;
use super::diagnostic::Diagnostic;
#[cfg(feature = "check")]
use super::diagnostic::Diagnostics;
use super::located::{Located, ReadContext};
use super::source::{Source, Syntax};
use super::{json_tree, toml_tree};

use dialect::Dialect;

pub use duration::parse_duration;
#[cfg(feature = "admin")]
pub(crate) use expect::print_expect;
#[cfg(feature = "admin")]
pub(crate) use print::print_representation;
pub use print::print_stub;
pub(super) use references::check_across;
#[cfg(feature = "admin")]
pub(crate) use scenario::INITIAL_STATE;

/// The JSON Schema of a scenario file, for completion and checks in editors. It is draft 4, the newest draft that TOML
/// editors support.
pub const SCHEMA: &str = include_str!("../../../schema/scenario.schema.json");

/// Formats a scenario file: spacing, blank lines, commas and quotes. Comments stay where they are, keys keep their order,
/// and the file loads as before. Formatting twice changes nothing more. Needs the feature `check`.
///
/// # Errors
/// If it is not TOML. It does not have to be a valid scenario.
#[cfg(feature = "check")]
pub fn format_scenario(bytes: Vec<u8>, file: &str) -> Result<String, Diagnostics> {
    let text = super::utf8::text(bytes, file).map_err(Diagnostics)?;
    toml_tree::read(&text, file).map_err(Diagnostics)?;
    Ok(layout::format_text(&text))
}

/// Reads a scenario from its text. `file` is the name in diagnostics, and its stem is the default name of the scenario.
///
/// # Errors
/// All errors in the text.
pub fn read_scenario(text: &str, file: &str, files: &dyn BodyFiles) -> Result<(Scenario, Source), Vec<Diagnostic>> {
    let PartialScenario { scenario, source, faults } = read(text, file, files)?;
    match scenario {
        Some(scenario) if faults.is_empty() => Ok((scenario, source)),
        _ => Err(source.locate_all(&faults)),
    }
}

/// The parts of a scenario that could be read, and the faults in the others.
pub(super) struct PartialScenario {
    pub(super) scenario: Option<Scenario>,
    pub(super) source: Source,
    pub(super) faults: Vec<Fault>,
}

pub(super) fn read(text: &str, file: &str, files: &dyn BodyFiles) -> Result<PartialScenario, Vec<Diagnostic>> {
    let root = toml_tree::read(text, file)?;
    let source = Source::new(file, text, root, Syntax::Toml, &Dialect::Scenario);
    let mut context = ReadContext::new(&source, files);
    let scenario = scenario::scenario(&mut context);
    let (mut faults, embedded) = context.finish();
    let source = source.with_embedded(embedded);
    faults.extend(scenario.iter().flat_map(references::check));
    let source = if faults.is_empty() { source.without_tree() } else { source };
    Ok(PartialScenario { scenario, source, faults })
}

impl PartialScenario {
    /// Returns the stubs without faults, so that compiling them finds further faults; `None` if the file's defaults have
    /// faults.
    pub(super) fn faultless_stubs(self) -> Option<Scenario> {
        let mut faulty = HashSet::new();
        for fault in &self.faults {
            match fault.at.steps().as_slice() {
                [Step::Key(list), Step::Index(number), ..] if list == "stub" => drop(faulty.insert(*number)),
                [Step::Key(list), ..] if list == "example" => {}
                _ => return None,
            }
        }
        let mut scenario = self.scenario?;
        scenario.stubs.retain(|stub| !faulty.contains(&stub.place.index));
        scenario.examples.clear();
        Some(scenario)
    }
}

/// Reads a lone stub, without defaults. `origin` is the name of the text in diagnostics, and `state_machine` the machine of
/// a stub that specifies none.
///
/// # Errors
/// All errors in the text.
pub fn read_stub(
    text: &str,
    syntax: Syntax,
    origin: &str,
    state_machine: &str,
    files: &dyn BodyFiles,
) -> Result<(Stub, Source), Vec<Diagnostic>> {
    let (root, dialect) = match syntax {
        Syntax::Toml => (toml_tree::read(text, origin)?, &Dialect::TomlStub),
        Syntax::Json => (json_tree::read(text, origin)?, &Dialect::JsonStub),
    };
    let source = Source::new(origin, text, root, syntax, dialect);
    let mut context = ReadContext::new(&source, files);
    let defaults = stub::Defaults::unspecified(state_machine);
    let place = Place { file: origin.into(), line: source.line(source.root()), index: 0 };
    let top = Located::new(source.root(), KeyPath::top());
    let stub = stub::stub(&top, &defaults, place, &mut context);
    let (faults, embedded) = context.finish();
    let source = source.with_embedded(embedded);
    match stub {
        Some(stub) if faults.is_empty() => Ok((stub, source)),
        _ => Err(source.locate_all(&faults)),
    }
}
