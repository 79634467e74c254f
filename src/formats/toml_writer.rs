//! Writes stubs as a scenario file.
//!
//! The keys and values are those of [`print_stub`]; here they become TOML as people write it: dotted keys, tables in
//! braces where they are short, headers for `responses` and `batch`. Strings, keys and floats are written by the crate
//! `toml_writer`. `toml` and `toml_edit` would have to be told the layout of every table, and bring `serde` and `winnow`.
//!
//! The text is read again as the same stubs. What TOML cannot say is refused.

use std::collections::HashSet;
use std::error::Error;
use std::fmt;

use toml_writer::{TomlKeyBuilder, TomlStringBuilder, TomlWrite as _};

use crate::message::{visible, visible_json};
use crate::model::{Json, KeyPath, Number, Representation, Stub};

use super::native::{INITIAL_STATE, print_representation, print_stub};
use super::toml_depth;

/// Longer lines are split, if their values can be.
const MAX_WIDTH: usize = 100;

/// JSON that nests deeper is written as JSON text.
const MAX_TABLE_DEPTH: usize = 16;

/// What a scenario file says beside its stubs.
#[derive(Debug, Clone, Copy)]
pub struct ScenarioHead<'a> {
    /// The name of the scenario, which is the state machine of each stub that names no other.
    pub name: &'a str,
    /// The state in which that machine starts.
    pub initial_state: &'a str,
    /// How documents are negotiated and written.
    pub representation: &'a Representation,
}

/// What a scenario file cannot say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritable {
    /// The way to the value in the file that would be written.
    pub at: KeyPath,
    /// Why it cannot be written: lower case, no full stop.
    pub reason: String,
}

impl Error for Unwritable {}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.reason)
    }
}

/// Writes a scenario file: its head, and a `[[stub]]` for each stub in order.
///
/// # Errors
/// Returns the first value that TOML or a scenario file cannot say exactly.
pub fn write_scenario(head: ScenarioHead<'_>, stubs: &[&Stub]) -> Result<String, Unwritable> {
    let top = KeyPath::top();
    let mut file = File::default();
    file.line("name", &string(head.name));
    if head.initial_state != INITIAL_STATE {
        file.line("initial_state", &string(head.initial_state));
    }
    if *head.representation != Representation::default() {
        file.header("\n[representation]");
        file.members(&print_representation(head.representation), Place::Plain, &top.key("representation"))?;
    }
    let mut names = HashSet::new();
    for (number, stub) in stubs.iter().enumerate() {
        let at = top.key("stub").index(number);
        if let Some(name) = stub.name.as_deref().filter(|name| !names.insert(*name)) {
            let reason = format!("another stub is named `{}`, and names must be unique in a file", visible(name));
            return Err(Unwritable { at: at.key("name"), reason });
        }
        file.stub(stub, head.name, &at)?;
    }
    match toml_depth::too_deep(&file.text) {
        None => Ok(file.text),
        Some(_) => Err(Unwritable { at: top.key("stub"), reason: "it nests too deeply for TOML".to_owned() }),
    }
}

/// What a value is in the format. It decides where JSON text may stand, which can say more than TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Stub,
    Request,
    Parts,
    Part,
    /// Matchers by name.
    Matchers,
    Matcher,
    Response,
    Batch,
    Case,
    /// JSON, or a string of JSON text.
    Json,
    /// A value as it is.
    Plain,
}

impl Place {
    /// What the value of a key is. The items of a list are what the list is.
    fn below(self, key: &str) -> Place {
        match (self, key) {
            (Place::Stub, "request") => Place::Request,
            (Place::Stub, "response" | "responses") => Place::Response,
            (Place::Stub, "batch") => Place::Batch,
            (Place::Request, "path" | "host" | "scheme" | "client_ip" | "body") => Place::Matcher,
            (Place::Request, "path_params" | "query" | "headers" | "cookies" | "form" | "basic_auth") => {
                Place::Matchers
            }
            (Place::Request, "multipart") => Place::Parts,
            (Place::Parts, _) => Place::Part,
            (Place::Part, "filename" | "body") => Place::Matcher,
            (Place::Part, "headers") => Place::Matchers,
            (Place::Matchers, _) => Place::Matcher,
            (Place::Matcher, "len" | "not" | "any_of" | "all_of" | "includes" | "values") => Place::Matcher,
            (Place::Request | Place::Part | Place::Matcher, "json" | "json_includes") => Place::Json,
            (Place::Request | Place::Part | Place::Matcher, "json_path" | "xpath" | "document") => Place::Matchers,
            (Place::Response, "json" | "document") => Place::Json,
            (Place::Batch, "case") => Place::Case,
            (Place::Batch, "some_failed" | "all_failed" | "none_failed") => Place::Json,
            (Place::Case, "item") => Place::Matcher,
            (Place::Case, "result") => Place::Json,
            _ => Place::Plain,
        }
    }
}

