//! Stubs as a scenario file, for clients that accept TOML.
//!
//! A file has one name, one initial state, one `[representation]` and one folder. Stubs that do not fit into one file
//! are refused, and so are closures, so that the file has the same answers as the stubs.

use std::path::Path;
use std::sync::Arc;

use crate::engine::MountedStub;
use crate::formats::{INITIAL_STATE, ScenarioHead, Unwritable, print_stub, write_scenario};
use crate::message::{accepted, visible};
use crate::model::{Json, Representation, Step, Stub};

use super::call::{Call, Reply};
use super::fault::{AdminFault, ErrorSource};

/// Whether the client prefers TOML to JSON. Its Accept header must name TOML; a wildcard is not enough.
pub(super) fn is_accepted(call: &Call<'_>) -> bool {
    let values: Vec<_> = call.request.headers("Accept").collect();
    let ranges = accepted(values.iter().map(|value| &**value));
    let quality = |media_type: &str| {
        let named = ranges.iter().filter(|accepted| accepted.range.essence == media_type);
        named.map(|accepted| accepted.quality).max().unwrap_or_default()
    };
    quality("application/toml") > quality("application/json")
}

/// Writes stubs in their order as a scenario file.
pub(super) fn scenario(call: &Call<'_>, stubs: &[Arc<MountedStub>]) -> Result<Reply, AdminFault> {
    stubs.iter().try_for_each(|mounted| refuse_code(mounted))?;
    let set = call.engine.stubs();
    let starts_elsewhere = |mounted: &&Arc<MountedStub>| {
        let has_state = mounted.stub.when_state.is_some() || mounted.stub.then_state.is_some();
        has_state && set.initial_state(&mounted.stub.state_machine) != INITIAL_STATE
    };
    // A file sets the initial state only of the state machine with its own name.
    let named = stubs.iter().find(starts_elsewhere).or(stubs.first());
    let name = named.map_or("stubs", |mounted| mounted.stub.state_machine.as_str());
    if let Some(mounted) = stubs.iter().filter(starts_elsewhere).find(|mounted| mounted.stub.state_machine != name) {
        let reason =
            format!("`{}` starts in another state than `{INITIAL_STATE}`", visible(&mounted.stub.state_machine));
        return Err(together(mounted, &format!("{reason}, and a file has one `initial_state`")));
    }
    check_folders(stubs)?;
    let representation = representation(stubs)?;
    let head = ScenarioHead { name, initial_state: set.initial_state(name), representation: &representation };
    let written: Vec<&Stub> = stubs.iter().map(|mounted| &*mounted.stub).collect();
    match write_scenario(head, &written) {
        Ok(text) => Reply::toml(text),
        Err(unwritable) => Err(refused(&unwritable, stubs)),
    }
}

fn refuse_code(mounted: &MountedStub) -> Result<(), AdminFault> {
    let code = mounted.code();
    if code.matching.is_empty() && code.respond.is_none() {
        return Ok(());
    }
    Err(fault(format!("{} has closures, and a file has no code", in_words(mounted))))
}

/// Returns the representation that all of these stubs share.
fn representation(stubs: &[Arc<MountedStub>]) -> Result<Arc<Representation>, AdminFault> {
    let with_documents = stubs.iter().filter(|mounted| has(&print_stub(&mounted.stub), &is_of_documents));
    match common_value(with_documents, |mounted| mounted.representation().clone()) {
        Ok(representation) => Ok(representation.unwrap_or_else(Representation::plain)),
        Err(mounted) => {
            Err(together(mounted, "it writes documents in a way of its own, and a file has one `[representation]`"))
        }
    }
}

/// Refuses stubs that name files in several folders.
fn check_folders(stubs: &[Arc<MountedStub>]) -> Result<(), AdminFault> {
    let with_files = stubs.iter().filter(|mounted| has(&print_stub(&mounted.stub), &is_of_files));
    let folder = |mounted: &MountedStub| Path::new(&*mounted.reference.place.file).parent().map(Path::to_owned);
    match common_value(with_files, folder) {
        Ok(_) => Ok(()),
        Err(mounted) => Err(together(mounted, "it names a file beside it, and another stub one in another folder")),
    }
}

/// Returns the value that all stubs share, or the first stub with another value as an error.
fn common_value<'s, T: PartialEq>(
    stubs: impl Iterator<Item = &'s Arc<MountedStub>>,
    value: impl Fn(&MountedStub) -> T,
) -> Result<Option<T>, &'s MountedStub> {
    let mut known: Option<T> = None;
    for mounted in stubs {
        let value = value(mounted);
        match &known {
            Some(known) if *known != value => return Err(mounted),
            _ => known = Some(value),
        }
    }
    Ok(known)
}

/// Whether a printed stub has a member with this name. If only a body has it, a valid file may be refused, which is harmless.
fn has(printed: &Json, is_so: &impl Fn(&str, &Json) -> bool) -> bool {
    match printed {
        Json::Object(members) => members.iter().any(|(key, value)| is_so(key, value) || has(value, is_so)),
        Json::Array(items) => items.iter().any(|item| has(item, is_so)),
        _ => false,
    }
}

fn is_of_documents(key: &str, _: &Json) -> bool {
    matches!(key, "document" | "batch")
}

fn is_of_files(key: &str, value: &Json) -> bool {
    key == "file" || (key == "json_schema" && matches!(value, Json::String(_)))
}

fn in_words(mounted: &MountedStub) -> String {
    let place = &mounted.reference.place;
    format!("`{}` ({}:{})", visible(&mounted.reference.name), visible(&place.file), place.line)
}

fn together(mounted: &MountedStub, reason: &str) -> AdminFault {
    fault(format!("{}: {reason}; ask for each by its id", in_words(mounted)))
}

fn refused(unwritable: &Unwritable, stubs: &[Arc<MountedStub>]) -> AdminFault {
    let stub = match unwritable.at.steps().get(1) {
        Some(Step::Index(number)) => stubs.get(*number).map(|mounted| format!("{}: ", in_words(mounted))),
        _ => None,
    };
    fault(format!("{}{unwritable}", stub.unwrap_or_default()))
}

fn fault(detail: String) -> AdminFault {
    AdminFault::new(406, "the stubs cannot be written as TOML", detail).about(ErrorSource::Header("Accept"))
}
