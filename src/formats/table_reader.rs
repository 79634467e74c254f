//! Reads a table with known keys, and reports unknown keys.

use crate::model::{Fault, KeyPath};

use super::located::{Located, ReadContext};
use super::tree::{Entry, Value};
use super::words::{backtick_list, did_you_mean, in_backticks};

/// Reads a table. Every key that the caller asks for is a known key.
pub(super) struct TableReader<'t> {
    entries: &'t [Entry],
    at: KeyPath,
    /// The name of the table in messages: "a request".
    what: &'static str,
    known: Vec<&'static str>,
}

impl<'t> TableReader<'t> {
    /// Opens a table, or reports that the value is not a table.
    pub(super) fn open(
        located: &Located<'t>,
        what: &'static str,
        context: &mut ReadContext<'_>,
    ) -> Option<TableReader<'t>> {
        match &located.node.value {
            Value::Table(entries) => Some(TableReader { entries, at: located.at.clone(), what, known: Vec::new() }),
            _ => context.refuse(located.wrong_type("a table")),
        }
    }

    /// Returns the value of a key, if the table has it, and adds the key to the known keys.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Located<'t>> {
        self.known.push(key);
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(Located::new(&entry.node, self.at.key(key)))
    }

    /// Returns the value of a key, or reports that it is missing.
    pub(super) fn require(&mut self, key: &'static str, context: &mut ReadContext<'_>) -> Option<Located<'t>> {
        let found = self.take(key);
        if found.is_none() {
            let fault = Fault::value(&self.at, format!("{} must have {}", self.what, in_backticks(key)));
            context.faults.push(fault.with_label(format!("{} is missing", in_backticks(key))));
        }
        found
    }

    /// Returns the values of those keys that the table has, in the order of the file, and adds all of them to the known keys.
    pub(super) fn take_among(&mut self, keys: &[&'static str]) -> Vec<(&'static str, Located<'t>)> {
        self.known.extend(keys);
        let named = |entry: &'t Entry| {
            let key = keys.iter().find(|key| **key == entry.key)?;
            Some((*key, Located::new(&entry.node, self.at.key(key))))
        };
        self.entries.iter().filter_map(named).collect()
    }

    /// Returns the first of several keys that exclude each other, and reports the others.
    pub(super) fn take_one(
        &mut self,
        keys: &[&'static str],
        noun: &str,
        context: &mut ReadContext<'_>,
    ) -> Option<(&'static str, Located<'t>)> {
        let mut given = self.take_among(keys).into_iter();
        let first = given.next()?;
        for (key, other) in given {
            let message = format!(
                "{} must have only one {noun}, found {} and {}",
                self.what,
                in_backticks(first.0),
                in_backticks(key)
            );
            context.faults.push(Fault::key(&other.at, message).with_label(format!("a second {noun}")));
        }
        Some(first)
    }

    /// Reports every unknown key.
    pub(super) fn finish(self, context: &mut ReadContext<'_>) {
        #[cfg(test)]
        recorded_keys::record(self.what, &self.known, self.entries.iter().map(|entry| entry.key.as_str()));
        for entry in self.entries.iter().filter(|entry| !self.known.contains(&entry.key.as_str())) {
            let key = entry.key.as_str();
            let help = context
                .source
                .dialect()
                .misplaced_key(key, &self.at)
                .or_else(|| did_you_mean(key, self.known.iter().copied()))
                .unwrap_or_else(|| {
                    format!("The keys of {} are {}.", self.what, backtick_list(self.known.iter().copied()))
                });
            let fault = Fault::key(&self.at.key(key), format!("unknown key {} in {}", in_backticks(key), self.what));
            context.faults.push(fault.with_label(format!("not part of {}", self.what)).with_help(help));
        }
    }
}

/// Records the known keys of each table that a test reads, so that a test can compare them with the manual.
#[cfg(test)]
pub(super) mod recorded_keys {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    thread_local! {
        static RECORDED: RefCell<RecordedKeys> = RefCell::default();
    }

    /// Keys, each with the name of its table.
    #[derive(Default)]
    pub(in crate::formats) struct RecordedKeys {
        pub(in crate::formats) known: BTreeSet<(&'static str, String)>,
        pub(in crate::formats) given: BTreeSet<(&'static str, String)>,
    }

    pub(super) fn record<'k>(what: &'static str, known: &[&'static str], given: impl Iterator<Item = &'k str>) {
        RECORDED.with_borrow_mut(|recorded| {
            recorded.known.extend(known.iter().map(|key| (what, (*key).to_owned())));
            recorded.given.extend(given.map(|key| (what, key.to_owned())));
        });
    }

    /// Returns the keys that this thread has recorded, and clears them.
    pub(in crate::formats) fn take() -> RecordedKeys {
        RECORDED.take()
    }
}