/// The text of a file as far as it is written.
#[derive(Default)]
struct File {
    text: String,
}

impl File {
    fn header(&mut self, header: &str) {
        self.text.push_str(header);
        self.text.push('\n');
    }

    fn line(&mut self, key: &str, value: &str) {
        self.text.extend([key, " = ", value, "\n"]);
    }

    /// Writes a stub. What has headers of its own comes last, because a header ends the table before it.
    fn stub(&mut self, stub: &Stub, machine: &str, at: &KeyPath) -> Result<(), Unwritable> {
        let Json::Object(members) = print_stub(stub) else { return Ok(()) };
        self.header("\n[[stub]]");
        let mut with_headers = Vec::new();
        for (key, value) in &members {
            let at = at.key(key);
            match (key.as_str(), value) {
                ("state_machine", Json::String(name)) if name == machine => {}
                ("batch", _) => with_headers.push((key, value)),
                ("responses", Json::Array(_)) if self.inline_pair(key, value, Place::Response, &at)?.is_none() => {
                    with_headers.push((key, value));
                }
                _ => self.pair(key, value, Place::Stub.below(key), &at)?,
            }
        }
        for (key, value) in with_headers {
            match value {
                Json::Array(all) => self.tables("stub.responses", all, Place::Response, &at.key(key))?,
                _ => self.batch(value, &at.key(key))?,
            }
        }
        Ok(())
    }

    fn batch(&mut self, batch: &Json, at: &KeyPath) -> Result<(), Unwritable> {
        let Json::Object(members) = batch else { return Ok(()) };
        self.header("[stub.batch]");
        for (key, value) in members.iter().filter(|(key, _)| key != "case") {
            self.pair(key, value, Place::Batch.below(key), &at.key(key))?;
        }
        match batch.get("case") {
            Some(Json::Array(cases)) => self.tables("stub.batch.case", cases, Place::Case, &at.key("case")),
            _ => Ok(()),
        }
    }

    /// Writes the tables of a list, each below a header.
    fn tables(&mut self, header: &str, all: &[Json], place: Place, at: &KeyPath) -> Result<(), Unwritable> {
        for (number, table) in all.iter().enumerate() {
            self.header(&format!("\n[[{header}]]"));
            self.members(table, place, &at.index(number))?;
        }
        Ok(())
    }

    fn members(&mut self, table: &Json, place: Place, at: &KeyPath) -> Result<(), Unwritable> {
        let Json::Object(members) = table else { return Ok(()) };
        refuse_twice(members, at)?;
        for (name, value) in members {
            self.pair(&key(name), value, place.below(name), &at.key(name))?;
        }
        Ok(())
    }

    /// Writes a value under a key: on one line if it fits, else a line for each member or item.
    fn pair(&mut self, path: &str, value: &Json, place: Place, at: &KeyPath) -> Result<(), Unwritable> {
        if place == Place::Json && !is_toml(value, MAX_TABLE_DEPTH) {
            self.line(path, &json_text(value));
            return Ok(());
        }
        match value {
            Json::String(text) if text.contains('\n') => self.line(path, &lines(text)),
            Json::Object(members) if !members.is_empty() => {
                refuse_twice(members, at)?;
                let is_one = members.len() == 1;
                match self.inline_pair(path, value, place, at)?.filter(|_| !is_one) {
                    Some(line) => self.header(&line),
                    None => {
                        for (name, value) in members {
                            let path = format!("{path}.{}", key(name));
                            self.pair(&path, value, place.below(name), &at.key(name))?;
                        }
                    }
                }
            }
            Json::Array(items) => match self.inline_pair(path, value, place, at)? {
                Some(line) => self.header(&line),
                None => {
                    self.header(&format!("{path} = ["));
                    for (number, item) in items.iter().enumerate() {
                        self.header(&format!("  {},", inline(item, place, &at.index(number))?));
                    }
                    self.header("]");
                }
            },
            _ => self.line(path, &inline(value, place, at)?),
        }
        Ok(())
    }

    /// Key and value on one line; `None` if they do not fit.
    fn inline_pair(&self, path: &str, value: &Json, place: Place, at: &KeyPath) -> Result<Option<String>, Unwritable> {
        let line = format!("{path} = {}", inline(value, place, at)?);
        Ok(Some(line).filter(|line| line.chars().count() <= MAX_WIDTH && !has_lines(value)))
    }
}

