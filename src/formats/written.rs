//! A value on its way from the tree to the model: what was written, and the way to it.
//!
//! Readers ask it for the type they need. Where it is another one they get nothing, and the fault is noted; they
//! go on, so that everything wrong with a file is told at once.

use crate::model::{Fault, KeyPath, Number, Step};

use super::body_files::BodyFiles;
use super::source::{Kind, Source};
use super::tree::{Node, Value};

/// What is needed, and what is found wrong, while one text is read.
pub(super) struct Reading<'a> {
    pub(super) source: &'a Source,
    pub(super) files: &'a dyn BodyFiles,
    pub(super) faults: Vec<Fault>,
}

impl Reading<'_> {
    /// Notes what is wrong, and gives nothing.
    pub(super) fn refuse<T>(&mut self, fault: Fault) -> Option<T> {
        self.faults.push(fault);
        None
    }
}

/// A value of the tree and the way to it from the top.
#[derive(Clone)]
pub(super) struct Written<'t> {
    pub(super) node: &'t Node,
    pub(super) at: KeyPath,
}

impl<'t> Written<'t> {
    pub(super) fn new(node: &'t Node, at: KeyPath) -> Written<'t> {
        Written { node, at }
    }

    /// What the value is called in a message: its key, or that it stands in a list.
    pub(super) fn name(&self) -> String {
        match self.at.steps().as_slice() {
            [.., Step::Key(key)] => tick(key),
            [.., Step::Key(list), Step::Index(_)] => format!("an entry of {}", tick(list)),
            _ => "this".to_owned(),
        }
    }

    /// A fault of the value.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::value(&self.at, message)
    }

    /// A fault of the key.
    pub(super) fn key_fault(&self, message: impl Into<String>) -> Fault {
        Fault::key(&self.at, message)
    }

    /// That the value should have been another kind of thing.
    pub(super) fn not(&self, wanted: &str) -> Fault {
        self.fault(format!("{} is {wanted}, not {}", self.name(), self.node.value.kind()))
            .labelled(self.node.value.kind())
    }

