//! Reads a table whose keys the format knows, and reports those that it does not.

use crate::model::{Fault, KeyPath, Step};

use super::native::{matcher, request, response, scenario, stub};
use super::source::Kind;
use super::tree::{Entry, Value};
use super::written::{Reading, Written, did_you_mean, list, tick};

/// A table that is being read; what has been asked for is known.
pub(super) struct Keys<'t> {
    entries: &'t [Entry],
    at: KeyPath,
    /// What the table is, in a message: "a request".
    what: &'static str,
    known: Vec<&'static str>,
}

impl<'t> Keys<'t> {
    /// Begins with a table, or notes that it is none.
    pub(super) fn open(written: &Written<'t>, what: &'static str, reading: &mut Reading<'_>) -> Option<Keys<'t>> {
        match &written.node.value {
            Value::Table(entries) => Some(Keys { entries, at: written.at.clone(), what, known: Vec::new() }),
            _ => reading.refuse(written.not("a table")),
        }
    }

    /// The value of a key, where it is given; from now on the key is known.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Written<'t>> {
        self.known.push(key);
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(Written::new(&entry.node, self.at.key(key)))
    }

    /// The value of a key, or a fault where it is not given.
    pub(super) fn need(&mut self, key: &'static str, reading: &mut Reading<'_>) -> Option<Written<'t>> {
        let found = self.take(key);
        if found.is_none() {
            let fault = Fault::value(&self.at, format!("{} needs {}", self.what, tick(key)));
            reading.faults.push(fault.labelled(format!("{} is missing", tick(key))));
        }
        found
    }

    /// Those of some keys that are given, in the order of the file; from now on all of them are known.
    pub(super) fn take_among(&mut self, keys: &[&'static str]) -> Vec<(&'static str, Written<'t>)> {
        self.known.extend(keys);
        let named = |entry: &'t Entry| {
            let key = keys.iter().find(|key| **key == entry.key)?;
            Some((*key, Written::new(&entry.node, self.at.key(key))))
        };
        self.entries.iter().filter_map(named).collect()
    }

    /// The first given of several keys of which only one may be; the others are faults.
    pub(super) fn take_one(
        &mut self,
        keys: &[&'static str],
        noun: &str,
        reading: &mut Reading<'_>,
    ) -> Option<(&'static str, Written<'t>)> {
        let mut given = self.take_among(keys).into_iter();
        let first = given.next()?;
        for (key, other) in given {
            let message = format!("{} has one {noun}, and this one has {} and {}", self.what, tick(first.0), tick(key));
            reading.faults.push(Fault::key(&other.at, message).labelled(format!("a second {noun}")));
        }
        Some(first)
    }

    /// Ends with the table: every key that was not asked for is a fault.
    pub(super) fn finish(self, reading: &mut Reading<'_>) {
        #[cfg(test)]
        super::native::manual::note(self.what, &self.known, self.entries.iter().map(|entry| entry.key.as_str()));
        for entry in self.entries.iter().filter(|entry| !self.known.contains(&entry.key.as_str())) {
            let key = entry.key.as_str();
            let help = meant_elsewhere(key, &self.at, reading.source.kind())
                .or_else(|| did_you_mean(key, self.known.iter().copied()))
                .unwrap_or_else(|| format!("The keys of {} are {}.", self.what, list(self.known.iter().copied())));
            let fault = Fault::key(&self.at.key(key), format!("unknown key {} in {}", tick(key), self.what));
            reading.faults.push(fault.labelled(format!("not part of {}", self.what)).helped(help));
        }
    }
}

/// Where a key of this name would stand rightly, when it is the table that is wrong.
fn meant_elsewhere(key: &str, at: &KeyPath, kind: Kind) -> Option<String> {
    let steps = at.steps();
    let (in_stub, way) = match steps.as_slice() {
        [Step::Key(stub), Step::Index(_), rest @ ..] if stub == "stub" => (true, rest),
        whole => (kind != Kind::Scenario, whole),
    };
    let (keys, owner): (&[&str], _) = if in_stub { (&stub::KEYS, "the stub") } else { (&scenario::KEYS, "the file") };
    match way {
        [.., Step::Key(multipart), Step::Key(_)] if multipart == "multipart" && matcher::KEYS.contains(&key) => {
            Some(format!("Write {} to ask it of the part's content.", tick(&format!("body.{key}"))))
        }
        [] if in_stub => within_stub(key),
        [] if stub::KEYS.contains(&key) => {
            Some(format!("{} is a key of a stub: write it below `[[stub]]`.", tick(key)))
        }
        [] => within_stub(key),
        _ if !keys.contains(&key) => None,
        [Step::Key(example), ..] if example == "example" => None,
        _ if kind == Kind::JsonStub => Some(format!("{} is a key of {owner} itself.", tick(key))),
        way => {
            let header: KeyPath = way.iter().filter(|step| matches!(step, Step::Key(_))).cloned().collect();
            let prefix = if steps.len() > way.len() { "stub." } else { "" };
            let header = format!("[{prefix}{header}]");
            Some(format!("{} is a key of {owner}: write it above {}.", tick(key), tick(&header)))
        }
    }
}

/// The part of a stub to which a key belongs.
fn within_stub(key: &str) -> Option<String> {
    let parts = [("request", request::KEYS.contains(&key)), ("response", response::KEYS.contains(&key))];
    let ways: Vec<String> = parts.iter().filter(|(_, has)| *has).map(|(part, _)| format!("`{part}.{key}`")).collect();
    (!ways.is_empty()).then(|| format!("Write {}.", ways.join(" or ")))
}