/// Whether a text in a value has line ends, which are easier to read in a text of several lines.
fn has_lines(value: &Json) -> bool {
    match value {
        Json::String(text) => text.contains('\n'),
        Json::Array(items) => items.iter().any(has_lines),
        Json::Object(members) => members.iter().any(|(_, member)| has_lines(member)),
        _ => false,
    }
}

/// A value on one line.
fn inline(value: &Json, place: Place, at: &KeyPath) -> Result<String, Unwritable> {
    if place == Place::Json && !is_toml(value, MAX_TABLE_DEPTH) {
        return Ok(string(&value.to_string()));
    }
    Ok(match value {
        Json::Null => return Err(Unwritable { at: at.clone(), reason: "TOML has no null".to_owned() }),
        Json::Bool(truth) => truth.to_string(),
        Json::Number(Number::Integer(whole)) => whole.to_string(),
        Json::Number(Number::Float(float)) => written(|text| text.value(*float)),
        Json::String(text) => string(text),
        Json::Array(items) => {
            let all = items.iter().enumerate().map(|(number, item)| inline(item, place, &at.index(number)));
            format!("[{}]", all.collect::<Result<Vec<_>, _>>()?.join(", "))
        }
        Json::Object(members) if members.is_empty() => "{}".to_owned(),
        Json::Object(members) => {
            refuse_twice(members, at)?;
            let all =
                members.iter().map(|(name, value)| inline_member(&key(name), value, place.below(name), &at.key(name)));
            format!("{{ {} }}", all.collect::<Result<Vec<_>, _>>()?.join(", "))
        }
    })
}

/// A key with its value; a table of one member is written as a dotted key.
fn inline_member(path: &str, value: &Json, place: Place, at: &KeyPath) -> Result<String, Unwritable> {
    match value {
        Json::Object(members) if members.len() == 1 && (place != Place::Json || is_toml(value, MAX_TABLE_DEPTH)) => {
            let (name, value) = &members[0];
            inline_member(&format!("{path}.{}", key(name)), value, place.below(name), &at.key(name))
        }
        _ => Ok(format!("{path} = {}", inline(value, place, at)?)),
    }
}

/// Whether TOML can say all of a value, and as plainly as JSON text would.
fn is_toml(value: &Json, levels: usize) -> bool {
    match value {
        Json::Null => false,
        Json::Number(Number::Integer(whole)) => i64::try_from(*whole).is_ok(),
        Json::Bool(_) | Json::Number(Number::Float(_)) | Json::String(_) => true,
        Json::Array(items) => levels > 0 && items.iter().all(|item| is_toml(item, levels - 1)),
        Json::Object(members) => levels > 0 && members.iter().all(|(_, member)| is_toml(member, levels - 1)),
    }
}

/// Refuses a table that has a key twice, which only code can ask for.
fn refuse_twice(members: &[(String, Json)], at: &KeyPath) -> Result<(), Unwritable> {
    let mut names = HashSet::with_capacity(members.len());
    match members.iter().find(|(name, _)| !names.insert(name)) {
        None => Ok(()),
        Some((name, _)) => {
            let reason = "it is specified twice, and a table has each key once".to_owned();
            Err(Unwritable { at: at.key(name), reason })
        }
    }
}

/// JSON text, on several lines if it is long.
fn json_text(value: &Json) -> String {
    let text = value.to_string();
    if text.chars().count() <= MAX_WIDTH {
        string(&text)
    } else {
        lines(&value.pretty())
    }
}

/// A string on one line, without escapes if there is a way.
fn string(text: &str) -> String {
    let builder = TomlStringBuilder::new(text);
    let plain = builder.as_basic_pretty().or_else(|| builder.as_literal()).filter(|_| is_visible(text));
    let string = written(|out| out.value(plain.unwrap_or_else(|| builder.as_basic())));
    visible_json(&string).into_owned()
}

/// A string on lines of its own, if its line ends are those of the file and nothing else needs an escape.
fn lines(text: &str) -> String {
    let builder = TomlStringBuilder::new(text);
    let plain = builder.as_ml_basic_pretty().or_else(|| builder.as_ml_literal());
    match plain.filter(|_| is_visible(&text.replace('\n', ""))) {
        Some(plain) => written(|out| out.value(plain)),
        None => string(text),
    }
}

fn key(name: &str) -> String {
    let builder = TomlKeyBuilder::new(name);
    let key = if is_visible(name) { builder.as_default() } else { builder.as_basic() };
    visible_json(&written(|out| out.key(key))).into_owned()
}

/// Whether a terminal shows the text and obeys nothing in it.
fn is_visible(text: &str) -> bool {
    visible(text) == text
}

fn written(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut text = String::new();
    write(&mut text).expect("writing to a string never fails");
    text
}
