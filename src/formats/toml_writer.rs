//! Writes stubs as a scenario file.
//!
//! The keys and values are those of [`print_stub`]. Here they become TOML as people write it: dotted keys, short tables in
//! braces, headers for `responses` and `batch`. Strings, keys and floats are written by the crate `toml_writer`. `toml` and
//! `toml_edit` would need the layout of every table anyway, and depend on `serde` and `winnow`.
//!
//! The same stubs are read from the text. A stub that TOML cannot express is refused.

use std::collections::HashSet;
use std::error::Error;
use std::fmt;

use toml_writer::TomlWrite as _;

use crate::message::visible;
use crate::model::{Json, KeyPath, Number, Representation, Stub};

use super::native::{INITIAL_STATE, print_representation, print_stub};
use super::toml_depth;
use super::toml_strings::{key, lines, string, to_text};

/// Longer lines are split if possible.
const MAX_WIDTH: usize = 100;

/// JSON that nests deeper is written as JSON text.
const MAX_TABLE_DEPTH: usize = 16;

/// What a scenario file contains besides its stubs.
#[derive(Debug, Clone, Copy)]
pub struct ScenarioHead<'a> {
    /// The name of the scenario, which is the default state machine of its stubs.
    pub name: &'a str,
    /// The state in which that machine starts.
    pub initial_state: &'a str,
    /// How documents are negotiated and written.
    pub representation: &'a Representation,
}

