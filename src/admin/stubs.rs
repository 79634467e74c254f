//! Stubs over HTTP, in the scenario format.

use std::sync::Arc;

use crate::engine::MountedStub;
use crate::formats::{Diagnostic, NoFiles, Source, Syntax, print_stub, read_stub};
use crate::journal::StubRef;
use crate::model::{Json, KeyPath, Place, Stub};

use super::call::{Call, Reply};
use super::fault::{AdminFault, ErrorSource, Problem};
use super::stubs_toml;

/// `GET /stubs`: all stubs, in order of precedence.
pub(super) fn list(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let set = call.engine.stubs();
    if stubs_toml::is_accepted(call) {
        return stubs_toml::scenario(call, set.stubs());
    }
    let stubs: Vec<Json> = set.stubs().iter().map(|mounted| described(call, mounted)).collect();
    let meta = Json::from([("total", stubs.len().into())]);
    Reply::ok(Json::from([("stubs", Json::Array(stubs)), ("meta", meta)]))
}

/// `GET /stubs/{id}`
pub(super) fn one(call: &Call<'_>, id: &str) -> Result<Reply, AdminFault> {
    let mounted = find(call, id)?;
    if stubs_toml::is_accepted(call) {
        return stubs_toml::scenario(call, &[mounted]);
    }
    Reply::ok(described(call, &mounted))
}

/// `POST /stubs`: adds a stub, which takes precedence over those of files.
pub(super) fn add(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let (stub, source) = read(call)?;
    let mounted = call.engine.add(stub).map_err(|faults| refused(faults.iter().map(|fault| source.locate(fault))))?;
    Reply::created(described(call, &mounted))
}

/// `PUT /stubs/{id}`: replaces a stub that was added.
pub(super) fn replace(call: &Call<'_>, id: &str) -> Result<Reply, AdminFault> {
    own(call, id)?;
    let (stub, source) = read(call)?;
    match call.engine.replace(id, stub) {
        None => Err(missing(id)),
        Some(Err(faults)) => Err(refused(faults.iter().map(|fault| source.locate(fault)))),
        Some(Ok(mounted)) => Reply::ok(described(call, &mounted)),
    }
}

/// `DELETE /stubs/{id}`: removes a stub that was added.
pub(super) fn remove(call: &Call<'_>, id: &str) -> Result<Reply, AdminFault> {
    own(call, id)?;
    match call.engine.remove(id) {
        true => Reply::done(),
        false => Err(missing(id)),
    }
}

/// `DELETE /stubs`: removes all stubs that were added.
pub(super) fn remove_added(call: &Call<'_>) -> Result<Reply, AdminFault> {
    call.engine.remove_added();
    Reply::done()
}

/// `POST /reset`: resets states, sequences, arming, added stubs, journal and counts.
pub(super) fn reset(call: &Call<'_>) -> Result<Reply, AdminFault> {
    call.engine.reset();
    Reply::done()
}

/// `POST /stubs/arm`: `{"stub": NAME, "times": 1}`; `times` 0 disarms.
pub(super) fn arm(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let top = KeyPath::top();
    let json = call.json_object(&["stub", "times"])?;
    let name = json.get("stub").and_then(Json::as_str);
    let name = name
        .ok_or_else(|| AdminFault::wrong_kind(&top.key("stub"), "the name of an on-demand stub", json.get("stub")))?;
    let times = match json.get("times") {
        None => 1,
        Some(times) => times.to_string().parse().map_err(|_| {
            AdminFault::field(&top.key("times"), format!("must be a whole number that is not negative, found {times}"))
        })?,
    };
    call.engine.arm(name, times).map_err(|unknown| {
        if let Some(ordinary) = call.engine.stubs().stubs().iter().find(|mounted| mounted.reference.name == name) {
            let place = &ordinary.reference.place;
            let detail = format!(
                "`{name}` ({}:{}) answers without being armed: only a stub with `on_demand = true` can be armed",
                place.file, place.line
            );
            return AdminFault::new(409, "the stub is not on demand", detail)
                .about(ErrorSource::Pointer(top.key("stub").to_pointer()));
        }
        let known = unknown.known.iter().map(|name| name.as_str().into()).collect();
        AdminFault {
            more: vec![("known".to_owned(), Json::Array(known))],
            ..AdminFault::new(404, NO_SUCH_STUB, unknown.to_string())
                .about(ErrorSource::Pointer(top.key("stub").to_pointer()))
        }
    })?;
    Reply::ok(Json::from([("stub", name.into()), ("times", (times as usize).into())]))
}

