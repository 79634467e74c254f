//! Faults: errors in a scenario, and the keys at which they are.

use std::fmt;
use std::sync::Arc;

/// The path from the top of a file to one of its values, such as `stub[2].request.headers.Accept`.
///
/// Compiling a scenario makes a path for each of its values, and uses hardly any of them. So a path shares all steps but
/// the last with its parent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyPath(Option<Arc<Below>>);

#[derive(Debug, PartialEq, Eq)]
struct Below {
    above: KeyPath,
    step: Step,
}

/// One step down: into a table by a key, or into a list by an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The key of a table.
    Key(String),
    /// The index in a list, counted from 0.
    Index(usize),
}

impl KeyPath {
    /// Returns the path of the top of the file.
    pub fn top() -> KeyPath {
        KeyPath::default()
    }

    /// Returns the path of a key below this one.
    #[must_use]
    pub fn key(&self, key: &str) -> KeyPath {
        self.with(Step::Key(key.to_owned()))
    }

    /// Returns the path of an entry below this one, counted from 0.
    #[must_use]
    pub fn index(&self, index: usize) -> KeyPath {
        self.with(Step::Index(index))
    }

    /// Returns the path as a JSON pointer (RFC 6901).
    ///
    /// ```
    /// use cannery::model::KeyPath;
    /// let at = KeyPath::top().key("stub").index(2).key("a/b");
    /// assert_eq!(at.to_pointer(), "/stub/2/a~1b");
    /// ```
    pub fn to_pointer(&self) -> String {
        let step = |step: Step| match step {
            Step::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => format!("/{index}"),
        };
        self.steps().into_iter().map(step).collect()
    }

    /// Returns the steps, from the top.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut at = self;
        while let KeyPath(Some(below)) = at {
            steps.push(below.step.clone());
            at = &below.above;
        }
        steps.reverse();
        steps
    }

    /// Returns the last step; `None` at the top.
    pub fn last(&self) -> Option<&Step> {
        self.0.as_ref().map(|below| &below.step)
    }

    fn with(&self, step: Step) -> KeyPath {
        KeyPath(Some(Arc::new(Below { above: self.clone(), step })))
    }
}

impl FromIterator<Step> for KeyPath {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> KeyPath {
        steps.into_iter().fold(KeyPath::top(), |at, step| at.with(step))
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.steps().iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => {
                    if place > 0 {
                        f.write_str(".")?;
                    }
                    if key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') && !key.is_empty() {
                        f.write_str(key)?;
                    } else {
                        write!(f, "\"{key}\"")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The part of an entry at which a fault points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// The last key of the path.
    Key,
    /// The value.
    Value,
    /// A part of a string value: bytes of the string, from and to.
    Within(usize, usize),
    /// A part of the last key of the path: bytes of the key, from and to.
    WithinKey(usize, usize),
}

/// One error in a scenario, with its remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The path of the entry.
    pub at: KeyPath,
    /// The part of the entry at which it points.
    pub spot: Spot,
    /// The file that the value names, if the fault is in that file. Then the spot and the rest of the path refer to its text.
    pub file: Option<Arc<str>>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// A few words that are shown next to the marked characters.
    pub label: String,
    /// The remedy: a sentence.
    pub help: Option<String>,
}

impl Fault {
    /// Makes a fault of the value at a path.
    pub fn value(at: &KeyPath, message: impl Into<String>) -> Fault {
        Fault {
            at: at.clone(),
            spot: Spot::Value,
            file: None,
            message: message.into(),
            label: String::new(),
            help: None,
        }
    }

    /// Makes a fault of the key at a path.
    pub fn key(at: &KeyPath, message: impl Into<String>) -> Fault {
        Fault { spot: Spot::Key, ..Fault::value(at, message) }
    }

    /// Adds the words that are shown next to the marked characters.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Fault {
        self.label = label.into();
        self
    }

    /// Adds the remedy.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Fault {
        self.help = Some(help.into());
        self
    }

    /// Points at some bytes of the string instead of the whole value.
    #[must_use]
    pub fn within(mut self, from: usize, to: usize) -> Fault {
        self.spot = Spot::Within(from, to);
        self
    }

    /// Points into the text of a file. `file` is the name that the value has for it.
    #[must_use]
    pub fn in_file(mut self, name: impl Into<Arc<str>>) -> Fault {
        self.file = Some(name.into());
        self
    }

    /// Points at some bytes of the last key of the path instead of the whole key.
    #[must_use]
    pub fn within_key(mut self, from: usize, to: usize) -> Fault {
        self.spot = Spot::WithinKey(from, to);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_it_would_be_written() {
        let path = KeyPath::top().key("stub").index(2).key("request").key("json_path").key("$.a");

        assert_eq!(path.to_string(), r#"stub[2].request.json_path."$.a""#);
    }
}