/// A value that a scenario file cannot express.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritable {
    /// The path of the value in the file.
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
/// Returns the first value that TOML or a scenario file cannot express exactly.
pub fn write_scenario(head: ScenarioHead<'_>, stubs: &[&Stub]) -> Result<String, Unwritable> {
    let top = KeyPath::top();
    let mut file = File::default();
    file.line("name", &string(head.name));
    if head.initial_state != INITIAL_STATE {
        file.line("initial_state", &string(head.initial_state));
    }
    if *head.representation != Representation::default() {
        file.raw_line("\n[representation]");
        file.members(&print_representation(head.representation), Role::Plain, &top.key("representation"))?;
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

/// The role of a value in the format. It decides whether the value may be JSON text, which can express more than TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
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

impl Role {
    /// Returns the role of the value of a key. The items of a list have the role of the list.
    fn below(self, key: &str) -> Role {
        match (self, key) {
            (Role::Stub, "request") => Role::Request,
            (Role::Stub, "response" | "responses") => Role::Response,
            (Role::Stub, "batch") => Role::Batch,
            (Role::Request, "path" | "host" | "scheme" | "client_ip" | "body") => Role::Matcher,
            (Role::Request, "path_params" | "query" | "headers" | "cookies" | "form" | "basic_auth") => Role::Matchers,
            (Role::Request, "multipart") => Role::Parts,
            (Role::Parts, _) => Role::Part,
            (Role::Part, "filename" | "body") => Role::Matcher,
            (Role::Part, "headers") => Role::Matchers,
            (Role::Matchers, _) => Role::Matcher,
            (Role::Matcher, "len" | "not" | "any_of" | "all_of" | "includes" | "values") => Role::Matcher,
            (Role::Request | Role::Part | Role::Matcher, "json" | "json_includes") => Role::Json,
            (Role::Request | Role::Part | Role::Matcher, "json_path" | "xpath" | "document") => Role::Matchers,
            (Role::Response, "json" | "document") => Role::Json,
            (Role::Batch, "case") => Role::Case,
            (Role::Batch, "some_failed" | "all_failed" | "none_failed") => Role::Json,
            (Role::Case, "item") => Role::Matcher,
            (Role::Case, "result") => Role::Json,
            _ => Role::Plain,
        }
    }
}

/// The text of a file so far.
#[derive(Default)]
struct File {
    text: String,
}

impl File {
    fn raw_line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn line(&mut self, key: &str, value: &str) {
        self.text.extend([key, " = ", value, "\n"]);
    }

    /// Writes a stub. Keys with headers of their own come last, because a header ends the table before it.
    fn stub(&mut self, stub: &Stub, machine: &str, at: &KeyPath) -> Result<(), Unwritable> {
        let Json::Object(members) = print_stub(stub) else { return Ok(()) };
        self.raw_line("\n[[stub]]");
        let mut with_headers = Vec::new();
        for (key, value) in &members {
            let at = at.key(key);
            match (key.as_str(), value) {
                ("state_machine", Json::String(name)) if name == machine => {}
                ("batch", _) => with_headers.push((key, value)),
                ("responses", Json::Array(_)) if self.inline_key_value(key, value, Role::Response, &at)?.is_none() => {
                    with_headers.push((key, value));
                }
                _ => self.key_value(key, value, Role::Stub.below(key), &at)?,
            }
        }
        for (key, value) in with_headers {
            match value {
                Json::Array(all) => self.tables("stub.responses", all, Role::Response, &at.key(key))?,
                _ => self.batch(value, &at.key(key))?,
            }
        }
        Ok(())
    }

    fn batch(&mut self, batch: &Json, at: &KeyPath) -> Result<(), Unwritable> {
        let Json::Object(members) = batch else { return Ok(()) };
        self.raw_line("[stub.batch]");
        for (key, value) in members.iter().filter(|(key, _)| key != "case") {
            self.key_value(key, value, Role::Batch.below(key), &at.key(key))?;
        }
        match batch.get("case") {
            Some(Json::Array(cases)) => self.tables("stub.batch.case", cases, Role::Case, &at.key("case")),
            _ => Ok(()),
        }
    }

    /// Writes the tables of a list, each below a header.
    fn tables(&mut self, header: &str, all: &[Json], role: Role, at: &KeyPath) -> Result<(), Unwritable> {
        for (number, table) in all.iter().enumerate() {
            self.raw_line(&format!("\n[[{header}]]"));
            self.members(table, role, &at.index(number))?;
        }
        Ok(())
    }

    fn members(&mut self, table: &Json, role: Role, at: &KeyPath) -> Result<(), Unwritable> {
        let Json::Object(members) = table else { return Ok(()) };
        refuse_duplicate_keys(members, at)?;
        for (name, value) in members {
            self.key_value(&key(name), value, role.below(name), &at.key(name))?;
        }
        Ok(())
    }

    /// Writes a value under a key: on one line if it fits, else on a line for each member or item.
    fn key_value(&mut self, path: &str, value: &Json, role: Role, at: &KeyPath) -> Result<(), Unwritable> {
        if role == Role::Json && !fits_toml(value, MAX_TABLE_DEPTH) {
            self.line(path, &json_text(value));
            return Ok(());
        }
        match value {
            Json::String(text) if text.contains('\n') => self.line(path, &lines(text)),
            Json::Object(members) if !members.is_empty() => {
                refuse_duplicate_keys(members, at)?;
                let is_one = members.len() == 1;
                match self.inline_key_value(path, value, role, at)?.filter(|_| !is_one) {
                    Some(line) => self.raw_line(&line),
                    None => {
                        for (name, value) in members {
                            let path = format!("{path}.{}", key(name));
                            self.key_value(&path, value, role.below(name), &at.key(name))?;
                        }
                    }
                }
            }
            Json::Array(items) => match self.inline_key_value(path, value, role, at)? {
                Some(line) => self.raw_line(&line),
                None => {
                    self.raw_line(&format!("{path} = ["));
                    for (number, item) in items.iter().enumerate() {
                        self.raw_line(&format!("  {},", inline(item, role, &at.index(number))?));
                    }
                    self.raw_line("]");
                }
            },
            _ => self.line(path, &inline(value, role, at)?),
        }
        Ok(())
    }

    /// Returns key and value as one line; `None` if they do not fit.
    fn inline_key_value(
        &self,
        path: &str,
        value: &Json,
        role: Role,
        at: &KeyPath,
    ) -> Result<Option<String>, Unwritable> {
        let line = format!("{path} = {}", inline(value, role, at)?);
        Ok(Some(line).filter(|line| line.chars().count() <= MAX_WIDTH && !has_lines(value)))
    }
}

/// Returns whether a text in a value has line ends, which are easier to read on several lines.
fn has_lines(value: &Json) -> bool {
    match value {
        Json::String(text) => text.contains('\n'),
        Json::Array(items) => items.iter().any(has_lines),
        Json::Object(members) => members.iter().any(|(_, member)| has_lines(member)),
        _ => false,
    }
}

/// Renders a value on one line.
fn inline(value: &Json, role: Role, at: &KeyPath) -> Result<String, Unwritable> {
    if role == Role::Json && !fits_toml(value, MAX_TABLE_DEPTH) {
        return Ok(string(&value.to_string()));
    }
    Ok(match value {
        Json::Null => return Err(Unwritable { at: at.clone(), reason: "a TOML value must not be null".to_owned() }),
        Json::Bool(truth) => truth.to_string(),
        Json::Number(Number::Integer(whole)) => whole.to_string(),
        Json::Number(Number::Float(float)) => to_text(|text| text.value(*float)),
        Json::String(text) => string(text),
        Json::Array(items) => {
            let all = items.iter().enumerate().map(|(number, item)| inline(item, role, &at.index(number)));
            format!("[{}]", all.collect::<Result<Vec<_>, _>>()?.join(", "))
        }
        Json::Object(members) if members.is_empty() => "{}".to_owned(),
        Json::Object(members) => {
            refuse_duplicate_keys(members, at)?;
            let all =
                members.iter().map(|(name, value)| inline_member(&key(name), value, role.below(name), &at.key(name)));
            format!("{{ {} }}", all.collect::<Result<Vec<_>, _>>()?.join(", "))
        }
    })
}

/// Renders a key with its value on one line. A table of one member becomes a dotted key.
fn inline_member(path: &str, value: &Json, role: Role, at: &KeyPath) -> Result<String, Unwritable> {
    match value {
        Json::Object(members) if members.len() == 1 && (role != Role::Json || fits_toml(value, MAX_TABLE_DEPTH)) => {
            let (name, value) = &members[0];
            inline_member(&format!("{path}.{}", key(name)), value, role.below(name), &at.key(name))
        }
        _ => Ok(format!("{path} = {}", inline(value, role, at)?)),
    }
}

/// Returns whether TOML can express a value, and in at most this many levels of tables.
fn fits_toml(value: &Json, levels: usize) -> bool {
    match value {
        Json::Null => false,
        Json::Number(Number::Integer(whole)) => i64::try_from(*whole).is_ok(),
        Json::Bool(_) | Json::Number(Number::Float(_)) | Json::String(_) => true,
        Json::Array(items) => levels > 0 && items.iter().all(|item| fits_toml(item, levels - 1)),
        Json::Object(members) => levels > 0 && members.iter().all(|(_, member)| fits_toml(member, levels - 1)),
    }
}

/// Refuses a table that has a key twice, which only the builder can make.
fn refuse_duplicate_keys(members: &[(String, Json)], at: &KeyPath) -> Result<(), Unwritable> {
    let mut names = HashSet::with_capacity(members.len());
    match members.iter().find(|(name, _)| !names.insert(name)) {
        None => Ok(()),
        Some((name, _)) => {
            let reason = "a table must not have a key twice".to_owned();
            Err(Unwritable { at: at.key(name), reason })
        }
    }
}

/// Renders a value as JSON text in a string, on several lines if it is long.
fn json_text(value: &Json) -> String {
    let text = value.to_string();
    if text.chars().count() <= MAX_WIDTH {
        string(&text)
    } else {
        lines(&value.pretty())
    }
}