/// Returns a stub with its id, its position, its counts and its definition.
fn described(call: &Call<'_>, mounted: &MountedStub) -> Json {
    let totals = call.engine.totals(mounted);
    let mut described = stub_identity(&mounted.reference);
    described.set("calls", (totals.calls as usize).into());
    if mounted.stub.on_demand {
        described.set("armed", (call.engine.armed(mounted) as usize).into());
    }
    described.set("stub", print_stub(&mounted.stub));
    let code = closure_places(mounted);
    if !code.is_empty() {
        described.set("code", Json::Array(code));
    }
    described
}

/// Returns the places of closures, which no file can express.
fn closure_places(mounted: &MountedStub) -> Vec<Json> {
    let code = mounted.code();
    let matching = code.matching.iter().map(|closure| format!("matching: {}", closure.place).into());
    matching.chain(code.respond.iter().map(|closure| format!("respond_with: {}", closure.place).into())).collect()
}

/// Returns the id, name and position of a stub.
pub(super) fn stub_identity(stub: &StubRef) -> Json {
    Json::from([
        ("id", stub.id.as_str().into()),
        ("name", stub.name.as_str().into()),
        ("scenario", stub.scenario.as_str().into()),
        ("file", (&*stub.place.file).into()),
        ("line", stub.place.line.into()),
    ])
}

fn find(call: &Call<'_>, id: &str) -> Result<Arc<MountedStub>, AdminFault> {
    let set = call.engine.stubs();
    set.find(id).cloned().ok_or_else(|| missing(id))
}

/// Checks that a stub may be changed here: a stub of a file may not.
fn own(call: &Call<'_>, id: &str) -> Result<(), AdminFault> {
    let mounted = find(call, id)?;
    match mounted.added {
        Some(_) => Ok(()),
        None => {
            let place = &mounted.reference.place;
            let detail = format!("the stub is in {}:{}; change it there", place.file, place.line);
            Err(AdminFault::new(409, "the stub belongs to a file", detail))
        }
    }
}

const NO_SUCH_STUB: &str = "there is no such stub";

fn missing(id: &str) -> AdminFault {
    AdminFault::new(404, NO_SUCH_STUB, format!("no stub has the id `{id}`"))
}

/// Reads the stub in the call's body. It is TOML or JSON by its Content-Type, or else by its first character.
fn read(call: &Call<'_>) -> Result<(Stub, Source), AdminFault> {
    const ORIGIN: &str = "request body";
    let text = call.request.text();
    let media = call.request.content_type();
    let syntax = match media.as_ref() {
        Some(media) if media.is_json() => Syntax::Json,
        Some(media) if media.essence.ends_with("/toml") => Syntax::Toml,
        _ if text.trim_start().starts_with('{') => Syntax::Json,
        _ => Syntax::Toml,
    };
    let read = read_stub(&text, syntax, ORIGIN, "added", &NoFiles);
    let (stub, source) = read.map_err(|diagnostics| refused(diagnostics.into_iter()))?;
    let place = Place { file: "the admin API".into(), line: 0, index: 0 };
    Ok((Stub { place, ..stub }, source))
}

fn refused(diagnostics: impl Iterator<Item = Diagnostic>) -> AdminFault {
    let problems = diagnostics.map(|diagnostic| Problem {
        source: Some(ErrorSource::Pointer(diagnostic.at.to_pointer())),
        detail: diagnostic.render(false).trim_end().to_owned(),
    });
    AdminFault { problems: problems.collect(), ..AdminFault::new(422, "the stub cannot be served", "") }
}