    /// A string.
    pub(super) fn text(&self, reading: &mut Reading<'_>) -> Option<&'t str> {
        match &self.node.value {
            Value::String(text) => Some(text),
            _ => reading.refuse(self.not("a string")),
        }
    }

    /// A string that says something.
    pub(super) fn filled(&self, reading: &mut Reading<'_>) -> Option<String> {
        let text = self.text(reading)?;
        if text.trim().is_empty() {
            return reading.refuse(self.fault(format!("{} is empty", self.name())).labelled("says nothing"));
        }
        Some(text.to_owned())
    }

    /// True or false.
    pub(super) fn boolean(&self, reading: &mut Reading<'_>) -> Option<bool> {
        match &self.node.value {
            Value::Bool(truth) => Some(*truth),
            Value::String(text) if text == "true" || text == "false" => {
                reading.refuse(self.not("true or false").helped(format!("Write {text} without quotes.")))
            }
            _ => reading.refuse(self.not("true or false")),
        }
    }

    /// A number without a fraction.
    pub(super) fn whole(&self, reading: &mut Reading<'_>) -> Option<i128> {
        match &self.node.value {
            Value::Integer(whole) => Some(*whole),
            Value::String(text) if text.parse::<i64>().is_ok() => {
                reading.refuse(self.not("a whole number").helped(format!("Write {text} without quotes.")))
            }
            _ => reading.refuse(self.not("a whole number")),
        }
    }

    /// A number that JSON could carry.
    pub(super) fn number(&self, reading: &mut Reading<'_>) -> Option<Number> {
        match &self.node.value {
            Value::Integer(whole) if (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(whole) => {
                Some(Number::Integer(*whole))
            }
            Value::Integer(_) => reading.refuse(self.fault("a whole number of more than 64 bits")),
            Value::Float(float) if float.is_finite() => Some(Number::Float(*float)),
            Value::Float(_) => {
                let fault = self.fault("a number that JSON cannot carry").labelled("infinite, or not a number");
                reading.refuse(fault)
            }
            _ => reading.refuse(self.not("a number")),
        }
    }

    /// The entries of a list.
    pub(super) fn items(&self, reading: &mut Reading<'_>) -> Option<Vec<Written<'t>>> {
        match &self.node.value {
            Value::List(items) => {
                let places = items.iter().enumerate();
                Some(places.map(|(place, node)| Written::new(node, self.at.index(place))).collect())
            }
            _ => reading.refuse(self.not("a list")),
        }
    }

    /// The entries of a list of tables, such as `[[stub]]` makes.
    pub(super) fn tables(&self, header: &str, reading: &mut Reading<'_>) -> Option<Vec<Written<'t>>> {
        if let Value::Table(_) = self.node.value {
            let help = match reading.source.kind() {
                Kind::Scenario => format!("Write its header in double brackets: `[[{header}]]`."),
                _ => "Put it in brackets, as a list of one.".to_owned(),
            };
            return reading.refuse(self.not("a list of tables").helped(help));
        }
        self.items(reading)
    }

    /// A list, or one value that stands for a list of one.
    pub(super) fn one_or_more(&self) -> Vec<Written<'t>> {
        match &self.node.value {
            Value::List(items) => {
                let places = items.iter().enumerate();
                places.map(|(place, node)| Written::new(node, self.at.index(place))).collect()
            }
            _ => vec![self.clone()],
        }
    }

    /// The keys of a table whose names the user chooses, with their values.
    pub(super) fn entries(&self, reading: &mut Reading<'_>) -> Option<Vec<(&'t str, Written<'t>)>> {
        match &self.node.value {
            Value::Table(entries) => {
                let all = entries.iter();
                Some(
                    all.map(|entry| (entry.key.as_str(), Written::new(&entry.node, self.at.key(&entry.key)))).collect(),
                )
            }
            _ => reading.refuse(self.not("a table")),
        }
    }

    /// A table of names and strings, each of them something.
    pub(super) fn texts(&self, reading: &mut Reading<'_>) -> Option<Vec<(String, String)>> {
        let entries = self.entries(reading)?;
        let named = entries.into_iter().map(|(name, value)| Some((name.to_owned(), value.filled(reading)?)));
        Some(named.collect::<Vec<_>>().into_iter().flatten().collect())
    }
}

/// A name in a message.
pub(crate) fn tick(name: &str) -> String {
    let shown: String =
        name.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect();
    format!("`{shown}`")
}

/// Names in a message, as a sentence lists them.
pub(crate) fn list<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let ticked: Vec<String> = names.into_iter().map(tick).collect();
    match ticked.split_last() {
        None => "nothing".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// The name among these that somebody may have meant.
pub(super) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // The distance takes time and memory in proportion to both lengths, and no name of the format is as long.
    const LONGEST: usize = 200;
    if name.len() > LONGEST {
        return None;
    }
    let meant = folded(name);
    let distances = names.into_iter().map(|candidate| {
        let other = folded(candidate);
        let limit = (meant.chars().count().max(other.chars().count()) / 3).max(1);
        (strsim::damerau_levenshtein(&meant, &other), limit, candidate)
    });
    let close = distances.filter(|(distance, limit, _)| distance <= limit);
    close.min_by_key(|(distance, _, _)| *distance).map(|(_, _, candidate)| candidate)
}

/// A name in the one way in which other tools' spellings agree with ours: `thenState` and `then-state` alike.
pub(super) fn folded(name: &str) -> String {
    let mut folded = String::with_capacity(name.len() + 2);
    let mut after_lower = false;
    for c in name.chars() {
        if c.is_uppercase() && after_lower {
            folded.push('_');
        }
        after_lower = c.is_lowercase();
        folded.extend(if c == '-' || c == ' ' { '_' } else { c }.to_lowercase());
    }
    folded
}

/// "Did you mean", as a sentence, where a name is near enough.
pub(crate) fn did_you_mean<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    nearest(name, names).map(|name| format!("did you mean {}?", tick(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_forgives_case_and_two_slips() {
        let names = ["then_state", "when_state", "request", "priority"];

        assert_eq!(nearest("thenState", names), Some("then_state"));
        assert_eq!(nearest("reqeusts", names), Some("request"));
        assert_eq!(nearest("colour", names), None);
    }

    #[test]
    fn names_are_listed_as_a_sentence_does() {
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(list(["a"]), "`a`");
        assert_eq!(list([]), "nothing");
    }
}
